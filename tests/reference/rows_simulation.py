"""How sure is a place? A slow, plain simulation of the model in docs/ranking.md: grid for rates, Gibbs for amounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln, polygamma

from tests.reference.shrinkage import pool_win_rates

DRAWS = 3000
BURN_IN = 600
SCALE, SCALE_WEIGHT = 0.8, 4
WIDEST = 2.0
SLOPE = 0.4
FEW_THAT_TELL, THEN_DEGREES = 5, 20.0

Draws = np.ndarray  # one row a draw, one column a partner


@dataclass(frozen=True)
class Cases:
    """One partner: chances, events among them, ln of what each event is worth (empty: 1 each), and the divisor."""

    chances: int
    events: int
    logs: tuple[float, ...]
    divisor: float


def simulate(partners: Sequence[Cases], seed: int = 7, *, worth: bool = True) -> Draws:
    """Draws of ln (chances × rate × mean worth ÷ divisor)."""
    random = np.random.default_rng(seed)
    chances = np.array([max(p.chances, p.events) for p in partners], dtype=float)
    rates = _rates(chances, np.array([p.events for p in partners], dtype=float), random)
    amounts = _amounts(partners, chances, random) if worth else 0.0
    with np.errstate(divide="ignore"):
        return np.log(rates) + np.log(chances) + amounts - np.log([p.divisor for p in partners])


def simulate_rates(counts: Sequence[tuple[int, int]], seed: int = 7) -> Draws:
    """Draws of each partner's rate by the pool of (successes, cases)."""
    random = np.random.default_rng(seed)
    pool = pool_win_rates(list(counts))
    assert pool is not None
    drawn = random.choice(pool.weight.size, size=DRAWS, p=pool.weight.ravel() / pool.weight.sum())
    alpha, beta = pool.alpha.ravel()[drawn], pool.beta.ravel()[drawn]
    return np.column_stack([random.beta(alpha + won, beta + n - won) for won, n in counts])


def _rates(chances: np.ndarray, events: np.ndarray, random: np.random.Generator) -> Draws:
    """events ~ Poisson(chances × rate), rate ~ Gamma; mean = level × chances^slope, flat but for the slope."""
    some = chances > 0
    n, k = chances[some], events[some]
    size = _centred(chances)
    start = np.log((k.sum() + 0.5) / n.sum())
    level, spread, slope = np.meshgrid(
        start + np.linspace(-5, 5, 101), np.linspace(0.02, WIDEST, 50), np.linspace(-1.2, 1.2, 25), indexing="ij"
    )
    shape, fit = spread**-2, -(slope**2) / (2 * SLOPE**2)
    for cases, happened, own in zip(n, k, size[some], strict=True):
        expected = cases * np.exp(level + slope * own)
        fit += gammaln(shape + happened) - gammaln(shape) - shape * np.log1p(expected / shape)
        fit += happened * np.log(expected / (shape + expected))
    weight = np.exp(fit - fit.max()).ravel()
    drawn = random.choice(weight.size, size=DRAWS, p=weight / weight.sum())
    own_shape = shape.ravel()[drawn][:, None]
    mean = np.exp(level.ravel()[drawn][:, None] + slope.ravel()[drawn][:, None] * size)
    return random.gamma(own_shape + events, 1 / (own_shape / mean + chances))


def _centred(chances: np.ndarray) -> np.ndarray:
    """ln of the chances, about their mean."""
    log = np.log(np.maximum(chances, 1))
    return log - log.mean()


def _amounts(partners: Sequence[Cases], chances: np.ndarray, random: np.random.Generator) -> Draws:
    """Draws of the ln of each partner's mean amount: normal means about a line, variances scaled inverse χ²."""
    size = np.array([len(p.logs) for p in partners], dtype=float)
    total = np.array([sum(p.logs) for p in partners])
    square = np.array([sum(x * x for x in p.logs) for p in partners])
    x, grid_tau = _centred(chances), np.linspace(0.005, WIDEST, 200)
    degrees = degrees_of_variances(partners)
    centre, slope, tau, scale = total.sum() / max(size.sum(), 1), 0.0, 0.5, SCALE
    variance = np.full(len(partners), SCALE)
    kept = []
    for _ in range(BURN_IN + DRAWS):
        precision, line = size / variance + tau**-2, centre + slope * x
        own = random.normal((total / variance + line / tau**2) / precision, precision**-0.5)
        residual = square - 2 * own * total + size * own**2
        variance = (degrees * scale + residual) / random.chisquare(degrees + size)
        centre = random.normal((own - slope * x).mean(), tau / len(partners) ** 0.5)
        sharpness = (x @ x) / tau**2 + SLOPE**-2
        slope = random.normal(x @ (own - centre) / tau**2 / sharpness, sharpness**-0.5)
        spread = ((own - centre - slope * x) ** 2).sum()
        tau = _pick(-len(partners) * np.log(grid_tau) - spread / (2 * grid_tau**2), grid_tau, random)
        rate = SCALE_WEIGHT / (2 * SCALE) + degrees * (1 / variance).sum() / 2
        scale = random.gamma((SCALE_WEIGHT + len(partners) * degrees) / 2) / rate
        kept.append(own + variance / 2)
    return np.array(kept[BURN_IN:])


def degrees_of_variances(partners: Sequence[Cases]) -> float:
    """How alike the partners' variances are, in degrees of freedom, by the spread of their logs (Smyth 2004)."""
    own = [(len(p.logs) - 1, np.var(p.logs, ddof=1)) for p in partners if len(p.logs) >= 2]
    own = [(degrees, variance) for degrees, variance in own if variance > 0]
    if len(own) < FEW_THAT_TELL:
        return THEN_DEGREES
    half = np.array([degrees for degrees, _ in own]) / 2
    logs = np.log([variance for _, variance in own]) - digamma(half) + np.log(half)
    beyond = logs.var(ddof=1) - polygamma(1, half).mean()
    low, high = np.log(0.5), np.log(500)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if polygamma(1, np.exp(middle)) > beyond else (low, middle)
    return float(2 * np.exp(low))


def _pick(log_weight: np.ndarray, values: np.ndarray, random: np.random.Generator) -> float:
    weight = np.exp(log_weight - log_weight.max()).cumsum()
    return float(values[np.searchsorted(weight, random.random() * weight[-1])])


def places(draws: Draws) -> np.ndarray:
    """In each draw the rank of each partner, 1 for the largest value."""
    return (-draws).argsort(axis=1, kind="stable").argsort(axis=1) + 1


def chances_of(ranks: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """P(top) and P(bottom) of each partner, for outer groups of a size."""
    return (ranks <= size).mean(axis=0), (ranks > ranks.shape[1] - size).mean(axis=0)
