"""What do other people's programs say? Writes the JSON files beside it, from lifelines, statsmodels and brute force.

Not run by the tests, since lifelines needs pandas < 3. In a virtual environment of its own:
    pip install lifelines==0.30.3 statsmodels==0.15.0 "pandas<3"
    python tests/reference/oracles/make_oracles.py
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import lifelines
import numpy as np
import pandas as pd
import scipy
import statsmodels
from lifelines import AalenJohansenFitter
from statsmodels.duration.survfunc import CumIncidenceRight
from statsmodels.stats.proportion import proportion_confint

FOLDER = Path(__file__).parent
OPEN, WON, LOST = 0, 1, 2


def wilson() -> dict[str, Any]:
    pairs = [(k, n) for n in (1, 2, 5, 10, 29, 50, 263, 1000, 100_000) for k in sorted({0, 1, n // 3, n // 2, n})]
    rows = [{"k": k, "n": n, "bounds": list(map(float, proportion_confint(k, n, method="wilson")))} for k, n in pairs]
    # Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 3, as printed.
    printed = [
        {"k": 81, "n": 263, "bounds": [0.2553, 0.3662]},
        {"k": 15, "n": 148, "bounds": [0.0624, 0.1605]},
        {"k": 0, "n": 20, "bounds": [0.0000, 0.1611]},
        {"k": 1, "n": 29, "bounds": [0.0061, 0.1718]},
    ]
    return {"by": f"statsmodels {statsmodels.__version__}", "statsmodels": rows, "newcombe_1998": printed}


def incidence() -> dict[str, Any]:
    """Tie-free deals by both programs (lifelines shifts ties at random), deals with ties by statsmodels alone."""
    generator = np.random.default_rng(7)
    cases = []
    for deals, waiting, ties in (
        (12, 0.3, False),
        (40, 0.5, False),
        (150, 0.2, False),
        (60, 0.4, True),
        (300, 0.5, True),
    ):
        days = generator.integers(1, 60, deals) if ties else generator.choice(np.arange(1, 900), deals, replace=False)
        outcome = np.where(generator.random(deals) < waiting, OPEN, generator.choice([WON, LOST], deals, p=[0.4, 0.6]))
        cases.append(_incidence_case(days, outcome, ties))
    return {"by": f"lifelines {lifelines.__version__}, statsmodels {statsmodels.__version__}", "cases": cases}


def _incidence_case(days: np.ndarray, outcome: np.ndarray, ties: bool) -> dict[str, Any]:
    right = CumIncidenceRight(pd.Series(days), pd.Series(outcome))
    case: dict[str, Any] = {"days": days.tolist(), "outcome": outcome.tolist()}
    case["statsmodels"] = [
        {"day": int(day), "value": float(value), "variance": float(error) ** 2}
        for day, value, error in zip(right.times, right.cinc[0], right.cinc_se[0], strict=True)
    ]
    if not ties:
        fitted = AalenJohansenFitter(calculate_variance=True).fit(days, outcome, event_of_interest=WON)
        value, variance, bounds = fitted.cumulative_density_, fitted.variance_, fitted.confidence_interval_
        case["lifelines"] = [
            {"day": int(day), "value": _at(value, day), "variance": _at(variance, day), "bounds": list(map(float, row))}
            for day, row in zip(bounds.index, bounds.to_numpy(), strict=True)
            if day > 0
        ]
    return case


def _at(frame: pd.DataFrame | pd.Series, day: float) -> float:
    return float(np.asarray(frame.loc[day]).ravel()[0])


def shrinkage() -> dict[str, Any]:
    """Posterior means and variances with mean and 1/(α+β+1) uniform on (0, 1), by panels that shrink to the borders."""
    pools = [
        [(3, 10), (5, 10), (1, 10)],
        [(0, 5), (2, 30), (4, 9), (12, 20), (7, 11)],
        [(0, 4), (0, 7), (0, 3), (1, 2)],
        [(9, 9), (8, 8), (4, 4)],
        [(0, 5)] * 10,
        [(300, 1000), (310, 1000), (290, 1000), (300, 1000), (320, 1000), (2, 4)],
    ]
    answers = []
    for pool in pools:
        rough, fine = _posterior(pool, 24), _posterior(pool, 40)
        if not np.allclose(rough, fine, rtol=0, atol=1e-9):
            raise ArithmeticError(f"the integral over {pool} has not converged")
        rows = [{"k": k, "n": n, "mean": m, "variance": v} for (k, n), (m, v) in zip(pool, fine.tolist(), strict=True)]
        answers.append({"partners": rows})
    return {"by": f"composite Gauss–Legendre quadrature, scipy {scipy.__version__}", "pools": answers}


def _panels(nodes: int) -> tuple[np.ndarray, np.ndarray]:
    inner = [10.0**-power for power in range(7, 0, -1)]
    edges = np.array([0.0, *inner, 0.2, 0.3, 0.4, 0.6, 0.8, *(1 - own for own in reversed(inner)), 1.0])
    points, weights = np.polynomial.legendre.leggauss(nodes)
    width = np.diff(edges)[:, None] / 2
    return (edges[:-1, None] + width * (points + 1)).ravel(), (width * weights).ravel()


def _posterior(pool: list[tuple[int, int]], nodes: int) -> np.ndarray:
    points, weights = _panels(nodes)
    mean, rho = points[:, None], points[None, :]
    size = 1 / rho - 1
    a, b = mean * size, (1 - mean) * size
    log_likelihood = sum(_log_rising(a, k) + _log_rising(b, n - k) - _log_rising(size, n) for k, n in pool)
    weight = np.exp(log_likelihood - log_likelihood.max()) * np.outer(weights, weights)
    weight /= weight.sum()
    answers = []
    for k, n in pool:
        first = float((weight * (a + k) / (size + n)).sum())
        second = float((weight * (a + k) * (a + k + 1) / ((size + n) * (size + n + 1))).sum())
        answers.append((first, second - first**2))
    return np.array(answers)


def _log_rising(base: np.ndarray, count: int) -> np.ndarray:
    """ln(base (base + 1) … (base + count − 1)), factor by factor: exact where log-gammas would cancel."""
    return sum((np.log(base + step) for step in range(count)), np.zeros_like(base))


def main() -> None:
    for make in (wilson, incidence, shrinkage):
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # lifelines says so where it shifts ties
            (FOLDER / f"{make.__name__}.json").write_text(json.dumps(make(), indent=None) + "\n")


if __name__ == "__main__":
    main()
