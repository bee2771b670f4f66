"""What does the whole model say when nothing is approximated? Writes ranking.json from many long Markov chains.

Not run by the tests; needs numpy and scipy only, and a few minutes:
    python tests/reference/oracles/make_ranking.py
Every quantity of the model is drawn, the partners' own rates, mean amounts and variances among them, with the priors
that docs/ranking.md states. The pool's parameters move by random-walk Metropolis, the rest by Gibbs steps.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import scipy
from scipy.special import betaln, gammaln

FOLDER = Path(__file__).parent
CHAINS, WARM_UP, STEPS, THIN = 300, 1_000, 6_000, 4
UNLIKENESS, SPREAD_UNLIKENESS, TAU = (0.01, 2.0), (0.03, 0.447), (0.01, 2.0)
WIDE = 6.0
SLOPE = 0.4


def quality(case: dict[str, Any], rng: np.random.Generator) -> np.ndarray:
    """ln value of every partner: kept steps × chains × partners."""
    n, k = (np.array(case[name], float) for name in ("exposure", "events"))
    n = np.maximum(n, k)
    rates = _Rates(n, k, rng)
    amounts = (
        _Amounts(n, k, *(np.array(case[name]) for name in ("log_sum", "log_square_sum")), rng)
        if "log_sum" in case
        else None
    )
    kept = []
    for step in range(WARM_UP + STEPS):
        rates.move()
        if amounts:
            amounts.move()
        if step >= WARM_UP and step % THIN == 0:
            own = rates.log_rate() + np.log(n / np.array(case["denominator"]))
            kept.append(own + amounts.log_mean() if amounts else own)
    return np.array(kept)


class _Rates:
    """Counts are negative binomial given the pool, whose mean may tilt with ln leads; rates are gamma given both."""

    def __init__(self, n: np.ndarray, k: np.ndarray, rng: np.random.Generator) -> None:
        self.n, self.k, self.rng = n, k, rng
        self.centre, self.x = np.log(k.sum() / n.sum()), np.log(n) - np.log(n).mean()
        self.at = np.column_stack([np.full(CHAINS, self.centre), rng.uniform(0.1, 1.5, CHAINS), np.zeros(CHAINS)])
        self.density = self._density(self.at)

    def _density(self, at: np.ndarray) -> np.ndarray:
        mean, v = np.exp(at[:, :1] + at[:, 2:] * self.x), np.clip(at[:, 1:2], *UNLIKENESS)
        alpha = v**-2.0
        share = alpha / (alpha + mean * self.n)
        found = gammaln(alpha + self.k) - gammaln(alpha) + alpha * np.log(share) + self.k * np.log1p(-share)
        found = found.sum(axis=1) - at[:, 2] ** 2 / (2 * SLOPE**2)
        inside = (at[:, 1] > UNLIKENESS[0]) & (at[:, 1] < UNLIKENESS[1]) & (abs(at[:, 0] - self.centre) < WIDE)
        return np.where(inside, found, -np.inf)

    def move(self) -> None:
        for width in ((0.5, 0.0, 0.0), (0.0, 0.4, 0.0), (0.0, 0.0, 0.2), (0.2, 0.15, 0.1)):
            self.at, self.density = _step(self.at, self.density, self._density, np.array(width), self.rng)

    def log_rate(self) -> np.ndarray:
        alpha, mean = self.at[:, 1:2] ** -2.0, np.exp(self.at[:, :1] + self.at[:, 2:] * self.x)
        drawn = self.rng.gamma(alpha + self.k) / (alpha / mean + self.n)
        return np.log(np.maximum(drawn, 1e-300))


class _Amounts:
    """ln amounts are normal about a partner's mean; means are normal about a line on ln leads, variances inverse χ²."""

    def __init__(
        self, n: np.ndarray, k: np.ndarray, first: np.ndarray, second: np.ndarray, rng: np.random.Generator
    ) -> None:
        self.x, self.slope = np.log(n) - np.log(n).mean(), np.zeros((CHAINS, 1))
        self.k, self.rng = k, rng
        self.average = np.where(k > 0, first / np.maximum(k, 1), 0.0)
        self.squares = np.where(k > 1, second - first * self.average, 0.0)
        start = self.average[k > 0].mean()
        self.variance = np.full((CHAINS, k.size), 0.8)
        self.level = start + 0.3 * rng.standard_normal((CHAINS, 1))
        self.tau = rng.uniform(0.1, 1.5, (CHAINS, 1))
        self.own = self.level + self.tau * rng.standard_normal((CHAINS, k.size))
        self.pool = np.column_stack([rng.normal(np.log(0.8), 0.5, CHAINS), rng.uniform(0.05, 0.4, CHAINS)])

    def _pool_density(self, at: np.ndarray) -> np.ndarray:
        """ln s0² and d^-½ given the variances, with s0² a priori 0.8 worth 4 degrees of freedom."""
        scale, u = np.exp(at[:, :1]), np.clip(at[:, 1:], *SPREAD_UNLIKENESS)
        d = u**-2.0
        ratio = d * scale / self.variance
        found = _log_chi_square(ratio, d).sum(axis=1)
        guess = 4 * 0.8 / scale[:, 0]
        found += _log_chi_square(guess, 4.0)
        return np.where((at[:, 1] > SPREAD_UNLIKENESS[0]) & (at[:, 1] < SPREAD_UNLIKENESS[1]), found, -np.inf)

    def _tau_density(self, tau: np.ndarray) -> np.ndarray:
        """τ and the line on ln leads, given the data; the partners' own means are integrated out."""
        some = self.k > 0
        variance = tau[:, :1] ** 2 + self.variance[:, some] / self.k[some]
        centre = tau[:, 1:2] + tau[:, 2:] * self.x[some]
        found = -0.5 * (np.log(variance) + (self.average[some] - centre) ** 2 / variance).sum(axis=1)
        found -= tau[:, 2] ** 2 / (2 * SLOPE**2)
        return np.where((tau[:, 0] > TAU[0]) & (tau[:, 0] < TAU[1]), found, -np.inf)

    def move(self) -> None:
        for width in ((0.4, 0.0), (0.0, 0.15), (0.2, 0.1)):
            self.pool, _ = _step(
                self.pool, self._pool_density(self.pool), self._pool_density, np.array(width), self.rng
            )
        at = np.column_stack([self.tau, self.level, self.slope])
        for width in ((0.4, 0.0, 0.0), (0.0, 0.4, 0.0), (0.0, 0.0, 0.3), (0.1, 0.15, 0.1)):
            at, _ = _step(at, self._tau_density(at), self._tau_density, np.array(width), self.rng)
        self.tau, self.level, self.slope = at[:, :1], at[:, 1:2], at[:, 2:]
        centre = self.level + self.slope * self.x
        precision = self.k / self.variance + self.tau**-2
        middle = (self.k / self.variance * self.average + centre * self.tau**-2) / precision
        self.own = middle + self.rng.standard_normal(middle.shape) / np.sqrt(precision)
        d = self.pool[:, 1:] ** -2.0
        total = d * np.exp(self.pool[:, :1]) + self.squares + self.k * (self.average - self.own) ** 2
        self.variance = total / self.rng.chisquare(d + self.k)

    def log_mean(self) -> np.ndarray:
        return self.own + self.variance / 2


