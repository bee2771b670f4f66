"""Which scorecards and signals could there be? Random sound cards, and companies whose signals lie on every border."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.builders import Company
from tests.strategies import random_company

SIGNALS = ("pricing_page_view", "demo_request", "integration_install", "partner_referral", "budget_confirmed",
           "account_overlap", "other")  # fmt: skip
INDUSTRIES = ("Software", "software", " Media ", "Retail", "", None)
TAGS = ("crm", "CRM", "data_warehouse", "chat")
EDGES = (timedelta(0), timedelta(microseconds=1), -timedelta(microseconds=1))


def random_card(random: Random) -> dict[str, Any]:
    """A sound scorecard: a few criteria of every kind, some gates, a threshold that some leads reach."""
    fields = random.sample(_FIELDS, random.randint(1, len(_FIELDS)))
    signals = random.sample(SIGNALS, random.randint(1, 4))
    criteria = [
        {"name": each["field"], "group": "fit", **each, "levels": _points(random, each["levels"])} for each in fields
    ]
    for signal in signals:
        levels = random.choice(([1], [3, 1], [2]))
        criteria.append(
            {
                "name": signal,
                "group": "intent",
                "signal": signal,
                **random.choice(({}, {"within_days": 10})),
                "levels": _points(random, [{"at_least": number} for number in levels]),
            }
        )
    return {
        "format": 1,
        "name": "Random",
        "threshold": random.randint(0, 40),
        "group_totals": {"fit": 200, "intent": 200},
        "icp_at_least": random.randint(0, 15),
        "window_days": random.choice((30, 90)),
        "min_triggers": random.randint(0, 2),
        "trigger_signals": random.sample(SIGNALS, 4),
        "ecosystem_signals": ["integration_install", "partner_referral"],
        "buying_signals": ["demo_request", "budget_confirmed"],
        "overlap_signals": ["account_overlap"],
        "required_gates": random.sample(["icp", "ecosystem", "buying", "confirmed"], random.randint(0, 4)),
        "criteria": criteria,
    }


_FIELDS: list[dict[str, Any]] = [
    {"field": "account.employees", "levels": [{"below": 50}, {"from": 50, "below": 200}, {"from": 1000}]},
    {"field": "account.industry", "levels": [{"any_of": ["SOFTWARE"]}, {"any_of": ["media"]}, {"otherwise": True}]},
    {"field": "account.tech_stack", "levels": [
        {"all_of": ["crm", "data_warehouse"]}, {"any_of": ["Crm"]}, {"otherwise": True},
    ]},
    {"field": "lead.channel", "levels": [{"any_of": ["direct", "email"]}]},
    {"field": "asset.kind", "levels": [{"any_of": ["webinar"]}, {"otherwise": True}]},
    {"field": "partner.partner_type", "levels": [{"any_of": ["other"]}]},
]  # fmt: skip


def _points(random: Random, levels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"name": f"level {place}", "points": random.randint(0, 20), **level} for place, level in enumerate(levels)]


def signalling_company(random: Random, kinds: int = 20) -> Company:
    """A random company with accounts, hand-overs and signals: before, at and after every moment that matters."""
    company = random_company(random, partners=3, kinds=kinds)
    accounts = [_account(company, random) for _ in range(12)]
    deals: dict[str, list[datetime]] = {}
    for deal in company.rows["deal"]:
        if deal["lead_id"] and deal["opened_at"]:
            deals.setdefault(deal["lead_id"], []).append(deal["opened_at"])
    for row in company.rows["lead"]:
        row["account_id"] = random.choice([*accounts, None])
        created = row["created_at"]
        for name in ("assigned_at", "first_contacted_at", "partner_confirmed_at", "vendor_confirmed_at"):
            row[name] = created + timedelta(days=random.randint(0, 60)) if random.randint(0, 2) == 0 else None
        if random.randint(0, 4) == 0:
            row["disqualified_reason"] = random.choice(["no budget", "  ", None])
            row["disqualified_at"] = random.choice([None, created + timedelta(days=random.randint(0, 200))])
        _signals(company, random, row, deals.get(row["lead_id"], []))
    return company


def _account(company: Company, random: Random) -> str:
    return company.add_account(
        name=random.choice(["Acme", None]),
        industry=random.choice(INDUSTRIES),
        employees=random.choice([None, 0, 49, 50, 199, 200, 1000]),
        tech_stack=random.choice([None, [], *([random.sample(TAGS, random.randint(1, 3))] * 4)]),
    )


def _signals(company: Company, random: Random, row: dict[str, Any], opened: list[datetime]) -> None:
    created: datetime = row["created_at"]
    borders = [created + timedelta(days=days) for days in (-90, -30, 0, 10, 30, 90)]
    borders += [row[name] for name in ("assigned_at", "first_contacted_at", "sql_at") if row.get(name)] + opened
    borders += [datetime(2025, 11, 5, 12, tzinfo=UTC)]
    written = set()
    for _ in range(random.randint(0, 8)):
        near = random.choice(borders) + random.choice(EDGES)
        at = random.choice((near, created + timedelta(days=random.randint(0, 40), seconds=random.randint(0, 9))))
        key = (random.choice(SIGNALS), at)
        if key not in written:
            written.add(key)
            company.add_signal(row["lead_id"], *key)
