"""Does the rollup, folded change by change, hold what counting all leads anew gives, whatever happened in between?"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from dashboard.period import parse_period
from dashboard.scoring.model import Gate, ScoringModel
from dashboard.scoring.scorecard_file import default_model, parse
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.engine import Database, app_engine, owner_engine
from data_access.qualification import gate_cells
from data_access.score_rollup import needs_refresh, refresh, rescore
from data_access.scoring_models import ActiveModel
from tests.builders import Company
from tests.data_access.score_histories import History
from tests.scorecards import random_card, signalling_company

pytestmark = pytest.mark.database
BEGIN = datetime(2025, 9, 1, 12, tzinfo=UTC)
LATER = BEGIN + timedelta(days=1)
ZONE = "America/New_York"

# Everything but when it was written: numbers of owners differ with the order in which they came.
_LEADS = """
SELECT s.lead_id, s.created_at, month, o.partner_id, o.channel, code, work, sqls, won, lost, open, pipeline, arr, fit,
       intent, gates, known, last_change, next_change
FROM eql.lead_score s JOIN eql.score_owner o USING (owner_no) ORDER BY lead_id
"""
_CELLS = """
SELECT month, o.partner_id, o.channel, code, work, leads, sqls, won, lost, open, pipeline, arr, arr_squares
FROM eql.score_cell JOIN eql.score_owner o USING (owner_no) ORDER BY 1, 2, 3, 4, 5
"""
_STATE = "SELECT structure, definition, model_name, threshold, required, criteria, recording FROM eql.score_state"


def held(connection: Connection) -> dict[str, list[Any]]:
    return {
        name: [tuple(row) for row in connection.execute(text(sql))]
        for name, sql in (("leads", _LEADS), ("cells", _CELLS), ("state", _STATE))
    }


def folded_and_anew(
    database: Database, model: ScoringModel, as_of: datetime
) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """What the rollup holds, and what it would hold were it made from nothing."""
    with owner_engine(database).connect() as connection:
        folded = held(connection)
        for table in ("lead_score", "score_cell", "score_state"):
            connection.execute(text(f"DELETE FROM eql.{table}"))
        assert rescore(connection, model, as_of, ZONE, "USD").rebuilt
        anew = held(connection)
        connection.rollback()
    return folded, anew


@pytest.mark.parametrize("seed", range(6))
def test_folding_gives_what_counting_anew_gives(database: Database, seed: int) -> None:
    random, now = Random(seed), BEGIN
    signalling_company(random, kinds=12).write(owner_engine(database))
    model = parse(random_card(random) | {"window_days": random.choice([30, 90])})
    history = History(owner_engine(database), random, now)
    app, folds = app_engine(database), 0
    assert refresh(app, model, now, ZONE, "USD").rebuilt
    for _ in range(12):
        history.happen(random.randint(0, 6))
        now += timedelta(hours=random.choice([0, 1, 30, 200]))
        history.now = now
        todo = needs_refresh(app, model, now, ZONE, "USD")
        done = refresh(app, model, now, ZONE, "USD")
        folds += not done.rebuilt
        assert done.changed == 0 or todo
        assert needs_refresh(app, model, now, ZONE, "USD") is None
        folded, anew = folded_and_anew(database, model, now)
        assert folded == anew
    assert folds >= 6, "most of the steps must have been folded for this test to say anything"


# -- what is noticed ------------------------------------------------------------------------------------------------


def three_leads(database: Database) -> None:
    company = Company()
    account = company.add_account("A", industry="Software", employees=500)
    company.add_partner("P")
    company.add_asset("P", "S")
    for number in (1, 2, 3):
        company.add_lead(f"L{number}", created_at=BEGIN - timedelta(days=number), account_id=account, partner_id="P")
    company.add_deal("L1", opened_at=BEGIN, currency="EUR", amount="10")
    company.add_rate("EUR", BEGIN.date(), "2")
    company.write(owner_engine(database))


def todo(database: Database, as_of: datetime = LATER) -> int | None:
    return needs_refresh(app_engine(database), default_model(), as_of, ZONE, "USD")


def bring_up(database: Database, as_of: datetime = LATER) -> Any:
    return refresh(app_engine(database), default_model(), as_of, ZONE, "USD")


def execute(database: Database, sql: str) -> None:
    with owner_engine(database).begin() as connection:
        connection.exec_driver_sql(sql)


@pytest.mark.parametrize(
    ("change", "leads"),
    [
        ("UPDATE eql.lead SET channel = 'email' WHERE lead_id = 'L1'", 1),
        ("UPDATE eql.lead SET channel = channel, owner = 'somebody', crm_score = 9, last_activity_at = now()", None),
        ("UPDATE eql.lead SET merged_into = 'L2' WHERE lead_id = 'L1'", 2),
        ("INSERT INTO eql.signal (lead_id, signal, occurred_at) VALUES ('L3', 'demo_request', now())", 1),
        ("UPDATE eql.account SET employees = 5", 3),
        ("UPDATE eql.account SET name = 'Acme', domain = 'acme.example'", None),
        ("UPDATE eql.partner SET tier = 'gold'", 3),
        ("UPDATE eql.partner SET name = 'Q', manager = 'somebody', status = 'ended'", None),
        ("UPDATE eql.asset SET kind = 'webinar'", None),
        ("UPDATE eql.deal SET lead_id = 'L2'", 2),
        ("UPDATE eql.deal SET stage = 'talks', owner = 'somebody'", None),
        ("DELETE FROM eql.deal", 1),
        ("UPDATE eql.fx_rate SET rate = 3", 3),
        ("INSERT INTO eql.fx_rate VALUES ('USD', 'EUR', '2025-08-31', 3)", 1),
        ("INSERT INTO eql.fx_rate VALUES ('USD', 'GBP', '2025-08-31', 3)", None),
        ("TRUNCATE eql.signal", 3),
        ("INSERT INTO eql.cost (cost_id, period_start, period_end, amount) VALUES ('C', now(), now(), 1)", None),
        ("UPDATE eql.data_version SET version = version + 1, reason = 'refresh'", 3),
        ("INSERT INTO eql.scenario (name, definition, author) VALUES ('s', '{}', 'a')", None),
    ],
)
def test_a_change_is_noticed_where_it_matters(database: Database, change: str, leads: int | None) -> None:
    three_leads(database)
    assert bring_up(database).rebuilt
    assert todo(database) is None
    execute(database, change)
    assert todo(database) == leads
    bring_up(database)
    assert todo(database) is None
    folded, anew = folded_and_anew(database, default_model(), LATER)
    assert folded == anew


def test_time_passing_is_noticed_and_costs_nothing_where_nothing_happens(database: Database) -> None:
    three_leads(database)
    bring_up(database)
    execute(database, f"UPDATE eql.lead SET assigned_at = '{LATER + timedelta(days=9)}' WHERE lead_id = 'L1'")
    assert bring_up(database).changed == 1
    assert todo(database, LATER + timedelta(days=8)) is None
    assert todo(database, LATER + timedelta(days=9)) == 1
    assert todo(database, BEGIN) is None, "nothing has happened between the two"
    assert todo(database, BEGIN - timedelta(minutes=1)) == 3, "the deal was not yet open"
    done = bring_up(database, LATER + timedelta(days=9))
    assert (done.rebuilt, done.changed) == (False, 1)


def test_another_zone_currency_or_question_makes_it_anew(database: Database) -> None:
    three_leads(database)
    bring_up(database)
    app, other = app_engine(database), parse(random_card(Random(1)) | {"window_days": 90})
    assert refresh(app, default_model(), LATER, "UTC", "USD").rebuilt
    assert refresh(app, default_model(), LATER, "UTC", "EUR").rebuilt
    assert refresh(app, other, LATER, "UTC", "EUR").rebuilt
    assert not refresh(app, other, LATER, "UTC", "EUR").rebuilt


def test_a_source_that_begins_to_record_sales_work_changes_its_other_leads(database: Database) -> None:
    three_leads(database)
    execute(database, f"UPDATE eql.lead SET sql_at = '{BEGIN}'")
    bring_up(database)
    execute(database, f"UPDATE eql.lead SET first_contacted_at = '{BEGIN}' WHERE lead_id = 'L1'")
    assert bring_up(database).rebuilt
    folded, anew = folded_and_anew(database, default_model(), LATER)
    assert folded == anew
    assert sorted(row[6] for row in folded["leads"]) == [0, 0, 1]


def test_behind_a_view_each_moment_is_counted_anew(database: Database) -> None:
    """A mirrored CRM changes without telling anybody."""
    three_leads(database)
    for sql in (
        "ALTER TABLE eql.signal RENAME TO mirrored",
        "CREATE VIEW eql.signal AS SELECT * FROM eql.mirrored",
        "DROP TRIGGER note_score_insert ON eql.mirrored",
    ):
        execute(database, sql)
    assert bring_up(database).rebuilt
    assert todo(database) is None
    values = f"('L1', 'demo_request', '{BEGIN - timedelta(days=1)}')"
    execute(database, f"INSERT INTO eql.mirrored (lead_id, signal, occurred_at) VALUES {values}")
    assert todo(database, LATER + timedelta(hours=1)) == 3
    assert bring_up(database, LATER + timedelta(hours=1)).changed == 1


# -- points ---------------------------------------------------------------------------------------------------------


def dearer(model: ScoringModel) -> ScoringModel:
    """The same questions with other points, another threshold and other gates."""
    criteria = tuple(
        replace(criterion, levels=tuple(replace(level, points=level.points // 2) for level in criterion.levels))
        for criterion in model.criteria
    )
    return replace(model, criteria=criteria, threshold=12, min_triggers=1, icp_at_least=7, requires=Gate.ICP)


def test_other_points_are_given_without_looking_at_a_lead(database: Database) -> None:
    random = Random(3)
    signalling_company(random, kinds=12).write(owner_engine(database))
    app, model = app_engine(database), default_model()
    refresh(app, model, LATER, ZONE, "USD")
    done = refresh(app, dearer(model), LATER, ZONE, "USD")
    assert not done.rebuilt
    assert done.changed > 0
    folded, anew = folded_and_anew(database, dearer(model), LATER)
    assert folded == anew


def test_scored_leads_are_what_the_model_says(database: Database) -> None:
    """Gate by gate what `gate_cells` counts, and completeness and points as the lead's own answers give them."""
    random = Random(4)
    signalling_company(random, kinds=12).write(owner_engine(database))
    period = parse_period("2023-01-01..2027-01-01", Settings())
    for model in (default_model(), dearer(default_model())):
        refresh(app_engine(database), ActiveModel(model, 7), LATER, "UTC", "USD")
        with app_engine(database).connect() as connection:
            rows = connection.execute(text("SELECT * FROM eql.scored_leads")).mappings().all()
        cells = gate_cells(app_engine(database), Window(period, LATER), model, sourced=False)
        assert len(rows) == cells["leads"].sum()
        required = int(model.required)
        qualified = cells.filter((pl.col("gates") & required) == required)["leads"].sum()
        assert sum(row["qualified"] for row in rows) == qualified
        lacks = ("score", "triggers", "ecosystem_signal", "buying_signal", "icp_match", "confirmation")
        assert all(row["qualified"] == (not any(row[f"lacks_{each}"] for each in lacks)) for row in rows)
        assert all((row["score"] >= model.threshold) != row["lacks_score"] for row in rows)
        known = round(sum(row["completeness"] * len(model.criteria) for row in rows))
        assert known == cells["known"].sum()
        assert {(row["model_version"], row["model_name"]) for row in rows} == {(7, model.name)}
    assert qualified > 0


