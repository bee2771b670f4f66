"""Would other points tell winners from losers better? Points learnt from older leads, judged on newer ones.

logit P(won) = intercept + slope × today's score ÷ 10 + Σ own effect of each level

with the effects drawn towards 0, that is, towards today's points. How strongly, is chosen within the older leads by
five-fold cross-validation (deviance). A level's points are what it adds to the logit: never negative, in the order that
today's points have within the criterion, and in the proportion that the totals of both groups prescribe. Scaled to
those totals and rounded, they are judged by the difference in AUC on the newer leads, which had no part in choosing
them.

Sources: Hoerl & Kennard 1970, doi:10.1080/00401706.1970.10488634 (ridge); le Cessie & van Houwelingen 1992,
doi:10.2307/2347628 (for the logistic); Stone 1974, doi:10.1111/j.2517-6161.1974.tb00994.x (cross-validation).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from dashboard.scoring.cells import ScoreCells
from dashboard.scoring.constrained_ridge import Floats, Prior, constrained_ridge
from dashboard.scoring.discrimination import AucDifference, Outcomes, auc_difference, worked_outcomes
from dashboard.scoring.model import Criterion, Group, ScoringModel
from dashboard.scoring.rounding import rounded_points
from dashboard.scoring.scaling import given_by
from dashboard.scoring.structure import asked

FEWEST_TO_LEARN = 50  # wins, and as many others, among the older leads
FEWEST_TO_JUDGE = 20  # wins, and as many others, among the newer ones
FOLDS, SEED = 5, 1970
# Standard deviations of a level's own effect on the logit that cross-validation chooses from.
SPREADS = (0.05, 0.1, 0.2, 0.4, 0.8)
INTERCEPT_SD, SLOPE, SLOPE_SD = 5.0, 0.6, 0.5


class Verdict(StrEnum):
    """What the newer leads say of the suggested points."""

    BETTER = "better"
    NO_BETTER = "no better"
    WORSE = "worse"
    UNCHANGED = "unchanged"
    TOO_FEW = "too few"


@dataclass(frozen=True, slots=True)
class LevelPoints:
    """One level with its points in both models; `leads`: older worked leads at that level."""

    criterion: str
    level: str
    group: Group
    today: int
    suggested: int
    leads: int


@dataclass(frozen=True, slots=True)
class Cohort:
    """Worked leads that something was learnt from or judged on."""

    leads: int
    wins: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The suggested model beside the active one.

    `auc`: today's points (first) against the suggested ones (second) among the newer worked leads. `spread`: the
    standard deviation that was chosen for the levels' own effects on the logit. `same_load`: the threshold at which
    the suggested points qualify about as many newer leads, worked or not, as today's do at theirs. None where there
    are too few leads.
    """

    verdict: Verdict
    older: Cohort
    newer: Cohort
    model: ScoringModel | None = None
    spread: float | None = None
    auc: AucDifference | None = None
    same_load: int | None = None
    levels: tuple[LevelPoints, ...] = ()


def suggest(older: ScoreCells, newer: ScoreCells, active: ScoringModel) -> Suggestion:
    """Points learnt from `older` and judged on `newer`, cells that can answer the active model's questions."""
    learnt, judged = worked_outcomes(older), worked_outcomes(newer)
    cohorts = (Cohort(learnt.leads, learnt.wins), Cohort(judged.leads, judged.wins))
    if _fewest(learnt) < FEWEST_TO_LEARN or _fewest(judged) < FEWEST_TO_JUDGE:
        return Suggestion(Verdict.TOO_FEW, *cohorts)
    spread, points = learn(older, active, learnt)
    model = with_all_points(active, points)
    found = auc_difference(newer.scored(active).score, newer.scored(model).score, judged.won, judged.others)
    verdict = _verdict(found) if model.criteria != active.criteria else Verdict.UNCHANGED
    levels = tuple(_levels(older, learnt, active, model))
    return Suggestion(verdict, *cohorts, model, spread, found, _same_load(newer, active, model), levels)


