"""How likely is a deal to be won by day d, and how long does it take? Competing risks from day histograms.

Won and lost compete; open deals are censored at the days that they have waited. Everything is computed from counts per
day, which gives the same estimate as the rows themselves.
Source: Aalen & Johansen 1978; Marubini & Valsecchi 1995, ch. 10 (variance, log-log interval).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp, log, sqrt

import numpy as np
import polars as pl

from dashboard.domain import Outcome
from dashboard.metrics.cells import Columns
from dashboard.metrics.intervals import Z95, wilson

HORIZONS = (90, 180, 365)
# Sums of products of floats reach 1, or a half, only up to this.
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class DayCounts:
    """Deals by whole days: `days` ascending and distinct, counts (or weights) of won, lost and open deals at each."""

    days: np.ndarray
    won: np.ndarray
    lost: np.ndarray
    open: np.ndarray

    @property
    def n(self) -> int:
        """Deals in the curve."""
        return round(float(self.won.sum() + self.lost.sum() + self.open.sum()))


@dataclass(frozen=True, slots=True)
class IncidenceCurve:
    """Cumulative incidence of won at the end of each day, with what its variance needs."""

    days: np.ndarray
    at_risk: np.ndarray
    survival_before: np.ndarray
    won: np.ndarray
    events: np.ndarray
    incidence: np.ndarray
    n: int
    n_open: int


@dataclass(frozen=True, slots=True)
class EventualWinRate:
    """Cumulative incidence of won by a day, its 95 % interval, deals in the curve and deals still at risk that day."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    at_risk: int


def day_counts(curve: pl.DataFrame | Columns) -> DayCounts:
    """Day histogram of cells with columns outcome, days, deals; negative days are left out."""
    days, deals, outcome = np.asarray(curve["days"]), np.asarray(curve["deals"]), np.asarray(curve["outcome"])
    timed = days >= 0
    width = int(days.max()) + 1 if timed.any() else 0
    counts = []
    for name in (Outcome.WON, Outcome.LOST, Outcome.OPEN):
        own = timed & (outcome == name.value)
        counts.append(np.bincount(days[own], weights=deals[own], minlength=width))
    present = np.flatnonzero(sum(counts))
    return DayCounts(present, *(own[present] for own in counts))


def incidence_curve(counts: DayCounts) -> IncidenceCurve:
    """The Aalen–Johansen curve of won; won and lost of one day happen together, censoring after them."""
    events = counts.won + counts.lost
    leaving = events + counts.open
    at_risk = leaving[::-1].cumsum()[::-1]
    # Weighted counts may leave less than one deal at risk.
    some = np.where(at_risk > 0, at_risk, 1)
    survival = np.cumprod(1 - events / some)
    before = np.concatenate(([1.0], survival[:-1])) if len(survival) else survival
    incidence = np.cumsum(before * counts.won / some)
    return IncidenceCurve(counts.days, at_risk, before, counts.won, events, incidence, counts.n, int(counts.open.sum()))


def incidence_at(curve: IncidenceCurve, day: float) -> float:
    """Cumulative incidence of won at the end of `day`."""
    place = int(np.searchsorted(curve.days, day, side="right"))
    return float(curve.incidence[place - 1]) if place else 0.0


def incidence_variance(curve: IncidenceCurve, day: float) -> float:
    """Greenwood-type variance of the cumulative incidence at `day` (Marubini & Valsecchi 1995, eq. 10.12)."""
    k = int(np.searchsorted(curve.days, day, side="right"))
    if k == 0:
        return 0.0
    at_risk, won, events = curve.at_risk[:k], curve.won[:k], curve.events[:k]
    gap = curve.incidence[k - 1] - curve.incidence[:k]
    left = at_risk * (at_risk - events)
    hazard = np.divide(events, left, out=np.zeros(k), where=left > 0)
    before = curve.survival_before[:k]
    terms = gap**2 * hazard + before**2 * won * (at_risk - won) / at_risk**3 - 2 * gap * before * won / at_risk**2
    return max(0.0, float(terms.sum()))


