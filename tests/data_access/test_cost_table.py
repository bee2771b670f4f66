"""Do categories, programme cost and channel costs add up to all cost rows, whatever these are?"""

from __future__ import annotations

import random
from calendar import monthrange
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import isclose

import pytest

from dashboard.metrics.cost import programme_cost
from dashboard.metrics.cost_table import CATEGORIES, CostKind, cost_table
from dashboard.period import between
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.cost_table import category_cells
from data_access.costs import cost_cells
from data_access.engine import Database, app_engine, owner_engine
from tests.builders import Company

pytestmark = pytest.mark.database
DATA_SETS = 1_000
FIRST_YEAR = 1990


def month(number: int) -> tuple[date, date]:
    """First day and the day after the last of the so-and-so-many-th month."""
    year, place = FIRST_YEAR + number // 12, number % 12 + 1
    first = date(year, place, 1)
    return first, first + timedelta(monthrange(year, place)[1])


def generated() -> list[dict]:
    """Cost rows over 1,000 months: of a day or of months, refunds, currencies with and without a rate."""
    rng = random.Random(7)
    rows = []
    for number in range(DATA_SETS):
        for _ in range(rng.choice([0, 1, 1, 2, 5])):
            start = month(number)[0] + timedelta(rng.randrange(28))
            rows.append(
                {
                    "partner_id": rng.choice([None, None, "P1", "P2"]),
                    "channel": rng.choice([None, None, "paid", "email"]),
                    "category": rng.choice(CATEGORIES),
                    "period_start": start,
                    "period_end": start + timedelta(rng.choice([0, 1, 13, 30, 90, 400])),
                    "amount": f"{rng.randint(-50_000, 500_000) / 100:.2f}",
                    "currency": rng.choice(["USD", "USD", "USD", "EUR" if number % 10 == 0 else "USD", "XXX", None]),
                }
            )
    return rows


@pytest.mark.slow
def test_a_thousand_data_sets_add_up(database: Database) -> None:
    company, rows = Company(), generated()
    for key in ("P1", "P2"):
        company.add_partner(key)
    for row in rows:
        company.add_cost(row["partner_id"], **{k: v for k, v in row.items() if k != "partner_id"})
        if row["currency"] == "EUR":
            company.rows["fx_rate"] = [r for r in company.rows["fx_rate"] if r["day"] != row["period_start"]]
            company.add_rate("EUR", row["period_start"], "1.25")
    company.write(owner_engine(database))
    seen, whole = 0, 0.0
    for number in range(DATA_SETS):
        first, end = month(number)
        # Every third data set is looked at in the middle of its month.
        as_of_day = first + timedelta(14) if number % 3 == 0 else date(2199, 1, 1)
        window = Window(between(first, end, Settings()), datetime(*as_of_day.timetuple()[:3], 12, tzinfo=UTC))
        table = cost_table(category_cells(app_engine(database), window))
        cells = cost_cells(app_engine(database), window)
        programme = programme_cost(cells, {}).total
        channels = cells.filter(cells["partner_id"].is_null() & cells["channel"].is_not_null())["cost"].sum()
        expected = by_hand(rows, first, min(end, as_of_day + timedelta(1)))
        for category in CATEGORIES:
            for kind in CostKind:
                assert same(table.cell(category, kind).cost, expected[category, kind.value]), (number, category, kind)
        assert same(table.programme.cost, programme) and same(table.of_kind(CostKind.CHANNEL).cost, channels)
        assert same(table.total.cost, programme + channels)
        assert same(table.total.cost, sum(table.of_kind(kind).cost or 0 for kind in CostKind))
        assert same(table.total.cost, float(sum(expected.values())))
        seen += table.total.rows
        whole += abs(table.total.cost or 0.0)
    assert seen > DATA_SETS and whole > 1e6


def by_hand(rows: list[dict], first: date, end: date) -> dict[tuple[str, str], Fraction]:
    """Each row's share of its days from `first` up to `end`, counted day by day."""
    found: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for row in rows:
        start, last = row["period_start"], row["period_end"]
        rate = {"USD": Fraction(1), "EUR": Fraction(5, 4)}.get(row["currency"])
        if rate is None or start >= end or last < first:
            continue
        days = sum(first <= start + timedelta(n) < end for n in range((last - start).days + 1))
        kind = "direct" if row["partner_id"] else "channel" if row["channel"] else "overhead"
        found[row["category"], kind] += Fraction(row["amount"]) * rate * days / ((last - start).days + 1)
    return found


def same(found: float | None, wanted: float | Fraction) -> bool:
    return isclose(found or 0.0, float(wanted), rel_tol=1e-9, abs_tol=1e-6)


def test_worked_example(database: Database) -> None:
    company = Company()
    company.add_partner("P")
    # 31 of 61 days of 610 lie in July: 310. A row without a rate is in no sum. The third has no day in July.
    company.add_cost("P", channel="paid", category="content", period_end="2025-08-30", amount="610")
    company.add_cost(channel="paid", category="media", amount="90", currency="EUR")
    company.add_cost(category="seat", period_start="2025-08-01", period_end="2025-08-31", amount="5")
    company.add_cost(category="seat", amount="-20")
    company.write(owner_engine(database))
    window = Window(between(date(2025, 7, 1), date(2025, 8, 1), Settings()), datetime(2026, 1, 1, tzinfo=UTC))
    table = cost_table(category_cells(app_engine(database), window))
    direct, media = table.cell("content", CostKind.DIRECT), table.cell("media", CostKind.CHANNEL)
    assert (direct.cost, direct.rows, direct.unconverted) == (310.0, 1, 0)
    assert (media.cost, media.rows, media.unconverted) == (None, 1, 1)
    assert table.cell("seat", CostKind.OVERHEAD).cost == -20
    assert table.programme.cost == 290 and table.total.cost == 290 and table.total.rows == 3
    assert table.of_kind(CostKind.CHANNEL).cost is None and table.cell("people", CostKind.DIRECT).rows == 0
