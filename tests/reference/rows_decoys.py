"""Which rows mislead a reader of the newer sections? Accounts, signals, confirmations and cards, many on a border."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from tests.builders import Company

SIGNALS = (
    "pricing_page_view",
    "demo_request",
    "integration_click",
    "integration_install",
    "webinar_attended",
    "partner_referral",
    "budget_confirmed",
    "use_case_confirmed",
    "account_overlap",
    "newsletter",
)
INDUSTRIES = ("Software", "software", "SOFTWARE", "Media", "Toys", "", None)
USE_CASES = ("partner reporting", "Lead Routing", "nothing", "", None)
EMPLOYEES = (None, 0, 49, 50, 199, 200, 999, 1000, 4999, 5000)
STACKS = (None, [], ["crm"], ["CRM", "Data_Warehouse"], ["erp"], ["crm", "data_warehouse", "erp"])
REGIONS = ("north", "South", "", None)
PRODUCTS = ("core", "plus", None)
TYPES = ("agency", "agency", "technology", "other")
TIERS = ("gold", "silver", None)
REASONS = ("no budget", "competitor", "", None)
TICK = timedelta(microseconds=1)


def mislead(company: Company, random: Random) -> Company:
    """Adds to a random company what the newer sections look at."""
    pick = random.choice
    for partner in company.rows["partner"]:
        partner |= {"partner_type": pick(TYPES), "tier": pick(TIERS), "region": pick(REGIONS)}
    for asset in company.rows["asset"]:
        asset |= {"origin": pick(["new", "syndicated", None]), "domain_rating": pick([None, 0, 29.5, 30, 100])}
        asset |= {"retired_on": pick([None, None, "2025-05-01", "2025-11-04", "2026-12-31"])}
        _traffic(company, asset["asset_id"], random)
    accounts = [company.add_account(**_account(random)) for _ in range(6)]
    opened = _first_opened(company)
    for lead in company.rows["lead"]:
        lead["account_id"] = pick([*accounts, None])
        lead |= {"region": pick(REGIONS), "product_line": pick(PRODUCTS), "utm_source": pick(["Blog", "ads", "", None])}
        _handled(lead, random)
        _signals(company, lead, opened.get(lead["lead_id"]), random)
    for deal in company.rows["deal"]:
        deal["expected_close_on"] = pick([None, "2025-06-01", "2025-10-01", "2025-11-05", "2026-12-01"])
    return company


def _account(random: Random) -> dict[str, Any]:
    pick = random.choice
    return {
        "industry": pick(INDUSTRIES),
        "use_case": pick(USE_CASES),
        "employees": pick(EMPLOYEES),
        "tech_stack": pick(STACKS),
        "region": pick(REGIONS),
        "country": pick(["DE", "fr", None]),
    }


def _traffic(company: Company, asset: str, random: Random) -> None:
    for day in random.sample(range(0, 900, 13), random.choice([0, 0, 1, 4])):
        company.add_traffic(asset, date(2023, 6, 1) + timedelta(days=day), random.choice([0, 1, 7, 250]))


def _first_opened(company: Company) -> dict[str, datetime]:
    opened: dict[str, datetime] = {}
    for deal in company.rows["deal"]:
        if deal["lead_id"] is not None and deal["opened_at"] is not None:
            opened[deal["lead_id"]] = min(deal["opened_at"], opened.get(deal["lead_id"], deal["opened_at"]))
    return opened


def _handled(lead: dict[str, Any], random: Random) -> None:
    created: datetime = lead["created_at"]

    def later(one_in: int, days: int) -> datetime | None:
        return None if random.randrange(one_in) else created + timedelta(days=random.randint(-3, days))

    lead |= {"assigned_at": later(3, 30), "first_contacted_at": later(4, 60), "referral_at": later(4, 10)}
    lead |= {"partner_confirmed_at": later(2, 400), "vendor_confirmed_at": later(2, 40)}
    lead |= {"disqualified_at": later(4, 300), "last_activity_at": later(2, 200)}
    lead["disqualified_reason"] = random.choice(REASONS) if not random.randrange(3) else None


def _signals(company: Company, lead: dict[str, Any], opened: datetime | None, random: Random) -> None:
    """Often just inside or just outside: the window, the hand-over."""
    created: datetime = lead["created_at"]
    anchors = [lead[name] for name in ("assigned_at", "first_contacted_at", "sql_at")] + [opened]
    moments = {created, created + timedelta(days=90), created - timedelta(days=30), created + timedelta(days=10)}
    moments |= {anchor for anchor in anchors if anchor is not None}
    near = sorted({moment + shift for moment in moments for shift in (-TICK, timedelta(0), TICK)})
    far = [created + timedelta(days=random.randint(-120, 120), hours=random.randint(0, 23)) for _ in range(4)]
    for name in random.sample(SIGNALS, random.choice([0, 2, 5, 8])):
        early = [moment for moment in [*near, *far] if not opened or moment < opened]
        for moment in {
            random.choice(random.choice([early, [*near, *far]]) or far) for _ in range(random.choice([1, 1, 3]))
        }:
            company.add_signal(lead["lead_id"], name, moment.astimezone(UTC))


def random_card(random: Random) -> dict[str, Any]:
    """A sound scorecard on which leads of a misleading company differ."""
    pick = random.choice
    fit = random.sample(_FIT, random.randint(1, len(_FIT)))
    signals = random.sample(SIGNALS, random.randint(1, 4))
    card: dict[str, Any] = {
        "format": 1,
        "name": "Card",
        "threshold": pick([1, 5, 8, 12]),
        "icp_at_least": pick([1, 4, 7]),
        "window_days": pick([10, 30, 90]),
        "min_triggers": pick([0, 1, 2]),
        "trigger_signals": random.sample(SIGNALS, 4),
        "required_gates": random.sample(["icp", "ecosystem", "buying", "confirmed"], random.randint(0, 4)),
        "criteria": [{"name": field, "group": "fit", "field": field, "levels": levels} for field, levels in fit],
    }
    for signal in signals:
        criterion: dict[str, Any] = {"name": f"signal {signal}", "group": "intent", "signal": signal}
        if random.randrange(2):
            criterion["within_days"] = pick([1, 10])
        criterion["levels"] = pick(_OFTEN)
        card["criteria"].append(criterion)
    if random.randrange(2):
        card["ecosystem_signals"] = ["newsletter", "partner_referral"]
    return card


_OFTEN = (
    [{"name": "twice", "points": 8, "at_least": 2}, {"name": "once", "points": 3, "at_least": 1}],
    [{"name": "seen", "points": 6, "at_least": 1}],
)
_FIT = (
    ("account.employees", [
        {"name": "small", "points": 1, "below": 50}, {"name": "middle", "points": 4, "from": 200, "below": 1000},
        {"name": "large", "points": 2, "from": 1000}]),
    ("account.industry", [
        {"name": "core", "points": 4, "any_of": ["software", "Media"]},
        {"name": "rest", "points": 1, "otherwise": True}]),
    ("account.tech_stack", [
        {"name": "both", "points": 5, "all_of": ["crm", "data_warehouse"]},
        {"name": "one", "points": 3, "any_of": ["CRM"]}]),
    ("lead.utm_source", [{"name": "blog", "points": 2, "any_of": ["blog"]}]),
    ("lead.channel", [{"name": "mail", "points": 2, "any_of": ["email"]}]),
    ("asset.kind", [{"name": "webinar", "points": 3, "any_of": ["webinar"]}]),
    ("asset.domain_rating", [{"name": "strong", "points": 3, "from": 30}]),
    ("partner.tier", [{"name": "gold", "points": 4, "any_of": ["Gold"]}]),
)  # fmt: skip
