"""How do we talk to Postgres: as owner or as app, with time-outs, one retry of a read, and no waiting for the dead?"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

import polars as pl
import psycopg
from psycopg import sql as psql
from sqlalchemy import URL, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from dashboard.domain import UserError
from dashboard.settings import Settings
from data_access.embedded import APP, DATABASE, OWNER, EmbeddedServer

DRIVER = "postgresql+psycopg"
PAGE_TIMEOUT_MS = 5_000
REPORT_TIMEOUT_MS = 600_000
REFUSAL_S = 2.0


class DatabaseUnavailable(UserError):
    """The database does not answer now; it may in a moment."""


class QueryTooSlow(DatabaseUnavailable):
    """A question took longer than the engine's statement time-out, or waited too long for a lock."""


@dataclass(frozen=True, slots=True)
class Database:
    """Where the data are: one URL for the owner of schema eql, one for the app. Passwords show in neither."""

    owner_url: URL
    app_url: URL
    embedded: bool
    server: EmbeddedServer | None = None


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The database that the settings name, else the embedded one, started; on leaving it goes with its last user.

    Connects to nothing foreign and migrates nothing. UserError: a setting is wrong, or the embedded server cannot run.
    """
    named = settings.database_url.get_secret_value().strip() if settings.database_url else ""
    if named:
        second = settings.app_database_url.get_secret_value().strip() if settings.app_database_url else ""
        owner = _url(named, "DATABASE_URL")
        app = _url(second, "EQL_APP_DATABASE_URL") if second else owner
        server = None
        database = Database(owner, app, embedded=False)
    else:
        server = EmbeddedServer(settings.home)
        database = embedded_database(server)
    try:
        yield database
    finally:
        dispose(database)
        if server is not None:
            server.release()


def embedded_database(server: EmbeddedServer) -> Database:
    """Starts or joins the embedded server and says how to reach it; the caller releases the server."""
    access = server.acquire()

    def url(user: str, password: str) -> URL:
        query = {"sslmode": "disable", "gssencmode": "disable"}
        return URL.create(DRIVER, user, password, "127.0.0.1", access.port, DATABASE, query)

    return Database(url(OWNER, access.owner_password), url(APP, access.app_password), embedded=True, server=server)


def _url(value: str, setting: str) -> URL:
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        raise UserError(f"{setting} is no database address: write postgresql://user@host:5432/database.") from None
    if url.drivername.split("+")[0] not in {"postgres", "postgresql"}:
        raise UserError(f"{setting} must name a Postgres: write postgresql://user@host:5432/database.")
    return url.set(drivername=DRIVER)


# -- engines ------------------------------------------------------------------------------------------------------

_engines: dict[tuple[URL, str, int], Engine] = {}
_engines_lock = threading.Lock()


def owner_engine(database: Database) -> Engine:
    """The engine that migrates and imports: no statement time-out. One per database and process."""
    return _engine(database.owner_url, "owner", 0, takes_role=False)


def app_engine(database: Database, statement_timeout_ms: int = PAGE_TIMEOUT_MS) -> Engine:
    """The engine of pages and reports, with the app's rights and time-outs. One per database and time-out.

    A foreign server without a second user: each connection takes the role eql_app wherever it exists and may be taken.
    """
    takes_role = not database.embedded and database.app_url == database.owner_url
    return _engine(database.app_url, "app", statement_timeout_ms, takes_role=takes_role)


def dispose(database: Database) -> None:
    """Closes this process's idle connections to the database and forgets its engines."""
    with _engines_lock:
        for key in [key for key in _engines if key[0] in (database.owner_url, database.app_url)]:
            _engines.pop(key).dispose()


def _engine(url: URL, purpose: str, statement_timeout_ms: int, *, takes_role: bool) -> Engine:
    key = (url, purpose, statement_timeout_ms)
    with _engines_lock:
        if key not in _engines:
            _engines[key] = _new_engine(url, purpose, statement_timeout_ms, takes_role)
        return _engines[key]


def _new_engine(url: URL, purpose: str, statement_timeout_ms: int, takes_role: bool) -> Engine:
    limits = {"timezone": "UTC", "statement_timeout": str(statement_timeout_ms)}
    if purpose == "app":
        limits |= {"lock_timeout": "2000", "idle_in_transaction_session_timeout": "10000"}
        # Deals meet their rates by text and day: hashing them takes half the time of sorting both for a merge.
        limits |= {"enable_mergejoin": "off"}
    given = url.query.get("options", "")
    options = " ".join(
        [given if isinstance(given, str) else " ".join(given), *(f"-c {k}={v}" for k, v in limits.items())]
    )
    engine = create_engine(
        url.difference_update_query(["options"]),
        pool_pre_ping=True,
        pool_timeout=3,
        pool_size=5,
        max_overflow=15,
        connect_args={
            "connect_timeout": 2,
            "tcp_user_timeout": 5000,
            "application_name": f"partner-dashboard {purpose}",
            "options": options.strip(),
        },
    )
    event.listen(engine, "do_connect", partial(_connect, _Breaker()))
    if takes_role:
        event.listen(engine, "connect", _take_app_role)
    return engine


