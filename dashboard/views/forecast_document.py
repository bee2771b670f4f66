"""What of the forecast goes into files? Its tables and pictures, for the page that shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import wording
from dashboard.charts import forecast as charts
from dashboard.frames import forecast as asked
from dashboard.metrics.back_test import BackTest
from dashboard.metrics.forecast import Forecast
from dashboard.period import Period
from dashboard.reports.figures import Column, Kind
from dashboard.reports.page_document import PagePicture, PageTable
from dashboard.settings import settings
from dashboard.views import forecast_words as words

if TYPE_CHECKING:
    from dashboard.filters import Filters

_TOTALS = (
    Column("quarter", "Quarter"),
    Column("won_so_far", "Won so far", Kind.MONEY),
    Column("open", "Expected of open deals", Kind.MONEY),
    Column("open_low", "from", Kind.MONEY),
    Column("open_high", "to", Kind.MONEY),
    Column("new", "Expected of new deals", Kind.MONEY),
    Column("new_low", "from", Kind.MONEY),
    Column("new_high", "to", Kind.MONEY),
    Column("total", "Forecast", Kind.MONEY),
    Column("total_low", "from", Kind.MONEY),
    Column("total_high", "to", Kind.MONEY),
)
_TESTED = (
    Column("quarter", "Quarter"),
    Column("total", "Forecast", Kind.MONEY),
    Column("total_low", "from", Kind.MONEY),
    Column("total_high", "to", Kind.MONEY),
    Column("arr", "Came", Kind.MONEY),
    Column("held", "Held"),
    Column("last_quarter", "The quarter before", Kind.MONEY),
)


def tables(period: Period, chosen: Filters) -> list[PageTable]:
    """The forecast, its test, and the open deals behind it."""
    found, tested = asked.forecast(chosen), asked.back_test(chosen)
    made = [PageTable("forecast_test", "Would such a forecast have held?", _TESTED, _tested_rows(tested))]
    if found.too_early:
        return made
    return [
        PageTable("forecast", "What will this quarter and the next bring?", _TOTALS, _total_rows(found)),
        *made,
        PageTable("forecast_open", "Which open deals should it come from?", _open_columns(found), _open_rows(found)),
    ]


def pictures(period: Period, chosen: Filters) -> list[PagePicture]:
    """Both charts; one that has nothing to show is left out."""
    found, tested = asked.forecast(chosen), asked.back_test(chosen)
    currency, fiscal, made = settings().currency, settings().fiscal_year_start, []
    if not found.too_early:
        bars = words.bars(found, tested, currency, fiscal)
        axis = words.axis([value for bar in bars for value in (bar.seen, bar.high)], currency)
        made.append(
            PagePicture(
                "forecast", "What will this quarter and the next bring?", words.basis(found),
                charts.coming(bars, axis).to_plotly_json(), words.bars_in_words(found, currency, fiscal),
            )
        )  # fmt: skip
    if tested.told:
        drawn = words.outcomes(tested, currency, fiscal)
        axis = words.axis([value for own in drawn for value in (own.came, own.high, own.naive)], currency)
        made.append(
            PagePicture(
                "forecast_test", "Would such a forecast have held?", f"{tested.held} of {tested.told} held",
                charts.tested(drawn, axis).to_plotly_json(), words.tested_in_words(tested, currency, fiscal),
            )
        )  # fmt: skip
    return made


def _total_rows(found: Forecast) -> list[list[object]]:
    rows: list[list[object]] = []
    for own in found.quarters:
        row: list[object] = [own.label, own.won_so_far]
        for part in (own.open, own.new, own.total):
            row += [part.value, part.low, part.high]
        rows.append(row)
    return rows


def _tested_rows(tested: BackTest) -> list[list[object]]:
    rows: list[list[object]] = []
    for own in tested.quarters:
        said = (own.total.value, own.total.low, own.total.high) if own.total else (None, None, None)
        held = "too early" if own.held is None else "yes" if own.held else "no"
        rows.append([own.label, *said, own.arr, held, own.last])
    return rows


def _open_columns(found: Forecast) -> list[Column]:
    columns = [Column("age", "Age"), Column("stage", "Stage"), Column("deals", "Open deals", Kind.COUNT)]
    columns.append(Column("arr", "ARR", Kind.MONEY))
    for own in found.quarters:
        name = wording.period_name(own.label, settings().fiscal_year_start)
        columns.append(Column(f"wins_{own.label}", f"Expected wins in {name}", Kind.NUMBER))
        columns.append(Column(f"expected_{own.label}", f"Expected in {name}", Kind.MONEY))
    return columns


def _open_rows(found: Forecast) -> list[list[object]]:
    rows: list[list[object]] = []
    for own in found.groups:
        row: list[object] = [words.ages(own), own.stage or "", own.deals, own.arr]
        for wins, expected in zip(own.wins, own.expected, strict=True):
            row += [few(wins), expected]
        rows.append(row)
    return rows


def few(wins: float) -> float:
    """Expected wins to one decimal, below 0.1 to one digit: a whole number would be 0 beside money; 12.3, 0.04."""
    return round(wins, 1) if wins >= 0.095 else float(f"{wins:.1g}")
