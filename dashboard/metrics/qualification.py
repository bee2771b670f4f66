"""How many leads pass each gate of the scoring model, which gate stops the others, and does the CRM say the same?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import accumulate
from operator import or_
from typing import Self

import polars as pl

from dashboard.domain import Estimate
from dashboard.metrics.intervals import rate, ratio
from dashboard.metrics.performance import HAS_PARTNER, Selection
from dashboard.scoring.model import Gate, ScoringModel

# The order of the waterfall; gates that the model does not require are left out, but for the ICP match, which it shows.
ORDER = (Gate.ICP, Gate.ECOSYSTEM, Gate.BUYING, Gate.TRIGGERS, Gate.SCORE, Gate.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Step:
    """One gate. `passed`: leads that pass it and every gate before it; `lost`: of those before, the ones it stops.

    `rate`: passed ÷ passed at the step before. Whatever the order: `fails` do not pass this gate (`failing`: their
    share of all leads), `only` pass every other gate of the waterfall and are one step away.
    """

    gate: Gate
    passed: int
    lost: int
    rate: Estimate
    fails: int
    failing: Estimate
    only: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why leads were disqualified, as the CRM says (None: it does not say); `eqls` of them were recorded as EQLs."""

    reason: str | None
    leads: int
    share: Estimate
    eqls: int


@dataclass(frozen=True, slots=True)
class Qualification:
    """The waterfall of a cohort, and beside it what the CRM recorded.

    `by_model` qualify by the model; of them `without_icp` lack the ICP match that the waterfall asks for and the model
    need not. `both`: by model and recorded. `completeness`: share of criteria with a known value, over the leads.
    """

    leads: int
    overlapping: int
    steps: tuple[Step, ...]
    by_model: int
    without_icp: int
    recorded: int
    both: int
    completeness: float | None
    disqualified: tuple[Reason, ...] = ()

    @property
    def recorded_only(self) -> int:
        """Recorded as EQL, though the model would not qualify them."""
        return self.recorded - self.both

    @property
    def model_only(self) -> int:
        """Qualified by the model, though not recorded."""
        return self.by_model - self.both

    @property
    def model_rate(self) -> Estimate:
        """Share of the leads that qualify by the model."""
        return rate(self.by_model, self.leads)

    @property
    def recorded_rate(self) -> Estimate:
        """Share of the leads that the CRM records as EQLs."""
        return rate(self.recorded, self.leads)

    @property
    def confirmed_rate(self) -> Estimate:
        """Share of the recorded EQLs that the model qualifies too."""
        return rate(self.both, self.recorded)

    @property
    def found_rate(self) -> Estimate:
        """Share of the leads qualified by the model that the CRM records as EQLs."""
        return rate(self.both, self.by_model)

    def because(self, reasons: Sequence[Reason]) -> Self:
        """The same with the reasons for which leads were disqualified."""
        return replace(self, disqualified=tuple(reasons))


def cut(cells: pl.DataFrame, chosen: Selection, *, sourced: bool) -> pl.DataFrame:
    """The cells that are selected; `sourced`: without those of no partner."""
    return cells.filter(chosen.condition() & HAS_PARTNER if sourced else chosen.condition())


def waterfall_gates(model: ScoringModel) -> tuple[Gate, ...]:
    """The gates of the waterfall, in order."""
    return tuple(gate for gate in ORDER if gate is Gate.ICP or gate in model.required)


def qualification(cells: pl.DataFrame, model: ScoringModel, *, overlapping: bool = False) -> Qualification:
    """The waterfall from cells as `gate_cells` reads them; `overlapping`: starting from leads with an overlap only."""
    if overlapping:
        cells = cells.filter(_passes(Gate.OVERLAP))
    order = waterfall_gates(model)
    leads = _count(cells)
    passed = [_count(cells, _passes(gate)) for gate in accumulate(order, or_)]
    every = all_of(order)
    steps = tuple(
        _step(cells, gate, every & ~gate, (before, after))
        for gate, before, after in zip(order, [leads, *passed], passed, strict=False)
    )
    qualifies, recorded = _passes(model.required), _passes(Gate.RECORDED)
    known = int(cells["known"].sum())
    return Qualification(
        leads,
        _count(cells, _passes(Gate.OVERLAP)),
        steps,
        _count(cells, qualifies),
        _count(cells, qualifies & ~_passes(Gate.ICP)),
        _count(cells, recorded),
        _count(cells, qualifies & recorded),
        ratio(known, leads * len(model.criteria)),
    )


def _step(cells: pl.DataFrame, gate: Gate, others: Gate, counts: tuple[int, int]) -> Step:
    before, after = counts
    fails = _count(cells, ~_passes(gate))
    return Step(
        gate,
        after,
        before - after,
        rate(after, before),
        fails,
        rate(fails, _count(cells)),
        _count(cells, ~_passes(gate) & _passes(others)),
    )


def all_of(gates: Sequence[Gate]) -> Gate:
    """All of the gates as one."""
    return reduce(or_, gates, Gate(0))


def disqualified(cells: pl.DataFrame) -> list[Reason]:
    """Disqualified leads by reason, the most frequent first; `cells` as `reason_cells` reads them."""
    total = _count(cells)
    found = (
        cells.group_by("reason")
        .agg(pl.col("leads").sum(), pl.col("eqls").sum())
        .sort("leads", "reason", descending=[True, False], nulls_last=True)
    )
    return [Reason(reason, leads, rate(leads, total), eqls) for reason, leads, eqls in found.iter_rows()]


def _passes(gates: Gate) -> pl.Expr:
    return (pl.col("gates") & gates.value) == gates.value


def _count(cells: pl.DataFrame, condition: pl.Expr | None = None) -> int:
    chosen = cells if condition is None else cells.filter(condition)
    return int(chosen["leads"].sum())
