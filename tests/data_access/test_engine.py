"""Do the engines read right, keep their limits, and give up in time?"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import psycopg
import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import event, text

from dashboard.domain import UserError
from dashboard.settings import Settings
from data_access.embedded import EmbeddedServer
from data_access.engine import (
    Database,
    DatabaseUnavailable,
    QueryTooSlow,
    app_engine,
    dispose,
    embedded_database,
    open_database,
    owner_engine,
    read_frame,
)
from data_access.schema import migrate
from data_access.server_state import PROC, postmaster, works_in

pytestmark = pytest.mark.database
ONE = {"one": pl.Int64}


@pytest.fixture
def own_server(short_folder: Path) -> Iterator[EmbeddedServer]:
    """A server that the test may kill."""
    server = EmbeddedServer(short_folder / "home", {"fsync": "off", "shared_buffers": "32MB"})
    yield server
    server.release()


def address(database: Database, **changed: str) -> str:
    """The database as a person would write it into DATABASE_URL."""
    return database.owner_url.set(drivername="postgres", **changed).render_as_string(hide_password=False)


def kill(server: EmbeddedServer) -> None:
    """Its connections outlive it by a moment, and answer until then."""
    data = server.home / "server" / "data"
    left = postmaster(data)
    os.kill(left.pid, signal.SIGKILL)
    while left.alive or any(works_in(process, data) for process in PROC.glob("[0-9]*")):
        time.sleep(0.02)


# -- limits ---------------------------------------------------------------------------------------------------------


def test_the_app_works_as_itself_with_its_limits_in_force(database: Database) -> None:
    with app_engine(database).connect() as connection:
        shown = {
            name: connection.execute(text(f"SHOW {name}")).scalar_one()
            for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "timezone")
        }
        assert connection.execute(text("SELECT current_user")).scalar_one() == "eql_app"
    assert shown == {
        "statement_timeout": "5s",
        "lock_timeout": "2s",
        "idle_in_transaction_session_timeout": "10s",
        "timezone": "UTC",
    }


def test_a_slow_question_is_given_up(database: Database) -> None:
    began = time.monotonic()
    with pytest.raises(QueryTooSlow, match="took too long"):
        read_frame(app_engine(database, 200), "SELECT 1 AS one FROM pg_sleep(20)", {}, ONE)
    assert time.monotonic() - began < 3
    assert read_frame(app_engine(database, 200), "SELECT 1 AS one", {}, ONE).item() == 1


def test_a_locked_table_is_not_waited_for(database: Database) -> None:
    began = time.monotonic()
    with owner_engine(database).begin() as connection:
        connection.execute(text("LOCK TABLE eql.lead IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(QueryTooSlow):
            read_frame(app_engine(database), "SELECT count(*) AS one FROM eql.lead", {}, ONE)
    assert 1.5 < time.monotonic() - began < 4


def test_engines_are_remembered_per_purpose(database: Database) -> None:
    assert app_engine(database) is app_engine(database)
    assert len({app_engine(database), app_engine(database, 600_000), owner_engine(database)}) == 3


# -- frames ---------------------------------------------------------------------------------------------------------


def test_a_frame_has_exactly_the_declared_types(database: Database) -> None:
    sql = """
        SELECT 7::numeric AS whole, 0.125::numeric AS fraction, NULL::numeric AS nothing, 'é' AS word,
               DATE '2025-03-01' AS day, TIMESTAMPTZ '2025-03-01 00:30+02' AS moment, ARRAY['a', 'b'] AS list,
               true AS truth
    """
    moment = pl.Datetime("us", "UTC")
    schema = {
        "word": pl.String,
        "whole": pl.Int64,
        "fraction": pl.Float64,
        "nothing": pl.Float64,
        "day": pl.Date,
        "moment": moment,
        "list": pl.List(pl.String),
        "truth": pl.Boolean,
    }
    row = ["é", 7, 0.125, None, date(2025, 3, 1), datetime(2025, 2, 28, 22, 30, tzinfo=UTC), ["a", "b"], True]
    expected = pl.DataFrame([row], schema=schema, orient="row")
    assert_frame_equal(read_frame(app_engine(database), sql, {}, schema), expected)


def test_no_rows_keep_their_types(database: Database) -> None:
    schema = {"lead_id": pl.String, "created_at": pl.Datetime("us", "UTC")}
    frame = read_frame(app_engine(database), "SELECT lead_id, created_at FROM eql.lead", {}, schema)
    assert frame.schema == pl.Schema(schema)
    assert frame.is_empty()


def test_a_type_that_only_comes_late_in_a_column_is_kept(database: Database) -> None:
    sql = "SELECT CASE WHEN n > 150 THEN 0.5::numeric END AS share FROM generate_series(1, 200) AS n"
    assert read_frame(app_engine(database), sql, {}, {"share": pl.Float64})["share"].sum() == 25.0


def test_values_are_bound_not_pasted(database: Database) -> None:
    evil = "x'; DROP TABLE eql.lead; --"
    frame = read_frame(app_engine(database), "SELECT :word AS word", {"word": evil}, {"word": pl.String})
    assert frame.item() == evil


def test_other_columns_than_declared_are_a_mistake(database: Database) -> None:
    with pytest.raises(ValueError, match="declares"):
        read_frame(app_engine(database), "SELECT 1 AS one, 2 AS two", {}, ONE)


# -- trouble --------------------------------------------------------------------------------------------------------


def test_a_read_that_loses_its_connection_is_tried_once_more(database: Database) -> None:
    engine, owner, cut = app_engine(database), owner_engine(database), []

    def cut_the_line(connection: object, cursor: psycopg.Cursor, *rest: object) -> None:
        if not cut:
            cut.append(cursor.connection.info.backend_pid)
            with owner.begin() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid, 2000)"), {"pid": cut[0]})

    event.listen(engine, "before_cursor_execute", cut_the_line)
    assert read_frame(engine, "SELECT 1 AS one", {}, ONE).item() == 1
    assert len(cut) == 1


def test_a_read_that_loses_its_connection_twice_says_so(database: Database) -> None:
    engine, owner = app_engine(database), owner_engine(database)

    def cut_the_line(connection: object, cursor: psycopg.Cursor, *rest: object) -> None:
        with owner.begin() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 2000)"), {"pid": cursor.connection.info.backend_pid})

    event.listen(engine, "before_cursor_execute", cut_the_line)
    with pytest.raises(DatabaseUnavailable):
        read_frame(engine, "SELECT 1 AS one", {}, ONE)


def test_an_open_engine_lives_through_a_restart(own_server: EmbeddedServer) -> None:
    database = embedded_database(own_server)
    engine = app_engine(database)
    assert read_frame(engine, "SELECT 1 AS one", {}, ONE).item() == 1
    kill(own_server)
    assert own_server.revive()
    assert read_frame(engine, "SELECT 1 AS one", {}, ONE).item() == 1
    dispose(database)


def test_a_dead_server_costs_a_moment_and_is_noticed_when_it_returns(own_server: EmbeddedServer) -> None:
    database = embedded_database(own_server)
    engine = app_engine(database)
    read_frame(engine, "SELECT 1 AS one", {}, ONE)
    kill(own_server)
    for allowed_s in (2.5, 0.05, 0.05):
        began = time.monotonic()
        with pytest.raises(DatabaseUnavailable) as refusal:
            read_frame(engine, "SELECT 1 AS one", {}, ONE)
        assert time.monotonic() - began < allowed_s
        assert str(database.app_url.port) not in str(refusal.value)
    own_server.revive()
    time.sleep(2.1)
    assert read_frame(engine, "SELECT 1 AS one", {}, ONE).item() == 1
    dispose(database)


def test_a_server_that_accepts_and_stays_silent_is_given_up_after_two_seconds() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"postgresql://u:secret@127.0.0.1:{silent.getsockname()[1]}/x"
        with open_database(Settings(database_url=url)) as database:
            began = time.monotonic()
            with pytest.raises(DatabaseUnavailable) as refusal:
                read_frame(app_engine(database), "SELECT 1 AS one", {}, ONE)
            assert time.monotonic() - began < 3.5
            assert "secret" not in str(refusal.value)
            assert "127.0.0.1" not in str(refusal.value)


# -- a server of the company's own ------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2", "postgresql+asyncpg"])
def test_every_usual_way_to_write_the_address_is_understood(database: Database, scheme: str) -> None:
    url = address(database).replace("postgres://", f"{scheme}://", 1)
    with open_database(Settings(database_url=url)) as foreign:
        assert foreign.embedded is False
        assert foreign.owner_url.drivername == "postgresql+psycopg"
        assert foreign.owner_url.query["sslmode"] == "disable", "what the person asked for stays"
        with app_engine(foreign).connect() as connection:
            assert connection.execute(text("SELECT current_user")).scalar_one() == "eql_app"
            assert connection.execute(text("SHOW statement_timeout")).scalar_one() == "5s"


@pytest.mark.parametrize("url", ["mysql://u:secret@h/x", "not an address secret", "postgresql://h:port-secret/x"])
def test_a_wrong_address_is_said_without_repeating_it(url: str) -> None:
    with pytest.raises(UserError) as refusal, open_database(Settings(database_url=url)):
        pass
    assert "DATABASE_URL" in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_options_in_the_address_are_kept(database: Database) -> None:
    url = address(database) + "&options=-c%20work_mem%3D7MB"
    with (
        open_database(Settings(database_url=url)) as foreign,
        app_engine(foreign).connect() as connection,
    ):
        assert connection.execute(text("SHOW work_mem")).scalar_one() == "7MB"
        assert connection.execute(text("SHOW lock_timeout")).scalar_one() == "2s"


def test_a_wrong_password_is_named_as_such(database: Database) -> None:
    wrong = Settings(database_url=address(database, password="wrong"))
    with open_database(wrong) as foreign, pytest.raises(DatabaseUnavailable, match="refuses the password"):
        read_frame(app_engine(foreign), "SELECT 1 AS one", {}, ONE)


def test_a_second_user_gets_the_apps_rights_by_migrating(empty_database: Database) -> None:
    with owner_engine(empty_database).begin() as connection:
        connection.exec_driver_sql("DROP ROLE IF EXISTS board_reader")
        connection.exec_driver_sql("CREATE ROLE board_reader LOGIN PASSWORD 'abc'")
    second = address(empty_database, username="board_reader", password="abc")
    try:
        with open_database(Settings(database_url=address(empty_database), app_database_url=second)) as foreign:
            migrate(foreign)
            assert read_frame(app_engine(foreign), "SELECT count(*) AS one FROM eql.lead", {}, ONE).item() == 0
            with pytest.raises(Exception, match="permission denied"), app_engine(foreign).begin() as connection:
                connection.exec_driver_sql("DELETE FROM eql.lead")
    finally:
        with owner_engine(empty_database).begin() as connection:
            connection.exec_driver_sql("DROP OWNED BY board_reader")
            connection.exec_driver_sql("DROP ROLE board_reader")


def test_passwords_show_in_no_representation(database: Database) -> None:
    for password in (database.owner_url.password, database.app_url.password):
        assert str(password) not in repr(database)
        assert str(password) not in repr(app_engine(database))
