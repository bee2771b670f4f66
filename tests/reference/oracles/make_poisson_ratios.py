"""What does statsmodels say about the ratio of two Poisson rates? Writes poisson_ratios.json.

Not run by the tests. In a virtual environment of its own:
    pip install statsmodels==0.15.0 "pandas<3"
    python tests/reference/oracles/make_poisson_ratios.py
"""

from __future__ import annotations

import json
from pathlib import Path

import statsmodels
from statsmodels.stats.rates import confint_poisson_2indep

FOLDER = Path(__file__).parent
# Count, cost, count before, cost before.
PAIRS = ((20, 1.0, 20, 1.0), (134, 226.0, 76, 150.0), (5, 3.0, 1, 2.0), (1, 1.0, 40, 1.0), (600, 10.0, 480, 12.5))


def main() -> None:
    found = []
    for count, cost, before, cost_before in PAIRS:
        # The ratio of costs per case is that of the rates before and now, cost being the exposure.
        low, high = confint_poisson_2indep(before, cost_before, count, cost, method="score", compare="ratio")
        value = (cost / count) / (cost_before / before)
        found.append(
            {"case": [cost, count, cost_before, before], "value": value, "low": float(low), "high": float(high)}
        )
    answers = {"made_by": f"statsmodels {statsmodels.__version__}", "ratios": found}
    (FOLDER / "poisson_ratios.json").write_text(json.dumps(answers, indent=1) + "\n")


if __name__ == "__main__":
    main()
