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
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit

from dashboard.scoring.outcome_features import Design, Floats, Places

# The partners' standard deviation is sought here; half-normal a priori, so that few partners do not decide alone.
SPREADS = np.linspace(0.03, 2.0, 60)
SPREAD_PRIOR_SD = 0.5
# A step that gains so little in log-likelihood is the last; the spread is sought from the third step on.
ROUNDS, PRECISE, SHORTEST = 60, 1e-7, 1e-6
FEWEST_ROUNDS, STEADY = 2, 0.003


def tally(place: Places, weight: Floats, places: int) -> Floats:
    """Sum of the weights at each place."""
    return np.asarray(np.bincount(place, weight, places), dtype=np.float64)


class Terms(NamedTuple):
    """Of each cell: slope and (expected) curvature of the log-likelihood in the linear predictor."""

    slope: Floats
    weight: Floats


class Family(Protocol):
    """A likelihood of cells with `n` cases and the sum `k` of what they brought."""

    def middle(self, n: Floats, k: Floats) -> float:
        """The linear predictor of the overall mean."""

    def loss(self, eta: Floats, n: Floats, k: Floats) -> float:
        """Minus the log-likelihood, up to a constant."""

    def terms(self, eta: Floats, n: Floats, k: Floats) -> Terms:
        """Slope and curvature."""


class Binomial:
    """`k` of `n` cases have it; the linear predictor is the logit."""

    def middle(self, n: Floats, k: Floats) -> float:
        return float(np.log((k.sum() + 0.5) / (n.sum() - k.sum() + 0.5)))

    def loss(self, eta: Floats, n: Floats, k: Floats) -> float:
        return float(n @ np.logaddexp(0.0, eta) - k @ eta)

    def terms(self, eta: Floats, n: Floats, k: Floats) -> Terms:
        p = expit(eta)
        return Terms(k - n * p, n * p * (1 - p))


