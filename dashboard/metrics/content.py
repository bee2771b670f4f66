"""Which content brings EQLs: new or syndicated, of which kind, how old, and which of it is due or silent?

Definitions: docs/content.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

from dashboard.domain import NOTHING, Estimate
from dashboard.metrics.content_rates import Group, Past, group_rates, silence
from dashboard.metrics.intervals import rate, ratio
from dashboard.metrics.money_intervals import poisson
from dashboard.metrics.summary import QUARTER_DAYS
from dashboard.window import Window

UNKNOWN = "unknown"
ORIGINS = ("new", "syndicated", UNKNOWN)
AGES = ("0-2", "3-5", "6-11", "12-23", "24+", UNKNOWN)
# A quarter has 90 days at the least; an asset younger than that had none.
QUARTER_LONG = 90
_SUMS = ("leads", "eqls", "won", "pipeline_cents", "arr_cents")


@dataclass(frozen=True, slots=True)
class Brought:
    """What came in the period; money in the reporting currency. `incomplete`: a deal of it could not be converted."""

    leads: int
    eqls_in_period: int
    won_deals: int
    pipeline_created: float
    arr: float
    incomplete: bool


@dataclass(frozen=True, slots=True)
class Line:
    """Assets of one origin, kind or age, and what they brought.

    `assets`: out on a day of the period, `asset_quarters`: their days ÷ 91.25, `live_eqls`: EQLs of these alone.
    `expected_…`: what such an asset may be expected to bring (overdispersed, drawn to the other lines), 95 %.
    """

    key: str
    assets: int
    asset_quarters: float
    live_eqls: int
    brought: Brought
    eqls_per_asset: float | None
    eqls_per_asset_quarter: float | None
    expected_eqls_per_asset: Estimate
    expected_eqls_per_asset_quarter: Estimate


@dataclass(frozen=True, slots=True)
class Due:
    """Assets whose last publication or refresh lies six months back or more: asset_id, kind, overdue_days, leads, eqls,
    pipeline_created, arr; what brings most comes first. `unknown_date`: assets of which no day is known."""

    assets: pl.DataFrame
    live: int
    unknown_date: int


@dataclass(frozen=True, slots=True)
class Silent:
    """Assets without an EQL, the least likely silence first: asset_id, kind, days_live, leads, eqls_before (in the 12
    months before the period), expected_eqls, p_silence (by the rate of its kind), p_silence_given_past (and its own).

    `judged`: assets at least 90 days old, `expected`: how many of them chance alone would leave silent.
    """

    assets: pl.DataFrame
    judged: int
    expected: float


@dataclass(frozen=True, slots=True)
class Content:
    """All that is said about content. The lines of each grouping, `without_asset`, `of_prospects` and `without_lead`
    add up to the period's totals; those three are None where only some partners are looked at."""

    origin: Sequence[Line]
    kinds: Sequence[Line]
    ages: Sequence[Line]
    total: Line
    without_asset: Brought | None
    of_prospects: Brought | None
    without_lead: Brought | None
    share_new: Estimate
    content_cost: float | None
    content_cost_per_eql: Estimate
    cost_incomplete: bool
    due: Due
    silent: Silent | None


def content(
    cells: pl.DataFrame, costs: pl.DataFrame, days_seen: int, partners: frozenset[str] | None = None
) -> Content:
    """From the rows of `asset_cells` and `content_cost`; `days_seen`: days of the period up to `as_of`.

    `partners`: only these partners' assets and costs; None: everybody's, the company's own pages too.
    """
    if partners is not None:
        cells = cells.filter(pl.col("partner_id").is_in(list(partners)))
        costs = costs.filter(pl.col("partner_id").is_in(list(partners)))
    cells = cells.with_columns(
        origin=pl.col("origin").fill_null(UNKNOWN), age_band=pl.col("age_band").fill_null(UNKNOWN)
    )
    own = cells.filter((pl.col("asset_id") != "") & ~pl.col("prospect"))
    known = own.filter((pl.col("days_live") > 0) & (pl.col("origin") != UNKNOWN))
    kinds = _lines(own, "kind", sorted(own["kind"].unique().to_list()))
    total = _lines(own.with_columns(all=pl.lit("all")), "all", ["all"])[0]
    cost = float(costs["cost"].sum()) if costs.height else None
    loose = cells.filter(pl.col("asset_id") == "")
    return Content(
        origin=_lines(own, "origin", ORIGINS),
        kinds=kinds,
        ages=_lines(own, "age_band", AGES),
        total=total,
        without_asset=_brought(loose.filter(pl.col("has_lead"))) if partners is None else None,
        of_prospects=_brought(cells.filter(pl.col("prospect"))) if partners is None else None,
        without_lead=_brought(loose.filter(~pl.col("has_lead"))) if partners is None else None,
        share_new=rate(int((known["origin"] == "new").sum()), known.height),
        content_cost=cost,
        content_cost_per_eql=_cost_per_eql(cost, total.brought.eqls_in_period),
        cost_incomplete=bool(costs["unconverted"].sum()),
        due=_due(own),
        silent=_silent(own, kinds) if days_seen >= QUARTER_LONG else None,
    )


