"""Which coefficients do the outcomes of worked leads suggest, and how far may they be off?

A penalised regression with an effect for every partner: the mode of the posterior by Newton's method, its curvature as
covariance (Laplace), and the partners' spread by empirical Bayes. Partners only meet through the common coefficients,
so their block of the curvature is a diagonal and is eliminated (Schur complement).
Sources: Breslow & Clayton 1993, doi:10.1080/01621459.1993.10594284; McCullagh & Nelder 1989, chapters 8 and 9.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array
from scipy.special import expit

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

# The partners' standard deviation is sought here; half-normal a priori, so that few partners do not decide alone.
SPREADS = np.linspace(0.03, 2.0, 60)
SPREAD_PRIOR_SD = 0.5
ROUNDS, PRECISE = 40, 1e-9
FEWEST_ROUNDS = 3


def tally(place: Places, weight: Floats, places: int) -> Floats:
    """Sum of the weights at each place."""
    return np.asarray(np.bincount(place, weight, places), dtype=np.float64)


class Terms(NamedTuple):
    """Of each cell: slope and (expected) curvature of the log-likelihood in the linear predictor."""

    slope: Floats
    weight: Floats


class Family(Protocol):
    """A likelihood of cells with `n` cases and the sum `k` of what they brought."""

    def loss(self, eta: Floats, n: Floats, k: Floats) -> float:
        """Minus the log-likelihood, up to a constant."""

    def terms(self, eta: Floats, n: Floats, k: Floats) -> Terms:
        """Slope and curvature."""


class Binomial:
    """`k` of `n` cases have it; the linear predictor is the logit."""

    def loss(self, eta: Floats, n: Floats, k: Floats) -> float:
        return float(n @ np.logaddexp(0.0, eta) - k @ eta)

    def terms(self, eta: Floats, n: Floats, k: Floats) -> Terms:
        p = expit(eta)
        return Terms(k - n * p, n * p * (1 - p))


@dataclass(frozen=True, slots=True)
class Gamma:
    """`n` amounts with the sum `k`, whose variance is `dispersion` × mean²; the linear predictor is the log mean."""

    dispersion: float

    def loss(self, eta: Floats, n: Floats, k: Floats) -> float:
        return float(n @ eta + k @ np.exp(-eta)) / self.dispersion

    def terms(self, eta: Floats, n: Floats, k: Floats) -> Terms:
        return Terms((k * np.exp(-eta) - n) / self.dispersion, n / self.dispersion)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Cells of kind and group with cases and sums; `rows` are the kinds' columns."""

    rows: Floats
    kind: Places
    group: Places
    groups: int
    n: Floats
    k: Floats

    def eta(self, beta: Floats, effects: Floats) -> Floats:
        """The linear predictor of every cell."""
        return np.asarray((self.rows @ beta)[self.kind] + effects[self.group])


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """Normal approximation: `beta` with `covariance`, group effects with `spread` (standard deviation of the prior).

    Given beta, group j's effect has the variance 1 / precision[j] and the mean effects[j] − (pull[j] / precision[j]) ·
    (beta − its mode).
    """

    beta: Floats
    covariance: Floats
    effects: Floats
    precision: Floats
    pull: Floats
    spread: float


def fit_posterior(
    family: Family, cells: Cells, prior_mean: Floats, prior_precision: Floats, spread: float | None = None
) -> Posterior:
    """The posterior; columns that no cell has keep their prior. `spread` None: from the data."""
    seen = np.any(cells.rows != 0, axis=0)
    own = Cells(np.ascontiguousarray(cells.rows[:, seen]), cells.kind, cells.group, cells.groups, cells.n, cells.k)
    found = _newton(family, own, prior_mean[seen], prior_precision[seen], spread)
    beta, covariance = prior_mean.copy(), np.diag(1.0 / prior_precision)
    beta[seen], covariance[np.ix_(seen, seen)] = found.beta, found.covariance
    pull = np.zeros((cells.groups, len(beta)))
    pull[:, seen] = found.pull
    return Posterior(beta, covariance, found.effects, found.precision, pull, found.spread)


class _Curvature(NamedTuple):
    schur: Floats
    pull: Floats
    precision: Floats


