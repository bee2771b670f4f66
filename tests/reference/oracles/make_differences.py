"""What do statsmodels and scipy say about differences, ratios and many tests at once? Writes differences.json.

Not run by the tests. In a virtual environment of its own:
    pip install statsmodels==0.15.0 "pandas<3"
    python tests/reference/oracles/make_differences.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import scipy
import statsmodels
from scipy.stats import binom, fisher_exact
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

FOLDER = Path(__file__).parent
TABLES = (
    (56, 70, 48, 80),
    (9, 10, 3, 10),
    (6, 7, 2, 7),
    (5, 56, 0, 29),
    (0, 10, 0, 20),
    (0, 10, 0, 10),
    (10, 10, 0, 20),
    (10, 10, 0, 10),
    (36, 40, 16, 80),
    (1, 3, 2, 500),
    (812, 10_000, 640, 9_000),
    (30, 100, 20, 200),
    (300, 1_000, 200, 2_000),
    (120, 400, 200, 500),
    (60, 5_000, 75, 5_000),
    (3, 100_000, 9, 90_000),
    (1, 1, 0, 1),
)


def main() -> None:
    answers: dict[str, Any] = {"by": f"statsmodels {statsmodels.__version__}, scipy {scipy.__version__}"}
    answers["newcombe"] = [
        _row(table, map(float, confint_proportions_2indep(*table, compare="diff", method="newcomb")))
        for table in TABLES
    ]
    answers["newcombe_1998"] = printed_by_newcombe()
    answers["koopman"] = [_row(t, _koopman(t)) for t in TABLES if _usual(t)]
    answers["fisher"] = [
        {"table": t, "p": float(fisher_exact([[t[0], t[1] - t[0]], [t[2], t[3] - t[2]]])[1])} for t in TABLES
    ]
    answers["score"] = [
        {"table": t, "p": float(proportions_ztest([t[0], t[2]], [t[1], t[3]])[1])} for t in TABLES if t[0] + t[2] > 0
    ]
    answers["fdr"] = false_discoveries()
    answers["median_ranks"] = [{"n": n, "rank": _rank(n)} for n in (6, 7, 8, 9, 17, 50, 100, 1001, 40_000)]
    (FOLDER / "differences.json").write_text(json.dumps(answers) + "\n")


def _row(table: tuple[int, ...], bounds: Any) -> dict[str, Any]:
    return {"table": table, "bounds": list(bounds)}


def _usual(table: tuple[int, ...]) -> bool:
    """statsmodels' closed form leaves the real numbers where a rate is 0 or 1 on the wrong side."""
    return 0 < table[0] < table[1] and 0 < table[2] < table[3]


def _koopman(table: tuple[int, ...]) -> list[float]:
    bounds = confint_proportions_2indep(*table, compare="ratio", method="score", correction=False)
    return [float(np.real(own)) for own in bounds]


def printed_by_newcombe() -> list[dict[str, Any]]:
    """Statistics in Medicine 17 (1998) 873–890, table II, method 10, as printed."""
    return [
        {"table": [56, 70, 48, 80], "bounds": [0.0524, 0.3339]},
        {"table": [9, 10, 3, 10], "bounds": [0.1705, 0.8090]},
        {"table": [6, 7, 2, 7], "bounds": [0.0582, 0.8062]},
        {"table": [5, 56, 0, 29], "bounds": [-0.0381, 0.1926]},
        {"table": [0, 10, 0, 20], "bounds": [-0.1611, 0.2775]},
        {"table": [0, 10, 0, 10], "bounds": [-0.2775, 0.2775]},
        {"table": [10, 10, 0, 20], "bounds": [0.6791, 1.0000]},
        {"table": [10, 10, 0, 10], "bounds": [0.6075, 1.0000]},
    ]


def false_discoveries() -> list[dict[str, Any]]:
    generator = np.random.default_rng(11)
    families = [[0.01], [0.02, 0.02, 0.02], [0.04, 0.001, 0.03, 0.9, 1.0], (generator.random(40) ** 3).tolist()]
    return [{"p": own, "q": multipletests(own, method="fdr_bh")[1].tolist()} for own in families]


def _rank(n: int) -> int:
    """The rank of the lower order statistic: the last one whose tail stays within 2.5 %."""
    return int(np.flatnonzero(binom.cdf(np.arange(n), n, 0.5) <= 0.025)[-1]) + 1


if __name__ == "__main__":
    main()
