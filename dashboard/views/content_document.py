"""What of the content goes into files? Its tables and pictures, for the page that shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from dashboard import wording
from dashboard.charts import content as charts
from dashboard.frames import content as asked
from dashboard.metrics.content import Content, Line
from dashboard.period import Period
from dashboard.reports.figures import Column, Kind
from dashboard.reports.page_document import PagePicture, PageTable
from dashboard.settings import settings
from dashboard.views import content_words as words
from dashboard.views.content_words import By

if TYPE_CHECKING:
    from dashboard.filters import Filters

Titles = Mapping[str, Mapping[str, Any]]

_LINES = (
    Column("by", "Grouped by"),
    Column("group", "Assets"),
    Column("assets", "Out", Kind.COUNT),
    Column("leads", "Leads", Kind.COUNT),
    Column("eqls_in_period", "EQLs", Kind.COUNT),
    Column("eqls_per_asset_quarter", "EQLs per asset and quarter"),
    Column("won_deals", "Won", Kind.COUNT),
    Column("pipeline_created", "Pipeline", Kind.MONEY),
    Column("arr", "ARR", Kind.MONEY),
)
_ASSET = (Column("asset_id", "Key"), Column("title", "Asset"), Column("partner", "Partner"), Column("kind", "Kind"))
_DUE = (
    *_ASSET,
    Column("overdue_days", "Overdue", Kind.DAYS),
    Column("eqls", "EQLs", Kind.COUNT),
    Column("pipeline_created", "Pipeline", Kind.MONEY),
)
_SILENT = (
    *_ASSET,
    Column("p_silence_given_past", "By chance, given its past", Kind.PROBABILITY),
    Column("p_silence", "By chance, given its kind", Kind.PROBABILITY),
    Column("eqls_before", "EQLs in the 12 months before", Kind.COUNT),
    Column("leads", "Leads", Kind.COUNT),
)


def tables(period: Period, chosen: Filters) -> list[PageTable]:
    """The yield by origin, kind and age; what is due; what is silent. Lists that are empty are left out."""
    found = asked.content(period, chosen)
    rows = [_line(by, line) for by in By for line in words.lines_of(found, by)]
    made = [PageTable("content", "Which content brings EQLs?", _LINES, rows)] if rows else []
    return [*made, *_lists(found, period)]


def _lists(found: Content, period: Period) -> list[PageTable]:
    made = []
    silent = found.silent.assets if found.silent else pl.DataFrame()
    keys = [key for frame in (found.due.assets, silent) if frame.height for key in frame["asset_id"].to_list()]
    titles = asked.titles(period, sorted(set(keys))) if keys else {}
    if found.due.assets.height:
        rows = _rows(found.due.assets, titles, ("overdue_days", "eqls", "pipeline_created"))
        made.append(PageTable("content_due", "Which assets should be refreshed first?", _DUE, rows))
    if silent.height:
        rows = _rows(silent, titles, ("p_silence_given_past", "p_silence", "eqls_before", "leads"))
        made.append(PageTable("content_silent", "Which assets have gone silent?", _SILENT, rows))
    return made


def _line(by: By, line: Line) -> list[Any]:
    own = line.brought
    expected = line.expected_eqls_per_asset_quarter
    rate = words.number(line.eqls_per_asset_quarter)
    sure = (
        f", expected {words.number(expected.value)} ({words.between(expected)})" if expected.value is not None else ""
    )
    return [
        words.TITLES[by], words.name_of(line, by), line.assets, own.leads, own.eqls_in_period, f"{rate}{sure}",
        own.won_deals, own.pipeline_created, own.arr,
    ]  # fmt: skip


def _rows(frame: pl.DataFrame, titles: Titles, names: Sequence[str]) -> list[list[Any]]:
    return [
        [
            row["asset_id"],
            titles.get(row["asset_id"], {}).get("title") or "",
            titles.get(row["asset_id"], {}).get("partner") or "Own pages",
            wording.label(row["kind"]),
            *(row[name] for name in names),
        ]
        for row in frame.iter_rows(named=True)
    ]


def pictures(period: Period, chosen: Filters) -> list[PagePicture]:
    """The yield by each grouping that has something to show, and the mix."""
    found = asked.content(period, chosen)
    name = wording.period_name(period.label, settings().fiscal_year_start)
    made = []
    for by in By:
        rows = words.rows(words.lines_of(found, by), by)
        if rows:
            about = f"EQLs per asset and quarter, {name}; light: expected with 95 % interval, diamond: observed"
            figure = charts.yields(rows).to_plotly_json()
            made.append(PagePicture(f"content_{by}", words.QUESTIONS[by], about, figure, words.rows_in_words(rows)))
    parts = words.shares(found)
    if parts:
        figure = charts.mix(parts, words.REFERENCE_NEW).to_plotly_json()
        sentence = words.mix_sentence(found)
        made.append(PagePicture("content_mix", "Is the mix as planned?", f"Assets out in {name}", figure, sentence))
    return made