class _Breaker:
    """Remembers that a server just refused, so that the next page does not wait for it again."""

    def __init__(self) -> None:
        self.closed_until = 0.0
        self.reason = ""

    def check(self) -> None:
        if time.monotonic() < self.closed_until:
            raise DatabaseUnavailable(self.reason)

    def trip(self, reason: str) -> None:
        self.closed_until, self.reason = time.monotonic() + REFUSAL_S, reason


def _connect(breaker: _Breaker, dialect: Any, record: Any, args: Sequence[Any], options: dict[str, Any]) -> Any:
    breaker.check()
    try:
        connection = psycopg.connect(*args, **options)
    except psycopg.Error as error:
        breaker.trip(_reason(str(error)))
        raise DatabaseUnavailable(breaker.reason) from None  # the original names host and user
    if connection.info.server_version < 150_000:
        connection.close()
        raise UserError("The Postgres that DATABASE_URL names is older than 15: use a newer one.")
    return connection


REASONS = (
    (r"password authentication failed|no password supplied", "refuses the password: check DATABASE_URL"),
    (r"no pg_hba\.conf entry", "admits no connection from here: check its pg_hba.conf and sslmode"),
    (r"translate host name|resolve", "has a host name that nobody knows: check DATABASE_URL"),
    (r'database ".*" does not exist', "has no such database: check DATABASE_URL"),
    (r'role ".*" does not exist', "has no such user: check DATABASE_URL"),
    (r"invalid (URI|connection option)", "cannot be reached with these options: check DATABASE_URL"),
    (r"too many (clients|connections)|remaining connection slots", "has no connection left: close other programs"),
    (r"starting up|shutting down|recovery", "is just starting or stopping: wait a moment"),
    (r"SSL|certificate", "does not agree about encryption: check sslmode in DATABASE_URL"),
)


def _reason(message: str) -> str:
    for pattern, meaning in REASONS:
        if re.search(pattern, message, re.IGNORECASE):
            return f"The database {meaning}."
    return "The database does not answer: start it, or see `python -m dashboard doctor`."


def _take_app_role(connection: psycopg.Connection[Any], record: Any) -> None:
    # From 16 on, membership alone does not allow SET ROLE.
    privilege = "SET" if connection.info.server_version >= 160_000 else "MEMBER"
    found = connection.execute(
        "SELECT 1 FROM pg_roles WHERE rolname = %s AND pg_has_role(current_user, oid, %s)", (APP, privilege)
    ).fetchone()
    if found:
        connection.execute(psql.SQL("SET ROLE {}").format(psql.Identifier(APP)))
    connection.commit()


# -- reading ------------------------------------------------------------------------------------------------------


def read_frame(
    engine: Engine, sql: str, params: Mapping[str, object], schema: Mapping[str, pl.DataType | type[pl.DataType]]
) -> pl.DataFrame:
    """The rows of a query with bound parameters (`:name`), as a frame with exactly the declared columns and types.

    Columns are taken by name, in the order of `schema`; instants are UTC. A read that loses its connection is tried
    once more. DatabaseUnavailable: the server is away; QueryTooSlow: it took longer than the engine allows.
    """
    try:
        columns, rows = _rows(engine, sql, params)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise translated(error) from error.orig
        try:
            columns, rows = _rows(engine, sql, params)
        except DBAPIError as again:
            raise translated(again) from again.orig
    return _frame(columns, rows, schema)


def _rows(engine: Engine, sql: str, params: Mapping[str, object]) -> tuple[list[str], Sequence[Any]]:
    with engine.connect() as connection:
        result = connection.execute(text(sql), dict(params))
        return list(result.keys()), result.fetchall()


TOO_SLOW = "The database took too long over this question: narrow the period, or try again."


def translated(error: DBAPIError | psycopg.Error, too_slow: str = TOO_SLOW) -> Exception:
    """What went wrong in words: QueryTooSlow with that sentence, DatabaseUnavailable, else the error itself."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, psycopg.errors.QueryCanceled | psycopg.errors.LockNotAvailable):
        return QueryTooSlow(too_slow)
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if lost or isinstance(cause, psycopg.OperationalError):
        return DatabaseUnavailable(_reason(str(cause)))
    return error


def _frame(
    columns: Sequence[str], rows: Sequence[Any], schema: Mapping[str, pl.DataType | type[pl.DataType]]
) -> pl.DataFrame:
    missing = [name for name in schema if name not in columns]
    if missing or len(columns) != len(schema):
        raise ValueError(f"The query gives {list(columns)}, the schema declares {list(schema)}.")
    values = dict(zip(columns, zip(*rows, strict=True), strict=True)) if rows else {}
    return pl.DataFrame([_series(name, values.get(name, ()), dtype) for name, dtype in schema.items()])


def _series(name: str, values: Sequence[Any], dtype: pl.DataType | type[pl.DataType]) -> pl.Series:
    first = next((value for value in values if value is not None), None)
    if isinstance(first, Decimal) and not dtype.is_(pl.Decimal):
        convert = int if dtype.is_integer() else float
        values = [None if value is None else convert(value) for value in values]
    return pl.Series(name, list(values), dtype=dtype, strict=True)
