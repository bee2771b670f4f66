"""Are costs changed by hand all at once, under a name, over nobody else's change, and can all of it be taken back?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text

from dashboard.domain import UserError
from data_access.cost_entries import PAGE_ROWS, Wanted, currencies, entries, save, undo
from data_access.cost_entries_log import last_saves, overtaken
from data_access.cost_entry import Change, Entry, trouble
from data_access.engine import Database, DatabaseUnavailable, app_engine, owner_engine
from tests.builders import Company

pytestmark = pytest.mark.database
NEW = Entry("entered-1", None, None, "seat", date(2025, 7, 1), date(2025, 7, 31), Decimal("120.50"), "USD")


EVERY = Wanted()


def rows(database: Database, wanted: Wanted = EVERY) -> dict[str, Entry]:
    return {row.cost_id: row for row in entries(app_engine(database), wanted).rows}


def log(database: Database) -> list[tuple[str, str]]:
    with owner_engine(database).connect() as connection:
        found = connection.execute(text("SELECT actor, action FROM eql.audit_log ORDER BY entry_id"))
        return [tuple(row) for row in found]


@pytest.fixture
def three(database: Database) -> dict[str, Entry]:
    """Rows A (of partner P), B (of a channel) and C (overhead)."""
    company = Company()
    company.add_partner("P", name="Acme")
    company.add_cost("P", cost_id="A", category="content", amount="100.10")
    company.add_cost(channel="paid_search", cost_id="B", category="media", amount="-50", period_start="2025-06-01")
    company.add_cost(cost_id="C", category="people", currency="EUR", amount="7")
    company.write(owner_engine(database))
    return rows(database)


def test_pages_and_filters(database: Database, three: dict[str, Entry]) -> None:
    assert three["A"] == Entry(
        "A", "P", None, "content", date(2025, 7, 1), date(2025, 7, 31), Decimal("100.10"), "USD", "", None
    )
    for wanted, keys in (
        (Wanted(), {"A", "B", "C"}),
        (Wanted(first_day=date(2025, 7, 1), end_day=date(2025, 8, 1)), {"A", "B", "C"}),
        (Wanted(first_day=date(2025, 6, 1), end_day=date(2025, 7, 1)), {"B"}),
        (Wanted(first_day=date(2025, 8, 1)), set()),
        (Wanted(categories=("media", "people")), {"B", "C"}),
        (Wanted(whose="overhead"), {"C"}),
        (Wanted(whose="channels"), {"B"}),
        (Wanted(whose="partners"), {"A"}),
        (Wanted(whose="=P"), {"A"}),
        (Wanted(words="ACME cont"), {"A"}),
        (Wanted(words="%"), set()),
        (Wanted(words="x' OR 1=1 --"), set()),
    ):
        assert set(rows(database, wanted)) == keys, wanted
    assert currencies(app_engine(database), "USD") == ("USD", "EUR")


def test_every_row_is_on_one_page(database: Database) -> None:
    company = Company()
    for number in range(2 * PAGE_ROWS + 5):
        company.add_cost(cost_id=f"C{number}", period_start=f"2025-0{1 + number % 6}-01")
    company.write(owner_engine(database))
    found = [entries(app_engine(database), Wanted(), page) for page in range(4)]
    assert [len(page.rows) for page in found] == [PAGE_ROWS, PAGE_ROWS, 5, 0]
    assert {page.total for page in found} == {2 * PAGE_ROWS + 5}
    assert len({row.cost_id for page in found for row in page.rows}) == 2 * PAGE_ROWS + 5


def test_add_change_delete_at_once_and_undo(database: Database, three: dict[str, Entry]) -> None:
    engine = app_engine(database)
    dearer = replace(three["A"], amount=Decimal("200"), partner_id=None, channel="events")
    done = save(engine, [Change(None, NEW), Change(three["A"], dearer), Change(three["C"], None)], " Ann\x00  Lee ")
    assert not done.conflicts and len(done.changes) == 3
    assert rows(database) == {
        "entered-1": replace(NEW, source="entered"), "A": dearer, "B": three["B"],
    }  # fmt: skip
    assert log(database) == [("Ann Lee", "save costs")]
    with owner_engine(database).connect() as connection:
        detail = connection.execute(text("SELECT detail FROM eql.audit_log")).scalar_one()
    kept = {(row["before"] or row["after"])["cost_id"]: row for row in detail["rows"]}
    assert kept["A"]["before"]["amount"] == "100.10" and kept["A"]["after"]["amount"] == "200"
    assert kept["C"]["after"] is None and kept["entered-1"]["before"] is None
    assert json.dumps(detail)  # plain data

    back = undo(engine, done.entry_id, "Bob")
    assert rows(database) == three and not back.conflicts
    again = undo(engine, back.entry_id, "Bob")
    assert rows(database)["A"] == dearer and again.entry_id
    saves = last_saves(engine)
    assert [(own.actor, own.undoes, own.undone) for own in saves] == [
        ("Bob", back.entry_id, False), ("Bob", done.entry_id, True), ("Ann Lee", None, True),
    ]  # fmt: skip
    assert overtaken(engine) == []


def test_data_version_rises_with_a_save(database: Database, three: dict[str, Entry]) -> None:
    question = text("SELECT version FROM eql.data_version")
    with owner_engine(database).connect() as connection:
        before = connection.execute(question).scalar_one()
        save(app_engine(database), [Change(None, NEW)], "Ann")
        assert connection.execute(question).scalar_one() > before


def test_sent_twice_is_saved_once(database: Database, three: dict[str, Entry]) -> None:
    changes = [Change(None, NEW), Change(three["A"], replace(three["A"], category="other")), Change(three["B"], None)]
    first, second = (save(app_engine(database), changes, "Ann") for _ in range(2))
    assert first.entry_id and second.entry_id is None and not second.conflicts
    assert len(second.changes) == 3 and len(log(database)) == 1


def test_two_people_at_once(database: Database, three: dict[str, Entry]) -> None:
    engine = app_engine(database)
    ann, bob = (replace(three["A"], amount=Decimal(amount)) for amount in (1, 2))
    save(engine, [Change(three["A"], ann), Change(three["B"], None)], "Ann")
    dearer = replace(three["B"], amount=Decimal(9))
    late = save(engine, [Change(three["A"], bob), Change(three["B"], dearer), Change(None, NEW)], "Bob")
    assert [(own.change.cost_id, own.now) for own in late.conflicts] == [("A", ann), ("B", None)]
    assert [own.cost_id for own in late.changes] == ["entered-1"]
    assert rows(database)["A"] == ann and "B" not in rows(database)
    # Bob looks again and insists.
    assert not save(engine, [Change(ann, bob), Change(None, dearer)], "Bob").conflicts
    assert rows(database)["A"].amount == 2


def test_undo_leaves_what_somebody_changed_since(database: Database, three: dict[str, Entry]) -> None:
    engine = app_engine(database)
    ann = replace(three["A"], amount=Decimal(1))
    done = save(engine, [Change(three["A"], ann), Change(three["C"], None)], "Ann")
    bob = replace(ann, amount=Decimal(2))
    save(engine, [Change(ann, bob)], "Bob")
    back = undo(engine, done.entry_id, "Ann")
    assert [own.now for own in back.conflicts] == [bob]
    assert rows(database)["A"] == bob and rows(database)["C"] == three["C"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"category": None}, "Choose what the cost was for."),
        ({"category": "seats"}, "Choose what the cost was for."),
        (
            {"period_start": None},
            "Type the first day again: it is empty, cannot be read, or lies outside 1990 to 2199.",
        ),
        ({"period_end": None}, "Type the last day again: it is empty, cannot be read, or lies outside 1990 to 2199."),
        (
            {"period_start": None, "period_end": None},
            "Type the first and last day again: they are empty, cannot be read, or lie outside 1990 to 2199.",
        ),
        ({"period_end": date(2025, 6, 30)}, "Its last day, 2025-06-30, lies before its first, 2025-07-01."),
        ({"period_start": date(1890, 1, 1)}, "Its days lie outside 1990 to 2199."),
        ({"period_end": date(201, 7, 31)}, "Its days lie outside 1990 to 2199."),
        ({"period_start": date(9999, 1, 1)}, "Its days lie outside 1990 to 2199."),
        ({"period_end": date(2065, 1, 1)}, "It covers more than ten years: check its first and last day."),
        ({"amount": None}, "Fill in the amount; a refund is negative."),
        ({"amount": Decimal("NaN")}, "Fill in the amount; a refund is negative."),
        ({"amount": Decimal("1e16")}, "Its amount has too many digits."),
        ({"amount": Decimal("1.001")}, "Its amount has fractions of a cent."),
        ({"currency": None}, "Name its currency by three capitals, such as USD."),
        ({"currency": "usd"}, "Name its currency by three capitals, such as USD."),
        ({"channel": " "}, "Its channel holds blanks or signs that cannot be seen: type it again."),
        ({"channel": "x" * 121}, "A channel's name may have 120 signs."),
        ({"partner_id": "P9"}, "There is no partner P9 any more: choose another one, or none."),
    ],
)
def test_a_wrong_row_keeps_all_rows_out(
    database: Database, three: dict[str, Entry], wrong: dict[str, object], said: str
) -> None:
    bad = replace(NEW, cost_id="entered-2", **wrong)
    assert trouble(bad) == said or "partner" in said
    with pytest.raises(UserError) as caught:
        save(app_engine(database), [Change(None, NEW), Change(None, bad)], "Ann")
    assert str(caught.value) == said
    assert rows(database) == three and log(database) == []


def test_nobody_saves_without_a_name(database: Database, three: dict[str, Entry]) -> None:
    with pytest.raises(UserError, match="fill in your name"):
        save(app_engine(database), [Change(None, NEW)], " \x00 ")
    assert rows(database) == three


def test_a_row_about_a_simulated_partner_goes_with_the_simulated_company(database: Database) -> None:
    company = Company()
    company.add_partner("S", source="simulated")
    company.write(owner_engine(database))
    own = replace(NEW, cost_id="entered-2", partner_id="S")
    save(app_engine(database), [Change(None, NEW), Change(None, own)], "Ann")
    found = rows(database)
    assert (found["entered-1"].source, found["entered-2"].source) == ("entered", "simulated")
    save(app_engine(database), [Change(found["entered-2"], replace(own, partner_id=None))], "Ann")
    assert rows(database)["entered-2"].source == "entered"


def test_nobody_answers(database: Database, three: dict[str, Entry]) -> None:
    with owner_engine(database).begin() as other:
        other.execute(text("SELECT FROM eql.cost WHERE cost_id = 'A' FOR UPDATE"))
        with pytest.raises(DatabaseUnavailable, match="nothing was saved"):
            save(app_engine(database), [Change(three["A"], None), Change(None, NEW)], "Ann")
    assert rows(database) == three
