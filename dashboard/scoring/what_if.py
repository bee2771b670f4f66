"""What would have happened under another scoring model? Qualified leads and their outcomes, against the active model.

Only codes are scored and only codes that change sides are looked up by partner, so that an answer takes milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dashboard.domain import Estimate
from dashboard.metrics.intervals import rate, ratio
from dashboard.scoring.by_partner import OUTCOMES, PartnerCells, partner_cells
from dashboard.scoring.cells import TOTALS, ScoreCells
from dashboard.scoring.model import Gate, ScoringModel
from dashboard.scoring.structure import CodeScores, of_gate

if TYPE_CHECKING:
    from dashboard.scoring.expected import Expected, ExpectedCurve
    from dashboard.scoring.outcome_model import OutcomeModel

BOTH = 2  # different triggers that the both-trigger share asks for, whatever the model requires


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

    @property
    def both_trigger_share(self) -> Estimate:
        """Qualified leads with two triggers ÷ qualified leads."""
        return rate(self.both_triggers, self.qualified)

    @property
    def active_both_trigger_share(self) -> Estimate:
        """The same under the active model."""
        return rate(self.active_both_triggers, self.active_qualified)

    @property
    def recorded_both_trigger_share(self) -> Estimate:
        """Recorded EQLs with two triggers of the active model ÷ recorded EQLs."""
        return rate(self.recorded_both_triggers, self.recorded)


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


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """What the active model says of the cells; the same for every scenario."""

    scores: CodeScores
    qualified: NDArray[np.bool_]
    both_triggers: NDArray[np.int64]  # leads with two triggers, by code
    counts: Counts
    partner_cells: PartnerCells
    leads: NDArray[np.int64]  # qualified; of them with two triggers; recorded; of them with two triggers: by partner
    outcomes: NDArray[np.int64]


def standing(cells: ScoreCells, active: ScoringModel) -> Standing:
    """The active model's side, computed once for these cells."""
    found = cells.kept.get(active)
    if isinstance(found, Standing):
        return found
    scores = cells.scored(active)
    qualified, both = scores.qualified, with_both(cells, active)
    by_partner = partner_cells(cells)
    own = np.flatnonzero(qualified)
    recorded = np.flatnonzero(scores.gates & int(Gate.RECORDED))
    triggers = (_triggers(cells, active) >= BOTH).astype(np.intp)
    leads = [by_partner.leads_of(codes, triggers[codes], 2) for codes in (own, recorded)]
    kept = Standing(
        scores,
        qualified,
        both,
        _counts([*cells.totals[:, qualified].sum(axis=1), both[qualified].sum()]),
        by_partner,
        np.stack([row for each in leads for row in (each.sum(axis=0), each[1])]),
        by_partner.outcomes_of(own, np.zeros_like(own), 1)[:, 0],
    )
    cells.kept[active] = kept
    return kept


def what_if(
    cells: ScoreCells,
    model: ScoringModel,
    active: ScoringModel,
    outcomes: OutcomeModel | None = None,
    *,
    sensitivity: float = 1.25,
) -> WhatIf:
    """Both models over the same leads; the structure of the cells holds the questions of both.

    `outcomes`, where there is a model of them, says what leads never worked would have brought; `sensitivity` is the
    factor Γ by which it may be wrong about leads that were chosen by hunch.
    """
    base = standing(cells, active)
    scores = cells.scored(model)
    both = with_both(cells, model)
    top = model.fit_total + model.intent_total
    bins = _bins(cells, scores, base, both, top)
    guess = _guess(cells, scores, base, outcomes, sensitivity)
    cohort = bins.sum(axis=(1, 2))
    reaching = bins[:, model.threshold : top + 1].sum(axis=1)
    active_all = bins[:, :, 1].sum(axis=1)
    counts = {
        "cohort": _counts(cohort),
        "qualified": _counts(reaching.sum(axis=1)),
        "gained": _counts(reaching[:, 0]),
        "dropped": _counts(active_all - reaching[:, 1]),
        "active_qualified": base.counts,
    }
    partners = _partners(cells, scores, base, guess.by_partner)
    recorded, recorded_both = base.leads[2:].sum(axis=1)
    qualified, own = counts["qualified"], base.counts
    return WhatIf(
        model,
        active,
        **counts,
        precision=rate(qualified.old_won, qualified.old),
        active_precision=rate(own.old_won, own.old),
        recall=ratio(qualified.all_arr, counts["cohort"].all_arr),
        active_recall=ratio(own.all_arr, counts["cohort"].all_arr),
        both_triggers=rate(qualified.both_triggers, qualified.leads),
        active_both_triggers=rate(own.both_triggers, own.leads),
        recorded_both_triggers=rate(int(recorded_both), int(recorded)),
        curves=_curves(bins, top, guess.curve),
        expected=guess.qualified,
        expected_active=guess.active,
        expected_change=guess.change,
        partners=partners[:-1],
        without_partner=partners[-1],
    )


