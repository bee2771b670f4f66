"""Does the funnel's section of the report agree with one counted lead by lead, on random companies?"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dashboard.metrics.funnel_groups import By
from dashboard.metrics.intervals import rate
from dashboard.metrics.performance import norms_of
from dashboard.period import parse_period
from dashboard.reports.funnel import COUNTED, funnel_section
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.engine import Database, app_engine, owner_engine
from data_access.reading import read_performance
from tests.builders import Company
from tests.reference.funnel_rows import FunnelRows, reached
from tests.reference.question import Question
from tests.strategies import Asked, busy_companies, questions

SIGNALS = ("demo_request", "pricing_page_view", "budget_confirmed")
TAGS = (None, [], ["crm"], ["crm", " crm ", "billing"], ["", "billing"])


def described(company: Company, seed: int) -> Company:
    """The company with accounts, signals, types, tiers and regions, some of them missing or blank."""
    random = Random(seed)
    accounts = [
        company.add_account(
            industry=random.choice(["Software", "Retail ", "", None]),
            employees=random.choice([0, 49, 50, 4999, 5000, None]),
            country=random.choice([f"C{number}" for number in range(20)]),
            tech_stack=random.choice(TAGS),
        )
        for _ in range(30)
    ]
    for partner in company.rows["partner"]:
        partner |= {"tier": random.choice(["gold", None]), "region": random.choice(["EMEA", "APAC", None])}
    for lead in company.rows["lead"]:
        created: datetime = lead["created_at"]
        lead["account_id"] = random.choice([*accounts, None])
        lead["product_line"] = random.choice(["core", "plus", None])
        lead["referral_at"] = random.choice([None, created + timedelta(days=random.randint(-3, 30))])
        lead["assigned_at"] = random.choice([None, None, created + timedelta(days=random.randint(0, 60))])
        for _ in range(random.randint(0, 3)):
            days = random.choice([-91, -90, -1, 0, 1, 5, 40, 90, 91])
            at = created + timedelta(days=days, seconds=random.choice([0, 0, 1]))
            row = {"lead_id": lead["lead_id"], "signal": random.choice(SIGNALS), "occurred_at": at}
            if row not in company.rows["signal"]:
                company.rows["signal"].append(row)
    return company


def both(database: Database, asked: Asked) -> tuple[dict, FunnelRows, dict]:
    """The section, the rows behind it, and the 90th percentiles that maturity is judged by."""
    chosen = Settings(**asked.settings)
    period = parse_period(asked.period, chosen)
    window = Window(period, asked.as_of, chosen.time_zone, chosen.currency)
    engine = app_engine(database)
    reading = read_performance(engine, window)
    question = Question(
        period.start, period.end, asked.as_of, period.label, ZoneInfo(chosen.time_zone), chosen.currency,
        chosen.fiscal_year_start, chosen.overhead,
    )  # fmt: skip
    section = funnel_section(engine, window, chosen, reading)
    return section, FunnelRows(owner_engine(database), question), norms_of(reading, window).p90_days


def agree(section: dict, leads: list, rows: FunnelRows, p90: dict) -> None:
    """One funnel's counts, conversions and maturity against its leads."""
    present = [stage for stage, name in COUNTED.items() if name in section]
    for stage in present:
        assert section[COUNTED[stage]] == reached(leads, stage.value)
        if stage.value != "lead":
            assert section["mature"][stage.value] == rows.mature(leads, p90[stage])
    for name, found in section["step_conversion"].items():
        first, second = name.split("_to_")
        expected = rate(reached(leads, first, second), reached(leads, first))
        assert (found["value"], found["low"], found["high"], found["n"]) == (
            expected.value, expected.low, expected.high, expected.n,
        )  # fmt: skip


