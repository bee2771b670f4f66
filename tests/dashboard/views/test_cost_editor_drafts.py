"""Is what was typed kept exactly, whatever the table is filtered by, and is nothing taken for a change that is none?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.views.cost_editor_drafts import (
    NO_DRAFTS,
    Drafts,
    Drawn,
    Edit,
    after_saving,
    changed,
    empty_fields,
    shown,
    troubles,
    typed,
    untouched,
    with_rows,
)
from dashboard.views.cost_editor_words import still_missing
from data_access.cost_entries import Conflict
from data_access.cost_entry import Change, Entry

A = Entry("A", "P", None, "content", date(2025, 7, 1), date(2025, 7, 31), Decimal("100.10"), "USD", "books", 3)
B = Entry("B", None, "paid", "media", date(2025, 7, 1), date(2025, 7, 31), Decimal("-5.00"), "EUR", "books", 3)
NEW = Entry("entered-0", None, None, "seat", date(2025, 7, 1), date(2025, 7, 31), Decimal(7), "USD")
BLANK = Entry("", period_start=date(2025, 7, 1), period_end=date(2025, 9, 30), currency="USD")


def drawn(drafts: Drafts = NO_DRAFTS, rows: tuple[Entry, ...] = (A, B)) -> Drawn:
    order = tuple(row.cost_id for row in shown(rows, drafts))
    return Drawn(order, {row.cost_id: row for row in rows}, BLANK, lambda number: f"entered-x{number}")


def test_edits_additions_and_deletions() -> None:
    found = typed(
        NO_DRAFTS,
        drawn(),
        {
            "edited_rows": {0: {"amount": 200.5, "partner_id": None, "channel": " events "}},
            "deleted_rows": [1],
            "added_rows": [{"category": "people", "amount": 3, "period_end": "2025-08-31", "currency": "eur"}, {}],
        },
    )
    edited = replace(A, amount=Decimal("200.5"), partner_id=None, channel="events")
    fresh = replace(BLANK, cost_id="entered-x0", category="people", amount=Decimal(3), period_end=date(2025, 8, 31),
                    currency="EUR")  # fmt: skip
    assert found == Drafts({"entered-x0": fresh}, {"A": Edit(A, edited), "B": Edit(B, None)})
    assert found.changes == [Change(None, fresh), Change(A, edited), Change(B, None)]
    # The same state again changes nothing: the widget tells all of it every time.
    assert shown([A, B], found) == [fresh, edited]


def test_what_comes_back_is_no_draft() -> None:
    base = Drafts({}, {"A": Edit(A, replace(A, amount=Decimal(1)))})
    found = typed(base, drawn(base), {"edited_rows": {0: {"amount": 100.1}}})
    assert found == NO_DRAFTS and not found
    assert typed(NO_DRAFTS, drawn(), {"edited_rows": {1: {"amount": -5.0}}}) == NO_DRAFTS


def test_drafts_of_rows_that_are_not_on_this_leaf_stay() -> None:
    base = Drafts({"entered-0": NEW}, {"A": Edit(A, replace(A, amount=Decimal(1)))})
    table = drawn(base, (B,))
    assert table.order == ("entered-0", "B")
    found = typed(base, table, {"edited_rows": {0: {"amount": 8}, 1: {"currency": "USD"}}})
    assert found.added["entered-0"].amount == 8 and found.edits["A"] == base.edits["A"]
    assert found.edits["B"].now.currency == "USD"
    assert typed(base, table, {"deleted_rows": [0]}).added == {}


def test_a_row_that_somebody_changed_keeps_what_was_seen() -> None:
    base = Drafts({}, {"A": Edit(A, replace(A, amount=Decimal(1)))})
    theirs = replace(A, amount=Decimal(9))
    found = typed(base, drawn(base, (theirs,)), {"edited_rows": {0: {"category": "other"}}})
    assert found.edits["A"] == Edit(A, replace(A, amount=Decimal(1), category="other"))


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("amount", None, None),
        ("amount", float("nan"), None),
        ("amount", 0.1 + 0.2, Decimal("0.30")),
        ("amount", "12.345", Decimal("12.34")),
        ("amount", "ten", None),
        ("period_start", "2025-02-30", None),
        ("period_start", "60801-02-02", None),
        ("period_start", "+060801-02-02", None),
        ("period_start", "12025-01-01", None),
        ("period_start", "2025-02-03T00:00:00.000", date(2025, 2, 3)),
        ("period_start", None, None),
        ("channel", "  ", None),
        ("category", "nothing known", None),
        ("currency", "", None),
        ("source", "forged", "books"),
        ("cost_id", "forged", "A"),
    ],
)
def test_what_is_typed_is_read_or_left_empty(name: str, value: object, read: object) -> None:
    assert getattr(changed(A, {name: value}), name) == read


def test_wrong_rows_are_named_and_deletions_are_never_wrong() -> None:
    wrong = replace(NEW, amount=None)
    found = troubles(Drafts({"entered-0": wrong}, {"A": Edit(A, None), "B": Edit(B, replace(B, currency=None))}))
    assert [(row.cost_id, said) for row, said in found] == [
        ("entered-0", "Fill in the amount; a refund is negative."),
        ("B", "Name its currency by three capitals, such as USD."),
    ]


def test_a_day_that_no_calendar_holds_is_told_apart_from_the_others() -> None:
    found = typed(NO_DRAFTS, drawn(), {"edited_rows": {0: {"period_end": "60801-02-02"}}})
    assert empty_fields(found) == {"last day (1990 to 2199)": 1}
    ((row, said),) = troubles(found)
    assert (row.cost_id, said) == (
        "A",
        "Type the last day again: it is empty, cannot be read, or lies outside 1990 to 2199.",
    )


def test_what_is_still_missing_is_said() -> None:
    assert untouched(drawn(), {"added_rows": [{}, {"amount": 3}, {"amount": None}]}) == 2
    assert still_missing(NO_DRAFTS, 0, True).startswith("Nothing to save yet: change a cell")
    assert still_missing(NO_DRAFTS, 1, True).startswith("The new row is empty: choose a category and type an amount")
    assert still_missing(NO_DRAFTS, 2, True).startswith("The 2 new rows are empty")
    added = typed(NO_DRAFTS, drawn(), {"added_rows": [{"amount": 3, "currency": ""}, {"category": "people"}]})
    assert empty_fields(added) == {"category": 1, "amount": 1, "currency": 1}
    assert still_missing(Drafts({"entered-0": NEW}, {"A": Edit(A, None)}), 0, True) == ""
    said = still_missing(Drafts({}, {"A": Edit(A, replace(A, amount=None))}), 1, False).replace("\u202f", " ")
    assert said == "Before this can be saved, fill in: amount in 1 row and your name."


def test_after_saving_only_what_is_in_conflict_stays_with_what_is_there_now() -> None:
    mine, theirs = replace(A, amount=Decimal(1)), replace(A, amount=Decimal(9))
    drafts = Drafts({"entered-0": NEW}, {"A": Edit(A, mine), "B": Edit(B, None)})
    done = [Change(None, NEW), Change(B, None)]
    assert after_saving(drafts, done, [Conflict(Change(A, mine), theirs)]) == Drafts({}, {"A": Edit(theirs, mine)})
    # The row is gone: one's own becomes a row to be added, a deletion is done.
    assert after_saving(drafts, done, [Conflict(Change(A, mine), None)]) == Drafts({"A": mine}, {})
    assert after_saving(Drafts({}, {"A": Edit(A, None)}), [], [Conflict(Change(A, None), None)]) == NO_DRAFTS
    assert after_saving(Drafts({}, {"A": Edit(A, None)}), [], [Conflict(Change(A, None), theirs)]) == Drafts(
        {}, {"A": Edit(theirs, None)}
    )


def test_rows_from_a_form_stand_on_top() -> None:
    other = replace(NEW, cost_id="entered-1")
    assert list(with_rows(Drafts({"entered-0": NEW}), [other]).added) == ["entered-1", "entered-0"]


ROWS = st.lists(st.sampled_from("ABCDEFGH"), unique=True, max_size=8)


@given(ROWS, st.data())
def test_nothing_typed_is_lost_when_the_table_is_drawn_anew(keys: list[str], data: st.DataObject) -> None:
    rows = tuple(replace(A, cost_id=key) for key in keys)
    places = st.integers(0, max(len(keys) - 1, 0))
    values = st.fixed_dictionaries({}, optional={"amount": st.integers(1, 99), "category": st.sampled_from(["seat"])})
    state = {
        "edited_rows": data.draw(st.dictionaries(places, values, max_size=4)) if keys else {},
        "deleted_rows": data.draw(st.lists(places, unique=True, max_size=3)) if keys else [],
        "added_rows": data.draw(st.lists(values, max_size=3)),
    }
    once = typed(NO_DRAFTS, drawn(NO_DRAFTS, rows), state)
    # Drawn anew, from all rows or from none of them, without a further key pressed: the same drafts.
    assert typed(once, drawn(once, rows), {}) == once == typed(once, drawn(once, ()), {})
    assert not {own.cost_id for own in shown(rows, once)} & {keys[place] for place in state["deleted_rows"]}
