"""What was decided about which partner, by whom, and on which numbers? Rows are added, never rewritten."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine, text

from dashboard.domain import UserError
from data_access.engine import read_frame
from data_access.signed_writes import LONGEST_NOTE, audit, signed, writing

WITHDRAWN = "withdrawn"
SAVE_LOCK = 4_591_008  # any constant; migrations, importers and the other signed writes use others
LARGEST_BUDGET = 1e15

Numbers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Decision:
    """What holds about a partner in a review; `numbers` as they stood, money in the currency that they name."""

    decision_id: int
    partner_id: str
    period: str
    decision: str
    budget: float | None
    note: str | None
    numbers: Numbers
    author: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """A decision to be saved; `seen` is the row that its author saw as the last one (None: there was none)."""

    partner_id: str
    decision: str
    budget: float | None
    note: str | None
    numbers: Numbers
    seen: int | None


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of drafts: the rows that hold now, and those that somebody else saved in the meantime."""

    saved: tuple[Decision, ...]
    conflicts: tuple[Decision, ...]


_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "decision_id": pl.Int64,
    "partner_id": pl.String,
    "period": pl.String,
    "decision": pl.String,
    "budget": pl.Float64,
    "note": pl.String,
    "numbers": pl.String,
    "author": pl.String,
    "decided_at": pl.Datetime("us", "UTC"),
}
_COLUMNS = (
    "decision_id, partner_id, period, decision, budget::float8 AS budget, note, numbers::text AS numbers, author, "
    "decided_at"
)

_LAST = f"""
SELECT DISTINCT ON (period, partner_id) {_COLUMNS}
FROM eql.review_decision WHERE period = ANY(:periods) ORDER BY period, partner_id, decision_id DESC
"""

_OF_PARTNER = f"SELECT {_COLUMNS} FROM eql.review_decision WHERE partner_id = :partner ORDER BY decision_id DESC"

_INSERT = f"""
INSERT INTO eql.review_decision (partner_id, period, decision, budget, note, numbers, author)
VALUES (:partner_id, :period, :decision, :budget, :note, CAST(:numbers AS jsonb), :author)
RETURNING {_COLUMNS}
"""


def last_decisions(engine: Engine, *periods: str) -> dict[str, dict[str, Decision]]:
    """The last row about each partner, by period and partner; withdrawn ones are among them."""
    frame = read_frame(engine, _LAST, {"periods": list(periods)}, _SCHEMA)
    found: dict[str, dict[str, Decision]] = {period: {} for period in periods}
    for row in frame.iter_rows(named=True):
        found[row["period"]][row["partner_id"]] = _decision(row)
    return found


def decisions_of(engine: Engine, partner_id: str) -> list[Decision]:
    """Every row about a partner, the newest first, superseded and withdrawn ones included."""
    frame = read_frame(engine, _OF_PARTNER, {"partner": partner_id}, _SCHEMA)
    return [_decision(row) for row in frame.iter_rows(named=True)]


def save(engine: Engine, period: str, drafts: Sequence[Draft], author: str) -> Saved:
    """Adds a row for each draft whose partner nobody else has decided on since its author looked, and one audit row.

    All in one transaction, one writer at a time. A draft that is saved already (its answer was lost on the way) counts
    as saved. UserError: a name, a note or a budget that cannot be kept; DatabaseUnavailable: nothing is known saved.
    """
    name = signed(author)
    for draft in drafts:
        _check(draft)
    with writing(engine, SAVE_LOCK) as connection:
        before = _holding(connection, period)
        free = [draft for draft in drafts if _newest(before, draft.partner_id) == draft.seen]
        late = [before[d.partner_id] for d in drafts if d not in free and d.partner_id in before]
        again = [own for own in late if any(_same(own, draft, name) for draft in drafts)]
        saved = [_insert(connection, period, draft, name) for draft in free]
        if saved:
            _audit(connection, name, "decide", period, saved)
    return Saved((*saved, *again), tuple(own for own in late if own not in again))


def undo(engine: Engine, period: str, made: Sequence[Decision], former: Mapping[str, Decision], author: str) -> Saved:
    """Takes back decisions by superseding them with what held before, by partner (nothing did: `withdrawn`).

    Those that somebody superseded since stay, as conflicts. Raises as `save` does.
    """
    name = signed(author)
    with writing(engine, SAVE_LOCK) as connection:
        now = _holding(connection, period)
        standing = [own for own in made if _newest(now, own.partner_id) == own.decision_id]
        drafts = [_restored(own, former.get(own.partner_id)) for own in standing]
        saved = tuple(_insert(connection, period, draft, name) for draft in drafts)
        if saved:
            _audit(connection, name, "undo decision", period, saved)
    return Saved(saved, tuple(now[own.partner_id] for own in made if own not in standing))


def _holding(connection: Connection, period: str) -> dict[str, Decision]:
    rows = connection.execute(text(_LAST), {"periods": [period]}).mappings()
    return {row["partner_id"]: _decision(dict(row)) for row in rows}


def _newest(before: Mapping[str, Decision], partner_id: str) -> int | None:
    return before[partner_id].decision_id if partner_id in before else None


def _same(own: Decision, draft: Draft, author: str) -> bool:
    return (own.partner_id, own.decision, own.budget, own.note, own.author) == (
        draft.partner_id, draft.decision, draft.budget, draft.note, author,
    )  # fmt: skip


def _restored(undone: Decision, former: Decision | None) -> Draft:
    mark = {"undoes": undone.decision_id}
    if former is None:
        return Draft(undone.partner_id, WITHDRAWN, None, None, mark, undone.decision_id)
    numbers = dict(former.numbers) | mark
    return Draft(former.partner_id, former.decision, former.budget, former.note, numbers, undone.decision_id)


def _insert(connection: Connection, period: str, draft: Draft, author: str) -> Decision:
    values = {
        "partner_id": draft.partner_id,
        "period": period,
        "decision": draft.decision,
        "budget": draft.budget,
        "note": draft.note and draft.note.replace("\x00", ""),
        "numbers": json.dumps(draft.numbers, allow_nan=False),
        "author": author,
    }
    return _decision(dict(connection.execute(text(_INSERT), values).mappings().one()))


def _audit(connection: Connection, actor: str, action: str, period: str, saved: Sequence[Decision]) -> None:
    detail = [{"decision_id": own.decision_id, "partner_id": own.partner_id, "decision": own.decision} for own in saved]
    audit(connection, actor, action, f"review {period}", detail)


def _decision(row: Mapping[str, Any]) -> Decision:
    return Decision(**{**row} | {"numbers": json.loads(row["numbers"])})


def _check(draft: Draft) -> None:
    if draft.note is not None and len(draft.note) > LONGEST_NOTE:
        raise UserError(f"A note may have {LONGEST_NOTE} characters: shorten it and save again.")
    if draft.budget is not None and not 0 <= draft.budget <= LARGEST_BUDGET:
        raise UserError("A budget is an amount of 0 or more: correct it and save again.")