def days_seen(window: Window) -> int:
    """Days of the period up to `as_of`."""
    end = min(window.period.end.date(), window.as_of_day + timedelta(days=1))
    return max(0, (end - window.period.start.date()).days)


def _brought(rows: pl.DataFrame) -> Brought:
    sums = {name: int(rows[name].sum()) for name in _SUMS}
    return Brought(
        sums["leads"], sums["eqls"], sums["won"], sums["pipeline_cents"] / 100, sums["arr_cents"] / 100,
        bool(rows["unconverted"].sum()),
    )  # fmt: skip


def _lines(own: pl.DataFrame, key: str, names: Sequence[str]) -> list[Line]:
    parts = {name: own.filter(pl.col(key) == name) for name in names}
    rates = group_rates({name: _group(part.filter(pl.col("days_live") > 0)) for name, part in parts.items()})
    return [_line(name, part, rates[name]) for name, part in parts.items()]


def _group(live: pl.DataFrame) -> Group:
    """The company's own pages stand together like a partner's."""
    by = live.group_by("partner_id").agg(pl.col("eqls").sum(), pl.col("days_live").sum()).sort("partner_id")
    return Group(by["eqls"].to_numpy().astype(float), by["days_live"].to_numpy() / QUARTER_DAYS, live.height)


def _line(key: str, part: pl.DataFrame, expected: Estimate) -> Line:
    live = part.filter(pl.col("days_live") > 0)
    quarters, eqls = int(live["days_live"].sum()) / QUARTER_DAYS, int(live["eqls"].sum())
    return Line(
        key=key,
        assets=live.height,
        asset_quarters=quarters,
        live_eqls=eqls,
        brought=_brought(part),
        eqls_per_asset=ratio(eqls, live.height),
        eqls_per_asset_quarter=ratio(eqls, quarters),
        expected_eqls_per_asset=_times(expected, ratio(quarters, live.height)),
        expected_eqls_per_asset_quarter=expected,
    )


def _times(estimate: Estimate, factor: float | None) -> Estimate:
    if factor is None or estimate.value is None or estimate.low is None or estimate.high is None:
        return NOTHING
    return Estimate(estimate.value * factor, estimate.low * factor, estimate.high * factor, estimate.n)


def _cost_per_eql(cost: float | None, eqls: int) -> Estimate:
    """Cost ÷ EQLs with the interval that the count of EQLs leaves; 0 where nothing was paid."""
    if cost is None or not eqls:
        return Estimate(None, None, None, eqls)
    fewest, most = poisson(eqls)
    low, high = sorted((cost / most, cost / fewest))
    return Estimate(cost / eqls, low, high, eqls)


def _due(own: pl.DataFrame) -> Due:
    live = own.filter(pl.col("live_now"))
    due = live.filter(pl.col("overdue_days") >= 0).select(
        "asset_id", "kind", "overdue_days", "leads", "eqls",
        pipeline_created=pl.col("pipeline_cents") / 100, arr=pl.col("arr_cents") / 100,
    )  # fmt: skip
    ordered = due.sort("pipeline_created", "eqls", "overdue_days", "asset_id", descending=[True, True, True, False])
    return Due(ordered, live.height, int(live["overdue_days"].null_count()))


def _silent(own: pl.DataFrame, kinds: Sequence[Line]) -> Silent:
    """The rate is that of the asset's kind; how much assets of one kind differ is learned from all that were out."""
    of_kind = {line.key: line.expected_eqls_per_asset_quarter.value or 0.0 for line in kinds}
    live = own.filter(pl.col("days_live") > 0)
    rate = np.array([of_kind[kind] for kind in live["kind"].to_list()], dtype=float)
    eqls, expected = live["eqls"].to_numpy().astype(float), rate * live["days_live"].to_numpy() / QUARTER_DAYS
    past = Past(live["eqls_before"].to_numpy().astype(float), rate * live["days_before"].to_numpy() / QUARTER_DAYS)
    judged = live.with_columns(
        expected_eqls=pl.Series(expected),
        p_silence=pl.Series(silence(eqls, expected)),
        p_silence_given_past=pl.Series(silence(eqls, expected, past)),
    ).filter(pl.col("live_at_end") & (pl.col("days_since_published") >= QUARTER_LONG))
    found = judged.filter(pl.col("eqls") == 0).select(
        "asset_id", "kind", "days_live", "leads", "eqls_before", "expected_eqls", "p_silence", "p_silence_given_past"
    )
    ordered = found.sort("p_silence_given_past", "p_silence", "asset_id")
    return Silent(ordered, judged.height, float(judged["p_silence"].sum()))
