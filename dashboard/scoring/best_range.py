"""Between which thresholds does a goal have its best, as far as the data can tell?

The goal is drawn a thousand times around its estimate, all thresholds together; each draw has a best threshold, and the
range holds the middle 90 % of these. A single best threshold would look certain and seldom be right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashboard.metrics.intervals import Z95
from dashboard.scoring.cells import ScoreCells, Work
from dashboard.scoring.expected import SENSITIVITY, prepared
from dashboard.scoring.outcome_features import Floats
from dashboard.scoring.outcome_fit import tally
from dashboard.scoring.outcome_model import OutcomeModel, Regime
from dashboard.scoring.outcome_totals import Prospects, from_top, reach
from dashboard.scoring.structure import CodeScores
from dashboard.scoring.support import HALF

DRAWS = 1000
TAIL = 0.05
SEED = 70

Draws = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class BestRange:
    """Thresholds `low` to `high` hold the goal's best with about 90 %.

    `goal`: the goal's estimate at every threshold 0 … top (cents, or leads a week), `noise`: half its 95 % interval.
    `differs`: by how much the goal differs within the range; `flat`: by less than its noise at its best, so that any
    threshold of the range will do. `unsupported`: the range reaches thresholds for which worked leads say too little.
    """

    low: int
    high: int
    flat: bool
    differs: float
    unsupported: bool
    goal: Floats
    noise: Floats


def best_for_value(
    outcomes: OutcomeModel, cells: ScoreCells, scores: CodeScores, cost: float, sensitivity: float = SENSITIVITY
) -> BestRange | None:
    """Where ARR minus the cost of working the qualified leads is greatest; None without a lead or without a win.

    ARR is that observed of worked leads plus that expected of never-worked ones; `cost`: cents per qualified lead.
    Observed ARR is uncertain as a sum of chance events, expected ARR by the outcome model; where sales chose by hunch,
    its odds may be up to `sensitivity` times too high.
    """
    ready = prepared(outcomes, cells)
    if ready.arr is None or not len(cells.codes):
        return None
    top = scores.model.fit_total + scores.model.intent_total
    leads = tally(cells.code.astype(np.int64), cells.measure("leads").astype(np.float64), len(cells.codes))
    place = np.where(scores.open, scores.score.astype(np.int64), -1)
    observed, squares = _observed(cells)
    qualified, seen = (_from_top(place, what, top + 1) for what in (leads, observed))
    random = np.random.default_rng(SEED)
    draws = _expected_draws(ready, place, top + 1, sensitivity, random)
    by_score = np.sqrt(_by_score(place, squares, top + 1))
    draws += from_top((by_score * random.standard_normal((DRAWS, top + 1))).T).T
    expected = _from_top(place, ready.arr.by_code, top + 1)
    goal = seen + expected - cost * qualified
    known = _from_top(place, ready.leads * ready.supported, top + 1)
    asked = _from_top(place, ready.leads, top + 1)
    return _range(goal, goal + draws, known < HALF * asked)


def best_for_capacity(qualified: NDArray[np.int64], weeks: float, capacity: float) -> BestRange | None:
    """The lowest threshold whose qualified leads per week fit into the capacity; None without leads or weeks.

    `qualified`: leads that qualify at each threshold 0 … top over `weeks`; uncertain as counts are (Poisson).
    """
    if weeks <= 0 or not len(qualified) or qualified[0] == 0:
        return None
    by_score = -np.diff(qualified, append=0)
    random = np.random.default_rng(SEED)
    draws = from_top(random.poisson(by_score, (DRAWS, len(by_score))).T.astype(np.float64)).T / weeks
    goal = np.asarray(qualified, dtype=np.float64) / weeks
    found = np.argmax(np.column_stack([draws <= capacity, np.ones(DRAWS, bool)]), axis=1)
    low, high = _middle(np.minimum(found, len(goal) - 1))
    noise = Z95 * np.sqrt(qualified) / weeks
    differs = float(goal[low] - goal[high])
    return BestRange(low, high, high > low and differs < noise[low], differs, False, goal, noise)


def _observed(cells: ScoreCells) -> tuple[Floats, Floats]:
    """ARR of worked leads and its squares, by code."""
    worked = cells.work != Work.NEVER
    code, codes = cells.code[worked].astype(np.int64), len(cells.codes)
    arr = cells.measure("arr")[worked].astype(np.float64)
    return tally(code, arr, codes), tally(code, cells.arr_squares[worked], codes)


def _by_score(place: NDArray[np.int64], weights: Floats, count: int) -> Floats:
    inside = place >= 0
    return tally(place[inside], weights[inside], count)


def _from_top(place: NDArray[np.int64], weights: Floats, count: int) -> Floats:
    return from_top(_by_score(place, weights, count))


def _expected_draws(
    ready: Prospects, place: NDArray[np.int64], count: int, sensitivity: float, random: np.random.Generator
) -> Draws:
    """What expected ARR may be off by at each threshold, shape (draws, thresholds)."""
    assert ready.arr is not None
    at = reach(ready.where, np.where(ready.leads > 0, place, -1), count)
    found = np.zeros((DRAWS, count))
    for gradient in ready.arr.gradients:
        found += at.everywhere(gradient.draws(gradient.whitened_from_top(at), random, DRAWS))
    if ready.outcomes.regime is Regime.CHOSEN and sensitivity > 1:
        factor = sensitivity ** -random.random(DRAWS)
        found -= (1 - factor)[:, None] * _from_top(place, ready.arr.by_code, count)
    return found


def _range(goal: Floats, draws: Draws, unsupported: NDArray[np.bool_]) -> BestRange:
    last = len(goal) - 1
    # Of thresholds that qualify the same leads the highest counts.
    best = last - np.argmax(draws[:, ::-1], axis=1)
    low, high = _middle(best)
    noise = Z95 * draws.std(axis=0)
    differs = float(np.ptp(goal[low : high + 1]))
    own = low + int(np.argmax(goal[low : high + 1]))
    flat = high > low and differs < float(noise[own])
    return BestRange(low, high, flat, differs, bool(unsupported[low : high + 1].any()), goal, noise)


def _middle(found: NDArray[np.int64]) -> tuple[int, int]:
    low = np.quantile(found, TAIL, method="lower")
    return int(low), int(np.quantile(found, 1 - TAIL, method="higher"))
