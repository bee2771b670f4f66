"""What did pages bring, which are due, and which were silent? The report's `content`, by docs/content.md alone."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.reference.counted import Deal, Lead
from tests.reference.curves import wilson
from tests.reference.rows_data import Data
from tests.reference.rows_money import (
    Stretch,
    arr,
    lacks_rate,
    last_day,
    opened,
    paid,
    period_days,
    pipeline,
    poisson_bounds,
    reached_in,
    uncertain,
    won,
)

QUARTER_DAYS = Fraction(365, 4)
BANDS = ((24, "24+"), (12, "12-23"), (6, "6-11"), (3, "3-5"), (0, "0-2"))
REFRESH_MONTHS, QUIET_DAYS, LEARNED_DAYS = 6, 90, 91
FEWEST_PAGES, FEWEST_PARTNERS, FEWEST_DEALS = 20, 5, 20
Asset = dict[str, Any]


def rows_content(data: Data) -> dict[str, Any]:
    """The section without what is fitted; lists of objects are dictionaries by what tells them apart."""
    assets = [row for row in data.tables["asset"] if not _is_prospects(data, row)]
    everything = _line(data, assets)
    return {
        "all": everything,
        "origin": _grouped(data, assets, lambda row: row["origin"] or "unknown"),
        "kinds": _grouped(data, assets, lambda row: str(row["kind"])),
        "ages": _grouped(data, assets, lambda row: _band(data, row)),
        "without_asset": _sums(data, lambda lead: lead is not None and lead.row["first_asset_id"] is None),
        "of_prospects": _sums(data, lambda lead: _asset(data, lead) is not None and not _in(assets, lead)),
        "without_lead": _sums(data, lambda lead: lead is None),
        "share_new": _share_new(data, assets),
        **_cost(data, everything["eqls_in_period"]),
        "due": _due(data, assets),
        "silent": _silent(data, assets),
        "prospects": _prospects(data),
    }


def _is_prospects(data: Data, row: Asset) -> bool:
    return row["partner_id"] is not None and data.partners[row["partner_id"]]["status"] == "prospect"


def _asset(data: Data, lead: Lead | None) -> Asset | None:
    key = lead.row["first_asset_id"] if lead else None
    return data.assets[key] if key is not None else None


def _in(assets: list[Asset], lead: Lead | None) -> bool:
    return lead is not None and lead.row["first_asset_id"] in {row["asset_id"] for row in assets}


# -- days out and ages --------------------------------------------------------------------------------------------


def _seen(data: Data, day: date | None) -> date | None:
    """A day on which an asset was taken down, so far as it is seen."""
    return day if day is not None and day <= data.question.day(data.question.as_of) else None


def days_out(data: Data, row: Asset, stretch: Stretch) -> int:
    """Days of the stretch on which the asset was out, up to the period's last day and the day of the instant."""
    first = max(stretch[0], row["published_on"] or stretch[0])
    after = min(stretch[1], last_day(data.question) + timedelta(days=1))
    retired = _seen(data, row["retired_on"])
    return max(((min(after, retired) if retired else after) - first).days, 0)


def _counts(data: Data, row: Asset) -> bool:
    """Whether the asset was out on at least one day of the period."""
    return days_out(data, row, period_days(data.question)) > 0


def _is_out(data: Data, row: Asset, day: date) -> bool:
    retired = _seen(data, row["retired_on"])
    return (row["published_on"] is None or row["published_on"] <= day) and (retired is None or retired > day)


def _moment(data: Data) -> date:
    """The earlier of the period's end and the day of the instant."""
    return min(data.question.day(data.question.end), data.question.day(data.question.as_of))


def _fresh(row: Asset, day: date) -> date | None:
    """The later of publication and refresh, so far as they had come by a day."""
    return max((own for own in (row["published_on"], row["refreshed_on"]) if own and own <= day), default=None)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _band(data: Data, row: Asset) -> str:
    fresh = _fresh(row, last_day(data.question))
    if fresh is None:
        return "unknown"
    return next(name for months, name in BANDS if _months_later(fresh, months) <= _moment(data))


# -- lines --------------------------------------------------------------------------------------------------------


def _sums(data: Data, belongs: Callable[[Lead | None], bool]) -> dict[str, Any]:
    stretch = period_days(data.question)
    leads = [lead for lead in data.counted.leads if belongs(lead)]
    deals = [deal for deal in data.counted.deals if belongs(deal.lead)]
    wins, begun = won(data, deals, stretch), opened(data, deals, stretch)
    return {
        "leads": sum(data.question.in_period(lead.row["created_at"]) for lead in leads),
        "eqls_in_period": reached_in(data, leads, "eql", stretch),
        "won_deals": len(wins),
        "arr": float(arr(wins)),
        "pipeline_created": float(pipeline(begun)),
        "incomplete": lacks_rate(data, begun, "amount") or lacks_rate(data, wins, "arr"),
    }


def _line(data: Data, assets: list[Asset]) -> dict[str, Any]:
    keys, stretch = {row["asset_id"] for row in assets}, period_days(data.question)
    out = [row for row in assets if _counts(data, row)]
    live = {row["asset_id"] for row in out}
    leads = [lead for lead in data.counted.leads if lead.row["first_asset_id"] in live]
    eqls = reached_in(data, leads, "eql", stretch)
    quarters = sum((days_out(data, row, stretch) for row in out), 0) / QUARTER_DAYS
    return _sums(data, lambda lead: lead is not None and lead.row["first_asset_id"] in keys) | {
        "assets": len(out),
        "asset_quarters": float(quarters),
        "live_eqls": eqls,
        "eqls_per_asset": eqls / len(out) if out else None,
        "eqls_per_asset_quarter": float(eqls / quarters) if quarters else None,
    }


