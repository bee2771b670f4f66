"""Many small companies in one database: deals with touches of every kind, and everything that must not count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.builders import Company

PERIOD = ("2025-Q3", datetime(2025, 7, 1, tzinfo=UTC), datetime(2025, 10, 1, tzinfo=UTC))
AMOUNTS = (None, "0", "0.01", "0.02", "0.05", "1", "99.99", "100.01", "1000", "33333.33", "1234567.89")
CURRENCIES = (*["USD"] * 8, "EUR", "GBP", None)
CLOCKS = (0, 0, 12, 12, 12, 23)


def companies(number: int, seed: int = 1) -> Company:
    """So many companies, the keys, channels and campaigns of each beginning with its number.

    Ties, touches of one day and of one moment, touches after the opening and after the close, merged, test and deleted
    leads, deals without a lead, without a touch, of no worth, without a rate, open, lost, won later than one looks.
    """
    random, company = Random(seed), Company()
    for base, quoted in (("USD", "EUR"), ("EUR", "USD")):
        for day in range(0, 900, 6):
            company.add_rate(quoted, (datetime(2024, 1, 1) + timedelta(days=day)).date(), "1.0837", base=base)
    for place in range(number):
        _one(company, random, f"{place:04d}")
    return company


def _one(company: Company, random: Random, name: str) -> None:
    partners = [company.add_partner(f"{name}P{number}") for number in range(random.randint(1, 3))]
    assets = [company.add_asset(random.choice([*partners, None]), f"{name}S{number}") for number in range(3)]
    channels, campaigns = [f"{name}partner", f"{name}organic", None], [f"{name}spring", f"{name}autumn", None]
    leads: list[str] = []
    for number in range(random.randint(1, 4)):
        created = _moment(random, datetime(2025, 4, 1, tzinfo=UTC), 170)
        key = f"{name}L{number}"
        columns: dict[str, Any] = {
            "partner_id": random.choice([*partners, None]),
            "channel": random.choice(channels),
            "first_asset_id": random.choice([*assets, None]),
            "utm_campaign": random.choice(campaigns),
            "sql_at": random.choice([None, _moment(random, created, 60), _moment(random, created, 60)]),
            "eql_at": random.choice([None, _moment(random, created, 40)]),
            "is_test": random.random() < 0.05,
            "deleted_at": _moment(random, created, 200) if random.random() < 0.08 else None,
        }
        if leads and random.random() < 0.25:
            columns |= {"merged_into": random.choice(leads)}
            columns |= {"merged_at": random.choice([None, _moment(random, created, 200)])}
        leads.append(company.add_lead(key, created_at=created, **columns))
        for touch in range(random.choice([0, 0, 1, 1, 2, 3, 5])):
            at = _moment(random, created, 110)
            for twin in range(random.choice([1, 1, 1, 2])):
                company.add_touch(
                    key,
                    touch_id=f"{key}T{touch}{random.choice('aZ_é')}{twin}",
                    occurred_at=at,
                    partner_id=random.choice([*partners, None, None]),
                    asset_id=random.choice([*assets, None]),
                    channel=random.choice(channels),
                )
    for number in range(random.randint(1, 4)):
        _deal(company, random, f"{name}D{number}", random.choice([*leads, *leads, None]))


def _deal(company: Company, random: Random, key: str, lead: str | None) -> None:
    opened = _moment(random, datetime(2025, 6, 10, tzinfo=UTC), 120)
    status = random.choice(["won", "won", "won", "lost", "open"])
    closed = _moment(random, opened, 90) if status != "open" else None
    company.add_deal(
        lead,
        key,
        opened_at=None if closed and random.random() < 0.04 else opened,
        status=status,
        closed_at=None if random.random() < 0.04 else closed,
        amount=random.choice(AMOUNTS),
        arr=random.choice(AMOUNTS),
        currency=random.choice(CURRENCIES),
        deleted_at=_moment(random, opened, 200) if random.random() < 0.04 else None,
    )


def _moment(random: Random, after: datetime, days: int) -> datetime:
    day = after.replace(hour=0, minute=0) + timedelta(days=random.randint(0, days))
    return max(after, day.replace(hour=random.choice(CLOCKS), minute=random.choice([0, 0, 59])))
