"""Do deals of one group close faster than those of another, and how sure are we?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from dashboard.metrics.survival import ROUNDING, DayCounts, day_counts, incidence_curve, median_days

DRAWS = 2_000
SEED = 20_250_804
# Above this share of draws without a median, an interval would describe only the lucky draws.
UNUSABLE = 0.05


@dataclass(frozen=True, slots=True)
class SpeedRatio:
    """Median days of EQL deals ÷ those of other deals: below 1 is faster. Bounds are a 95 % percentile bootstrap."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    n_eql: int
    n_other: int
    median_eql: float | None
    median_other: float | None
    usable_draws: int


def bootstrap_medians(counts: DayCounts, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Median days to close of `draws` resamples of the deals, NaN where a resample has no won deal."""
    width = len(counts.days)
    cells = np.concatenate([counts.won, counts.lost, counts.open])
    sample = np.zeros((draws, len(cells)))
    filled = np.flatnonzero(cells)
    sample[:, filled] = rng.multinomial(counts.n, cells[filled] / counts.n, size=draws)
    won, lost, waiting = sample[:, :width], sample[:, width : 2 * width], sample[:, 2 * width :]
    events = won + lost
    at_risk = np.maximum((events + waiting)[:, ::-1].cumsum(axis=1)[:, ::-1], 1)
    survival = np.cumprod(1 - events / at_risk, axis=1)
    before = np.concatenate([np.ones((draws, 1)), survival[:, :-1]], axis=1)
    incidence = np.cumsum(before * won / at_risk, axis=1)
    final = incidence[:, -1:]
    place = np.argmax(incidence >= final / 2 - ROUNDING, axis=1)
    return np.where(final[:, 0] > 0, counts.days[place].astype(float), np.nan)


def speed_ratio(curve: pl.DataFrame, draws: int = DRAWS, seed: int = SEED) -> SpeedRatio:
    """EQL deals against other deals that have a lead; `curve` as read by `curve_cells`."""
    own = curve.filter(pl.col("has_lead"))
    eql, other = day_counts(own.filter(pl.col("eql_before"))), day_counts(own.filter(~pl.col("eql_before")))
    median_eql, median_other = median_days(incidence_curve(eql)), median_days(incidence_curve(other))
    value = median_eql / median_other if median_eql is not None and median_other else None
    low = high = None
    usable = 0
    if value is not None:
        rng = np.random.default_rng(seed)
        first, second = bootstrap_medians(eql, draws, rng), bootstrap_medians(other, draws, rng)
        ratios = np.divide(first, second, out=np.full(draws, np.nan), where=second > 0)
        ratios = ratios[~np.isnan(ratios)]
        usable = len(ratios)
        if usable >= (1 - UNUSABLE) * draws:
            low, high = (float(q) for q in np.quantile(ratios, [0.025, 0.975]))
    return SpeedRatio(value, low, high, eql.n + other.n, eql.n, other.n, median_eql, median_other, usable)
