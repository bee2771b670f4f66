"""Does publishing write all of it or nothing, and is nobody's publication overwritten unseen?"""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, text

from dashboard.domain import UserError
from dashboard.scoring.model import ScoringModel
from dashboard.scoring.scorecard_file import default_model
from data_access.engine import Database, DatabaseUnavailable, app_engine, dispose, owner_engine
from data_access.publishing import Overtaken, Published, publish, rescoring
from data_access.scoring_models import active_model, history, version_of
from tests.builders import Company

pytestmark = pytest.mark.database
MODEL = default_model()
LOWER, HIGHER = replace(MODEL, name="Lower", threshold=65), replace(MODEL, name="Higher", threshold=75)


@pytest.fixture
def engine(database: Database) -> Engine:
    return app_engine(database)


def later() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=1)


def counts(engine: Engine) -> tuple[int, int]:
    with engine.connect() as connection:
        question = "SELECT (SELECT count(*) FROM eql.scoring_model), (SELECT count(*) FROM eql.audit_log)"
        return tuple(connection.execute(text(question)).one())  # type: ignore[return-value]


def test_published_model_is_active_and_remembers_whose_it_is(engine: Engine) -> None:
    first = publish(
        engine, LOWER, "Bo", seen=None, parent=None, note="we need more", author="Ann", detail={"gained": 12}
    )
    found = active_model(engine, later())
    assert (found.model, found.version, found.published_at) == (LOWER, first.version, first.published_at)
    own = version_of(engine, first.version)
    assert (own.name, own.author, own.published_by, own.note, own.parent) == (
        "Lower",
        "Ann",
        "Bo",
        "we need more",
        None,
    )
    with engine.connect() as connection:
        actor, action, subject, detail = connection.execute(
            text("SELECT actor, action, subject, detail FROM eql.audit_log")
        ).one()
    assert (actor, action, subject) == ("Bo", "publish scoring model", f"version {first.version}")
    assert detail == {"name": "Lower", "parent": None, "replaces": None, "rescored": None, "gained": 12}


def test_former_model_published_again_is_a_new_version_of_it(engine: Engine) -> None:
    first = publish(engine, LOWER, "Ann", seen=None, parent=None)
    second = publish(engine, HIGHER, "Ann", seen=first.version, parent=first.version)
    third = publish(engine, LOWER, "Bo", seen=second.version, parent=first.version)
    assert [(own.version, own.parent) for own in history(engine)] == [
        (third.version, first.version), (second.version, first.version), (first.version, None),
    ]  # fmt: skip
    assert active_model(engine, later()).model == LOWER
    assert version_of(engine, third.version).author == "Bo"


def test_who_looked_before_somebody_else_published_is_told_by_whom(engine: Engine) -> None:
    first = publish(engine, LOWER, "Ann", seen=None, parent=None)
    with pytest.raises(Overtaken, match=f"Ann published version {first.version}") as refused:
        publish(engine, HIGHER, "Bo", seen=None, parent=None)
    assert refused.value.latest.model == LOWER
    assert counts(engine) == (1, 1)


def test_of_two_who_publish_at_once_one_is_told(engine: Engine) -> None:
    start, done = threading.Barrier(2), {}

    def work(name: str, model: ScoringModel) -> None:
        start.wait()
        try:
            done[name] = publish(engine, model, name, seen=None, parent=None)
        except Overtaken as error:
            done[name] = error  # type: ignore[assignment]

    threads = [threading.Thread(target=work, args=each) for each in (("Ann", LOWER), ("Bo", HIGHER))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {type(each) for each in done.values()} == {Published, Overtaken}
    assert counts(engine) == (1, 1)


def test_unsound_model_is_refused_before_anything_is_written(engine: Engine) -> None:
    criterion = MODEL.criteria[0]
    over = replace(criterion, levels=(replace(criterion.levels[0], points=41), *criterion.levels[1:]))
    with pytest.raises(UserError, match=criterion.name):
        publish(engine, replace(MODEL, criteria=(over, *MODEL.criteria[1:])), "Ann", seen=None, parent=None)
    with pytest.raises(UserError, match="threshold"):
        publish(engine, replace(MODEL, threshold=101), "Ann", seen=None, parent=None)
    with pytest.raises(UserError, match="who you are"):
        publish(engine, LOWER, "", seen=None, parent=None)
    assert counts(engine) == (0, 0)


def test_version_scores_and_log_stand_or_fall_together(engine: Engine) -> None:
    def fail(connection: Connection, model: ScoringModel, version: int, at: datetime) -> int:
        connection.execute(text("SELECT 1 / 0"))
        return 0

    with pytest.raises(Exception, match="division by zero"):
        publish(engine, LOWER, "Ann", seen=None, parent=None, rescore=fail)
    assert counts(engine) == (0, 0)
    seen = []
    done = publish(engine, LOWER, "Ann", seen=None, parent=None, rescore=lambda *given: seen.append(given[1:]) or 7)
    assert done.rescored == 7 and seen == [(LOWER, done.version, done.published_at)]


def test_publishing_scores_every_lead_for_other_programs(database: Database, engine: Engine) -> None:
    company = Company()
    account = company.add_account(
        industry="Software", employees=500, tech_stack=["crm", "data_warehouse"], use_case="revenue attribution"
    )
    for key in ("L1", "L2"):
        company.add_lead(key, created_at="2025-08-01 12:00+00", account_id=account)
    for signal in ("demo_request", "partner_referral"):
        company.add_signal("L1", signal, "2025-08-02 12:00+00")
    company.write(owner_engine(database))
    question = text("SELECT lead_id, score, qualified, lacks_score, model_version FROM eql.scored_leads ORDER BY 1")

    def published(model: ScoringModel, seen: int | None) -> tuple[Published, list[tuple]]:
        done = publish(engine, model, "Ann", seen=seen, parent=seen, rescore=rescoring("UTC", "USD"))
        with engine.connect() as connection:
            return done, [tuple(row) for row in connection.execute(question)]

    first, scored = published(replace(LOWER, threshold=64), None)  # 40 of fit + 12 + 12 of intent
    assert first.rescored == 2
    assert scored == [("L1", 64, True, False, first.version), ("L2", 40, False, True, first.version)]
    second, scored = published(HIGHER, first.version)
    assert second.rescored == 1  # only what L1 lacks is another
    assert scored == [("L1", 64, False, True, second.version), ("L2", 40, False, True, second.version)]


def test_without_a_server_nothing_is_known_published(database: Database, engine: Engine) -> None:
    dispose(database)
    away = app_engine(Database(database.owner_url, database.app_url.set(port=1), embedded=True))
    with pytest.raises(DatabaseUnavailable):
        publish(away, LOWER, "Ann", seen=None, parent=None)


def test_versions_that_cannot_be_read_say_why(database: Database, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO eql.scoring_model (name, definition, author) VALUES ('odd', '{\"format\": 9}', 'me')")
        )
    (own,) = history(engine)
    assert own.model is None and "format 9" in own.trouble and own.published_at is None
    with pytest.raises(UserError, match="no version 99"):
        version_of(engine, 99)
