"""Do eventual win rates and speed ratios cover the truth as promised? `python -m tests.calibration.deals`."""

from __future__ import annotations

import numpy as np
import polars as pl

from dashboard.metrics.speed import median_estimate, speed_ratio
from dashboard.metrics.survival import DayCounts, eventual_win_rate, incidence_curve

HORIZONS = (90, 180, 365)
SIZES = (30, 100, 400)
# Deals end by a constant daily hazard, 35 % of them won; they are looked at after 0 to 730 days.
DAILY, WON = 1 / 120, 0.35
LONGEST = 730


def simulated(n: int, rng: np.random.Generator, daily: float = DAILY, shape: float = 1.0) -> tuple[np.ndarray, ...]:
    """Days and outcome (won, lost, open) of n deals, whole days; shape ≠ 1 makes the hazard rise or fall."""
    took = np.ceil(rng.weibull(shape, n) / daily).astype(int)
    seen = rng.integers(0, LONGEST + 1, n)
    outcome = np.where(took > seen, "open", np.where(rng.random(n) < WON, "won", "lost"))
    return np.minimum(took, seen), outcome


def histogram(days: np.ndarray, outcome: np.ndarray) -> DayCounts:
    """The deals by day."""
    tables = [np.bincount(days[outcome == name], minlength=LONGEST + 1) for name in ("won", "lost", "open")]
    present = np.flatnonzero(sum(tables))
    return DayCounts(present, *(table[present].astype(float) for table in tables))


def true_incidence(day: int, daily: float = DAILY, shape: float = 1.0) -> float:
    """Probability that a deal is won by the end of a day; times are rounded up to days, which changes nothing here."""
    return WON * (1 - float(np.exp(-((day * daily) ** shape))))


def incidence_coverage(n: int, worlds: int, seed: int, shape: float = 1.0) -> dict[int, float]:
    """Share of worlds in which the 95 % log-log interval holds the truth, by horizon, where it is reported."""
    rng = np.random.default_rng([seed, n, int(10 * shape)])
    held: dict[int, list[bool]] = {day: [] for day in HORIZONS}
    for _ in range(worlds):
        curve = incidence_curve(histogram(*simulated(n, rng, shape=shape)))
        for day in HORIZONS:
            found = eventual_win_rate(curve, day)
            if found.low is not None and found.high is not None:
                held[day].append(found.low <= true_incidence(day, shape=shape) <= found.high)
    return {day: float(np.mean(answers)) for day, answers in held.items()}


def true_median(daily: float, shape: float = 1.0) -> int:
    """The first day by which half of what is won within the longest time on record is won."""
    return next(
        d for d in range(1, LONGEST) if true_incidence(d, daily, shape) >= true_incidence(LONGEST, daily, shape) / 2
    )


def median_coverage(n: int, worlds: int, seed: int, shape: float = 1.0) -> tuple[float, float]:
    """Coverage of the 95 % bootstrap interval of one group's median; and share reported."""
    rng, truth, held = np.random.default_rng([seed, n, int(10 * shape)]), true_median(DAILY, shape), []
    for world in range(worlds):
        found = median_estimate(histogram(*simulated(n, rng, shape=shape)), draws=500, seed=world)
        if found.low is not None and found.high is not None:
            held.append(found.low <= truth <= found.high)
    return float(np.mean(held)), len(held) / worlds


def speed_coverage(n: int, worlds: int, seed: int, faster: float = 1.5) -> tuple[float, float]:
    """Coverage of the 95 % bootstrap interval of the ratio of medians, n deals in each group; and share reported."""
    rng = np.random.default_rng([seed, n, int(10 * faster)])
    truth = true_median(DAILY * faster) / true_median(DAILY)
    held = []
    for world in range(worlds):
        groups = [(True, *simulated(n, rng, DAILY * faster)), (False, *simulated(n, rng))]
        curve = pl.concat(
            pl.DataFrame({"has_lead": True, "eql_before": eql, "outcome": outcome, "days": days, "deals": 1})
            for eql, days, outcome in groups
        )
        found = speed_ratio(curve, draws=500, seed=world)
        if found.low is not None and found.high is not None:
            held.append(found.low <= truth <= found.high)
    return float(np.mean(held)), len(held) / worlds


def main(worlds: int = 2000, seed: int = 2025) -> None:
    print("coverage of 95 % log-log intervals of the eventual win rate; columns: day", *HORIZONS, sep="\t")
    for shape in (1.0, 1.6):
        for n in SIZES:
            row = incidence_coverage(n, worlds, seed, shape)
            print(f"{n} deals, Weibull shape {shape}", *(f"{row[day]:.3f}" for day in HORIZONS), sep="\t")
    print("coverage of 95 % bootstrap intervals of the median days to close", "share reported", sep="\t")
    for shape in (1.0, 1.6):
        for n in SIZES:
            covered, reported = median_coverage(n, worlds // 4, seed, shape)
            print(f"{n} deals, Weibull shape {shape}", f"{covered:.3f}", f"{reported:.3f}", sep="\t")
    print("coverage of 95 % bootstrap intervals of the speed ratio", "share reported", sep="\t")
    for faster in (1.0, 1.5):
        for n in SIZES:
            covered, reported = speed_coverage(n, worlds // 4, seed, faster)
            print(f"{n} deals a group, {faster} × as fast", f"{covered:.3f}", f"{reported:.3f}", sep="\t")


if __name__ == "__main__":
    main()