def _newton(family: Family, cells: Cells, mean: Floats, precision: Floats, spread: float | None) -> Posterior:
    beta, effects = mean.copy(), np.zeros(cells.groups)
    known = SPREAD_PRIOR_SD if spread is None else spread
    loss = _loss(family, cells, beta, effects, mean, precision, known)
    for number in range(ROUNDS):
        terms = family.terms(cells.eta(beta, effects), cells.n, cells.k)
        if spread is None and number in (2, 3, 5, 8):
            known = _spread(terms, cells, effects)
            loss = _loss(family, cells, beta, effects, mean, precision, known)
        curved = _curvature(terms.weight, cells, precision, known)
        step, moved, gain = _step(terms, curved, cells, beta - mean, effects, precision, known)
        size = 1.0
        while True:
            after = _loss(family, cells, beta + size * step, effects + size * moved, mean, precision, known)
            if after <= loss + 1e-9 * abs(loss) or size < 1e-6:
                break
            size /= 2
        beta, effects, loss = beta + size * step, effects + size * moved, after
        if gain < PRECISE and number >= FEWEST_ROUNDS:
            break
    terms = family.terms(cells.eta(beta, effects), cells.n, cells.k)
    curved = _curvature(terms.weight, cells, precision, known)
    covariance = cho_solve(cho_factor(curved.schur), np.eye(len(beta)))
    return Posterior(beta, covariance, effects, curved.precision, curved.pull, known)


def _loss(
    family: Family, cells: Cells, beta: Floats, effects: Floats, mean: Floats, precision: Floats, spread: float
) -> float:
    away = beta - mean
    penalty = 0.5 * float(away @ (precision * away)) + 0.5 * float(effects @ effects) / spread**2
    return family.loss(cells.eta(beta, effects), cells.n, cells.k) + penalty


def _curvature(weight: Floats, cells: Cells, prior: Floats, spread: float) -> _Curvature:
    by_kind = tally(cells.kind, weight, len(cells.rows))
    common = cells.rows.T @ (by_kind[:, None] * cells.rows) + np.diag(prior)
    shape = (cells.groups, len(cells.rows))
    pull = np.asarray(csr_array((weight, (cells.group, cells.kind)), shape=shape) @ cells.rows)
    precision = tally(cells.group, weight, cells.groups) + spread**-2
    return _Curvature(common - pull.T @ (pull / precision[:, None]), pull, precision)


def _step(
    terms: Terms, curved: _Curvature, cells: Cells, away: Floats, effects: Floats, prior: Floats, spread: float
) -> tuple[Floats, Floats, float]:
    """Newton's step for beta and for the effects, and how much it is expected to gain."""
    by_kind = tally(cells.kind, terms.slope, len(cells.rows))
    uphill = by_kind @ cells.rows - prior * away
    own = tally(cells.group, terms.slope, cells.groups) - effects / spread**2
    step = cho_solve(cho_factor(curved.schur), uphill - (own / curved.precision) @ curved.pull)
    moved = (own - curved.pull @ step) / curved.precision
    return step, moved, float(uphill @ step + own @ moved)


def _spread(terms: Terms, cells: Cells, effects: Floats) -> float:
    """Mean of the posterior of the spread, each group's working mean being normal around its effect."""
    weight = tally(cells.group, terms.weight, cells.groups)
    seen = weight > 0
    if not seen.any():
        return SPREAD_PRIOR_SD
    noise = 1.0 / weight[seen]
    found = effects[seen] + tally(cells.group, terms.slope, cells.groups)[seen] * noise
    variance = SPREADS[:, None] ** 2 + noise
    centre = (found / variance).sum(axis=1) / (1.0 / variance).sum(axis=1)
    log = -0.5 * (np.log(variance) + (found - centre[:, None]) ** 2 / variance).sum(axis=1)
    # The common mean is integrated out: one degree of freedom less.
    log -= 0.5 * np.log((1.0 / variance).sum(axis=1)) + 0.5 * (SPREADS / SPREAD_PRIOR_SD) ** 2
    chance = np.exp(log - log.max())
    return float(chance @ SPREADS / chance.sum())
