"""Are decisions kept as they were made, by whom and when, and does nobody overwrite anybody?"""

from __future__ import annotations

import threading
from collections.abc import Mapping

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from dashboard.domain import UserError
from data_access.decisions import WITHDRAWN, Draft, Saved, decisions_of, last_decisions, save, undo
from data_access.engine import Database, DatabaseUnavailable, app_engine, dispose, owner_engine

pytestmark = pytest.mark.database
QUARTER = "2025-Q3"


@pytest.fixture
def engine(database: Database) -> Engine:
    return app_engine(database)


def draft(partner: str, decision: str = "end", seen: int | None = None, **more: object) -> Draft:
    values: dict[str, object] = {"budget": 12.5, "note": "why", "numbers": {"rank": 3}} | more
    return Draft(partner, decision, seen=seen, **values)  # type: ignore[arg-type]


def rows(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM eql.{table}")).scalar_one())


def newest(engine: Engine) -> Mapping[str, str]:
    return {key: own.decision for key, own in last_decisions(engine, QUARTER)[QUARTER].items()}


def test_decision_is_kept_with_its_numbers_and_an_audit_row(engine: Engine) -> None:
    done = save(engine, QUARTER, [draft("a"), draft("b", "double", budget=None, note=None)], "  Ann \n Bo ")
    assert [own.partner_id for own in done.saved] == ["a", "b"] and not done.conflicts
    found = last_decisions(engine, QUARTER, "2025-Q2")
    assert found["2025-Q2"] == {}
    own = found[QUARTER]["a"]
    assert (own.decision, own.budget, own.note, own.author, dict(own.numbers)) == (
        "end", 12.5, "why", "Ann Bo", {"rank": 3},
    )  # fmt: skip
    assert own.decided_at.tzinfo is not None
    with engine.connect() as connection:
        actor, action, subject, detail = connection.execute(
            text("SELECT actor, action, subject, detail FROM eql.audit_log")
        ).one()
    assert (actor, action, subject) == ("Ann Bo", "decide", "review 2025-Q3")
    assert [(entry["partner_id"], entry["decision"]) for entry in detail] == [("a", "end"), ("b", "double")]


def test_nothing_is_ever_rewritten(database: Database, engine: Engine) -> None:
    (first,) = save(engine, QUARTER, [draft("a")], "Ann").saved
    (second,) = save(engine, QUARTER, [draft("a", "keep", seen=first.decision_id)], "Bo").saved
    assert [own.decision_id for own in decisions_of(engine, "a")] == [second.decision_id, first.decision_id]
    assert newest(engine) == {"a": "keep"}
    for statement in ("UPDATE eql.review_decision SET note = 'x'", "DELETE FROM eql.review_decision"):
        with pytest.raises(DBAPIError) as refused, owner_engine(database).begin() as connection:
            connection.execute(text(statement))
        assert isinstance(refused.value.orig, psycopg.errors.RaiseException)


def test_who_was_slower_hears_of_it_and_loses_nothing_else(engine: Engine) -> None:
    (ann,) = save(engine, QUARTER, [draft("a", "end")], "Ann").saved
    done = save(engine, QUARTER, [draft("a", "double"), draft("b", "keep")], "Bo")
    assert [own.partner_id for own in done.saved] == ["b"]
    assert done.conflicts == (ann,)
    assert newest(engine) == {"a": "end", "b": "keep"}
    again = save(engine, QUARTER, [draft("a", "double", seen=ann.decision_id)], "Bo")
    assert not again.conflicts and newest(engine)["a"] == "double"


def test_of_two_who_save_at_once_one_wins_and_the_other_is_told(database: Database, engine: Engine) -> None:
    start, done = threading.Barrier(2), {}

    def decide(author: str) -> None:
        start.wait()
        done[author] = save(engine, QUARTER, [draft(str(n), author[0].lower()) for n in range(20)], author)

    # One letter stands for a decision that both may take: which of the two rows holds tells who won.
    with owner_engine(database).begin() as connection:
        connection.execute(text("ALTER TABLE eql.review_decision DROP CONSTRAINT review_decision_decision_check"))
    threads = [threading.Thread(target=decide, args=(author,)) for author in ("Ann", "Bo")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [author for author, result in done.items() if result.saved]
    loser = "Bo" if winner == "Ann" else "Ann"
    assert len(done[winner].saved) == 20 and not done[winner].conflicts
    assert not done[loser].saved and {own.author for own in done[loser].conflicts} == {winner}
    assert set(newest(engine).values()) == {winner[0].lower()} and rows(engine, "review_decision") == 20


def test_same_decision_sent_twice_is_saved_once(engine: Engine) -> None:
    """The answer to the first was lost on the way; the second must not look like a quarrel with oneself."""
    first = save(engine, QUARTER, [draft("a")], "Ann")
    assert save(engine, QUARTER, [draft("a")], "Ann") == Saved(first.saved, ())
    assert rows(engine, "review_decision") == rows(engine, "audit_log") == 1


def test_undo_restores_what_held_before_without_rewriting(engine: Engine) -> None:
    (before,) = save(engine, QUARTER, [draft("a", "keep", numbers={"rank": 9})], "Ann").saved
    made = save(engine, QUARTER, [draft("a", "end", seen=before.decision_id), draft("b", "double")], "Bo").saved
    done = undo(engine, QUARTER, made, {"a": before}, "Bo")
    assert not done.conflicts
    assert newest(engine) == {"a": "keep", "b": WITHDRAWN}
    restored = last_decisions(engine, QUARTER)[QUARTER]["a"]
    assert (restored.budget, restored.note, restored.numbers["rank"]) == (12.5, "why", 9)
    assert restored.numbers["undoes"] == made[0].decision_id and restored.author == "Bo"
    assert rows(engine, "review_decision") == 5 and rows(engine, "audit_log") == 3


def test_undo_leaves_what_somebody_decided_since(engine: Engine) -> None:
    made = save(engine, QUARTER, [draft("a"), draft("b")], "Ann").saved
    (later,) = save(engine, QUARTER, [draft("a", "keep", seen=made[0].decision_id)], "Bo").saved
    done = undo(engine, QUARTER, made, {}, "Ann")
    assert done.conflicts == (later,)
    assert newest(engine) == {"a": "keep", "b": WITHDRAWN}


def test_saving_leaves_every_answer_that_was_kept(database: Database, engine: Engine) -> None:
    def version() -> int:
        with engine.connect() as connection:
            return int(connection.execute(text("SELECT version FROM eql.data_version")).scalar_one())

    before = version()
    save(engine, QUARTER, [draft("a")], "Ann")
    assert version() == before


@pytest.mark.parametrize(
    ("bad", "author", "said"),
    [
        (draft("a"), " \n", "your name"),
        (draft("a", note="x" * 2_001), "Ann", "2000 characters"),
        (draft("a", budget=-1), "Ann", "0 or more"),
        (draft("a", budget=float("nan")), "Ann", "0 or more"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_one_sentence(engine: Engine, bad: Draft, author: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        save(engine, QUARTER, [draft("b"), bad], author)
    assert rows(engine, "review_decision") == 0


def test_odd_signs_are_kept(engine: Engine) -> None:
    note = "<b>x</b> '; DROP TABLE eql.lead; -- \U0001f600 مرحبا $1 :period %s\x00"
    save(engine, QUARTER, [draft("p\u2019 '\"", note=note)], "O'Brien")
    (own,) = last_decisions(engine, QUARTER)[QUARTER].values()
    assert (own.partner_id, own.note, own.author) == ("p\u2019 '\"", note[:-1], "O'Brien")


def test_database_that_is_away_says_so(database: Database, engine: Engine) -> None:
    dispose(database)
    with owner_engine(database).begin() as connection:
        connection.execute(text("LOCK TABLE eql.review_decision IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(DatabaseUnavailable, match="nothing was saved"):
            save(app_engine(database), QUARTER, [draft("a")], "Ann")
    assert rows(app_engine(database), "review_decision") == 0
