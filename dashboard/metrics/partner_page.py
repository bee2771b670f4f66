"""How is one partner doing? Everything that its page, its paper and the report say, put together from cells."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

import numpy as np
import polars as pl

from dashboard.domain import Estimate, Stage
from dashboard.metrics.cells import Cells, Reading
from dashboard.metrics.funnel import step_conversion
from dashboard.metrics.partner_standing import (
    Compared,
    Measure,
    Peers,
    compared,
    group_standings,
    median_of,
    peers_of,
    took_part,
)
from dashboard.metrics.percentile_rank import Standing
from dashboard.metrics.performance import Partner, PartnerPerformance, Performance
from dashboard.metrics.review import ReviewRow
from dashboard.metrics.survival import ROUNDING, IncidenceCurve, day_counts, incidence_curve, percentile

Standings = Mapping[Measure, Mapping[str, Standing]]


@dataclass(frozen=True, slots=True)
class Brought:
    """What came in a stretch; money in the reporting currency. `sessions` None: no traffic of its pages is known."""

    sessions: int | None
    leads: int
    eqls: int
    sqls: int
    won: int
    lost: int
    opened: int
    arr: float
    pipeline: float


@dataclass(frozen=True, slots=True)
class Typical:
    """Days from opening to won, over all deals won in the 12 months before `as_of`; None where there is none."""

    median: float | None
    p75: float | None
    p90: float | None
    n: int


@dataclass(frozen=True, slots=True)
class DealInProgress:
    """An open deal. `chance`: share of deals that, open at its age, were still won; None where no curve tells.

    `overdue`: older than nine in ten won deals were when they were won. Amount None: without amount or rate.
    """

    deal_id: str
    name: str | None
    stage: str | None
    owner: str | None
    amount: float | None
    opened_on: date | None
    age_days: int | None
    expected_on: date | None
    chance: float | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class OpenPipeline:
    """Open deals: how many, their sum, the sum weighted by the chance to be won (estimated), and how many are overdue.

    `weighted` is None where no curve tells. `beyond`: deals older than any deal of the curve, which weigh 0.
    """

    deals: int
    amount: float
    weighted: float | None
    overdue: int
    beyond: int


class Lack(StrEnum):
    """What data lack, and so which number is lower than it should be."""

    NO_ASSET = "no_asset"
    NO_REFERRAL = "no_referral"
    UNCONFIRMED = "unconfirmed"
    UNTOUCHED = "untouched"
    NO_AMOUNT = "no_amount"
    UNCONVERTED = "unconverted"
    UNDATED = "undated"


# Of what each is counted.
LACK_OF = {
    Lack.NO_ASSET: "leads",
    Lack.NO_REFERRAL: "leads",
    Lack.UNCONFIRMED: "eqls",
    Lack.UNTOUCHED: "leads",
    Lack.NO_AMOUNT: "deals",
    Lack.UNCONVERTED: "deals",
    Lack.UNDATED: "deals",
}


@dataclass(frozen=True, slots=True)
class Gap:
    """So many of so many leads, EQLs or deals of 12 months lack something."""

    lack: Lack
    count: int
    of: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the partner; without `asset_id`: what came through no page. Days as in the data; money reporting."""

    asset_id: str | None
    title: str | None
    kind: str | None
    url: str | None
    refreshed_on: date | None
    retired: bool
    leads: int
    eqls: int
    won: int
    pipeline: float


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the funnel: the partner's conversion, that of its peers together, and whether it is too early."""

    first: Stage
    second: Stage
    own: Estimate
    peers: Estimate
    immature: bool


@dataclass(frozen=True, slots=True)
class Funnel:
    """Leads of the cohort that reached each stage, and the steps between the stages that the data know."""

    counts: Mapping[Stage, int]
    steps: Sequence[Step]


