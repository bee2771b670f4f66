"""How much does a partner bring for what it was given, once the luck of conversion and of deal size is taken out?

Deals (or other events) from leads: gamma-Poisson, since deals are counted when opened and may outnumber the period's
leads. Amounts: lognormal, each partner with its own mean and spread. The pool's parameters are integrated out on grids:
ln mean rate and α^-½ flat; the spread of partners' means flat; the spreads of amounts as in a scaled inverse χ².
Source: Gelman 2006, doi:10.1214/06-BA117A; Kass & Steffey 1989, doi:10.1080/01621459.1989.10478825; Smyth 2004,
doi:10.2202/1544-6115.1027; docs/ranking.md says how often its answers were right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, polygamma

from dashboard.metrics.posterior import LogValues, even

# Points of a grid along its two sides, while looking for where the posterior lives and in the end.
SEARCH, GRID = (12, 8), (24, 9)
# What lies so many log units below the mode carries no weight worth counting.
NEGLIGIBLE = 9.0
# α^-½ of the gamma distribution of rates: 2 is a coefficient of variation of 200 %.
OVERDISPERSION = (0.01, 2.0)
# d^-½ of the d degrees of freedom that partners' spreads of ln amount share: 5 at the least.
SPREAD_UNLIKENESS = (0.03, 0.447)
# What is supposed of the variance of ln amount before any is seen: 0.8, worth 4 degrees of freedom.
SPREAD_GUESS, GUESS_DEGREES = 0.8, 4.0
# Standard deviation of partners' mean ln amount.
AMOUNT_UNLIKENESS = (0.01, 2.0)
AMOUNT_POINTS = 48
GIBBS_STEPS = 2
# ln of a rate is looked for so far from that of all partners together; the grid stops there.
WIDE = 6.0
# Stands for an exposure of 0, which has no logarithm: below everything that is not 0.
NO_EXPOSURE = 1e-12

Side = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of each partner: arrays in the order of `partners`.

    `exposure`: leads; `events`: deals with an amount > 0 (or other events); `log_sum`, `log_square_sum`: Σ ln amount
    and Σ (ln amount)² over these, in the reporting currency; None where every event counts as 1. The value is
    exposure × rate × mean amount ÷ `denominator` (> 0: pages, cost, or 1).
    """

    partners: tuple[str, ...]
    exposure: np.ndarray
    events: np.ndarray
    log_sum: np.ndarray | None
    log_square_sum: np.ndarray | None
    denominator: np.ndarray

    def counted_exposure(self) -> np.ndarray:
        """Leads, but no fewer than the deals that came of them: deals opened now may come of former leads."""
        return np.asarray(np.maximum(self.exposure, self.events), dtype=float)


def log_values(evidence: Evidence, rng: np.random.Generator, pools: int) -> LogValues:
    """Posterior of ln value of every partner, for so many draws of the pool's parameters."""
    events, exposure = evidence.events.astype(float), evidence.counted_exposure()
    alpha, prior_exposure = _rates_pool(events, exposure, rng, pools)
    # Partners with as many events share their shape: each is computed once.
    counts, like = np.unique(events, return_inverse=True)
    shape = alpha + counts
    # ln Gamma(α) is ln Gamma(α + 1) less an exponential of mean 1/α: exact where the shape is too skew to be bent.
    bent = shape + (counts == 0)
    mean, variance, third = (polygamma(order, bent)[:, like] for order in range(3))
    mean -= np.log(prior_exposure + exposure)
    mean += np.log(np.maximum(exposure, NO_EXPOSURE) / evidence.denominator)
    if evidence.log_sum is not None and evidence.log_square_sum is not None:
        amount, uncertainty = _amounts(events, evidence.log_sum, evidence.log_square_sum, rng, pools)
        mean, variance = mean + amount, variance + uncertainty
    left = np.where(counts == 0, 1 / shape, 0.0)[:, like]
    return LogValues(mean, variance, third, left, np.zeros_like(left))


