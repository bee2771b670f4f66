"""Does the doctor see what is wrong, say what mends it, and keep secrets?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from data_access.engine import Database, owner_engine

pytestmark = pytest.mark.database

ROOT = Path(__file__).resolve().parents[1]


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The command line as a person would use it, in a process of its own."""
    command = [sys.executable, "-m", "dashboard", *arguments]
    environment = {**os.environ, **settings}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)


def address(database: Database, **changed: object) -> str:
    return database.owner_url.set(drivername="postgresql", **changed).render_as_string(hide_password=False)


def examine(database: Database, **settings: str) -> tuple[int, dict]:
    done = run("doctor", "--format", "json", DATABASE_URL=address(database), **settings)
    assert done.stderr == ""
    assert str(database.owner_url.password) not in done.stdout
    return done.returncode, json.loads(done.stdout)


def execute(database: Database, *statements: str) -> None:
    with owner_engine(database).begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def problems(found: dict) -> str:
    assert all(finding["remedy"] for finding in found["problems"] + found["notes"])
    return " ".join(finding["what"] for finding in found["problems"])


def test_a_healthy_database_is_in_order(database: Database) -> None:
    execute(
        database,
        "INSERT INTO eql.lead (lead_id, created_at) VALUES ('1', now()), ('2', now() + interval '1 day')",
        "INSERT INTO eql.deal (deal_id, status, amount, currency, closed_at) VALUES ('d', 'won', 10, 'EUR', now())",
        "INSERT INTO eql.fx_rate (base, currency, day, rate) VALUES ('USD', 'EUR', current_date, 1.1)",
    )
    code, found = examine(database)
    assert (code, found["problems"], found["notes"], found["in order"]) == (0, [], [], True)
    assert found["connection"]["kind"] == "DATABASE_URL"
    assert found["schema"]["current"] == found["schema"]["expected"]
    assert found["rows"]["lead"] == 2
    assert found["app_rights"] == {"user": "eql_app", "in order": True}
    assert found["data_version"]["number"] == 4, "1 at the start and one for each of three statements"
    assert found["freshness"]["newest_lead"] < found["data_version"]["changed_at"], (
        "the lead of tomorrow is not counted"
    )


def test_text_says_the_same(database: Database) -> None:
    done = run("doctor", DATABASE_URL=address(database))
    assert done.returncode == 0
    assert done.stdout.rstrip().endswith("Everything is in order.")
    assert str(database.owner_url.password) not in done.stdout


def test_people_read_moments_in_the_reporting_zone_and_programs_in_utc(database: Database) -> None:
    execute(
        database,
        "INSERT INTO eql.lead (lead_id, created_at) VALUES ('1', '2025-01-31T20:10:00Z')",
        "UPDATE eql.data_version SET changed_at = '2025-07-01T00:00:00Z'",
    )
    told = run("doctor", DATABASE_URL=address(database), EQL_TIME_ZONE="America/New_York").stdout
    assert "31 Jan 2025 15:10 EST" in told
    assert "30 Jun 2025 20:00 EDT" in told
    assert "UTC" not in told
    _, found = examine(database, EQL_TIME_ZONE="America/New_York")
    assert found["freshness"]["newest_lead"] == "2025-01-31T20:10:00+00:00"


def test_an_empty_database_is_a_problem_with_a_remedy(empty_database: Database) -> None:
    code, found = examine(empty_database)
    assert code == 1
    assert "no schema eql" in problems(found)
    assert "dashboard run" in found["problems"][0]["remedy"]


def test_a_newer_schema_is_a_problem(database: Database) -> None:
    execute(database, "UPDATE eql.schema_version SET version_num = '9999'")
    code, found = examine(database)
    assert code == 1
    assert "newer than this program" in problems(found)


def test_a_dead_server_is_a_problem_and_no_crash(database: Database) -> None:
    done = run("doctor", "--format", "json", DATABASE_URL=address(database, port=1, password="geheim"))
    assert done.returncode == 1
    assert "does not answer" in problems(json.loads(done.stdout))
    assert "geheim" not in done.stdout + done.stderr


def test_a_wrong_setting_is_a_problem_and_no_crash(database: Database) -> None:
    done = run("doctor", EQL_TIME_ZONE="Mars/Olympus", DATABASE_URL=address(database))
    assert done.returncode == 1
    assert "Mars/Olympus" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_money_without_a_rate_is_a_problem(database: Database) -> None:
    execute(
        database,
        "INSERT INTO eql.deal (deal_id, amount, currency) VALUES ('d', 10, 'BRL'), ('e', 10, 'USD'), ('f', 10, NULL)",
        "INSERT INTO eql.fx_rate (base, currency, day, rate) VALUES ('EUR', 'BRL', current_date, 0.2)",
    )
    code, found = examine(database)
    assert code == 1
    assert "Amounts in BRL are in no sum" in problems(found)
    code, _ = examine(database, EQL_CURRENCY="BRL")
    assert code == 1, "now the dollars lack a rate"


def test_deals_closed_without_a_date_are_noted(database: Database) -> None:
    execute(
        database,
        "INSERT INTO eql.deal (deal_id, status, closed_at, deleted_at) VALUES "
        "('a', 'won', NULL, NULL), ('b', 'lost', NULL, NULL), ('c', 'won', now(), NULL), ('d', 'won', NULL, now())",
    )
    code, found = examine(database)
    assert code == 0
    assert any(note["what"].startswith("2 deals are closed without a date") for note in found["notes"])


def test_an_app_that_may_do_too_much_or_too_little_is_a_problem(database: Database) -> None:
    execute(database, "GRANT DELETE ON eql.lead TO eql_app", "REVOKE SELECT ON eql.cost FROM eql_app")
    done = run("doctor", "--format", "json", DATABASE_URL=address(database))
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert "may change what it should only read: lead." in problems(found)
    assert "lacks rights on cost" in problems(found)


def test_a_missing_data_version_is_a_problem_whose_remedy_works(database: Database) -> None:
    execute(database, "DELETE FROM eql.data_version")
    code, found = examine(database)
    assert code == 1
    execute(database, found["problems"][0]["remedy"])
    assert examine(database)[0] == 0


def test_refresh_raises_the_data_version(database: Database) -> None:
    before = examine(database)[1]["data_version"]["number"]
    assert run("refresh", DATABASE_URL=address(database)).returncode == 0
    assert examine(database)[1]["data_version"]["number"] == before + 1
