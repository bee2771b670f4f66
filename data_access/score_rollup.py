"""Is every lead's score kept, and are the cells made of them right? What changed is folded in; else all is made anew.

`eql.lead_score` holds each lead as it was last counted, so that it can be taken out of its cell of `eql.score_cell`
and put into its new one. Which leads to look at, `eql.score_dirty` tells, which triggers fill, and `next_change`: the
next dated event that lies ahead of a lead. All leads are counted anew

* where there is no rollup, or one for other questions, another zone or currency, or a later moment;
* where more than a fifth of the leads changed, or a source began or ceased to record sales work;
* where somebody raised the data version by hand (`python -m dashboard refresh`): data changed that no trigger saw;
* for each moment asked for, where a base table is a view or its triggers are switched off.

Everything happens in one transaction under a lock, so that whoever reads sees the rollup before it or after it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from dashboard.scoring.model import Gate, ScoringModel
from data_access.score_rows import ALL, RECORDING, TODO, all_gates_sql, answers_of_code, rollup_rows, scores_sql
from data_access.score_state import State, Wanted, is_current, read_state, same
from data_access.scoring_models import ActiveModel

ROLLUP_LOCK = 4_591_004
TIMEOUT_MS = 900_000
# The first rollup waits until everybody who is writing has ended; so long.
FIRST_WAIT_MS = 20_000
# Beyond this share, counting all leads anew takes less time than looking each one up.
MOST_FOLDED = 0.2


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did: whether all leads were counted anew, how many rows of `eql.lead_score` it wrote, and how long

    it took in seconds.
    """

    rebuilt: bool
    changed: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _Counted:
    """Rows written, the newest dated event among them, and of how many leads there are where all were counted."""

    changed: int
    newest: datetime | None
    leads: int | None = None


def refresh(engine: Engine, model: ScoringModel | ActiveModel, as_of: datetime, zone: str, currency: str) -> Refreshed:
    """Brings the rollup to the moment `as_of` under a model. Where that fails, nothing has changed."""
    with engine.begin() as connection:
        return rescore(connection, model, as_of, zone, currency)


def rescore(
    connection: Connection, model: ScoringModel | ActiveModel, as_of: datetime, zone: str, currency: str
) -> Refreshed:
    """The same within the caller's transaction: when it commits, every lead is scored under the model.

    Waits for a refresh that is under way. The transaction must read what others commit (the default isolation level).
    """
    begin = time.perf_counter()
    active = model if isinstance(model, ActiveModel) else ActiveModel(model)
    wanted = Wanted(active, as_of, zone, currency)
    _limit(connection, TIMEOUT_MS if read_state(connection) else FIRST_WAIT_MS)
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ROLLUP_LOCK})
    state = read_state(connection)
    recording = _recording(connection)
    counted: _Counted | None = None
    if state is not None and _can_be_folded(state, wanted, recording):
        todo = _take_todo(connection, as_of)
        if todo is not None and len(todo) <= max(MOST_FOLDED * state.leads, 100):
            counted = _fold(connection, wanted, todo, other_points=state.definition != wanted.definition)
    rebuilt = counted is None
    if counted is None:
        counted = _rebuild(connection, wanted, alike=state is not None and same(state, wanted))
    _write_state(connection, wanted, recording, counted)
    return Refreshed(rebuilt, counted.changed, time.perf_counter() - begin)


def needs_refresh(
    engine: Engine, model: ScoringModel | ActiveModel, as_of: datetime, zone: str, currency: str
) -> int | None:
    """How many leads (about) must be counted before the rollup is right for this moment; None where it is."""
    active = model if isinstance(model, ActiveModel) else ActiveModel(model)
    wanted = Wanted(active, as_of, zone, currency)
    with engine.connect() as connection:
        state = read_state(connection)
        if is_current(state, wanted):
            return None
        if state is None or not same(state, wanted) or state.all_dirty or not state.watched or as_of < state.valid_from:
            return _all_leads(connection, state)
        return int(state.dirty + state.due(as_of, connection))


def _can_be_folded(state: State, wanted: Wanted, recording: tuple[str, ...]) -> bool:
    return (
        same(state, wanted)
        and state.recording == recording
        and state.valid_from <= wanted.as_of
        and not state.all_dirty
        and (state.watched or state.as_of == wanted.as_of)
    )


