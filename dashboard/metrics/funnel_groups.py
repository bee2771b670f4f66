"""How do the funnels of many groups and months differ? Composed from cells, with what sets two of them apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import floor
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from dashboard.domain import Estimate, Stage
from dashboard.metrics.association import FALSE_DISCOVERY_RATE
from dashboard.metrics.discovery import benjamini_hochberg, two_proportions
from dashboard.metrics.funnel import steps
from dashboard.metrics.intervals import Difference, newcombe, rate
from dashboard.metrics.maturity import MATURE_SHARE, Maturity
from dashboard.metrics.performance import Partner
from dashboard.period import add_months
from dashboard.window import Window

FEWEST_LEADS = 10  # rates of fewer leads are shown, but grey
Step = tuple[Stage, Stage]


class By(StrEnum):
    """What leads are grouped by: their partner, what it is, their channel, or the kind of their first asset."""

    TYPE = "type"
    TIER = "tier"
    REGION = "region"
    CHANNEL = "channel"
    ASSET_KIND = "asset_kind"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class CohortCells:
    """Leads of a cohort: `reached` has mql … won (booleans) and leads, `ages` has age_days and leads; both the keys."""

    reached: pl.DataFrame
    ages: pl.DataFrame

    def where(self, condition: pl.Expr) -> CohortCells:
        """The cells for which a condition on the keys holds."""
        return CohortCells(self.reached.filter(condition), self.ages.filter(condition))

    def keyed(self, key: pl.Expr) -> CohortCells:
        """The cells with one more column: `group`, the key that they are grouped by."""
        return CohortCells(self.reached.with_columns(group=key), self.ages.with_columns(group=key))


@dataclass(frozen=True, slots=True)
class Funnel:
    """The stages of one group: leads that reached each, its step conversions by `k_to_l`, and its maturity."""

    counts: Mapping[Stage, int]
    step_conversion: Mapping[str, Estimate]
    maturity: Mapping[Stage, Maturity]

    def step(self, step: Step) -> Estimate:
        """The conversion of a step."""
        return self.step_conversion[name_of(step)]

    def mature(self, step: Step) -> bool | None:
        """Whether nine in ten leads had the time that reaching the later stage takes; None where that is unknown."""
        found = self.maturity.get(step[1])
        return found.mature if found else None


@dataclass(frozen=True, slots=True)
class StepDifference:
    """One step of two groups: both rates, their difference a − b; q over the steps compared, None where not tested."""

    step: Step
    a: Estimate
    b: Estimate
    difference: Difference
    p: float | None
    q: float | None

    @property
    def discovered(self) -> bool:
        """Whether the two differ by more than chance, at a false discovery rate of 5 % over the steps."""
        return self.q is not None and self.q <= FALSE_DISCOVERY_RATE


PARTNERS_OWN = {By.TYPE: "partner_type", By.TIER: "tier", By.REGION: "region"}


def group_key(by: By, partners: Iterable[Partner]) -> pl.Expr:
    """The group of a cell with partner_id, channel and, for that grouping, asset_kind."""
    if by is By.PARTNER:
        return pl.col("partner_id")
    if by in PARTNERS_OWN:
        own = {p.partner_id: getattr(p, PARTNERS_OWN[by]) for p in partners}
        return pl.col("partner_id").replace_strict(own, default=None, return_dtype=pl.String)
    return pl.col(by.value)


def name_of(step: Step) -> str:
    """A step's name in the report: `eql_to_won`."""
    return f"{step[0]}_to_{step[1]}"


def all_steps(present: Sequence[Stage]) -> list[Step]:
    """Each adjacent pair of stages, the long steps of `funnel.steps`, and from the first stage to every other."""
    known = steps(present)
    return known + [pair for pair in ((present[0], stage) for stage in present[1:]) if pair not in known]


def main_steps(present: Sequence[Stage]) -> list[Step]:
    """The steps that people compare: each adjacent pair, then those over several stages that they ask for."""
    pairs = list(pairwise(present))
    wanted = ((Stage.EQL, Stage.WON), (Stage.LEAD, Stage.EQL), (Stage.LEAD, Stage.SQL), (Stage.LEAD, Stage.WON))
    return pairs + [pair for pair in wanted if pair not in pairs and set(pair) <= set(present)]


def funnels(
    cells: CohortCells, present: Sequence[Stage], p90_days: Mapping[Stage, float | None]
) -> dict[str | date | None, Funnel]:
    """The funnel of each `group` of the cells, in order of the group, None (not known) last.

    `p90_days` as `maturity.p90_days` gives it: leads that are older count towards maturity.
    """
    both, keys = _reached_both(cells.reached)
    older = _older(cells.ages, keys, p90_days)
    pairs = all_steps(present) if present else []
    return {
        key: _funnel(both[place], older[place].tolist(), present, pairs, p90_days) for place, key in enumerate(keys)
    }


def funnel(cells: CohortCells, present: Sequence[Stage], p90_days: Mapping[Stage, float | None]) -> Funnel:
    """The one funnel of all cells; without leads one of zeros."""
    found = funnels(cells.keyed(pl.lit("")), present, p90_days)
    if found:
        return found[""]
    empty = np.zeros((len(Stage), len(Stage)), dtype=np.int64)
    return _funnel(empty, [0.0] * len(Stage), present, all_steps(present) if present else [], p90_days)


