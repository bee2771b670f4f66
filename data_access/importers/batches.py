"""Which imports have there been, what did they set aside, and how is one taken back?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

import polars as pl
import psycopg
from psycopg import sql
from sqlalchemy import Engine

from dashboard.domain import UserError
from data_access.engine import read_frame
from data_access.importers.contract import TABLES
from data_access.importers.loading import begin
from data_access.importers.staging import Connection, matching, names

BATCH_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "batch_id": pl.Int64,
    "imported_at": pl.Datetime("us", "UTC"),
    "imported_by": pl.String,
    "mapping": pl.String,
    "source": pl.String,
    "files": pl.String,
    "rows_read": pl.Int64,
    "rows_accepted": pl.Int64,
    "rows_quarantined": pl.Int64,
    "warnings": pl.Int64,
    "undone_at": pl.Datetime("us", "UTC"),
}
QUARANTINE_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "quarantine_id": pl.Int64,
    "batch_id": pl.Int64,
    "file": pl.String,
    "line": pl.Int64,
    "column_name": pl.String,
    "code": pl.String,
    "reason": pl.String,
    "raw": pl.String,
}

_BATCHES = """
    SELECT batch_id, imported_at, imported_by, mapping, source,
           (SELECT string_agg(file ->> 'name', ', ') FROM jsonb_array_elements(files) AS file) AS files,
           rows_read, rows_accepted, rows_quarantined, jsonb_array_length(warnings) AS warnings, undone_at
      FROM eql.import_batch ORDER BY batch_id DESC LIMIT :limit
"""
_QUARANTINE = """
    SELECT quarantine_id, batch_id, file, line, column_name, code, reason, raw
      FROM eql.quarantine
     WHERE (CAST(:batch_id AS bigint) IS NULL OR batch_id = :batch_id) AND quarantine_id > :after
     ORDER BY quarantine_id LIMIT :limit
