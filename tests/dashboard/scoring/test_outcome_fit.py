"""Is the mode of the posterior where others find it, and is its curvature right?"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize

from dashboard.scoring.outcome_features import Block, Design
from dashboard.scoring.outcome_fit import Binomial, Cells, Gamma, fit_posterior, tally

ORACLE = Path(__file__).parents[2] / "reference" / "oracles" / "outcomes.json"
GROUPS = 6


def design(rng: np.random.Generator, kinds: int) -> Design:
    """Two blocks: an intercept with a number, and three answers to a question."""
    number = np.column_stack([np.ones(8), np.linspace(-1, 1, 8)])
    blocks = Block(slice(0, 2), number), Block(slice(2, 5), np.eye(3))
    return Design(blocks, (rng.integers(0, 8, kinds), rng.integers(0, 3, kinds)))


def cells(rng: np.random.Generator, amounts: bool = False) -> Cells:
    own = design(rng, 40)
    kind, group = rng.integers(0, 40, 300), rng.integers(0, GROUPS, 300)
    n = rng.integers(1, 9, 300).astype(float)
    eta = own.predictor(np.array([-1.0, 0.8, 0.3, -0.3, 0.0]))[kind] + rng.normal(0, 0.5, GROUPS)[group]
    k = rng.gamma(n / 0.3, 0.3 * np.exp(eta)) if amounts else rng.binomial(n.astype(int), 1 / (1 + np.exp(-eta)))
    return Cells(own, kind, group, GROUPS, n, k.astype(float))


PRIOR = np.array([0.0, 0.6, 0.0, 0.0, 0.0]), np.array([0.04, 4.0, 1.5, 1.5, 1.5])
SPREAD = 0.4


def penalised(own: Cells, amounts: bool) -> np.ndarray:
    """Minus the log posterior, written out row by row and left to a general optimiser."""
    rows = own.design.dense()[own.kind]

    def loss(parameters: np.ndarray) -> float:
        beta, effects = parameters[:5], parameters[5:]
        eta = rows @ beta + effects[own.group]
        data = (own.n * eta + own.k * np.exp(-eta)) / 0.3 if amounts else own.n * np.log1p(np.exp(eta)) - own.k * eta
        penalty = (PRIOR[1] * (beta - PRIOR[0]) ** 2).sum() + (effects**2).sum() / SPREAD**2
        return float(data.sum() + penalty / 2)

    return minimize(loss, np.zeros(5 + GROUPS), method="BFGS", options={"gtol": 1e-7}).x


@pytest.mark.parametrize("amounts", (False, True))
def test_mode_is_that_of_a_general_optimiser(amounts: bool) -> None:
    own = cells(np.random.default_rng(3), amounts)
    found = fit_posterior(Gamma(0.3) if amounts else Binomial(), own, PRIOR, SPREAD)
    expected = penalised(own, amounts)
    assert found.beta == pytest.approx(expected[:5], abs=2e-4)
    assert found.effects == pytest.approx(expected[5:], abs=2e-4)


def test_covariance_is_the_inverse_of_the_whole_curvature() -> None:
    own = cells(np.random.default_rng(4))
    found = fit_posterior(Binomial(), own, PRIOR, SPREAD)
    rows = np.hstack([own.design.dense()[own.kind], np.eye(GROUPS)[own.group]])
    p = 1 / (1 + np.exp(-own.eta(found.beta, found.effects)))
    whole = rows.T @ (rows * (own.n * p * (1 - p))[:, None]) + np.diag([*PRIOR[1], *[SPREAD**-2] * GROUPS])
    inverse = np.linalg.inv(whole)
    assert found.covariance == pytest.approx(inverse[:5, :5], rel=1e-6)
    # The groups' own block follows from what is kept of it: 1/d + (pull/d) Σ (pull/d)ᵀ.
    ratio = found.pull / found.precision[:, None]
    assert np.diag(1 / found.precision) + ratio @ found.covariance @ ratio.T == pytest.approx(inverse[5:, 5:], rel=1e-6)


def test_mode_is_that_of_statsmodels() -> None:
    for case in json.loads(ORACLE.read_text(encoding="utf-8"))["cases"]:
        rows = np.array(case["rows"])
        place, nowhere = np.arange(len(rows)), np.zeros(len(rows), np.int64)
        n, k = np.array(case["n"], float), np.array(case["k"], float)
        own = Cells(Design((Block(slice(0, rows.shape[1]), rows),), (place,)), place, nowhere, 1, n, k)
        prior = np.array(case["prior_mean"]), np.array(case["prior_precision"])
        # One group whose effect is held at 0 leaves the plain ridge regression.
        found = fit_posterior(Binomial(), own, prior, spread=1e-5)
        assert found.beta == pytest.approx(case["beta"], abs=1e-4)
        assert found.covariance == pytest.approx(np.array(case["covariance"]), rel=1e-3, abs=1e-7)


def test_spread_of_partners_is_found() -> None:
    rng = np.random.default_rng(8)
    groups, each = 150, 200
    group = np.arange(groups)
    for truth in (0.2, 0.6):
        effect = rng.normal(0, truth, groups)
        k = rng.binomial(each, 1 / (1 + np.exp(1 - effect))).astype(float)
        one = Design((Block(slice(0, 1), np.ones((1, 1))),), (np.zeros(1, np.int64),))
        own = Cells(one, np.zeros(groups, np.int64), group, groups, np.full(groups, float(each)), k)
        found = fit_posterior(Binomial(), own, (np.zeros(1), np.full(1, 0.04)))
        assert found.spread == pytest.approx(truth, rel=0.2)
        assert np.corrcoef(found.effects, effect)[0, 1] > 0.7


@pytest.mark.parametrize("have", (0.0, 1.0))
def test_all_lost_and_all_won_have_a_mode(have: float) -> None:
    own = cells(np.random.default_rng(5))
    certain = Cells(own.design, own.kind, own.group, GROUPS, own.n, own.n * have)
    found = fit_posterior(Binomial(), certain, PRIOR)
    chance = 1 / (1 + np.exp(-certain.eta(found.beta, found.effects)))
    assert np.isfinite(found.covariance).all()
    assert np.abs(chance - have).max() < 0.05


def test_sums_over_blocks_are_sums_over_rows() -> None:
    rng = np.random.default_rng(6)
    own, weight = cells(rng), rng.random(300)
    rows = own.design.dense()[own.kind]
    assert own.common(weight) == pytest.approx(weight @ rows)
    assert own.squares(weight) == pytest.approx(rows.T @ (rows * weight[:, None]))
    expected = np.array([(rows * weight[:, None])[own.group == group].sum(axis=0) for group in range(GROUPS)])
    assert own.by_group(weight) == pytest.approx(expected)
    assert tally(own.group, weight, GROUPS).sum() == pytest.approx(weight.sum())
