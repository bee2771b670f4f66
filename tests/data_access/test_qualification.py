"""Do the cells of gates say what a lead-by-lead reading of the rows says, and do late signals never count?"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from dashboard.period import parse_period
from dashboard.scoring.model import Gate
from dashboard.scoring.scorecard_file import DEFAULT, default_model, parse
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.engine import Database, app_engine, owner_engine
from data_access.qualification import gate_cells, reason_cells
from tests.builders import Company
from tests.reference.qualified import judge
from tests.scorecards import random_card, signalling_company

pytestmark = pytest.mark.database
QUARTER = parse_period("2025-Q3", Settings())
LATE = datetime(2026, 6, 30, tzinfo=UTC)
CREATED = datetime(2025, 8, 1, 12, tzinfo=UTC)


def cells_of(database: Database, card: Any, as_of: datetime, sourced: bool = False) -> Counter:
    cells = gate_cells(app_engine(database), Window(QUARTER, as_of), parse(card), sourced=sourced)
    found: Counter = Counter()
    for partner, channel, gates, leads, known in cells.iter_rows():
        found[(partner, channel, gates)] += leads
        found["known"] += known
    return found


@pytest.mark.parametrize("seed", range(8))
def test_cells_are_what_the_rows_say(module_database: Database, seed: int) -> None:
    random = Random(seed)
    company = signalling_company(random).write(owner_engine(module_database), replace=True)
    for as_of in (datetime(2025, 11, 5, 12, tzinfo=UTC), LATE):
        for sourced in (False, True):
            card = random_card(random)
            expected: Counter = Counter()
            for lead in judge(company.rows, card, QUARTER.start, QUARTER.end, as_of):
                if lead.row["partner_id"] or not sourced:
                    expected[(lead.row["partner_id"], lead.row["channel"], lead.bits)] += 1
                    expected["known"] += lead.known
            found = cells_of(module_database, card, as_of, sourced)
            assert +found == +expected


def qualifying(company: Company, key: str = "L1", **columns: Any) -> None:
    """A lead with 40 points of fit and exactly the signals that bring 30 more."""
    account = company.add_account(
        industry="Software", employees=500, tech_stack=["crm", "data_warehouse"], use_case="revenue attribution"
    )
    company.add_lead(key, created_at=CREATED, account_id=account, partner_id=None, **columns)


def gates(database: Database, as_of: datetime = LATE) -> Gate:
    cells = gate_cells(app_engine(database), Window(QUARTER, as_of), default_model(), sourced=False)
    assert cells["leads"].to_list() == [1]
    return Gate(cells["gates"][0])


def three_signals(company: Company, lead: str, at: datetime, late: datetime | None = None) -> None:
    """Demo request 12 + integration install 12 + budget 6 = 30 points; the last of them at `late`."""
    company.add_signal(lead, "demo_request", at)
    company.add_signal(lead, "integration_install", at)
    company.add_signal(lead, "budget_confirmed", late or at)


PASSED = Gate.ICP | Gate.ECOSYSTEM | Gate.BUYING | Gate.TRIGGERS | Gate.SCORE


def test_a_lead_on_the_threshold_qualifies(database: Database) -> None:
    company = Company()
    qualifying(company)  # fit 12 + 8 + 12 + 8 = 40
    three_signals(company, "L1", CREATED + timedelta(days=1))  # intent 12 + 12 + 6 = 30; 40 + 30 = 70
    company.write(owner_engine(database))
    assert gates(database) == PASSED
    # A minute earlier nothing of it was known.
    assert gates(database, CREATED + timedelta(hours=1)) == Gate.ICP


@pytest.mark.parametrize("hand_over", ["assigned_at", "first_contacted_at", "sql_at", "deal"])
def test_signals_from_the_hand_over_on_never_count(database: Database, hand_over: str) -> None:
    """The third signal comes at the very moment of the hand-over: 70 points become 64."""
    company, moment = Company(), CREATED + timedelta(days=5)
    qualifying(company, **({} if hand_over == "deal" else {hand_over: moment}))
    if hand_over == "deal":
        company.add_deal("L1", opened_at=moment)
    three_signals(company, "L1", CREATED + timedelta(days=1), late=moment)
    company.add_signal("L1", "partner_referral", moment + timedelta(days=1))
    company.write(owner_engine(database))
    assert gates(database) == PASSED & ~Gate.SCORE


def test_a_deal_that_is_not_seen_hands_nothing_over(database: Database) -> None:
    company, moment = Company(), CREATED + timedelta(days=5)
    qualifying(company)
    company.add_deal("L1", opened_at=moment, deleted_at=moment + timedelta(days=1))
    company.add_deal("L1", opened_at=None, status="won", closed_at=CREATED + timedelta(days=2))
    three_signals(company, "L1", CREATED + timedelta(days=1), late=moment)
    company.write(owner_engine(database))
    assert gates(database) == PASSED


@pytest.mark.parametrize(("days", "counts"), [(-91, False), (-90, True), (90, True), (91, False)])
def test_signals_count_within_the_window(database: Database, days: int, counts: bool) -> None:
    company = Company()
    qualifying(company)
    three_signals(company, "L1", CREATED, late=CREATED + timedelta(days=days))
    company.write(owner_engine(database))
    assert gates(database) == (PASSED if counts else PASSED & ~Gate.SCORE)


def test_signals_and_deals_of_merged_leads_are_the_other_ones(database: Database) -> None:
    company, moment = Company(), CREATED + timedelta(days=5)
    qualifying(company)
    for key, test in (("M1", False), ("M2", True)):
        company.add_lead(key, created_at=CREATED, merged_into="L1", merged_at=moment, is_test=test)
    three_signals(company, "M1", CREATED + timedelta(days=1))
    company.add_signal("M2", "account_overlap", CREATED)  # hangs on a test lead: counts nowhere
    company.write(owner_engine(database))
    assert gates(database) == PASSED
    before = gate_cells(
        app_engine(database), Window(QUARTER, moment - timedelta(days=1)), default_model(), sourced=False
    )
    assert sorted(map(tuple, before.select("gates", "leads").rows())) == [
        (int(Gate.ICP), 1), (int(PASSED & ~Gate.ICP & ~Gate.SCORE), 1),
    ]  # fmt: skip


def test_unknown_values_give_no_points_and_lower_completeness(database: Database) -> None:
    company = Company()
    account = company.add_account(industry="  ", employees=None, tech_stack=[], use_case="lead routing")
    company.add_lead(created_at=CREATED, account_id=account)
    company.add_lead(created_at=CREATED, account_id=None)
    company.write(owner_engine(database))
    cells = gate_cells(app_engine(database), Window(QUARTER, LATE), default_model(), sourced=False)
    # 7 signals are known of both leads; of the first also the (empty) tech stack and the use case.
    assert cells.select("gates", "leads", "known").rows() == [(0, 2, 9 + 7)]


def test_disqualified_leads_by_reason(database: Database) -> None:
    company = Company()
    on = CREATED + timedelta(days=3)
    company.add_lead(created_at=CREATED, disqualified_at=on, disqualified_reason="no budget", eql_at=on)
    company.add_lead(created_at=CREATED, disqualified_at=on, disqualified_reason=" no budget")
    company.add_lead(created_at=CREATED, disqualified_at=on)
    company.add_lead(created_at=CREATED, disqualified_reason="competitor")
    company.add_lead(created_at=CREATED, disqualified_at=LATE + timedelta(days=1), disqualified_reason="later")
    company.add_lead(created_at=CREATED, disqualified_at=on, disqualified_reason="test", is_test=True)
    company.add_lead(created_at=CREATED)
    company.write(owner_engine(database))
    found = reason_cells(app_engine(database), Window(QUARTER, LATE), sourced=False)
    assert sorted(found.select("reason", "leads", "eqls").rows(), key=str) == [
        ("competitor", 1, 0), ("no budget", 2, 1), (None, 1, 0),
    ]  # fmt: skip
    assert reason_cells(app_engine(database), Window(QUARTER, LATE), sourced=True).is_empty()


def test_names_in_a_model_are_values_and_never_sql(database: Database) -> None:
    company = Company()
    qualifying(company)
    evil = "x'); DROP TABLE eql.signal; --:as_of %(as_of)s"
    company.add_signal("L1", evil, CREATED)
    company.write(owner_engine(database))
    card = parse(
        {
            "name": evil,
            "min_triggers": 1,
            "threshold": 5,
            "icp_at_least": 0,
            "trigger_signals": [evil],
            "required_gates": [],
            "criteria": [
                {"name": evil, "group": "intent", "signal": evil,
                 "levels": [{"name": evil, "points": 5, "at_least": 1}]},
                {"name": "i", "group": "fit", "field": "account.industry",
                 "levels": [{"name": "a", "points": 1, "any_of": [evil]}]},
            ],
        }
    )  # fmt: skip
    cells = gate_cells(app_engine(database), Window(QUARTER, LATE), card, sourced=False)
    assert Gate(cells["gates"][0]) == Gate.ICP | Gate.TRIGGERS | Gate.SCORE


def test_the_default_model_is_the_file() -> None:
    assert parse(DEFAULT.read_text(encoding="utf-8")) == default_model()
