"""What may a page of a partner that is not yet one be expected to bring, by its kind and its domain rating?

Pages of existing partners over a year. Deals of a page: negative binomial about quarters × rate; the log rate is a
level, an effect of the kind (kinds drawn to each other), one of the domain rating, and one of the partner, for a
partner's pages have its luck in common and a prospect's partner is unknown. Logarithms of deal values: normal, with the
same terms. Modes by Newton's method, the random effects' variances integrated out: for deals by importance sampling
about the mode of their Laplace approximation, for values on a grid, exactly.
Source: Tierney & Kadane 1986, doi:10.1080/01621459.1986.10478240 (Laplace); Lawless 1987, doi:10.2307/3314912 (negative
binomial regression); Gelman 2006, doi:10.1214/06-BA117A (priors of spreads); Laird & Ware 1982, doi:10.2307/2529876.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, logsumexp

Array = np.ndarray

# Fewer pages, partners or deals than these say too little.
FEWEST_PAGES, FEWEST_PARTNERS, FEWEST_DEALS = 20, 5, 20
# Prior standard deviations of the effects of one standard deviation of domain rating and of an unknown rating.
RATING_EFFECT, UNKNOWN_EFFECT = 0.7, 0.5
# Half-normal priors of overdispersion (shape^-½), of the partners' spread and of the kinds' spread.
SPREADS = np.array([1.5, 1.5, 0.5])
IMPORTANCE, NEWTON, CLOSE = 48, 40, 1e-8
# Of more deals than these the mean worth hardly varies.
MANY = 256
# What is guessed of the variance of ln deal value, weighing as much as so many deals.
GUESS, GUESS_WEIGHT = 0.8, 4.0
_PARTNER_RATIOS = np.linspace(0.05, 1.5, 10)
_KIND_RATIOS = np.linspace(0.03, 0.8, 7)


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages as columns: kind, domain rating (NaN: unknown), partner, quarters (91.25 days) out, deals that are worth
    something, the sum of the logarithms of their worth, that of the squares of these, and their worth together."""

    kind: Array
    rating: Array
    partner: Array
    quarters: Array
    deals: Array
    log_sum: Array
    log_square_sum: Array
    worth: Array

    def __len__(self) -> int:
        return len(self.kind)

    def where(self, chosen: Array) -> Pages:
        """Some of the pages."""
        return Pages(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))

    @property
    def enough(self) -> bool:
        """Whether they say anything about other pages."""
        partners = len(np.unique(self.partner))
        return len(self) >= FEWEST_PAGES and partners >= FEWEST_PARTNERS and float(self.deals.sum()) >= FEWEST_DEALS