def learn(cells: ScoreCells, active: ScoringModel, outcomes: Outcomes) -> tuple[float, dict[tuple[str, str], int]]:
    """The chosen spread, and points by criterion and level."""
    design = _Design(cells, active, outcomes)
    spread = _spread(design)
    found = constrained_ridge(design.columns, design.won, design.leads, design.prior(spread))
    return spread, rounded_points(active, design.effects(found))


def with_all_points(model: ScoringModel, points: dict[tuple[str, str], int]) -> ScoringModel:
    """The model with other points, by criterion and level; levels that are not named keep theirs."""
    return replace(
        model,
        criteria=tuple(
            replace(
                criterion,
                levels=tuple(
                    replace(level, points=points.get((criterion.name, level.name), level.points))
                    for level in criterion.levels
                ),
            )
            for criterion in model.criteria
        ),
    )


class _Design:
    """Columns (codes with worked leads × coefficients) of intercept, today's score and levels."""

    def __init__(self, cells: ScoreCells, active: ScoringModel, outcomes: Outcomes) -> None:
        own = np.flatnonzero(outcomes.won + outcomes.others)
        self.active = active
        self.won, self.leads = outcomes.won[own], (outcomes.won + outcomes.others)[own]
        score = cells.scored(active).score[own] / 10
        # Each level that may have points: its criterion, its place there, and which worked codes are at it.
        self.levels = [(criterion, place) for criterion in active.criteria for place in _free(criterion)]
        at = [cells.digits[cells.structure.place(asked(each))][own] == place + 1 for each, place in self.levels]
        self.columns = np.column_stack([np.ones(len(own)), score, *at]).astype(np.float64)
        # What a level adds to the logit: its share of the slope of today's score, and its own effect.
        today = [each.levels[place].points / 10 for each, place in self.levels]
        self.adds = np.column_stack([np.zeros(len(today)), today, np.eye(len(today))])

    def prior(self, spread: float) -> Prior:
        """Own effects around 0 with a standard deviation of `spread`, and the rows that points keep to."""
        effects = len(self.levels)
        deviation = np.array([INTERCEPT_SD, SLOPE_SD, *[spread] * effects])
        centre = np.array([0.0, SLOPE, *[0.0] * effects])
        rows = [np.array([0.0, 1.0, *[0.0] * effects]), *self._order(), *self._proportion()]
        return Prior(centre, deviation**-2, np.array(rows))

    def effects(self, coefficients: Floats) -> dict[tuple[str, str], float]:
        """What each level adds to the logit, by criterion and level."""
        found = {(criterion.name, level.name): 0.0 for criterion in self.active.criteria for level in criterion.levels}
        for (criterion, place), effect in zip(self.levels, self.adds @ coefficients, strict=True):
            # What the solver leaves of a bound that holds is no effect.
            found[criterion.name, criterion.levels[place].name] = max(round(float(effect), 6), 0.0)
        return found

    def _order(self) -> list[Floats]:
        """Rows that are ≥ 0: each criterion's lowest levels, and each step to a level with more points today."""
        row = {(criterion.name, place): own for (criterion, place), own in zip(self.levels, self.adds, strict=True)}
        return [
            row[criterion.name, above] - (0.0 if below is None else row[criterion.name, below])
            for criterion in self.active.criteria
            for above, below in _steps(criterion)
        ]

    def _proportion(self) -> list[Floats]:
        """Rows that hold both groups' best levels in the proportion of their totals, where today's points do."""
        totals = {Group.FIT: self.active.intent_total, Group.INTENT: -self.active.fit_total}
        if sum(total * given_by(self.active, group) for group, total in totals.items()):
            return []
        row = np.zeros(self.columns.shape[1])
        for criterion in self.active.criteria:
            best = [
                own
                for (each, place), own in zip(self.levels, self.adds, strict=True)
                if each is criterion and each.levels[place].points == each.most
            ]
            if best:
                row += totals[criterion.group] * np.mean(best, axis=0)
        return [row, -row]