@dataclass(frozen=True, slots=True)
class Gamma:
    """`n` amounts with the sum `k`, whose variance is `dispersion` × mean²; the linear predictor is the log mean."""

    dispersion: float

    def middle(self, n: Floats, k: Floats) -> float:
        return float(np.log(k.sum() / n.sum()))

    def loss(self, eta: Floats, n: Floats, k: Floats) -> float:
        return float(n @ eta + k @ np.exp(-eta)) / self.dispersion

    def terms(self, eta: Floats, n: Floats, k: Floats) -> Terms:
        return Terms((k * np.exp(-eta) - n) / self.dispersion, n / self.dispersion)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Cells of kind (place in the design) and group with cases and sums."""

    design: Design
    kind: Places
    group: Places
    groups: int
    n: Floats
    k: Floats

    def eta(self, beta: Floats, effects: Floats) -> Floats:
        """The linear predictor of every cell."""
        return np.asarray(self.design.predictor(beta)[self.kind] + effects[self.group])

    def common(self, weight: Floats) -> Floats:
        """Σ weight × columns."""
        by_kind = tally(self.kind, weight, len(self.design.places[0]))
        parts = zip(self.design.blocks, self.design.places, strict=True)
        return np.concatenate([tally(place, by_kind, len(block.table)) @ block.table for block, place in parts])

    def squares(self, weight: Floats) -> Floats:
        """Σ weight × columns × columns."""
        by_kind = tally(self.kind, weight, len(self.design.places[0]))
        blocks, places = self.design.blocks, self.design.places
        count = blocks[-1].columns.stop
        found = np.zeros((count, count))
        for a, (left, row) in enumerate(zip(blocks, places, strict=True)):
            own = tally(row, by_kind, len(left.table))
            found[left.columns, left.columns] = left.table.T @ (own[:, None] * left.table)
            for right, column in zip(blocks[:a], places[:a], strict=True):
                shape = len(left.table), len(right.table)
                both = tally(row * shape[1] + column, by_kind, shape[0] * shape[1]).reshape(shape)
                found[left.columns, right.columns] = left.table.T @ (both @ right.table)
                found[right.columns, left.columns] = found[left.columns, right.columns].T
        return found

    def by_group(self, weight: Floats) -> Floats:
        """Σ weight × columns of each group."""
        parts = []
        for block, place in zip(self.design.blocks, self.design.places, strict=True):
            rows = len(block.table)
            own = tally(self.group * rows + place[self.kind], weight, self.groups * rows)
            parts.append(own.reshape(self.groups, rows) @ block.table)
        return np.hstack(parts)


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
    family: Family,
    cells: Cells,
    prior: tuple[Floats, Floats],
    spread: float | None = None,
    start: Posterior | None = None,
) -> Posterior:
    """The posterior; `prior`: mean and precision of the coefficients. `spread` None: from the data.

    `start`: a posterior of much the same data, whose mode is near.
    """
    state = _begin(family, cells, prior, spread, start)
    for number in range(ROUNDS):
        terms = family.terms(cells.eta(state.beta, state.effects), cells.n, cells.k)
        steady = True
        if spread is None and number >= FEWEST_ROUNDS:
            found = _spread(terms, cells, state.effects)
            steady = abs(found / state.spread - 1) < STEADY
            state = _at(family, cells, prior, state.beta, state.effects, state.spread if steady else found)
        curved = _curvature(terms.weight, cells, prior[1], state.spread)
        state, gain = _moved(family, cells, prior, state, terms, curved)
        if gain < PRECISE and steady and (spread is not None or number >= FEWEST_ROUNDS):
            break
    terms = family.terms(cells.eta(state.beta, state.effects), cells.n, cells.k)
    curved = _curvature(terms.weight, cells, prior[1], state.spread)
    covariance = cho_solve(cho_factor(curved.schur), np.eye(len(state.beta)))
    return Posterior(state.beta, covariance, state.effects, curved.precision, curved.pull, state.spread)


class _State(NamedTuple):
    beta: Floats
    effects: Floats
    spread: float
    loss: float


def _begin(
    family: Family, cells: Cells, prior: tuple[Floats, Floats], spread: float | None, start: Posterior | None
) -> _State:
    if start is not None:
        return _at(family, cells, prior, start.beta, start.effects, spread or start.spread)
    beta = prior[0].copy()
    # The intercept that suits the mean; the rest of the columns stays at what is supposed a priori.
    nobody = np.zeros(cells.groups)
    beta[0] += family.middle(cells.n, cells.k) - float(np.average(cells.eta(beta, nobody), weights=cells.n))
    return _at(family, cells, prior, beta, nobody, spread or SPREAD_PRIOR_SD)


def _at(
    family: Family, cells: Cells, prior: tuple[Floats, Floats], beta: Floats, effects: Floats, spread: float
) -> _State:
    return _State(beta, effects, spread, _loss(family, cells, beta, effects, *prior, spread))


def _moved(
    family: Family, cells: Cells, prior: tuple[Floats, Floats], state: _State, terms: Terms, curved: _Curvature
) -> tuple[_State, float]:
    """One step of Newton's, halved until it leads downhill, and what it was expected to gain."""
    step, moved, gain = _step(terms, curved, cells, state.beta - prior[0], state.effects, prior[1], state.spread)
    size = 1.0
    while True:
        after = _at(family, cells, prior, state.beta + size * step, state.effects + size * moved, state.spread)
        if after.loss <= state.loss + 1e-9 * abs(state.loss) or size < SHORTEST:
            return after, gain
        size /= 2


class _Curvature(NamedTuple):
    schur: Floats
    pull: Floats
    precision: Floats


def _loss(
    family: Family, cells: Cells, beta: Floats, effects: Floats, mean: Floats, precision: Floats, spread: float
) -> float:
    away = beta - mean
    penalty = 0.5 * float(away @ (precision * away)) + 0.5 * float(effects @ effects) / spread**2
    return family.loss(cells.eta(beta, effects), cells.n, cells.k) + penalty


def _curvature(weight: Floats, cells: Cells, prior: Floats, spread: float) -> _Curvature:
    pull = cells.by_group(weight)
    precision = tally(cells.group, weight, cells.groups) + spread**-2
    common = cells.squares(weight) + np.diag(prior)
    return _Curvature(common - pull.T @ (pull / precision[:, None]), pull, precision)


def _step(
    terms: Terms, curved: _Curvature, cells: Cells, away: Floats, effects: Floats, prior: Floats, spread: float
) -> tuple[Floats, Floats, float]:
    """Newton's step for beta and for the effects, and how much it is expected to gain."""
    uphill = cells.common(terms.slope) - prior * away
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
