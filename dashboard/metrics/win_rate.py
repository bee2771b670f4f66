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
from scipy.special import betaincinv, digamma, expit, gammaln, log_expit, polygamma

from dashboard.domain import Estimate
from dashboard.metrics.intervals import rate
from dashboard.metrics.posterior import LogValues, even

FEWEST_PARTNERS = 3
# Points for mean and ρ, in the search for where the posterior lives and in the integral itself. The mean is known far
# better where ρ is small than where it is large, and needs the more points.
SEARCH, GRID = (24, 24), (128, 64)
# Grid points whose log density lies this far below the mode carry no weight worth counting.
NEGLIGIBLE = 16.0
# The hyper-parameters are looked for between these log-odds, first within the narrower ones.
WIDEST, FIRST = 25.0, 16.0

Box = tuple[tuple[float, float], tuple[float, float]]


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


@dataclass(frozen=True, slots=True)
class _Grid:
    """Log-odds of the pool's mean (rows) and of ρ (columns), and the posterior's log density over these log-odds."""

    mean: np.ndarray
    rho: np.ndarray
    log_density: np.ndarray

    def around(self) -> Box:
        """The box that holds what is not negligible, and two steps more on each side."""
        alive = self.log_density > self.log_density.max() - NEGLIGIBLE
        return _span(self.mean[alive.any(axis=1)], self.mean), _span(self.rho[alive.any(axis=0)], self.rho)


def _span(alive: np.ndarray, points: np.ndarray) -> tuple[float, float]:
    margin = 2 * (points[1] - points[0])
    return max(-WIDEST, float(alive[0] - margin)), min(WIDEST, float(alive[-1] + margin))


def _evaluate(counts: Sequence[tuple[np.ndarray, np.ndarray]], box: Box, points: tuple[int, int]) -> _Grid:
    """The posterior on a grid of the log-odds: there it is smooth and fades at every end, so few points suffice."""
    mean, rho = (np.linspace(*side, own) for side, own in zip(box, points, strict=True))
    size, m = np.exp(-rho)[None, :], expit(mean)[:, None]
    wins, losses, closed = counts
    likelihood = _log_rising(m * size, wins) + _log_rising((1 - m) * size, losses) - _log_rising(size, closed)
    flat = log_expit(mean) + log_expit(-mean), log_expit(rho) + log_expit(-rho)
    return _Grid(mean, rho, likelihood + flat[0][:, None] + flat[1][None, :])


def _log_rising(base: np.ndarray, counts: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Sum over partners of ln(base (base + 1) … (base + count − 1)), each distinct count computed once."""
    total = np.zeros_like(base)
    for count, times in zip(*counts, strict=True):
        total += times * gammaln(base + count)
    return np.asarray(total - counts[1].sum() * gammaln(base))


def _grid(wins: np.ndarray, closed: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means and ρ of the pool on a grid that covers just where the posterior lives, and the normalised weights."""
    counts = [np.unique(own, return_counts=True) for own in (wins, closed - wins, closed)]
    box: Box = ((-FIRST, FIRST), (-FIRST, FIRST))
    for _ in range(12):
        before, box = box, _evaluate(counts, box, SEARCH).around()
        if _settled(before, box):
            break
    grid = _evaluate(counts, box, GRID)
    weight = np.exp(grid.log_density - grid.log_density.max())
    return expit(grid.mean), expit(grid.rho), weight / weight.sum()


def _settled(before: Box, after: Box) -> bool:
    widths = [high - low for low, high in before for _ in range(2)]
    moves = [
        abs(new - old) for olds, news in zip(before, after, strict=True) for old, new in zip(olds, news, strict=True)
    ]
    return all(move < 0.2 * width for move, width in zip(moves, widths, strict=True))


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
    for place, partner in enumerate(_posterior(k, n, mean, rho, weight)):
        estimates[has[place]] = partner
    m, r = float((weight.sum(axis=1) * mean).sum()), float((weight.sum(axis=0) * rho).sum())
    return ShrunkenWinRates(tuple(estimates), Prior(m * (1 / r - 1), (1 - m) * (1 / r - 1), len(has), "none"))


def _posterior(k: np.ndarray, n: np.ndarray, mean: np.ndarray, rho: np.ndarray, weight: np.ndarray) -> list[Estimate]:
    """Means of the mixtures, and the intervals of the one Beta that has a mixture's mean and variance.

    Given ρ, both moments are polynomials in the pool's mean, whose weighted powers are the same for all partners.
    """
    size = 1 / rho - 1
    power = [weight.T @ mean**p for p in range(3)]
    k, total = k[:, None], size[None, :] + n[:, None]
    first = size * power[1] + k * power[0]
    second = size**2 * power[2] + 2 * size * k * power[1] + k**2 * power[0] + first
    value = (first / total).sum(axis=1)
    variance = (second / (total * (total + 1))).sum(axis=1) - value**2
    strength = value * (1 - value) / variance - 1
    low, high = (betaincinv(value * strength, (1 - value) * strength, q) for q in (0.025, 0.975))
    return [
        Estimate(float(v), float(lower), float(upper), int(closed))
        for v, lower, upper, closed in zip(value, low, high, n, strict=True)
    ]


def log_odds(wins: np.ndarray, closed: np.ndarray, rng: np.random.Generator, pools: int) -> LogValues:
    """Posterior of every partner's log-odds to win, for so many draws of the pool: by them one may rank.

    Given the pool, a win rate is Beta(a, b), and its log-odds the difference of two log-gammas; those of a shape below
    1 are split into one of shape + 1 and an exponential.
    """
    k, n = wins.astype(float), closed.astype(float)
    mean, rho, weight = _grid(k, n)
    # Evenly over ρ, and over the mean within it: how far partners differ matters most.
    places = np.searchsorted(np.cumsum(weight.T), even(rng, pools))
    column, row = np.divmod(rng.permutation(np.minimum(places, weight.size - 1)), mean.size)
    size = (1 / rho - 1)[column, None]
    a, b = mean[row, None] * size + k, (1 - mean[row, None]) * size + n - k
    none, all_won = k == 0, k == n
    up, down = a + none, b + all_won
    return LogValues(
        digamma(up) - digamma(down),
        polygamma(1, up) + polygamma(1, down),
        polygamma(2, up) - polygamma(2, down),
        np.where(none, 1 / a, 0.0),
        np.where(all_won, 1 / b, 0.0),
    )
