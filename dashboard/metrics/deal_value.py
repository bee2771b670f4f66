"""How much does a partner bring for what it was given, once the luck of conversion and of deal size is taken out?

Deals (or other events) from leads: gamma-Poisson, since deals are counted when opened and may outnumber the period's
leads. Amounts: lognormal, each partner with its own mean and spread. Rates and means may rise or fall with a
partner's volume. The pool's parameters are integrated out on grids: ln mean rate and α^-½ flat, the spread of partners'
means flat, the spreads of amounts as in a scaled inverse χ².
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
# A priori standard deviation of how rates and mean ln amounts move with ln leads: 0.4 is 32 % for twice the leads.
SLOPE = 0.4

Side = tuple[float, float]
Box = tuple[Side, Side]
Density = Callable[[np.ndarray, np.ndarray], np.ndarray]


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

    def columns(self) -> list[np.ndarray]:
        """All that is known, one column each."""
        sizes = [own for own in (self.log_sum, self.log_square_sum) if own is not None]
        return [self.exposure, self.events, *sizes, self.denominator]

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
        size = np.log(np.maximum(exposure, 1.0))
        amount, uncertainty = _amounts(events, size, evidence.log_sum, evidence.log_square_sum, rng, pools)
        mean, variance = mean + amount, variance + uncertainty
    left = np.where(counts == 0, 1 / shape, 0.0)[:, like]
    return LogValues(mean, variance, third, left, np.zeros_like(left))


def _rates_pool(
    events: np.ndarray, exposure: np.ndarray, rng: np.random.Generator, pools: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draws of the gamma distributions of rates: the shape α, a column, and α ÷ mean rate, by pool draw and partner.

    The slope on ln leads is found by Fisher's scoring and then centred, so that it tells nothing about mean and shape
    and may be drawn apart from them.
    """
    known = exposure > 0
    k, n = events[known], exposure[known]
    size = np.log(n)
    middle = float(np.log(k.sum() / n.sum()))
    limits = (middle - WIDE, middle + WIDE), OVERDISPERSION
    rough = _Search(_rates_density(k, n), limits, rounds=2)
    slope, centre = _rate_slope(k, n, size, *rough.means())
    tilted = n * np.exp(slope * (size - centre))
    # The tilt moves the mean somewhat; so far the box must reach.
    (low, high), narrow = rough.box
    log_mean, unlikeness = _Search(
        _rates_density(k, tilted), ((low - 1, high + 1), narrow), rounds=2, limits=limits
    ).draws(rng, pools)
    alpha = unlikeness[:, None] ** -2.0
    expected = tilted * np.exp(log_mean)[:, None]
    information = expected / (1 + unlikeness[:, None] ** 2 * expected) @ (size - centre) ** 2 + SLOPE**-2
    slopes = slope + rng.standard_normal(pools) / np.sqrt(information)
    tilt = slopes[:, None] * (np.log(np.maximum(exposure, 1.0)) - centre)
    return alpha, alpha * np.exp(-log_mean[:, None] - tilt)


def _rate_slope(
    k: np.ndarray, n: np.ndarray, size: np.ndarray, log_mean: float, unlikeness: float
) -> tuple[float, float]:
    """Slope of ln rate on ln leads, and the ln leads about which it tells nothing of the level."""
    level, slope, centre = log_mean, 0.0, 0.0
    for _ in range(8):
        expected = n * np.exp(np.clip(level + slope * (size - centre), -30, 5))
        weight = expected / (1 + unlikeness**2 * expected)
        moved = float((weight @ size) / weight.sum())
        level, centre = level + slope * (moved - centre), moved
        off = weight * (k / expected - 1)
        information = float(weight @ (size - centre) ** 2) + SLOPE**-2
        level += float(np.clip(off.sum() / weight.sum(), -1, 1))
        slope += float(np.clip((off @ (size - centre) - slope * SLOPE**-2) / information, -0.3, 0.3))
    return slope, centre


def _rates_density(k: np.ndarray, n: np.ndarray) -> Density:
    """Log density of ln mean rate and α^-½, events being negative binomial."""
    counts, times = np.unique(k, return_counts=True)

    def log_density(log_mean: np.ndarray, unlikeness: np.ndarray) -> np.ndarray:
        alpha = unlikeness**-2.0
        rising = (gammaln(alpha[:, None] + counts) - gammaln(alpha)[:, None]) @ times
        prior_exposure = alpha[None, :] * np.exp(-log_mean)[:, None]
        share = np.log(prior_exposure[:, :, None] + n)
        return np.asarray(rising + alpha * k.size * np.log(prior_exposure) - alpha * share.sum(axis=2) - share @ k)

    return log_density


