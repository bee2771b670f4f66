"""Which cost rows are there, and who changed them? Read afresh each time, since another person may just have saved."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.answers import answer, engine, look_again
from dashboard.settings import settings
from data_access import cost_entries as entry_reads
from data_access import cost_entries_log as log_reads
from data_access.cost_entries import Listed, Saved, Wanted
from data_access.cost_entries_log import Overtaken, SavedBefore
from data_access.cost_entry import Change


def listed(wanted: Wanted, page: int) -> Listed:
    """One page of the wanted rows; DatabaseUnavailable where nobody answers."""
    return entry_reads.entries(engine(), wanted, page)


def currencies() -> tuple[str, ...]:
    """Currencies to choose from, the reporting currency first."""
    return answer("cost currencies", lambda engine, instant: entry_reads.currencies(engine, settings().currency))


def cost_channels() -> tuple[str, ...]:
    """The channels that cost rows name."""
    return answer("cost channels", lambda engine, instant: entry_reads.cost_channels(engine))


def save(changes: Sequence[Change], author: str) -> Saved:
    """Makes changes; raises as `cost_entries.save` does."""
    return _seen_at_once(entry_reads.save(engine(), changes, author))


def undo(entry_id: int, author: str) -> Saved:
    """Takes a save back; raises as `cost_entries.undo` does."""
    return _seen_at_once(entry_reads.undo(engine(), entry_id, author))


def last_saves() -> list[SavedBefore]:
    """What was saved by hand, the newest first; DatabaseUnavailable where nobody answers."""
    return log_reads.last_saves(engine())


def overtaken() -> list[Overtaken]:
    """Rows that an import left otherwise than the page had; DatabaseUnavailable where nobody answers."""
    return log_reads.overtaken(engine())


def put_back(rows: Sequence[Overtaken], author: str) -> Saved:
    """Makes edits again that an import went over; raises as `cost_entries.save` does."""
    return _seen_at_once(log_reads.put_back(engine(), rows, author))


def keep(rows: Sequence[Overtaken], author: str) -> None:
    """Lets what an import wrote stand; raises as `cost_entries.save` does."""
    log_reads.keep(engine(), rows, author)


def _seen_at_once(saved: Saved) -> Saved:
    """What was saved; no page takes the data for those before it any more."""
    if saved.entry_id is not None:
        look_again()
    return saved