@dataclass(frozen=True, slots=True)
class Medians:
    """The medians of the peers, for the cards; None where no peer has a value."""

    eqls: float | None
    pipeline: float | None
    arr: float | None
    win_rate: float | None
    pipeline_per_page: float | None
    multiple: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whom a partner is compared with, their numbers, and where it stands; no standing for who took no part."""

    peers: Peers
    others: Sequence[PartnerPerformance]
    rows: Sequence[Compared]


@dataclass(frozen=True, slots=True)
class PartnerPage:
    """One partner in a period, with everything that it is compared with."""

    partner: Partner
    own: PartnerPerformance
    performance: Performance
    review: ReviewRow
    ranked: int
    peers: Peers
    medians: Medians
    compared: Sequence[Compared]
    funnel: Funnel
    curve: IncidenceCurve
    peer_curve: IncidenceCurve
    quarter: Brought
    before: Brought | None
    year: Brought
    months: Mapping[date, Brought]
    open: OpenPipeline
    deals: Sequence[DealInProgress]
    typical: Typical
    pages: Sequence[Page]
    gaps: Sequence[Gap]


# What it brought


def brought(days: pl.DataFrame, first: date, end: date) -> Brought:
    """The sums of the days (cells as `read_partner` reads them) from `first` to before `end`."""
    own = days.filter((pl.col("day") >= first) & (pl.col("day") < end))
    sessions = own["sessions"].drop_nulls()
    total = {name: int(own[name].sum()) for name in own.columns if name not in ("day", "sessions")}
    return Brought(
        int(sessions.sum()) if days["sessions"].count() else None,
        total["leads"],
        total["eqls"],
        total["sqls"],
        total["won"],
        total["lost"],
        total["opened"],
        total["arr_cents"] / 100,
        total["pipeline_cents"] / 100,
    )


# Open deals


def chances(curve: IncidenceCurve, ages: np.ndarray) -> np.ndarray | None:
    """Probability that a deal which is open after `ages` days is still won: (F(last) − F(age)) ÷ S(age).

    F: cumulative incidence of won, S: share of deals neither won nor lost, both at the end of the day; last: the last
    day that the curve saw. 0 where S is 0 or the age lies beyond the curve; None without a curve.
    Source: conditional cumulative incidence, Pepe & Mori 1993, doi:10.1002/sim.4780120803.
    """
    if curve.n == 0:
        return None
    after = curve.survival_before * (1 - curve.events / np.maximum(curve.at_risk, 1))
    place = np.searchsorted(curve.days, ages, side="right")
    survival = np.append(1.0, after)[place]
    incidence = np.append(0.0, curve.incidence)[place]
    left = curve.incidence[-1] - incidence
    known = (survival > ROUNDING) & (ages <= curve.days[-1])
    return np.asarray(np.divide(left, survival, out=np.zeros(len(ages)), where=known))


def typical_days(closing: pl.DataFrame) -> Typical:
    """Median, upper quartile and 90th percentile of the days of won deals (cells days, deals); negative left out."""
    timed = closing.filter(pl.col("days") >= 0).sort("days")
    days, deals = timed["days"].to_numpy(), timed["deals"].to_numpy()
    median, p75, p90 = (percentile(days, deals, share) for share in (0.5, 0.75, 0.9))
    return Typical(median, p75, p90, int(deals.sum()))


def open_pipeline(ages: pl.DataFrame, curve: IncidenceCurve, typical: Typical) -> OpenPipeline:
    """The sums over cells age_days, deals, pipeline_cents of one partner; deals without an age are in count and sum."""
    known = ages.filter(pl.col("age_days").is_not_null())
    days, deals, cents = (known[name].to_numpy() for name in ("age_days", "deals", "pipeline_cents"))
    chance = chances(curve, days)
    return OpenPipeline(
        int(ages["deals"].sum()),
        int(ages["pipeline_cents"].sum()) / 100,
        None if chance is None else float((cents * chance).sum()) / 100,
        0 if typical.p90 is None else int(deals[days > typical.p90].sum()),
        int(deals[days > curve.days[-1]].sum()) if curve.n else 0,
    )


def deals_in_progress(rows: pl.DataFrame, curve: IncidenceCurve, typical: Typical) -> list[DealInProgress]:
    """The open deals of a list as `open_deals` reads it, each beside what is typical for its age."""
    ages = rows["age_days"].fill_null(0).to_numpy()
    chance = chances(curve, ages)
    found = []
    for place, row in enumerate(rows.iter_rows(named=True)):
        age, cents = row["age_days"], row["pipeline_cents"]
        found.append(
            DealInProgress(
                row["deal_id"],
                row["name"],
                row["stage"],
                row["owner"],
                None if cents is None else cents / 100,
                row["opened_on"],
                age,
                row["expected_close_on"],
                None if chance is None or age is None else float(chance[place]),
                age is not None and typical.p90 is not None and age > typical.p90,
            )
        )
    return found


# Gaps, pages, funnel


def gaps_of(cells: pl.DataFrame) -> list[Gap]:
    """What is lacking at least once, from the partner's row of `gap_cells` (no row: nothing to lack)."""
    if cells.is_empty():
        return []
    row = cells.row(0, named=True)
    return [Gap(lack, row[lack.value], row[of]) for lack, of in LACK_OF.items() if row[lack.value]]


