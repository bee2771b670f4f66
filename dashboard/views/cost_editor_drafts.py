"""Which changes of costs were typed and not saved yet? Kept apart from the table, whatever is filtered or leafed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from dashboard.metrics.cost_table import CATEGORIES
from data_access.cost_entries import Conflict
from data_access.cost_entry import FIRST_DAY, LAST_DAY, Change, Entry, trouble

EDITABLE = ("partner_id", "channel", "category", "period_start", "period_end", "amount", "currency")


@dataclass(frozen=True, slots=True)
class Edit:
    """A saved row as it was seen, and as it shall be (None: deleted)."""

    seen: Entry
    now: Entry | None


@dataclass(frozen=True, slots=True)
class Drafts:
    """What is to be saved: rows to be added, in their order, and edits of saved rows, both by cost_id."""

    added: Mapping[str, Entry] = field(default_factory=dict)
    edits: Mapping[str, Edit] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.added or self.edits)

    @property
    def changes(self) -> list[Change]:
        """All of it, as it is handed to the database."""
        fresh = [Change(None, entry) for entry in self.added.values()]
        return fresh + [Change(own.seen, own.now) for own in self.edits.values()]


NO_DRAFTS = Drafts()


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the editor showed when it was drawn: rows from top to bottom, the saved ones as they were seen.

    `blank`: what a new row holds before anything is typed into it; `key` makes the keys of new rows.
    """

    order: tuple[str, ...]
    saved: Mapping[str, Entry]
    blank: Entry
    key: Callable[[int], str]


def shown(rows: Sequence[Entry], drafts: Drafts) -> list[Entry]:
    """The rows of the table: those to be added on top, then the saved ones with their edits; deleted ones are gone."""
    edited = [drafts.edits[row.cost_id].now if row.cost_id in drafts.edits else row for row in rows]
    return [*drafts.added.values(), *(row for row in edited if row is not None)]


def typed(base: Drafts, drawn: Drawn, state: Mapping[str, Any]) -> Drafts:
    """The drafts after what the table's widget holds: `edited_rows`, `added_rows` and `deleted_rows` by place.

    `base` are the drafts that the table was drawn with; what comes back to what is saved is no draft any more, and a
    new row in which nothing was typed is none.
    """
    added, edits = dict(base.added), dict(base.edits)
    for place, values in state.get("edited_rows", {}).items():
        cost_id = drawn.order[int(place)]
        if cost_id in added:
            added[cost_id] = changed(added[cost_id], values)
        else:
            _edit(edits, drawn.saved[cost_id], values)
    for place in state.get("deleted_rows", ()):
        cost_id = drawn.order[int(place)]
        if cost_id in added:
            del added[cost_id]
        else:
            seen = edits[cost_id].seen if cost_id in edits else drawn.saved[cost_id]
            edits[cost_id] = Edit(seen, None)
    for number, values in enumerate(state.get("added_rows", ())):
        entry = changed(replace(drawn.blank, cost_id=drawn.key(number)), values)
        if entry != replace(drawn.blank, cost_id=entry.cost_id):
            added[entry.cost_id] = entry
    return Drafts(added, edits)


def untouched(drawn: Drawn, state: Mapping[str, Any]) -> int:
    """How many of the table's new rows hold nothing but what every new row holds."""
    return sum(changed(drawn.blank, values) == drawn.blank for values in state.get("added_rows", ()))


def _edit(edits: dict[str, Edit], saved: Entry, values: Mapping[str, Any]) -> None:
    own = edits.get(saved.cost_id, Edit(saved, saved))
    now = changed(own.now or own.seen, values)
    if now.says_the_same(own.seen):
        edits.pop(saved.cost_id, None)
    else:
        edits[saved.cost_id] = Edit(own.seen, now)


def changed(entry: Entry, values: Mapping[str, Any]) -> Entry:
    """The row with what was typed; what cannot be read is as if it had been left empty."""
    read: dict[str, Any] = {name: _READ[name](value) for name, value in values.items() if name in EDITABLE}
    return replace(entry, **read)


def _text(value: object) -> str | None:
    return (str(value).strip() or None) if value is not None else None


def _category(value: object) -> str | None:
    return str(value) if value in CATEGORIES else None


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10]) if value is not None else None
    except ValueError:
        return None


def _amount(value: object) -> Decimal | None:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    try:
        return round(Decimal(str(value)), 2)
    except InvalidOperation:
        return None


def _currency(value: object) -> str | None:
    found = _text(value)
    return found.upper() if found else None


_READ: Mapping[str, Callable[[object], object]] = {
    "partner_id": _text,
    "channel": _text,
    "category": _category,
    "period_start": _day,
    "period_end": _day,
    "amount": _amount,
    "currency": _currency,
}


def with_rows(drafts: Drafts, rows: Sequence[Entry]) -> Drafts:
    """The drafts with rows to be added besides, on top."""
    return replace(drafts, added={row.cost_id: row for row in rows} | dict(drafts.added))


def troubles(drafts: Drafts) -> list[tuple[Entry, str]]:
    """The rows that cannot be saved as they are, each with what is wrong in one sentence."""
    rows = [change.after for change in drafts.changes if change.after is not None]
    return [(row, found) for row in rows if (found := trouble(row))]


_YEARS = f"{FIRST_DAY.year} to {LAST_DAY.year}"  # a day that no calendar holds comes as an empty one
# In the order of the table's columns.
_NEEDED = {
    "category": "category",
    "amount": "amount",
    "currency": "currency",
    "period_start": f"first day ({_YEARS})",
    "period_end": f"last day ({_YEARS})",
}


def empty_fields(drafts: Drafts) -> dict[str, int]:
    """In how many rows that are to be saved each field is empty that must not be; by name, without fields in none."""
    rows = [change.after for change in drafts.changes if change.after is not None]
    found = {name: sum(getattr(row, field) is None for row in rows) for field, name in _NEEDED.items()}
    return {name: number for name, number in found.items() if number}


def after_saving(drafts: Drafts, done: Sequence[Change], conflicts: Sequence[Conflict]) -> Drafts:
    """The drafts that stay: without what was saved; of rows in conflict the one that is there now has been seen.

    A change of a row that is gone becomes a row to be added; a deletion of one that is gone is done.
    """
    saved = {change.cost_id for change in done}
    added = {key: own for key, own in drafts.added.items() if key not in saved}
    edits = {key: own for key, own in drafts.edits.items() if key not in saved}
    for conflict in conflicts:
        key, after = conflict.change.cost_id, conflict.change.after
        edits.pop(key, None)
        if conflict.now is not None:
            edits[key] = Edit(conflict.now, after)
            added.pop(key, None)
        elif after is not None:
            added[key] = after
    return Drafts(added, edits)
