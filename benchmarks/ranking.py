"""The certainty of 500 ranks against the plain way of drawing them; `python -m benchmarks.ranking`."""

from __future__ import annotations

import time

import numpy as np

from benchmarks.stopwatch import median_seconds
from dashboard.metrics.certainty import DRAWS, rank_certainty
from dashboard.metrics.deal_value import Evidence, log_values
from dashboard.metrics.posterior import pool_draws

PARTNERS = 500
GOAL_S = 0.100
REPEATS = 15


def measure(partners: int = PARTNERS) -> dict[str, float]:
    """Median CPU seconds of both ways, and how far apart their chances of the bottom fifth are at most."""
    evidence = simulated(partners)
    ours, theirs = rank_certainty(evidence), _plainly(evidence)
    if ours is None:
        raise AssertionError("this company has deals enough")
    own = np.array([row.p_bottom for row in ours.partners.values()])
    return {
        "certainty_s": median_seconds(lambda: rank_certainty(evidence), REPEATS, time.process_time),
        "plainly_s": median_seconds(lambda: _plainly(evidence), REPEATS // 3, time.process_time),
        "apart": float(np.abs(own - theirs).max()),
    }


def simulated(partners: int, seed: int = 1) -> Evidence:
    """A programme of partners of very different size."""
    rng = np.random.default_rng(seed)
    leads = np.maximum(rng.poisson(60 * rng.lognormal(0, 1.2, partners)), 1)
    deals = rng.poisson(leads * rng.gamma(4, 0.1 / 4, partners))
    logs = [rng.normal(centre, 0.7, own) for centre, own in zip(rng.normal(9.5, 0.35, partners), deals, strict=True)]
    return Evidence(
        tuple(f"P{i}" for i in range(partners)),
        leads.astype(float),
        deals.astype(float),
        np.array([own.sum() for own in logs]),
        np.array([(own**2).sum() for own in logs]),
        1.0 + rng.poisson(0.6 * np.sqrt(leads)),
    )


def _plainly(evidence: Evidence) -> np.ndarray:
    """P(bottom fifth) of the same posterior as one would write it down: two argsorts, quantiles of all ranks."""
    rng = np.random.default_rng(1)
    pool = log_values(evidence, rng, pool_draws(len(evidence.partners)))
    each, partners = DRAWS // len(pool.mean), len(evidence.partners)
    ranks = []
    for mean, variance, left in zip(pool.mean, pool.variance, pool.left, strict=True):
        drawn = mean + np.sqrt(variance) * rng.standard_normal((each, partners))
        drawn -= left * rng.standard_exponential((each, partners))
        ranks.append((-drawn).argsort(axis=1).argsort(axis=1))
    everything = np.concatenate(ranks)
    np.quantile(everything, [0.05, 0.95], axis=0)
    share: np.ndarray = (everything >= partners - partners // 5).mean(axis=0)
    return share


def main() -> None:
    """Prints the ratio first."""
    for partners in (60, PARTNERS):
        found = measure(partners)
        print(f"{partners} partners × {DRAWS:,} draws: certainty of all ranks ", end="")
        print(f"{found['plainly_s'] / found['certainty_s']:.1f} × as fast as with argsort and quantiles ", end="")
        print(f"({found['certainty_s']:.3f} s of CPU against {found['plainly_s']:.3f} s, chances at most ", end="")
        print(f"{found['apart']:.3f} apart)" + (f"   goal {GOAL_S:g}" if partners == PARTNERS else ""))


if __name__ == "__main__":
    main()
