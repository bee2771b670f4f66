"""How often does a partner win, and how much of that is luck? Win rates drawn towards the pool of all partners.

Beta-binomial: wins k of n closed deals ~ Binomial(n, p), p ~ Beta(α, β) over partners. The hyper-parameters are not
plugged in but integrated out on a grid, with mean m = α/(α+β) and ρ = 1/(α+β+1) both uniform on (0, 1): plugged-in
estimates give intervals that are far too narrow where partners are few.
Source: Gelman et al., Bayesian Data Analysis, 3rd ed., ch. 5; Kass & Steffey 1989, doi:10.1080/01621459.1989.10478825.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betaln
from scipy.stats import beta

from dashboard.domain import Estimate
from dashboard.metrics.intervals import rate

FEWEST_PARTNERS = 3
GRID = 64
# Grid points whose log density lies this far below the mode carry no weight worth counting.
NEGLIGIBLE = 14.0


@dataclass(frozen=True, slots=True)
class Prior:
    """The pool: Beta(alpha, beta) at the posterior means of m and ρ; `boundary` says when there is none."""

    alpha: float | None
    beta: float | None
    partners: int
    boundary: str


@dataclass(frozen=True, slots=True)
class ShrunkenWinRates:
    """One estimate a partner (posterior mean, 95 % equal-tailed interval), in the order given, and the pool."""

    estimates: tuple[Estimate, ...]
    prior: Prior


def _log_density(wins: np.ndarray, closed: np.ndarray, mean: np.ndarray, rho: np.ndarray) -> np.ndarray:
    """Log posterior of the hyper-parameters on the grid mean × rho, up to a constant."""
    size = 1 / rho[None, :] - 1
    a, b = mean[:, None] * size, (1 - mean[:, None]) * size
    total: np.ndarray = -len(wins) * betaln(a, b)
    for (k, n), times in _distinct(wins, closed):
        total = total + times * betaln(a + k, b + n - k)
    return total


def _distinct(wins: np.ndarray, closed: np.ndarray) -> list[tuple[tuple[float, float], int]]:
    pairs, times = np.unique(np.column_stack([wins, closed]), axis=0, return_counts=True)
    return [((float(k), float(n)), int(t)) for (k, n), t in zip(pairs, times, strict=True)]


def _cells(low: float, high: float) -> np.ndarray:
    """Midpoints of GRID equal cells."""
    edges = np.linspace(low, high, GRID + 1)
    return (edges[1:] + edges[:-1]) / 2


def _grid(wins: np.ndarray, closed: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Grid of mean and rho, narrowed until it covers just where the posterior lives, and the normalised weights."""
    limits = [(0.0, 1.0), (0.0, 1.0)]
    for _ in range(4):
        mean, rho = _cells(*limits[0]), _cells(*limits[1])
        density = _log_density(wins, closed, mean, rho)
        alive = density > density.max() - NEGLIGIBLE
        narrowed = [
            _narrow(mean, alive.any(axis=1), limits[0]),
            _narrow(rho, alive.any(axis=0), limits[1]),
        ]
        if all(new[1] - new[0] > 0.7 * (old[1] - old[0]) for new, old in zip(narrowed, limits, strict=True)):
            break
        limits = narrowed
    weight = np.exp(density - density.max())
    return mean, rho, weight / weight.sum()


def _narrow(points: np.ndarray, alive: np.ndarray, limits: tuple[float, float]) -> tuple[float, float]:
    step = points[1] - points[0]
    kept = points[alive]
    return max(limits[0], float(kept[0] - step)), min(limits[1], float(kept[-1] + step))


def shrunken_win_rates(wins: Sequence[int], closed: Sequence[int]) -> ShrunkenWinRates:
    """Shrunken win rates of partners with `wins` out of `closed` deals each; those without a closed deal get no value.

    Fewer than three partners with closed deals are not drawn together: the raw rate with its Wilson interval stands.
    """
    has = [i for i, n in enumerate(closed) if n > 0]
    estimates = [rate(k, n) for k, n in zip(wins, closed, strict=True)]
    if len(has) < FEWEST_PARTNERS:
        return ShrunkenWinRates(
            tuple(estimates), Prior(None, None, len(has), "no shrinkage: fewer than 3 partners with closed deals")
        )
    k = np.array([wins[i] for i in has], dtype=float)
    n = np.array([closed[i] for i in has], dtype=float)
    mean, rho, weight = _grid(k, n)
    size = (1 / rho - 1)[None, :]
    for place, partner in enumerate(has):
        estimates[partner] = _posterior(k[place], n[place], mean[:, None], size, weight)
    m, r = float((weight.sum(axis=1) * mean).sum()), float((weight.sum(axis=0) * rho).sum())
    return ShrunkenWinRates(tuple(estimates), Prior(m * (1 / r - 1), (1 - m) * (1 / r - 1), len(has), "none"))


def _posterior(k: float, n: float, mean: np.ndarray, size: np.ndarray, weight: np.ndarray) -> Estimate:
    """Mean of the mixture, and the interval of the one Beta that has the mixture's mean and variance."""
    a, total = mean * size + k, size + n
    centre = a / total
    value = float((weight * centre).sum())
    spread = centre * (1 - centre) / (total + 1) + (centre - value) ** 2
    variance = float((weight * spread).sum())
    strength = value * (1 - value) / variance - 1
    low, high = beta.ppf([0.025, 0.975], value * strength, (1 - value) * strength)
    return Estimate(value, float(low), float(high), int(n))
