"""Which cost rows are there, and how are they changed by hand so that nothing is lost and everybody can see who did it?

A save is one transaction with one line in the audit log, which holds every row before and after. Rows added by hand
have the source `entered` (`simulated` where they name a partner of the simulated company, with which they go). A row
that was changed by hand belongs to no import batch any more: taking back the import that brought it leaves it alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from dashboard.domain import UserError
from data_access.cost_entry import ENTERED, Change, Entry, entry_of, plain, trouble
from data_access.engine import read_frame
from data_access.signed_writes import audit, signed, writing
from data_access.version import SIMULATED

COST_LOCK = 4_591_007  # any constant; migrations, importers, decisions and the other signed writes use others
PAGE_ROWS = 200
MOST_CHANGES = 5_000
SAVE, UNDO, KEEP = "save costs", "undo costs", "keep costs"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A change that was not made, since the row is not as its author saw it: `now` it is this (None: it is gone)."""

    change: Change
    now: Entry | None


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of changes. `entry_id`: the line in the log, by which they can be taken back; None: nothing to do."""

    entry_id: int | None
    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are looked for: all of what is not None.

    `first_day` … `end_day` (excluded): rows with a day in it. `whose`: `overhead`, `channels`, `partners`, or the key
    of a partner as `=P0001`. `words`: all of them occur in channel, category, source, key or partner's name.
    """

    first_day: date | None = None
    end_day: date | None = None
    categories: tuple[str, ...] = ()
    whose: str | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of rows, the newest first, and how many there are on all pages."""

    rows: tuple[Entry, ...]
    total: int


_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "cost_id": pl.String,
    "partner_id": pl.String,
    "channel": pl.String,
    "category": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "amount": pl.String,
    "currency": pl.String,
    "source": pl.String,
    "batch_id": pl.Int64,
}
_COLUMNS = (
    "c.cost_id, c.partner_id, c.channel, c.category, c.period_start, c.period_end, c.amount::text AS amount, "
    "c.currency, c.source, c.batch_id"
)
_FOUND = """
FROM eql.cost c LEFT JOIN eql.partner p ON p.partner_id = c.partner_id
WHERE (CAST(:first_day AS date) IS NULL OR c.period_end >= :first_day)
  AND (CAST(:end_day AS date) IS NULL OR c.period_start < :end_day)
  AND (cardinality(CAST(:categories AS text[])) = 0 OR c.category = ANY(:categories))
  AND (CAST(:whose AS text) IS NULL
       OR (:whose = 'overhead' AND c.partner_id IS NULL AND c.channel IS NULL)
       OR (:whose = 'channels' AND c.partner_id IS NULL AND c.channel IS NOT NULL)
       OR (:whose = 'partners' AND c.partner_id IS NOT NULL)
       OR '=' || c.partner_id = :whose)
  AND NOT EXISTS (
      SELECT FROM unnest(CAST(:words AS text[])) AS word
      WHERE position(word IN lower(concat_ws(' ', c.channel, c.category, c.source, c.cost_id, p.name))) = 0)
"""
_PAGE = f"SELECT {_COLUMNS} {_FOUND} ORDER BY c.period_start DESC, c.cost_id LIMIT :limit OFFSET :offset"
_COUNT = f"SELECT count(*) AS total {_FOUND}"
_NOW = f"SELECT {_COLUMNS} FROM eql.cost c WHERE c.cost_id = ANY(:ids) ORDER BY c.cost_id FOR UPDATE"
_CURRENCIES = """
SELECT currency FROM eql.fx_rate WHERE base = :currency
UNION SELECT currency FROM eql.cost WHERE currency IS NOT NULL ORDER BY 1
"""
_CHANNELS = "SELECT DISTINCT channel FROM eql.cost WHERE channel IS NOT NULL ORDER BY 1"

_DELETE = "DELETE FROM eql.cost WHERE cost_id = :cost_id"
_INSERT = """
INSERT INTO eql.cost (cost_id, partner_id, channel, category, period_start, period_end, amount, currency, source,
                      batch_id)
VALUES (:cost_id, :partner_id, :channel, :category, :period_start, :period_end, :amount, :currency, :source, :batch_id)
"""
_UPDATE = """
UPDATE eql.cost
SET partner_id = :partner_id, channel = :channel, category = :category, period_start = :period_start,
    period_end = :period_end, amount = :amount, currency = :currency, source = :source, batch_id = :batch_id
