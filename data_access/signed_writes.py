"""How is something written down with a name under it? One transaction, one writer at a time, one line in the log."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from dashboard.domain import UserError
from data_access.engine import DatabaseUnavailable

SCENARIO_LOCK, PUBLISH_LOCK = 4_591_005, 4_591_006  # any constants; migrations, importers and decisions use others
Detail = Mapping[str, Any] | Sequence[Mapping[str, Any]]
LONGEST_NAME, LONGEST_NOTE = 120, 2_000
AWAY = "The database does not answer: nothing was saved. What you chose stays here; try again in a moment."

_AUDIT = """
INSERT INTO eql.audit_log (actor, action, subject, detail) VALUES (:actor, :action, :subject, CAST(:detail AS jsonb))
"""


@contextmanager
def writing(engine: Engine, lock: int, timeout_ms: int | None = None) -> Iterator[Connection]:
    """A transaction that is alone with its lock until it ends; all of it holds or nothing.

    `timeout_ms` replaces the statement time-out of a page for this transaction alone. DatabaseUnavailable: nobody
    answers, or the lock was not to be had in time; nothing is known saved then.
    """
    try:
        with engine.begin() as connection:
            if timeout_ms is not None:
                connection.execute(
                    text("SELECT set_config('statement_timeout', :ms, true), set_config('lock_timeout', '10s', true)"),
                    {"ms": str(timeout_ms)},
                )
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock})
            yield connection
    except DBAPIError as error:
        # LockNotAvailable and QueryCanceled are operational errors too.
        if error.connection_invalidated or isinstance(error.orig, psycopg.OperationalError):
            raise DatabaseUnavailable(AWAY) from error
        raise


def audit(
    connection: Connection, actor: str, action: str, subject: str, detail: Mapping[str, Any] | Sequence[Any]
) -> None:
    """Notes who did what to what."""
    values = {"actor": actor, "action": action, "subject": subject, "detail": json.dumps(detail, allow_nan=False)}
    connection.execute(text(_AUDIT), values)


def signed(author: str) -> str:
    """The name as it is kept; UserError where there is none."""
    name = " ".join(author.replace("\x00", "").split())[:LONGEST_NAME]
    if not name:
        raise UserError("Say who you are: fill in your name first.")
    return name


def titled(name: str) -> str:
    """The name of what is saved, as it is kept; UserError where it is empty or too long."""
    found = " ".join(name.replace("\x00", "").split())
    if not found:
        raise UserError("Give it a name first.")
    if len(found) > LONGEST_NAME:
        raise UserError(f"A name may have {LONGEST_NAME} characters: shorten it and save again.")
    return found


def noted(note: str | None) -> str | None:
    """The note as it is kept, None where it is empty; UserError where it is too long."""
    found = (note or "").replace("\x00", "").strip()
    if len(found) > LONGEST_NOTE:
        raise UserError(f"A note may have {LONGEST_NOTE} characters: shorten it and save again.")
    return found or None
