"""How many leads of each kind were created in a period, whose are they, and what became of them? Cells in arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from dashboard.scoring.cells import MEASURES, Owner, ScoreCells, score_cells
from dashboard.scoring.structure import Structure
from dashboard.window import Window
from data_access.engine import DatabaseUnavailable, QueryTooSlow
from data_access.score_rows import COHORT, SOURCED, lead_rows, recent_from

# Cells straight from rows of a million leads take their time, which no page has.
TIMEOUT_MS = 120_000

_COLUMNS: Sequence[tuple[str, str]] = (
    ("owner", "i4"),
    ("code", "i8"),
    ("work", "i2"),
    *((name, "i8") for name in MEASURES),
    ("arr_squares", "f8"),
)

_OWNERS = "SELECT DISTINCT partner_id, channel FROM eql.lead l WHERE {leads} ORDER BY 1, 2"
_SUMS = ", ".join(f"sum({name})::bigint AS {name}" for name in ("sqls", "won", "lost", "open", "pipeline", "arr"))

# Lists compare as wholes, a missing value being equal to a missing one.
_FROM_ROWS = f"""
owner AS (
    SELECT o.no::int - 1 AS owner, ARRAY[o.partner_id, o.channel] AS key
    FROM unnest(CAST(:partners AS text[]), CAST(:channels AS text[])) WITH ORDINALITY AS o (partner_id, channel, no)
)
SELECT owner.owner, c.code, c.work, c.leads, {", ".join(f"c.{name}" for name in MEASURES[1:])}, c.arr_squares
FROM (
    SELECT partner_id, channel, code, work::smallint AS work, count(*) AS leads, {_SUMS},
           count(*) FILTER (WHERE created_at < :recent_from) AS old,
           count(*) FILTER (WHERE created_at < :recent_from AND won = 1) AS old_won,
           coalesce(sum((arr::numeric * arr)) FILTER (WHERE arr > 0), 0)::float8 AS arr_squares
    FROM scored GROUP BY partner_id, channel, code, work
) AS c JOIN owner ON owner.key = ARRAY[c.partner_id, c.channel]
"""


def read_cells(engine: Engine, window: Window, structure: Structure, *, sourced: bool) -> ScoreCells:
    """Cells of live leads created in the window's period, seen at its `as_of`; `sourced`: only those with a partner.

    Raises what `read_frame` raises.
    """
    return cells_from_rows(engine, window, structure, sourced=sourced)


def cells_from_rows(engine: Engine, window: Window, structure: Structure, *, sourced: bool) -> ScoreCells:
    """The same straight from the leads, whatever the rollup holds."""
    leads = SOURCED if sourced else COHORT
    rows = lead_rows(structure, leads)
    params = {**window.parameters, **rows.parameters, "recent_from": recent_from(window.as_of)}
    with _reading(engine) as connection:
        found = connection.execute(text(_OWNERS.format(leads=leads)), params)
        owners = tuple(Owner(partner, channel) for partner, channel in found)
        params |= {"partners": [o.partner_id for o in owners], "channels": [o.channel for o in owners]}
        cells = copied(connection, f"WITH RECURSIVE {rows.sql}, {_FROM_ROWS}", params, _COLUMNS)
    return _cells(structure, owners, cells)


def _cells(structure: Structure, owners: tuple[Owner, ...], found: NDArray[Any]) -> ScoreCells:
    counts = np.stack([found[name].astype(np.int64) for name in MEASURES])
    return score_cells(
        structure,
        owners,
        found["owner"].astype(np.int32),
        found["code"].astype(np.int64),
        found["work"].astype(np.uint8),
        counts,
        found["arr_squares"].astype(np.float64),
    )


@contextmanager
def _reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the data. DatabaseUnavailable, QueryTooSlow: as `read_frame`."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            limit = text("SELECT set_config('statement_timeout', :limit, true)")
            connection.execute(limit, {"limit": str(TIMEOUT_MS)})
            yield connection
    except (DBAPIError, psycopg.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(cause, psycopg.errors.QueryCanceled | psycopg.errors.LockNotAvailable):
            raise QueryTooSlow("The database took too long over the score cells: narrow the period.") from error
        if isinstance(cause, psycopg.OperationalError):
            raise DatabaseUnavailable("The database does not answer: see `python -m dashboard doctor`.") from error
        raise


def copied(
    connection: Connection, query: str, params: Mapping[str, object], columns: Sequence[tuple[str, str]]
) -> NDArray[Any]:
    """The rows of a query whose columns all have a fixed width and a value, as one array with those columns.

    COPY's binary form, fixed widths given, is an array already: a million values take milliseconds.
    """
    compiled = text(query).compile(dialect=connection.dialect)
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    with driver.cursor() as cursor, cursor.copy(f"COPY ({compiled}) TO STDOUT (FORMAT binary)", params) as copy:
        raw = b"".join(copy)
    return _array(raw, columns)


# Before the rows: a signature, flags and the length of an extension; after them: -1 instead of a count of fields.
_HEAD, _TAIL = 19, 2


def _array(raw: bytes, columns: Sequence[tuple[str, str]]) -> NDArray[Any]:
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind in columns:
        fields += [(f"{name} length", ">i4"), (name, f">{kind}")]
    row = np.dtype(fields)
    size = len(raw) - _HEAD - _TAIL
    if size % row.itemsize:
        raise ValueError("The columns of the query are not as wide as declared, or have no value.")
    return np.frombuffer(raw, dtype=row, count=size // row.itemsize, offset=_HEAD)
