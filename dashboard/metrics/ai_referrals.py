"""What do AI assistants and AI overviews bring, and which share of EQLs and ARR is that?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from dashboard.domain import Estimate
from dashboard.metrics.intervals import rate
from dashboard.metrics.money_intervals import DealSum, share_of_sums
from dashboard.metrics.performance import ALL, Selection
from dashboard.period import Period, add_months

MONTHS = 13


@dataclass(frozen=True, slots=True)
class AiCells:
    """What `data_access.ai_referrals.read_ai_referrals` reads: `leads`, `deals` and `lookalikes`.

    `source` is the tool (null: no AI referral), `name` what `utm_source` said of it; `in_period` parts what belongs to
    the period from earlier months. `lookalikes`: names that are not recognised and look like AI, with their leads.
    """

    leads: pl.DataFrame
    deals: pl.DataFrame
    lookalikes: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Brought:
    """Leads created and EQLs reached in a stretch, deals won (with ARR) and opened (with pipeline) in it."""

    leads: int
    eqls: int
    won_deals: int
    arr: float
    opened: int
    pipeline: float


@dataclass(frozen=True, slots=True)
class OfPartner:
    """What AI referrals brought to one partner (None: to nobody), and their share of its EQLs."""

    partner_id: str | None
    brought: Brought
    share_of_eqls: Estimate


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month: what AI referrals brought, and their share of all EQLs and of all ARR."""

    month: date
    brought: Brought
    share_of_leads: Estimate
    share_of_eqls: Estimate
    share_of_arr: Estimate


@dataclass(frozen=True, slots=True)
class AiReferrals:
    """AI referrals of a period. `sources` by tool, `names` how often each recognised utm_source came among the leads.

    An empty name: recognised by its channel alone. Shares are of all leads, EQLs, ARR and pipeline that are looked at.
    """

    total: Brought
    everything: Brought
    share_of_leads: Estimate
    share_of_eqls: Estimate
    share_of_arr: Estimate
    share_of_pipeline: float | None
    sources: Mapping[str, Brought]
    partners: Sequence[OfPartner]
    months: Sequence[Month]
    names: Sequence[tuple[str, str, int]]
    lookalikes: Sequence[tuple[str, int]]


def ai_referrals(cells: AiCells, months: Sequence[date], chosen: Selection = ALL) -> AiReferrals:
    """All that is said of AI referrals; `months`: the firsts of the months of the trend, oldest first.

    Partners narrow what is partner-sourced and channels the channels; deals without a lead count where nothing is
    chosen. Money in the reporting currency.
    """
    leads, deals = cells.leads.filter(chosen.condition()), cells.deals.filter(chosen.condition())
    if chosen != ALL:
        deals = deals.filter(pl.col("has_lead"))
    now = leads.filter("in_period"), deals.filter("in_period")
    own = _from_ai(now)
    total = _brought(*own)
    everything = _brought(*now)
    return AiReferrals(
        total,
        everything,
        rate(total.leads, everything.leads),
        rate(total.eqls, everything.eqls),
        share_of_arr(now[1]),
        total.pipeline / everything.pipeline if everything.pipeline else None,
        _sources(own),
        _partners(now),
        [_month(leads, deals, month) for month in months],
        _names(own[0]),
        list(cells.lookalikes.iter_rows()),
    )


def share_of_arr(deals: pl.DataFrame) -> Estimate:
    """ARR of AI referrals ÷ all ARR, n the won deals, with an interval that minds the unequal sizes of deals."""
    ai = pl.col("source").is_not_null()
    return share_of_sums(_arr(deals.filter(ai)), _arr(deals.filter(~ai)))


def _arr(deals: pl.DataFrame) -> DealSum:
    return DealSum(
        int(deals["won"].sum()),
        int(deals["arr_cents"].sum()) / 100,
        float(deals["arr_2"].sum()),
        float(deals.select(pl.col("arr_largest").max().fill_null(0.0)).item()),
    )


Pair = tuple[pl.DataFrame, pl.DataFrame]


def _from_ai(pair: Pair) -> Pair:
    leads, deals = (frame.filter(pl.col("source").is_not_null()) for frame in pair)
    return leads, deals


def _brought(leads: pl.DataFrame, deals: pl.DataFrame) -> Brought:
    return Brought(
        int(leads["leads"].sum()),
        int(leads["eqls"].sum()),
        int(deals["won"].sum()),
        int(deals["arr_cents"].sum()) / 100,
        int(deals["opened"].sum()),
        int(deals["pipeline_cents"].sum()) / 100,
    )


def _sources(own: Pair) -> dict[str, Brought]:
    """By tool, the one with most leads first."""
    names = set(own[0]["source"].to_list()) | set(own[1]["source"].to_list())
    found = {name: _brought(*(frame.filter(pl.col("source") == name) for frame in own)) for name in names}
    return dict(sorted(found.items(), key=lambda pair: (-pair[1].leads, -pair[1].arr, pair[0])))


def _partners(now: Pair) -> list[OfPartner]:
    """Partners with an AI referral, most EQLs, then leads, first; leads without a partner last."""
    own = _from_ai(now)
    ids = set(own[0]["partner_id"].to_list()) | set(own[1]["partner_id"].to_list())
    found = []
    for partner in ids:
        same = pl.col("partner_id").eq_missing(partner)
        brought = _brought(*(frame.filter(same) for frame in own))
        found.append(OfPartner(partner, brought, rate(brought.eqls, int(now[0].filter(same)["eqls"].sum()))))
    return sorted(
        found,
        key=lambda p: (p.partner_id is None, -p.brought.eqls, -p.brought.leads, -p.brought.arr, p.partner_id or ""),
    )


def _month(leads: pl.DataFrame, deals: pl.DataFrame, month: date) -> Month:
    pair = leads.filter(pl.col("month") == month), deals.filter(pl.col("month") == month)
    own, everything = _brought(*_from_ai(pair)), _brought(*pair)
    return Month(
        month,
        own,
        rate(own.leads, everything.leads),
        rate(own.eqls, everything.eqls),
        share_of_arr(pair[1]),
    )


def _names(leads: pl.DataFrame) -> list[tuple[str, str, int]]:
    """Name, tool and leads of every recognised name, most leads first."""
    found = leads.group_by("name", "source").agg(pl.col("leads").sum()).filter(pl.col("leads") > 0)
    return list(found.sort("leads", "name", descending=[True, False]).iter_rows())


def months_of(period: Period, today: date) -> tuple[date, ...]:
    """The firsts of the 13 calendar months up to the period's last day, or to `today` where that is earlier."""
    last = min(period.end.date() - timedelta(days=1), today)
    return tuple(add_months(last, -back) for back in range(MONTHS - 1, -1, -1))
