"""Which logistic curve fits best whose coefficients stay near a guess and in a given order? Newton's method with rows
of inequalities.

minimise −log-likelihood + ½ Σ precision (x − centre)²  subject to rows · x ≥ 0

The problem is strictly convex, so there is one answer. Each Newton step is a quadratic programme, solved exactly as the
projection to a cone by non-negative least squares (Lawson & Hanson 1974, Solving Least Squares Problems, ch. 23).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import nnls
from scipy.special import expit

Floats = NDArray[np.float64]
STEPS, CLOSE = 100, 1e-11
SMALL = 200_000  # multiplications of a block


@dataclass(frozen=True, slots=True)
class Prior:
    """Independent normal priors: their centres and precisions (1 ÷ variance), and rows · x ≥ 0 that always hold.

    The centre keeps to the rows itself.
    """

    centre: Floats
    precision: Floats
    rows: Floats


def constrained_ridge(
    columns: Floats, won: NDArray[np.int64], leads: NDArray[np.int64], prior: Prior, start: Floats | None = None
) -> Floats:
    """The coefficients; `columns` has shape (entries, coefficients). Every precision must be above 0.

    `start`: where to begin, within the rows; without, at the prior's centre. It changes the time taken, not the answer.
    """
    found = (prior.centre if start is None else start).copy()
    loss = _loss(columns, won, leads, prior, found)
    for _ in range(STEPS):
        chance = expit(columns @ found)
        curvature = _crossed(columns, leads * chance * (1 - chance)) + np.diag(prior.precision)
        slope = columns.T @ (leads * chance - won) + prior.precision * (found - prior.centre)
        step = quadratic_programme(curvature, slope - curvature @ found, prior.rows) - found
        before, scale = loss, 1.0
        while (loss := _loss(columns, won, leads, prior, found + scale * step)) > before and scale > CLOSE:
            scale /= 2
        if loss > before:
            return found
        found = found + scale * step
        if before - loss <= CLOSE * (1 + abs(loss)):
            break
    return found


def quadratic_programme(curvature: Floats, slope: Floats, rows: Floats) -> Floats:
    """The x that makes ½ x'Hx + g'x least where rows · x ≥ 0 (x = 0 always is such an x); H positive definite."""
    lower = cholesky(curvature, lower=True)
    centre = -solve_triangular(lower, slope, lower=True)
    if not len(rows):
        return np.asarray(solve_triangular(lower.T, centre, lower=False))
    # In y = L'x the task is: the point of the cone own · y ≥ 0 that is nearest to the centre. What is missing to it is
    # a non-negative sum of the rows (Moreau 1965), and the one that comes nearest to the negative centre.
    own = solve_triangular(lower, rows.T, lower=True)
    weights, _ = nnls(own, -centre, maxiter=50 * own.shape[1])
    return np.asarray(solve_triangular(lower.T, centre + own @ weights, lower=False))


def _crossed(columns: Floats, weight: Floats) -> Floats:
    """columns' · diag(weight) · columns, in blocks so small that the libraries below do not start threads for them.

    On a machine with other work, threads that wait for each other take many times as long as one.
    """
    size = max(1, SMALL // columns.shape[1] ** 2)
    total = np.zeros((columns.shape[1], columns.shape[1]))
    for first in range(0, len(columns), size):
        block = columns[first : first + size]
        total += block.T @ (weight[first : first + size, None] * block)
    return total


def _loss(columns: Floats, won: NDArray[np.int64], leads: NDArray[np.int64], prior: Prior, at: Floats) -> float:
    lines = columns @ at
    fit = leads @ np.logaddexp(0.0, lines) - won @ lines
    return float(fit + 0.5 * prior.precision @ (at - prior.centre) ** 2)
