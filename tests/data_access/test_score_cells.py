"""Do the score cells count every lead once, under its code, with what became of it, to the last lead and cent?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

import numpy as np
import pytest
from sqlalchemy import text

from dashboard.period import parse_period
from dashboard.scoring.cells import MEASURES, ScoreCells, Work
from dashboard.scoring.model import Gate
from dashboard.scoring.scorecard_file import default_model, parse
from dashboard.scoring.structure import structure_of
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.engine import Database, app_engine, owner_engine
from data_access.score_cells import read_cells
from data_access.score_rollup import needs_refresh
from tests.builders import Company
from tests.data_access.scored_by_hand import agree, as_dictionary, cells_by_hand, read_everything
from tests.scorecards import random_card, signalling_company

pytestmark = pytest.mark.database
QUARTER = parse_period("2025-Q3", Settings())
LATE = datetime(2026, 6, 30, tzinfo=UTC)
CREATED = datetime(2025, 8, 1, 12, tzinfo=UTC)
DEFAULT = structure_of(default_model())


def muddle(company: Company, random: Random) -> Company:
    """Sources with and without sales work, experiments, and ARR beside amounts."""
    for row in company.rows["lead"]:
        row["source"] = random.choice(["crm", "list"])
        row["experiment"] = random.randint(0, 3) == 0
        if row["source"] == "list":
            row["assigned_at"] = row["first_contacted_at"] = None
    return company


@pytest.mark.parametrize("seed", range(10))
def test_cells_are_what_the_rows_say(module_database: Database, seed: int) -> None:
    random = Random(seed)
    muddle(signalling_company(random), random).write(owner_engine(module_database), replace=True)
    tables = read_everything(owner_engine(module_database))
    for as_of in (datetime(2025, 11, 5, 12, tzinfo=UTC), LATE):
        for period in ("2025-Q3", "2025-01-01..2025-07-16"):
            zone, currency = random.choice([("UTC", "USD"), ("Asia/Kolkata", "EUR"), ("America/New_York", "USD")])
            window = Window(parse_period(period, Settings(time_zone=zone)), as_of, zone, currency)
            card = random_card(random) | {"window_days": 90}
            structure, sourced = structure_of(parse(card), default_model()), random.random() < 0.5
            found = read_cells(app_engine(module_database), window, structure, sourced=sourced)
            expected = cells_by_hand(tables, window, structure, sourced, days=90)
            assert agree(as_dictionary(found), expected)


def cells(database: Database, as_of: datetime = LATE, *, sourced: bool = False) -> ScoreCells:
    return read_cells(app_engine(database), Window(QUARTER, as_of), DEFAULT, sourced=sourced)


def sums(found: ScoreCells) -> dict[str, int]:
    return dict(zip(MEASURES, map(int, found.counts.sum(axis=1)), strict=True))


def test_a_lead_by_hand(database: Database) -> None:
    """Fit 12 + 8 + 12 + 8 = 40, intent 12 + 12 + 6 = 30; two deals, 1,000.00 99.99 × 1.5 → 149.98."""
    company = Company()
    account = company.add_account(
        industry="Software", employees=500, tech_stack=["crm", "data_warehouse"], use_case="revenue attribution"
    )
    company.add_partner("P")
    company.add_rate("EUR", "2025-09-01", "1.5")
    company.add_lead("L", created_at=CREATED, partner_id="P", account_id=account, assigned_at=CREATED + timedelta(2))
    for signal in ("demo_request", "integration_install", "budget_confirmed"):
        company.add_signal("L", signal, CREATED + timedelta(days=1))
    company.add_signal("L", "partner_referral", CREATED + timedelta(days=2))  # at the hand-over: too late
    company.add_deal("L", opened_at="2025-09-01", status="won", closed_at="2025-09-03", amount="1000", arr="600")
    company.add_deal("L", opened_at="2025-09-08 23:00", amount="99.99", currency="EUR")
    company.write(owner_engine(database))
    found = cells(database)
    scores = found.scored(default_model())
    assert (scores.fit.tolist(), scores.intent.tolist(), scores.qualified.tolist()) == ([40], [30], [True])
    assert Gate(int(scores.gates[0])) == Gate.ICP | Gate.ECOSYSTEM | Gate.BUYING | Gate.TRIGGERS
    assert sums(found) == {
        "leads": 1, "sqls": 0, "won": 1, "lost": 0, "open": 0, "pipeline": 114_998, "arr": 60_000, "old": 1,
        "old_won": 1,
    }  # fmt: skip
    assert found.arr_squares.tolist() == [60_000.0**2]
    assert found.owners == (("P", "direct"),)
    assert found.work.tolist() == [Work.WORKED]


def test_decoys_count_nowhere(database: Database) -> None:
    company, before = Company(), CREATED - timedelta(days=1)
    company.add_lead("L", created_at=CREATED)
    company.add_lead("test", created_at=CREATED, is_test=True)
    company.add_lead("deleted", created_at=CREATED, deleted_at=CREATED)
    company.add_lead("merged", created_at=CREATED, merged_into="L", merged_at=CREATED)
    company.add_lead("merged test", created_at=CREATED, merged_into="L", is_test=True)
    company.add_lead("too early", created_at=QUARTER.start - timedelta(microseconds=1))
    company.add_lead("too late", created_at=QUARTER.end)
    for lead in ("test", "deleted", "merged test"):
        company.add_deal(lead, opened_at=CREATED, status="won", closed_at=CREATED, arr="7")
    company.add_deal("merged", opened_at=CREATED, status="lost", closed_at=CREATED, amount="1")
    company.add_deal("L", opened_at=CREATED, status="won", closed_at=None, arr="8", amount="2")  # undated: neither
    company.add_deal("L", opened_at=CREATED, deleted_at=CREATED, status="won", closed_at=CREATED, arr="9")
    company.add_deal("L", opened_at=CREATED, status="won", closed_at=LATE + timedelta(1), currency=None, amount="4")
    company.add_deal("L", opened_at=LATE + timedelta(days=1), amount="16")
    company.add_signal("merged test", "demo_request", before)
    company.add_signal("L", "demo_request", CREATED)  # at the opening of the first deal
    company.write(owner_engine(database))
    found = cells(database)
    assert sums(found) == {
        "leads": 1, "sqls": 0, "won": 0, "lost": 0, "open": 1, "pipeline": 300, "arr": 0, "old": 1, "old_won": 0,
    }  # fmt: skip
    assert found.scored(default_model()).intent.tolist() == [0]
    assert sums(cells(database, CREATED))["leads"] == 1, "the lead itself is seen at the moment of its creation"
    assert sums(cells(database, before))["leads"] == 0
    assert sums(cells(database, sourced=True))["leads"] == 0


def test_work_is_what_the_source_records(database: Database) -> None:
    company, later = Company(), CREATED + timedelta(days=9)
    company.add_lead(created_at=CREATED, source="crm", first_contacted_at=later, experiment=False)
    company.add_lead(created_at=CREATED, source="crm", assigned_at=later, experiment=True)
    company.add_lead(created_at=CREATED, source="crm", sql_at=later, experiment=True)
    company.add_lead(created_at=CREATED, source="crm", assigned_at=LATE + timedelta(days=1), experiment=False)
    company.add_lead(created_at=CREATED, source="list", sql_at=later, experiment=False)
    company.add_lead(created_at=CREATED, source="list", experiment=False)
    dealt = company.add_lead(created_at=CREATED, source="list", experiment=False)
    company.add_deal(dealt, opened_at=later)
    company.write(owner_engine(database))
    found = cells(database)
    leads = {work.name: int(found.measure("leads")[found.work == work].sum()) for work in Work}
    assert leads == {"NEVER": 3, "WORKED": 1, "EXPERIMENT": 1, "BY_RESULT": 2}


def test_nothing_there_makes_no_cells(database: Database) -> None:
    found = cells(database)
    assert (found.owners, len(found.codes), found.counts.shape) == ((), 0, (len(MEASURES), 0))


def later(rows: dict[str, list[dict[str, object]]], days: int) -> None:
    """Moves everything so many days on, so that it happens around the time at which the test runs."""
    for table in ("lead", "signal", "deal", "fx_rate"):
        for row in rows[table]:
            for name, value in row.items():
                if isinstance(value, date):
                    row[name] = value + timedelta(days=days)


@pytest.mark.parametrize("seed", range(6))
def test_the_rollup_says_the_same_of_every_period(database: Database, seed: int) -> None:
    """Periods by days and months, in three zones; leads become old in the middle of a month."""
    random = Random(seed)
    zone = random.choice(["UTC", "Asia/Kolkata", "America/New_York"])
    now = datetime.now(UTC) + timedelta(hours=2)
    company = muddle(signalling_company(random), random)
    later(company.rows, (now - datetime(2025, 11, 5, tzinfo=UTC)).days)
    company.write(owner_engine(database))
    tables = read_everything(owner_engine(database))
    app, year = app_engine(database), now.year
    periods = [
        f"{year}", f"{year}-Q3", f"{year}-0{now.month % 9 + 1}", f"{year}-02-10..{year}-02-20",
        f"{year}-01-15..{year}-07-04", f"{year - 1}-11-01..{year + 1}-02-01", f"{year}-03-31..{year}-05-02",
        f"{(now - timedelta(days=190)).date()}..{(now - timedelta(days=170)).date()}",
    ]  # fmt: skip
    for period in periods:
        window = Window(parse_period(period, Settings(time_zone=zone)), now, zone, "USD")
        for sourced in (False, True):
            found = read_cells(app, window, DEFAULT, sourced=sourced)
            assert agree(as_dictionary(found), cells_by_hand(tables, window, DEFAULT, sourced, days=90)), period
    assert needs_refresh(app, default_model(), now, zone, "USD") is None, "it was read from the rollup"
    in_order = found.code.astype(int) * 10_000 + found.owner
    assert (np.diff(in_order) >= 0).all()


def test_cells_follow_a_change_at_once(database: Database) -> None:
    company, now = Company(), datetime.now(UTC) + timedelta(minutes=5)
    lead = company.add_lead(created_at=now - timedelta(days=40))
    company.write(owner_engine(database))
    window = Window(parse_period(f"{now.year - 1}-01-01..{now.year + 1}-01-01", Settings()), now)
    assert sums(read_cells(app_engine(database), window, DEFAULT, sourced=False))["won"] == 0
    with owner_engine(database).begin() as connection:
        connection.execute(
            text("""INSERT INTO eql.deal (deal_id, lead_id, status, opened_at, closed_at, arr, currency)
                    VALUES ('D', :lead, 'won', :at, :at, 5, 'USD')"""),
            {"lead": lead, "at": now - timedelta(days=1)},
        )
    found = sums(read_cells(app_engine(database), window, DEFAULT, sourced=False))
    assert (found["won"], found["arr"]) == (1, 500)
    past = Window(window.period, now - timedelta(days=2))
    assert sums(read_cells(app_engine(database), past, DEFAULT, sourced=False))["won"] == 0


def test_where_nothing_may_be_written_rows_are_read(database: Database) -> None:
    company, now = Company(), datetime.now(UTC) + timedelta(minutes=5)
    company.add_lead(created_at=now - timedelta(days=40))
    company.write(owner_engine(database))
    with owner_engine(database).begin() as connection:
        connection.execute(text("REVOKE INSERT ON eql.lead_score FROM eql_app"))
    window = Window(parse_period(f"{now.year - 1}-01-01..{now.year + 1}-01-01", Settings()), now)
    assert sums(read_cells(app_engine(database), window, DEFAULT, sourced=False))["leads"] == 1
