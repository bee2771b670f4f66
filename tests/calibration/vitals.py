"""How often do the vitals' intervals hold the truth? `python -m tests.calibration.vitals`.

Companies whose expected EQLs, wins and pipeline are known; what happens in a quarter is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import polars as pl

from dashboard.domain import Estimate
from dashboard.metrics.intervals import rate
from dashboard.metrics.money_intervals import (
    DealSum,
    per_count,
    ratio_of_costs,
    ratio_of_sums,
    share_of_sums,
    sum_per_cost,
)
from dashboard.metrics.survival import percentile
from dashboard.metrics.vitals import cohort_rate
from dashboard.metrics.vitals_stretches import stretches_of
from dashboard.period import parse_period
from dashboard.settings import Settings
from dashboard.window import Window

COST = 100_000.0
Sizes = Callable[[np.random.Generator, int], np.ndarray]
PRICES = np.array([6_000.0, 18_000.0, 60_000.0])
SHARES = np.array([0.6, 0.3, 0.1])


def lognormal(spread: float) -> tuple[Sizes, float]:
    """Deal sizes with a spread of ln amount, and their true mean."""
    return lambda rng, n: rng.lognormal(9.6, spread, n), float(np.exp(9.6 + spread**2 / 2))


def price_list() -> tuple[Sizes, float]:
    """Three prices, and their true mean."""
    return lambda rng, n: rng.choice(PRICES, n, p=SHARES), float(PRICES @ SHARES)


SIZES = {
    "lognormal, spread 0.5": lognormal(0.5),
    "lognormal, 0.9": lognormal(0.9),
    "lognormal, 1.3": lognormal(1.3),
    "three prices": price_list(),
}


def counted(expected: float, rng: np.random.Generator, unlikeness: float = 0.0) -> int:
    """Cases of a quarter; `unlikeness`: coefficient of variation of the rate between quarters of one company."""
    rate = expected * (rng.gamma(unlikeness**-2, unlikeness**2) if unlikeness else 1.0)
    return int(rng.poisson(rate))


def deal_sum(expected: float, sizes: Sizes, rng: np.random.Generator) -> DealSum:
    """The deals opened in a quarter, as the database sums them."""
    own = sizes(rng, counted(expected, rng))
    return DealSum(len(own), float(own.sum()), float((own**2).sum()), float(own.max(initial=0.0)))


def holds(found: Estimate, truth: float) -> bool | None:
    """Whether the interval holds the truth; None where there is none."""
    return None if found.low is None or found.high is None else found.low <= truth <= found.high


def share(answers: list[bool | None]) -> float:
    """The share of intervals that hold the truth, among those that are given."""
    return float(np.mean([answer for answer in answers if answer is not None]))


def cost_per_eql(expected: float, worlds: int, seed: int, unlikeness: float = 0.0) -> float:
    """Coverage of a cost per case; the truth is cost ÷ expected cases."""
    rng = np.random.default_rng([seed, int(expected), int(100 * unlikeness)])
    return share([holds(per_count(COST, counted(expected, rng, unlikeness)), COST / expected) for _ in range(worlds)])


def cac_change(before: float, now: float, worlds: int, seed: int) -> float:
    """Coverage of the change of CAC, cost grown by a tenth."""
    rng = np.random.default_rng([seed, int(before), int(now)])
    truth = 1.1 * before / now - 1
    return share(
        [holds(ratio_of_costs(1.1 * COST, counted(now, rng), COST, counted(before, rng)), truth) for _ in range(worlds)]
    )


def multiple(expected: float, sizes: tuple[Sizes, float], worlds: int, seed: int) -> float:
    """Coverage of the pipeline multiple; the truth is expected deals × mean size ÷ cost."""
    rng = np.random.default_rng([seed, int(expected)])
    draw, mean = sizes
    return share(
        [holds(sum_per_cost(deal_sum(expected, draw, rng), COST), expected * mean / COST) for _ in range(worlds)]
    )


def growth(before: float, now: float, sizes: tuple[Sizes, float], worlds: int, seed: int) -> float:
    """Coverage of the growth of pipeline, deals of like sizes in both years."""
    rng = np.random.default_rng([seed, int(before), int(now)])
    draw, _ = sizes
    return share(
        [
            holds(ratio_of_sums(deal_sum(now, draw, rng), deal_sum(before, draw, rng)), now / before)
            for _ in range(worlds)
        ]
    )


def arr_share(own: float, other: float, sizes: tuple[Sizes, float], worlds: int, seed: int) -> float:
    """Coverage of the share of ARR that a few deals make up."""
    rng = np.random.default_rng([seed, int(own), int(other)])
    draw, _ = sizes
    truth = own / (own + other)
    return share(
        [holds(share_of_sums(deal_sum(own, draw, rng), deal_sum(other, draw, rng)), truth) for _ in range(worlds)]
    )


def won_rates(leads: int, median: float, worlds: int, seed: int) -> tuple[float, float, float]:
    """EQL → won, truly 22 % in the end: how often its interval holds that, in the last mature and in the last quarter.

    Third: how many percent of the truth the mature quarter's value falls short, on average. Days to won are lognormal
    (spread 0.7) about a median; eight quarters of 91 days with so many leads each, a third of them EQLs.
    """
    rng = np.random.default_rng([seed, leads, int(median)])
    at = stretches_of(Window(parse_period("2025-Q4", Settings()), datetime(2026, 1, 1, tzinfo=UTC)), Settings())
    mature, last, short = [], [], []
    for _ in range(worlds):
        age = rng.integers(0, 8 * 91, 8 * leads)
        eql, took = rng.random(age.size) < 1 / 3, rng.lognormal(np.log(median), 0.7, age.size).astype(int)
        won = eql & (rng.random(age.size) < WON) & (took < age)
        recent = np.sort(took[won & (age - took <= 365)])
        p90 = percentile(recent, np.ones(recent.size, dtype=int), 0.9)
        cohorts = _cohorts(age // 91, [quarter.label for quarter in at.quarters], age > (p90 or 0), eql, won)
        found = cohort_rate("eql_to_won", cohorts, at, "won").estimate
        mature.append(holds(found, WON))
        short.append(1 - (found.value or 0.0) / WON)
        newest = age < 91
        last.append(holds(rate(int((won & newest).sum()), int((eql & newest).sum())), WON))
    return share(mature), share(last), float(np.mean(short))


WON = 0.22


def _cohorts(
    quarter: np.ndarray, labels: list[str], older: np.ndarray, eql: np.ndarray, won: np.ndarray
) -> pl.DataFrame:
    """The leads of a world by quarter, as the database counts them."""
    columns = {"leads": np.ones_like(eql), "older_won": older, "eqls": eql, "eqls_won": won}
    counts = {name: np.bincount(quarter, weights=column, minlength=8) for name, column in columns.items()}
    return pl.DataFrame({"quarter": labels, **{name: count.astype(int) for name, count in counts.items()}})


def main(worlds: int = 4000, seed: int = 2026) -> None:
    print("cost per case: expected cases, coverage; where the rate itself varies by 10 % and 20 % between quarters")
    for expected in (20, 50, 150, 500):
        row = (cost_per_eql(expected, worlds, seed, unlikeness) for unlikeness in (0.0, 0.1, 0.2))
        print(expected, *(f"{covered:.3f}" for covered in row), sep="\t")
    print("EQL → won: leads a quarter, median days, coverage in the last mature and in the last quarter, short by")
    for leads in (200, 1500):
        for median in (40.0, 90.0):
            print(leads, median, *(f"{value:.3f}" for value in won_rates(leads, median, worlds // 4, seed)), sep="\t")
    print("change of CAC: wins expected before and now, coverage")
    for before, now in ((20, 20), (20, 60), (60, 40), (150, 180)):
        print(before, now, f"{cac_change(before, now, worlds, seed):.3f}", sep="\t")
    print("pipeline multiple: sizes, coverage at 20, 50, 150, 500 expected deals")
    for name, sizes in SIZES.items():
        row = (multiple(expected, sizes, worlds, seed) for expected in (20, 50, 150, 500))
        print(name, *(f"{covered:.3f}" for covered in row), sep="\t")
    print("pipeline growth: sizes, coverage at 20 → 40, 80 → 80, 150 → 300, 600 → 1,200 expected deals")
    for name, sizes in SIZES.items():
        pairs = ((20, 40), (80, 80), (150, 300), (600, 1200))
        row = (growth(before, now, sizes, worlds, seed) for before, now in pairs)
        print(name, *(f"{covered:.3f}" for covered in row), sep="\t")
    print("share of ARR: sizes, coverage at 5 of 100, 20 of 100, 20 of 400, 100 of 400 expected won deals")
    for name, sizes in SIZES.items():
        pairs = ((5, 95), (20, 80), (20, 380), (100, 300))
        row = (arr_share(own, other, sizes, worlds, seed) for own, other in pairs)
        print(name, *(f"{covered:.3f}" for covered in row), sep="\t")


if __name__ == "__main__":
    main()
