"""How much larger are the deals of one group than those of another? Means and their difference from sums of powers.

Deal sizes are skewed, so the usual interval lies too low. Hall's cubic transformation takes the skewness out of the
studentised mean, as a bootstrap of it would, and needs no rows: only n, Σx, Σx² and Σx³.
Source: Hall 1992, doi:10.1111/j.2517-6161.1992.tb01872.x; for two means Zhou & Dinh 2005,
doi:10.1093/biostatistics/kxi002. Student's quantile with Welch's degrees of freedom stands for the normal one.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cbrt, sqrt

from scipy.special import stdtrit

from dashboard.domain import Estimate
from dashboard.metrics.intervals import Difference

# Spread that floats invent where all values are equal, as a share of the mean.
ROUNDING = 1e-7


@dataclass(frozen=True, slots=True)
class Sums:
    """How many values there are, and the sums of them, of their squares and of their cubes."""

    n: int
    total: float
    squares: float
    cubes: float

    @property
    def mean(self) -> float | None:
        """The mean; None without values."""
        return self.total / self.n if self.n else None

    @property
    def variance_of_mean(self) -> float:
        """The sample variance ÷ n; 0 where fewer than two values are known."""
        if self.n < 2:
            return 0.0
        mean = self.total / self.n
        variance = (self.squares / self.n - mean**2) * self.n / (self.n - 1)
        return variance / self.n if variance > (ROUNDING * mean) ** 2 else 0.0

    @property
    def third_of_mean(self) -> float:
        """The third central moment ÷ n²: that of the mean."""
        if self.n < 2:
            return 0.0
        mean = self.total / self.n
        return (self.cubes / self.n - 3 * mean * self.squares / self.n + 2 * mean**3) / self.n**2


def mean_value(values: Sums) -> Estimate:
    """The mean with its 95 % interval; no bounds where fewer than two values are known."""
    if values.mean is None or values.n < 2:
        return Estimate(values.mean, None, None, values.n)
    freedom = values.n - 1.0
    low, high = _bounds(values.mean, values.variance_of_mean, values.third_of_mean, freedom)
    return Estimate(values.mean, low, high, values.n)


def difference_of_means(a: Sums, b: Sums) -> Difference:
    """Mean of a − mean of b with its 95 % interval; no bounds where a group has fewer than two values."""
    if a.mean is None or b.mean is None:
        return Difference(None, None, None, a.n, b.n)
    if min(a.n, b.n) < 2:
        return Difference(a.mean - b.mean, None, None, a.n, b.n)
    first, second = a.variance_of_mean, b.variance_of_mean
    together = first**2 / (a.n - 1) + second**2 / (b.n - 1)
    freedom = (first + second) ** 2 / together if together else float(a.n + b.n - 2)
    low, high = _bounds(a.mean - b.mean, first + second, a.third_of_mean - b.third_of_mean, freedom)
    return Difference(a.mean - b.mean, low, high, a.n, b.n)


def _bounds(value: float, variance: float, third: float, freedom: float) -> tuple[float, float]:
    """The interval of a statistic from its own variance and third central moment."""
    spread = sqrt(variance)
    if spread == 0:
        return value, value
    skewness = third / spread**3
    reach = float(stdtrit(freedom, 0.975))
    return value - spread * _untransformed(reach, skewness), value - spread * _untransformed(-reach, skewness)


def _untransformed(quantile: float, skewness: float) -> float:
    """The studentised value whose transform is that quantile: Hall's cubic, which has one real inverse."""
    if abs(skewness) < 1e-9:
        return quantile
    return 3 / skewness * (cbrt(1 + skewness * (quantile - skewness / 6)) - 1)