@dataclass(frozen=True, slots=True)
class _Guess:
    """Expectations of leads never worked; `by_partner`: wins and ARR of the change."""

    qualified: Expected | None = None
    active: Expected | None = None
    change: Expected | None = None
    curve: ExpectedCurve | None = None
    by_partner: tuple[Iterable[float | None], Iterable[float | None]] = (repeat(None), repeat(None))


def _guess(
    cells: ScoreCells, scores: CodeScores, base: Standing, outcomes: OutcomeModel | None, sensitivity: float
) -> _Guess:
    if outcomes is None:
        return _Guess()
    from dashboard.scoring.expected import expected_curve, expected_of

    now, then = scores.qualified.astype(float), base.qualified.astype(float)
    change = expected_of(outcomes, cells, now - then, sensitivity)
    return _Guess(
        expected_of(outcomes, cells, now, sensitivity),
        expected_of(outcomes, cells, then, sensitivity),
        change,
        expected_curve(outcomes, cells, scores, sensitivity),
        (_per_partner(cells, change.wins_by_owner), _per_partner(cells, change.arr_by_owner)),
    )


def _per_partner(cells: ScoreCells, by_owner: NDArray[np.float64] | None) -> Iterable[float | None]:
    """Means by partner, unknown ones as None; last those of leads without a partner."""
    if by_owner is None:
        return repeat(None)
    found = np.bincount(cells.partner_of, by_owner, len(cells.partners) + 1)
    return [None if np.isnan(each) else float(each) for each in found]


def _triggers(cells: ScoreCells, model: ScoringModel) -> NDArray[np.uint8]:
    """How many different triggers of the model the leads of each code have."""
    return np.asarray(cells.digits[cells.structure.place(of_gate(model, Gate.TRIGGERS))])


def with_both(cells: ScoreCells, model: ScoringModel) -> NDArray[np.int64]:
    """Leads with two different triggers of the model, by code."""
    return np.where(_triggers(cells, model) >= BOTH, cells.totals[0], 0)


def _counts(numbers: NDArray[np.int64] | list[np.int64]) -> Counts:
    return Counts(*(int(number) for number in numbers))


def _bins(
    cells: ScoreCells, scores: CodeScores, base: Standing, both: NDArray[np.int64], top: int
) -> NDArray[np.int64]:
    """TOTALS and leads with two triggers, by score and by whether the active model qualifies them.

    Shape (rows, scores, 2); leads at a closed gate have no score, they stand behind the highest.
    """
    score = np.where(scores.open, np.minimum(scores.score, top), top + 1)
    places = score.astype(np.intp) * 2 + base.qualified
    groups = 2 * (top + 2)
    own = np.bincount(places, both, groups).astype(np.int64)
    return np.vstack([cells.summands.by(places, groups), own]).reshape(-1, top + 2, 2)


def _curves(bins: NDArray[np.int64], top: int, expected: ExpectedCurve | None) -> Curves:
    """Bins summed from the top down, so that a score on the threshold counts in."""
    reaching = bins[:, top::-1].cumsum(axis=1)[:, ::-1]
    rows = dict(zip((*TOTALS, "both_triggers"), reaching.sum(axis=2), strict=True))
    rows["qualified"] = rows.pop("leads")
    cohort_arr = bins[TOTALS.index("all_arr")].sum()
    return Curves(
        threshold=np.arange(top + 1),
        **rows,
        precision=_shares(rows["old_won"], rows["old"]),
        recall=_shares(rows["all_arr"], cohort_arr),
        gained=reaching[0, :, 0],
        dropped=bins[0, :, 1].sum() - reaching[0, :, 1],
        expected=expected,
    )


def _shares(part: NDArray[np.int64], whole: NDArray[np.int64] | np.int64) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.divide(part, whole, out=np.full(len(part), np.nan), where=np.asarray(whole) > 0)
    return found


def _partners(
    cells: ScoreCells, scores: CodeScores, base: Standing, expected: tuple[Iterable[float | None], ...]
) -> tuple[PartnerChange, ...]:
    """Every partner, in order, and last the leads without one. Only codes on different sides are looked up."""
    model, qualified = scores.model, scores.qualified
    changed = np.flatnonzero(qualified != base.qualified)
    gone = (~qualified[changed]).astype(np.intp)
    triggers = _triggers(cells, model) >= BOTH
    leads = base.partner_cells.leads_of(changed, gone * 2 + triggers[changed], 4)
    gained, dropped = leads[0] + leads[1], leads[2] + leads[3]
    moved = base.partner_cells.outcomes_of(changed, gone, 2)
    outcomes = base.outcomes + moved[:, 0] - moved[:, 1]
    both = base.leads[1] + leads[1] - leads[3]
    if of_gate(model, Gate.TRIGGERS) != of_gate(base.scores.model, Gate.TRIGGERS):
        own = np.flatnonzero(qualified)
        both = base.partner_cells.leads_of(own, triggers[own].astype(np.intp), 2)[1]
    columns = [base.leads[0] + gained - dropped, base.leads[0], gained, dropped, both, *base.leads[1:]]
    columns += [column for row in range(len(OUTCOMES)) for column in (outcomes[row], base.outcomes[row])]
    names = (*cells.partners, None)
    return tuple(map(PartnerChange, names, *(column.tolist() for column in columns), *expected))
