"""Does neither an edit in the page nor an import get lost silently where the two meet?"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from dashboard.domain import UserError
from data_access.cost_entries import Change, Entry, Wanted, entries, save, undo
from data_access.cost_entries_log import keep, overtaken, put_back
from data_access.engine import Database, app_engine, owner_engine
from data_access.importers.batches import undo_batch

pytestmark = pytest.mark.database

COSTS = """
name = "books"
[file.costs.cost]
cost_id = "id"
partner_id = "partner"
category = "what"
period_start = "from"
period_end = "to"
amount = "amount"
currency = { constant = "USD" }
"""
HEAD = "id,partner,what,from,to,amount\n"
FIRST = HEAD + "1,Acme,content,2025-07-01,2025-07-31,100.10\n2,,seat,2025-07-01,2025-07-31,50\n"


def now(database: Database) -> dict[str, Entry]:
    return {row.cost_id: row for row in entries(app_engine(database), Wanted()).rows}


def edited(database: Database, cost_id: str, amount: str) -> int:
    before = now(database)[cost_id]
    done = save(app_engine(database), [Change(before, replace(before, amount=Decimal(amount)))], "Ann")
    assert done.entry_id
    return done.entry_id


def test_a_later_import_that_goes_over_an_edit_is_told_and_can_be_answered(run, write, database):
    run(write("a.csv", FIRST), mapping=COSTS)
    edited(database, "1", "111.11")
    assert now(database)["1"].batch_id is None and now(database)["1"].source == "books"
    assert overtaken(app_engine(database)) == []
    run(write("b.csv", FIRST.replace("100.10", "100.20")), mapping=COSTS)
    (found,) = overtaken(app_engine(database))
    assert (found.edited.amount, found.now.amount, found.actor) == (Decimal("111.11"), Decimal("100.20"), "Ann")

    put_back(app_engine(database), [found], "Bob")
    assert now(database)["1"].amount == Decimal("111.11") and overtaken(app_engine(database)) == []
    # The import can still be taken back; the edit, made after it, stays known.
    undo_batch(owner_engine(database), 2)
    assert now(database)["1"].amount == Decimal("111.11") and overtaken(app_engine(database)) == []


def test_what_an_import_wrote_can_be_kept(run, write, database):
    run(write("a.csv", FIRST), mapping=COSTS)
    edited(database, "1", "111.11")
    run(write("b.csv", FIRST.replace("100.10", "100.20")), mapping=COSTS)
    keep(app_engine(database), overtaken(app_engine(database)), "Bob")
    assert overtaken(app_engine(database)) == [] and now(database)["1"].amount == Decimal("100.20")


def test_the_same_file_again_leaves_the_edit_alone(run, write, database):
    path = write("a.csv", FIRST)
    run(path, mapping=COSTS)
    edited(database, "1", "111.11")
    assert run(path, mapping=COSTS).outcome == "known"
    assert now(database)["1"].amount == Decimal("111.11")


def test_taking_back_the_import_of_an_edited_row_keeps_the_row(run, write, database):
    run(write("a.csv", FIRST), mapping=COSTS)
    edited(database, "2", "60")
    undo_batch(owner_engine(database), 1)
    assert {key: row.amount for key, row in now(database).items()} == {"2": Decimal(60)}
    assert overtaken(app_engine(database)) == []


def test_taking_back_an_import_refuses_while_an_edited_row_needs_its_partner(run, write, database):
    run(write("a.csv", FIRST), mapping=COSTS)
    edited(database, "1", "60")
    with pytest.raises(UserError, match="1 rows of cost that are not imported use it"):
        undo_batch(owner_engine(database), 1)
    assert now(database)["1"].amount == 60 and set(now(database)) == {"1", "2"}


def test_taking_back_an_import_over_an_edit_made_after_it_is_told(run, write, database):
    run(write("a.csv", FIRST), mapping=COSTS)
    run(write("b.csv", FIRST.replace(",50", ",55")), mapping=COSTS)
    edited(database, "2", "70")
    undo_batch(owner_engine(database), 2)
    lost = [] if now(database)["2"].amount == 70 else overtaken(app_engine(database))
    assert now(database)["2"].amount == 70 or [own.edited.amount for own in lost] == [70]


def test_a_deleted_row_that_an_import_brings_back_is_told(run, write, database):
    run(write("a.csv", FIRST), mapping=COSTS)
    save(app_engine(database), [Change(now(database)["2"], None)], "Ann")
    assert overtaken(app_engine(database)) == []
    run(write("b.csv", FIRST.replace(",50", ",55")), mapping=COSTS)
    (found,) = overtaken(app_engine(database))
    assert found.edited is None and found.now.amount == 55
    put_back(app_engine(database), [found], "Ann")
    assert set(now(database)) == {"1"}


def test_undo_gives_an_imported_row_its_batch_back_unless_that_is_gone(run, write, database):
    run(write("a.csv", FIRST), mapping=COSTS)
    entry = edited(database, "2", "60")
    undo(app_engine(database), entry, "Ann")
    assert now(database)["2"].batch_id == 1
    deleted = save(app_engine(database), [Change(now(database)["2"], None)], "Ann").entry_id
    undo_batch(owner_engine(database), 1)
    undo(app_engine(database), deleted, "Ann")
    row = now(database)["2"]
    assert (row.amount, row.source, row.batch_id) == (Decimal(50), "books", None)


def test_an_edit_during_an_import_waits_or_is_refused_whole(run, write, database):
    run(write("a.csv", FIRST), mapping=COSTS)
    stale = now(database)["2"]
    run(write("b.csv", FIRST.replace(",50", ",55")), mapping=COSTS)
    late = save(app_engine(database), [Change(stale, replace(stale, amount=Decimal(60)))], "Ann")
    assert [own.now.amount for own in late.conflicts] == [55] and now(database)["2"].amount == 55