def log_log_interval(value: float, variance: float, n: int) -> tuple[float, float]:
    """95 % interval on the log(−log F) scale by the delta method; at F = 0 or 1 the Wilson bounds with n."""
    if value <= ROUNDING or value >= 1 - ROUNDING:
        return wilson(n if value > 0.5 else 0, n)
    half = Z95 * sqrt(variance) / (value * abs(log(value)))
    return value ** exp(half), value ** exp(-half)


def variances(curve: IncidenceCurve) -> np.ndarray:
    """`incidence_variance` at the end of each day of the curve at once: its square multiplied out, by running sums."""
    at_risk, won, events, value = curve.at_risk, curve.won, curve.events, curve.incidence
    left = at_risk * (at_risk - events)
    hazard = np.divide(events, left, out=np.zeros(len(value)), where=left > 0)
    some = np.maximum(at_risk, 1)
    own = curve.survival_before**2 * won * (at_risk - won) / some**3
    shared = curve.survival_before * won / some**2
    square = (hazard * value**2 + own + 2 * shared * value).cumsum()
    total = value**2 * hazard.cumsum() - 2 * value * (hazard * value + shared).cumsum() + square
    return np.asarray(np.maximum(0.0, total))


def log_log_bounds(values: np.ndarray, variance: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """`log_log_interval` of many values at once."""
    inner = (values > ROUNDING) & (values < 1 - ROUNDING)
    low, high = np.zeros(len(values)), np.ones(len(values))
    own = values[inner]
    half = np.exp(Z95 * np.sqrt(variance[inner]) / (own * np.abs(np.log(own))))
    low[inner], high[inner] = own**half, own ** (1 / half)
    if n > 0:
        high[values <= ROUNDING] = wilson(0, n)[1]
        low[values >= 1 - ROUNDING] = wilson(n, n)[0]
    return low, high


def band(curve: IncidenceCurve) -> tuple[np.ndarray, np.ndarray]:
    """Pointwise 95 % bounds of the incidence at the end of each of the curve's days; no simultaneous band."""
    return log_log_bounds(curve.incidence, variances(curve), curve.n)


def at_risk_at(curve: IncidenceCurve, days: Sequence[int] | np.ndarray) -> np.ndarray:
    """Deals that lasted to the beginning of each of these days or longer, as the numbers under a curve say them."""
    later = np.searchsorted(curve.days, np.asarray(days), side="left")
    return np.asarray(np.append(curve.at_risk, 0)[later].astype(int))


def eventual_win_rate(curve: IncidenceCurve, day: int) -> EventualWinRate:
    """Reported where a deal was still at risk at `day`, or where no deal of the curve is open."""
    at_risk = int(curve.at_risk[np.searchsorted(curve.days, day)]) if curve.n and day <= curve.days[-1] else 0
    if curve.n == 0 or (at_risk == 0 and curve.n_open > 0):
        return EventualWinRate(None, None, None, curve.n, at_risk)
    value = incidence_at(curve, day)
    value = 1.0 if value > 1 - ROUNDING else value
    low, high = log_log_interval(value, incidence_variance(curve, day), curve.n)
    return EventualWinRate(value, low, high, curve.n, at_risk)


def median_days(curve: IncidenceCurve) -> float | None:
    """The smallest day at which the incidence of won reaches half of its value at the last observed day."""
    if curve.n == 0 or curve.incidence[-1] <= 0:
        return None
    reached = curve.incidence >= curve.incidence[-1] / 2 - ROUNDING
    return float(curve.days[int(np.argmax(reached))])


def percentile(days: np.ndarray, counts: np.ndarray, share: float) -> float | None:
    """Percentile with linear interpolation (as SQL's percentile_cont) of whole days given with their counts, ascending.

    In exact fractions: whether a lead is older than the 90th percentile must not hang on a last bit.
    """
    total = int(counts.sum())
    if total == 0:
        return None
    position = Fraction(share).limit_denominator(1000) * (total - 1)
    below = int(position)
    until = counts.cumsum()
    low = int(days[int(np.searchsorted(until, below, side="right"))])
    high = int(days[int(np.searchsorted(until, min(below + 1, total - 1), side="right"))])
    return float(low + (high - low) * (position - below))


def plain_median_days(counts: DayCounts) -> float | None:
    """Median of the days of won deals alone, which forgets the deals that still wait."""
    return percentile(counts.days, counts.won, 0.5)
