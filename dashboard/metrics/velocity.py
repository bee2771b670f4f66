"""Who wins, how fast, and what is left of a difference where like is compared with like? Groups of deals from cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import polars as pl

from dashboard.domain import Estimate
from dashboard.metrics.cells import Cells
from dashboard.metrics.contract_value import Sums, difference_of_means, mean_value
from dashboard.metrics.intervals import Difference
from dashboard.metrics.maturity import curve_is_mature
from dashboard.metrics.performance import HAS_PARTNER, Partner
from dashboard.metrics.speed import SEED, bootstrap_medians
from dashboard.metrics.standardise import (
    Standardised,
    StandardisedSpeed,
    standardised_rates,
    standardised_speed,
)
from dashboard.metrics.summary import QUARTER_DAYS, Summary
from dashboard.metrics.survival import (
    HORIZONS,
    DayCounts,
    EventualWinRate,
    at_risk_at,
    band,
    day_counts,
    eventual_win_rate,
    incidence_curve,
    median_days,
    plain_median_days,
)

# Days at which the numbers at risk are said; curves are followed up to the last one.
MARKS = (0, *HORIZONS)
# More curves than these in one picture cannot be told apart.
CURVES_SHOWN = 5
VELOCITY_DRAWS = 400
# A bootstrap from fewer won deals than these repeats the same few and looks surer than it is.
FEWEST_WON = 5


class Split(StrEnum):
    """By what deals are put into groups."""

    SOURCE = "source"
    EQL = "eql"
    TYPE = "type"
    TIER = "tier"
    REGION = "region"
    CHANNEL = "channel"


class Role(StrEnum):
    """What a group is: the first or second side of a contrast, one of several of a kind, or those that remain."""

    OWN = "own"
    OTHER = "other"
    ONE = "one"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class Group:
    """A group of deals. `name` is a value of the data (None: not set); it is None where the role says it all."""

    role: Role
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Strata:
    """Cells by kind of deal and by what its lead is.

    Both frames begin with partner_sourced (the lead has a partner), eql_before (the lead was an EQL before the deal
    opened), size_band (0 … 4, None: unknown), region, product_line. `curve` goes on with outcome, days (calendar days
    from opening to closing, or waited until `as_of`; may be negative) and deals; `closed` with won and closed.
    """

    curve: pl.DataFrame
    closed: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Incidence:
    """Cumulative incidence of won of one group: steps at `days` up to the last mark, with pointwise 95 % bounds.

    `at_risk` and `eventual` by day; `mature` is False where deals that still wait can lengthen the median.
    """

    group: Group
    n: int
    days: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    at_risk: dict[int, int]
    eventual: dict[int, EventualWinRate]
    median: float | None
    mature: bool | None
    plain_median: float | None


@dataclass(frozen=True, slots=True)
class Lift:
    """One contrast of deals: win rates (ratio and difference) and median days (ratio), raw and standardised."""

    split: Split
    rates: Standardised
    speed: StandardisedSpeed


@dataclass(frozen=True, slots=True)
class ContractValue:
    """Mean ARR of deals won with a partner and without one, and how much more the first is, in currency."""

    own: Estimate
    other: Estimate
    difference: Difference


def incidences(
    curve: pl.DataFrame,
    ages: pl.DataFrame,
    split: Split,
    partners: Sequence[Partner],
    p90: float | None,
    shown: int | None = CURVES_SHOWN,
) -> list[Incidence]:
    """The curves of the groups of a split, the largest first; `shown` of them (None: all), the others as the rest.

    `curve` as `deals.CURVE` reads it, `ages` as `deals.CURVE_AGES` (for `Split.EQL` with eql_before). Deals without a
    lead are in no group; groups of partners hold only partner-sourced deals.
    """
    cells = [_grouped(frame.filter(pl.col("has_lead")), split, partners) for frame in (curve, ages)]
    sizes = cells[0].filter(pl.col("days") >= 0).group_by("group").agg(pl.col("deals").sum())
    names = sizes.sort("deals", "group", descending=[True, False], nulls_last=True)["group"].to_list()
    groups = {group: _of(cells, members) for group, members in _groups(split, names, shown).items()}
    return [_incidence(group, own, waited, p90) for group, (own, waited) in groups.items()]


def _groups(split: Split, names: Sequence[str | None], shown: int | None) -> dict[Group, Sequence[str | None]]:
    """The groups to show and the names that each holds; `names`: the largest first."""
    if split in (Split.SOURCE, Split.EQL):
        return {Group(role): [role.value] for role in (Role.OWN, Role.OTHER) if role.value in names}
    alone = names if shown is None or len(names) <= shown + 1 else names[:shown]
    rest = names[len(alone) :]
    return {Group(Role.ONE, name): [name] for name in alone} | ({Group(Role.REST): rest} if rest else {})


def _grouped(frame: pl.DataFrame, split: Split, partners: Sequence[Partner]) -> pl.DataFrame:
    """The frame with a column `group`."""
    if split is Split.CHANNEL:
        return frame.with_columns(group=pl.col("channel"))
    if split in (Split.SOURCE, Split.EQL):
        own = HAS_PARTNER if split is Split.SOURCE else pl.col("eql_before")
        return frame.with_columns(group=pl.when(own).then(pl.lit(Role.OWN.value)).otherwise(pl.lit(Role.OTHER.value)))
    names: dict[str, str | None] = {p.partner_id: _attribute(p, split) for p in partners}
    known = pl.DataFrame({"partner_id": list(names), "group": list(names.values())}, schema_overrides=_TEXTS)
    return frame.filter(HAS_PARTNER).join(known, on="partner_id", how="left")


_TEXTS = {"partner_id": pl.String, "group": pl.String}


def _attribute(partner: Partner, split: Split) -> str | None:
    return {Split.TYPE: partner.partner_type, Split.TIER: partner.tier, Split.REGION: partner.region}[split] or None


def _of(cells: Sequence[pl.DataFrame], names: Sequence[str | None]) -> tuple[pl.DataFrame, pl.DataFrame]:
    curve, ages = (frame.filter(pl.col("group").is_in(list(names), nulls_equal=True)) for frame in cells)
    return curve, ages


def _incidence(group: Group, curve: pl.DataFrame, ages: pl.DataFrame, p90: float | None) -> Incidence:
    counts = day_counts(curve)
    found = incidence_curve(counts)
    low, high = band(found)
    shown = found.days <= MARKS[-1]
    mature = curve_is_mature(ages["age_days"].to_numpy(), ages["deals"].to_numpy(), p90)
    return Incidence(
        group,
        found.n,
        found.days[shown],
        found.incidence[shown],
        low[shown],
        high[shown],
        dict(zip(MARKS, at_risk_at(found, MARKS).tolist(), strict=True)),
        {day: eventual_win_rate(found, day) for day in HORIZONS},
        median_days(found),
        mature,
        plain_median_days(counts),
    )


_KIND = ("size_band", "region", "product_line")
_SIDE = {Split.SOURCE: "partner_sourced", Split.EQL: "eql_before"}


def lift(strata: Strata, split: Split) -> Lift:
    """The contrast of `Split.SOURCE` (partner-sourced ÷ other) or `Split.EQL` (EQL before the deal opened ÷ other)."""
    closed, curve = (_numbered(frame, _SIDE[split]) for frame in (strata.closed, strata.curve))
    return Lift(
        split,
        standardised_rates(closed.rename({"closed": "n", "won": "k"})),
        standardised_speed(curve.select("stratum", "group", "outcome", "days", "deals")),
    )


def _numbered(frame: pl.DataFrame, side: str) -> pl.DataFrame:
    """Columns stratum (a number) and group added."""
    kinds = frame.select(_KIND).unique(maintain_order=True).with_row_index("stratum")
    return frame.join(kinds, on=_KIND, nulls_equal=True, how="left").with_columns(group=pl.col(side))


def contract_value(sizes: pl.DataFrame) -> ContractValue:
    """From won sizes as `data_access.velocity.won_sizes` reads them; deals without a lead are left out."""
    own, other = (sums(sizes.filter(pl.col("has_lead") & side), "arr") for side in (HAS_PARTNER, ~HAS_PARTNER))
    return ContractValue(mean_value(own), mean_value(other), difference_of_means(own, other))


def sums(sizes: pl.DataFrame, name: str) -> Sums:
    """The sums of `arr` or `amount` over some cells of won sizes."""
    return Sums(int(sizes[f"{name}s"].sum()), *(float(sizes[f"{name}{power}"].sum()) for power in ("", "_2")))


def sales_velocity(
    own: Summary, counts: DayCounts, amounts: Sums, period_days: int, draws: int = VELOCITY_DRAWS, seed: int = SEED
) -> Estimate:
    """Sales velocity (currency per day of a quarter) with a 95 % percentile interval, n = won deals.

    Opportunities are drawn as Poisson, wins as binomial, the mean amount as lognormal with its mean and standard error,
    the median from resampled deals of the curve, each for itself. No bounds under `FEWEST_WON` won deals.
    """
    value, won, closed = own.sales_velocity, own.won_deals, own.won_deals + own.lost_deals
    if value is None or own.win_rate.value is None or amounts.mean is None or min(won, amounts.n) < FEWEST_WON:
        return Estimate(value, None, None, won)
    rng = np.random.default_rng(seed)
    medians = bootstrap_medians(counts, draws, rng)
    unequal = np.log1p(amounts.variance_of_mean / amounts.mean**2) if amounts.mean else 0.0
    mean = amounts.mean * np.exp(rng.standard_normal(draws) * np.sqrt(unequal) - unequal / 2)
    wins = rng.binomial(closed, own.win_rate.value, draws) / closed
    drawn = rng.poisson(own.opportunities_opened, draws) * wins * mean * (QUARTER_DAYS / period_days)
    usable = medians > 0
    if usable.mean() < 0.95:
        return Estimate(value, None, None, won)
    low, high = np.quantile(drawn[usable] / medians[usable], [0.025, 0.975])
    return Estimate(value, float(low), float(high), won)


def by_partner(cells: Cells) -> Callable[[str], DayCounts]:
    """The day histograms of partners, made when asked for."""
    parts, nothing = cells.by("partner_id"), cells.empty()
    return lambda partner_id: day_counts(parts.get(partner_id, nothing).curve)
