"""Do ARR, attribution and costs of the report agree with a second computation, written from the documents alone?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from dashboard.period import parse_period, previous
from data_access.demo import DemoOptions, load
from data_access.engine import Database, owner_engine
from tests.builders import Company
from tests.reference.rows_arr import rows_arr
from tests.reference.rows_attribution import RULES, rows_attribution
from tests.reference.rows_compare import Seen, differences, look
from tests.reference.rows_costs import rows_costs
from tests.strategies import Asked, random_company, random_question

PRODUCTS = ("Core", "Connect", " ", None)
CATEGORIES = ("seat", "tooling", "people", "content", "media", "payout", "other")
SPANS = (("2025-07-01", "2025-07-31"), ("2025-07-15", "2025-10-14"), ("2024-01-01", "2026-12-31"),
         ("2025-09-30", "2025-09-30"), ("2025-10-01", "2025-12-31"))  # fmt: skip
GOALS = (("2025-07-01", "2025-09-30"), ("2025-04-01", "2025-04-30"), ("2025-05-01", "2025-06-30"),
         ("2025-01-01", "2025-12-31"))  # fmt: skip


def with_money(company: Company, random: Random) -> Company:
    """The company with product lines, tiers, channels, costs of all kinds and goals."""
    for lead in company.rows["lead"]:
        lead["product_line"] = random.choice(PRODUCTS)
    for partner in company.rows["partner"]:
        partner["tier"], partner["region"] = random.choice(["gold", "silver", None]), random.choice(["EMEA", None])
        partner["partner_type"] = random.choice(["agency", "content", "other"])
    owners = [row["partner_id"] for row in company.rows["partner"]]
    for _ in range(12):
        start, end = random.choice(SPANS)
        company.add_cost(
            random.choice([*owners, None, None]),
            channel=random.choice([None, None, "paid_search", "email"]),
            category=random.choice(CATEGORIES),
            period_start=start,
            period_end=end,
            amount=random.choice(["-0.01", "100", "333.33", "7000", "0"]),
            currency=random.choice(["USD", "USD", "EUR", "GBP", None]),
        )
    for lead in company.rows["lead"]:
        lead["utm_campaign"] = random.choice(["guide", "webinar", None])
    touched(company, random, owners)
    for owner in random.sample(owners, len(owners) // 2):
        for day in random.sample(["2025-01-01", "2025-07-20", "2025-10-01"], random.randint(1, 3)):
            company.add_commission(owner, random.choice(["0.05", "0.1", "0", "1"]), day)
    for start, end in random.sample(GOALS, random.randint(0, len(GOALS))):
        company.add_target("arr", random.choice([1000.0, 250.5]), start, end)
    return company


def touched(company: Company, random: Random, owners: list[str]) -> None:
    """Touches before, on and after the days on which leads came and deals opened, some at the same moment."""
    assets = [row["asset_id"] for row in company.rows["asset"]]
    moments = {row["lead_id"]: row["opened_at"] for row in company.rows["deal"] if row["opened_at"]}
    for lead in company.rows["lead"]:
        around = moments.get(lead["lead_id"]) or lead["created_at"]
        for _ in range(random.choice([0, 1, 1, 2, 5])):
            company.add_touch(
                lead["lead_id"],
                partner_id=random.choice([*owners, None, lead["partner_id"]]),
                asset_id=random.choice([*assets, None]),
                channel=random.choice([lead["channel"], "email", "webinar", None]),
                occurred_at=around + timedelta(hours=random.choice([-2400, -200, -30, -3, -3, 0, 0, 5, 40])),
            )


def section_of_attribution(found: dict[str, Any], base: str) -> dict[str, Any]:
    """Lines of each kind by key and whether anything was touched; credits of the rules that are computed twice."""
    own = dict(found[base])
    lines = own.pop("lines")
    for name, what in (("lines", "credits"), ("intervals", "intervals")):
        own[name] = {
            kind: {(line["key"], line["touched"]): {rule: line[what][rule] for rule in RULES} for line in of_kind}
            for kind, of_kind in lines.items()
        }
    return own


def payouts(found: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(line["partner_id"], line["quarter"]): line for line in found["payouts"]["lines"]}


def credited(lines: dict[str, dict[Any, dict[str, float]]]) -> dict[str, dict[Any, dict[str, float]]]:
    """Lines that are credited with anything by any of the rules."""
    return {kind: {key: line for key, line in own.items() if any(line.values())} for kind, own in lines.items()}


def compare_attribution(found: dict[str, Any], rows: dict[str, Any]) -> list[str]:
    parted = []
    for base in ("arr", "pipeline"):
        ours, theirs = section_of_attribution(found, base), rows[base]
        mine, yours = credited(ours.pop("lines")), credited(theirs.pop("lines"))
        sure, certain = ours.pop("intervals"), theirs.pop("intervals")
        certain = {kind: {key: certain[kind][key] for key in mine[kind]} for kind in mine}
        parted += [f"{base}.{kind}" for kind in mine if mine[kind].keys() != yours[kind].keys()]
        parted += [*differences(ours, theirs, base), *differences(mine, yours, f"{base}.lines")]
        parted += differences(sure, certain, f"{base}.intervals")
    # A line of nothing but money that could not be converted is listed too.
    paid = {key: line for key, line in payouts(found).items() if line["credited"] or line["paid"]}
    parted += [f"payouts: only one has {key}" for key in paid.keys() ^ rows["payouts"].keys()]
    shared = {key: line for key, line in rows["payouts"].items() if key in paid}
    return [*parted, *differences(paid, shared, "payouts")]


def valued(found: Any) -> Any:
    """The product's section with estimates as their values, and lists by what tells their objects apart."""
    if isinstance(found, dict):
        if set(found) >= {"value", "low", "high"}:
            return found["value"]
        return {key: valued(own) for key, own in found.items()}
    return [valued(own) for own in found] if isinstance(found, list) else found


