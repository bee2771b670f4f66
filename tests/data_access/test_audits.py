"""Is the last audit the newest of those recorded and those that publishing made?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from dashboard.domain import UserError
from data_access.audits import last_audit, record_audit
from data_access.engine import Database, DatabaseUnavailable, app_engine, dispose, owner_engine

pytestmark = pytest.mark.database


@pytest.fixture
def engine(database: Database) -> Engine:
    return app_engine(database)


def published(database: Database, at: datetime, by: str | None = "Ben") -> None:
    with owner_engine(database).begin() as connection:
        connection.execute(
            text(
                "INSERT INTO eql.scoring_model (name, definition, author, note, published_at, published_by) "
                "VALUES ('M', '{}', 'Ana', 'why', :at, :by)"
            ),
            {"at": at, "by": by},
        )


def test_nobody_has_looked_yet(engine: Engine) -> None:
    assert last_audit(engine) is None


def test_an_audit_is_on_record_with_name_and_note(engine: Engine) -> None:
    before = datetime.now(UTC)
    record_audit(engine, None, " Ana  Bell ", " looked at everything ")
    found = last_audit(engine)
    assert found is not None
    assert (found.by, found.note, found.version, found.published) == ("Ana Bell", "looked at everything", None, False)
    assert before <= found.at <= datetime.now(UTC)
    record_audit(engine, 3, "Ben", "")
    found = last_audit(engine)
    assert found is not None and (found.by, found.note, found.version) == ("Ben", None, 3)
    with engine.connect() as connection:
        subjects = connection.execute(text("SELECT action, subject FROM eql.audit_log ORDER BY entry_id")).all()
    assert [tuple(row) for row in subjects] == [
        ("audit scoring model", "the scorecard that comes with the program"),
        ("audit scoring model", "scoring model version 3"),
    ]


def test_a_publication_counts_as_one(engine: Engine, database: Database) -> None:
    now = datetime.now(UTC)
    published(database, now - timedelta(days=40))
    published(database, now - timedelta(days=50), by=None)
    found = last_audit(engine)
    assert found is not None
    assert (found.by, found.version, found.published, found.note) == ("Ben", 1, True, "why")
    record_audit(engine, 1, "Ana", None)
    later = last_audit(engine)
    assert later is not None and (later.by, later.published) == ("Ana", False)
    published(database, now + timedelta(hours=1), by=None)
    newest = last_audit(engine)
    assert newest is not None and (newest.by, newest.published) == ("Ana", True)  # its author, where nobody signed


def test_other_entries_of_the_log_are_none(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO eql.audit_log (actor, action, subject) VALUES ('Ana', 'decide', 'x')"))
    assert last_audit(engine) is None


@pytest.mark.parametrize(("author", "note"), [("  ", "x"), ("Ana", "x" * 2001)])
def test_what_cannot_be_kept_is_refused(engine: Engine, author: str, note: str) -> None:
    with pytest.raises(UserError):
        record_audit(engine, None, author, note)
    assert last_audit(engine) is None


def test_a_database_that_is_away_is_said_so(engine: Engine, database: Database) -> None:
    dispose(database)
    gone = app_engine(Database(database.owner_url.set(port=1), database.app_url.set(port=1), embedded=False))
    with pytest.raises(DatabaseUnavailable):
        record_audit(gone, None, "Ana", None)
    with pytest.raises(DatabaseUnavailable):
        last_audit(gone)
