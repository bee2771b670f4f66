"""Where do leads get lost? The questions of the Funnel page: the whole, groups, pairs of groups, months."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import polars as pl
from sqlalchemy import Engine

from dashboard import period as periods
from dashboard.answers import answer, current
from dashboard.domain import Stage
from dashboard.frames.performance import (
    choices,
    lead_delays,
    period_frames,
    read_ahead,
    reading,
    selection,
    today,
    window,
)
from dashboard.frames.trend import of_everybody
from dashboard.metrics.association import Association
from dashboard.metrics.converting import converting
from dashboard.metrics.funnel_groups import (
    By,
    CohortCells,
    Funnel,
    Step,
    StepDifference,
    band_moments,
    compare,
    funnel,
    funnels,
    group_key,
    of_bands,
)
from dashboard.metrics.performance import HAS_PARTNER, Selection, norms_of
from dashboard.metrics.summary import Norms
from dashboard.metrics.trend import bucket_starts
from dashboard.period import Period
from dashboard.settings import settings
from dashboard.stretches import Span, span_of
from data_access import funnel as reads
from data_access.attributes import attribute_cells, signal_cells
from data_access.engine import DatabaseUnavailable
from data_access.waiting import waiting_cells

if TYPE_CHECKING:
    from dashboard.filters import Filters


Groups = Mapping[str | date | None, Funnel]
Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Whole:
    """The funnel of all chosen leads of a period and the stages that the data know, whosever."""

    present: tuple[Stage, ...]
    funnel: Funnel
    everybody: bool

    @property
    def leads(self) -> int:
        """Leads of the cohort."""
        return self.funnel.counts.get(Stage.LEAD, 0)


def prepare(period: Period) -> None:
    """Reads at once what the first view needs."""

    def compute(engine: Engine, instant: datetime) -> None:
        read_ahead(lead_delays, partial(period_frames, period))

    with suppress(DatabaseUnavailable):
        answer(("prepared funnel", period), compute)


def everybody(period: Period, filters: Filters) -> bool:
    """Whether the page is about all leads, as on the Overview: no partner is chosen, and the data name none."""
    if filters.partner_ids(choices()) is not None:
        return False

    def compute(engine: Engine, instant: datetime) -> bool:
        # A partner in the cohort settles it without the longer question.
        return not period_frames(period).cells.cohort["partner_id"].count() and of_everybody(period, filters)

    return answer(("funnel everybody", period, selection(filters)), compute)


def whole(period: Period, filters: Filters) -> Whole:
    """The funnel of the leads that the filters choose."""
    chosen, all_leads = selection(filters), everybody(period, filters)

    def compute(engine: Engine, instant: datetime) -> Whole:
        norms = _norms(period, instant)
        return Whole(
            tuple(norms.stages),
            funnel(_cohort(period, chosen, all_leads), norms.stages, norms.p90_days),
            all_leads,
        )

    return answer(("funnel", period, chosen, all_leads), compute)


def groups(period: Period, filters: Filters, by: By) -> Mapping[str | date | None, Funnel]:
    """The funnel of each group that has leads, by its key (None: not known)."""
    chosen, all_leads = selection(filters), everybody(period, filters)

    def compute(engine: Engine, instant: datetime) -> Mapping[str | date | None, Funnel]:
        norms = _norms(period, instant)
        cells = _cohort(period, chosen, all_leads, kinds=by is By.ASSET_KIND)
        return funnels(cells.keyed(group_key(by, choices().partners)), norms.stages, norms.p90_days)

    return answer(("funnel groups", period, chosen, all_leads, by), compute)


def told(period: Period, filters: Filters, by: By, what: str, tell: Callable[[Groups], Told]) -> Told:
    """What a view makes of the groups, `what` by name; made once, since with many groups that takes its time."""
    chosen, all_leads = selection(filters), everybody(period, filters)
    key = ("funnel told", what, period, chosen, all_leads, by)
    return answer(key, lambda engine, instant: tell(groups(period, filters, by)))


def pair(
    period: Period, filters: Filters, by: By, a: str | None, b: str | None, rest: bool, steps: tuple[Step, ...]
) -> tuple[Funnel, Funnel, list[StepDifference]]:
    """Two groups beside each other with their differences; with `rest`, the first against all other chosen leads."""
    chosen, all_leads = selection(filters), everybody(period, filters)

    def compute(engine: Engine, instant: datetime) -> tuple[Funnel, Funnel, list[StepDifference]]:
        norms = _norms(period, instant)
        cells = _cohort(period, chosen, all_leads, kinds=by is By.ASSET_KIND)
        keyed = cells.keyed(group_key(by, choices().partners))
        other = pl.col("group").ne_missing(a) if rest else pl.col("group").eq_missing(b)
        found = [
            funnel(keyed.where(condition), norms.stages, norms.p90_days)
            for condition in (pl.col("group").eq_missing(a), other)
        ]
        return found[0], found[1], compare(found[0], found[1], steps)

    return answer(("funnel pair", period, chosen, all_leads, by, a, b, rest, steps), compute)


def months(period: Period, filters: Filters) -> Mapping[date, Funnel]:
    """The funnel of the leads created in each of the 13 months up to the period's end, by the month's first day."""
    chosen, all_leads = selection(filters), everybody(period, filters)

    def compute(engine: Engine, instant: datetime) -> Mapping[date, Funnel]:
        norms = _norms(period, instant)
        cells = of_bands(_month_cells(period), today()).where(_condition(chosen, all_leads))
        found = funnels(cells.keyed(pl.col("band").dt.month_start()), norms.stages, norms.p90_days)
        return {key: each for key, each in found.items() if isinstance(key, date)}

    return answer(("funnel by month", period, today(), chosen, all_leads), compute)


def waits(period: Period, filters: Filters, steps: tuple[Step, ...]) -> pl.DataFrame:
    """Days that steps took for the chosen leads, counted by when the later stage was reached.

    Cells as `data_access.waiting` has them: step, month (of the 13 up to the period's end), inside (the period), days,
    leads.
    """
    chosen, all_leads, shown = selection(filters), everybody(period, filters), span(period)

    def compute(engine: Engine, instant: datetime) -> pl.DataFrame:
        starts = [_midnight(month, period) for month in bucket_starts(shown.month, shown.end, weekly=False)]
        return waiting_cells(engine, window(period, instant), starts, steps, chosen, all_leads)

    return answer(("funnel waits", period, shown.month, shown.end, chosen, all_leads, steps), compute)


def associated(period: Period, filters: Filters, stage: Stage) -> list[Association]:
    """What goes together with reaching a stage, for the chosen leads of the period."""
    chosen, all_leads = selection(filters), everybody(period, filters)

    def read(engine: Engine, instant: datetime) -> pl.DataFrame:
        seen = window(period, instant)
        with ThreadPoolExecutor(2) as pool:
            signals = pool.submit(signal_cells, engine, seen, chosen, all_leads)
            return pl.concat([attribute_cells(engine, seen, chosen, all_leads), signals.result()])

    def compute(engine: Engine, instant: datetime) -> list[Association]:
        return converting(current(("attributes", period, chosen, all_leads), read), stage)

    return answer(("associated", period, chosen, all_leads, stage), compute)


def span(period: Period) -> Span:
    """The 13 months that `months` shows."""
    return span_of(period, today())


def _norms(period: Period, instant: datetime) -> Norms:
    return norms_of(reading(period), window(period, instant))


def _condition(chosen: Selection, all_leads: bool) -> pl.Expr:
    return chosen.condition() if all_leads else chosen.condition() & HAS_PARTNER


def _cohort(period: Period, chosen: Selection, all_leads: bool, kinds: bool = False) -> CohortCells:
    if kinds:
        cells = of_bands(_kind_cells(period), today())
    else:
        frames = period_frames(period).cells
        cells = CohortCells(frames.cohort, frames.ages)
    return cells.where(_condition(chosen, all_leads))


def _kind_cells(period: Period) -> pl.DataFrame:
    def compute(engine: Engine, instant: datetime) -> pl.DataFrame:
        seen = window(period, instant)
        return reads.kind_cells(engine, seen, band_moments(seen, _norms(period, instant).p90_days.values()))

    return current(("funnel kinds", period), compute)


def _month_cells(period: Period) -> pl.DataFrame:
    shown = span(period)

    def compute(engine: Engine, instant: datetime) -> pl.DataFrame:
        seen = window(periods.between(shown.month, shown.end, settings()), instant)
        return reads.band_cells(engine, seen, band_moments(seen, _norms(period, instant).p90_days.values()))

    return current(("funnel months", shown.month, shown.end), compute)


def _midnight(day: date, period: Period) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=period.start.tzinfo)
