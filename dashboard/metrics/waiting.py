"""How long does a step of the funnel take, and does it take longer than before? Medians with exact intervals."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import polars as pl
from numpy.typing import ArrayLike
from scipy.special import bdtr, bdtrik

from dashboard.metrics.survival import percentile

# With fewer cases even the smallest and the largest enclose the median too seldom: 2 × (1/2)⁵ = 6 %.
FEWEST = 6
MONTHS = {
    "month": pl.Date,
    "n": pl.Int64,
    "median": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "q1": pl.Float64,
    "q3": pl.Float64,
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Days that n cases took: median with its 95 % interval, quartiles, 90th percentile; cases of negative days apart.

    None where nothing is known: all without cases, `low` and `high` below six.
    """

    n: int
    median: float | None
    low: float | None
    high: float | None
    q1: float | None
    q3: float | None
    p90: float | None
    negative: int


def waiting(days: ArrayLike, counts: ArrayLike) -> Waiting:
    """Whole days with their counts, in any order. Only cases that made the step are in it: who still waits is not.

    Percentiles interpolate linearly, as SQL's percentile_cont. The interval lies between two order statistics that
    enclose the median in at least 95 % of samples whatever the distribution, ties only adding to that.
    Source: Hahn & Meeker 1991, Statistical Intervals, 5.2; Conover 1999, Practical Nonparametric Statistics, 3.2.
    """
    given, cases = np.asarray(days, dtype=int), np.asarray(counts, dtype=int)
    order = np.argsort(given, kind="stable")
    given, cases = given[order], cases[order]
    timed = given >= 0
    own, weight = given[timed], cases[timed]
    low, high = _median_bounds(own, weight)
    q1, median, q3, p90 = (percentile(own, weight, share) for share in (0.25, 0.5, 0.75, 0.9))
    return Waiting(int(weight.sum()), median, low, high, q1, q3, p90, int(cases[~timed].sum()))


def _median_bounds(days: np.ndarray, counts: np.ndarray) -> tuple[float | None, float | None]:
    n = int(counts.sum())
    if n < FEWEST:
        return None, None
    # The largest r with P(fewer than r of n lie below the median) ≤ 2.5 %: the r-th smallest and r-th largest enclose.
    rank = ceil(bdtrik(0.025, n, 0.5))
    if bdtr(rank - 1, n, 0.5) > 0.025:
        rank -= 1
    until = counts.cumsum()
    low, high = (float(days[int(np.searchsorted(until, place))]) for place in (rank, n - rank + 1))
    return low, high


def medians_over_time(cells: pl.DataFrame) -> pl.DataFrame:
    """One row a month (ascending) from cells month, days, leads: n, median, its 95 % interval, quartiles, in days.

    Recent months hold only what was quick so far: mark those whose cohort is not mature.
    """
    rows = []
    for (month,), own in sorted(cells.group_by("month"), key=lambda part: part[0]):
        found = waiting(own["days"].to_numpy(), own["leads"].to_numpy())
        rows.append((month, found.n, found.median, found.low, found.high, found.q1, found.q3))
    return pl.DataFrame(rows, schema=MONTHS, orient="row")
