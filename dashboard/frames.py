"""What do the pages look at? The only place that caches, keyed by data version and by everything that was asked.

When the database does not answer, the last good answer is given again; `freshness()` says so and how old it is.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import polars as pl
from sqlalchemy import Engine

from dashboard import period as periods
from dashboard.known import Known
from dashboard.metrics.cells import Reading
from dashboard.metrics.performance import ALL, Partner, Performance, Selection, partners_of
from dashboard.metrics.performance import performance as performance_of
from dashboard.metrics.trend import TrendCells, bucket_starts, monthly_rates, quarterly_arr, target_of
from dashboard.metrics.trend import trend as trend_of
from dashboard.period import Period
from dashboard.settings import settings
from dashboard.stretches import Span, known_of, sourced, span_of, spent, tiers_of
from dashboard.window import Window
from data_access import health as health_reads
from data_access import partners as partner_reads
from data_access import schema, version
from data_access import trend as trend_reads
from data_access.engine import DatabaseUnavailable, app_engine, open_database
from data_access.importers import batches
from data_access.reading import Standing, read_period, read_standing
from data_access.version import DataVersion, Newest

if TYPE_CHECKING:
    from dashboard.filters import Filters

# In a module, not in Streamlit's cache, which any visitor may clear: the engine and the answers.
_lock = threading.Lock()
_open = ExitStack()
atexit.register(_open.close)
_engine: Engine | None = None
_seen: tuple[float, DataVersion] | None = None
_good_at: datetime | None = None
# Per question the state of the data that it was answered from, and the answer; the least used go first.
_answers: OrderedDict[Hashable, tuple[Hashable, Any]] = OrderedDict()
_locks: dict[Hashable, threading.RLock] = {}
ANSWERS_KEPT = 256
# Pages of one click ask for the version several times; within this time the answer stands.
VERSION_HOLDS_S = 0.5

Answer = TypeVar("Answer")


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
class Freshness:
    """As of when the numbers are; `stale` while the database does not answer, with the age of the last good ones."""

    as_of: datetime
    stale: bool
    age: timedelta


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
    row_counts: dict[str, int]


def engine() -> Engine:
    """The app's engine; opens the database at the first call and keeps it until the process ends."""
    global _engine
    with _lock:
        if _engine is None:
            _engine = app_engine(_open.enter_context(open_database(settings())))
        return _engine


def forget() -> None:
    """Forgets every answer, as a change of all data would; for tests and benchmarks."""
    global _seen
    with _lock:
        _answers.clear()
        _locks.clear()
    _seen = None


def data_version() -> DataVersion:
    """The version of the data now; DatabaseUnavailable where nobody answers."""
    global _seen
    if _seen is None or time.monotonic() - _seen[0] > VERSION_HOLDS_S:
        _seen = (time.monotonic(), version.data_version(engine()))
    return _seen[1]


def freshness() -> Freshness:
    """Whether the numbers are of now; DatabaseUnavailable where there were never any."""
    global _good_at
    now = datetime.now(UTC)
    try:
        found = data_version()
    except DatabaseUnavailable:
        if _good_at is None:
            raise
        return Freshness(_good_at, True, now - _good_at)
    _good_at = as_of(found, now)
    return Freshness(_good_at, False, now - _good_at)


def as_of(found: DataVersion, now: datetime) -> datetime:
    """The instant at which the data are looked at: the last full hour, or the last change where that is younger.

    "Now" itself would make every click a new question.
    """
    return max(found.changed_at, now.replace(minute=0, second=0, microsecond=0))


def _answer(key: Hashable, compute: Callable[[Engine, datetime], Answer]) -> Answer:
    """The answer to a question at this data version, computed once; the last good one where the database is away.

    Answers are shared between sessions and never changed: frozen results and Polars frames.
    """
    try:
        return _current(key, compute)
    except DatabaseUnavailable:
        with _lock:
            kept = _answers.get(key)
        if kept is None:
            raise
        last_good: Answer = kept[1]
        return last_good


def _current(key: Hashable, compute: Callable[[Engine, datetime], Answer]) -> Answer:
    """The answer to a question at this data version and no other."""
    found = data_version()
    state = (found.number, as_of(found, datetime.now(UTC)))
    with _lock_of(key):
        kept = _answers.get(key)
        if kept is None or kept[0] != state:
            kept = (state, compute(engine(), state[1]))
    _keep(key, kept)
    answer: Answer = kept[1]
    return answer


def _lock_of(key: Hashable) -> threading.RLock:
    """One lock a question: of many visitors who ask it at once, one computes."""
    with _lock:
        return _locks.setdefault(key, threading.RLock())


def _keep(key: Hashable, kept: tuple[Hashable, Any]) -> None:
    with _lock:
        _answers[key] = kept
        _answers.move_to_end(key)
        while len(_answers) > ANSWERS_KEPT:
            _locks.pop(_answers.popitem(last=False)[0], None)