@dataclass(frozen=True, slots=True)
class Scale:
    """How pages become rows of numbers: the kinds in order, middle and spread of the known ratings."""

    kinds: tuple[str, ...]
    middle: float
    spread: float

    def rows(self, kind: Array, rating: Array) -> Array:
        """Level, kinds, rating in standard deviations, unknown rating; a kind never seen has an effect, too."""
        known = ~np.isnan(rating)
        found = np.zeros((len(kind), len(self.kinds) + 3))
        found[:, 0] = 1.0
        place = {name: index for index, name in enumerate(self.kinds)}
        for index, name in enumerate(kind):
            if name in place:
                found[index, 1 + place[name]] = 1.0
        found[:, -2] = np.where(known, (np.where(known, rating, 0.0) - self.middle) / self.spread, 0.0)
        found[:, -1] = ~known
        return found


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws of one half of the model (rows): effects, spread of partners, spread of kinds, and the spread of single
    pages (deals: shape^-½ of the gamma) or of single deals (values: standard deviation of ln)."""

    effects: Array
    partners: Array
    kinds: Array
    single: Array


@dataclass(frozen=True, slots=True)
class Model:
    """What existing pages taught, as draws of all parameters."""

    scale: Scale
    rate: Draws
    value: Draws

    def expected(self, kind: Array, rating: Array) -> Array:
        """Expected pipeline per quarter of pages of partners never seen, by draw and page."""
        rows, new = self.scale.rows(kind, rating), self._unseen(kind)
        log_rate = (
            self.rate.effects @ rows.T + (self.rate.partners[:, None] ** 2 + new * self.rate.kinds[:, None] ** 2) / 2
        )
        value = self.value
        spread = value.partners**2 + value.single**2
        log_value = value.effects @ rows.T + (spread[:, None] + new * value.kinds[:, None] ** 2) / 2
        return np.asarray(np.exp(log_rate + log_value))

    def brought(self, kind: Array, rating: Array, quarters: Array, rng: np.random.Generator) -> Array:
        """Pipeline per quarter that such pages might bring in so many quarters, by draw and page."""
        rows, new = self.scale.rows(kind, rating), self._unseen(kind)
        shape = (len(self.rate.partners), len(kind))
        log_rate = self._centre(self.rate, rows, new, rng)
        grain = np.broadcast_to(self.rate.single[:, None] ** -2.0, shape)
        rate = np.exp(np.minimum(log_rate, 30.0)) * rng.gamma(grain) / grain
        deals = rng.poisson(np.minimum(rate * quarters, 1e5))
        log_value = self._centre(self.value, rows, new, rng)
        return np.asarray(_summed(deals, log_value, self.value.single, rng) / quarters)

    def _unseen(self, kind: Array) -> Array:
        return np.array([name not in self.scale.kinds for name in kind], dtype=float)

    @staticmethod
    def _centre(draws: Draws, rows: Array, new: Array, rng: np.random.Generator) -> Array:
        """Log rate or value with the luck of an unknown partner, and of a kind never seen."""
        spread = np.sqrt(draws.partners[:, None] ** 2 + new * draws.kinds[:, None] ** 2)
        return np.asarray(draws.effects @ rows.T + spread * rng.standard_normal((len(spread), len(rows))))


def _summed(deals: Array, log_value: Array, single: Array, rng: np.random.Generator) -> Array:
    """The worth of so many deals each; of very many, as many as suffice are drawn for all."""
    counts = np.minimum(deals, MANY).ravel()
    where = np.repeat(np.arange(counts.size), counts)
    spread = np.repeat(single, deals.shape[1])
    each = np.exp(log_value.ravel()[where] + spread[where] * rng.standard_normal(where.size))
    drawn = np.bincount(where, each, counts.size).reshape(deals.shape)
    return np.asarray(drawn * np.maximum(deals / MANY, 1.0))


def fit(pages: Pages, draws: int, seed: int) -> Model | None:
    """The model with so many draws of its parameters; None where the pages say too little."""
    if not pages.enough:
        return None
    rng = np.random.default_rng(seed)
    ordered = pages.where(np.argsort(pages.partner, kind="stable"))
    known = ordered.rating[~np.isnan(ordered.rating)]
    spread = float(known.std()) if len(known) > 1 else 0.0
    scale = Scale(
        tuple(np.unique(ordered.kind).tolist()),
        float(known.mean()) if len(known) else 0.0,
        spread if spread > 0 else 1.0,
    )
    rows = scale.rows(ordered.kind, ordered.rating)
    return Model(scale, _rates(ordered, rows, draws, rng), _values(ordered, rows, draws, rng))


# -- deals --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Mode:
    """Mode of effects and partners at given spreads, the log evidence, and the Cholesky factor of the precision of the
    effects with the partners integrated out."""

    effects: Array
    partners: Array
    log_evidence: float
    factor: Array


@dataclass(frozen=True, slots=True)
class _Counts:
    """Pages in the order of their partners; `begins`: the first page of each."""

    rows: Array
    deals: Array
    quarters: Array
    begins: Array
    of: Array
    times: tuple[Array, Array]
    level: float

    def precision(self, kinds: float) -> Array:
        """Prior precisions of the effects."""
        own = np.full(self.rows.shape[1], kinds**-2.0)
        own[0], own[-2], own[-1] = 1 / 9.0, RATING_EFFECT**-2.0, UNKNOWN_EFFECT**-2.0
        return own

    def mode(self, spreads: Array, start: tuple[Array, Array] | None = None) -> _Mode:
        """Newton's method; the log density is concave in all effects."""
        shape, partner = float(spreads[0]) ** -2.0, float(spreads[1]) ** -2.0
        prior = self.precision(float(spreads[2]))
        effects, own = start or (np.eye(self.rows.shape[1])[0] * self.level, np.zeros(len(self.begins)))
        found = self._log_density(effects, own, shape, partner, prior)
        for _ in range(NEWTON):
            slope, schur, mixed, diagonal = self._curvature(effects, own, shape, partner, prior)
            step = np.linalg.solve(schur, slope[0] - mixed.T @ (slope[1] / diagonal))
            other = (slope[1] - mixed @ step) / diagonal
            length = 1.0
            while True:
                tried = self._log_density(effects + length * step, own + length * other, shape, partner, prior)
                if tried >= found or length < 1e-4:
                    break
                length /= 2
            effects, own, gain, found = effects + length * step, own + length * other, tried - found, tried
            if gain < CLOSE * max(1.0, abs(found)):
                break
        _, schur, _, diagonal = self._curvature(effects, own, shape, partner, prior)
        factor = np.linalg.cholesky(schur)
        curved = 2 * np.log(np.diag(factor)).sum() + np.log(diagonal).sum()
        return _Mode(effects, own, found - curved / 2, factor)

    def _log_density(self, effects: Array, own: Array, shape: float, partner: float, prior: Array) -> float:
        """Likelihood and priors, with all constants that depend on the spreads."""
        mean = self._mean(effects, own)
        counts, times = self.times
        rising = float(times @ gammaln(counts + shape)) - len(mean) * (gammaln(shape) - shape * np.log(shape))
        likelihood = float(self.deals @ np.log(mean)) - float((self.deals + shape) @ np.log(mean + shape))
        gap = effects.copy()
        gap[0] -= self.level
        effect = float(np.log(prior).sum() - prior @ gap**2) / 2
        return float(rising + likelihood + effect) + float(len(own) * np.log(partner) - partner * float(own @ own)) / 2

    def _mean(self, effects: Array, own: Array) -> Array:
        return np.asarray(self.quarters * np.exp(np.clip(self.rows @ effects + own[self.of], -25.0, 25.0)))

    def _curvature(
        self, effects: Array, own: Array, shape: float, partner: float, prior: Array
    ) -> tuple[tuple[Array, Array], Array, Array, Array]:
        """Slopes by effects and partners; the precision of the effects, what both share, that of the partners."""
        mean = self._mean(effects, own)
        slope = shape * (self.deals - mean) / (shape + mean)
        weight = (self.deals + shape) * shape * mean / (mean + shape) ** 2
        weighted = weight[:, None] * self.rows
        mixed = np.add.reduceat(weighted, self.begins)
        diagonal = np.add.reduceat(weight, self.begins) + partner
        gap = effects.copy()
        gap[0] -= self.level
        slopes = self.rows.T @ slope - prior * gap, np.add.reduceat(slope, self.begins) - partner * own
        schur = self.rows.T @ weighted + np.diag(prior) - mixed.T @ (mixed / diagonal[:, None])
        return slopes, schur, mixed, diagonal


