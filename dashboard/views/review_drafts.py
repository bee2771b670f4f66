"""Which decisions were made on screen and not saved yet? Kept apart from the table, whatever is sorted or filtered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashboard.metrics.suggestion import Suggestion
from data_access.decisions import WITHDRAWN, Decision, Draft, Numbers


@dataclass(frozen=True, slots=True)
class Choice:
    """What stands in the editable columns of one partner; `seen` is the saved row that they were chosen over."""

    decision: str | None = None
    budget: float | None = None
    note: str | None = None
    seen: int | None = None

    def says_the_same(self, other: Choice) -> bool:
        """Whether both decide the same, whatever they were chosen over."""
        return replace(self, seen=None) == replace(other, seen=None)


NOTHING_CHOSEN = Choice()


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the editor showed when it was drawn: its partners from top to bottom, and what was saved about them."""

    order: tuple[str, ...]
    saved: Mapping[str, Choice]


def saved_choice(made: Decision | None) -> Choice:
    """What is saved, as the table shows it; nothing after a withdrawal, but that was seen."""
    if made is None:
        return NOTHING_CHOSEN
    if made.decision == WITHDRAWN:
        return Choice(seen=made.decision_id)
    return Choice(made.decision, made.budget, made.note, made.decision_id)


def edited(
    drafts: Mapping[str, Choice], drawn: Drawn, rows: Mapping[int, Mapping[str, Any]], codes: Mapping[str, str]
) -> dict[str, Choice]:
    """The drafts after edits: `rows` by their place in the table, with the columns decision, budget and note.

    `codes` says which decision a label stands for. What comes back to what is saved is no draft any more.
    """
    found = dict(drafts)
    for place, values in rows.items():
        key = drawn.order[int(place)]
        saved = drawn.saved.get(key, NOTHING_CHOSEN)
        choice = _changed(found.get(key, saved), values, codes)
        if choice.says_the_same(saved):
            found.pop(key, None)
        else:
            found[key] = choice
    return found


def _changed(choice: Choice, values: Mapping[str, Any], codes: Mapping[str, str]) -> Choice:
    if "decision" in values:
        choice = replace(choice, decision=codes.get(values["decision"]))
    if "budget" in values:
        choice = replace(choice, budget=None if values["budget"] is None else round(float(values["budget"]), 2))
    if "note" in values:
        choice = replace(choice, note=(values["note"] or "").strip() or None)
    return choice


def suggested(drafts: Mapping[str, Choice], drawn: Drawn, suggestions: Mapping[str, Suggestion]) -> dict[str, Choice]:
    """The drafts with the suggestion wherever nothing is decided yet."""
    found = dict(drafts)
    for key in drawn.order:
        choice = found.get(key, drawn.saved.get(key, NOTHING_CHOSEN))
        if choice.decision is None and key in suggestions:
            found[key] = replace(choice, decision=suggestions[key].value)
    return found


def complete(drafts: Mapping[str, Choice]) -> dict[str, Choice]:
    """The drafts that can be saved: a decision was chosen, or a saved one was cleared."""
    return {key: own for key, own in drafts.items() if own.decision or (own.seen and not own.budget and not own.note)}


def to_save(drafts: Mapping[str, Choice], numbers: Mapping[str, Numbers]) -> list[Draft]:
    """What is handed to the database; clearing a saved decision withdraws it."""
    return [
        Draft(key, own.decision or WITHDRAWN, own.budget, own.note, numbers[key], own.seen)
        for key, own in complete(drafts).items()
    ]


def after_saving(drafts: Mapping[str, Choice], saved: Sequence[str], seen: Mapping[str, int]) -> dict[str, Choice]:
    """The drafts that stay: without the saved ones; of those in conflict the newer row is now seen."""
    return {key: replace(own, seen=seen.get(key, own.seen)) for key, own in drafts.items() if key not in saved}
