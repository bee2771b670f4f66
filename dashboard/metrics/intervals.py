"""How sure is a rate? The Wilson score interval."""

from __future__ import annotations

from math import sqrt

from dashboard.domain import NOTHING, Estimate

# 97.5 % quantile of the standard normal distribution, for two-sided 95 % intervals.
Z95 = 1.959963984540054


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
