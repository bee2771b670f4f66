"""What do the pages look at? Every question that a page may ask, answered once per data version."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

import polars as pl
from sqlalchemy import Engine

from dashboard import period as periods
from dashboard.answers import answer, current, engine, freshness
from dashboard.known import Known
from dashboard.metrics.performance import ALL, Partner, Performance, Selection, partners_of
from dashboard.metrics.performance import performance as performance_of
from dashboard.metrics.trend import (
    TrendCells,
    bucket_starts,
    monthly_rates,
    partner_pipeline,
    quarterly_arr,
    target_of,
)
from dashboard.metrics.trend import trend as trend_of
from dashboard.period import Period
from dashboard.settings import settings
from dashboard.stretches import Span, known_of, sourced, span_of, spent, tiers_of
from dashboard.window import Window
from data_access import health as health_reads
from data_access import partners as partner_reads
from data_access import schema, version
from data_access import trend as trend_reads
from data_access.engine import DatabaseUnavailable
from data_access.importers import batches
from data_access.leads import channel_cells
from data_access.reading import PeriodFrames, Standing, joined, read_period, read_standing
from data_access.version import DataVersion, Newest

if TYPE_CHECKING:
    from dashboard.filters import Filters


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer; missing tiers and regions are None."""

    partners: list[Partner]
    types: tuple[str, ...]
    tiers: tuple[str | None, ...]
    regions: tuple[str | None, ...]
    channels: tuple[str | None, ...]
    earliest: datetime | None
    latest: datetime | None


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose data these are."""

    sources: tuple[str, ...]

    @property
    def simulated(self) -> bool:
        """Whether everything comes from the simulated company."""
        return self.sources == (version.SIMULATED,)


@dataclass(frozen=True, slots=True)
class DataHealth:
    """What the Data page says about the state of the data."""

    version: DataVersion
    newest: Newest
    oddities: health_reads.Oddities


def _window(period: Period, instant: datetime) -> Window:
    return Window(period, instant, settings().time_zone, settings().currency)


def selection(filters: Filters) -> Selection:
    """The partners and channels that the filters choose."""
    channels = frozenset(filters.channels) if filters.channels else None
    return Selection(filters.partner_ids(choices()), channels)


def choices() -> Choices:
    """What there is to choose from."""

    def compute(engine: Engine, instant: datetime) -> Choices:
        partners = partners_of(current("partners", _partners))
        channels = current("channels", _channels)["channel"].to_list()
        return Choices(
            partners,
            tuple(sorted({p.partner_type for p in partners})),
            _sorted({p.tier for p in partners}),
            _sorted({p.region for p in partners}),
            _sorted(set(channels)),
            *version.time_range(engine),
        )

    return answer("choices", compute)


def _sorted(values: set[str | None]) -> tuple[str | None, ...]:
    return tuple(sorted(values, key=lambda value: (value is None, value or "")))


def _partners(engine: Engine, instant: datetime) -> pl.DataFrame:
    return partner_reads.partners(engine)


def _channels(engine: Engine, instant: datetime) -> pl.DataFrame:
    return channel_cells(engine, _window(periods.current_quarter(instant, settings()), instant))


def _standing(engine: Engine, instant: datetime) -> Standing:
    return read_standing(engine, _window(periods.current_quarter(instant, settings()), instant))


def prepare(period: Period, *others: Period) -> None:
    """Reads at once what a page will ask about a period and about others that it compares with.

    One after the other they would leave half of the database idle. Failures show where the page asks.
    """

    def compute(engine: Engine, instant: datetime) -> None:
        wanted = [partial(_frames_of, each) for each in (period, *others)]
        with ThreadPoolExecutor(len(wanted) + 2) as pool:
            pool.submit(current, "standing", _standing)
            pool.submit(_all_cells, span_of(period, _today()))
            for read in wanted:
                pool.submit(read)

    with suppress(DatabaseUnavailable):
        answer(("prepared", period, others), compute)


def _frames_of(period: Period) -> PeriodFrames:
    return current(("cells", period), lambda engine, instant: read_period(engine, _window(period, instant)))


def performance(period: Period, filters: Filters) -> Performance:
    """Every number of a period for what the filters choose."""
    return _performance(period, selection(filters))


def _performance(period: Period, chosen: Selection) -> Performance:
    def compute(engine: Engine, instant: datetime) -> Performance:
        reading = joined(
            _frames_of(period),
            current("standing", _standing),
            current("channels", _channels),
            current("partners", _partners),
        )
        return performance_of(reading, _window(period, instant), settings(), chosen)

    return answer(("performance", period, chosen), compute)


def known(period: Period) -> Known:
    """What the data of the 13 months up to the period's end hold at all, whatever the filters choose."""
    span = span_of(period, _today())
    return answer(
        ("known", period, span),
        lambda engine, instant: known_of(_all_cells(span), _performance(period, ALL), choices().partners, span),
    )


def _all_cells(span: Span) -> TrendCells:
    def compute(engine: Engine, instant: datetime) -> TrendCells:
        window = _window(periods.between(span.first, span.end, settings()), instant)
        return trend_reads.read_trend(engine, window, span.quarters[0].start, span.quarters[-1].end)

    return current(("trend", span), compute)


def _trend_cells(span: Span, chosen: Selection, everybody: bool) -> TrendCells:
    return _all_cells(span).where(sourced(chosen, everybody))


def of_everybody(period: Period, filters: Filters) -> bool:
    """Whether the trends are about all leads and deals: no partner is chosen, and the data name none."""
    return filters.partner_ids(choices()) is None and not known(period).partners


