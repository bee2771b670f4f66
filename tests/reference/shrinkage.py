"""What do a partner's closed deals say once all partners are known? Beta-binomial, both hyper-parameters integrated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln
from scipy.stats import beta as beta_distribution

NODES = 240
FEWEST_PARTNERS = 3


@dataclass(frozen=True)
class Pool:
    """Posterior weights over a grid of (alpha, beta), given every partner's (won, closed)."""

    alpha: np.ndarray
    beta: np.ndarray
    weight: np.ndarray
    partners: int

    def estimate(self, won: int, closed: int) -> dict:
        """Posterior mean; 95 % bounds from the Beta with the posterior's mean and variance."""
        a, b = self.alpha + won, self.beta + closed - won
        size = a + b
        mean = float(np.sum(self.weight * a / size))
        second = float(np.sum(self.weight * a * (a + 1) / (size * (size + 1))))
        variance = second - mean * mean
        strength = mean * (1 - mean) / variance - 1
        low, high = beta_distribution.ppf([0.025, 0.975], mean * strength, (1 - mean) * strength)
        return {"value": mean, "low": float(low), "high": float(high), "n": closed}

    def typical(self) -> tuple[float, float]:
        """Alpha and beta at the posterior means of the mean and of the correlation 1/(alpha+beta+1)."""
        size = self.alpha + self.beta
        mean = float(np.sum(self.weight * self.alpha / size))
        strength = 1 / float(np.sum(self.weight / (size + 1))) - 1
        return mean * strength, (1 - mean) * strength


def pool_win_rates(counts: list[tuple[int, int]]) -> Pool | None:
    """Prior uniform in the mean and in 1/(alpha+beta+1); None for fewer than three partners with closed deals."""
    if len(counts) < FEWEST_PARTNERS:
        return None
    nodes, node_weights = np.polynomial.legendre.leggauss(NODES)
    unit, unit_weights = (nodes + 1) / 2, node_weights / 2
    mean, correlation = np.meshgrid(unit, unit, indexing="ij")
    strength = 1 / correlation - 1
    alpha, beta = mean * strength, (1 - mean) * strength
    log_likelihood = np.zeros_like(alpha)
    for won, closed in counts:
        log_likelihood += betaln(alpha + won, beta + closed - won) - betaln(alpha, beta)
    weight = np.outer(unit_weights, unit_weights) * np.exp(log_likelihood - log_likelihood.max())
    return Pool(alpha, beta, weight / weight.sum(), len(counts))
