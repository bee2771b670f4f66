"""Are the vitals of the report those that plain arithmetic over the rows gives?"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import numpy as np
import pytest

from dashboard.metrics.performance import performance
from dashboard.period import parse_period
from dashboard.reports.vitals import vitals_section
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.engine import Database, app_engine, owner_engine
from data_access.reading import read_performance
from tests.builders import Company

pytestmark = pytest.mark.database
AS_OF = datetime(2026, 1, 20, 12, tzinfo=UTC)
BEGIN = datetime(2023, 9, 1, tzinfo=UTC)
Row = dict[str, Any]


def company(seed: int) -> Company:
    """A thousand leads of two partners and of nobody, with some that do not count; all in the reporting currency."""
    random, found = Random(seed), Company()
    partners = [found.add_partner("P1"), found.add_partner("P2", joined_on="2024-02-01"), None]
    for number in range(1_000):
        created = BEGIN + timedelta(minutes=random.randrange(int((AS_OF - BEGIN).total_seconds() / 60)))
        partner = random.choice(partners)
        eql = created + timedelta(days=random.randrange(20)) if random.random() < 0.5 else None
        sql = created + timedelta(days=random.randrange(60)) if eql and random.random() < 0.4 else None
        lead = found.add_lead(
            created_at=created, partner_id=partner, channel="partner", eql_at=eql, sql_at=sql,
            is_test=number % 50 == 0, deleted_at=created + timedelta(days=3) if number % 60 == 1 else None,
        )  # fmt: skip
        if random.random() < 0.4:
            opened = created + timedelta(days=random.randrange(40), minutes=5)
            closed = opened + timedelta(days=random.randrange(1, 90))
            status = random.choice(["won", "lost", "open"])
            found.add_deal(
                lead, opened_at=opened, status=status, closed_at=None if status == "open" else closed,
                amount=f"{random.randrange(1, 900_000) / 100:.2f}",
            )  # fmt: skip
    for number in range(60):
        first = date(2023, 10, 1) + timedelta(days=random.randrange(800))
        found.add_cost(
            random.choice(partners), channel="partner" if number % 9 == 0 else None, period_start=first,
            period_end=first + timedelta(days=random.randrange(60)), amount=str(random.randrange(100, 2_000)),
        )  # fmt: skip
    return found


def section(database: Database, period: str) -> dict[str, Row]:
    own = Settings()
    window = Window(parse_period(period, own), AS_OF)
    reading = read_performance(app_engine(database), window)
    found = vitals_section(app_engine(database), reading, performance(reading, window, own), own)
    assert json.loads(json.dumps(found)) == found
    return {vital["name"]: vital for vital in found}


class Recomputed:
    """The same numbers, row by row; knows nothing of cells."""

    def __init__(self, rows: Company) -> None:
        self.leads = {row["lead_id"]: row for row in rows.rows["lead"]}
        self.deals, self.costs = rows.rows["deal"], rows.rows["cost"]

    def live(self, lead: Row) -> bool:
        return not lead["is_test"] and not (lead["deleted_at"] and lead["deleted_at"] <= AS_OF)

    def sourced(self) -> list[Row]:
        return [lead for lead in self.leads.values() if self.live(lead) and lead["partner_id"]]

    def of_partners(self, deal: Row) -> bool:
        lead = self.leads[deal["lead_id"]]
        return bool(lead["partner_id"]) and not lead["is_test"]

    def won(self, first: date, after: date) -> int:
        return sum(
            self.of_partners(d) and self.is_won(d) and first <= d["closed_at"].date() < after for d in self.deals
        )

    def is_won(self, deal: Row) -> bool:
        return deal["status"] == "won" and deal["closed_at"] <= AS_OF

    def pipeline(self, first: date, after: date) -> float:
        return sum(
            float(d["amount"])
            for d in self.deals
            if self.of_partners(d) and d["opened_at"] <= AS_OF and first <= d["opened_at"].date() < after
        )

    def cost(self, first: date, after: date) -> float:
        total = 0.0
        for row in self.costs:
            if row["channel"] and not row["partner_id"]:
                continue
            days = [
                row["period_start"] + timedelta(n) for n in range((row["period_end"] - row["period_start"]).days + 1)
            ]
            inside = sum(first <= day < after and day <= AS_OF.date() for day in days)
            total += float(row["amount"]) * inside / len(days)
        return total

    def reached(self, stage: str, first: date, after: date) -> int:
        return sum(bool(x[stage]) and x[stage] <= AS_OF and first <= x[stage].date() < after for x in self.sourced())

    def wins(self) -> dict[str, datetime]:
        found: dict[str, datetime] = {}
        for deal in filter(self.is_won, self.deals):
            found[deal["lead_id"]] = min(found.get(deal["lead_id"], deal["closed_at"]), deal["closed_at"])
        return found

    def p90(self, when: Callable[[Row], datetime | None]) -> float:
        days = [
            (when(x).date() - x["created_at"].date()).days  # type: ignore[union-attr]
            for x in self.leads.values()
            if self.live(x) and when(x) and AS_OF.replace(year=AS_OF.year - 1) < when(x) <= AS_OF  # type: ignore[operator]
        ]
        return float(np.percentile([day for day in days if day >= 0], 90))

    def mature(self, quarters: list[tuple[str, date, date]], when: Callable[[Row], datetime | None]) -> tuple:
        p90 = self.p90(when)
        for label, first, after in quarters:
            cohort = [x for x in self.sourced() if first <= x["created_at"].date() < after]
            old = [x for x in cohort if (AS_OF.date() - x["created_at"].date()).days > p90]
            if cohort and len(old) / len(cohort) >= 0.9:
                eqls = [x for x in cohort if x["eql_at"] and x["eql_at"] <= AS_OF]
                reached = [x for x in eqls if when(x) and when(x) <= AS_OF]  # type: ignore[operator]
                return label, len(reached) / len(eqls), len(eqls)
        raise AssertionError("no mature quarter")


Q4 = ("2025-Q4", date(2025, 10, 1), date(2026, 1, 1))
Q3 = ("2025-Q3", date(2025, 7, 1), date(2025, 10, 1))
Q2 = ("2025-Q2", date(2025, 4, 1), date(2025, 7, 1))
Q1 = ("2025-Q1", date(2025, 1, 1), date(2025, 4, 1))


@pytest.mark.parametrize("seed", [1, 2])
def test_recomputed_row_by_row(module_database: Database, seed: int) -> None:
    rows = company(seed)
    rows.write(owner_engine(module_database), replace=True)
    found, own = section(module_database, "2025-Q4"), Recomputed(rows)
    cost, earlier = own.cost(*Q4[1:]), own.cost(*Q2[1:])
    won, won_before = own.won(*Q4[1:]), own.won(*Q2[1:])
    expected = {
        "cost_per_eql": cost / own.reached("eql_at", *Q4[1:]),
        "cost_per_sql": cost / own.reached("sql_at", *Q4[1:]),
        "cac": cost / won,
        "cac_change": (cost / won) / (earlier / won_before) - 1,
        "pipeline_multiple": own.pipeline(*Q4[1:]) / cost,
        "pipeline_growth": own.pipeline(date(2025, 1, 1), date(2026, 1, 1))
        / own.pipeline(date(2024, 1, 1), date(2025, 1, 1)),
    }
    for name, value in expected.items():
        assert found[name]["value"] == pytest.approx(value, rel=1e-9), name
    assert found["cac"]["n"] == won and found["cac_change"]["n"] == min(won, won_before)
    wins = own.wins()
    for name, when in (("eql_to_won", lambda x: wins.get(x["lead_id"])), ("eql_to_sql", lambda x: x["sql_at"])):
        label, value, n = own.mature([Q4, Q3, Q2, Q1], when)
        assert (found[name]["of"], found[name]["n"]) == (label, n)
        assert found[name]["value"] == pytest.approx(value)
    assert found["eql_to_won"]["of"] != "2025-Q4", "a quarter that ended three weeks ago cannot be judged"


def test_a_running_quarter_is_compared_with_as_many_days(module_database: Database) -> None:
    rows = company(3)
    rows.write(owner_engine(module_database), replace=True)
    found, own = section(module_database, "2026-Q1"), Recomputed(rows)
    now = own.cost(date(2026, 1, 1), date(2026, 4, 1)), own.won(date(2026, 1, 1), date(2026, 4, 1))
    then = own.cost(date(2025, 7, 1), date(2025, 7, 21)), own.won(date(2025, 7, 1), date(2025, 7, 21))
    assert found["cac_change"]["value"] == pytest.approx((now[0] / now[1]) / (then[0] / then[1]) - 1)
    assert found["cac_change"]["against"] == "2025-07-01..2025-07-21"
    assert found["pipeline_growth"]["of"] == "2025-01-01..2026-01-01"


def test_no_data_no_vitals(database: Database) -> None:
    for vital in section(database, "2025-Q4").values():
        assert (vital["value"], vital["n"]) == (None, 0)
        assert vital["state"] == (None if vital["name"] == "cac" else "too_little")


def test_a_deal_without_a_rate_marks_the_pipeline(module_database: Database) -> None:
    rows = company(4)
    lead = rows.add_lead(partner_id="P1", created_at="2025-11-01 12:00")
    rows.add_deal(lead, opened_at="2025-11-02 12:00", currency="CHF")
    rows.add_cost("P1", period_start="2025-04-05", period_end="2025-04-06", currency="CHF")
    rows.write(owner_engine(module_database), replace=True)
    found = section(module_database, "2025-Q4")
    assert found["pipeline_multiple"]["incomplete"] and found["pipeline_growth"]["incomplete"]
    assert found["cac_change"]["incomplete"] and not found["eql_to_won"]["incomplete"]
