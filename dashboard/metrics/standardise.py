"""Would two groups still differ if their deals were of the same kinds? Direct standardisation over common strata.

Both groups are given one mix of strata (company size, region, product line): that of all cases in the strata that
both groups have. What is left is an association among comparable cases; it becomes an effect only if nothing else
that matters differs between the groups.

Weighting costs precision: a weighted group is worth 1 / Σ w²/n cases (Kish's effective size), w being the strata's
shares and n the group's cases in them. All intervals are those of that many cases, which needs no variance within
strata of one or two cases, where there is none to be estimated.
Source: Keiding & Clayton 2014, doi:10.1214/13-STS453 (standardisation); Kish 1965, Survey Sampling, 11.7; Korn &
Graubard 1998, Survey Methodology 24:193–201 (score-type intervals from effective sizes).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from dashboard.domain import NOTHING, Estimate
from dashboard.metrics.intervals import Difference, Ratio, combined, newcombe, rate, rate_ratio, score_ratio, wilson
from dashboard.metrics.speed import DRAWS, SEED, MedianRatio, ratio_of_medians
from dashboard.metrics.survival import DayCounts, day_counts


@dataclass(frozen=True, slots=True)
class Standardised:
    """Rates of group a (`group` true) and b, raw and with one mix of strata, and their difference and ratio.

    `support` is the share of all cases that lie in strata which both groups have; None without cases. Standardised
    values are None where there is no such stratum. Their n are the cases that went in, not what they are worth.
    """

    raw_a: Estimate
    raw_b: Estimate
    raw_ratio: Ratio
    raw_difference: Difference
    standard_a: Estimate
    standard_b: Estimate
    ratio: Ratio
    difference: Difference
    support: float | None
    strata: int
    strata_in_all: int


@dataclass(frozen=True, slots=True)
class StandardisedSpeed:
    """Median days to close of group a ÷ group b, raw and with one mix of strata; support as in `Standardised`."""

    raw: MedianRatio
    standard: MedianRatio
    support: float | None
    strata: int
    strata_in_all: int


@dataclass(frozen=True, slots=True)
class _Strata:
    """One row a common stratum: its share of all cases there, and each group's cases; and what was left out."""

    table: pl.DataFrame
    support: float | None
    in_all: int

    def worth(self, cases: str) -> float:
        """Kish's effective size of a group."""
        return float(1 / (self.table["share"] ** 2 / self.table[cases]).sum())


def standardised_rates(cells: pl.DataFrame) -> Standardised:
    """From columns stratum, group (true: group a), n (cases), k (events among them); a null stratum is one of its own.

    Raw: Wilson, Newcombe, Koopman. Standardised: the same from the effective sizes.
    """
    strata = _strata(cells, "n")
    k_a, n_a, k_b, n_b = (int(cells.filter(own)[name].sum()) for own in _sides() for name in ("k", "n"))
    raw = rate(k_a, n_a), rate(k_b, n_b), rate_ratio(k_a, n_a, k_b, n_b), newcombe(k_a, n_a, k_b, n_b)
    return Standardised(*raw, *_standard(cells, strata), strata.support, strata.table.height, strata.in_all)


def _sides() -> tuple[pl.Expr, pl.Expr]:
    return pl.col("group"), ~pl.col("group")


def _strata(cells: pl.DataFrame, cases: str) -> _Strata:
    """The strata in which both groups have cases."""
    side_a, side_b = _sides()
    number = pl.col(cases)
    table = cells.group_by("stratum", maintain_order=True).agg(
        a=number.filter(side_a).sum(), b=number.filter(side_b).sum()
    )
    table = table.filter(pl.col("a") + pl.col("b") > 0)
    both = table.filter((pl.col("a") > 0) & (pl.col("b") > 0)).with_columns(own=pl.col("a") + pl.col("b"))
    total = int((table["a"] + table["b"]).sum())
    both = both.with_columns(share=pl.col("own") / pl.col("own").sum())
    return _Strata(both, float(both["own"].sum()) / total if total else None, table.height)


def _standard(cells: pl.DataFrame, strata: _Strata) -> tuple[Estimate, Estimate, Ratio, Difference]:
    if strata.table.height == 0:
        return NOTHING, NOTHING, Ratio(None, None, None, 0, 0), Difference(None, None, None, 0, 0)
    estimates, sizes = [], []
    for side, name in zip(_sides(), ("a", "b"), strict=True):
        events = cells.filter(side).group_by("stratum").agg(pl.col("k").sum())
        own = strata.table.join(events, on="stratum", how="left", nulls_equal=True)
        value = min(1.0, float((own["share"] * own["k"] / own[name]).sum()))
        sizes.append(strata.worth(name))
        low, high = wilson(value * sizes[-1], sizes[-1])
        estimates.append(Estimate(value, min(low, value), max(high, value), int(own[name].sum())))
    a, b = estimates
    return a, b, _ratio(a, b, sizes), _difference(a, b)


def _ratio(a: Estimate, b: Estimate, sizes: list[float]) -> Ratio:
    assert a.value is not None and b.value is not None
    return Ratio(*score_ratio(a.value * sizes[0], sizes[0], b.value * sizes[1], sizes[1]), a.n, b.n)


def _difference(a: Estimate, b: Estimate) -> Difference:
    assert a.value is not None and a.low is not None and a.high is not None
    assert b.value is not None and b.low is not None and b.high is not None
    return Difference(*combined(a.value, (a.low, a.high), b.value, (b.low, b.high)), a.n, b.n)


def standardised_speed(curve: pl.DataFrame, draws: int = DRAWS, seed: int = SEED) -> StandardisedSpeed:
    """From columns stratum, group (true: group a), outcome (won, lost, open), days, deals.

    Deals of negative days are left out. Each deal of a common stratum weighs its stratum's share of all deals ÷ its
    share of its own group; the median is that of the Aalen–Johansen curve of the weighted counts.
    Source: Cole & Hernán 2004, doi:10.1016/j.cmpb.2003.10.004 (survival curves by inverse-probability weights).
    """
    timed = curve.filter(pl.col("days") >= 0)
    strata = _strata(timed, "deals")
    a, b = (day_counts(timed.filter(side)) for side in _sides())
    raw = ratio_of_medians(a, b, draws=draws, seed=seed)
    if strata.table.height == 0:
        standard = MedianRatio(None, None, None, 0, 0, None, None, 0)
    else:
        side_a, side_b = _sides()
        a, b = _weighted(timed.filter(side_a), strata, "a"), _weighted(timed.filter(side_b), strata, "b")
        sizes = max(1, round(strata.worth("a"))), max(1, round(strata.worth("b")))
        standard = replace(ratio_of_medians(a, b, sizes, draws, seed), n_a=a.n, n_b=b.n)
    return StandardisedSpeed(raw, standard, strata.support, strata.table.height, strata.in_all)


def _weighted(own: pl.DataFrame, strata: _Strata, group: str) -> DayCounts:
    """One group's day histogram with the strata in the shares of all; the weights sum to the group's deals."""
    weights = strata.table.select("stratum", weight=pl.col("share") * pl.col(group).sum() / pl.col(group))
    weighted = own.join(weights, on="stratum", nulls_equal=True).with_columns(deals=pl.col("deals") * pl.col("weight"))
    return day_counts(weighted)
