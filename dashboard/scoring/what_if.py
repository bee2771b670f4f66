"""What would have happened under another scoring model? Qualified leads and their outcomes, against the active model.

Only codes are scored and only codes that change sides are looked up by partner, so that an answer takes milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dashboard.domain import Estimate
from dashboard.metrics.intervals import rate, ratio
from dashboard.scoring.cells import ScoreCells
from dashboard.scoring.exact_sums import summed
from dashboard.scoring.expected import SENSITIVITY, Expected, ExpectedCurve, expected_curve, expected_of
from dashboard.scoring.model import Gate, ScoringModel
from dashboard.scoring.outcome_model import OutcomeModel
from dashboard.scoring.profiles import ROWS
from dashboard.scoring.standing import Standing, standing
from dashboard.scoring.structure import of_gate


@dataclass(frozen=True, slots=True)
class Counts:
    """A set of leads. Money in cents of the reporting currency.

    `never` were never worked, `worked` were. Observed, of worked leads only: `sqls`, `won`, `lost`, `open`, `pipeline`,
    `arr`, and `old` (created more than 180 days before the moment of the data) with `old_won`. `all_pipeline`,
    `all_arr`: of all of them. `both_triggers`: leads with at least two different triggers.
    """

    leads: int
    never: int
    worked: int
    sqls: int
    won: int
    lost: int
    open: int
    pipeline: int
    arr: int
    old: int
    old_won: int
    all_pipeline: int
    all_arr: int
    both_triggers: int


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """The scenario at every threshold from 0 to all its points, one entry each; the fields are those of `Counts`.

    `precision`, `recall`: shares, NaN where there is nothing to divide by. `gained`, `dropped`: leads, against the
    active model at its own threshold.
    """

    threshold: NDArray[np.int64]
    qualified: NDArray[np.int64]
    never: NDArray[np.int64]
    worked: NDArray[np.int64]
    sqls: NDArray[np.int64]
    won: NDArray[np.int64]
    lost: NDArray[np.int64]
    open: NDArray[np.int64]
    pipeline: NDArray[np.int64]
    arr: NDArray[np.int64]
    old: NDArray[np.int64]
    old_won: NDArray[np.int64]
    all_pipeline: NDArray[np.int64]
    all_arr: NDArray[np.int64]
    both_triggers: NDArray[np.int64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    gained: NDArray[np.int64]
    dropped: NDArray[np.int64]
    expected: ExpectedCurve | None


class PartnerChange(NamedTuple):
    """One partner's leads under both models; `partner_id` is None for all leads without a partner.

    Outcomes are those of worked qualified leads, `all_pipeline` and `all_arr` of all qualified leads; money in cents.
    `recorded`: leads that the CRM calls EQLs. `expected_wins`, `expected_arr`: what gained leads that were never worked
    would have brought, less what dropped ones would have; None where no outcome model can say.
    """

    partner_id: str | None
    qualified: int
    active_qualified: int
    gained: int
    dropped: int
    both_triggers: int
    active_both_triggers: int
    recorded: int
    recorded_both_triggers: int
    worked: int
    active_worked: int
    sqls: int
    active_sqls: int
    won: int
    active_won: int
    pipeline: int
    active_pipeline: int
    arr: int
    active_arr: int
    old: int
    active_old: int
    old_won: int
    active_old_won: int
    all_pipeline: int
    active_all_pipeline: int
    all_arr: int
    active_all_arr: int
    expected_wins: float | None
    expected_arr: float | None

    @property
    def changed(self) -> bool:
        """Whether any of its leads qualifies under one model only."""
        return self.gained > 0 or self.dropped > 0


@dataclass(frozen=True, slots=True, eq=False)
class WhatIf:
    """The answer: a scenario (`model`) against the active model, over all leads of the cells (`cohort`).

    `precision`: won ÷ worked, of qualified leads that are old enough; `recall`: ARR of qualified leads ÷ ARR of all
    leads, None where there is none. Of `cohort`, `qualified`, `gained` and `dropped` the scenario's triggers are
    counted, of `active_qualified` and recorded EQLs the active model's.
    """

    model: ScoringModel
    active: ScoringModel
    cohort: Counts
    qualified: Counts
    active_qualified: Counts
    gained: Counts
    dropped: Counts
    precision: Estimate
    active_precision: Estimate
    recall: float | None
    active_recall: float | None
    both_triggers: Estimate
    active_both_triggers: Estimate
    recorded_both_triggers: Estimate
    curves: Curves
    expected: Expected | None
    expected_active: Expected | None
    expected_change: Expected | None
    partners: tuple[PartnerChange, ...]
    without_partner: PartnerChange


def what_if(
    cells: ScoreCells,
    model: ScoringModel,
    active: ScoringModel,
    outcomes: OutcomeModel | None = None,
    *,
    sensitivity: float = SENSITIVITY,
) -> WhatIf:
    """Both models over the same leads; the structure of the cells holds the questions of both.

    `outcomes`, where there is a model of them, says what leads never worked would have brought; `sensitivity` is the
    factor Γ by which it may be wrong about leads that were chosen by hunch.
    """
    base = standing(cells, active, model)
    top = model.fit_total + model.intent_total
    sides = _sides(base, model, top)
    guess = _guess(cells, model, base, sides.qualified, outcomes, sensitivity)
    counts = _all_counts(base, model, sides)
    partners = _partners(cells, base, model, sides.qualified, guess.by_partner)
    qualified, own, cohort = counts["qualified"], counts["active_qualified"], counts["cohort"]
    return WhatIf(
        model,
        active,
        **counts,
        precision=rate(qualified.old_won, qualified.old),
        active_precision=rate(own.old_won, own.old),
        recall=ratio(qualified.all_arr, cohort.all_arr),
        active_recall=ratio(own.all_arr, cohort.all_arr),
        both_triggers=rate(qualified.both_triggers, qualified.leads),
        active_both_triggers=rate(own.both_triggers, own.leads),
        recorded_both_triggers=rate(int(base.recorded_both.sum()), int(base.recorded.sum())),
        curves=_curves(base, sides, cohort, guess.curve),
        expected=guess.qualified,
        expected_active=guess.active,
        expected_change=guess.change,
        partners=partners[:-1],
        without_partner=partners[-1],
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Sides:
    """Whether each profile qualifies, and ROWS by score and by whether the active model qualifies them.

    `reaching`: leads with open gates at or above each score, shape (scores, 2, rows); `everyone`: ROWS of all leads.
    """

    qualified: NDArray[np.bool_]
    reaching: NDArray[np.int64]
    everyone: NDArray[np.int64]


def _sides(base: Standing, model: ScoringModel, top: int) -> _Sides:
    """Leads at or above a score are summed from the top down, so that a score on the threshold counts in."""
    profiles, view = base.profiles, base.profiles.open_to(model)
    fields, signals = profiles.halves.points(model)
    score = np.add(*fields).take(view.fields)
    score += np.add(*signals).take(view.signals)
    np.minimum(score, top, out=score)
    if Gate.ICP in model.requires:
        fit = fields[0].take(view.fields) + signals[0].take(view.signals)
        score[fit < model.icp_at_least] = -1  # below every threshold
    groups = (score.astype(np.int32) + 1) * 2
    groups += base.qualified[view.places]
    qualified = np.zeros(profiles.count, np.bool_)
    qualified[view.places] = score >= model.threshold
    found = summed(view.rows, groups, 2 * (top + 2)).reshape(top + 2, 2, -1)
    return _Sides(qualified, found[:0:-1].cumsum(axis=0)[::-1], view.everyone)


def _all_counts(base: Standing, model: ScoringModel, sides: _Sides) -> dict[str, Counts]:
    none = np.zeros_like(sides.everyone)
    new, both_models = sides.reaching[model.threshold] if model.threshold < len(sides.reaching) else (none, none)
    dropped = base.counts - both_models
    gone = np.flatnonzero(base.qualified & ~sides.qualified)
    dropped[-1] = base.profiles.totals[0, gone] @ base.profiles.both(model)[gone]
    found = {
        "cohort": sides.everyone,
        "qualified": new + both_models,
        "active_qualified": base.counts,
        "gained": new,
        "dropped": dropped,
    }
    return {name: Counts(*row.tolist()) for name, row in found.items()}


def _curves(base: Standing, sides: _Sides, cohort: Counts, expected: ExpectedCurve | None) -> Curves:
    rows = dict(zip(ROWS, sides.reaching.sum(axis=1).T, strict=True))
    rows["qualified"] = rows.pop("leads")
    return Curves(
        threshold=np.arange(len(sides.reaching)),
        **rows,
        precision=_shares(rows["old_won"], rows["old"]),
        recall=_shares(rows["all_arr"], cohort.all_arr),
        gained=sides.reaching[:, 0, 0],
        dropped=base.counts[0] - sides.reaching[:, 1, 0],
        expected=expected,
    )


def _shares(part: NDArray[np.int64], whole: NDArray[np.int64] | int) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.divide(part, whole, out=np.full(len(part), np.nan), where=np.asarray(whole) > 0)
    return found


def _partners(
    cells: ScoreCells,
    base: Standing,
    model: ScoringModel,
    qualified: NDArray[np.bool_],
    expected: tuple[Iterable[float | None], ...],
) -> tuple[PartnerChange, ...]:
    """Every partner, in order, and last the leads without one. Only profiles on different sides are looked up."""
    changed = np.flatnonzero(qualified != base.qualified)
    gone = (~qualified[changed]).astype(np.intp)
    both = base.profiles.both(model)
    leads = base.partner_cells.leads_of(changed, gone * 2 + both[changed], 4)
    gained, dropped = leads[0] + leads[1], leads[2] + leads[3]
    moved = base.partner_cells.outcomes_of(changed, gone, 2)
    outcomes = (base.outcomes + moved[0] - moved[1]).T
    with_both = base.both + leads[1] - leads[3]
    if of_gate(model, Gate.TRIGGERS) != of_gate(base.active, Gate.TRIGGERS):
        own = np.flatnonzero(qualified)
        with_both = base.partner_cells.leads_of(own, both[own].astype(np.intp), 2)[1]
    columns = [base.leads + gained - dropped, base.leads, gained, dropped, with_both, base.both]
    columns += [base.recorded, base.recorded_both]
    columns += [column for now, then in zip(outcomes, base.outcomes.T, strict=True) for column in (now, then)]
    rows = np.stack(columns, axis=1).tolist()
    named = zip((*cells.partners, None), rows, *expected, strict=False)
    return tuple(PartnerChange._make((name, *row, wins, arr)) for name, row, wins, arr in named)


@dataclass(frozen=True, slots=True)
class _Guess:
    """Expectations of leads never worked; `by_partner`: wins and ARR of the change."""

    qualified: Expected | None = None
    active: Expected | None = None
    change: Expected | None = None
    curve: ExpectedCurve | None = None
    by_partner: tuple[Iterable[float | None], Iterable[float | None]] = (repeat(None), repeat(None))


def _guess(
    cells: ScoreCells,
    model: ScoringModel,
    base: Standing,
    qualified: NDArray[np.bool_],
    outcomes: OutcomeModel | None,
    sensitivity: float,
) -> _Guess:
    if outcomes is None:
        return _Guess()
    now, then = (own[base.profiles.of].astype(np.float64) for own in (qualified, base.qualified))
    change = expected_of(outcomes, cells, now - then, sensitivity)
    return _Guess(
        expected_of(outcomes, cells, now, sensitivity),
        _active_guess(cells, base, then, outcomes, sensitivity),
        change,
        expected_curve(outcomes, cells, cells.scored(model), sensitivity),
        (_per_partner(cells, change.wins_by_owner), _per_partner(cells, change.arr_by_owner)),
    )


def _active_guess(
    cells: ScoreCells, base: Standing, then: NDArray[np.float64], outcomes: OutcomeModel, sensitivity: float
) -> Expected:
    """Expectations under the active model: the same for every scenario."""
    key = (outcomes, sensitivity)
    found = base.expected.get(key)
    if found is None:
        base.expected.clear()
        found = base.expected[key] = expected_of(outcomes, cells, then, sensitivity)
    return found


def _per_partner(cells: ScoreCells, by_owner: NDArray[np.float64] | None) -> Iterable[float | None]:
    """Means by partner, unknown ones as None; last those of leads without a partner."""
    if by_owner is None:
        return repeat(None)
    found = np.bincount(cells.partner_of, by_owner, len(cells.partners) + 1)
    return [None if np.isnan(each) else float(each) for each in found]