def _grouped(data: Data, assets: list[Asset], name: Callable[[Asset], str]) -> dict[str, Any]:
    lines = {key: _line(data, [row for row in assets if name(row) == key]) for key in {name(row) for row in assets}}
    return {key: own for key, own in lines.items() if any(own.values())}


def _share_new(data: Data, assets: list[Asset]) -> dict[str, Any]:
    origins = [row["origin"] for row in assets if _counts(data, row)]
    return wilson(origins.count("new"), origins.count("new") + origins.count("syndicated"))


def _cost(data: Data, eqls: int) -> dict[str, Any]:
    cost = paid(data, period_days(data.question), lambda row: row["category"] == "content")
    amount = cost.amount if cost.rows else None
    each = uncertain(None, None, None, eqls)
    if amount is not None and eqls:
        each = uncertain(amount / eqls, *sorted(float(amount) / bound for bound in poisson_bounds(eqls)), eqls)
    return {
        "content_cost": None if amount is None else float(amount),
        "content_cost_per_eql": each,
        "content_cost_incomplete": cost.unconverted > 0,
    }


# -- due and silent -----------------------------------------------------------------------------------------------


def _of(data: Data, row: Asset) -> dict[str, Any]:
    return _sums(data, lambda lead: lead is not None and lead.row["first_asset_id"] == row["asset_id"])


def _due(data: Data, assets: list[Asset]) -> dict[str, Any]:
    today, due = data.question.day(data.question.as_of), {}
    out = [row for row in assets if _is_out(data, row, today)]
    for row in out:
        fresh = _fresh(row, today)
        since = _months_later(fresh, REFRESH_MONTHS) if fresh else None
        if since is not None and since <= today:
            own = _of(data, row)
            due[row["asset_id"]] = {
                "kind": row["kind"],
                "overdue_days": (today - since).days,
                "leads": own["leads"],
                "eqls_in_period": own["eqls_in_period"],
                "pipeline_created": own["pipeline_created"],
                "arr": own["arr"],
            }
    order = sorted(
        due,
        key=lambda key: (-due[key]["pipeline_created"], -due[key]["eqls_in_period"], -due[key]["overdue_days"], key),
    )
    return {
        "order": order,
        "assets": due,
        "live": len(out),
        "unknown_date": sum(_fresh(row, today) is None for row in out),
    }


def _silent(data: Data, assets: list[Asset]) -> dict[str, Any] | None:
    q = data.question
    first = q.day(q.start)
    if (_moment(data) - first).days < QUIET_DAYS:
        return None
    judged = [
        row
        for row in assets
        if _is_out(data, row, last_day(q))
        and row["published_on"] is not None
        and (_moment(data) - row["published_on"]).days >= QUIET_DAYS
    ]
    year = q.day(q.months_before(q.start, 12)), first
    silent = {}
    for row in judged:
        own = _of(data, row)
        if not own["eqls_in_period"]:
            leads = [lead for lead in data.counted.leads if lead.row["first_asset_id"] == row["asset_id"]]
            silent[row["asset_id"]] = {
                "kind": row["kind"],
                "days_live": days_out(data, row, period_days(q)),
                "leads": own["leads"],
                "eqls_before": reached_in(data, leads, "eql", year),
            }
    return {"assets": silent, "judged": len(judged)}


# -- prospects ----------------------------------------------------------------------------------------------------


def _prospects(data: Data) -> dict[str, Any]:
    """Which pages, what taught, and the order by domain rating; what is fitted is left out."""
    q = data.question
    today = q.day(q.as_of)
    year: Stretch = q.day(q.months_before(q.end, 12)), q.day(q.end)
    pages = [row for row in data.tables["asset"] if _is_prospects(data, row) and not _is_down(data, row, today)]
    taught = [
        row
        for row in data.tables["asset"]
        if row["partner_id"] is not None and not _is_prospects(data, row) and days_out(data, row, year) >= LEARNED_DAYS
    ]
    keys = {row["asset_id"] for row in taught}
    deals = [deal for deal in opened(data, data.counted.deals, year) if _teaches(deal, keys)]
    ratings = [row["domain_rating"] for row in taught if row["domain_rating"] is not None]
    partners = {row["partner_id"] for row in taught}
    fitted = len(taught) >= FEWEST_PAGES and len(partners) >= FEWEST_PARTNERS and len(deals) >= FEWEST_DEALS
    known = [row["domain_rating"] for row in pages if row["domain_rating"] is not None]
    return {
        "pages": {
            row["asset_id"]: {
                "partner_id": row["partner_id"],
                "kind": row["kind"],
                "domain_rating": row["domain_rating"],
                "rank_by_rating": _rank(row["domain_rating"], known),
                "beyond": _beyond(row["domain_rating"], ratings),
                "kind_pages": sum(own["kind"] == row["kind"] for own in taught),
            }
            for row in pages
        },
        "taught_by": len(taught),
        "partners": len(partners),
        "deals": len(deals),
        "ratings": {"low": min(ratings), "high": max(ratings)} if ratings else None,
        "fitted": fitted,
    }


def _is_down(data: Data, row: Asset, day: date) -> bool:
    retired = _seen(data, row["retired_on"])
    return retired is not None and retired <= day


def _teaches(deal: Deal, keys: set[str]) -> bool:
    return deal.lead is not None and deal.lead.row["first_asset_id"] in keys and (deal.pipeline or 0) > 0


def _rank(rating: float | None, known: list[float]) -> int | None:
    return None if rating is None else 1 + sum(other > rating for other in known)


def _beyond(rating: float | None, seen: list[float]) -> bool:
    return rating is not None and bool(seen) and not min(seen) <= rating <= max(seen)
