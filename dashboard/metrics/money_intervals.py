"""How sure are a cost per case, a change of it, and pipeline against cost? Intervals for quotients of money and counts.

Cost is a sum that was paid and is taken as it is; what chance moves are the counts and the sizes of deals. A number of
cases is Poisson, a sum of deals compound Poisson.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, log

from scipy.special import gammaincinv

from dashboard.domain import Estimate
from dashboard.metrics.intervals import combined, wilson

TAIL = 0.025
SHOWN = 20


@dataclass(frozen=True, slots=True)
class DealSum:
    """How many deals have an amount, and the sum of the amounts, of their squares, and the largest; in currency."""

    n: int = 0
    total: float = 0.0
    squares: float = 0.0
    largest: float = 0.0


def poisson(count: int) -> tuple[float, float]:
    """Bounds of the expected number of cases, given the number that was counted: the exact 95 % interval.

    Source: Garwood 1936, doi:10.1093/biomet/28.3-4.437.
    """
    low = float(gammaincinv(count, TAIL)) if count else 0.0
    return low, float(gammaincinv(count + 1, 1 - TAIL))


def per_count(cost: float, count: int) -> Estimate:
    """Cost ÷ cases, with the bounds that the exact interval of the expected number of cases leaves.

    No value where nothing was paid or nothing counted.
    """
    if cost <= 0 or count <= 0:
        return Estimate(None, None, None, count)
    low, high = poisson(count)
    return Estimate(cost / count, cost / high, cost / low, count)


def ratio_of_costs(cost: float, count: int, cost_before: float, count_before: int) -> Estimate:
    """(cost ÷ count) ÷ (cost before ÷ count before) − 1, n the smaller count.

    Given the sum of two Poisson counts, one of them is binomial; its Wilson interval gives that of their ratio, which
    is the score interval. Source: Przyborowski & Wilenski 1940, doi:10.1093/biomet/31.3-4.313; Price & Bonett 2000,
    doi:10.1016/S0167-9473(99)00100-0.
    """
    n = min(count, count_before)
    if min(cost, cost_before) <= 0 or n <= 0:
        return Estimate(None, None, None, n)
    low, high = wilson(count_before, count + count_before)
    paid = cost / cost_before
    return Estimate(paid * count_before / count - 1, paid * low / (1 - low) - 1, paid * high / (1 - high) - 1, n)


def sum_bounds(deals: DealSum) -> tuple[float, float]:
    """Bounds of the expected sum of deals: a gamma distribution with the sum's mean and variance; the largest deal once
    more above. Source: Fay & Feuer 1997, doi:10.1002/(SICI)1097-0258(19970415)16:7<791.
    """
    above, spread = deals.total + deals.largest, deals.squares + deals.largest**2
    low = gamma_bound(deals.total, deals.squares, TAIL) if deals.total else 0.0
    return low, gamma_bound(above, spread, 1 - TAIL)


def gamma_bound(mean: float, variance: float, probability: float) -> float:
    """The quantile of a gamma distribution with this mean and variance."""
    return float(gammaincinv(mean**2 / variance, probability)) * variance / mean


def sum_per_cost(deals: DealSum, cost: float) -> Estimate:
    """Sum of deals ÷ cost; no value where nothing was paid, 0 without bounds where no deal has an amount above 0."""
    if cost <= 0:
        return Estimate(None, None, None, deals.n)
    if deals.total <= 0:
        return Estimate(0.0, None, None, deals.n)
    low, high = sum_bounds(deals)
    return Estimate(deals.total / cost, low / cost, high / cost, deals.n)


def share_of_sums(own: DealSum, other: DealSum) -> Estimate:
    """Own sum ÷ both sums, n all deals; both intervals combined on the log-odds scale.

    A side of fewer than `SHOWN` deals has not shown how large they can be: the largest deal of both sides stands for
    its largest, also where it has none at all.
    """
    n, total = own.n + other.n, own.total + other.total
    if total <= 0:
        return Estimate(None, None, None, n)
    most = max(own.largest, other.largest)
    one, two = (
        replace(side, largest=most if side.n < SHOWN or not side.total else side.largest) for side in (own, other)
    )
    (low_one, high_one), (low_two, high_two) = sum_bounds(one), sum_bounds(two)
    if not own.total:
        return Estimate(0.0, 0.0, high_one / (high_one + other.total), n)
    if not other.total:
        return Estimate(1.0, own.total / (own.total + high_two), 1.0, n)
    _, low, high = combined(
        log(own.total), (log(low_one), log(high_one)), log(other.total), (log(low_two), log(high_two))
    )
    return Estimate(own.total / total, 1 / (1 + exp(-low)), 1 / (1 + exp(-high)), n)


def ratio_of_sums(deals: DealSum, before: DealSum) -> Estimate:
    """Sum of deals ÷ an earlier sum, n the smaller number of deals; both intervals combined on the log scale.

    No value where the earlier sum is 0; 0 without bounds where only the later one is.
    Source: Zou & Donner 2008, doi:10.1002/sim.3095 (MOVER).
    """
    n = min(deals.n, before.n)
    if before.total <= 0:
        return Estimate(None, None, None, n)
    if deals.total <= 0:
        return Estimate(0.0, None, None, n)
    own, other = ([log(bound) for bound in sum_bounds(side)] for side in (deals, before))
    value, low, high = combined(log(deals.total), (own[0], own[1]), log(before.total), (other[0], other[1]))
    return Estimate(exp(value), exp(low), exp(high), n)