WHERE cost_id = :cost_id
"""


# Reading


def entries(engine: Engine, wanted: Wanted, page: int = 0) -> Listed:
    """One page of PAGE_ROWS rows, the one that begins last first; pages count from 0."""
    values: dict[str, object] = {
        "first_day": wanted.first_day,
        "end_day": wanted.end_day,
        "categories": list(wanted.categories),
        "whose": wanted.whose,
        "words": wanted.words.lower().replace("\x00", "").split(),
        "limit": PAGE_ROWS,
        "offset": page * PAGE_ROWS,
    }
    total = int(read_frame(engine, _COUNT, values, {"total": pl.Int64}).item())
    frame = read_frame(engine, _PAGE, values, _SCHEMA)
    return Listed(tuple(entry_of(row) for row in frame.iter_rows(named=True)), total)


def currencies(engine: Engine, reporting: str) -> tuple[str, ...]:
    """Currencies with a rate or a cost, the reporting currency first."""
    found = read_frame(engine, _CURRENCIES, {"currency": reporting}, {"currency": pl.String})["currency"].to_list()
    return tuple(dict.fromkeys([reporting, *found]))


def cost_channels(engine: Engine) -> tuple[str, ...]:
    """The channels that cost rows name, by name."""
    return tuple(read_frame(engine, _CHANNELS, {}, {"channel": pl.String})["channel"].to_list())


# Writing


def save(engine: Engine, changes: Sequence[Change], author: str) -> Saved:
    """Makes every change whose row is still as its author saw it, all at once, and notes who made them.

    A row that is as it shall be already counts as saved: sent twice, a save is made once. UserError: no name, a row
    that is not sound, too many rows, or a partner that is gone; DatabaseUnavailable: nothing is known saved.
    """
    _refuse(changes)
    with writing(engine, COST_LOCK) as connection:
        return apply(connection, changes, signed(author), SAVE, {})


def undo(engine: Engine, entry_id: int, author: str) -> Saved:
    """Takes back what a line of the log did; rows that somebody changed since stay, as conflicts. Raises as `save`.

    The rows come back as they were, with their source and, unless that import was taken back since, its batch.
    """
    actor = signed(author)
    with writing(engine, COST_LOCK) as connection:
        done = connection.execute(
            text("SELECT detail FROM eql.audit_log WHERE entry_id = :entry AND action IN (:save, :undo)"),
            {"entry": entry_id, "save": SAVE, "undo": UNDO},
        ).scalar_one_or_none()
        if done is None:
            raise UserError("There is nothing to take back under this number.")
        back = [Change(own.after, own.before) for own in logged(done)]
        return apply(connection, back, actor, UNDO, {"undoes": entry_id}, as_it_was=True)


def logged(detail: Mapping[str, Any]) -> list[Change]:
    """The changes that a line of the log holds."""
    return [
        Change(*(entry_of(row[side]) if row[side] else None for side in ("before", "after"))) for row in detail["rows"]
    ]


def apply(
    connection: Connection,
    changes: Sequence[Change],
    actor: str,
    action: str,
    detail: Mapping[str, Any],
    *,
    as_it_was: bool = False,
) -> Saved:
    """Makes the changes within the transaction that holds COST_LOCK; `as_it_was`: rows keep their source and batch."""
    now = _locked(connection, [own.cost_id for own in changes])
    todo, conflicts, done = [], [], []
    for change in changes:
        there = now.get(change.cost_id)
        if there == change.after or (change.after is not None and change.after.says_the_same(there)):
            done.append(change)
        elif there is None if change.before is None else change.before.says_the_same(there):
            todo.append(Change(there, change.after))
        else:
            conflicts.append(Conflict(change, there))
    made = _written(connection, todo, as_it_was)
    entry_id = None
    if made:
        rows = [{"before": plain(own.before), "after": plain(own.after)} for own in made]
        audit(connection, actor, action, "costs", {**detail, "rows": rows})
        # Nobody else writes such a line while the lock is held.
        newest = "SELECT max(entry_id) FROM eql.audit_log WHERE action = :action AND actor = :actor"
        entry_id = connection.execute(text(newest), {"action": action, "actor": actor}).scalar_one()
    return Saved(entry_id, (*made, *done), tuple(conflicts))


def _refuse(changes: Sequence[Change]) -> None:
    if len(changes) > MOST_CHANGES:
        raise UserError(f"A save may hold {MOST_CHANGES:,} rows: discard some, save, and go on.")
    for change in changes:
        if change.after is not None and (found := trouble(change.after)):
            raise UserError(found)


def _locked(connection: Connection, ids: Collection[str]) -> dict[str, Entry]:
    """The rows as they are, which nobody can change until the transaction ends."""
    rows = connection.execute(text(_NOW), {"ids": list(ids)}).mappings()
    return {row["cost_id"]: entry_of(dict(row)) for row in rows}


def _written(connection: Connection, changes: Sequence[Change], as_it_was: bool) -> list[Change]:
    simulated = _known_partners(connection, changes)
    living = _living_batches(connection, changes) if as_it_was else frozenset()
    made = []
    for change in changes:
        after = change.after
        if after is not None:
            source = after.source if as_it_was else _source(after, simulated)
            batch = after.batch_id if after.batch_id in living else None
            after = replace(after, source=source, batch_id=batch)
        made.append(Change(change.before, after))
    for statement, some in (
        (_DELETE, [{"cost_id": own.cost_id} for own in made if own.after is None]),
        (_UPDATE, [asdict(own.after) for own in made if own.before and own.after]),
        (_INSERT, [asdict(own.after) for own in made if own.before is None and own.after]),
    ):
        if some:
            try:
                connection.execute(text(statement), some)
            except IntegrityError:
                raise UserError("A partner of these rows went away just now: look again, and save again.") from None
    return made


def _known_partners(connection: Connection, changes: Sequence[Change]) -> frozenset[str]:
    """The partners of the simulated company among those named; UserError where one named is not there (any more)."""
    named = {own.after.partner_id for own in changes if own.after and own.after.partner_id}
    rows = connection.execute(
        text("SELECT partner_id, source FROM eql.partner WHERE partner_id = ANY(:ids)"),
        {"ids": sorted(named)},
    ).all()
    if gone := named - {partner for partner, _ in rows}:
        raise UserError(f"There is no partner {min(gone)} any more: choose another one, or none.")
    return frozenset(partner for partner, source in rows if source == SIMULATED)


def _living_batches(connection: Connection, changes: Sequence[Change]) -> frozenset[int]:
    named = {own.after.batch_id for own in changes if own.after and own.after.batch_id}
    question = "SELECT batch_id FROM eql.import_batch WHERE batch_id = ANY(:ids) AND undone_at IS NULL"
    return frozenset(connection.execute(text(question), {"ids": sorted(named)}).scalars())


def _source(entry: Entry, simulated: frozenset[str]) -> str:
    if entry.partner_id in simulated:
        return SIMULATED
    return ENTERED if entry.cost_id.startswith(ENTERED) else entry.source