def win_rates(case: dict[str, Any], rng: np.random.Generator) -> np.ndarray:
    """Log-odds of every partner's win rate; mean and 1/(α+β+1) uniform, moved on their log-odds."""
    k, n = np.array(case["wins"]), np.array(case["closed"])

    def shape(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mean, rho = 1 / (1 + np.exp(-at[:, :1])), 1 / (1 + np.exp(-at[:, 1:]))
        return mean * (1 / rho - 1), (1 - mean) * (1 / rho - 1)

    def density(at: np.ndarray) -> np.ndarray:
        a, b = shape(np.clip(at, -20, 20))
        flat = -np.log1p(np.exp(-at)) - np.log1p(np.exp(at))
        return np.where(
            (abs(at) < 20).all(axis=1),
            (betaln(a + k, b + n - k) - betaln(a, b)).sum(axis=1) + flat.sum(axis=1),
            -np.inf,
        )

    at = rng.normal([-1.0, -2.0], 1.0, (CHAINS, 2))
    found, kept = density(at), []
    for step in range(WARM_UP + STEPS):
        for width in ((0.5, 0.0), (0.0, 1.5), (0.3, 0.6)):
            at, found = _step(at, found, density, np.array(width), rng)
        if step >= WARM_UP and step % THIN == 0:
            a, b = shape(at)
            p = np.clip(rng.beta(a + k, b + n - k), 1e-12, 1 - 1e-12)
            kept.append(np.log(p / (1 - p)))
    return np.array(kept)


def _log_chi_square(x: np.ndarray, degrees: np.ndarray | float) -> np.ndarray:
    """Log density of ln X for X ~ χ²."""
    return np.asarray(degrees / 2 * np.log(x / 2) - x / 2 - gammaln(np.asarray(degrees) / 2))


def _step(
    at: np.ndarray, density: np.ndarray, of: Any, width: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    moved = at + width * rng.standard_normal(at.shape)
    there = of(moved)
    taken = np.log(rng.random(len(at))) < there - density
    return np.where(taken[:, None], moved, at), np.where(taken, there, density)


def answers(drawn: np.ndarray, group: int) -> dict[str, Any]:
    """Chances, ranks and quantiles; `error`: what halves of the chains differ by in a chance, at most."""
    rank = (-drawn).argsort(axis=2).argsort(axis=2) + 1
    count = rank.shape[2]
    top, bottom = rank <= group, rank > count - group
    halves = [
        own[:, part].mean(axis=(0, 1)) for own in (top, bottom) for part in (slice(0, None, 2), slice(1, None, 2))
    ]
    flat = drawn.reshape(-1, count)
    low, middle, high = np.quantile(flat, [0.05, 0.5, 0.95], axis=0)
    return {
        "p_top": top.mean(axis=(0, 1)).tolist(),
        "p_bottom": bottom.mean(axis=(0, 1)).tolist(),
        "rank_mean": rank.mean(axis=(0, 1)).tolist(),
        "log_value": {"low": low.tolist(), "middle": middle.tolist(), "high": high.tolist()},
        "error": float(max(abs(halves[0] - halves[1]).max(), abs(halves[2] - halves[3]).max())),
    }


def simulated(name: str, leads: list[int], seed: int, rate: float = 0.12, amounts: bool = True) -> dict[str, Any]:
    """A pool of partners with these leads, drawn once."""
    rng = np.random.default_rng(seed)
    n = np.array(leads)
    k = rng.poisson(n * rng.gamma(4, rate / 4, n.size))
    logs = [rng.normal(centre, 0.8, own) for centre, own in zip(rng.normal(9, 0.4, n.size), k, strict=True)]
    case = {"name": name, "exposure": n.tolist(), "events": k.tolist()}
    case["denominator"] = (1 + rng.poisson(np.sqrt(n))).tolist()
    if amounts:
        case |= {"log_sum": [own.sum() for own in logs], "log_square_sum": [(own**2).sum() for own in logs]}
    return case


def main() -> None:
    rng = np.random.default_rng(20250701)
    cases = [
        simulated("ten partners", [400, 250, 150, 100, 80, 60, 40, 30, 20, 10], 1),
        simulated("few deals", [20, 15, 12, 10, 9, 8, 6, 5, 3, 2], 2, rate=0.2),
        simulated("counts alone", [300, 200, 120, 80, 60, 40, 25, 12, 6, 3], 3, amounts=False),
        simulated("more deals than leads", [30, 20, 10, 5, 3, 2, 2, 1, 1, 1], 4, rate=0.9),
    ]
    for case in cases:
        case |= answers(quality(case, rng), len(case["events"]) // 5)
    wins = {
        "name": "win rates",
        "wins": [30, 3, 0, 12, 5, 2, 9, 0, 1, 40],
        "closed": [90, 8, 5, 30, 25, 2, 20, 1, 12, 95],
    }
    wins |= answers(win_rates(wins, rng), 2)
    document = {"by": f"Metropolis within Gibbs, {CHAINS} chains, numpy {np.__version__}, scipy {scipy.__version__}"}
    document |= {"cases": cases, "win_rates": wins}
    (FOLDER / "ranking.json").write_text(json.dumps(document) + "\n")


if __name__ == "__main__":
    main()
