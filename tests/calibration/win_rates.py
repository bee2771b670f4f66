"""Do the intervals of win rates cover the truth as often as they promise? `python -m tests.calibration.win_rates`."""

from __future__ import annotations

import numpy as np

from dashboard.metrics.intervals import wilson
from dashboard.metrics.win_rate import shrunken_win_rates

# True dispersions: partners' win rates are drawn from Beta(m s, (1 − m) s).
DISPERSIONS = (3, 10, 30, 100)
PARTNERS = (5, 20, 60)
MEANS = (0.15, 0.25, 0.4)


def world(partners: int, strength: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """True win rates, wins and closed deals of partners of very different size (median 12 deals)."""
    mean = rng.choice(MEANS)
    truth = rng.beta(mean * strength, (1 - mean) * strength, partners)
    closed = 1 + rng.poisson(rng.lognormal(np.log(12), 1, partners))
    return truth, rng.binomial(closed, truth), closed


def coverage(partners: int, strength: float, worlds: int, seed: int) -> float:
    """Share of partners whose shrunken 95 % interval holds their true win rate."""
    rng = np.random.default_rng([seed, partners, int(strength)])
    held = total = 0
    for _ in range(worlds):
        truth, wins, closed = world(partners, strength, rng)
        found = shrunken_win_rates(wins.tolist(), closed.tolist()).estimates
        held += sum(e.low <= p <= e.high for e, p in zip(found, truth, strict=True))
        total += partners
    return held / total


def wilson_coverage(strength: float, worlds: int, seed: int) -> float:
    """The same for the plain Wilson interval, of partners with at least five closed deals."""
    rng = np.random.default_rng([seed, 1, int(strength)])
    held = []
    for _ in range(worlds):
        for p, k, n in zip(*world(60, strength, rng), strict=True):
            if n >= 5:
                low, high = wilson(int(k), int(n))
                held.append(low <= p <= high)
    return float(np.mean(held))


def main(worlds: int = 400, seed: int = 2025) -> None:
    print("coverage of 95 % intervals of win rates; columns: true dispersion s", *DISPERSIONS, "mean", sep="\t")
    for partners in PARTNERS:
        row = [coverage(partners, s, worlds * 60 // partners, seed) for s in DISPERSIONS]
        print(f"shrunken, {partners} partners", *(f"{share:.3f}" for share in [*row, np.mean(row)]), sep="\t")
    row = [wilson_coverage(s, worlds, seed) for s in DISPERSIONS]
    print("Wilson, n ≥ 5", *(f"{share:.3f}" for share in [*row, np.mean(row)]), sep="\t")


if __name__ == "__main__":
    main()