def compare(a: Funnel, b: Funnel, pairs: Sequence[Step]) -> list[StepDifference]:
    """The steps of two groups: Newcombe intervals of a − b, q-values by Benjamini & Hochberg over the steps."""
    counts = [(_case(a, step), _case(b, step)) for step in pairs]
    p = [two_proportions(*of_a, *of_b) for of_a, of_b in counts]
    q = benjamini_hochberg(p)
    return [
        StepDifference(step, a.step(step), b.step(step), newcombe(*of_a, *of_b), own, adjusted)
        for step, (of_a, of_b), own, adjusted in zip(pairs, counts, p, q, strict=True)
    ]


def narrowest(found: Funnel, present: Sequence[Stage]) -> list[Step]:
    """The adjacent step with the lowest conversion first, then those whose intervals do not lie above its own.

    Steps that are not mature are left out: how low they are is too early to say.
    """
    judged = [step for step in pairwise(present) if found.step(step).value is not None]
    judged = [step for step in judged if found.mature(step) is not False]
    ordered = sorted(judged, key=lambda step: found.step(step).value or 0.0)
    if not ordered:
        return []
    reach = found.step(ordered[0]).high or 0.0
    return [step for step in ordered if (found.step(step).low or 0.0) <= reach]


def band_starts(first: date, end: date, as_of_day: date, p90_days: Collection[float | None]) -> list[date]:
    """Days on which bands of creation begin, so that a band lies in one month and on one side of every maturity.

    A lead counts as older than p90 where `as_of_day` − its day > p90; the first younger day begins a band.
    """
    months, month = {first}, add_months(first, 1)
    while month < end:
        months.add(month)
        month = add_months(month, 1)
    younger = {as_of_day - timedelta(days=floor(limit)) for limit in p90_days if limit is not None}
    return sorted(months | {day for day in younger if first < day < end})


def band_moments(seen: Window, p90_days: Collection[float | None]) -> list[datetime]:
    """The first moments of the bands of a window's period, in the reporting time zone."""
    first, end = seen.period.start.date(), seen.period.end.date()
    zone = ZoneInfo(seen.zone)
    days = band_starts(first, end, seen.as_of_day, p90_days)
    return [datetime(day.year, day.month, day.day, tzinfo=zone) for day in days]


def of_bands(cells: pl.DataFrame, as_of_day: date) -> CohortCells:
    """Cohort cells from cells with `band`: the age of a band's first day is on the same side of every maturity."""
    days = (pl.lit(as_of_day) - pl.col("band")).dt.total_days()
    return CohortCells(cells, cells.with_columns(age_days=days))


def _case(found: Funnel, step: Step) -> tuple[int, int]:
    estimate = found.step(step)
    return round((estimate.value or 0.0) * estimate.n), estimate.n


def _reached_both(cells: pl.DataFrame) -> tuple[np.ndarray, list[str | date | None]]:
    """For each group the leads that reached stage i and stage j, for every pair of stages."""
    keys = cells["group"].unique().sort(nulls_last=True).to_list()
    place = _places(cells["group"], keys)
    leads = cells["leads"].to_numpy()
    reached = [np.ones(cells.height, dtype=bool) if s is Stage.LEAD else cells[s.value].to_numpy() for s in Stage]
    both = np.zeros((len(keys), len(Stage), len(Stage)), dtype=np.int64)
    for i in range(len(Stage)):
        for j in range(i, len(Stage)):
            sums = np.bincount(place, weights=leads * (reached[i] & reached[j]), minlength=len(keys))
            both[:, i, j] = both[:, j, i] = np.rint(sums)
    return both, keys


def _older(ages: pl.DataFrame, keys: Sequence[str | date | None], p90_days: Mapping[Stage, float | None]) -> np.ndarray:
    """For each group and stage the leads that are older than the stage's 90th percentile; all of them first."""
    place, days, leads = _places(ages["group"], keys), ages["age_days"].to_numpy(), ages["leads"].to_numpy()
    older = np.zeros((len(keys), len(Stage)))
    older[:, 0] = np.bincount(place, weights=leads, minlength=len(keys))
    for column, stage in enumerate(Stage):
        limit = p90_days.get(stage)
        if limit is not None:
            older[:, column] = np.bincount(place, weights=leads * (days > limit), minlength=len(keys))
    return older


def _places(groups: pl.Series, keys: Sequence[str | date | None]) -> np.ndarray:
    index = pl.DataFrame({"group": pl.Series(keys, dtype=groups.dtype), "place": np.arange(len(keys))})
    joined = groups.to_frame("group").join(index, on="group", how="left", nulls_equal=True, maintain_order="left")
    return joined["place"].to_numpy()


def _funnel(
    both: np.ndarray,
    older: Sequence[float],
    present: Sequence[Stage],
    pairs: Sequence[Step],
    p90_days: Mapping[Stage, float | None],
) -> Funnel:
    place = {stage: index for index, stage in enumerate(Stage)}
    return Funnel(
        {stage: int(both[place[stage], place[stage]]) for stage in present},
        {name_of((k, to)): rate(int(both[place[k], place[to]]), int(both[place[k], place[k]])) for k, to in pairs},
        {stage: _maturity(p90_days.get(stage), older[place[stage]], older[0]) for stage in present[1:]},
    )


def _maturity(p90: float | None, older: float, leads: float) -> Maturity:
    if p90 is None or leads == 0:
        return Maturity(p90, None, None)
    return Maturity(p90, older / leads, older / leads >= MATURE_SHARE)
