"""Where do converted rows wait until all of them are checked? In temporary tables, filled by COPY."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import psycopg
from psycopg import sql

from data_access.importers.contract import Kind
from data_access.importers.mapping import Section
from data_access.importers.values import LIST_SIGN

Connection = psycopg.Connection[Any]

#: Columns of a staging table beside the mapped fields.
OWN_COLUMNS = ("row_no", "file_no", "line")


@dataclass(frozen=True, slots=True)
class Stage:
    """The staging table of one section; `group` is shared by the sections of one kind of file."""

    name: str
    group: int
    section: Section

    @property
    def table(self) -> sql.Identifier:
        """The staging table."""
        return sql.Identifier("pg_temp", self.name)

    @property
    def target(self) -> sql.Identifier:
        """The contract table that it feeds."""
        return sql.Identifier("eql", self.section.table.name)

    @property
    def fields(self) -> tuple[str, ...]:
        """Mapped fields, in the order of the staging table."""
        return tuple(mapped.name for mapped in self.section.fields)

    @property
    def key(self) -> tuple[str, ...]:
        """Key columns of the contract table that are mapped (a target may have no partner)."""
        return tuple(name for name in self.section.table.key if name in self.fields)

    def value(self, name: str) -> sql.Composable:
        """A staged field as the contract table holds it."""
        column = sql.Identifier("s", name)
        if self.section.table.fields[name].kind is Kind.LIST:
            return sql.SQL("string_to_array({}, {})").format(column, sql.Literal(LIST_SIGN))
        return column


@dataclass(slots=True)
class Staging:
    """All staging tables of one import."""

    connection: Connection
    stages: list[Stage] = field(default_factory=list)
    rows: int = 0

    def create(self) -> None:
        """Makes the temporary tables; they vanish with the transaction."""
        self.connection.execute(
            "CREATE TEMP TABLE stage_quarantine (file_no integer, line bigint, column_name text, code text,"
            " reason text, raw text) ON COMMIT DROP"
        )

    def add(self, group: int, section: Section) -> Stage:
        """A new staging table with the types of the contract table."""
        stage = Stage(f"stage_{len(self.stages)}", group, section)
        columns = [
            sql.SQL("NULL::text AS {}" if section.table.fields[name].kind is Kind.LIST else "{}").format(
                sql.Identifier(name)
            )
            for name in stage.fields
        ]
        self.connection.execute(
            sql.SQL(
                "CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT 0::bigint AS row_no, 0 AS file_no, 0::bigint AS line,"
                " {} FROM {} WITH NO DATA"
            ).format(sql.Identifier(stage.name), sql.SQL(", ").join(columns), stage.target)
        )
        self.stages.append(stage)
        return stage

    def fill(self, stage: Stage, file_no: int, frame: pl.DataFrame) -> None:
        """COPY of a converted frame."""
        if frame.is_empty():
            return
        numbered = frame.select(
            pl.int_range(self.rows, self.rows + frame.height).alias("row_no"),
            pl.lit(file_no).alias("file_no"),
            "line",
            *stage.fields,
        )
        self.rows += frame.height
        self.copy(stage.name, numbered)

    def quarantine(self, file_no: int, rows: Iterable[Sequence[object]]) -> None:
        """Sets rows aside: each is (line, column, code, reason, raw text)."""
        with self.connection.cursor() as cursor, cursor.copy("COPY pg_temp.stage_quarantine FROM STDIN") as copy:
            for row in rows:
                copy.write_row((file_no, *row))

    def copy(self, table: str, frame: pl.DataFrame) -> None:
        """COPY of a frame with the columns of a temporary table; null is null, moments are UTC."""
        text = frame.write_csv(include_header=False, datetime_format="%Y-%m-%d %H:%M:%S%.6f+00")
        statement = sql.SQL("COPY {} FROM STDIN (FORMAT csv)").format(sql.Identifier("pg_temp", table))
        with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(text)

    def analyse(self) -> None:
        """Without figures of its own Postgres would plan for empty tables."""
        for stage in self.stages:
            self.connection.execute(sql.SQL("ANALYZE {}").format(stage.table))

    def feeding(self, table: str, *, adding: bool = True) -> list[Stage]:
        """The stages that feed a contract table, those that only update left out."""
        return [
            stage
            for stage in self.stages
            if stage.section.table.name == table and not (adding and stage.section.update_only)
        ]


def names(columns: Iterable[str], of: str | None = None) -> sql.Composed:
    """Column names, comma between, each of a table alias where one is given."""
    return sql.SQL(", ").join(sql.Identifier(of, name) if of else sql.Identifier(name) for name in columns)


def matching(columns: Iterable[str], left: str, right: str, table: Any = None) -> sql.Composed:
    """`left.a = right.a AND …`; columns that may be null compare as equal when both are."""
    parts = []
    for name in columns:
        nullable = table is not None and not table.fields[name].required
        sign = sql.SQL("{} IS NOT DISTINCT FROM {}" if nullable else "{} = {}")
        parts.append(sign.format(sql.Identifier(left, name), sql.Identifier(right, name)))
    return sql.SQL(" AND ").join(parts)