def _recording(connection: Connection) -> tuple[str, ...]:
    question = f"WITH RECURSIVE {RECORDING} SELECT source FROM recording WHERE source IS NOT NULL ORDER BY source"
    return tuple(connection.execute(text(question)).scalars())


def _all_leads(connection: Connection, state: State | None) -> int:
    guess = "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = to_regclass('eql.lead')"
    return max(int(connection.execute(text(guess)).scalar_one()), state.leads if state else 0)


# -- folding --------------------------------------------------------------------------------------------------------

# Leads merged into others stand for these too: their chains are followed to the end.
_TAKE = """
WITH RECURSIVE taken AS (
    DELETE FROM eql.score_dirty RETURNING lead_id
), todo AS (
    SELECT lead_id FROM (SELECT lead_id FROM taken
                         UNION SELECT lead_id FROM eql.lead_score WHERE next_change <= :as_of) AS first
    UNION
    SELECT l.merged_into FROM todo t JOIN eql.lead l ON l.lead_id = t.lead_id WHERE l.merged_into IS NOT NULL
)
SELECT coalesce(array_agg(lead_id), '{}') AS todo FROM todo
"""

_KEY = "month, owner_no, code, work"
_COUNTS = ("leads", "sqls", "won", "lost", "open", "pipeline", "arr", "arr_squares")
_LEAD = ("1", *_COUNTS[1:-1], "arr::numeric * arr")
_CELLS_OF = f"""
    SELECT {_KEY}, count(*)::int AS leads, sum(sqls)::int AS sqls, sum(won)::int AS won, sum(lost)::int AS lost,
           sum(open)::int AS open, sum(pipeline)::bigint AS pipeline, sum(arr)::bigint AS arr,
           coalesce(sum(arr::numeric * arr) FILTER (WHERE arr > 0), 0) AS arr_squares
    FROM eql.lead_score WHERE code IS NOT NULL GROUP BY {_KEY}"""

_VALUES = ("created_at", "month", "owner_no", "code", "work", "sqls", "won", "lost", "open", "pipeline", "arr", "fit",
           "intent", "gates", "known", "last_change", "next_change")  # fmt: skip
_OWNER_OF = "JOIN eql.score_owner o ON ARRAY[o.partner_id, o.channel] = ARRAY[s.partner_id, s.channel]"


def _row(values: Sequence[str], prefix: str = "") -> str:
    return ", ".join(f"{prefix}{value}" for value in values)


_REPLACE = f"""
ON CONFLICT (lead_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in (*_VALUES, "scored_at"))}"""
_ONLY_CHANGED = f" WHERE ROW({_row(_VALUES, 's.')}) IS DISTINCT FROM ROW({_row(_VALUES, 'excluded.')})"

