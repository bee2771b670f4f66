"""How many leads of each kind were created in a period, whose are they, and what became of them? Cells in arrays.

Read from the rollup where it was made for the questions asked; whole months from its cells, and the edges of a period,
with the month in which leads become old, from its leads. Straight from the rows for other questions or past moments.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import psycopg
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from dashboard.period import add_months
from dashboard.scoring.cells import MEASURES, Owner, ScoreCells, score_cells
from dashboard.scoring.structure import Structure
from dashboard.window import Window
from data_access import score_rollup
from data_access.engine import translated
from data_access.score_rows import COHORT, SOURCED, lead_rows
from data_access.score_state import Wanted, holds, is_current, read_state
from data_access.scoring_models import active_model
from data_access.version import data_version

# Cells straight from rows of a million leads take their time, which no page has.
TIMEOUT_MS = 300_000
OLD = timedelta(days=180)
# A page that was opened just before data changed asks for the moment before; so far back its questions are today's.
TODAY = timedelta(hours=1)
OUTCOMES = MEASURES[1:7]


def read_cells(engine: Engine, window: Window, structure: Structure, *, sourced: bool) -> ScoreCells:
    """Cells of live leads created in the window's period, seen at its `as_of`; `sourced`: only those with a partner.

    Where the questions are those of the active model and the moment is not past, the rollup is refreshed first if it
    must be. Raises what `read_frame` raises.
    """
    with _readable():
        active = active_model(engine, window.as_of)
        wanted = Wanted(active, window.as_of, window.zone, window.currency)
        found = None
        if wanted.structure.identity == structure.identity:
            found = _from_rollup(engine, window, wanted, sourced)
            if found is None and _refreshed(engine, wanted):
                found = _from_rollup(engine, window, wanted, sourced)
        return found or cells_from_rows(engine, window, structure, structure.window_days, sourced=sourced)


def _refreshed(engine: Engine, wanted: Wanted) -> bool:
    """Whether the rollup was brought up to date: not for a past moment, and not where nothing may be written."""
    changed_at = data_version(engine).changed_at
    if wanted.as_of < changed_at - TODAY:
        return False
    with engine.connect() as connection:
        if is_current(read_state(connection), wanted):
            return True
    try:
        score_rollup.refresh(engine, wanted.active, max(wanted.as_of, changed_at), wanted.zone, wanted.currency)
    except DBAPIError as error:
        if isinstance(error.orig, _REFUSED):
            return False
        raise
    return True


# A replica can be read only; a foreign owner may have given no rights; somebody may be writing for long.
_REFUSED = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.ReadOnlySqlTransaction,
    psycopg.errors.LockNotAvailable,
)

Arrays = dict[str, NDArray[Any]]
Widths = dict[str, np.dtype[Any]]
_BIG = np.dtype(np.int64)
_KEY_TYPES: Widths = {"owner": np.dtype(np.int32), "code": _BIG, "work": np.dtype(np.int16)}
_RESULT_TYPES: Widths = {
    **_KEY_TYPES,
    **dict.fromkeys((*OUTCOMES, "old_won"), _BIG),
    "arr_squares": np.dtype(np.float64),
}
_ROW_TYPES: Widths = {**_KEY_TYPES, **dict.fromkeys(MEASURES, _BIG), "arr_squares": np.dtype(np.float64)}


# -- from the rollup ------------------------------------------------------------------------------------------------

# Cells of one code, owner and sales work come once a month; they are summed here, for Postgres would take longer. What
# is small travels in one number: owner, work, whether old, and leads.
_LEADS = """
SELECT code, ((owner_no::bigint * 4 + work) * 2 + old) * 4294967296 + leads AS packed
FROM (
    SELECT owner_no, code, work, leads, (month < :cut_month)::int AS old
    FROM eql.score_cell WHERE month >= :first AND month < :last AND month <> :cut_month
    UNION ALL
    SELECT owner_no, code, work, 1, (created_at < :cut)::int FROM eql.lead_score WHERE code IS NOT NULL AND ({edges})
) AS c WHERE {owners}
"""
_COME = "(sqls > 0 OR won > 0 OR lost > 0 OR open > 0 OR pipeline > 0 OR arr > 0)"
_SUMS = ", ".join(f"sum({name})::bigint AS {name}" for name in (*OUTCOMES, "old_won"))
_RESULTS = f"""
SELECT owner_no AS owner, code, work, {_SUMS}, sum(arr_squares)::float8 AS arr_squares
FROM (
    SELECT owner_no, code, work, {", ".join(OUTCOMES)}, CASE WHEN month < :cut_month THEN won ELSE 0 END AS old_won,
           arr_squares
    FROM eql.score_cell WHERE month >= :first AND month < :last AND month <> :cut_month AND {_COME}
    UNION ALL
    SELECT owner_no, code, work, {", ".join(OUTCOMES)}, CASE WHEN created_at < :cut THEN won ELSE 0 END,
           arr::numeric * arr
    FROM eql.lead_score WHERE code IS NOT NULL AND ({{edges}}) AND {_COME}
) AS c WHERE {{owners}} GROUP BY owner_no, code, work
"""
_OWNED = "SELECT owner_no, partner_id, channel FROM eql.score_owner ORDER BY owner_no"


def _from_rollup(engine: Engine, window: Window, wanted: Wanted, sourced: bool) -> ScoreCells | None:
    """None where the rollup is not right for the window."""
    with _reading(engine) as connection:
        state = read_state(connection)
        if state is None or not holds(state, wanted.fingerprint, window.as_of, window.zone, window.currency):
            return None
        params, edges = _months(window)
        owners = (
            "owner_no IN (SELECT owner_no FROM eql.score_owner WHERE partner_id IS NOT NULL)" if sourced else "true"
        )
        parts = {"edges": edges, "owners": owners}
        leads = arrays(connection, _LEADS.format(**parts), params, {"code": _BIG, "packed": _BIG})
        results = arrays(connection, _RESULTS.format(**parts), params, _RESULT_TYPES)
        owned = connection.execute(text(_OWNED)).all()
    return _joined(wanted.structure, leads, results, owned)


def _months(window: Window) -> tuple[dict[str, object], str]:
    """Whole months of the period, and a condition on the leads of the rest and of the month that is partly old."""
    zone, cut = ZoneInfo(window.zone), window.as_of - OLD
    start, end = (moment.astimezone(zone) for moment in (window.period.start, window.period.end))
    first = start.date() if start == _begin(start.date().replace(day=1), zone) else add_months(start.date(), 1)
    last = max(first, end.date().replace(day=1))
    cut_month = cut.astimezone(zone).date().replace(day=1)
    ranges = [(start, min(_begin(first, zone), end)), (max(_begin(last, zone), start), end)]
    if first <= cut_month < last:
        ranges.append((_begin(cut_month, zone), _begin(add_months(cut_month, 1), zone)))
    params: dict[str, object] = {"first": first, "last": last, "cut": cut, "cut_month": cut_month}
    conditions = ["false"]
    for place, (since, until) in enumerate(ranges):
        if since < until:
            params |= {f"since_{place}": since, f"until_{place}": until}
            conditions.append(f"created_at >= :since_{place} AND created_at < :until_{place}")
    return params, " OR ".join(conditions)


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _joined(structure: Structure, leads: Arrays, results: Arrays, owned: Sequence[Any]) -> ScoreCells:
    """Cells from the counts of leads and, for the few cells in which anything came of them, the results."""
    rest, number = np.divmod(leads["packed"], 2**32)
    rest, old = np.divmod(rest, 2)
    owner_no, work = np.divmod(rest, 4)
    places = np.zeros(max((row.owner_no for row in owned), default=0) + 1, np.int64)
    places[owner_no] = 1
    rows = [row for row in owned if places[row.owner_no]]
    places[[row.owner_no for row in rows]] = np.arange(len(rows))
    codes, code = np.unique(leads["code"], return_inverse=True)

    def keys_of(code: NDArray[Any], owner_no: NDArray[Any], work: NDArray[Any]) -> NDArray[np.int64]:
        return np.asarray((code * len(rows) + places[owner_no]) * 4 + work, dtype=np.int64)

    keys = keys_of(code, owner_no, work)
    order = np.argsort(keys)
    firsts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    keys = keys[order][firsts]
    counts = np.zeros((len(MEASURES), len(keys)), np.int64)
    if len(keys):
        counts[MEASURES.index("leads")] = np.add.reduceat(number[order], firsts)
        counts[MEASURES.index("old")] = np.add.reduceat((number * old)[order], firsts)
    known = np.searchsorted(codes, results["code"])
    cells = np.searchsorted(keys, keys_of(known, results["owner"], results["work"]))
    for name in (*OUTCOMES, "old_won"):
        counts[MEASURES.index(name), cells] = results[name]
    arr_squares = np.zeros(len(keys))
    arr_squares[cells] = results["arr_squares"]
    code, rest = np.divmod(keys, 4 * max(len(rows), 1))
    return ScoreCells(
        structure,
        tuple(Owner(row.partner_id, row.channel) for row in rows),
        codes,
        structure.digits(codes),
        (rest // 4).astype(np.int32),
        code.astype(np.int32),
        (rest % 4).astype(np.uint8),
        counts,
        arr_squares,
    )


# -- from rows ------------------------------------------------------------------------------------------------------

_OWNERS = "SELECT DISTINCT partner_id, channel FROM eql.lead l WHERE {leads} ORDER BY 1, 2"

# Lists compare as wholes, a missing value being equal to a missing one.
_FROM_ROWS = f"""
owner AS (
    SELECT o.no::int - 1 AS owner, ARRAY[o.partner_id, o.channel] AS key
    FROM unnest(CAST(:partners AS text[]), CAST(:channels AS text[])) WITH ORDINALITY AS o (partner_id, channel, no)
)
SELECT owner.owner, c.code, c.work, {", ".join(f"c.{name}" for name in MEASURES)}, c.arr_squares
FROM (
    SELECT partner_id, channel, code, work::smallint AS work, count(*) AS leads,
           {", ".join(f"sum({name})::bigint AS {name}" for name in OUTCOMES)},
           count(*) FILTER (WHERE created_at < :cut) AS old,
           count(*) FILTER (WHERE created_at < :cut AND won = 1) AS old_won,
           coalesce(sum((arr::numeric * arr)) FILTER (WHERE arr > 0), 0)::float8 AS arr_squares
    FROM scored GROUP BY partner_id, channel, code, work
) AS c JOIN owner ON owner.key = ARRAY[c.partner_id, c.channel]
"""


def cells_from_rows(
    engine: Engine, window: Window, structure: Structure, window_days: int, *, sourced: bool
) -> ScoreCells:
    """The same straight from the leads, whatever the rollup holds; signals count so far from a lead's creation."""
    leads = SOURCED if sourced else COHORT
    rows = lead_rows(structure, leads, window_days)
    params = {**window.parameters, **rows.parameters, "cut": window.as_of - OLD}
    with _reading(engine) as connection:
        named = connection.execute(text(_OWNERS.format(leads=leads)), params)
        owners = tuple(Owner(partner, channel) for partner, channel in named)
        params |= {"partners": [o.partner_id for o in owners], "channels": [o.channel for o in owners]}
        found = arrays(connection, f"WITH RECURSIVE {rows.sql}, {_FROM_ROWS}", params, _ROW_TYPES)
    return score_cells(
        structure,
        owners,
        found["owner"].astype(np.int32),
        found["code"],
        found["work"].astype(np.uint8),
        np.stack([found[name] for name in MEASURES]),
        found["arr_squares"],
    )


