"""Do drafts stay with their partner, whatever is sorted, filtered or saved by somebody else meanwhile?"""

from __future__ import annotations

from datetime import UTC, datetime

from dashboard.metrics.suggestion import Suggestion
from dashboard.views.review_drafts import (
    Choice,
    Drawn,
    after_saving,
    complete,
    edited,
    saved_choice,
    suggested,
    to_save,
)
from dashboard.views.review_table import CODES
from data_access.decisions import WITHDRAWN, Decision

NOW = datetime(2025, 10, 1, tzinfo=UTC)
DRAWN = Drawn(("b", "a", "c"), {"a": Choice("keep", 5.0, "so", seen=7)})


def test_an_edit_belongs_to_the_partner_in_that_row_and_remembers_what_was_seen() -> None:
    found = edited({}, DRAWN, {0: {"decision": "Double"}, 1: {"budget": 12.345}}, CODES)
    assert found == {"b": Choice("double"), "a": Choice("keep", 12.35 if round(12.345, 2) == 12.35 else 12.34, "so", 7)}


def test_what_comes_back_to_the_saved_state_is_no_draft() -> None:
    found = edited({}, DRAWN, {1: {"note": "other"}}, CODES)
    assert found["a"].note == "other"
    assert edited(found, DRAWN, {1: {"note": " so "}}, CODES) == {}


def test_what_somebody_saves_meanwhile_is_still_a_conflict() -> None:
    first = edited({}, DRAWN, {1: {"decision": "End"}}, CODES)
    later = Drawn(DRAWN.order, {"a": Choice("double", seen=9)})
    assert edited(first, later, {1: {"decision": "End", "note": "x"}}, CODES)["a"].seen == 7


def test_a_budget_without_a_decision_waits_and_a_cleared_decision_is_withdrawn() -> None:
    drafts = edited({}, DRAWN, {0: {"budget": 3}, 1: {"decision": None, "budget": None, "note": None}}, CODES)
    assert set(complete(drafts)) == {"a"}
    (own,) = to_save(drafts, {"a": {"rank": 1}, "b": {}})
    assert (own.partner_id, own.decision, own.seen) == ("a", WITHDRAWN, 7)


def test_suggestions_fill_only_what_is_empty() -> None:
    offered = {"a": Suggestion.END, "b": Suggestion.DOUBLE}
    found = suggested({"b": Choice(budget=4.0)}, DRAWN, offered)
    assert found == {"b": Choice("double", 4.0)}  # a is decided, c has no suggestion


def test_after_saving_conflicts_stay_and_know_the_newer_row() -> None:
    drafts = {"a": Choice("end", seen=7), "b": Choice("keep")}
    assert after_saving(drafts, ["b"], {"a": 11}) == {"a": Choice("end", seen=11)}


def test_a_withdrawn_decision_shows_as_none_but_was_seen() -> None:
    made = Decision(3, "a", "2025-Q3", WITHDRAWN, None, None, {}, "Ann", NOW)
    assert saved_choice(made) == Choice(seen=3)
    assert saved_choice(None) == Choice()
