"""Does the schema arrive whole, once, with the right rights, and never from the future?"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from dashboard.domain import UserError
from dashboard.settings import Settings
from data_access import embedded, postgres_binaries
from data_access.checkup import app_rights
from data_access.embedded import EmbeddedServer
from data_access.engine import Database, app_engine, dispose, embedded_database, open_database, owner_engine
from data_access.schema import current, dictionary, head, migrate, row_counts
from tests.builders import TABLES

pytestmark = pytest.mark.database

OURS = (
    "import_batch",
    "import_before",
    "quarantine",
    "scoring_model",
    "scenario",
    "review_decision",
    "audit_log",
    "data_version",
    "score_owner",
    "lead_score",
    "score_cell",
    "score_state",
    "score_dirty",
    "scored_leads",
)


def execute(database: Database, sql: str, **values: object) -> None:
    with owner_engine(database).begin() as connection:
        connection.execute(text(sql), values)


def ask(database: Database, sql: str) -> object:
    with owner_engine(database).connect() as connection:
        return connection.execute(text(sql)).scalar_one()


# -- migrating ------------------------------------------------------------------------------------------------------


def test_an_empty_database_becomes_ours_and_a_second_time_changes_nothing(empty_database: Database) -> None:
    assert current(empty_database) is None
    migrate(empty_database)
    assert current(empty_database) == head()
    execute(empty_database, "INSERT INTO eql.partner (partner_id, name) VALUES ('007', 'Kept')")
    migrate(empty_database)
    assert ask(empty_database, "SELECT name FROM eql.partner WHERE partner_id = '007'") == "Kept"
    assert sorted(row_counts(app_engine(empty_database))) == sorted(TABLES + OURS)


def test_a_newer_database_is_refused_and_untouched(database: Database) -> None:
    execute(database, "UPDATE eql.schema_version SET version_num = '9999'")
    with pytest.raises(UserError, match=r"9999.*newer version of this program.*update the program"):
        migrate(database)
    assert current(database) == "9999"


def test_two_that_migrate_at_once_both_succeed(empty_database: Database) -> None:
    failures: list[Exception] = []

    def try_it() -> None:
        try:
            migrate(empty_database)
        except Exception as error:
            failures.append(error)

    crowd = [threading.Thread(target=try_it) for _ in range(3)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert failures == []
    assert current(empty_database) == head()
    assert ask(empty_database, "SELECT count(*) FROM eql.data_version") == 1


def test_a_failed_migration_leaves_nothing(empty_database: Database) -> None:
    # A table of that name that somebody else made: the whole migration is taken back.
    execute(empty_database, "CREATE SCHEMA eql")
    execute(empty_database, "CREATE TABLE eql.quarantine (mine text)")
    with pytest.raises(UserError, match="quarantine"):
        migrate(empty_database)
    assert ask(empty_database, "SELECT count(*) FROM pg_tables WHERE schemaname = 'eql'") == 1
    assert current(empty_database) is None


def test_an_owner_without_the_right_to_create_is_told(empty_database: Database) -> None:
    execute(empty_database, "DROP ROLE IF EXISTS poor_owner")
    execute(empty_database, "CREATE ROLE poor_owner LOGIN PASSWORD 'abc'")
    url = empty_database.owner_url.set(username="poor_owner", password="abc").render_as_string(hide_password=False)
    try:
        with open_database(Settings(database_url=url)) as foreign, pytest.raises(UserError, match="may not create"):
            migrate(foreign)
    finally:
        execute(empty_database, "DROP ROLE poor_owner")


# -- rights ---------------------------------------------------------------------------------------------------------


EDITED = "cost"  # the one table of the contract that a page edits
READ = [
    *(table for table in TABLES if table != EDITED),
    "import_batch",
    "import_before",
    "quarantine",
    "data_version",
]


@pytest.mark.parametrize("table", READ)
@pytest.mark.parametrize("statement", ["INSERT INTO {} DEFAULT VALUES", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_app_cannot_write_what_it_only_reads(module_database: Database, table: str, statement: str) -> None:
    with (
        pytest.raises(ProgrammingError) as refusal,
        app_engine(module_database).begin() as connection,
    ):
        connection.exec_driver_sql(statement.format(f"eql.{table}"))
    assert isinstance(refusal.value.orig, psycopg.errors.InsufficientPrivilege)


def test_the_app_edits_costs_and_cannot_empty_them(module_database: Database) -> None:
    with app_engine(module_database).begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO eql.cost (cost_id, period_start, period_end, amount) "
            "VALUES ('rights', '2025-07-01', '2025-07-31', 1)"
        )
        assert connection.exec_driver_sql("DELETE FROM eql.cost WHERE cost_id = 'rights'").rowcount == 1
    with pytest.raises(ProgrammingError), app_engine(module_database).begin() as connection:
        connection.exec_driver_sql("TRUNCATE eql.cost")


@pytest.mark.parametrize("table", [*TABLES, *OURS])
def test_the_app_reads_everything(module_database: Database, table: str) -> None:
    with app_engine(module_database).connect() as connection:
        connection.exec_driver_sql(f"SELECT * FROM eql.{table} LIMIT 1")


def test_the_app_writes_its_own_tables_and_only_scenarios_again(database: Database) -> None:
    with app_engine(database).begin() as connection:
        for sql in (
            "INSERT INTO eql.scoring_model (name, definition, author) VALUES ('m', '{}', 'a')",
            "INSERT INTO eql.scenario (name, definition, author) VALUES ('s', '{}', 'a')",
            "INSERT INTO eql.review_decision (partner_id, period, decision, numbers, author) "
            "VALUES ('p', '2025-Q1', 'keep', '{}', 'a')",
            "INSERT INTO eql.audit_log (actor, action) VALUES ('a', 'did')",
            "UPDATE eql.scenario SET name = 't'",
            "DELETE FROM eql.scenario",
        ):
            connection.exec_driver_sql(sql)
    for table in ("scoring_model", "review_decision", "audit_log"):
        with pytest.raises(ProgrammingError, match="permission denied"), app_engine(database).begin() as connection:
            connection.exec_driver_sql(f"DELETE FROM eql.{table}")


def test_the_app_can_create_nothing_and_become_nobody(module_database: Database) -> None:
    for sql in ("CREATE TABLE eql.mine ()", "CREATE SCHEMA mine", "CREATE ROLE mine", "SET ROLE eql_owner"):
        with pytest.raises(ProgrammingError), app_engine(module_database).begin() as connection:
            connection.exec_driver_sql(sql)


def test_tables_that_come_later_can_be_read(database: Database) -> None:
    execute(database, "CREATE TABLE eql.later AS SELECT 1 AS one")
    with app_engine(database).connect() as connection:
        assert connection.execute(text("SELECT one FROM eql.later")).scalar_one() == 1


def test_rights_that_somebody_took_away_come_back(database: Database) -> None:
    execute(database, "REVOKE SELECT ON eql.deal FROM eql_app")
    assert app_rights(app_engine(database)).missing == ["deal"]
    migrate(database)
    rights = app_rights(app_engine(database))
    assert (rights.user, list(rights.missing), list(rights.excessive)) == ("eql_app", [], [])


def test_the_data_version_rises_with_what_the_app_publishes(database: Database) -> None:
    before = ask(database, "SELECT version FROM eql.data_version")
    with app_engine(database).begin() as connection:
        connection.exec_driver_sql("INSERT INTO eql.scoring_model (name, definition, author) VALUES ('m', '{}', 'a')")
    assert ask(database, "SELECT version FROM eql.data_version") == before + 1


# -- dictionary -----------------------------------------------------------------------------------------------------


def test_every_table_and_column_says_what_it_is(module_database: Database) -> None:
    tables = dictionary(app_engine(module_database))
    assert {table.name for table in tables} == {*TABLES, *OURS}
    silent = [table.name for table in tables if not table.comment]
    silent += [f"{table.name}.{column.name}" for table in tables for column in table.columns if not column.comment]
    assert silent == []


def test_the_dictionary_reads_types_as_the_database_has_them(module_database: Database) -> None:
    lead = next(table for table in dictionary(app_engine(module_database)) if table.name == "lead")
    columns = {column.name: column for column in lead.columns}
    assert (columns["lead_id"].type, columns["lead_id"].nullable) == ("text", False)
    assert (columns["eql_at"].type, columns["eql_at"].nullable) == ("timestamp with time zone", True)


# -- servers of a company's own ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["15", "newest"])
def foreign(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A migrated server of PostgreSQL 15, the oldest that we promise, and one of the version that we bring."""
    binaries = postgres_binaries.find_binaries()
    if request.param == "15":
        binaries = postgres_binaries.Binaries(Path("/usr/lib/postgresql/15/bin"), "15")
        if not (binaries.folder / "postgres").exists():
            pytest.skip("PostgreSQL 15 is not installed")
    place = Path(tempfile.mkdtemp(prefix="eql"))
    place.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedded, "find_binaries", lambda: binaries)
        server = EmbeddedServer(place / "home", {"fsync": "off", "shared_buffers": "32MB"})
        try:
            database = embedded_database(server)
            migrate(database)
            yield database
            dispose(database)
        finally:
            server.release()
            shutil.rmtree(place)


