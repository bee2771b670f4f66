"""How many SQLs, wins and how much ARR would never-worked leads have brought, and between which bounds?

Sums of probabilities with the delta method's variance; the interval of a total is symmetric on the logit of its mean
rate (on the log of ARR). Leads gained and leads dropped have each an interval, joined by MOVER with their correlation
(Zou & Donner 2008, doi:10.1002/sim.3095). Where sales chose by hunch, the lower limits' odds are divided by a factor
(Rosenbaum 2002, Observational Studies, chapter 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dashboard.metrics.intervals import Z95
from dashboard.scoring.cells import ScoreCells
from dashboard.scoring.outcome_features import Floats
from dashboard.scoring.outcome_fit import tally
from dashboard.scoring.outcome_model import OutcomeModel, Regime
from dashboard.scoring.outcome_totals import Chosen, Prospects, Reach, Total, chosen, from_top, prospects, reach
from dashboard.scoring.structure import CodeScores
from dashboard.scoring.support import HALF

SENSITIVITY = 1.25
# The logit of a mean rate is never known better than this: no model is exactly true.
FLOOR = 0.03


@dataclass(frozen=True, slots=True)
class Range:
    """A value with its 95 % interval; all None where the data cannot tell."""

    value: float | None
    low: float | None
    high: float | None


UNKNOWN = Range(None, None, None)


@dataclass(frozen=True, slots=True)
class Part:
    """Leads gained, or leads dropped, by themselves; ARR in cents."""

    leads: float
    wins: Range
    sqls: Range
    arr: Range


@dataclass(frozen=True, slots=True, eq=False)
class Continuation:
    """What the smooth continuation of the worked leads' curve says, supported or not; ARR in cents.

    By owner (place in the cells' `owners`): mean wins and ARR, gained minus dropped. `gained` and `dropped` by
    themselves, whose estimates go together with this `correlation`.
    """

    wins: Range
    sqls: Range
    arr: Range
    wins_by_owner: Floats
    arr_by_owner: Floats
    gained: Part
    dropped: Part
    correlation: float


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """Expected outcomes of never-worked leads, gained minus dropped; ARR in cents of the reporting currency.

    `leads` gained and `dropped`; `supported`: share of both in bands that worked leads support (None: no leads).
    `refused`: less than half is supported, so `wins`, `sqls`, `arr` and the two `…_by_owner` are None; `bound` is then
    what can be said: at most so many wins (and so much ARR) from the leads gained. `continued` is for those who ask
    for a number all the same.
    """

    leads: int
    dropped: int
    wins: Range
    sqls: Range
    arr: Range
    supported: float | None
    refused: bool
    bound: float | None
    bound_arr: float | None
    wins_by_owner: Floats | None
    arr_by_owner: Floats | None
    continued: Continuation


@dataclass(frozen=True, slots=True, eq=False)
class Ranges:
    """Values and bounds over thresholds 0 to the top; nan where the data cannot tell."""

    value: Floats
    low: Floats
    high: Floats

    def at(self, threshold: int) -> Range:
        """One threshold's range."""
        found = (float(self.value[threshold]), float(self.low[threshold]), float(self.high[threshold]))
        return UNKNOWN if np.isnan(found[0]) else Range(*found)


@dataclass(frozen=True, slots=True, eq=False)
class ExpectedCurve:
    """`Expected` of the never-worked leads that qualify at each threshold 0 … top, as arrays.

    `wins`, `sqls`, `arr` are nan where refused; the three `continued_…` are not. `supported` is nan without leads.
    """

    leads: Floats
    wins: Ranges
    sqls: Ranges
    arr: Ranges
    supported: Floats
    refused: NDArray[np.bool_]
    bound: Floats
    bound_arr: Floats
    continued_wins: Ranges
    continued_sqls: Ranges
    continued_arr: Ranges


def expected_of(outcomes: OutcomeModel, cells: ScoreCells, signs: Floats, sensitivity: float = SENSITIVITY) -> Expected:
    """Expected outcomes of the never-worked leads of some codes: +1 gained, −1 dropped, 0 neither (one a code).

    `sensitivity` ≥ 1: by what factor the odds of chosen leads may exceed those of others alike; it lowers the lower
    limits in the regime CHOSEN and does nothing elsewhere.
    """
    return expected_by(prepared(outcomes, cells), signs, sensitivity)


def expected_by(ready: Prospects, signs: Floats, sensitivity: float = SENSITIVITY) -> Expected:
    """`expected_of` for cells that are prepared."""
    signs = np.asarray(signs, dtype=np.float64)
    parts = chosen(ready.where, signs), chosen(ready.where, -signs)
    leads = np.array([part.weights @ ready.leads[part.codes] for part in parts])
    total = float(leads.sum())
    known = sum(float(part.weights @ (ready.leads * ready.supported)[part.codes]) for part in parts)
    refused = total > 0 and known < HALF * total
    gamma = sensitivity if ready.outcomes.regime is Regime.CHOSEN else 1.0
    continued = _continued(ready, parts, leads, gamma)
    gained = parts[0]
    at_most = np.array([gained.weights @ (ready.leads * ready.at_most)[gained.codes]])
    wins = np.array([gained.weights @ ready.win.by_code[gained.codes]])
    bound = float(_lifted(ready, at_most, wins, leads[:1])[0])
    dearest = ready.outcomes.support.arr_at_most
    return Expected(
        leads=round(float(leads[0])),
        dropped=round(float(leads[1])),
        wins=UNKNOWN if refused else continued.wins,
        sqls=UNKNOWN if refused else continued.sqls,
        arr=UNKNOWN if refused else continued.arr,
        supported=known / total if total else None,
        refused=refused,
        bound=bound,
        bound_arr=None if dearest is None else bound * dearest,
        wins_by_owner=None if refused else continued.wins_by_owner,
        arr_by_owner=None if refused else continued.arr_by_owner,
        continued=continued,
    )


def expected_curve(
    outcomes: OutcomeModel, cells: ScoreCells, scores: CodeScores, sensitivity: float = SENSITIVITY
) -> ExpectedCurve:
    """Expected outcomes of the never-worked leads that qualify under `scores`' model at each threshold."""
    ready = prepared(outcomes, cells)
    score = np.where(scores.open & (ready.leads > 0), scores.score.astype(np.int64), -1)
    at = reach(ready.where, score, scores.model.fit_total + scores.model.intent_total + 1)
    gamma = sensitivity if outcomes.regime is Regime.CHOSEN else 1.0
    leads = _summed(at, ready.leads)
    with np.errstate(invalid="ignore"):
        supported = _summed(at, ready.leads * ready.supported) / leads
    refused = supported < HALF
    wins = _curve(ready.win, at, leads, gamma)
    sqls = _curve(ready.sql, at, leads, gamma)
    arr = _arr_curve(ready, at, leads, gamma)
    bound = _lifted(ready, _summed(at, ready.leads * ready.at_most), wins.value, leads)
    dearest = outcomes.support.arr_at_most
    return ExpectedCurve(
        leads, _blank(wins, refused), _blank(sqls, refused), _blank(arr, refused), supported, refused,
        bound, bound * (np.nan if dearest is None else dearest), wins, sqls, arr,
    )  # fmt: skip


def prepared(outcomes: OutcomeModel, cells: ScoreCells) -> Prospects:
    """What was prepared for these very cells, or prepared now and kept with them."""
    found = cells.kept.get(outcomes)
    if not isinstance(found, Prospects):
        found = cells.kept[outcomes] = prospects(outcomes, cells)
    return found


def _lifted(ready: Prospects, at_most: Floats, wins: Floats, leads: Floats) -> Floats:
    """The bound of the wins, raised where these leads' answers make them likelier to win than those at the threshold.

    Other weights gain leads with the answers that win; that their score is lower then says less.
    """
    rate = ready.outcomes.support.rate
    if rate is None:
        return at_most
    with np.errstate(divide="ignore", invalid="ignore"):
        lift = np.where(leads > 0, np.maximum(wins / leads / rate, 1.0), 1.0)
    return np.minimum(at_most * lift, leads)


def _summed(at: Reach, weights: Floats) -> Floats:
    return from_top(tally(at.score, weights[at.codes], at.count))


def _blank(ranges: Ranges, refused: NDArray[np.bool_]) -> Ranges:
    value, low, high = (np.where(refused, np.nan, each) for each in (ranges.value, ranges.low, ranges.high))
    return Ranges(value, low, high)


Parts = tuple[Chosen, Chosen]


class _Interval(NamedTuple):
    """Arrays of values with bounds."""

    value: Floats
    low: Floats
    high: Floats

    def each(self) -> tuple[Range, Range]:
        """Gained and dropped."""
        gained, dropped = np.column_stack(self).tolist()
        return Range(*gained), Range(*dropped)


def _rate_interval(value: Floats, variance: Floats, leads: Floats, gamma: float) -> _Interval:
    """Interval of a sum of `leads` chances, from the logit of their mean; 0 where there are no leads."""
    with np.errstate(divide="ignore", invalid="ignore"):
        p = value / leads
        deviation = np.sqrt(variance / (leads * p * (1 - p)) ** 2 + FLOOR**2)
        odds = p / (1 - p)
        low, high = odds * np.exp(-Z95 * deviation) / gamma, odds * np.exp(Z95 * deviation)
        bounds = leads * low / (1 + low), leads * high / (1 + high)
    empty = (leads <= 0) | (value <= 0)
    return _Interval(value, np.where(empty, 0.0, bounds[0]), np.where(empty, 0.0, bounds[1]))


def _sum_interval(value: Floats, variance: Floats, lowered: Floats) -> _Interval:
    """Interval of a positive sum from its logarithm; `lowered`: what the lower limit is multiplied by besides."""
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.exp(Z95 * np.sqrt(variance / value**2 + FLOOR**2))
        bounds = value / spread * lowered, value * spread
    empty = value <= 0
    return _Interval(value, np.where(empty, 0.0, bounds[0]), np.where(empty, 0.0, bounds[1]))


def _variance(total: Total, parts: Parts) -> Floats:
    """Covariance matrix of the totals of gained and of dropped leads."""
    matrix = np.zeros((2, 2))
    for gradient in total.gradients:
        a, b = (gradient.whitened(each) if len(each) else None for each in parts)
        for row, column, left, right in ((0, 0, a, a), (1, 1, b, b), (0, 1, a, b), (1, 0, b, a)):
            if left is not None and right is not None:
                matrix[row, column] += gradient.covariance(left, right)
    return matrix


def _continued(ready: Prospects, parts: Parts, leads: Floats, gamma: float) -> Continuation:
    win_matrix, sql_matrix = _variance(ready.win, parts), _variance(ready.sql, parts)
    wins = _rate_interval(_values(ready.win, parts), np.diagonal(win_matrix), leads, gamma)
    sqls = _rate_interval(_values(ready.sql, parts), np.diagonal(sql_matrix), leads, gamma)
    arr, arr_by_owner, each_arr = UNKNOWN, np.full(ready.where.owners, np.nan), (UNKNOWN, UNKNOWN)
    if ready.arr is not None:
        matrix = _variance(ready.arr, parts)
        own = _sum_interval(_values(ready.arr, parts), np.diagonal(matrix), _lowering(wins.value, leads, gamma))
        arr, arr_by_owner, each_arr = _joined(own, matrix), _by_owner(ready, ready.arr, parts), own.each()
    gained, dropped = (
        Part(float(leads[side]), wins.each()[side], sqls.each()[side], each_arr[side]) for side in (0, 1)
    )
    return Continuation(
        _joined(wins, win_matrix), _joined(sqls, sql_matrix), arr, _by_owner(ready, ready.win, parts), arr_by_owner,
        gained, dropped, _correlation(win_matrix),
    )  # fmt: skip


def _values(total: Total, parts: Parts) -> Floats:
    return np.array([part.weights @ total.by_code[part.codes] for part in parts])


def _by_owner(ready: Prospects, total: Total, parts: Parts) -> Floats:
    """Gained minus dropped, owner by owner."""
    gained, dropped = (
        tally(ready.where.owner[part.cells], part.cell_weights * total.by_cell[part.cells], ready.where.owners)
        for part in parts
    )
    return np.asarray(gained - dropped)


def _joined(parts: _Interval, matrix: Floats) -> Range:
    """Gained minus dropped by MOVER."""
    (gained, dropped), (low_g, low_d), (high_g, high_d) = parts.value, parts.low, parts.high
    correlation = _correlation(matrix)
    down = _distance(gained - low_g, high_d - dropped, correlation)
    up = _distance(high_g - gained, dropped - low_d, correlation)
    value = float(gained - dropped)
    return Range(value, value - down, value + up)


def _correlation(matrix: Floats) -> float:
    scale = np.sqrt(matrix[0, 0] * matrix[1, 1])
    return float(np.clip(matrix[0, 1] / scale, -1.0, 1.0)) if scale > 0 else 0.0


def _distance(a: float, b: float, correlation: float) -> float:
    return float(np.sqrt(max(a * a + b * b - 2 * correlation * a * b, 0.0)))


def _curve(total: Total, at: Reach, leads: Floats, gamma: float) -> Ranges:
    return Ranges(*_rate_interval(_summed(at, total.by_code), _spread(total, at), leads, gamma))


def _spread(total: Total, at: Reach) -> Floats:
    """Variance of the total at each threshold."""
    variance = np.zeros(len(at.present))
    for gradient in total.gradients:
        found = gradient.whitened_from_top(at)
        variance += gradient.covariance(found, found)
    return at.everywhere(variance)


def _arr_curve(ready: Prospects, at: Reach, leads: Floats, gamma: float) -> Ranges:
    if ready.arr is None:
        nothing = np.full(at.count, np.nan)
        return Ranges(nothing, nothing, nothing)
    lowered = _lowering(_summed(at, ready.win.by_code), leads, gamma)
    return Ranges(*_sum_interval(_summed(at, ready.arr.by_code), _spread(ready.arr, at), lowered))


def _lowering(wins: Floats, leads: Floats, gamma: float) -> Floats:
    """What share of the wins is left where their odds are divided by a factor."""
    with np.errstate(divide="ignore", invalid="ignore"):
        p = wins / leads
    return np.where(leads > 0, 1.0 / (gamma * (1 - p) + p), 1.0)