def _counts(pages: Pages, rows: Array) -> _Counts:
    _, begins, of = np.unique(pages.partner, return_index=True, return_inverse=True)
    level = float(np.log(pages.deals.sum() / pages.quarters.sum()))
    times = np.unique(pages.deals, return_counts=True)
    return _Counts(rows, pages.deals, pages.quarters, begins, of.reshape(-1), times, level)


def _rates(pages: Pages, rows: Array, draws: int, rng: np.random.Generator) -> Draws:
    counts = _counts(pages, rows)
    start: tuple[Array, Array] | None = None

    def log_density(log_spreads: Array) -> tuple[float, _Mode]:
        nonlocal start
        spreads = np.exp(np.clip(log_spreads, -5.0, 2.0))
        found = counts.mode(spreads, start)
        start = (found.effects, found.partners)
        prior = float(-((spreads / SPREADS) ** 2).sum() / 2 + log_spreads.sum())
        return found.log_evidence + prior, found

    best = minimize(
        lambda point: -log_density(point)[0], np.log([1.0, 0.7, 0.3]), method="Nelder-Mead",
        options={"xatol": 0.05, "fatol": 0.05, "maxfev": 120},
    ).x  # fmt: skip
    points, log_weight = _spread_points(lambda point: log_density(point)[0], best, rng)
    modes = [log_density(point)[1] for point in points]
    weight = np.exp(log_weight - logsumexp(log_weight))
    chosen = rng.choice(len(points), draws, p=weight)
    normal = rng.standard_normal((draws, rows.shape[1]))
    effects = np.array(
        [modes[own].effects + np.linalg.solve(modes[own].factor.T, z) for own, z in zip(chosen, normal, strict=True)]
    )
    spreads = np.exp(np.clip(points, -5.0, 2.0))[chosen]
    return Draws(effects, spreads[:, 1], spreads[:, 2], spreads[:, 0])