@contextmanager
def opened_by(foreign: Database, user: str, attributes: str) -> Iterator[Database]:
    """A new database owned by a new user without superpowers, named in DATABASE_URL."""
    with owner_engine(foreign).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"CREATE ROLE {user} LOGIN PASSWORD 'abc' {attributes}")
        connection.exec_driver_sql(f"CREATE DATABASE {user} OWNER {user}")
    url = foreign.owner_url.set(username=user, password="abc", database=user)
    try:
        with open_database(Settings(database_url=url.render_as_string(hide_password=False))) as theirs:
            yield theirs
    finally:
        with owner_engine(foreign).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"DROP DATABASE {user} WITH (FORCE)")


def test_the_oldest_postgres_takes_the_same_schema(foreign: Database) -> None:
    assert current(foreign) == head()
    assert ask(foreign, "SELECT eql.to_cents(0.125)") == 12, "12.5 cents: a tie goes to the even cent"


def test_an_owner_who_may_not_make_roles_works_and_the_doctor_can_tell(foreign: Database) -> None:
    with opened_by(foreign, "plain_owner", "NOCREATEROLE") as theirs:
        migrate(theirs)
        migrate(theirs)
        rights = app_rights(app_engine(theirs))
        assert rights.user == "plain_owner"
        assert "lead" in rights.excessive


def test_an_owner_who_may_make_roles_gets_the_app_role_by_migrating(foreign: Database) -> None:
    with owner_engine(foreign).begin() as connection:
        connection.exec_driver_sql("DROP OWNED BY eql_app")
        connection.exec_driver_sql("DROP ROLE eql_app")
    dispose(foreign)
    with opened_by(foreign, "company", "CREATEROLE") as theirs:
        migrate(theirs)
        rights = app_rights(app_engine(theirs))
        assert (rights.user, list(rights.missing), list(rights.excessive)) == ("eql_app", [], [])
