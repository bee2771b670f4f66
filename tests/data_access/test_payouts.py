"""Is what a partner is owed its credited ARR at the rate of each deal's closing day, beside what it was paid?"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from dashboard.metrics.attribution_rules import DEFAULT, Rule
from dashboard.metrics.payouts import Payout, PayoutCells, Reconciliation, quarters_up_to, reconciliation
from dashboard.period import Period, parse_period, quarter_of
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.engine import Database, app_engine, owner_engine
from data_access.payouts import agreed, credit_cells, paid_cells
from tests.builders import Company
from tests.reference.attribution_rows import attribution_rows, read_touches
from tests.reference.rows_data import read_data
from tests.touched_companies import companies

pytestmark = pytest.mark.database

NOW = datetime(2025, 11, 15, 9, tzinfo=UTC)


def window(label: str = "2025-Q3", **settings: str) -> Window:
    found = Settings(**settings)
    return Window(parse_period(label, found), NOW, found.time_zone, found.currency)


def found(database: Database, seen: Window, rule: Rule = Rule.SOURCE) -> Reconciliation:
    engine, quarters = app_engine(database), quarters_up_to(seen.period, Settings(time_zone=seen.zone))
    cells = PayoutCells(
        credit_cells(engine, seen, quarters, rule, DEFAULT, {}),
        paid_cells(engine, seen, quarters),
        agreed(engine, quarters),
    )
    return reconciliation(cells, {"P": "Acme"}, [quarter.label for quarter in quarters], rule)


def won(company: Company, partner: str, closed: str, arr: str, currency: str = "USD") -> None:
    lead = company.add_lead(created_at="2025-01-05 10:00", partner_id=partner, channel="partner")
    company.add_touch(lead, occurred_at="2025-01-05 10:00", partner_id=partner, channel="partner")
    company.add_deal(
        lead, opened_at="2025-02-01 10:00", status="won", closed_at=closed, arr=arr, amount=arr, currency=currency
    )


def test_the_four_quarters_up_to_a_period() -> None:
    def labels(period: str, **settings: int) -> list[str]:
        own = Settings(**settings)
        return [quarter.label for quarter in quarters_up_to(parse_period(period, own), own)]

    assert labels("2025-Q3") == labels("2025-07") == ["2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3"]
    assert labels("2025") == ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]
    assert labels("2025-Q1", fiscal_year_start=4) == ["2024-Q2", "2024-Q3", "2024-Q4", "2025-Q1"]


@pytest.mark.parametrize("rule", [Rule.SOURCE, Rule.LINEAR, Rule.FIRST])
def test_each_deal_at_the_rate_of_its_closing_day(database: Database, rule: Rule) -> None:
    """1,000 at 10 % until 14 August, 2,000 at 20 % from then on: 500 owed; a payout of 600 for 15 June to 14 July."""
    company = Company()
    company.add_partner("P", name="Acme")
    company.add_commission("P", "0.1", "2025-01-01")
    company.add_commission("P", "0.2", "2025-08-15")
    won(company, "P", "2025-08-14 23:00", "1000")
    won(company, "P", "2025-08-15 00:00", "2000")
    company.add_cost("P", category="payout", period_start="2025-06-15", period_end="2025-07-14", amount="600")
    company.add_cost("P", category="content", period_start="2025-07-01", period_end="2025-07-31", amount="77")
    company.write(owner_engine(database))
    lines = found(database, window(), rule).lines
    # 16 of 30 days lie in June.
    assert lines == (
        Payout("P", "Acme", "2025-Q2", 0, None, 0, 32_000, 32_000),
        Payout("P", "Acme", "2025-Q3", 300_000, pytest.approx(0.5 / 3), 50_000, 28_000, -22_000),
    )


def test_without_a_rate_nothing_is_owed_and_nothing_compared(database: Database) -> None:
    company = Company()
    company.add_partner("P", name="Acme")
    company.add_partner("Q", name="Late")
    company.add_partner("R", name="Unpaid")
    company.add_commission("Q", "0.1", "2025-08-01")
    company.add_commission("R", "0.1", "2020-08-01")
    for partner in "PQR":
        won(company, partner, "2025-07-20 10:00", "1000")
    won(company, "Q", "2025-09-20 10:00", "500")
    for partner in "PQ":
        company.add_cost(partner, category="payout", period_start="2025-09-01", period_end="2025-09-30", amount="40")
    company.write(owner_engine(database))
    result = found(database, window())
    lines = {line.partner_id: line for line in result.lines}
    assert lines["P"] == Payout("P", "Acme", "2025-Q3", 100_000, None, None, 4_000, None, unrated=100_000)
    assert lines["Q"] == Payout("Q", "Q", "2025-Q3", 150_000, 0.1, 5_000, 4_000, -1_000, unrated=100_000)
    assert lines["R"].difference == -10_000
    assert [line.partner_id for line in result.lines] == ["R", "Q", "P"]  # the largest first, what is not known last
    assert (result.paid_without_rate, result.rate_without_payout) == (("Acme",), ("R",))
    assert (result.owed, result.paid, result.compared) == (15_000, 8_000, -11_000)


def test_what_lies_after_as_of_is_neither_owed_nor_paid(database: Database) -> None:
    company = Company()
    company.add_partner("P", name="Acme")
    company.add_commission("P", "0.1")
    won(company, "P", "2025-11-15 10:00", "1000")
    company.add_cost("P", category="payout", period_start="2025-11-01", period_end="2025-11-30", amount="300")
    company.write(owner_engine(database))
    assert [(line.owed, line.paid) for line in found(database, window("2025-Q4")).lines] == [(0, 15_000)]


def test_a_missing_rate_of_exchange_marks_the_line(database: Database) -> None:
    company = Company()
    company.add_partner("P", name="Acme")
    company.add_commission("P", "0.1")
    won(company, "P", "2025-07-20 10:00", "1000", currency="GBP")
    company.write(owner_engine(database))
    assert [(line.credited, line.owed, line.incomplete) for line in found(database, window()).lines] == [(0, 0, True)]


@pytest.mark.parametrize("rule", [Rule.SOURCE, Rule.LAST, Rule.POSITION_A, Rule.TIME_DECAY])
def test_payouts_against_a_plain_reading_of_the_docs(database: Database, rule: Rule) -> None:
    company, chance = companies(300, seed=4), random.Random(4)
    promised: dict[str, list[tuple[date, Fraction]]] = defaultdict(list)
    for partner in [row["partner_id"] for row in company.rows["partner"]]:
        for day in sorted(chance.sample(range(0, 700), chance.choice([0, 1, 3]))):
            since, rate = date(2024, 1, 1) + timedelta(days=day), chance.choice(["0.03", "0.123456", "1", "0"])
            company.add_commission(partner, rate, since)
            promised[partner].append((since, Fraction(rate)))
    company.write(owner_engine(database))
    seen = window(time_zone="Asia/Kolkata", currency="EUR")
    settings = Settings(time_zone="Asia/Kolkata", currency="EUR")
    lines = {(line.partner_id, line.quarter): line for line in found(database, seen, rule).lines}
    credited: dict[tuple[str, str], int] = defaultdict(int)
    owed: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for closed, partner, cents in _credits(database, seen, settings, rule):
        place = (partner, quarter_of(closed, settings).label)
        credited[place] += cents
        rates = [rate for since, rate in promised[partner] if since <= closed]
        owed[place] += cents * rates[-1] if rates else 0
    assert {place: line.credited for place, line in lines.items() if line.credited} == {
        place: cents for place, cents in credited.items() if cents
    }
    for place, line in lines.items():
        ends = {quarter.label: quarter.end.date() for quarter in quarters_up_to(seen.period, settings)}
        known = any(since < ends[place[1]] for since, _ in promised[place[0]])
        assert line.owed == (round(owed[place]) if known else None), place
    assert sum(line.owed is not None for line in lines.values()) > 10


def _credits(database: Database, seen: Window, settings: Settings, rule: Rule) -> list[tuple[date, str, int]]:
    """Closing day, partner and cents of each deal won in the four quarters."""
    quarters = quarters_up_to(seen.period, settings)
    span = Period("", quarters[0].start, quarters[-1].end)
    data = read_data(owner_engine(database), replace(seen, period=span), settings)
    touches = read_touches(owner_engine(database), data)
    result = []
    for deal in list(data.counted.deals):
        data.counted.deals[:] = [deal]
        lines = attribution_rows(data, touches, "arr", DEFAULT, {}).lines
        result += [
            (data.question.day(deal.closed_at), key, line.cents[rule.value])
            for (kind, key, _), line in lines.items()
            if kind == "partner" and key is not None and deal.closed_at is not None
        ]
    return result
