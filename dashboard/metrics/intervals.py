"""How sure is a rate, a difference of two rates, a ratio of two rates? Score intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, hypot, inf, sqrt

from dashboard.domain import NOTHING, Estimate

# 97.5 % quantile of the standard normal distribution, for two-sided 95 % intervals.
Z95 = 1.959963984540054
# The bounds of a ratio are looked for between these logarithms, and halved so often: to the last digits of a float.
FARTHEST, HALVINGS = 25.0, 55


@dataclass(frozen=True, slots=True)
class Difference:
    """Rate of group a − rate of group b with its 95 % interval, as shares; None where a group is empty."""

    value: float | None
    low: float | None
    high: float | None
    n_a: int
    n_b: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """Group a ÷ group b with its 95 % interval; no value where b is 0 or empty, `high` None where nothing bounds it."""

    value: float | None
    low: float | None
    high: float | None
    n_a: int
    n_b: int


def wilson(successes: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Bounds of the Wilson score interval for `successes` out of `n` > 0.

    Source: Wilson 1927, doi:10.1080/01621459.1927.10502953; Brown, Cai & DasGupta 2001, doi:10.1214/ss/1009213286.
    """
    rate = successes / n
    scale = 1 + z * z / n
    centre = (rate + z * z / (2 * n)) / scale
    half = z / scale * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return low, high


def rate(successes: int, n: int) -> Estimate:
    """Successes ÷ n with its 95 % Wilson interval; no value where n is 0."""
    if n == 0:
        return NOTHING
    low, high = wilson(successes, n)
    return Estimate(successes / n, low, high, n)


def ratio(numerator: float | None, denominator: float | None) -> float | None:
    """The quotient, or None where there is nothing to divide (by)."""
    if numerator is None or not denominator:
        return None
    return numerator / denominator


def newcombe(k_a: int, n_a: int, k_b: int, n_b: int) -> Difference:
    """k_a/n_a − k_b/n_b with the hybrid score interval: both Wilson intervals combined, no continuity correction.

    Source: Newcombe 1998, Statistics in Medicine 17:873–890, method 10, doi:10.1002/(SICI)1097-0258(19980430)17:8<873>.
    """
    if n_a == 0 or n_b == 0:
        return Difference(None, None, None, n_a, n_b)
    return Difference(*combined(k_a / n_a, wilson(k_a, n_a), k_b / n_b, wilson(k_b, n_b)), n_a, n_b)


def combined(
    a: float, bounds_a: tuple[float, float], b: float, bounds_b: tuple[float, float]
) -> tuple[float, float, float]:
    """a − b and its bounds from the intervals of both, by the method of variance estimates recovery (MOVER).

    Source: Newcombe 1998; Zou & Donner 2008, doi:10.1002/sim.3095.
    """
    low = a - b - hypot(a - bounds_a[0], bounds_b[1] - b)
    high = a - b + hypot(bounds_a[1] - a, b - bounds_b[0])
    return a - b, low, high


def rate_ratio(k_a: int, n_a: int, k_b: int, n_b: int) -> Ratio:
    """(k_a/n_a) ÷ (k_b/n_b) with the score interval of two binomials; none at all where n is 0 or nothing happened.

    Without events in b there is no value and no upper bound, but a lower one; without events in a the value is 0.
    Source: Koopman 1984, doi:10.2307/2531405; Miettinen & Nurminen 1985, doi:10.1002/sim.4780040211 (closed form).
    """
    if n_a == 0 or n_b == 0:
        return Ratio(None, None, None, n_a, n_b)
    return Ratio(*score_ratio(k_a, n_a, k_b, n_b), n_a, n_b)


def score_ratio(k_a: float, n_a: float, k_b: float, n_b: float) -> tuple[float | None, float | None, float | None]:
    """Value and bounds of Koopman's interval; counts need not be whole, so that effective sizes can be given."""
    if k_a == 0 and k_b == 0:
        return None, None, None

    def score(log_ratio: float) -> float:
        return _ratio_score(exp(log_ratio), (k_a, n_a), (k_b, n_b))

    value = (k_a / n_a) / (k_b / n_b) if k_b else inf
    low = 0.0 if k_a == 0 else _crossing(score, Z95)
    high = None if k_b == 0 else _crossing(score, -Z95)
    return (value if k_b else None), low, high


def _crossing(score: Callable[[float], float], level: float) -> float:
    """The ratio at which the falling score passes the level, by bisection of its logarithm."""
    low, high = -FARTHEST, FARTHEST
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if score(middle) > level else (low, middle)
    return exp((low + high) / 2)


def _ratio_score(theta: float, a: tuple[float, float], b: tuple[float, float]) -> float:
    """Standardised p_a − θ p_b at the likeliest rates that have the ratio θ."""
    (k_a, n_a), (k_b, n_b) = a, b
    first, second, third = theta * (n_a + n_b), theta * (n_a + k_b) + k_a + n_b, k_a + k_b
    # The smaller root of first·p² − second·p + third, in the form that does not cancel.
    base = 2 * third / (second + sqrt(max(0.0, second**2 - 4 * first * third)))
    other = min(1.0, theta * base)
    variance = other * (1 - other) / n_a + theta**2 * base * max(0.0, 1 - base) / n_b
    gap = k_a / n_a - theta * k_b / n_b
    if variance <= 0:
        return inf if gap > 0 else -inf if gap < 0 else 0.0
    return gap / sqrt(variance)
