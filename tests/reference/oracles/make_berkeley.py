"""How did Berkeley admit men and women in 1973, department by department? Writes berkeley.json.

The counts are R's `datasets::UCBAdmissions` (Bickel, Hammel & O'Connell 1975, doi:10.1126/science.187.4175.398). The
rates weighted by all applicants of a department are printed in Freedman, Pisani & Purves, Statistics, ch. 2.4.
Not run by the tests. In a virtual environment with statsmodels==0.15.0:
    python tests/reference/oracles/make_berkeley.py
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import statsmodels
import statsmodels.api as sm

# Department: admitted and rejected men, admitted and rejected women.
ADMISSIONS = {
    "A": (512, 313, 89, 19),
    "B": (353, 207, 17, 8),
    "C": (120, 205, 202, 391),
    "D": (138, 279, 131, 244),
    "E": (53, 138, 94, 299),
    "F": (22, 351, 24, 317),
}
PRINTED = {"men": 39, "women": 43}


def standardised_difference() -> float:
    """Men − women by regression: every sex × department its own rate, predicted for all applicants as either sex."""
    design, shares, weights = [], [], []
    for place, counts in enumerate(ADMISSIONS.values()):
        for man, (yes, no) in enumerate((counts[2:], counts[:2])):
            row = np.zeros(2 * len(ADMISSIONS))
            row[2 * place + man] = 1
            design.append(row)
            shares.append(yes / (yes + no))
            weights.append(yes + no)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it fits exactly, which is meant
        fitted = sm.GLM(shares, np.array(design), family=sm.families.Binomial(), var_weights=weights).fit(tol=1e-14)
    rates = fitted.predict(np.array(design)).reshape(-1, 2)
    applicants = np.array(weights).reshape(-1, 2).sum(axis=1)
    return float(((rates[:, 1] - rates[:, 0]) * applicants).sum() / applicants.sum())


def main() -> None:
    cells = []
    for department, (men, men_out, women, women_out) in ADMISSIONS.items():
        cells += [(department, True, men + men_out, men), (department, False, women + women_out, women)]
    answer = {
        "by": f"statsmodels {statsmodels.__version__}",
        "cells": cells,
        "printed": PRINTED,
        "statsmodels": {"difference": standardised_difference()},
    }
    (Path(__file__).parent / "berkeley.json").write_text(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
