"""Is a lead found by what people know of it, and are its signals and answers those that its score was made of?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import Engine, text

from dashboard.domain import UserError
from dashboard.scoring.scorecard_file import default_model, parse
from dashboard.scoring.structure import structure_of
from data_access.engine import Database, app_engine, owner_engine
from data_access.lead_list import Place
from data_access.lead_why import find_leads, lead_digits, lead_facts, lead_signals
from data_access.live import LIVE_LEAD
from data_access.score_rows import lead_rows
from tests.builders import Company
from tests.scorecards import random_card, signalling_company

pytestmark = pytest.mark.database
NOW = datetime(2026, 6, 30, tzinfo=UTC)
CREATED = datetime(2025, 8, 1, 12, tzinfo=UTC)


@pytest.fixture
def engine(database: Database) -> Engine:
    return app_engine(database)


def found(engine: Engine, wanted: str) -> list[str]:
    return find_leads(engine, NOW, wanted)["lead_id"].to_list()


def test_lead_is_found_by_key_domain_address_and_beginning_of_the_company(database: Database, engine: Engine) -> None:
    company = Company()
    acme, other = company.add_account(name="Acme 100% Data", domain="acme.io"), company.add_account(name="Other_Acme")
    company.add_lead("L-1", account_id=acme, email_domain="Acme.io", created_at=CREATED)
    company.add_lead("L-2", account_id=other, email_domain="mail.com", created_at=CREATED + timedelta(days=1))
    company.add_lead("test", account_id=acme, is_test=True, created_at=CREATED)
    company.write(owner_engine(database))
    assert found(engine, " L-1 ") == ["L-1"] == found(engine, "acme.IO") == found(engine, "ann@acme.io")
    assert found(engine, "acme 100%") == ["L-1"] and found(engine, "acme 1_0") == []
    assert found(engine, "other_") == ["L-2"]
    assert found(engine, "l-1") == [] == found(engine, "test") == found(engine, "") == found(engine, "\x00")


def test_found_leads_come_page_by_page(database: Database, engine: Engine) -> None:
    company = Company()
    acme = company.add_account(name="Acme")
    for day in range(7):
        company.add_lead(account_id=acme, created_at=CREATED + timedelta(days=day // 3))
    company.write(owner_engine(database))
    keys, after = [], None
    while (rows := find_leads(engine, NOW, "acme", after=after, limit=2)).height:
        keys += rows["lead_id"].to_list()
        after = Place(rows["created_at"][-1], rows["lead_id"][-1])
    assert keys == ["L007", "L004", "L005", "L006", "L001", "L002", "L003"]


def test_signals_say_whether_they_count_and_why_not(database: Database, engine: Engine) -> None:
    company = Company()
    key = company.add_lead(
        created_at=CREATED, assigned_at=CREATED + timedelta(days=10), sql_at=CREATED + timedelta(days=9)
    )
    gone = company.add_lead(created_at=CREATED, merged_into=key, merged_at=CREATED + timedelta(days=5))
    for name, days in (("early", -91), ("edge", -90), ("seen", 3), ("late", 9), ("later", 95)):
        company.add_signal(key, name, CREATED + timedelta(days=days))
    company.add_signal(gone, "merged", CREATED + timedelta(days=1))
    company.add_signal(key, "future", NOW + timedelta(days=1))
    company.write(owner_engine(database))
    rows = lead_signals(engine, NOW, key, 90)
    assert dict(zip(rows["signal"], rows["fate"], strict=True)) == {
        "early": "outside the window", "edge": "counts", "merged": "counts", "seen": "counts",
        "late": "after the hand-over", "later": "after the hand-over",
    }  # fmt: skip
    assert rows["days"].to_list() == [-91, -90, 1, 3, 9, 95]
    facts = lead_facts(engine, NOW, key)
    assert (facts.handed_over_at, facts.handed_over_by) == (CREATED + timedelta(days=9), "sql_at")
    assert lead_facts(engine, CREATED + timedelta(days=8), key).handed_over_at is None


def test_facts_are_those_of_the_company_and_unknown_ones_are_none(database: Database, engine: Engine) -> None:
    company = Company()
    account = company.add_account(name="Acme", employees=120, industry="  ", tech_stack=["crm"])
    partner = company.add_partner(name="Pine", tier="gold")
    key = company.add_lead(created_at=CREATED, account_id=account, partner_id=partner, crm_score=41.5, experiment=True)
    company.add_deal(key, opened_at=CREATED + timedelta(days=2), status="won", closed_at=CREATED + timedelta(days=9))
    company.write(owner_engine(database))
    facts = lead_facts(engine, NOW, key)
    assert (facts.company, facts.partner, facts.crm_score, facts.experiment, facts.won) == (
        "Acme",
        "Pine",
        41.5,
        True,
        True,
    )
    assert (facts.handed_over_at, facts.handed_over_by) == (CREATED + timedelta(days=2), "opened_at")
    known = {name: value for name, value in facts.fields.items() if value is not None}
    assert known == {
        "account.employees": "120", "account.tech_stack": "{crm}", "lead.channel": "direct",
        "partner.partner_type": "other", "partner.tier": "gold",
    }  # fmt: skip


def test_leads_that_are_not_counted_say_why(database: Database, engine: Engine) -> None:
    company = Company()
    kept = company.add_lead("kept", created_at=CREATED)
    company.add_lead("merged", created_at=CREATED, merged_into=kept, merged_at=CREATED)
    company.add_lead("test", created_at=CREATED, is_test=True)
    company.add_lead("deleted", created_at=CREATED, deleted_at=CREATED)
    company.add_lead("tomorrow", created_at=NOW + timedelta(days=1))
    company.write(owner_engine(database))
    for key, reason in (
        ("merged", "merged into kept"), ("test", "is a test"), ("deleted", "was deleted"),
        ("tomorrow", "no lead tomorrow"), ("nobody", "no lead nobody"),
    ):  # fmt: skip
        with pytest.raises(UserError, match=reason):
            lead_facts(engine, NOW, key)
        with pytest.raises(UserError, match=reason):
            lead_digits(engine, NOW, key, structure_of(default_model()), 90)


@pytest.mark.parametrize("seed", range(4))
def test_answers_are_those_behind_the_codes_of_the_cells(module_database: Database, seed: int) -> None:
    random = Random(seed)
    signalling_company(random).write(owner_engine(module_database), replace=True)
    engine, model = app_engine(module_database), parse(random_card(random) | {"window_days": 90})
    structure = structure_of(model)
    rows = lead_rows(structure, LIVE_LEAD, 90)
    values = {**rows.parameters, "as_of": NOW, "zone": "UTC", "currency": "USD"}
    with engine.connect() as connection:
        sql = f"WITH RECURSIVE {rows.sql} SELECT lead_id, code FROM scored"
        codes = dict(tuple(row) for row in connection.execute(text(sql), values))
    assert len(codes) > 20
    for key, code in codes.items():
        digits = lead_digits(engine, NOW, key, structure, 90)
        assert int(structure.codes(digits.reshape(-1, 1))[0]) == code, key