def _spread_points(ask: Callable[[Array], float], best: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Points about the mode, from a normal distribution a little wider than the curvature says, with their weights."""
    step, size = 0.25, len(best)
    middle = ask(best)
    curvature = np.zeros((size, size))
    unit = np.eye(size) * step
    ends = [(ask(best + unit[i]), ask(best - unit[i])) for i in range(size)]
    for i in range(size):
        curvature[i, i] = -(ends[i][0] - 2 * middle + ends[i][1]) / step**2
        for j in range(i):
            both = ask(best + unit[i] + unit[j])
            curvature[i, j] = curvature[j, i] = -(both - ends[i][0] - ends[j][0] + middle) / step**2
    value, vector = np.linalg.eigh(curvature)
    deviation = 1.2 / np.sqrt(np.clip(value, 0.5, None))
    z = rng.standard_normal((IMPORTANCE // 2, size))
    z = np.concatenate([z, -z])
    points = best + (z * deviation) @ vector.T
    found = np.array([ask(point) for point in points])
    return points, found + (z**2).sum(axis=1) / 2


# -- values -------------------------------------------------------------------------------------------------------


def _values(pages: Pages, rows: Array, draws: int, rng: np.random.Generator) -> Draws:
    """Linear mixed model of ln deal value; spreads of partners and kinds are told in units of that of single deals."""
    some = pages.deals > 0
    own, rows = pages.where(some), rows[some]
    shift = float(own.log_sum.sum() / own.deals.sum())
    centred = replace(
        own,
        log_sum=own.log_sum - shift * own.deals,
        log_square_sum=own.log_square_sum - 2 * shift * own.log_sum + shift**2 * own.deals,
    )
    grid = [(partner, kind) for partner in _PARTNER_RATIOS for kind in _KIND_RATIOS]
    solved = [_solved(centred, rows, partner, kind) for partner, kind in grid]
    log_density = np.array([log_evidence for log_evidence, *_ in solved])
    chosen = rng.choice(len(grid), draws, p=np.exp(log_density - logsumexp(log_density)))
    deals = float(own.deals.sum())
    left = np.array([solved[i][3] for i in chosen])
    single = np.sqrt(left / rng.chisquare(deals - 1 + GUESS_WEIGHT, draws))
    normal = rng.standard_normal((draws, rows.shape[1]))
    effects = np.array(
        [
            solved[i][1] + deviation * np.linalg.solve(solved[i][2].T, z)
            for i, deviation, z in zip(chosen, single, normal, strict=True)
        ]
    )
    effects[:, 0] += shift
    ratios = np.array(grid)[chosen]
    return Draws(effects, ratios[:, 0] * single, ratios[:, 1] * single, single)


def _solved(pages: Pages, rows: Array, partner: float, kind: float) -> tuple[float, Array, Array, float]:
    """Log evidence with the variance integrated out, the effects, the factor of their precision, the squares left."""
    _, begins = np.unique(pages.partner, return_index=True)
    prior = np.full(rows.shape[1], kind**-2.0)
    prior[0], prior[-2], prior[-1] = 1e-6, RATING_EFFECT**-2.0, UNKNOWN_EFFECT**-2.0
    weighted = pages.deals[:, None] * rows
    mixed = np.add.reduceat(weighted, begins)
    diagonal = np.add.reduceat(pages.deals, begins) + partner**-2.0
    right, right_own = rows.T @ pages.log_sum, np.add.reduceat(pages.log_sum, begins)
    schur = rows.T @ weighted + np.diag(prior) - mixed.T @ (mixed / diagonal[:, None])
    factor = np.linalg.cholesky(schur)
    effects = np.linalg.solve(schur, right - mixed.T @ (right_own / diagonal))
    own = (right_own - mixed @ effects) / diagonal
    left = float(pages.log_square_sum.sum() - effects @ right - own @ right_own) + GUESS * GUESS_WEIGHT
    evidence = float(np.log(prior).sum()) / 2 - len(begins) * np.log(partner)
    evidence -= float(np.log(np.diag(factor)).sum() + np.log(diagonal).sum() / 2)
    evidence -= (float(pages.deals.sum()) - 1 + GUESS_WEIGHT) / 2 * np.log(left)
    return evidence - kind**2, effects, factor, left
