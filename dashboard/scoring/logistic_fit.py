"""Which logistic curve fits wins out of leads? Maximum likelihood from counts, with the covariance of what it found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]
STEPS, CLOSE = 60, 1e-10
FARTHEST = 20.0  # a logit beyond this is a curve that no finite one fits


@dataclass(frozen=True, slots=True)
class LogisticFit:
    """Coefficients, one a column, with their covariance."""

    coefficients: Floats
    covariance: Floats


def logistic_fit(
    columns: Floats, won: NDArray[np.int64], leads: NDArray[np.int64], offset: Floats | float = 0.0
) -> LogisticFit | None:
    """The likeliest curve logit P(won) = columns · coefficients + offset; `columns` has shape (entries, columns).

    None where no finite curve is likeliest (all won or none, or a column parts winners from others), or where the
    columns cannot be told apart. Newton's method with halved steps.
    """
    coefficients = np.zeros(columns.shape[1])
    likelihood = _likelihood(columns, won, leads, offset, coefficients)
    for _ in range(STEPS):
        chance = expit(columns @ coefficients + offset)
        weight = leads * chance * (1 - chance)
        information = columns.T @ (weight[:, None] * columns)
        if np.linalg.cond(information) > 1 / CLOSE:
            return None
        step = np.linalg.solve(information, columns.T @ (won - leads * chance))
        coefficients, gain, likelihood = _forward(columns, won, leads, offset, coefficients, step, likelihood)
        if np.abs(columns @ coefficients).max() > FARTHEST:
            return None
        if gain < CLOSE * (1 + abs(likelihood)):
            return LogisticFit(coefficients, np.linalg.inv(information))
    return None


def _forward(
    columns: Floats,
    won: NDArray[np.int64],
    leads: NDArray[np.int64],
    offset: Floats | float,
    before: Floats,
    step: Floats,
    likelihood: float,
) -> tuple[Floats, float, float]:
    """The step, halved until it does not lower the likelihood: where it leads, what it gained, the likelihood there."""
    for _ in range(STEPS):
        reached = _likelihood(columns, won, leads, offset, before + step)
        if reached >= likelihood:
            return before + step, reached - likelihood, reached
        step = step / 2
    return before, 0.0, likelihood


def _likelihood(
    columns: Floats, won: NDArray[np.int64], leads: NDArray[np.int64], offset: Floats | float, coefficients: Floats
) -> float:
    logit = columns @ coefficients + offset
    return float(won @ logit - leads @ np.logaddexp(0.0, logit))