def pages_of(rows: pl.DataFrame) -> list[Page]:
    """The pages in the order read, money in the reporting currency."""
    return [
        Page(
            row["asset_id"],
            row["title"],
            row["kind"],
            row["url"],
            row.get("refreshed_on"),
            row["retired"],
            row["leads"],
            row["eqls"],
            row["won"],
            row["pipeline_cents"] / 100,
        )
        for row in rows.iter_rows(named=True)
    ]


def funnel_of(own: PartnerPerformance, performance: Performance, cells: Cells, peers: Peers) -> Funnel:
    """The partner's steps between adjacent stages beside those of all leads of its peers together."""
    s, present = own.summary, performance.stages_present
    counts = dict(zip(Stage, (s.leads, s.mqls, s.eqls, s.sqls, s.opportunities, s.won), strict=True))
    others = step_conversion(cells.cohort.filter(pl.col("partner_id").is_in(list(peers.ids))), present)
    steps = [
        Step(
            first,
            second,
            s.step_conversion[f"{first}_to_{second}"],
            others[f"{first}_to_{second}"],
            s.maturity[second].mature is False,
        )
        for first, second in pairwise(present)
    ]
    return Funnel({stage: counts[stage] for stage in present}, steps)


def medians_of(peers: Sequence[PartnerPerformance]) -> Medians:
    """The medians of what the cards show."""
    each = [p.summary for p in peers]
    return Medians(
        median_of([s.eqls_in_period for s in each]),
        median_of([s.pipeline_created for s in each]),
        median_of([s.arr for s in each]),
        median_of([p.shrunken_win_rate.value for p in peers]),
        median_of([s.pipeline_per_referring_page for s in each]),
        median_of([s.pipeline_multiple for s in each]),
    )


def curve_of(cells: Cells, ids: Sequence[str]) -> IncidenceCurve:
    """The cumulative-won curve of the deals of these partners."""
    return incidence_curve(day_counts(cells.curve.filter(pl.col("has_lead") & pl.col("partner_id").is_in(list(ids)))))


def all_curve(reading: Reading) -> IncidenceCurve:
    """The cumulative-won curve of all deals, by which open pipeline is weighted."""
    return incidence_curve(day_counts(reading.cells.curve))


def everybody_compared(performance: Performance, cells: Cells, wanted: Collection[str]) -> dict[str, Comparison]:
    """Whom each wanted partner is compared with and how; one simulation serves all partners of a type."""
    end = performance.window.period.end.date()
    parts = [p for p in performance.partners if took_part(p, end)]
    known: dict[str | None, Standings] = {}
    found = {}
    for own in performance.partners:
        if own.partner.partner_id not in wanted:
            continue
        peers = peers_of(own, performance.partners, end)
        kind = own.partner.partner_type if peers.of_type else None
        if kind not in known:
            group = [p for p in parts if kind is None or p.partner.partner_type == kind]
            known[kind] = group_standings(sorted(group, key=lambda p: p.partner.partner_id), cells)
        ids = set(peers.ids)
        others = [p for p in parts if p.partner.partner_id in ids]
        rows = compared(own, others, known[kind])
        found[own.partner.partner_id] = Comparison(peers, tuple(others), tuple(rows))
    return found