def trend(period: Period, filters: Filters) -> pl.DataFrame:
    """Traffic, leads, EQLs, sales-qualified leads, wins and money: 53 weeks up to the period's end.

    Partner-sourced, or of everybody where the data name no partner, as in `months` and the quarters.
    Columns: week (Monday), sessions, leads, eqls, sqls, won, arr, pipeline_created, open_pipeline.
    """
    span, chosen, everybody = span_of(period, _today()), selection(filters), of_everybody(period, filters)

    def compute(engine: Engine, instant: datetime) -> pl.DataFrame:
        cells = _trend_cells(span, chosen, everybody)
        return trend_of(cells, bucket_starts(span.monday, span.end, weekly=True), "week")

    return answer(("weeks", span, chosen, everybody), compute)


def partner_weeks(period: Period, filters: Filters) -> Mapping[str, pl.DataFrame]:
    """Pipeline created in each of the 53 weeks up to the period's end, by partner: columns week, pipeline_created."""
    span, chosen = span_of(period, _today()), selection(filters)
    starts = bucket_starts(span.monday, span.end, weekly=True)
    ids = [p.partner_id for p in choices().partners]

    def compute(engine: Engine, instant: datetime) -> dict[str, pl.DataFrame]:
        return partner_pipeline(_trend_cells(span, chosen, False), starts, ids)

    return answer(("partner weeks", span, chosen), compute)


def months(period: Period, filters: Filters) -> pl.DataFrame:
    """The 13 months up to the period's end: the columns of `trend` with `month`, and the monthly rates beside."""
    span, chosen, everybody = span_of(period, _today()), selection(filters), of_everybody(period, filters)
    return answer(("months", span, chosen, everybody), lambda engine, instant: _months(span, chosen, everybody))


def _months(span: Span, chosen: Selection, everybody: bool) -> pl.DataFrame:
    cells, starts = _trend_cells(span, chosen, everybody), bucket_starts(span.month, span.end, weekly=False)
    cost = {month: spent(month, _all_cells(span), choices().partners, chosen) for month in starts}
    return monthly_rates(trend_of(cells, starts, "month"), cells, cost)


def quarters(period: Period, filters: Filters) -> pl.DataFrame:
    """ARR by quarter and tier for the eight quarters up to the period's, with the quarter's target.

    Columns: quarter_label, quarter_start, tier, arr, target (null where none is set).
    """
    span, chosen, everybody = span_of(period, _today()), selection(filters), of_everybody(period, filters)
    return answer(("quarters", span, chosen, everybody), lambda engine, _: _quarters(span, chosen, everybody))


def _quarters(span: Span, chosen: Selection, everybody: bool) -> pl.DataFrame:
    table = quarterly_arr(_trend_cells(span, chosen, everybody).arr, tiers_of(choices().partners), span.quarters)
    return _with_targets(table, "arr", span, chosen)


def won_quarters(period: Period, filters: Filters) -> pl.DataFrame:
    """Won deals by quarter and tier, as `quarters`, for data without ARR.

    Columns: quarter_label, quarter_start, tier, won, target (null where none is set).
    """
    span, chosen, everybody = span_of(period, _today()), selection(filters), of_everybody(period, filters)
    # The months of a trend are 13; the eight quarters need more.
    whole = replace(span, month=span.quarters[0].start.date())
    return answer(("won quarters", span, chosen, everybody), lambda engine, _: _won_quarters(whole, chosen, everybody))


def _won_quarters(span: Span, chosen: Selection, everybody: bool) -> pl.DataFrame:
    won = _trend_cells(span, chosen, everybody).money.filter(pl.col("month").is_not_null())
    # Counted as cents of one deal each, the same sum serves.
    deals = won.select("partner_id", "month", arr_cents=pl.col("won") * 100)
    table = quarterly_arr(deals, tiers_of(choices().partners), span.quarters).rename({"arr": "won"})
    return _with_targets(table, "won", span, chosen)


def _with_targets(table: pl.DataFrame, metric: str, span: Span, chosen: Selection) -> pl.DataFrame:
    goals = trend_reads.targets(engine())
    goal = {quarter.label: target_of(goals, metric, quarter, chosen.partners) for quarter in span.quarters}
    return table.with_columns(target=pl.Series([goal[label] for label in table["quarter_label"]], dtype=pl.Float64))


def _today() -> date:
    return _window(periods.current_quarter(freshness().as_of, settings()), freshness().as_of).as_of_day


def origin() -> Origin:
    """Whose data these are."""
    return answer("origin", lambda engine, _: Origin(version.sources(engine)))


def health() -> DataHealth:
    """The state of the data: versions, freshness, oddities, rows."""

    def compute(engine: Engine, instant: datetime) -> DataHealth:
        window = _window(periods.current_quarter(instant, settings()), instant)
        return DataHealth(
            version.data_version(engine),
            version.newest(engine),
            health_reads.oddities(engine, window),
        )

    return answer("health", compute)


def row_counts() -> Mapping[str, int]:
    """Rows by table; counting them takes its time."""
    return answer("rows", lambda engine, _: schema.row_counts(engine))


def dictionary() -> list[schema.Table]:
    """The data dictionary from the database's own comments."""
    return answer("dictionary", lambda engine, _: list(schema.dictionary(engine)))


def import_batches() -> pl.DataFrame:
    """Imports, the newest first."""
    return answer("imports", lambda engine, _: batches.list_batches(engine))


def quarantine(batch_id: int | None, limit: int, after: int = 0) -> pl.DataFrame:
    """Rows that were set aside, after the row with number `after`."""
    return answer(
        ("quarantine", batch_id, limit, after),
        lambda engine, _: batches.quarantine_rows(engine, batch_id, limit, after),
    )
