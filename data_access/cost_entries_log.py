"""Who changed costs by hand, and which of these edits has an import gone over since?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import polars as pl
from sqlalchemy import Engine

from data_access.cost_entries import COST_LOCK, KEEP, SAVE, UNDO, Saved, logged, save
from data_access.cost_entry import Change, Entry, entry_of, plain
from data_access.engine import read_frame
from data_access.questions import Schema
from data_access.signed_writes import audit, signed, writing
from data_access.version import SIMULATED


@dataclass(frozen=True, slots=True)
class SavedBefore:
    """A line of the log: who, when (UTC), what; `undoes` the line that it took back, `undone` whether one took it."""

    entry_id: int
    actor: str
    at: datetime
    changes: tuple[Change, ...]
    undoes: int | None
    undone: bool


@dataclass(frozen=True, slots=True)
class Overtaken:
    """A row that is not as the page left it: `edited` by `actor` at `at` (None: deleted), and `now` (None: gone)."""

    cost_id: str
    edited: Entry | None
    now: Entry | None
    actor: str
    at: datetime


_SAVES = """
SELECT a.entry_id, a.actor, a.at, a.detail::text AS detail, (a.detail ->> 'undoes')::bigint AS undoes,
       EXISTS (SELECT FROM eql.audit_log b WHERE b.action = :undo AND (b.detail ->> 'undoes')::bigint = a.entry_id)
           AS undone
FROM eql.audit_log a WHERE a.action IN (:save, :undo) ORDER BY a.entry_id DESC LIMIT :limit
"""
_SAVES_SCHEMA: Schema = {
    "entry_id": pl.Int64,
    "actor": pl.String,
    "at": pl.Datetime("us", "UTC"),
    "detail": pl.String,
    "undoes": pl.Int64,
    "undone": pl.Boolean,
}

# Only the page and imports write costs: a row that is not as the page left it was written by an import.
_LAST = """
SELECT l.cost_id, l.edited::text AS edited, l.actor, l.at,
       (SELECT to_jsonb(c) FROM eql.cost c WHERE c.cost_id = l.cost_id)::text AS now
FROM (
    SELECT DISTINCT ON (cost_id) coalesce(r -> 'after' ->> 'cost_id', r -> 'before' ->> 'cost_id') AS cost_id,
           nullif(r -> 'after', 'null'::jsonb) AS edited, a.actor, a.at
    FROM eql.audit_log a CROSS JOIN LATERAL jsonb_array_elements(a.detail -> 'rows') AS r
    WHERE a.action IN (:save, :undo, :keep) ORDER BY cost_id, a.entry_id DESC
) AS l ORDER BY l.at DESC, l.cost_id
"""
_LAST_SCHEMA: Schema = {
    "cost_id": pl.String,
    "edited": pl.String,
    "actor": pl.String,
    "at": pl.Datetime("us", "UTC"),
    "now": pl.String,
}


def last_saves(engine: Engine, limit: int = 20) -> list[SavedBefore]:
    """What was saved and taken back by hand, the newest first."""
    frame = read_frame(engine, _SAVES, {"save": SAVE, "undo": UNDO, "limit": limit}, _SAVES_SCHEMA)
    return [
        SavedBefore(
            row["entry_id"], row["actor"], row["at"], tuple(logged(json.loads(row["detail"]))), row["undoes"],
            row["undone"],
        )
        for row in frame.iter_rows(named=True)
    ]  # fmt: skip


def overtaken(engine: Engine) -> list[Overtaken]:
    """Rows that an import, or taking one back, left otherwise than the page had; the last edited first.

    What went with the simulated company is not among them.
    """
    frame = read_frame(engine, _LAST, {"save": SAVE, "undo": UNDO, "keep": KEEP}, _LAST_SCHEMA)
    found = []
    for row in frame.iter_rows(named=True):
        edited, now = (_entry(row[side]) for side in ("edited", "now"))
        same = now is None if edited is None else edited.says_the_same(now)
        went = now is None and edited is not None and edited.source == SIMULATED
        if not same and not went:
            found.append(Overtaken(row["cost_id"], edited, now, row["actor"], row["at"]))
    return found


def put_back(engine: Engine, rows: Sequence[Overtaken], author: str) -> Saved:
    """Makes the edits again, over what the import wrote. Raises as `save` does."""
    return save(engine, [Change(row.now, row.edited) for row in rows], author)


def keep(engine: Engine, rows: Sequence[Overtaken], author: str) -> None:
    """Lets what the import wrote stand, and notes who decided so. Raises as `save` does."""
    actor = signed(author)
    with writing(engine, COST_LOCK) as connection:
        standing = [_as_logged(row) for row in rows]
        audit(connection, actor, KEEP, "costs", {"rows": standing})


def _entry(row: str | None) -> Entry | None:
    # A float would not be the amount that stands in the database.
    return entry_of(json.loads(row, parse_float=Decimal)) if row else None


def _as_logged(row: Overtaken) -> dict[str, object]:
    now = None if row.now is None else plain(row.now)
    return {"before": now or {"cost_id": row.cost_id}, "after": now}
