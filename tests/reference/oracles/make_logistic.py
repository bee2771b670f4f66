"""What do statsmodels and scipy's own optimisers say about logistic curves? Writes logistic.json beside this file.

Not run by the tests; needs statsmodels in an environment of its own: `python tests/reference/oracles/make_logistic.py`
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import scipy
import statsmodels
import statsmodels.api as sm
from scipy.optimize import LinearConstraint, minimize
from scipy.special import expit

FOLDER = Path(__file__).parent


def main() -> None:
    answers = {
        "by": f"statsmodels {statsmodels.__version__}, scipy {scipy.__version__}",
        "plain": [_plain(seed) for seed in range(4)],
        "constrained": [_constrained(seed) for seed in range(6)],
    }
    (FOLDER / "logistic.json").write_text(json.dumps(answers) + "\n")


def _drawn(seed: int, entries: int, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.random.Generator]:
    rng = np.random.default_rng([seed, width])
    columns = np.column_stack([np.ones(entries), rng.integers(0, 2, (entries, width - 1))]).astype(float)
    leads = rng.integers(0, 40, entries)
    won = rng.binomial(leads, expit(columns @ rng.normal(0, 0.7, width) - 0.5))
    return columns, won, leads, rng


def _plain(seed: int) -> dict[str, Any]:
    """Maximum likelihood with an offset, by iteratively reweighted least squares."""
    columns, won, leads, rng = _drawn(seed, 30, 3)
    offset = np.round(rng.normal(0, 0.5, 30), 3)
    kept = leads > 0
    pairs = np.column_stack([won, leads - won])[kept]
    model = sm.GLM(pairs, columns[kept], family=sm.families.Binomial(), offset=offset[kept])
    found = model.fit(tol=1e-12)
    return {
        "columns": columns.tolist(), "won": won.tolist(), "leads": leads.tolist(), "offset": offset.tolist(),
        "coefficients": found.params.tolist(), "covariance": found.cov_params().tolist(),
    }  # fmt: skip


def _constrained(seed: int) -> dict[str, Any]:
    """Ridge with inequalities, by an interior-point method (trust-constr), which shares nothing with active sets."""
    columns, won, leads, rng = _drawn(seed, 60, 6)
    rows = np.round(rng.normal(0, 1, (4, 6)), 2)
    precision, centre = np.round(rng.uniform(0.5, 8, 6), 2), np.zeros(6)

    def loss(x: np.ndarray) -> float:
        lines = columns @ x
        return float(leads @ np.logaddexp(0, lines) - won @ lines + 0.5 * precision @ (x - centre) ** 2)

    def slope(x: np.ndarray) -> np.ndarray:
        return np.asarray(columns.T @ (leads * expit(columns @ x) - won) + precision * (x - centre))

    found = minimize(
        loss, centre, jac=slope, hess="3-point", method="trust-constr",
        constraints=[LinearConstraint(rows, 0, np.inf)],
        options={"gtol": 1e-10, "xtol": 1e-12, "barrier_tol": 1e-12, "maxiter": 5000},
    )  # fmt: skip
    return {
        "columns": columns.tolist(), "won": won.tolist(), "leads": leads.tolist(), "precision": precision.tolist(),
        "rows": rows.tolist(), "coefficients": found.x.tolist(), "loss": float(found.fun),
    }  # fmt: skip


if __name__ == "__main__":
    main()
