"""How does the simulated company come into the database? By COPY, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import polars as pl
import psycopg
from psycopg import sql

from dashboard.domain import UserError
from data_access.engine import Database, owner_engine

from .bulk import set_aside
from .company import Company

CHUNK = 50_000
SOURCE = "simulated"
Progress = Callable[[str, int, int], None]


def store(database: Database, company: Company, progress: Progress | None = None) -> None:
    """Writes the company in one transaction in place of an earlier simulated one.

    `progress` is told table, rows written and rows in all. Raises UserError, and changes nothing, where the database
    holds rows that were not simulated.
    """
    with owner_engine(database).connect() as connection, connection.begin():
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor:
            _lock(cursor, list(company.tables))
            _refuse_foreign(cursor, list(company.tables))
            cursor.execute(sql.SQL("TRUNCATE {}").format(_names(list(company.tables))))
            with set_aside(cursor, list(company.tables)):
                for name, table in company.tables.items():
                    _copy(cursor, name, table, progress)
            cursor.execute(sql.SQL("ANALYZE {}").format(_names(list(company.tables))))


def _names(tables: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier("eql", name) for name in tables)


def _lock(cursor: psycopg.Cursor[Any], tables: list[str]) -> None:
    """Nobody writes between the check and the load."""
    cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(_names([*tables, "import_batch"])))


def _refuse_foreign(cursor: psycopg.Cursor[Any], tables: list[str]) -> None:
    imported = cursor.execute("SELECT count(*) FROM eql.import_batch WHERE undone_at IS NULL").fetchone()
    if imported and imported[0]:
        raise UserError(
            "This database holds imported data; the simulated company is only written into an empty one: "
            "take the imports back first, or choose another database."
        )
    for name in tables:
        query = sql.SQL("SELECT EXISTS (SELECT FROM {} WHERE source <> %s)").format(sql.Identifier("eql", name))
        found = cursor.execute(query, [SOURCE]).fetchone()
        if found and found[0]:
            raise UserError(
                f"This database holds rows in {name} that were not simulated; the simulated company is only written "
                "into an empty database: choose another one."
            )


def _copy(cursor: psycopg.Cursor[Any], name: str, table: pl.DataFrame, progress: Progress | None) -> None:
    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, FREEZE)").format(sql.Identifier("eql", name), columns)
    with cursor.copy(statement) as copy:
        for start in range(0, table.height, CHUNK):
            copy.write(_csv(table.slice(start, CHUNK)))
            if progress is not None:
                progress(name, min(start + CHUNK, table.height), table.height)


def _csv(table: pl.DataFrame) -> bytes:
    """Rows as COPY reads them: nothing for null, `{a,b}` for a list."""
    lists = [name for name, kind in table.schema.items() if isinstance(kind, pl.List)]
    flat = table.with_columns((pl.lit("{") + pl.col(name).list.join(",") + "}").alias(name) for name in lists)
    buffer = BytesIO()
    flat.write_csv(buffer, include_header=False, datetime_format="%Y-%m-%d %H:%M:%S+00")
    return buffer.getvalue()
