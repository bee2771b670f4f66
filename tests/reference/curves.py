"""How likely is a win, and how long does it take? Wilson, Aalen–Johansen, medians, intervals, in plain loops."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import NormalDist

import numpy as np

Z = NormalDist().inv_cdf(0.975)
TINY = 1e-12
DRAWS = 2000
SHARE_OF_DRAWS_NEEDED = 0.95

Case = tuple[int, str]  # days waited, and won, lost or open


@dataclass(frozen=True)
class Step:
    """One day of a curve on which something ended; incidence and survival are those after the day."""

    day: int
    at_risk: int
    won: int
    lost: int
    survival_before: float
    incidence: float


def wilson(successes: int, n: int) -> dict:
    """A share with its 95 % Wilson score interval."""
    if n == 0:
        return {"value": None, "low": None, "high": None, "n": 0}
    share = successes / n
    centre = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == n else centre + half
    return {"value": share, "low": low, "high": high, "n": n}


def incidence_steps(cases: Sequence[Case]) -> list[Step]:
    """Aalen–Johansen: cumulative incidence of won, with lost competing and open censored after the day's endings."""
    counts = Counter(cases)
    at_risk, survival, incidence = len(cases), 1.0, 0.0
    steps = []
    for day in sorted({days for days, _ in cases}):
        won, lost = counts[day, "won"], counts[day, "lost"]
        incidence += survival * won / at_risk
        steps.append(Step(day, at_risk, won, lost, survival, incidence))
        survival *= 1 - (won + lost) / at_risk
        at_risk -= won + lost + counts[day, "open"]
    return steps


def incidence_variance(steps: Sequence[Step]) -> float:
    """Delta-method variance at the last of these steps (Marubini and Valsecchi 1995, section 10.2)."""
    if not steps:
        return 0.0
    final, variance = steps[-1].incidence, 0.0
    for step in steps:
        n, ended, rest = step.at_risk, step.won + step.lost, final - step.incidence
        if ended < n:
            variance += rest**2 * ended / (n * (n - ended))
        variance += step.survival_before**2 * step.won * (n - step.won) / n**3
        variance -= 2 * rest * step.survival_before * step.won / n**2
    return variance


def eventual_win_rate(cases: Sequence[Case], day: int) -> dict:
    """Cumulative incidence of won by a day, with its log-log interval; no value where nobody was observed so long."""
    n, at_risk = len(cases), sum(days >= day for days, _ in cases)
    if n == 0 or (at_risk == 0 and any(outcome == "open" for _, outcome in cases)):
        return {"value": None, "low": None, "high": None, "n": n, "at_risk": at_risk}
    steps = [step for step in incidence_steps(cases) if step.day <= day]
    value = steps[-1].incidence if steps else 0.0
    if value <= TINY or value >= 1 - TINY:
        return wilson(round(value) * n, n) | {"at_risk": at_risk}
    spread = math.exp(Z * math.sqrt(incidence_variance(steps)) / (value * -math.log(value)))
    return {"value": value, "low": value**spread, "high": value ** (1 / spread), "n": n, "at_risk": at_risk}


def median_days(cases: Sequence[Case]) -> int | None:
    """The first day on which the incidence of won reaches half of what it is at the last day observed."""
    steps = incidence_steps(cases)
    if not steps or steps[-1].incidence <= 0:
        return None
    return next(step.day for step in steps if step.incidence >= steps[-1].incidence / 2 - TINY)


def percentile(values: Sequence[int], share: Fraction) -> Fraction | None:
    """Linearly interpolated percentile, as percentile_cont has it; None without values."""
    if not values:
        return None
    ordered = sorted(values)
    whole, part = divmod(share * (len(ordered) - 1), 1)
    above = ordered[min(whole + 1, len(ordered) - 1)]
    return ordered[whole] + part * (above - ordered[whole])


def speed_ratio(eql: Sequence[Case], other: Sequence[Case], seed: int = 20_250_701) -> dict:
    """Median days of deals of earlier EQLs ÷ of other deals, with a percentile bootstrap within the two groups."""
    medians = median_days(eql), median_days(other)
    result = {"value": None, "low": None, "high": None, "n": len(eql) + len(other)}
    result |= {"n_eql": len(eql), "n_other": len(other), "median_eql": medians[0], "median_other": medians[1]}
    if medians[0] is None or not medians[1]:
        return result
    generator = np.random.default_rng(seed)
    above, below = _median_draws(eql, generator), _median_draws(other, generator)
    usable = ~np.isnan(above) & ~np.isnan(below) & (below > 0)
    result |= {"value": medians[0] / medians[1], "usable_draws": int(usable.sum())}
    if usable.mean() >= SHARE_OF_DRAWS_NEEDED:
        bounds = np.quantile(above[usable] / below[usable], [0.01, 0.025, 0.04, 0.96, 0.975, 0.99]).tolist()
        result |= {"low": bounds[1], "high": bounds[4]}
        # Medians of whole days jump: another seed may give any bound between these.
        result |= {"low_between": [bounds[0], bounds[2]], "high_between": [bounds[3], bounds[5]]}
    return result


def _median_draws(cases: Sequence[Case], generator: np.random.Generator) -> np.ndarray:
    """Median days of resampled groups; NaN where a draw holds no won deal."""
    counts = Counter(cases)
    days = sorted({day for day, _ in cases})
    drawn = generator.multinomial(len(cases), np.array(list(counts.values())) / len(cases), size=DRAWS)
    sums = {outcome: np.zeros((DRAWS, len(days))) for outcome in ("won", "lost", "open")}
    for column, (day, outcome) in enumerate(counts):
        sums[outcome][:, days.index(day)] += drawn[:, column]
    ended = sums["won"] + sums["lost"]
    left = ended + sums["open"]
    at_risk = np.maximum(left[:, ::-1].cumsum(axis=1)[:, ::-1], 1)
    survival = np.cumprod(1 - ended / at_risk, axis=1)
    before = np.hstack([np.ones((DRAWS, 1)), survival[:, :-1]])
    incidence = np.cumsum(before * sums["won"] / at_risk, axis=1)
    final = incidence[:, -1:]
    first = np.argmax(incidence >= final / 2 - TINY, axis=1)
    return np.where(final[:, 0] > 0, np.array(days, dtype=float)[first], np.nan)