# Takes leads that changed out of their cells and puts them into their new ones: of each cell what that comes to.
_FOLD = f"""
new AS MATERIALIZED (
    SELECT s.*, o.owner_no FROM scored s {_OWNER_OF}
), old AS MATERIALIZED (
    SELECT * FROM eql.lead_score WHERE lead_id = ANY (CAST(:todo AS text[]))
), differing AS MATERIALIZED (
    SELECT lead_id FROM old FULL JOIN new USING (lead_id)
    WHERE ROW({_row(_VALUES, "old.")}) IS DISTINCT FROM ROW({_row(_VALUES, "new.")})
), gone AS (
    DELETE FROM eql.lead_score s WHERE s.lead_id IN (SELECT lead_id FROM old EXCEPT SELECT lead_id FROM new)
), written AS (
    INSERT INTO eql.lead_score (lead_id, {_row(_VALUES)}, scored_at)
    SELECT lead_id, {_row(_VALUES)}, :as_of FROM new WHERE lead_id IN (SELECT lead_id FROM differing) {_REPLACE}
), moved AS (
    SELECT {_KEY}, {_row(_LEAD, "+ ")} FROM new JOIN differing USING (lead_id) WHERE code IS NOT NULL
    UNION ALL
    SELECT {_KEY}, {_row(_LEAD, "- ")} FROM old JOIN differing USING (lead_id) WHERE code IS NOT NULL
), change AS MATERIALIZED (
    SELECT {_KEY}, {", ".join(f"sum({name}) AS {name}" for name in _COUNTS)}
    FROM moved AS m ({_KEY}, {_row(_COUNTS)}) GROUP BY {_KEY}
    HAVING ({", ".join(f"sum({name})" for name in _COUNTS)}) <> ({_row(["0"] * len(_COUNTS))})
), emptied AS (
    DELETE FROM eql.score_cell c USING change d
    WHERE (c.month, c.owner_no, c.code, c.work) = (d.month, d.owner_no, d.code, d.work) AND c.leads + d.leads = 0
    RETURNING c.month, c.owner_no, c.code, c.work
), counted AS (
    INSERT INTO eql.score_cell AS c ({_KEY}, {_row(_COUNTS)})
    SELECT {_KEY}, {_row(_COUNTS)} FROM change WHERE ({_KEY}) NOT IN (SELECT {_KEY} FROM emptied)
    ON CONFLICT ({_KEY}) DO UPDATE SET {", ".join(f"{name} = c.{name} + excluded.{name}" for name in _COUNTS)}
)
SELECT (SELECT count(*) FROM differing) AS changed, (SELECT max(last_change) FROM new) AS newest
"""
_GONE = "DELETE FROM eql.lead_score s WHERE NOT EXISTS (SELECT FROM eql.lead l WHERE l.lead_id = s.lead_id)"
_OWNERS = """
INSERT INTO eql.score_owner (partner_id, channel)
SELECT DISTINCT l.partner_id, l.channel FROM eql.lead l
WHERE {leads} AND NOT EXISTS (SELECT FROM eql.score_owner o
                              WHERE ARRAY[o.partner_id, o.channel] = ARRAY[l.partner_id, l.channel])
"""


def _take_todo(connection: Connection, as_of: datetime) -> list[str] | None:
    """The leads to look at, taken out of the queue; None where that is every lead."""
    todo: list[str | None] = connection.execute(text(_TAKE), {"as_of": as_of}).scalar_one()
    return None if None in todo else [lead for lead in todo if lead is not None]


def _fold(connection: Connection, wanted: Wanted, todo: list[str], *, other_points: bool) -> _Counted:
    """Counts leads anew, and the cells in which they were or are."""
    counted = _Counted(0, None)
    if todo:
        rows = rollup_rows(wanted.structure, wanted.model, TODO)
        params: Mapping[str, object] = {**rows.parameters, **wanted.parameters, "todo": todo}
        connection.execute(text(_OWNERS.format(leads=TODO)), params)
        counted = _Counted(*connection.execute(text(f"WITH RECURSIVE {rows.sql}, {_FOLD}"), params).one())
    if other_points:
        counted = replace(counted, changed=counted.changed + _score_again(connection, wanted))
    return counted


def _score_again(connection: Connection, wanted: Wanted) -> int:
    """Only points or gates moved: every lead's answers are in its code, so no lead need be looked at."""
    answers = answers_of_code(wanted.structure)
    scores, gates = scores_sql(wanted.model, answers), all_gates_sql(wanted.model, answers)
    sql = f"""
    UPDATE eql.lead_score s
    SET (fit, intent, gates, known, scored_at) = (n.fit, n.intent, n.gates, n.known, :as_of)
    FROM (SELECT x.*, {gates}
          FROM (SELECT lead_id, code, {scores} FROM eql.lead_score WHERE code IS NOT NULL OFFSET 0) AS x) AS n
    WHERE s.lead_id = n.lead_id AND (s.fit, s.intent, s.gates, s.known) <> (n.fit, n.intent, n.gates, n.known)
    """
    return connection.execute(text(sql), wanted.parameters).rowcount


# -- making it anew -------------------------------------------------------------------------------------------------

_NEW_LEADS = f"""
INSERT INTO eql.lead_score AS s (lead_id, {_row(_VALUES)}, scored_at)
SELECT s.lead_id, {_row([f"s.{name}" if name != "owner_no" else "o.owner_no" for name in _VALUES])}, :as_of
FROM scored s {_OWNER_OF}
"""
_NEW_CELLS = f"INSERT INTO eql.score_cell ({_KEY}, {_row(_COUNTS)}) {_CELLS_OF} ORDER BY {_KEY}"
_CELLS = f"""
WITH fresh AS MATERIALIZED ({_CELLS_OF}), gone AS (
    DELETE FROM eql.score_cell c WHERE NOT EXISTS (
        SELECT FROM fresh f WHERE (f.month, f.owner_no, f.code, f.work) = (c.month, c.owner_no, c.code, c.work))
)
INSERT INTO eql.score_cell AS c ({_KEY}, {_row(_COUNTS)}) SELECT * FROM fresh
ON CONFLICT ({_KEY}) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _COUNTS)}
WHERE ({_row(_COUNTS, "c.")}) <> ({_row(_COUNTS, "excluded.")})
"""


