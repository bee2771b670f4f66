"""How well does a score tell winners from others, and does another score do it better on the same leads?

Everything here takes counts: `won` and `others` are numbers of leads for each entry of `score`, be it one lead, a cell
or a code. Cells give the same answer as leads, to the last digit that sums of floats leave.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
from numpy.typing import NDArray

from dashboard.domain import NOTHING, Estimate
from dashboard.metrics.intervals import Z95, wilson
from dashboard.scoring.cells import ScoreCells, Work

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]

# From so few of either kind on there is no variance to speak of.
FEWEST_OF_A_KIND = 2


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Worked leads of each code: won, and not won (lost, open or without a deal)."""

    won: Counts
    others: Counts

    @property
    def leads(self) -> int:
        """All of them."""
        return self.wins + int(self.others.sum())

    @property
    def wins(self) -> int:
        """Those won."""
        return int(self.won.sum())


@dataclass(frozen=True, slots=True)
class AucDifference:
    """AUC of two scores over the same leads, and second − first with its paired 95 % interval."""

    first: Estimate
    second: Estimate
    difference: Estimate


def worked_outcomes(cells: ScoreCells) -> Outcomes:
    """What became of the leads that sales is known to have worked, code by code.

    Leads known only by their result are left out: of them nobody knows the ones that came to nothing.
    """
    known = np.isin(cells.work, (Work.WORKED, Work.EXPERIMENT))
    leads, won = (
        np.bincount(cells.code[known], cells.measure(name)[known], len(cells.codes)).astype(np.int64)
        for name in ("leads", "won")
    )
    return Outcomes(won, leads - won)


def auc(score: NDArray[np.integer] | Floats, won: Counts, others: Counts) -> Estimate:
    """The chance that a won lead has the higher score of a pair of one won and one other lead; a tie counts half.

    The interval is DeLong's variance on the logit, so that it stays between 0 and 1; where that variance is 0 or
    unknown (perfect order, all tied, a single winner), Wilson's interval for as many pairs as do not share a lead.
    n: leads. No value without a lead of each kind.
    Source: DeLong, DeLong & Clarke-Pearson 1988, doi:10.2307/2531595; ties: Bamber 1975.
    """
    if not won.sum() or not others.sum():
        return NOTHING
    placed = _placements(score, won, others)
    return _estimate(placed, _variance(placed, placed))


def auc_difference(
    first: NDArray[np.integer] | Floats, second: NDArray[np.integer] | Floats, won: Counts, others: Counts
) -> AucDifference:
    """AUC of the second score − AUC of the first over the same leads, with DeLong's interval for correlated AUCs.

    Two scores that order all pairs alike differ by exactly 0. Without two leads of each kind there is no interval.
    """
    if not won.sum() or not others.sum():
        return AucDifference(NOTHING, NOTHING, NOTHING)
    a, b = _placements(first, won, others), _placements(second, won, others)
    own, other, shared = _variance(a, a), _variance(b, b), _variance(a, b)
    gap, leads = b.area - a.area, int(won.sum() + others.sum())
    if own is None or other is None or shared is None:
        difference = Estimate(gap, None, None, leads)
    else:
        half = Z95 * sqrt(max(0.0, own + other - 2 * shared))
        difference = Estimate(gap, max(-1.0, gap - half), min(1.0, gap + half), leads)
    return AucDifference(_estimate(a, own), _estimate(b, other), difference)


@dataclass(frozen=True, slots=True)
class _Placed:
    """Per entry: the share of others below it (`above`), and of winners above it (`below`), ties counting half."""

    above: Floats
    below: Floats
    won: Counts
    others: Counts
    area: float


def _placements(score: NDArray[np.integer] | Floats, won: Counts, others: Counts) -> _Placed:
    values, place = np.unique(score, return_inverse=True)
    winners, rest = (np.bincount(place, counts, len(values)) for counts in (won, others))
    above = (np.cumsum(rest) - rest / 2) / rest.sum()
    below = 1 - (np.cumsum(winners) - winners / 2) / winners.sum()
    return _Placed(above[place], below[place], won, others, float(winners @ above / winners.sum()))


def _variance(a: _Placed, b: _Placed) -> float | None:
    """Covariance of two AUCs over the same leads; of one with itself its variance."""
    wins, rest = int(a.won.sum()), int(a.others.sum())
    if min(wins, rest) < FEWEST_OF_A_KIND:
        return None
    of_winners = float(a.won @ ((a.above - a.area) * (b.above - b.area))) / (wins - 1)
    of_others = float(a.others @ ((a.below - a.area) * (b.below - b.area))) / (rest - 1)
    return of_winners / wins + of_others / rest


def _estimate(placed: _Placed, variance: float | None) -> Estimate:
    area, wins, rest = placed.area, int(placed.won.sum()), int(placed.others.sum())
    if not variance or not 0 < area < 1:
        pairs = min(wins, rest)
        return Estimate(area, *wilson(area * pairs, pairs), wins + rest)
    centre, half = log(area / (1 - area)), Z95 * sqrt(variance) / (area * (1 - area))
    low, high = (1 / (1 + exp(-bound)) for bound in (centre - half, centre + half))
    return Estimate(area, low, high, wins + rest)