"""


@dataclass(frozen=True, slots=True)
class BatchDetail:
    """One batch: its row of `list_batches`, and per file and warning what was noted."""

    row: dict[str, Any]
    files: list[dict[str, Any]]
    warnings: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Undone:
    """What taking a batch back did: rows deleted and rows restored, per table."""

    batch_id: int
    deleted: dict[str, int]
    restored: dict[str, int]


def list_batches(engine: Engine, limit: int = 1000) -> pl.DataFrame:
    """Import batches, newest first, with the columns of BATCH_COLUMNS; times in UTC, `warnings` a count."""
    return read_frame(engine, _BATCHES, {"limit": limit}, BATCH_COLUMNS)


def quarantine_rows(engine: Engine, batch_id: int | None = None, limit: int = 1000, after: int = 0) -> pl.DataFrame:
    """Quarantined rows of one batch (None: of all) in the order of their ids, from the one after `after` on.

    Columns as in QUARANTINE_COLUMNS; the next page begins after the last `quarantine_id`.
    """
    return read_frame(engine, _QUARANTINE, {"batch_id": batch_id, "limit": limit, "after": after}, QUARANTINE_COLUMNS)


def show_batch(engine: Engine, batch_id: int) -> BatchDetail:
    """One batch in full; UserError where there is none of that number."""
    found = list_batches(engine, 2**31 - 1).filter(pl.col("batch_id") == batch_id).to_dicts()
    if not found:
        raise UserError(f"There is no batch {batch_id}; `python -m dashboard imports` lists them.")
    with engine.connect() as outer:
        connection = cast("Connection", outer.connection.driver_connection)
        row = connection.execute(
            "SELECT files, warnings FROM eql.import_batch WHERE batch_id = %s", (batch_id,)
        ).fetchone()
        connection.rollback()
    assert row is not None
    return BatchDetail(found[0], row[0], row[1])


def undo_batch(engine: Engine, batch_id: int) -> Undone:
    """Takes a batch back: rows that it changed are as before, rows that it added are gone, its quarantine too.

    UserError: no such batch, already undone, another import runs, or later rows rest on it (which batch to undo
    first is then said).
    """
    with engine.connect() as outer:
        connection = cast("Connection", outer.connection.driver_connection)
        try:
            begin(connection)
            done = _undo(connection, batch_id)
            connection.commit()
            return done
        finally:
            with suppress(psycopg.Error):
                connection.rollback()


def _undo(connection: Connection, batch_id: int) -> Undone:
    row = connection.execute(
        "SELECT undone_at FROM eql.import_batch WHERE batch_id = %s FOR UPDATE", (batch_id,)
    ).fetchone()
    if row is None:
        raise UserError(f"There is no batch {batch_id}; `python -m dashboard imports` lists them.")
    if row[0] is not None:
        raise UserError(f"Batch {batch_id} has been taken back already.")
    _refuse_changed_since(connection, batch_id)
    connection.execute("SET CONSTRAINTS ALL DEFERRED")
    restored = {name: count for name in TABLES if (count := _restore(connection, name, batch_id))}
    for child, column, parent in _references():
        _refuse_referred(connection, batch_id, child, column, parent)
    deleted = {}
    for name in reversed(list(TABLES)):
        count = connection.execute(
            sql.SQL("DELETE FROM {} WHERE batch_id = %s").format(sql.Identifier("eql", name)), (batch_id,)
        ).rowcount
        if count:
            deleted[name] = count
    connection.execute("DELETE FROM eql.import_before WHERE batch_id = %s", (batch_id,))
    connection.execute("DELETE FROM eql.quarantine WHERE batch_id = %s", (batch_id,))
    connection.execute("UPDATE eql.import_batch SET undone_at = clock_timestamp() WHERE batch_id = %s", (batch_id,))
    return Undone(batch_id, deleted, restored)


def _refuse_changed_since(connection: Connection, batch_id: int) -> None:
    """A later batch that changed a row of this one holds that row, as this batch left it, as its former self."""
    row = connection.execute(
        "SELECT max(batch_id), count(*) FROM eql.import_before"
        " WHERE batch_id > %s AND (row_before ->> 'batch_id')::bigint = %s",
        (batch_id, batch_id),
    ).fetchone()
    if row is not None and row[0] is not None:
        raise UserError(f"Batch {row[0]} has changed rows of batch {batch_id} since: undo batch {row[0]} first.")


def _restore(connection: Connection, table: str, batch_id: int) -> int:
    key = TABLES[table].key
    others = [name for name in (*TABLES[table].fields, "source", "batch_id") if name not in key]
    target = sql.Identifier("eql", table)
    # jsonb_populate_record gives a row as it stood, whatever its types.
    return connection.execute(
        sql.SQL(
            "UPDATE {target} t SET ({columns}) = ROW({values}) FROM (SELECT (jsonb_populate_record(NULL::{target},"
            " row_before)).* FROM eql.import_before WHERE batch_id = %s AND table_name = %s) AS b WHERE {same}"
        ).format(
            target=target,
            columns=names(others),
            values=names(others, "b"),
            same=_same(key, table),
        ),
        (batch_id, table),
    ).rowcount


def _same(key: Sequence[str], table: str) -> sql.Composed:
    return matching(key, "t", "b", TABLES[table])


def _references() -> Iterator[tuple[str, str, str]]:
    for table in TABLES.values():
        for name, spec in table.fields.items():
            if spec.refers is not None:
                yield table.name, name, spec.refers


def _refuse_referred(connection: Connection, batch_id: int, child: str, column: str, parent: str) -> None:
    """Rows that stay may not refer to rows that go."""
    row = connection.execute(
        sql.SQL(
            "SELECT count(*), max(c.batch_id) FROM {child} c JOIN {parent} p ON p.{key} = c.{column}"
            " WHERE p.batch_id = %s AND c.batch_id IS DISTINCT FROM %s"
        ).format(
            child=sql.Identifier("eql", child),
            parent=sql.Identifier("eql", parent),
            key=sql.Identifier(TABLES[parent].key[0]),
            column=sql.Identifier(column),
        ),
        (batch_id, batch_id),
    ).fetchone()
    if row is None or not row[0]:
        return
    if row[1] is None:
        raise UserError(f"Batch {batch_id} cannot be undone: {row[0]:,} rows of {child} that are not imported use it.")
    raise UserError(f"Batch {row[1]} refers to rows of batch {batch_id}: undo batch {row[1]} first.")
