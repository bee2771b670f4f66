"""Are logistic curves the likeliest ones, free and under inequalities, as others' programs find them?"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.optimize import nnls
from scipy.special import expit

from dashboard.scoring.constrained_ridge import Prior, constrained_ridge, quadratic_programme
from dashboard.scoring.logistic_fit import logistic_fit

ORACLE = json.loads((Path(__file__).parents[2] / "reference" / "oracles" / "logistic.json").read_text())


@pytest.mark.parametrize("case", ORACLE["plain"])
def test_statsmodels_finds_the_same_curve(case: dict) -> None:
    columns, won, leads, offset = (np.array(case[name]) for name in ("columns", "won", "leads", "offset"))
    found = logistic_fit(columns, won, leads, offset)
    assert found is not None
    assert found.coefficients == pytest.approx(np.array(case["coefficients"]), abs=1e-7)
    assert found.covariance == pytest.approx(np.array(case["covariance"]), rel=1e-4, abs=1e-9)


def test_one_rate_is_its_logit() -> None:
    """30 of 120 won: the intercept is ln(30/90) = −ln 3, its variance 1 / (120 · ¼ · ¾) = 1/22.5."""
    found = logistic_fit(np.ones((2, 1)), np.array([10, 20]), np.array([60, 60]))
    assert found is not None
    assert found.coefficients[0] == pytest.approx(-np.log(3))
    assert found.covariance[0, 0] == pytest.approx(1 / 22.5)


@pytest.mark.parametrize("won", [(0, 0), (60, 60), (0, 60)])
def test_no_finite_curve_is_said_so(won: tuple[int, int]) -> None:
    columns = np.array([[1.0, 0.0], [1.0, 1.0]])
    assert logistic_fit(columns, np.array(won), np.array([60, 60])) is None


@pytest.mark.parametrize("case", ORACLE["constrained"])
def test_an_interior_point_method_finds_the_same(case: dict) -> None:
    columns, won, leads, rows = (np.array(case[name]) for name in ("columns", "won", "leads", "rows"))
    prior = Prior(np.zeros(columns.shape[1]), np.array(case["precision"]), rows)
    found = constrained_ridge(columns, won, leads, prior)
    assert found == pytest.approx(np.array(case["coefficients"]), abs=2e-5)
    assert (rows @ found).min() >= -1e-9


# In the first example only 0 keeps to all rows.
@example(413, 6, True)
@given(st.integers(0, 2**32), st.integers(0, 6), st.booleans())
def test_no_direction_leads_down(seed: int, inequalities: int, equality: bool) -> None:
    """Karush–Kuhn–Tucker: the slope is a non-negative sum of the rows that hold with equality, so this is the least."""
    rng = np.random.default_rng(seed)
    columns = np.column_stack([np.ones(40), rng.integers(0, 2, (40, 4))]).astype(float)
    leads = rng.integers(0, 30, 40)
    won = rng.binomial(leads, expit(columns @ rng.normal(0, 1, 5)))
    rows = rng.normal(0, 1, (inequalities, 5))
    if equality:
        rows = np.vstack([rows, row := rng.normal(0, 1, 5), -row])
    prior = Prior(np.zeros(5), rng.uniform(0.2, 5, 5), rows)
    found = constrained_ridge(columns, won, leads, prior)
    slope = columns.T @ (leads * expit(columns @ found) - won) + prior.precision * found
    if not len(rows):
        assert slope == pytest.approx(0, abs=1e-3)
        return
    slack = rows @ found
    assert slack.min() >= -1e-8
    active = rows[slack < 1e-6]
    rest = nnls(active.T, slope)[1] if len(active) else np.linalg.norm(slope)
    assert rest <= 1e-3 * (1 + np.linalg.norm(leads))


def test_a_quadratic_by_hand() -> None:
    """Least of (x − 2)² + (y + 1)² with x ≥ y and y ≥ 0: y = 0, x = 2; with x ≤ y instead: both at ½."""
    curvature, slope = 2 * np.eye(2), np.array([-4.0, 2.0])
    assert quadratic_programme(curvature, slope, np.array([[1.0, -1.0], [0.0, 1.0]])) == pytest.approx([2, 0])
    assert quadratic_programme(curvature, slope, np.array([[-1.0, 1.0]])) == pytest.approx([0.5, 0.5])
