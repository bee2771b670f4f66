"""Negative binomial regression of page deals by statsmodels 0.14: `python make_prospects.py > prospects.json`.

In an environment of its own: statsmodels is no dependency of the project.
"""

from __future__ import annotations

import json

import numpy as np
import statsmodels.api as sm  # type: ignore[import-not-found]

SHAPE = 1.6


def main() -> None:
    rng = np.random.default_rng(20250704)
    x = np.round(rng.standard_normal(400), 3)
    quarters = np.round(rng.uniform(1, 4, 400), 2)
    deals = rng.poisson(quarters * np.exp(0.4 + 0.5 * x) * rng.gamma(SHAPE, 1 / SHAPE, 400))
    family = sm.families.NegativeBinomial(alpha=1 / SHAPE)
    model = sm.GLM(deals, sm.add_constant(x), family=family, offset=np.log(quarters))
    # The curvature that is seen, not the expected one, as in ours.
    found = model.fit(cov_type="nonrobust", method="newton")
    print(json.dumps({
        "shape": SHAPE, "x": x.tolist(), "quarters": quarters.tolist(), "deals": deals.tolist(),
        "effects": found.params.tolist(), "errors": found.bse.tolist(),
    }))  # fmt: skip


if __name__ == "__main__":
    main()
