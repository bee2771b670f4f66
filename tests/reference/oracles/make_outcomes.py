"""What does statsmodels say of ridge regressions of wins? Writes outcomes.json.

Not run by the tests. In a virtual environment of its own:
    pip install statsmodels==0.15.0 "pandas<3"
    python tests/reference/oracles/make_outcomes.py

A normal prior on a coefficient is an observation more: this is how the ridge gets into a plain iteratively reweighted
least squares fit, whose weighted regressions statsmodels does. The covariance is that of the last of them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import statsmodels
import statsmodels.api as sm

FOLDER = Path(__file__).parent


def ridge(rows: np.ndarray, n: np.ndarray, k: np.ndarray, mean: np.ndarray, precision: np.ndarray) -> Any:
    """Penalised maximum likelihood by weighted least squares on the working response and the prior's rows."""
    beta = mean.copy()
    design = np.vstack([rows, np.eye(len(mean))])
    for _ in range(100):
        eta = rows @ beta
        p = 1 / (1 + np.exp(-eta))
        weight = n * p * (1 - p)
        working = eta + (k - n * p) / weight
        fitted = sm.WLS(np.append(working, mean), design, weights=np.append(weight, precision)).fit()
        if np.abs(fitted.params - beta).max() < 1e-12:
            break
        beta = fitted.params
    return fitted


def case(seed: int, count: int, columns: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    rows = np.round(np.column_stack([np.ones(count), rng.normal(0, 1, (count, columns - 1))]), 3)
    n = rng.integers(1, 30, count)
    k = rng.binomial(n, 1 / (1 + np.exp(-(rows @ rng.normal(-0.3, 0.6, columns)))))
    mean, precision = np.round(rng.normal(0, 0.3, columns), 2), np.round(rng.uniform(0.05, 6, columns), 2)
    fitted = ridge(rows, n.astype(float), k.astype(float), mean, precision)
    return {
        "rows": rows.tolist(),
        "n": n.tolist(),
        "k": k.tolist(),
        "prior_mean": mean.tolist(),
        "prior_precision": precision.tolist(),
        "beta": fitted.params.tolist(),
        "covariance": fitted.normalized_cov_params.tolist(),
    }


def plain() -> dict[str, Any]:
    """Next to no prior: the result must be that of an ordinary GLM, which statsmodels fits by itself."""
    found = case(7, 40, 4)
    n, k = np.array(found["n"]), np.array(found["k"])
    glm = sm.GLM(np.column_stack([k, n - k]), np.array(found["rows"]), family=sm.families.Binomial()).fit()
    return found | {
        "prior_mean": [0.0] * 4,
        "prior_precision": [1e-9] * 4,
        "beta": glm.params.tolist(),
        "covariance": glm.cov_params().tolist(),
    }


if __name__ == "__main__":
    cases = [case(1, 12, 3), case(2, 40, 5), case(3, 5, 8), plain()]
    text = json.dumps({"statsmodels": statsmodels.__version__, "cases": cases}, indent=1)
    (FOLDER / "outcomes.json").write_text(text + "\n", encoding="utf-8")