def _amounts(
    events: np.ndarray,
    size: np.ndarray,
    log_sum: np.ndarray,
    log_square_sum: np.ndarray,
    rng: np.random.Generator,
    pools: int,
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
    tau, level, slope = _centres_pool(average[some], size[some], (events / spread)[:, some], rng)
    centre = level + slope * (size - size[some].mean())
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
    log_scale, unlikeness = _Search(log_density, ((centre - WIDE, centre + WIDE), SPREAD_UNLIKENESS), rounds=3).draws(
        rng, pools
    )
    return unlikeness[:, None] ** -2.0, np.exp(log_scale)[:, None]


def _centres_pool(
    average: np.ndarray, size: np.ndarray, own: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draws of the spread τ of partners' mean ln amounts about a line on ln leads, of its level and slope, as columns.

    `own`: precisions of the averages by pool draw; the level is that at the mean of `size`.
    """
    shift = average.mean()
    y, x = average - shift, size - size.mean()
    tau = np.linspace(*AMOUNT_UNLIKENESS, AMOUNT_POINTS)
    weight = 1 / (tau[:, None] ** 2 + 1 / own.mean(axis=0))
    line = _line(weight, x, y)
    log_density = (np.log(weight).sum(axis=1) - np.log(line.determinant) + line.fitted - weight @ y**2) / 2
    density = np.exp(log_density - log_density.max())
    drawn = rng.permutation(_quantiles(tau, density, even(rng, len(own))))
    line = _line(1 / (drawn[:, None] ** 2 + 1 / own), x, y)
    slope = line.slope + np.sqrt(line.total / line.determinant) * rng.standard_normal(drawn.size)
    level = (line.sum - slope * line.lever) / line.total + rng.standard_normal(drawn.size) / np.sqrt(line.total)
    return drawn[:, None], level[:, None] + shift, slope[:, None]


@dataclass(frozen=True, slots=True)
class _Line:
    """Weighted regressions with a normal prior on the slope, one for each row of weights."""

    total: np.ndarray
    lever: np.ndarray
    sum: np.ndarray
    determinant: np.ndarray
    slope: np.ndarray
    fitted: np.ndarray


def _line(weight: np.ndarray, x: np.ndarray, y: np.ndarray) -> _Line:
    total, lever, square = weight.sum(axis=1), weight @ x, weight @ x**2 + SLOPE**-2
    first, second = weight @ y, weight @ (x * y)
    determinant = total * square - lever**2
    level = (square * first - lever * second) / determinant
    slope = (total * second - lever * first) / determinant
    return _Line(total, lever, first, determinant, slope, level * first + slope * second)


class _Search:
    """Where a density of two parameters lives within a box, the box being narrowed in so many rounds."""

    def __init__(self, log_density: Density, box: Box, rounds: int, limits: Box | None = None) -> None:
        self.log_density, self.box = log_density, box
        limits = limits or box
        for _ in range(rounds):
            self.sides = [np.linspace(*side, points) for side, points in zip(self.box, SEARCH, strict=True)]
            self.found = log_density(self.sides[0], self.sides[1])
            alive = self.found > self.found.max() - NEGLIGIBLE
            self.box = (
                _span(self.sides[0][alive.any(axis=1)], self.sides[0], limits[0]),
                _span(self.sides[1][alive.any(axis=0)], self.sides[1], limits[1]),
            )

    def means(self) -> tuple[float, float]:
        """Means of both parameters, roughly: from the last round's points."""
        density = np.exp(self.found - self.found.max())
        density /= density.sum()
        return float(density.sum(axis=1) @ self.sides[0]), float(density.sum(axis=0) @ self.sides[1])

    def draws(self, rng: np.random.Generator, pools: int) -> tuple[np.ndarray, np.ndarray]:
        """Draws of both: spread evenly along the second, then along the first given it."""
        first, second = (np.linspace(*side, points) for side, points in zip(self.box, GRID, strict=True))
        found = self.log_density(first, second)
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
