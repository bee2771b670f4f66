"""Do differences, ratios, standardised answers, discoveries and standings keep what their intervals promise?

`python -m tests.calibration.differences`
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from dashboard.domain import Estimate
from dashboard.metrics.association import associations
from dashboard.metrics.intervals import Difference, Ratio, newcombe, rate, rate_ratio
from dashboard.metrics.kaplan_meier import kaplan_meier
from dashboard.metrics.percentile_rank import standing
from dashboard.metrics.speed import MedianRatio
from dashboard.metrics.standardise import standardised_rates, standardised_speed
from dashboard.metrics.waiting import waiting
from tests.calibration.deals import LONGEST, WON

Interval = Difference | Ratio | MedianRatio | Estimate
SIZES = ((20, 20), (15, 150), (60, 240), (400, 1600))
RATES = ((0.05, 0.05), (0.1, 0.25), (0.3, 0.3), (0.6, 0.4))
# Strata and cases of both groups together: from full strata to some with hardly anybody in them.
WORLDS = ((4, 200), (12, 400), (60, 400), (12, 4000), (100, 4000))


def holds(found: Interval, truth: float) -> bool | None:
    """Does the interval hold the truth; None where there is none. What nothing bounds above holds all above `low`."""
    if found.low is None:
        return None
    return found.low <= truth and (found.high is None or truth <= found.high)


def share(answers: list[bool | None]) -> float:
    """Share of the intervals that were given which held the truth."""
    return float(np.mean([own for own in answers if own is not None]))


def two_groups(p: tuple[float, float], n: tuple[int, int], worlds: int, seed: int) -> tuple[float, float]:
    """Coverage of Newcombe's interval of the difference and of Koopman's of the ratio."""
    rng = np.random.default_rng([seed, *n, *(int(100 * own) for own in p)])
    difference, quotient = [], []
    for k_a, k_b in zip(rng.binomial(n[0], p[0], worlds), rng.binomial(n[1], p[1], worlds), strict=True):
        difference.append(holds(newcombe(int(k_a), n[0], int(k_b), n[1]), p[0] - p[1]))
        quotient.append(holds(rate_ratio(int(k_a), n[0], int(k_b), n[1]), p[0] / p[1]))
    return share(difference), share(quotient)


def confounded(strata: int, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Stratum and group of n cases, and each stratum's leaning: where it is high, group a is frequent."""
    leaning = rng.normal(0, 1, strata)
    stratum = rng.choice(strata, n, p=rng.dirichlet(np.full(strata, 2.0)))
    return stratum, rng.random(n) < 1 / (1 + np.exp(1 - leaning[stratum])), leaning


def mix(stratum: np.ndarray, group: np.ndarray, strata: int) -> np.ndarray:
    """Share of each stratum among the cases of those strata that both groups have: what is standardised to."""
    a, b = (np.bincount(stratum[own], minlength=strata) for own in (group, ~group))
    both = np.where((a > 0) & (b > 0), a + b, 0)
    return both / max(both.sum(), 1)


def standardised_worlds(strata: int, n: int, worlds: int, seed: int, effect: float) -> dict[str, float]:
    """Coverage of standardised rate, difference and ratio, and of the raw difference, which confounding spoils."""
    rng = np.random.default_rng([seed, strata, n, int(10 * effect)])
    answers: dict[str, list[bool | None]] = {"rate": [], "difference": [], "ratio": [], "raw difference": []}
    for _ in range(worlds):
        stratum, group, leaning = confounded(strata, n, rng)
        p = 1 / (1 + np.exp(1.2 - 0.7 * leaning - effect * np.array([[1.0], [0.0]])))
        won = rng.random(n) < np.where(group, p[0][stratum], p[1][stratum])
        cells = pl.DataFrame({"stratum": stratum, "group": group, "k": won.astype(int)})
        found = standardised_rates(cells.group_by("stratum", "group").agg(n=pl.len(), k=pl.col("k").sum()))
        a, b = p @ mix(stratum, group, strata)
        answers["rate"].append(holds(found.standard_a, a))
        answers["difference"].append(holds(found.difference, a - b))
        answers["ratio"].append(holds(found.ratio, a / b if b else 1.0))
        answers["raw difference"].append(holds(found.raw_difference, a - b))
    return {name: share(own) for name, own in answers.items()}


