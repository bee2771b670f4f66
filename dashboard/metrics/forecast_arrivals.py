"""How many deals will open in the months to come? Poisson counts with a level that drifts, a trend and a season.

ln of the expected number an ordinary weekday is a Gaussian process over months: level, trend, random walk, a part of
its own for each month of the year, and a part for each single month. How much it drifts and scatters is not known: a
few values of each are weighed by how well they explain the months seen.
Source: Rasmussen & Williams 2006, Gaussian Processes for Machine Learning, ch. 3.4 (Laplace's approximation) and 5.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

import numpy as np

# A priori standard deviations on the log scale: of the level, of the trend a year.
LEVEL, TREND = 2.0, 0.25
# The values that are weighed: of the random walk a month, of a month of the year, of a single month.
DRIFTS, SEASONS, SCATTERS = (0.02, 0.06, 0.15), (0.04, 0.15), (0.02, 0.12, 0.3)
STEPS = 50
# A logarithm of a rate beyond these is none of this world, and would overflow.
FARTHEST = 12.0
WEEKDAYS = 7


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Expected and drawn numbers of deals that open on each of the `days` to come: `expected[day]`, `drawn[draw, day]`.

    The drawn ones are rates: the luck of counting is not in them.
    """

    days: tuple[date, ...]
    expected: np.ndarray
    drawn: np.ndarray


def arrivals(
    seen: dict[date, int], first: date, last: date, until: date, draws: int, rng: np.random.Generator
) -> Arrivals:
    """Deals that open on the days after `last` to before `until`, from the numbers of the days `first` to `last`."""
    past = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    future = tuple(last + timedelta(days=step + 1) for step in range((until - last).days - 1))
    weight = _weekday_weights(seen, past)
    months = sorted({(day.year, day.month) for day in (*past, *future)})
    place = {month: number for number, month in enumerate(months)}
    counts, exposure = np.zeros(len(months)), np.zeros(len(months))
    for day in past:
        counts[place[day.year, day.month]] += seen.get(day, 0)
        exposure[place[day.year, day.month]] += weight[day.weekday()]
    expected, drawn = _rates(counts, exposure, np.array([month for _, month in months]), draws, rng)
    own = np.array([place[day.year, day.month] for day in future], dtype=int)
    share = np.array([weight[day.weekday()] for day in future])
    return Arrivals(future, expected[own] * share, drawn[:, own] * share)


def _weekday_weights(seen: dict[date, int], past: list[date]) -> np.ndarray:
    """How many deals open on a weekday, the mean of the seven being 1; a week of even openings is added."""
    opened, days = np.ones(WEEKDAYS), np.ones(WEEKDAYS)
    total = sum(seen.get(day, 0) for day in past)
    mean = max(total, 1) / max(len(past), 1)
    opened *= mean
    for day in past:
        opened[day.weekday()] += seen.get(day, 0)
        days[day.weekday()] += 1
    weight = opened / days
    return np.asarray(weight / weight.mean())


def _rates(
    counts: np.ndarray, exposure: np.ndarray, month: np.ndarray, draws: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Expected and drawn rates of all months, seen (exposure > 0) and to come."""
    seen = exposure > 0
    level = np.log(max(counts.sum(), 0.5) / exposure.sum())
    found = [
        _laplace(counts[seen], exposure[seen], level, _covariance(month, *values), seen)
        for values in product(DRIFTS, SEASONS, SCATTERS)
    ]
    evidence = np.array([own[0] for own in found])
    weight = np.exp(evidence - evidence.max())
    weight /= weight.sum()
    expected = np.zeros(len(month))
    parts = []
    for share, number, (_, mean, covariance) in zip(weight, rng.multinomial(draws, weight), found, strict=True):
        expected += share * np.exp(np.minimum(mean + np.diag(covariance) / 2, FARTHEST))
        root = np.linalg.cholesky(covariance + 1e-9 * np.eye(len(mean)))
        parts.append(mean + rng.standard_normal((number, len(mean))) @ root.T)
    drawn = np.exp(np.minimum(np.vstack(parts), FARTHEST))
    return expected, rng.permutation(drawn)


def _covariance(month: np.ndarray, drift: float, season: float, scatter: float) -> np.ndarray:
    step = np.arange(len(month), dtype=float)
    own = LEVEL**2 + (TREND / 12) ** 2 * np.outer(step - step.mean(), step - step.mean())
    own += drift**2 * np.minimum.outer(step, step)
    own += season**2 * (month[:, None] == month[None, :])
    return np.asarray(own + scatter**2 * np.eye(len(month)))


def _laplace(
    counts: np.ndarray, exposure: np.ndarray, level: float, covariance: np.ndarray, seen: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Log evidence, and mean and covariance of ln rate of all months (Rasmussen & Williams, algorithms 3.1 and 3.2)."""
    own = covariance[np.ix_(seen, seen)]
    f = np.zeros(len(counts))
    for _ in range(STEPS):
        expected = exposure * np.exp(np.clip(level + f, -FARTHEST, FARTHEST))
        root = np.sqrt(expected)
        b = np.eye(len(f)) + root[:, None] * own * root
        wanted = expected * f + counts - expected
        a = wanted - root * np.linalg.solve(b, root * (own @ wanted))
        moved = own @ a
        settled = np.abs(moved - f).max() < 1e-8
        f = f + np.clip(moved - f, -2, 2)
        if settled:
            break
    expected = exposure * np.exp(np.clip(level + f, -FARTHEST, FARTHEST))
    root = np.sqrt(expected)
    b = np.eye(len(f)) + root[:, None] * own * root
    likelihood = counts @ (level + f) - expected.sum()
    evidence = float(likelihood - a @ f / 2 - np.linalg.slogdet(b)[1] / 2)
    across = covariance[:, seen]
    mean = level + across @ (counts - expected)
    inner = np.linalg.solve(b, root[:, None] * across.T)
    return evidence, mean, covariance - (across * root) @ inner