def _free(criterion: Criterion) -> list[int]:
    """Places of the levels that may have points: those that have some, or all but the rest where none has any.

    What counts nothing today goes on counting nothing: points for everybody tell nobody apart.
    """
    if criterion.most:
        return [place for place, level in enumerate(criterion.levels) if level.points]
    return [place for place, level in enumerate(criterion.levels) if not level.otherwise]


def _steps(criterion: Criterion) -> list[tuple[int, int | None]]:
    """Pairs of free levels (above, below) next to each other in today's points; None: below has none."""
    points = {place: criterion.levels[place].points for place in _free(criterion)}
    ranks = sorted(set(points.values()))
    found: list[tuple[int, int | None]] = []
    for place, own in points.items():
        lower = [other for other, value in points.items() if ranks.index(value) == ranks.index(own) - 1]
        found += [(place, other) for other in lower] or [(place, None)]
    return found


def _spread(design: _Design) -> float:
    """The spread with the least deviance on leads held out, each lead being held out once."""
    generator = np.random.default_rng(SEED)
    shares = np.full(FOLDS, 1 / FOLDS)
    won = generator.multinomial(design.won, shares).T
    lost = generator.multinomial(design.leads - design.won, shares).T
    folds = [_held_out(design, k, k + rest) for k, rest in zip(won, lost, strict=True)]
    return SPREADS[int(np.argmin(np.sum(folds, axis=0)))]


def _held_out(design: _Design, won: NDArray[np.int64], leads: NDArray[np.int64]) -> list[float]:
    """Half the deviance of some leads under what the others say, spread by spread."""
    losses: list[float] = []
    found: Floats | None = None
    for spread in SPREADS:
        # Each spread begins where the one before ended, a little way off.
        found = constrained_ridge(design.columns, design.won - won, design.leads - leads, design.prior(spread), found)
        chance = np.clip(expit(design.columns @ found), 1e-12, 1 - 1e-12)
        losses.append(float(-won @ np.log(chance) - (leads - won) @ np.log1p(-chance)))
    return losses


def _verdict(found: AucDifference) -> Verdict:
    low, high = found.difference.low, found.difference.high
    if low is None or high is None or low <= 0 <= high:
        return Verdict.NO_BETTER
    return Verdict.BETTER if low > 0 else Verdict.WORSE


def _fewest(outcomes: Outcomes) -> int:
    return min(outcomes.wins, outcomes.leads - outcomes.wins)


def _same_load(cells: ScoreCells, active: ScoringModel, model: ScoringModel) -> int:
    """The threshold of `model` whose qualified leads come nearest to those of the active model; the higher of two."""
    leads = np.bincount(cells.code, cells.measure("leads"), len(cells.codes))
    today = leads[cells.scored(active).qualified].sum()
    scored, top = cells.scored(model), model.fit_total + model.intent_total
    by_score = np.bincount(scored.score[scored.open], leads[scored.open], top + 1)
    above = by_score[::-1].cumsum()
    return top - int(np.argmin(np.abs(above - today)))


def _levels(cells: ScoreCells, outcomes: Outcomes, active: ScoringModel, model: ScoringModel) -> list[LevelPoints]:
    worked, found = outcomes.won + outcomes.others, []
    for today, suggested in zip(active.criteria, model.criteria, strict=True):
        digits = cells.digits[cells.structure.place(asked(today))]
        leads = np.bincount(digits, worked, len(today.levels) + 2)
        for place, (old, new) in enumerate(zip(today.levels, suggested.levels, strict=True)):
            found.append(LevelPoints(today.name, old.name, today.group, old.points, new.points, int(leads[place + 1])))
    return found