def speed_worlds(strata: int, n: int, worlds: int, seed: int, faster: float, draws: int = 400) -> dict[str, float]:
    """Coverage of the standardised and of the raw speed ratio; in strata with many of group a, deals are slow."""
    rng = np.random.default_rng([seed, strata, n, int(10 * faster)])
    answers: dict[str, list[bool | None]] = {"standard": [], "raw": []}
    for world in range(worlds):
        stratum, group, leaning = confounded(strata, n, rng)
        daily = np.exp(-0.4 * leaning) / 70 * np.array([[faster], [1.0]])
        took = np.ceil(rng.exponential(1, n) / np.where(group, daily[0][stratum], daily[1][stratum])).astype(int)
        seen = rng.integers(0, LONGEST + 1, n)
        outcome = np.where(took > seen, "open", np.where(rng.random(n) < WON, "won", "lost"))
        rows = pl.DataFrame({"stratum": stratum, "group": group, "outcome": outcome, "days": np.minimum(took, seen)})
        found = standardised_speed(rows.group_by(pl.all()).agg(deals=pl.len()), draws, world)
        a, b = (true_median(own, mix(stratum, group, strata)) for own in daily)
        answers["standard"].append(holds(found.standard, a / b))
        answers["raw"].append(holds(found.raw, a / b))
    return {name: share(own) for name, own in answers.items()} | {
        "given": float(np.mean([own is not None for own in answers["standard"]]))
    }


def true_median(daily: np.ndarray, weights: np.ndarray) -> int:
    """First day by which half of what a mixture of strata wins within the longest time on record is won."""
    won = weights @ (1 - np.exp(-np.outer(daily, np.arange(LONGEST + 1))))
    return int(np.argmax(won >= won[-1] / 2))


def discoveries(leads: int, worlds: int, seed: int, real: int) -> tuple[float, float]:
    """Mean share of false ones among the discovered (the false discovery rate), and share of real ones discovered.

    Twelve independent attributes of two to six values; the first `real` of them go with converting.
    """
    rng = np.random.default_rng([seed, leads, real])
    false_share, found_share = [], []
    for _ in range(worlds):
        cells, converted = _attributes(leads, real, rng)
        rows = associations(cells, leads, converted)
        found = [row for row in rows if row.discovered]
        false = sum(int(row.attribute) >= real for row in found)
        false_share.append(false / max(1, len(found)))
        if real:
            found_share.append(len({row.attribute for row in found if int(row.attribute) < real}) / real)
    return float(np.mean(false_share)), float(np.mean(found_share)) if real else float("nan")


def _attributes(leads: int, real: int, rng: np.random.Generator) -> tuple[pl.DataFrame, int]:
    values = [rng.integers(0, 2 + attribute % 5, leads) for attribute in range(12)]
    odds = -1.5 + sum((0.5 * (values[attribute] == 0) for attribute in range(real)), np.zeros(leads))
    won = rng.random(leads) < 1 / (1 + np.exp(-odds))
    cells = [
        (str(attribute), str(value), int((own == value).sum()), int(won[own == value].sum()))
        for attribute, own in enumerate(values)
        for value in np.unique(own)
    ]
    return pl.DataFrame(cells, schema=["attribute", "value", "leads", "converted"], orient="row"), int(won.sum())


