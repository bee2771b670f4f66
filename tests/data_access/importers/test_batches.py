"""Can a batch be taken back exactly, and only where nothing rests on it?"""

import random

import pytest

from dashboard.domain import UserError
from data_access.engine import app_engine, owner_engine
from data_access.importers.batches import (
    BATCH_COLUMNS,
    list_batches,
    quarantine_rows,
    show_batch,
    undo_batch,
)
from data_access.importers.contract import TABLES

pytestmark = pytest.mark.database

LEADS = """
name = "crm"
[file.leads.account]
optional = true
account_id = "firm"
tech_stack = { column = "tools", split = "+" }
[file.leads.lead]
lead_id = "id"
account_id = "firm"
created_at = "created"
channel = "source"
partner_id = "partner"
"""
HEAD = "id,created,source,firm,tools,partner\n"
FIRST = HEAD + "1,2025-01-01,web,F,a+b,Acme\n2,2025-01-02,fair,,,\n3,2025-01-03,web,G,,Beta\n"


@pytest.fixture
def engine(database):
    return owner_engine(database)


@pytest.fixture
def everything(ask):
    """All rows of all contract tables."""

    def everything():
        return {name: sorted(str(row) for (row,) in ask(f"SELECT t::text FROM eql.{name} t")) for name in TABLES}

    return everything


def test_undo_restores_every_row_exactly(run, write, engine, everything):
    run(write("a.csv", FIRST), mapping=LEADS)
    before = everything()
    changed = FIRST.replace("web", "mail").replace("a+b", "c").replace("G", "H") + "4,2025-02-01,x,F,,Gamma\n"
    run(write("b.csv", changed), mapping=LEADS)
    assert everything() != before
    done = undo_batch(engine, 2)
    assert everything() == before
    assert done.restored == {"account": 1, "lead": 2}
    assert done.deleted == {"lead": 1, "account": 1, "partner": 1, "partner_alias": 1}
    undo_batch(engine, 1)
    assert not any(everything().values())


def test_an_undone_file_can_be_imported_again(run, write, engine):
    path = write("a.csv", FIRST)
    run(path, mapping=LEADS)
    undo_batch(engine, 1)
    assert run(path, mapping=LEADS).outcome == "imported"


def test_undo_raises_the_data_version(run, write, engine, ask):
    run(write("a.csv", FIRST), mapping=LEADS)
    before = ask("SELECT version FROM eql.data_version")
    undo_batch(engine, 1)
    assert ask("SELECT version FROM eql.data_version") > before


def test_rows_that_a_later_batch_changed_are_kept(run, write, engine):
    run(write("a.csv", FIRST), mapping=LEADS)
    run(write("b.csv", FIRST.replace("fair", "event")), mapping=LEADS)
    with pytest.raises(UserError, match="undo batch 2 first"):
        undo_batch(engine, 1)
    undo_batch(engine, 2)
    undo_batch(engine, 1)


def test_rows_that_a_later_batch_refers_to_are_kept(run, write, engine):
    run(write("a.csv", FIRST), mapping=LEADS)
    deals = '[file.d.deal]\ndeal_id = "d"\nlead_id = "l"\n'
    run(write("d.csv", "d,l\n1,2\n"), mapping=deals)
    with pytest.raises(UserError, match="Batch 2 refers to rows of batch 1: undo batch 2 first"):
        undo_batch(engine, 1)


def test_what_cannot_be_undone_says_why(run, write, engine):
    with pytest.raises(UserError, match="There is no batch 5"):
        undo_batch(engine, 5)
    run(write("a.csv", FIRST), mapping=LEADS)
    undo_batch(engine, 1)
    with pytest.raises(UserError, match="already"):
        undo_batch(engine, 1)


def test_a_random_history_can_be_walked_back(run, write, engine, everything):
    """Ten imports of overlapping, changing rows; undone in turn, each gives the state before it."""
    dice = random.Random(7)
    states = []
    for number in range(10):
        rows = [
            f"{i},2025-01-{dice.randint(1, 28):02d},{dice.choice('abc')},{dice.choice(['F', 'G', ''])},"
            f"{dice.choice(['x', 'x+y', ''])},{dice.choice(['Acme', 'Beta', ''])}\n"
            for i in dice.sample(range(12), 6)
        ]
        states.append(everything())
        run(write(f"{number}.csv", HEAD + "".join(rows)), mapping=LEADS)
    batches = list_batches(engine)["batch_id"].to_list()
    assert len(batches) == 10
    for batch, state in zip(batches, reversed(states), strict=True):
        undo_batch(engine, batch)
        assert everything() == state


def test_batches_and_quarantine_are_listed_for_pages_too(run, write, database):
    run(write("a.csv", FIRST + "9,never,=1+1,,,\n8,never,,,,\n"), mapping=LEADS, max_errors=0.5)
    pages = app_engine(database)
    batches = list_batches(pages)
    assert batches.columns == list(BATCH_COLUMNS)
    assert batches.select("files", "rows_read", "rows_accepted", "rows_quarantined").row(0) == ("a.csv", 5, 3, 2)
    first = quarantine_rows(pages, 1, limit=1)
    assert first["line"].to_list() == [5]
    assert quarantine_rows(pages, None, after=first["quarantine_id"][0])["raw"].to_list() == ["8,never,,,,"]
    assert show_batch(pages, 1).files[0]["quarantined"] == 2