def _window(period: Period, instant: datetime) -> Window:
    return Window(period, instant, settings().time_zone, settings().currency)


def selection(filters: Filters) -> Selection:
    """The partners and channels that the filters choose."""
    channels = frozenset(filters.channels) if filters.channels else None
    return Selection(filters.partner_ids(choices()), channels)


def choices() -> Choices:
    """What there is to choose from."""

    def compute(engine: Engine, instant: datetime) -> Choices:
        partners = partners_of(partner_reads.partners(engine))
        census = _current("standing", _standing).census
        channels = census.filter(pl.col("live") > 0)["channel"].to_list()
        return Choices(
            partners,
            tuple(sorted({p.partner_type for p in partners})),
            _sorted({p.tier for p in partners}),
            _sorted({p.region for p in partners}),
            _sorted(set(channels)),
            *version.time_range(engine),
        )

    return _answer("choices", compute)


def _sorted(values: set[str | None]) -> tuple[str | None, ...]:
    return tuple(sorted(values, key=lambda value: (value is None, value or "")))


def _standing(engine: Engine, instant: datetime) -> Standing:
    return read_standing(engine, _window(periods.current_quarter(instant, settings()), instant))


def performance(period: Period, filters: Filters) -> Performance:
    """Every number of a period for what the filters choose."""
    return _performance(period, selection(filters))


def _performance(period: Period, chosen: Selection) -> Performance:
    def read(engine: Engine, instant: datetime) -> Reading:
        return read_period(engine, _window(period, instant), _current("standing", _standing))

    def compute(engine: Engine, instant: datetime) -> Performance:
        return performance_of(_current(("reading", period), read), _window(period, instant), settings(), chosen)

    return _answer(("performance", period, chosen), compute)


def known(period: Period) -> Known:
    """What the data of the 13 months up to the period's end hold at all, whatever the filters choose."""
    span = span_of(period, _today())
    return _answer(
        ("known", period, span),
        lambda engine, instant: known_of(_all_cells(span), _performance(period, ALL), choices().partners, span),
    )


def _all_cells(span: Span) -> TrendCells:
    def compute(engine: Engine, instant: datetime) -> TrendCells:
        window = _window(periods.between(span.first, span.end, settings()), instant)
        return trend_reads.read_trend(engine, window, span.quarters[0].start, span.quarters[-1].end)

    return _current(("trend", span), compute)


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

    return _answer(("weeks", span, chosen, everybody), compute)


def months(period: Period, filters: Filters) -> pl.DataFrame:
    """The 13 months up to the period's end: the columns of `trend` with `month`, and the monthly rates beside."""
    span, chosen, everybody = span_of(period, _today()), selection(filters), of_everybody(period, filters)
    return _answer(("months", span, chosen, everybody), lambda engine, instant: _months(span, chosen, everybody))


def _months(span: Span, chosen: Selection, everybody: bool) -> pl.DataFrame:
    cells, starts = _trend_cells(span, chosen, everybody), bucket_starts(span.month, span.end, weekly=False)
    cost = {month: spent(month, _all_cells(span), choices().partners, chosen) for month in starts}
    return monthly_rates(trend_of(cells, starts, "month"), cells, cost)


def quarters(period: Period, filters: Filters) -> pl.DataFrame:
    """ARR by quarter and tier for the eight quarters up to the period's, with the quarter's target.

    Columns: quarter_label, quarter_start, tier, arr, target (null where none is set).
    """
    span, chosen, everybody = span_of(period, _today()), selection(filters), of_everybody(period, filters)
    return _answer(("quarters", span, chosen, everybody), lambda engine, _: _quarters(span, chosen, everybody))


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
    return _answer(("won quarters", span, chosen, everybody), lambda engine, _: _won_quarters(whole, chosen, everybody))


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
    return _answer("origin", lambda engine, _: Origin(version.sources(engine)))


def health() -> DataHealth:
    """The state of the data: versions, freshness, oddities, rows."""

    def compute(engine: Engine, instant: datetime) -> DataHealth:
        window = _window(periods.current_quarter(instant, settings()), instant)
        return DataHealth(
            version.data_version(engine),
            version.newest(engine),
            health_reads.oddities(engine, window),
            dict(schema.row_counts(engine)),
        )

    return _answer("health", compute)


def dictionary() -> list[schema.Table]:
    """The data dictionary from the database's own comments."""
    return _answer("dictionary", lambda engine, _: list(schema.dictionary(engine)))


def import_batches() -> pl.DataFrame:
    """Imports, the newest first."""
    return _answer("imports", lambda engine, _: batches.list_batches(engine))


def quarantine(batch_id: int | None, limit: int, after: int = 0) -> pl.DataFrame:
    """Rows that were set aside, after the row with number `after`."""
    return _answer(
        ("quarantine", batch_id, limit, after),
        lambda engine, _: batches.quarantine_rows(engine, batch_id, limit, after),
    )