def standings(partners: int, strength: float, worlds: int, seed: int, places: int = 6) -> tuple[float, float]:
    """Share of partners whose 90 % interval holds their true percentile among the others, and its mean width.

    Up to `places` partners of each world are asked for.
    """
    rng = np.random.default_rng([seed, partners, int(strength)])
    held, width = [], []
    for world in range(worlds):
        mean = rng.choice((0.15, 0.25, 0.4))
        truth = rng.beta(mean * strength, (1 - mean) * strength, partners)
        n = 1 + rng.poisson(rng.lognormal(np.log(30), 1, partners))
        rates = [rate(int(k), int(own)) for k, own in zip(rng.binomial(n, truth), n, strict=True)]
        for place in range(min(partners, places)):
            found = standing(rates[place], rates[:place] + rates[place + 1 :], 500, world)
            assert found.low is not None and found.high is not None
            held.append(found.low <= (truth < truth[place]).sum() / (partners - 1) <= found.high)
            width.append(found.high - found.low)
    return float(np.mean(held)), float(np.mean(width))


def median_coverage(n: int, worlds: int, seed: int) -> float:
    """Coverage of the order statistics' interval of the median of whole days."""
    rng = np.random.default_rng([seed, n])
    truth = float(np.ceil(30 * np.log(2)))
    held = []
    for _ in range(worlds):
        days = np.ceil(rng.exponential(30, n)).astype(int)
        found = waiting(days, np.ones(n, dtype=int))
        assert found.low is not None and found.high is not None
        held.append(found.low <= truth <= found.high)
    return float(np.mean(held))


def survival_coverage(n: int, worlds: int, seed: int, day: int = 60) -> float:
    """Coverage of the Kaplan–Meier interval at a day, with cases seen for 0 to 300 days."""
    rng = np.random.default_rng([seed, n, day])
    held = []
    for _ in range(worlds):
        took, seen = np.ceil(rng.exponential(80, n)).astype(int), rng.integers(0, 301, n)
        found = kaplan_meier(np.minimum(took, seen), took <= seen, took > seen)
        place = int(np.searchsorted(found.days, day, side="right")) - 1
        if found.days[-1] >= day and place >= 0:
            held.append(found.low[place] <= np.exp(-day / 80) <= found.high[place])
    return float(np.mean(held))


def _lines(worlds: int, seed: int) -> Iterator[tuple[object, ...]]:
    yield "two groups: cases, true rates", "difference", "ratio"
    for n in SIZES:
        for p in RATES:
            yield f"{n[0]} and {n[1]}, {p[0]:.0%} and {p[1]:.0%}", *two_groups(p, n, worlds * 2, seed)
    yield "standardised rates: strata, cases, effect", "rate", "difference", "ratio", "raw difference"
    for strata, n in WORLDS:
        for effect in (0.0, 0.6):
            found = standardised_worlds(strata, n, worlds, seed, effect)
            yield f"{strata}, {n}, {effect}", *found.values()
    yield "standardised speed: strata, deals, times as fast", "standardised", "raw", "share given"
    for strata, n in ((1, 6000), *WORLDS):
        for faster in (1.0, 1.5):
            yield f"{strata}, {n}, {faster}", *speed_worlds(strata, n, max(20, worlds // 4), seed, faster).values()
    yield "discoveries: leads, attributes that matter", "false discovery rate", "found"
    for leads in (400, 1000, 4000):
        for real in (0, 3):
            yield f"{leads}, {real} of 12", *discoveries(leads, worlds, seed, real)
    yield "standing (90 %): partners, strength", "held", "mean width"
    for partners in (5, 20, 60):
        for strength in (3, 10, 30, 100):
            yield f"{partners}, {strength}", *standings(partners, strength, worlds // 10, seed)
    yield "median of days: cases", "held"
    yield from ((str(n), median_coverage(n, worlds, seed)) for n in (6, 20, 100))
    yield "Kaplan–Meier at a day: cases", "held"
    yield from ((str(n), survival_coverage(n, worlds * 4, seed)) for n in (20, 100, 400))


def main(worlds: int = 2000, seed: int = 2025) -> None:
    for name, *figures in _lines(worlds, seed):
        print(name, *(f"{own:.3f}" if isinstance(own, float) else own for own in figures), sep="\t", flush=True)


if __name__ == "__main__":
    main()