@pytest.mark.database
@given(company=busy_companies(), asked=questions(), seed=st.integers(0, 10**6))
@hypothesis_settings(
    max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
def test_agrees_with_leads_counted_one_by_one(
    module_database: Database, company: Company, asked: Asked, seed: int
) -> None:
    described(company, seed).write(owner_engine(module_database), replace=True)
    section, rows, p90 = both(module_database, asked)
    assert section["population"] == ("all" if rows.everybody else "partner_sourced")
    agree(section, rows.cohort, rows, p90)
    for by in By:
        expected = rows.groups(by.value)
        assert {each["key"] for each in section["groups"][by.value]} == set(expected)
        for each in section["groups"][by.value]:
            agree(each, expected[each["key"]], rows, p90)
    by_month = rows.by_month()
    assert [each["month"] for each in section["months"]] == sorted(by_month)
    for each in section["months"]:
        agree(each, by_month[each["month"]], rows, p90)
    days_agree(section, rows)
    properties_agree(section, rows)


def days_agree(section: dict, rows: FunnelRows) -> None:
    for name, found in section["waiting"].items():
        made = rows.days(*name.split("_to_"))
        inside = [days for _, in_period, days in made if in_period]
        timed = sorted(days for days in inside if days >= 0)
        assert (found["n"], found["negative"]) == (len(timed), len(inside) - len(timed))
        assert found["median"] == (median(timed) if timed else None)
        months = defaultdict(list)
        for day, _, days in made:
            if day >= rows.first_month:
                months[f"{day:%Y-%m}"].append(days)
        shown = {each["month"]: each for each in section["waiting_months"][name]}
        assert set(shown) == set(months)
        for month, each in months.items():
            assert shown[month]["n"] == sum(days >= 0 for days in each)


def properties_agree(section: dict, rows: FunnelRows) -> None:
    for stage, found in section["associations"].items():
        for attribute in (
            "industry",
            "size",
            "product_line",
            "channel",
            "asset_kind",
            "signal",
            "tech_stack",
            "referral",
        ):
            listed = {each["value"]: each for each in found if each["attribute"] == attribute}
            expected = rows.with_value(attribute)
            assert {value: each["with"]["n"] for value, each in listed.items()} == dict(expected)
            for value, each in listed.items():
                with_it = [lead for lead in rows.cohort if value in rows.values(lead, attribute)]
                assert each["with"]["value"] == rate(reached(with_it, stage), len(with_it)).value
                assert each["without"]["n"] == _without(rows, attribute, value)
        countries = [each for each in found if each["attribute"] == "country"]
        assert len(countries) <= 13
        assert sum(each["with"]["n"] for each in countries) == sum(rows.with_value("country").values())


def _without(rows: FunnelRows, attribute: str, value: str) -> int:
    """Leads known to be without: of signals and referrals all others, of an attribute those with another value."""
    others = [lead for lead in rows.cohort if value not in rows.values(lead, attribute)]
    if attribute in ("signal", "referral"):
        return len(others)
    if attribute == "tech_stack":
        stacks = [rows.accounts.get(lead.row["account_id"], {}).get("tech_stack") for lead in others]
        return sum(stack is not None for stack in stacks)
    return sum(bool(rows.values(lead, attribute)) for lead in others)


@pytest.mark.database
def test_decoys_do_not_count(database: Database) -> None:
    """Two leads of Acme, one an EQL and won: lead→EQL 1 of 2. All else is a decoy: a test lead, one deleted, one merged
    away, one of the next quarter, one of nobody, an EQL and a win after the day of the data."""
    company = Company()
    acme = company.add_partner("P1", partner_type="agency")
    page = company.add_asset(acme, kind="webinar")
    won = company.add_lead("L1", partner_id=acme, created_at="2025-07-10 09:00", eql_at="2025-07-15 09:00",
                           first_asset_id=page)  # fmt: skip
    company.add_deal(won, opened_at="2025-07-20", status="won", closed_at="2025-08-04")
    company.add_lead("L2", partner_id=acme, created_at="2025-07-11", eql_at="2026-02-01")
    company.add_deal("L2", opened_at="2026-01-20", status="won", closed_at="2026-02-04")
    decoy = {"partner_id": acme, "eql_at": "2025-07-15", "first_asset_id": page}
    company.add_lead("T", is_test=True, created_at="2025-07-12", **decoy)
    company.add_lead("D", deleted_at="2025-08-01", created_at="2025-07-12", **decoy)
    company.add_lead("M", merged_into="L1", created_at="2025-07-12", **decoy)
    company.add_lead("N", created_at="2025-10-01 00:00", **(decoy | {"eql_at": "2025-10-02"}))
    company.add_lead("O", created_at="2025-07-12", eql_at="2025-07-13")
    company.add_signal("L1", "demo_request", "2025-07-14")
    company.add_signal("L1", "demo_request", "2025-07-14 10:00")  # twice, one lead
    company.add_signal("L1", "pricing_page_view", "2025-07-21")  # after the deal was opened
    company.add_signal("M", "budget_confirmed", "2025-07-13")  # belongs to L1
    company.add_signal("T", "demo_request", "2025-07-14")
    company.write(owner_engine(database))
    window = Window(parse_period("2025-Q3", Settings()), datetime(2025, 11, 5, tzinfo=UTC))
    section = funnel_section(app_engine(database), window, Settings())
    assert section["population"] == "partner_sourced"
    assert (section["leads"], section["eqls"], section["won"]) == (2, 1, 1)
    assert section["step_conversion"]["lead_to_eql"]["value"] == 0.5
    assert [(each["key"], each["leads"]) for each in section["groups"]["type"]] == [("agency", 2)]
    assert [(each["key"], each["leads"]) for each in section["groups"]["asset_kind"]] == [("webinar", 1), (None, 1)]
    assert [(each["month"], each["leads"]) for each in section["months"]] == [("2025-07", 2)]
    # 10 to 15 July; 10 July to 4 August.
    assert section["waiting"]["lead_to_eql"]["median"] == 5
    assert section["waiting"]["lead_to_won"]["median"] == 25
    signals = {each["value"]: each["with"] for each in section["associations"]["won"] if each["attribute"] == "signal"}
    assert {value: (each["value"], each["n"]) for value, each in signals.items()} == {
        "demo_request": (1.0, 1), "budget_confirmed": (1.0, 1),
    }  # fmt: skip