# -- several at once ------------------------------------------------------------------------------------------------


def test_two_refreshes_at_once_count_every_lead_once(database: Database) -> None:
    signalling_company(Random(5), kinds=12).write(owner_engine(database))
    for _ in range(3):
        with ThreadPoolExecutor(3) as pool:
            done = list(pool.map(lambda _: bring_up(database), range(3)))
        assert sum(each.changed > 0 for each in done) == 1
        folded, anew = folded_and_anew(database, default_model(), LATER)
        assert folded == anew
        execute(database, "UPDATE eql.lead SET channel = channel || 'x' WHERE mod(hashtext(lead_id), 3) = 0")


def test_what_is_written_while_the_first_is_made_is_not_lost(database: Database) -> None:
    """It waits for who began to write before it; who begins while it is being made is noted."""
    three_leads(database)
    with ThreadPoolExecutor(1) as pool:
        with owner_engine(database).begin() as writer:
            writer.exec_driver_sql("UPDATE eql.lead SET channel = 'email' WHERE lead_id = 'L1'")
            first = pool.submit(bring_up, database)
            time.sleep(0.3)
            assert not first.done()
        assert first.result().rebuilt
    assert todo(database) is None
    folded, anew = folded_and_anew(database, default_model(), LATER)
    assert folded == anew
    execute(database, "DELETE FROM eql.score_state")
    with owner_engine(database).connect() as maker:
        rescore(maker, default_model(), LATER, ZONE, "USD")
        execute(database, "UPDATE eql.lead SET channel = 'phone' WHERE lead_id = 'L1'")
        maker.commit()
    assert todo(database) == 3
    bring_up(database)
    folded, anew = folded_and_anew(database, default_model(), LATER)
    assert folded == anew


@pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ"])
def test_what_is_written_while_leads_are_folded_is_not_lost(database: Database, isolation: str) -> None:
    three_leads(database)
    bring_up(database)
    execute(database, "UPDATE eql.lead SET channel = 'phone' WHERE lead_id = 'L2'")
    engine = owner_engine(database).execution_options(isolation_level=isolation)
    with engine.begin() as writer:
        writer.exec_driver_sql("UPDATE eql.lead SET channel = 'email' WHERE lead_id = 'L1'")
        assert bring_up(database).changed == 1
    assert todo(database) == 1
    bring_up(database)
    folded, anew = folded_and_anew(database, default_model(), LATER)
    assert folded == anew


def test_nothing_is_noted_before_anybody_asked(database: Database) -> None:
    three_leads(database)
    with owner_engine(database).connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM eql.score_dirty")).scalar_one() == 0


def test_a_refresh_that_is_killed_changes_nothing(database: Database) -> None:
    """The connection is cut while the last of its statements waits for somebody."""
    three_leads(database)
    bring_up(database)
    execute(database, "UPDATE eql.lead SET channel = 'email'")
    with owner_engine(database).connect() as other:
        before = held(other)
        other.exec_driver_sql("LOCK TABLE eql.score_cell IN EXCLUSIVE MODE")
        with ThreadPoolExecutor(1) as pool:
            dying = pool.submit(bring_up, database)
            assert killed(database)
            with pytest.raises(DBAPIError):
                dying.result()
        other.rollback()
        assert held(other) == before
    assert todo(database) == 3, "the queue is as it was"
    assert bring_up(database).changed == 3
    folded, anew = folded_and_anew(database, default_model(), LATER)
    assert folded == anew


def killed(database: Database) -> bool:
    """Ends whoever waits for the table of cells, within a while."""
    kill = """SELECT pg_terminate_backend(pid) FROM pg_locks
              WHERE relation = 'eql.score_cell'::regclass AND NOT granted"""
    for _ in range(200):
        with owner_engine(database).connect() as connection:
            if connection.execute(text(kill)).scalars().all():
                return True
        time.sleep(0.05)
    return False


def test_publishing_rescored_in_its_own_transaction_or_not_at_all(database: Database) -> None:
    three_leads(database)
    bring_up(database)
    with owner_engine(database).connect() as connection:
        before = held(connection)
        rescore(connection, ActiveModel(dearer(default_model()), 2), LATER, ZONE, "USD")
        assert held(connection) != before
        connection.rollback()
        assert held(connection) == before
