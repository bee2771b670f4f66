"""Do the cells of channels hold what the rows say: AI apart, campaigns, quarters, costs; and do the lines add up?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from dashboard import period as periods
from dashboard.metrics.channel_value import Comparison, Kind, comparison
from dashboard.metrics.performance import ALL, Performance, Selection, performance
from dashboard.metrics.reallocation import spending_quarters
from dashboard.reports.channel_page import channel_comparison_section
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.ai_referrals import AI_CHANNELS
from data_access.channel_value import read_channels
from data_access.engine import Database, owner_engine
from data_access.reading import read_performance
from tests.builders import Company

pytestmark = pytest.mark.database
SETTINGS = Settings()
WINDOW = Window(periods.parse_period("2025-Q3", SETTINGS), datetime(2026, 3, 1, tzinfo=UTC))
SPRING = {"utm_campaign": " spring "}
NO_RATE = {"value": None, "low": None, "high": None, "n": 0}


def company() -> Company:
    """A partner, paid search with two campaigns, an AI referral within it, AI by channel, and oddities."""
    own = Company()
    partner = own.add_partner("P1", name="One")
    for number in range(4):
        lead = own.add_lead(partner_id=partner, channel="partner", mql_at="2025-07-16", eql_at="2025-07-17")
        own.add_deal(lead, status="won", closed_at=f"2025-08-0{number + 1} 12:00", arr="1000", amount="2000")
    own.add_lead(partner_id=partner, channel="partner", utm_source="chatgpt.com", eql_at="2025-07-18")
    for number in range(3):
        lead = own.add_lead(channel="paid_search", mql_at="2025-07-16", **SPRING)
        status = "won" if number else "lost"
        own.add_deal(lead, status=status, closed_at="2025-09-01 12:00", arr=str(500 * number), amount="700")
    own.add_lead(channel="paid_search", utm_campaign="autumn", mql_at="2025-08-16")
    for campaign in (None, "spring"):
        lead = own.add_lead(channel="paid_search", utm_source=" ChatGPT ", utm_campaign=campaign, mql_at="2025-07-16")
        own.add_deal(lead, status="won", closed_at="2025-09-02 12:00", arr="300", amount="300")
    own.add_deal(own.add_lead(channel="AI_referral"), opened_at="2025-04-01 12:00")
    own.add_lead(channel=None)
    own.add_lead(channel="paid_search", is_test=True, **SPRING)
    own.add_deal(None, status="won", closed_at="2025-08-01 12:00", arr="9999")
    own.add_cost(partner, amount="400", category="content")
    own.add_cost(amount="100", category="seat")
    own.add_cost(channel="paid_search", amount="600", category="media")
    own.add_cost(
        channel="paid_search", amount="200", category="media", period_start="2025-04-01", period_end="2025-04-30"
    )
    own.add_cost(channel="ai_referral", amount="50", category="tooling")
    own.add_cost(channel="events", amount="70", category="other")
    return own


def compared(engine: Engine, selection: Selection = ALL) -> tuple[Comparison, Performance]:
    reading = read_performance(engine, WINDOW)
    result = performance(reading, WINDOW, SETTINGS, replace(selection, channels=None))
    cells = read_channels(engine, WINDOW, spending_quarters(WINDOW.period, WINDOW.as_of, SETTINGS))
    found = comparison(reading, result, *cells, SETTINGS, selection, frozenset(AI_CHANNELS))
    return found, result


def test_lines_by_hand_and_in_sum(database: Database) -> None:
    engine = owner_engine(database)
    company().write(engine)
    found, result = compared(engine)
    lines = {(line.kind, line.channel): line for line in found.lines}
    assert list(lines) == [
        (Kind.PARTNERS, None),
        (Kind.CHANNEL, "paid_search"),
        (Kind.CHANNEL, "events"),
        (Kind.CHANNEL, None),
        (Kind.AI, None),
    ]
    partners, paid, ai = found.lines[0], found.lines[1], found.lines[-1]
    assert partners.summary is result.partner_sourced and partners.summary.leads == 5
    assert (partners.cost, partners.cost_per_eql.value, partners.arr_per_cost.value) == (500.0, 100.0, 8.0)
    assert (paid.summary.leads, paid.summary.won_deals, paid.summary.lost_deals, paid.summary.arr) == (4, 2, 1, 1500.0)
    assert (paid.cost, paid.cost_per_lead.value, paid.cost_per_mql.value) == (600.0, 150.0, 150.0)
    assert (paid.arr_per_cost.value, paid.cost_per_win.value, paid.contract_value.value) == (2.5, 300.0, 750.0)
    assert (ai.summary.leads, ai.summary.won_deals, ai.summary.arr, ai.cost) == (3, 2, 600.0, 50.0)
    assert lines[(Kind.CHANNEL, "events")].cost == 70.0 and lines[(Kind.CHANNEL, None)].summary.leads == 1
    assert found.rival is paid and found.times is not None and found.times.value == pytest.approx(8 / 2.5)
    names = ("leads", "mqls", "eqls", "sqls", "won", "won_deals", "lost_deals", "opportunities_opened", "arr",
             "pipeline_created", "eqls_in_period", "open_deals", "open_pipeline")  # fmt: skip
    for name in names:
        whole = sum(getattr(line.summary, name) for line in found.lines[1:])
        assert whole == getattr(result.not_partner_sourced, name), name


def test_deals_stand_in_their_quarters_and_leads_with_deals_count_once(database: Database) -> None:
    engine, own = owner_engine(database), Company()
    lead = own.add_lead(channel="organic", utm_source="chatgpt.com", mql_at="2025-07-16", sql_at="2025-07-17")
    # Opened in two quarters and won in a third, in and after the period; the second stays open.
    own.add_deal(lead, opened_at="2025-09-30 12:00", status="won", closed_at="2025-12-31 12:00", arr="10", amount="3")
    own.add_deal(lead, opened_at="2025-10-01 12:00", amount="4")
    own.add_lead(channel="organic", utm_source="chatgpt.com", mql_at="2025-07-16")
    late = own.add_lead(channel="organic", created_at="2024-01-02", utm_campaign="old")
    own.add_deal(late, opened_at="2025-06-30 12:00", status="won", closed_at="2025-07-01 00:00", arr="7", amount="5")
    own.add_deal(late, opened_at="2020-01-01 12:00", status="won", closed_at="2020-02-01 00:00", arr="9", amount="9")
    own.write(engine)
    ai, money = read_channels(engine, WINDOW, spending_quarters(WINDOW.period, WINDOW.as_of, SETTINGS))
    cohort = ai.cohort.select("sql", "opportunity", "won", "leads", "pipeline_cents").sort("sql").rows()
    assert cohort == [(False, False, False, 1, 0), (True, True, True, 1, 700)]
    found = money.period.select("ai", "campaign", "won", "arr_cents", "opened", "pipeline_cents").sort("ai").rows()
    assert found == [(False, "old", 1, 700, 0, 0), (True, None, 0, 0, 1, 300)]
    by_quarter = money.quarters.select("quarter", "ai", "won", "arr_cents", "opened", "pipeline_cents")
    assert by_quarter.sort("quarter", "ai").rows() == [
        ("2025-Q2", False, 0, 0, 1, 500),
        ("2025-Q3", False, 1, 700, 0, 0),
        ("2025-Q3", True, 0, 0, 1, 300),
    ]


def test_filters_narrow_the_lines(database: Database) -> None:
    engine = owner_engine(database)
    company().write(engine)
    found, _ = compared(engine, Selection(channels=frozenset({"paid_search"})))
    assert found.partners.arr_per_cost.value == 8.0  # whole: the programme's cost is of no channel
    assert [(line.kind, line.summary.leads) for line in found.lines] == [
        (Kind.PARTNERS, 5),
        (Kind.CHANNEL, 4),
        (Kind.AI, 2),
    ]


def test_section_of_the_report(database: Database) -> None:
    engine = owner_engine(database)
    company().write(engine)
    reading = read_performance(engine, WINDOW)
    found = channel_comparison_section(engine, reading, performance(reading, WINDOW, SETTINGS), SETTINGS)
    assert [line["kind"] for line in found["lines"]][:2] == ["partner_sourced", "channel"]
    campaigns = found["campaigns"]
    # Three of paid search's four leads that did not come through AI name spring: 3 ÷ 4 of 600.
    assert campaigns["largest"] == {
        "channel": "paid_search", "campaign": "spring", "leads": 3, "share": 0.75, "spend": 450.0, "won_deals": 2,
        "arr": 1500.0,
    }  # fmt: skip
    assert [(own["partner_id"], own["times"]["value"]) for own in campaigns["above"]] == [("P1", pytest.approx(8 / 3))]
    places = {(own["place"], own["key"]): own for own in found["reallocation"]["places"]}
    assert found["reallocation"]["quarters"][-1] == "2025-Q3"
    paid = places["channel", "paid_search"]
    assert (paid["spends"], paid["seen"], paid["spend"]) == ([200.0, 600.0], [200.0, 600.0], 400.0)
    assert (paid["arr"], paid["pipeline_created"]) == (1500.0, 2100.0)
    assert (places["programme", None]["spend"], places["partner", "P1"]["spend"]) == (500.0, 400.0)
    assert found["reallocation"]["next_money"]["places"][0]["place"] == "programme"


def section(database: Database, own: Company) -> dict[str, Any]:
    engine = owner_engine(database)
    own.write(engine)
    reading = read_performance(engine, WINDOW)
    return channel_comparison_section(engine, reading, performance(reading, WINDOW, SETTINGS), SETTINGS)


def test_money_spent_on_ai_referrals_is_theirs(database: Database) -> None:
    """Without any lead it still stands in their line; their deals, and no others, are what it brought."""
    own = Company()
    own.add_cost(channel="AI_referral", amount="50", category="media")
    own.add_cost(channel="ai_referral", amount="1", currency="XXX")
    found = section(database, own)
    assert [(line["kind"], line["cost"], line["incomplete"]) for line in found["lines"]] == [
        ("partner_sourced", 0.0, False),
        ("ai_referrals", 50.0, True),
    ]
    assert found["rival"] == {"kind": "ai_referrals", "channel": None} and found["times_rival"] is None


def test_what_is_paid_for_ai_is_held_against_what_ai_brought(database: Database) -> None:
    own = Company()
    own.add_cost(channel="ai_referral", amount="50")
    own.add_cost(channel="organic", amount="20")
    for channel in ("ai_referral", "organic"):
        lead = own.add_lead(channel=channel, utm_source="chatgpt.com")
        own.add_deal(lead, status="won", closed_at="2025-08-01 12:00", arr="300")
    places = {place["key"]: place for place in section(database, own)["reallocation"]["places"]}
    assert (places["ai_referral"]["arr"], places["organic"]["arr"]) == (300.0, 0.0)


def test_rates_without_a_basis_and_leads_without_a_stage(database: Database) -> None:
    own = Company()
    own.add_lead(channel="email", sql_at="2025-07-17")
    own.add_lead(channel="email")
    own.add_cost(channel="fairs", amount="-20", category="media")
    own.add_deal(own.add_lead(channel="fairs", created_at="2024-01-01"), status="won", closed_at="2025-08-01 12:00")
    found = section(database, own)
    lines = {line["channel"]: line for line in found["lines"][1:]}
    emailed = lines["email"]["qualified_to_sql"]
    assert (emailed["step"], emailed["value"], emailed["n"]) == ("lead_to_sql", 0.5, 2)
    assert lines["fairs"]["qualified_to_sql"] == {"step": "lead_to_sql"} | NO_RATE
    assert found["rival"] is None  # a refund is no cost
    assert found["campaigns"]["campaigns"] == [
        {"channel": "fairs", "campaign": None, "leads": 0, "share": None, "spend": None, "won_deals": 1, "arr": 0.0}
    ]


def test_costs_outside_the_period_leave_it_complete(database: Database) -> None:
    own = Company()
    own.add_cost(channel="fairs", amount="20", currency="XXX", period_start="2024-01-01", period_end="2024-01-31")
    own.add_cost(channel="events", amount="20", currency="XXX")
    lines = section(database, own)["lines"]
    assert {line["channel"]: line["incomplete"] for line in lines} == {None: False, "fairs": False, "events": True}


def test_nothing_at_all(database: Database) -> None:
    engine = owner_engine(database)
    found, _ = compared(engine)
    assert [line.kind for line in found.lines] == [Kind.PARTNERS] and found.rival is None and found.times is None
    reading = read_performance(engine, WINDOW)
    report = channel_comparison_section(engine, reading, performance(reading, WINDOW, SETTINGS), SETTINGS)
    assert report["campaigns"]["largest"] is None and report["reallocation"]["places"] == []