# -- transfer -------------------------------------------------------------------------------------------------------


@contextmanager
def _reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the data."""
    with engine.connect() as connection:
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        limit = text("SELECT set_config('statement_timeout', :limit, true)")
        connection.execute(limit, {"limit": str(TIMEOUT_MS)})
        yield connection


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, psycopg.Error) as error:
        raise translated(error, "The database took too long over the score cells: narrow the period.") from error


def arrays(connection: Connection, query: str, params: Mapping[str, object], columns: Widths) -> Arrays:
    """The columns of a query, each an array of the declared width (bigint, integer, smallint or float8), without nulls.

    Each column travels as one list in Postgres' binary form, which is an array already: no row is ever a Python object.
    """
    compiled = text(query).compile(dialect=connection.dialect)
    lists = ", ".join(f"array_agg({name}) AS {name}" for name in columns)
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    with driver.cursor(binary=True) as cursor:
        cursor.execute(f"SELECT {lists} FROM ({compiled}) AS q", params)
        assert cursor.pgresult is not None
        values = [cursor.pgresult.get_value(0, place) for place in range(len(columns))]
    return {name: _array(value, columns[name]) for name, value in zip(columns, values, strict=True)}


# Of a list: dimensions, whether it holds nulls, type; where it is not empty, length and first index.
_HEAD = 20


def _array(raw: bytes | None, kind: np.dtype[Any]) -> NDArray[Any]:
    if raw is None:
        return np.empty(0, kind)
    item = np.dtype([("length", ">i4"), ("value", kind.newbyteorder(">"))])
    found = np.frombuffer(raw, dtype=item, offset=_HEAD)
    if int.from_bytes(raw[4:8], "big") or (found["length"] != kind.itemsize).any():
        raise ValueError("A column of the query is not as wide as declared, or lacks a value.")
    return found["value"].astype(kind)
