"""Does the model of pages find what other computations find: a regression, dense matrices, sums over a grid?"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import multivariate_normal, nbinom, norm

from dashboard.metrics.prospect_model import GUESS, GUESS_WEIGHT, RATING_EFFECT, Pages, _counts, _solved, fit

ORACLE = Path(__file__).parents[2] / "reference" / "oracles" / "prospects.json"


def pages(count: int, partners: int, seed: int, *, slope: float = 0.0, kinds: tuple[float, ...] = (0.0, 0.0)) -> Pages:
    """Pages with deals at a known rate; a page's partner has a hand in it."""
    rng = np.random.default_rng(seed)
    of, kind = np.sort(rng.integers(0, partners, count)), rng.integers(0, len(kinds), count)
    rating = rng.uniform(10, 90, count)
    log_rate = np.array(kinds)[kind] + slope * (rating - 50) / 23 + 0.5 * rng.standard_normal(partners)[of]
    deals = rng.poisson(4 * np.exp(log_rate) * rng.gamma(2.0, 0.5, count)).astype(float)
    where = np.repeat(np.arange(count), deals.astype(int))
    logs = 10.0 + 0.3 * rng.standard_normal(partners)[of][where] + 0.6 * rng.standard_normal(where.size)
    sums = [np.bincount(where, own, count) for own in (logs, logs**2, np.exp(logs))]
    names = np.array([f"k{k}" for k in kind], dtype=object)
    return Pages(names, rating, of, np.full(count, 4.0), deals, *sums)


def test_mode_without_partners_is_the_regression_of_another_program() -> None:
    """statsmodels' negative binomial regression with the shape given; our prior draws the slope by half a per cent."""
    known = json.loads(ORACLE.read_text(encoding="utf-8"))
    x, deals, quarters = (np.array(known[name]) for name in ("x", "deals", "quarters"))
    rows = np.column_stack([np.ones(len(x)), x, np.zeros(len(x))])
    empty = np.zeros(len(x))
    own = Pages(empty, empty, np.arange(len(x)), quarters, deals, empty, empty, empty)
    found = _counts(own, rows).mode(np.array([known["shape"] ** -0.5, 1e-3, 1.0]))
    assert found.effects[:2] == pytest.approx(known["effects"], abs=4e-3)
    deviation = np.sqrt(np.diag(np.linalg.inv(found.factor @ found.factor.T)))[:2]
    assert deviation == pytest.approx(known["errors"], rel=0.03)


def test_evidence_of_one_partner_is_its_integral() -> None:
    """One partner with three pages and a known level: Laplace against quadrature over the partner's effect."""
    deals, quarters = np.array([30.0, 41.0, 18.0]), np.array([4.0, 4.0, 2.0])
    rows, empty = np.zeros((3, 3)), np.zeros(3)
    counts = _counts(Pages(empty, empty, np.zeros(3), quarters, deals, empty, empty, empty), rows)

    def density(effect: float, spread: float) -> float:
        mean = quarters * np.exp(effect)
        return float(np.exp(nbinom.logpmf(deals, 4.0, 4.0 / (4.0 + mean)).sum()) * norm.pdf(effect, 0, spread))

    exact = [np.log(quad(density, 0, 5, args=(spread,))[0]) for spread in (1.0, 2.0)]
    laplace = [counts.mode(np.array([0.5, spread, 1.0])).log_evidence for spread in (1.0, 2.0)]
    assert laplace[1] - laplace[0] == pytest.approx(exact[1] - exact[0], abs=2e-3)


def test_evidence_of_values_is_that_of_a_dense_normal() -> None:
    """The same linear mixed model written as one large normal distribution, its variance integrated by quadrature."""
    own = pages(12, 4, 3)
    own = replace(own, log_sum=own.log_sum - 10 * own.deals,
                  log_square_sum=own.log_square_sum - 20 * own.log_sum + 100 * own.deals)  # fmt: skip
    rows = np.column_stack([np.ones(12), np.tile([0.0, 1.0], 6), np.tile([1.0, 0.0, -1.0], 4), np.zeros(12)])
    some = own.deals > 0
    told, rows, deals = own.where(some), rows[some], own.deals[some]
    average, n = told.log_sum / deals, float(deals.sum())
    within = float((told.log_square_sum - told.log_sum**2 / deals).sum())
    same = told.partner[:, None] == told.partner[None, :]

    def exact(partner: float, kind: float) -> float:
        spread = np.diag([1e6, kind**2, RATING_EFFECT**2, 0.25])
        shape = rows @ spread @ rows.T + partner**2 * same + np.diag(1 / deals)

        def density(log_variance: float) -> float:
            variance = np.exp(log_variance)
            means = multivariate_normal.logpdf(average, np.zeros(len(average)), variance * shape)
            # The level's prior is flat in units of the deals' spread, as ours: one degree of freedom less.
            rest = (
                -(n - len(average) + GUESS_WEIGHT - 1) / 2 * log_variance
                - (within + GUESS * GUESS_WEIGHT) / variance / 2
            )
            return float(np.exp(means + rest + 40))

        return float(np.log(quad(density, -4, 4)[0])) - kind**2

    ours = {pair: _solved(told, rows, *pair)[0] for pair in ((0.3, 0.2), (1.0, 0.2), (0.3, 0.7))}
    first = (0.3, 0.2)
    for pair in ((1.0, 0.2), (0.3, 0.7)):
        assert ours[pair] - ours[first] == pytest.approx(exact(*pair) - exact(*first), abs=0.02)


def test_effects_that_are_there_are_found() -> None:
    own = pages(1_500, 150, 8, slope=0.5, kinds=(0.7, -0.7))
    model = fit(own, 400, 1)
    assert model is not None
    slope = np.quantile(model.rate.effects[:, -2], [0.025, 0.975])
    assert slope[0] < 0.5 < slope[1]
    gap = np.quantile(model.rate.effects[:, 1] - model.rate.effects[:, 2], [0.025, 0.975])
    assert gap[0] < 1.4 < gap[1]
    assert model.rate.partners.mean() == pytest.approx(0.5, abs=0.15)
    assert model.rate.single.mean() == pytest.approx(0.5**0.5, abs=0.15)
    assert model.value.single.mean() == pytest.approx(0.6, abs=0.03)
    assert model.value.partners.mean() == pytest.approx(0.3, abs=0.08)


def test_expected_pipeline_is_the_mean_of_what_is_drawn() -> None:
    own = pages(600, 80, 9, slope=0.4)
    model = fit(own, 3_000, 2)
    assert model is not None
    kind, rating = np.array(["k0", "k1", "never seen"], dtype=object), np.array([20.0, 80.0, np.nan])
    expected = model.expected(kind, rating).mean(axis=0)
    drawn = model.brought(kind, rating, np.full(3, 40.0), np.random.default_rng(3)).mean(axis=0)
    assert drawn == pytest.approx(expected, rel=0.12)


def test_too_little_says_nothing() -> None:
    assert fit(pages(19, 10, 1), 10, 1) is None
    assert fit(pages(60, 4, 1), 10, 1) is None
    few = pages(60, 20, 1)
    assert fit(replace(few, deals=np.zeros(60)), 10, 1) is None


def test_the_same_pages_and_seed_give_the_same_draws() -> None:
    first, second = (fit(pages(120, 30, 4), 50, 7) for _ in range(2))
    assert first is not None
    assert second is not None
    assert np.array_equal(first.rate.effects, second.rate.effects)
    assert np.array_equal(first.value.single, second.value.single)
