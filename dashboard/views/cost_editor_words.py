"""What does the editor of costs say? Rows, what is wrong with them, conflicts and the log, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from dashboard import wording
from dashboard.views.cost_editor_drafts import Drafts, empty_fields, troubles
from data_access.cost_entries import Conflict
from data_access.cost_entries_log import Overtaken, SavedBefore
from data_access.cost_entry import Change, Entry

NAMED = 5  # so many rows are told one by one; of more, how many
AWAY = (
    "The database does not answer: costs can be neither read nor saved. What you typed stays here; the page goes on by "
    "itself."
)
Names = Mapping[str, str]


def row(entry: Entry, names: Names) -> str:
    """Which row that is: whose, what for, when."""
    whose = names.get(entry.partner_id, entry.partner_id) if entry.partner_id else entry.channel or "overhead"
    what = [str(whose), wording.label(entry.category) if entry.category else "no category"]
    if entry.period_start:
        what.append(wording.period_name(f"{entry.period_start:%Y-%m}"))
    return ", ".join(what)


def amount(entry: Entry | None) -> str:
    """The row's amount in its own currency; `no row` where there is none."""
    if entry is None:
        return "no row"
    if entry.amount is None:
        return "no amount"
    return wording.money_exactly(float(entry.amount), entry.currency or "")


def to_be_saved(drafts: Drafts) -> str:
    """How many rows will be added, changed and deleted."""
    deleted = sum(own.now is None for own in drafts.edits.values())
    parts = [(len(drafts.added), "added"), (len(drafts.edits) - deleted, "changed"), (deleted, "deleted")]
    said = wording.enumeration([f"{wording.count(number)} {how}" for number, how in parts if number])
    return f"Not saved yet: {said}." if said else ""


def still_missing(drafts: Drafts, untouched: int, named: bool) -> str:
    """What is to be done before "Save" can save: why it is grey, or which fields are empty."""
    if not drafts and not untouched:
        return "Nothing to save yet: change a cell, or type into the empty line below the last row."
    if not drafts:
        rows = "The new row is" if untouched == 1 else f"The {wording.count(untouched)} new rows are"
        return f"{rows} empty: choose a category and type an amount, then save."
    missing = [f"{name} in {wording.several(number, 'row')}" for name, number in empty_fields(drafts).items()]
    missing += [] if named else ["your name"]
    return f"Before this can be saved, fill in: {wording.enumeration(missing)}." if missing else ""


def deletions(drafts: Drafts, names: Names) -> str:
    """Which rows a save would delete."""
    gone = [own.seen for own in drafts.edits.values() if own.now is None]
    return f"To be deleted: {_some([f'{row(own, names)} ({amount(own)})' for own in gone])}." if gone else ""


def wrong(drafts: Drafts, names: Names) -> list[str]:
    """One sentence for each row that cannot be saved as it is; of many, how many more."""
    found = troubles(drafts)
    said = [f"{wording.beginning(row(entry, names))}: {trouble}" for entry, trouble in found[:NAMED]]
    left = len(found) - NAMED
    return [*said, f"And {wording.several(left, 'more row')} cannot be saved yet."] if left > 0 else said


def unknown_channels(drafts: Drafts, known: Sequence[str | None]) -> str:
    """Which channels nobody has heard of: perhaps a slip of the pen."""
    named = {own.after.channel for own in drafts.changes if own.after and own.after.channel}
    fresh = sorted(named - set(known))
    if not fresh:
        return ""
    names = wording.enumeration([f"“{name}”" for name in fresh[:NAMED]])
    return f"No lead and no other cost names the channel {names}: check the spelling, or save it as a new one."


def unconverted(drafts: Drafts, currencies: Sequence[str]) -> str:
    """Which currencies have no rate."""
    named = {own.after.currency for own in drafts.changes if own.after and own.after.currency}
    fresh = sorted(named - set(currencies))
    if not fresh:
        return ""
    return f"There is no rate for {wording.enumeration(fresh[:NAMED])}: such a row is listed and in no sum."


def done(changes: Sequence[Change]) -> str:
    """What was saved."""
    return f"Saved {wording.several(len(changes), 'row')}."


def conflicts(found: Sequence[Conflict], names: Names) -> str:
    """Which rows somebody else changed since the table was drawn."""
    if not found:
        return ""
    said = [f"{row(_either(own), names)} (now {amount(own.now)})" for own in found]
    rows = "This row was" if len(found) == 1 else f"{wording.several(len(found), 'row was', 'rows were')}"
    return (
        f"{rows} not saved, since somebody changed {'it' if len(found) == 1 else 'them'} in the meantime: "
        f"{_some(said)}. What you typed is still here: save again to put it over that, or discard it."
    )


def not_taken_back(found: Sequence[Conflict], names: Names) -> str:
    """Which rows an undo left as they are."""
    if not found:
        return ""
    said = _some([f"{row(_either(own), names)} (now {amount(own.now)})" for own in found])
    return f"{wording.several(len(found), 'row was', 'rows were')} changed again since and left as now: {said}."


def _either(conflict: Conflict) -> Entry:
    found = conflict.change.after or conflict.change.before
    assert found is not None
    return found


def saved_before(found: Sequence[SavedBefore], names: Names, zone: str) -> dict[str, list[str]]:
    """The log as columns, the newest first."""
    return {
        "When": [wording.moment(own.at, zone) for own in found],
        "Who": [own.actor for own in found],
        "What": [what(own) for own in found],
        "Rows": [_some([change_in_words(change, names) for change in own.changes]) for own in found],
    }


def what(own: SavedBefore) -> str:
    """What a save did, in numbers."""
    added = sum(change.before is None for change in own.changes)
    deleted = sum(change.after is None for change in own.changes)
    parts = [(added, "added"), (len(own.changes) - added - deleted, "changed"), (deleted, "deleted")]
    said = wording.enumeration([f"{wording.count(number)} {how}" for number, how in parts if number])
    return f"{said}{', an undo' if own.undoes else ''}{', taken back' if own.undone else ''}"


def change_in_words(change: Change, names: Names) -> str:
    """One row before and after."""
    entry = change.after or change.before
    assert entry is not None
    if change.before is None:
        return f"{row(entry, names)}: {amount(change.after)} added"
    if change.after is None:
        return f"{row(entry, names)}: {amount(change.before)} deleted"
    if change.before.amount != change.after.amount or change.before.currency != change.after.currency:
        return f"{row(entry, names)}: {amount(change.before)} → {amount(change.after)}"
    return f"{row(change.before, names)} → {row(change.after, names)}"


def one_save(own: SavedBefore, zone: str) -> str:
    """A save in a list to choose from."""
    local = own.at.astimezone(ZoneInfo(zone))
    return f"{wording.day(local)} {local:%H:%M}, {own.actor}: {what(own)}"


def overtaken(found: Sequence[Overtaken], names: Names, zone: str) -> str:
    """What an import did to rows that were edited here."""
    said = []
    for own in found:
        entry = own.edited or own.now
        assert entry is not None
        edited = f"{own.actor} left {amount(own.edited)}, {wording.day(own.at.astimezone(ZoneInfo(zone)))}"
        said.append(f"{row(entry, names)} ({edited}; now {amount(own.now)})")
    rows = wording.several(len(found), "row that was edited here is", "rows that were edited here are")
    return f"{rows} not as that left {'it' if len(found) == 1 else 'them'}, since an import wrote there: {_some(said)}."


def _some(said: Sequence[str]) -> str:
    left = len(said) - NAMED
    return "; ".join([*said[:NAMED], *([f"and {wording.count(left)} more"] if left > 0 else [])])