def _rates_pool(
    events: np.ndarray, exposure: np.ndarray, rng: np.random.Generator, pools: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draws of the gamma distribution of rates: its shape α, and α ÷ mean, which counts like leads; as columns."""
    known = exposure > 0
    k, n = events[known], exposure[known]
    counts, times = np.unique(k, return_counts=True)

    def log_density(log_mean: np.ndarray, unlikeness: np.ndarray) -> np.ndarray:
        alpha = unlikeness**-2.0
        rising = (gammaln(alpha[:, None] + counts) - gammaln(alpha)[:, None]) @ times
        prior_exposure = alpha[None, :] * np.exp(-log_mean)[:, None]
        share = np.log(prior_exposure[:, :, None] + n)
        return np.asarray(rising + alpha * k.size * np.log(prior_exposure) - alpha * share.sum(axis=2) - share @ k)

    centre = float(np.log(k.sum() / n.sum()))
    log_mean, unlikeness = _draws(log_density, (centre - WIDE, centre + WIDE), OVERDISPERSION, rng, pools)
    alpha = unlikeness[:, None] ** -2.0
    return alpha, alpha * np.exp(-log_mean)[:, None]


def _amounts(
    events: np.ndarray, log_sum: np.ndarray, log_square_sum: np.ndarray, rng: np.random.Generator, pools: int
) -> tuple[np.ndarray, np.ndarray]:
    """Posterior mean and variance of ln mean amount (μ + σ²/2), by pool draw and partner; σ² is drawn, too."""
    some = events > 0
    average = np.divide(log_sum, events, out=np.zeros_like(events), where=some)
    squares = np.maximum(log_square_sum - log_sum * average, 0.0) * some
    degrees = np.maximum(events - 1, 0.0)
    prior_degrees, prior_spread = _spreads_pool(degrees, squares, rng, pools)
    prior = prior_degrees * prior_spread
    # Variances are drawn, not averaged: an inverse χ² of few degrees of freedom is nothing like a normal. First from
    # the amounts about a partner's own average, then, by Gibbs steps, about a mean that the pool has a say in.
    spread = (prior + squares) / rng.chisquare(prior_degrees + degrees)
    tau, centre = _centres_pool(average[some], (events / spread)[:, some], rng)
    for _ in range(GIBBS_STEPS):
        mean, variance = _own_means(events, average, spread, tau, centre)
        drawn = mean + np.sqrt(variance) * rng.standard_normal(mean.shape)
        spread = (prior + squares + events * (average - drawn) ** 2) / rng.chisquare(prior_degrees + events)
    mean, variance = _own_means(events, average, spread, tau, centre)
    return mean + spread / 2, variance


def _own_means(
    events: np.ndarray, average: np.ndarray, spread: np.ndarray, tau: np.ndarray, centre: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of partners' mean ln amounts, given their variances and the pool."""
    own = events / spread
    variance = 1 / (own + tau**-2)
    return (own * average + centre * tau**-2) * variance, variance


def _spreads_pool(
    degrees: np.ndarray, squares: np.ndarray, rng: np.random.Generator, pools: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draws of the scaled inverse χ² of partners' variances of ln amount: degrees of freedom and scale, as columns."""
    told = degrees > 0
    own, seen = degrees[told], squares[told]
    counts, times = np.unique(own, return_counts=True)

    def log_density(log_scale: np.ndarray, unlikeness: np.ndarray) -> np.ndarray:
        prior = unlikeness**-2.0
        rising = (gammaln((prior[:, None] + counts) / 2) - gammaln(prior / 2)[:, None]) @ times
        scale = np.exp(log_scale)[:, None]
        both = np.log(prior * scale)[:, :, None]
        weight = -(prior[:, None] + own) / 2
        likelihood = prior / 2 * own.size * both[:, :, 0] + (np.log(np.exp(both) + seen) * weight).sum(axis=2)
        guess = -GUESS_DEGREES / 2 * (log_scale + SPREAD_GUESS * np.exp(-log_scale))
        return np.asarray(likelihood + rising + guess[:, None])

    centre = np.log((seen.sum() + GUESS_DEGREES * SPREAD_GUESS) / (own.sum() + GUESS_DEGREES))
    log_scale, unlikeness = _draws(log_density, (centre - WIDE, centre + WIDE), SPREAD_UNLIKENESS, rng, pools)
    return unlikeness[:, None] ** -2.0, np.exp(log_scale)[:, None]


def _centres_pool(average: np.ndarray, own: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draws of the spread τ and the centre of partners' mean ln amounts, as columns; `own`: precisions by pool draw."""
    tau = np.linspace(*AMOUNT_UNLIKENESS, AMOUNT_POINTS)
    weight = 1 / (tau[:, None] ** 2 + 1 / own.mean(axis=0))
    middle = (weight @ average) / weight.sum(axis=1)
    misfit = (weight * (average - middle[:, None]) ** 2).sum(axis=1)
    log_density = (np.log(weight).sum(axis=1) - np.log(weight.sum(axis=1)) - misfit) / 2
    density = np.exp(log_density - log_density.max())
    drawn = rng.permutation(_quantiles(tau, density, even(rng, len(own))))[:, None]
    weight = 1 / (drawn**2 + 1 / own)
    total = weight.sum(axis=1, keepdims=True)
    centre = (weight @ average)[:, None] / total + rng.standard_normal((len(own), 1)) / np.sqrt(total)
    return drawn, centre


def _draws(
    log_density: Callable[[np.ndarray, np.ndarray], np.ndarray],
    wide: Side,
    narrow: Side,
    rng: np.random.Generator,
    pools: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Draws from a density of two parameters within a box: systematic along the second, then along the first given it.

    The box is first narrowed to where the density is not negligible.
    """
    box = (wide, narrow)
    for _ in range(3):
        sides = [np.linspace(*side, points) for side, points in zip(box, SEARCH, strict=True)]
        found = log_density(sides[0], sides[1])
        alive = found > found.max() - NEGLIGIBLE
        box = (
            _span(sides[0][alive.any(axis=1)], sides[0], wide),
            _span(sides[1][alive.any(axis=0)], sides[1], narrow),
        )
    first, second = (np.linspace(*side, points) for side, points in zip(box, GRID, strict=True))
    found = log_density(first, second)
    density = np.exp(found - found.max())
    chosen = rng.permutation(_quantiles(second, density.sum(axis=0), even(rng, pools)))
    step = (chosen - second[0]) / (second[1] - second[0])
    low = np.clip(step.astype(int), 0, second.size - 2)
    upper = step - low
    slices = density[:, low] * (1 - upper) + density[:, low + 1] * upper
    where = rng.permutation(even(rng, pools))
    return np.array([_quantiles(first, slices[:, i], where[i]) for i in range(pools)]), chosen


def _span(alive: np.ndarray, points: np.ndarray, limit: Side) -> Side:
    """What is alive and one step more on each side, within the limits."""
    step = points[1] - points[0]
    return max(limit[0], float(alive[0] - step)), min(limit[1], float(alive[-1] + step))


def _quantiles(points: np.ndarray, density: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Quantiles of a density given on equally spaced points and taken as linear between them."""
    mass = np.append(0.0, np.cumsum((density[1:] + density[:-1]) / 2))
    return np.asarray(np.interp(probability * mass[-1], mass, points))
