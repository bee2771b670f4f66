"""Is every saved scenario kept as it was, whoever else saves, and does a deleted one say who took it away?"""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest
from sqlalchemy import Engine, text

from dashboard.domain import UserError
from dashboard.scoring.model import Criterion, Level
from dashboard.scoring.scorecard_file import as_document, default_model
from data_access import scenarios
from data_access.engine import Database, app_engine, owner_engine

pytestmark = pytest.mark.database
MODEL = default_model()
LOWER = replace(MODEL, threshold=65)


@pytest.fixture
def engine(database: Database) -> Engine:
    return app_engine(database)


def test_scenario_comes_back_as_it_was_saved(engine: Engine) -> None:
    made = scenarios.save(engine, "  Lower \n threshold ", " try ", LOWER, " Ann  Bo", active=4).scenario
    assert (made.name, made.note, made.author, made.model, made.parent, made.active) == (
        "Lower threshold", "try", "Ann Bo", LOWER, None, 4,
    )  # fmt: skip
    assert scenarios.scenario(engine, made.scenario_id) == made
    assert scenarios.scenarios(engine) == [made]
    with engine.connect() as connection:
        log = connection.execute(text("SELECT actor, action, subject FROM eql.audit_log")).one()
    assert tuple(log) == ("Ann Bo", "save scenario", f"scenario {made.scenario_id}")


def test_taken_name_gets_a_number_whatever_its_case(engine: Engine) -> None:
    wanted = (("Looser", "Ann"), ("looser", "Bo"), ("LOOSER", "Cy"), ("x" * 120, "Ann"), ("x" * 120, "Bo"))
    names = [scenarios.save(engine, name, None, LOWER, author) for name, author in wanted]
    assert [own.scenario.name for own in names] == ["Looser", "looser (2)", "LOOSER (3)", "x" * 120, "x" * 116 + " (2)"]
    assert [own.renamed for own in names] == [False, True, True, False, True]


def test_same_save_sent_twice_is_one_row(engine: Engine) -> None:
    first, second = (scenarios.save(engine, "Looser", "n", LOWER, "Ann") for _ in range(2))
    assert first.scenario == second.scenario and len(scenarios.scenarios(engine)) == 1


def test_who_saves_after_others_hears_what_they_made_from_the_same_scenario(engine: Engine) -> None:
    root = scenarios.save(engine, "Root", None, LOWER, "Ann").scenario
    bo = scenarios.save(engine, "Root", None, replace(LOWER, threshold=60), "Bo", loaded=root.scenario_id)
    ann = scenarios.save(engine, "Root", None, replace(LOWER, threshold=55), "Ann", loaded=root.scenario_id)
    assert bo.meanwhile == () and ann.meanwhile == (bo.scenario,)
    assert ann.scenario.parent == bo.scenario.parent == root.scenario_id
    thresholds = {own.name: own.model.threshold for own in scenarios.scenarios(engine) if own.model}
    assert thresholds == {"Root": 65, "Root (2)": 60, "Root (3)": 55}


def test_of_many_who_save_at_once_none_loses_work(engine: Engine) -> None:
    start, failed = threading.Barrier(5), []

    def work(number: int) -> None:
        start.wait()
        try:
            scenarios.save(engine, "Same", None, replace(MODEL, threshold=number), f"Author {number}")
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(50, 55)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = scenarios.scenarios(engine)
    assert not failed
    assert {own.model.threshold for own in found if own.model} == {50, 51, 52, 53, 54}
    assert {own.name for own in found} == {"Same", "Same (2)", "Same (3)", "Same (4)", "Same (5)"}


def test_deleted_scenario_says_by_whom_and_can_be_brought_back(engine: Engine) -> None:
    made = scenarios.save(engine, "Looser", "n", LOWER, "Ann").scenario
    assert scenarios.delete(engine, made.scenario_id, "Bo") == made
    assert scenarios.scenarios(engine) == []
    with pytest.raises(UserError, match=rf"Bo deleted scenario {made.scenario_id} on "):
        scenarios.scenario(engine, made.scenario_id)
    with pytest.raises(UserError, match="gone already"):
        scenarios.delete(engine, made.scenario_id, "Cy")
    scenarios.restore(engine, made.scenario_id, "Bo")
    scenarios.restore(engine, made.scenario_id, "Bo")
    assert scenarios.scenarios(engine) == [made]
    with pytest.raises(UserError, match="There is no scenario 9999"):
        scenarios.scenario(engine, 9999)


def test_nothing_unsound_or_nameless_is_kept(engine: Engine) -> None:
    first = MODEL.criteria[0]
    best = replace(first.levels[0], points=41)
    over = replace(MODEL, criteria=(replace(first, levels=(best, *first.levels[1:])), *MODEL.criteria[1:]))
    with pytest.raises(UserError, match=first.name):
        scenarios.save(engine, "Over", None, over, "Ann")
    with pytest.raises(UserError, match="name first"):
        scenarios.save(engine, " \x00 ", None, LOWER, "Ann")
    with pytest.raises(UserError, match="who you are"):
        scenarios.save(engine, "x", None, LOWER, " ")
    with pytest.raises(UserError, match="2000 characters"):
        scenarios.save(engine, "x", "n" * 2001, LOWER, "Ann")
    blank = Criterion(" size ", first.group, first.kind, first.looks_at, (Level("a", 1, at_or_above=1.0),))
    with pytest.raises(UserError, match="blanks"):
        scenarios.save(engine, "x", None, replace(MODEL, criteria=(blank,)), "Ann")
    assert scenarios.scenarios(engine) == []


def test_rows_of_other_hands_are_read_or_named(database: Database, engine: Engine) -> None:
    with owner_engine(database).begin() as connection:
        for name, definition in (("bare", as_document(LOWER)), ("odd", {"model": {"format": 1}}), ("list", [1])):
            connection.execute(
                text("INSERT INTO eql.scenario (name, definition, author) VALUES (:n, CAST(:d AS jsonb), 'dbt')"),
                {"n": name, "d": json.dumps(definition)},
            )
    listed, odd, bare = scenarios.scenarios(engine)
    assert bare.model == LOWER and bare.parent is None
    assert odd.model is None and "name" in odd.trouble
    assert listed.model is None and listed.trouble
