"""What does the report say of each partner beside its numbers of the period? Lead by lead and deal by deal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from tests.reference.counted import Deal, Lead
from tests.reference.curves import Case, incidence_steps, percentile
from tests.reference.rows_data import Data

UNTOUCHED_DAYS = 30


def rows_partner(data: Data) -> dict[str, dict[str, Any]]:
    """By partner the parts of the section that are not drawn: pages, gaps, deals in progress."""
    typical, weight = typical_days(data), later_won(data)
    found = {}
    for key in data.partners:
        leads = [lead for lead in data.counted.leads if lead.row["partner_id"] == key]
        deals = [deal for deal in data.counted.deals if data.partner_of(deal) == key]
        found[key] = {
            "pages": pages(data, key, leads, deals),
            "gaps": gaps(data, leads, deals),
            "in_progress": in_progress(deals, typical, weight),
            "typical_days": typical,
        }
    return found


def year(data: Data, moment: datetime | None) -> bool:
    """Whether it happened in the 12 months up to the period's end and is seen."""
    question = data.question
    since = question.months_before(question.end, 12)
    return moment is not None and since <= moment < question.end and question.seen(moment)


def pages(data: Data, key: str, leads: list[Lead], deals: list[Deal]) -> dict[str | None, dict[str, Any]]:
    """By page of the partner (None: through none of them) the leads of 12 months and the pipeline of the period."""

    def page(lead: Lead) -> str | None:
        asset = lead.row["first_asset_id"]
        return asset if asset is not None and data.assets[asset]["partner_id"] == key else None

    found: dict[str | None, dict[str, Any]] = defaultdict(
        lambda: {"leads": 0, "eqls": 0, "won": 0, "pipeline_created": Fraction(0)}
    )
    for lead in leads:
        if year(data, lead.row["created_at"]):
            own = found[page(lead)]
            own["leads"] += 1
            own["eqls"] += "eql" in lead.reached
            own["won"] += "won" in lead.reached
    for deal in deals:
        if data.question.in_period(deal.opened_at):
            found[page(deal.lead)]["pipeline_created"] += deal.pipeline or 0
    for asset, own in found.items():
        own["pipeline_created"] = float(own["pipeline_created"])
        row = data.assets[asset] if asset else {}
        own |= {name: row.get(name) for name in ("title", "kind", "url")}
    return {asset: own for asset, own in found.items() if asset or own["leads"] or own["pipeline_created"]}


def gaps(data: Data, leads: list[Lead], deals: list[Deal]) -> dict[str, dict[str, int]]:
    """What leads created and deals opened (else closed) in the 12 months up to the period's end lack."""
    seen = data.question.seen
    recent = [lead for lead in leads if year(data, lead.row["created_at"])]
    eqls = [lead for lead in recent if "eql" in lead.reached]
    opened = [deal for deal in deals if year(data, deal.opened_at or deal.closed_at)]
    rows = {row["deal_id"]: row for row in data.tables["deal"]}

    def count(items: list[Any], lacks: Callable[[Any], bool]) -> dict[str, int]:
        return {"count": sum(map(lacks, items)), "of": len(items)}

    return {
        "no_asset": count(recent, lambda lead: lead.row["first_asset_id"] is None),
        "no_referral": count(recent, lambda lead: not seen(lead.row["referral_at"])),
        "unconfirmed": count(
            eqls, lambda lead: not (seen(lead.row["partner_confirmed_at"]) and seen(lead.row["vendor_confirmed_at"]))
        ),
        "untouched": count(recent, lambda lead: untouched(data, lead)),
        "no_amount": count(opened, lambda deal: rows[deal.deal_id]["amount"] is None),
        "unconverted": count(opened, lambda deal: deal.unconverted),
        "undated": count(opened, lambda deal: deal.outcome == "undated"),
    }


def untouched(data: Data, lead: Lead) -> bool:
    """Created more than 30 days ago, never handled in any way, and nothing happened for 30 days."""
    row, question = lead.row, data.question
    ago = question.as_of - timedelta(days=UNTOUCHED_DAYS)
    handled = ("assigned_at", "first_contacted_at", "sql_at", "disqualified_at")
    if any(question.seen(row[name]) for name in handled) or lead.deals:
        return False
    return row["created_at"] < ago and not (row["last_activity_at"] is not None and row["last_activity_at"] >= ago)


def typical_days(data: Data) -> dict[str, Any]:
    """Days from opening to won of all deals won in the 12 months before the instant."""
    since = data.question.months_before(data.question.as_of, 12)
    days = [
        deal.days
        for deal in data.counted.deals
        if deal.outcome == "won" and deal.closed_at >= since and deal.days is not None and deal.days >= 0
    ]
    shares = {"median": Fraction(1, 2), "p75": Fraction(3, 4), "p90": Fraction(9, 10)}
    return {name: as_float(percentile(days, share)) for name, share in shares.items()} | {"n": len(days)}


def as_float(value: Fraction | None) -> float | None:
    """A fraction as a number that JSON knows."""
    return None if value is None else float(value)


def later_won(data: Data) -> Callable[[int], float | None] | None:
    """Of deals still open at an age, the share that is won later, None beyond the oldest; None without any deal."""
    question = data.question
    since = question.months_before(question.end, 24)
    cases: list[Case] = [
        (deal.days, deal.outcome)
        for deal in data.counted.deals
        if deal.days is not None and deal.days >= 0 and since <= deal.opened_at < question.end
    ]
    steps, oldest = incidence_steps(cases), max((days for days, _ in cases), default=-1)
    if not cases:
        return None
    final = steps[-1].incidence if steps else 0.0

    def share(age: int) -> float | None:
        if age > oldest:
            return None
        won, open_still = 0.0, 1.0
        for step in steps:
            if step.day <= age:
                won = step.incidence
                open_still = step.survival_before * (1 - (step.won + step.lost) / step.at_risk)
        return (final - won) / open_still if open_still > 1e-12 else 0.0

    return share


def in_progress(
    deals: list[Deal], typical: dict[str, Any], weight: Callable[[int], float | None] | None
) -> dict[str, int | float | None]:
    """The partner's open deals, what they may bring, and how many are late or older than anything known."""
    waiting = [deal for deal in deals if deal.outcome == "open"]
    ages = [(deal.days, float(deal.pipeline or 0)) for deal in waiting if deal.days is not None and deal.days >= 0]
    shares = [(weight(age) if weight else None, amount) for age, amount in ages]
    return {
        "deals": len(waiting),
        "amount": float(sum((deal.pipeline or 0 for deal in waiting), Fraction(0))),
        "weighted": sum(((share or 0.0) * amount for share, amount in shares), 0.0) if weight else None,
        "overdue": sum(typical["p90"] is not None and age > typical["p90"] for age, _ in ages),
        "beyond": sum(share is None for share, _ in shares) if weight else 0,
    }