def section_of_arr(found: dict[str, Any]) -> dict[str, Any]:
    arr = valued(found)
    arr["quarters"] = {own.pop("label"): own for own in arr["quarters"]}
    arr["months"] = {own.pop("label"): own for own in arr["months"]}
    arr["groups"] = {
        by: {(own.pop("source"), own.pop("name")): own for own in lines} for by, lines in arr["groups"].items()
    }
    arr["top_five"]["partners"] = [own["partner_id"] for own in arr["top_five"]["partners"]]
    return dict(arr)


def section_of_costs(found: dict[str, Any]) -> dict[str, Any]:
    costs = valued(found)
    costs["categories"] = {own.pop("category"): own for own in costs["categories"]}
    costs["partners"] = {own.pop("partner_id"): own for own in costs["partners"]}
    return dict(costs)


def compare(seen: Seen) -> list[str]:
    """Where product and rows part ways."""
    earlier = previous(parse_period(seen.product["period"]["label"], seen.chosen), seen.chosen)
    ours, theirs = section_of_arr(seen.product["arr"]), rows_arr(seen.data, (earlier.start, earlier.end))
    missing = [f"arr.groups.{by}" for by, own in theirs["groups"].items() if own.keys() != ours["groups"][by].keys()]
    return [
        *missing,
        *differences(ours, theirs, "arr"),
        *compare_attribution(seen.product["attribution"], rows_attribution(seen.data)),
        *differences(section_of_costs(seen.product["costs"]), rows_costs(seen.data), "costs"),
    ]


@pytest.mark.database
@pytest.mark.parametrize("seed", range(12))
def test_random_companies(module_database: Database, seed: int) -> None:
    random = Random(seed)
    partners, kinds = random.choice([(0, 8), (2, 5), (5, 25), (9, 60)])
    company = with_money(random_company(random, partners=partners, kinds=kinds), random)
    company.write(owner_engine(module_database), replace=True)
    assert compare(look(module_database, random_question(random))) == []


@pytest.mark.database
def test_a_company_without_rows(database: Database) -> None:
    assert compare(look(database, Asked("2025-Q3", datetime(2025, 11, 1, tzinfo=UTC), {}))) == []


@pytest.mark.slow
@pytest.mark.database
def test_the_simulated_company(database: Database) -> None:
    load(database, DemoOptions(leads=4_000, until=date(2025, 11, 1)))
    assert compare(look(database, Asked("2025-Q3", datetime(2025, 11, 1, tzinfo=UTC), {}))) == []