def _rebuild(connection: Connection, wanted: Wanted, alike: bool) -> _Counted:
    """Counts all leads anew; `alike`: most rows will come out as they are, so only those that differ are written."""
    rows = rollup_rows(wanted.structure, wanted.model, ALL)
    params: Mapping[str, object] = {**rows.parameters, **wanted.parameters}
    connection.execute(text("DELETE FROM eql.score_dirty"))
    connection.execute(text(_OWNERS.format(leads=ALL)))
    if not alike:
        connection.execute(text("DELETE FROM eql.score_cell"))
    gone = connection.execute(text(_GONE if alike else "DELETE FROM eql.lead_score")).rowcount
    insert = f"WITH RECURSIVE {rows.sql} {_NEW_LEADS} {_REPLACE + _ONLY_CHANGED if alike else ''}"
    changed = connection.execute(text(insert), params).rowcount
    connection.execute(text(_CELLS if alike else _NEW_CELLS))
    newest = "SELECT coalesce(max(last_change), 'epoch') AS newest, count(*) AS leads FROM eql.lead_score"
    found = connection.execute(text(newest)).one()
    return _Counted(gone + changed if alike else changed, found.newest, found.leads)


# Where all leads were counted anew, nothing of the former state holds.
_WRITE_STATE = """
INSERT INTO eql.score_state AS s
    (structure, definition, model_name, model_version, threshold, required, criteria, zone, currency, recording, leads,
     valid_from, as_of, refreshed_at, rebuilt_at)
VALUES (:structure, :definition, :model_name, CAST(:model_version AS bigint), :threshold, :required, :criteria, :zone,
        :currency, CAST(:recording AS text[]), coalesce(CAST(:leads AS bigint), 0),
        coalesce(CAST(:newest AS timestamptz), 'epoch'), :as_of, clock_timestamp(), :as_of)
ON CONFLICT (only_row) DO UPDATE SET
    (structure, definition, model_name, model_version, threshold, required, criteria, zone, currency, recording, leads,
     valid_from, as_of, refreshed_at, rebuilt_at)
    = (excluded.structure, excluded.definition, excluded.model_name, excluded.model_version, excluded.threshold,
       excluded.required, excluded.criteria, excluded.zone, excluded.currency, excluded.recording,
       coalesce(CAST(:leads AS bigint), s.leads),
       CASE WHEN CAST(:leads AS bigint) IS NULL THEN greatest(s.valid_from, CAST(:newest AS timestamptz))
            ELSE excluded.valid_from END,
       excluded.as_of, excluded.refreshed_at,
       CASE WHEN CAST(:leads AS bigint) IS NULL THEN s.rebuilt_at ELSE excluded.rebuilt_at END)
"""


def _write_state(connection: Connection, wanted: Wanted, recording: tuple[str, ...], counted: _Counted) -> None:
    values = {
        "structure": wanted.fingerprint,
        "definition": wanted.definition,
        "model_name": wanted.model.name,
        "model_version": wanted.active.version,
        "threshold": wanted.model.threshold,
        "required": int(wanted.model.required & ~Gate.OVERLAP),
        "criteria": len(wanted.model.criteria),
        "recording": list(recording),
        "newest": counted.newest,
        "leads": counted.leads,
    }
    connection.execute(text(_WRITE_STATE), values | wanted.parameters)


def _limit(connection: Connection, wait_ms: int) -> None:
    """A refresh may take longer than a page; and a plan for ten leads is none for ten thousand."""
    settings = {"statement_timeout": TIMEOUT_MS, "lock_timeout": wait_ms, "plan_cache_mode": "force_custom_plan"}
    for name, value in settings.items():
        connection.execute(text("SELECT set_config(:name, :value, true)"), {"name": name, "value": str(value)})
