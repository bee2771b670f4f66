"""How do several questions share one pass over the deals? Each stays a query; their answers travel together."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Engine

from data_access.engine import read_frame

Schema = Mapping[str, type[pl.DataType] | pl.DataType]
Read = Callable[[Engine, str, Mapping[str, object], Schema], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Question:
    """A query over the named queries before it, and the columns that it answers with."""

    sql: str
    schema: Schema


def ask_together(
    engine: Engine,
    before: str,
    questions: Mapping[str, Question],
    params: Mapping[str, object],
    read: Read = read_frame,
) -> dict[str, pl.DataFrame]:
    """The answers by name, all from one statement, so that what stands in `before` is worked out only once.

    Each answer comes as one JSON text of its columns. Raises what `read` raises.
    """
    parts = " UNION ALL ".join(_columns(name, question) for name, question in questions.items())
    answers = read(engine, f"WITH RECURSIVE {before} {parts}", params, {"name": pl.String, "answer": pl.String})
    return {name: _frame(json.loads(text), questions[name].schema) for name, text in answers.iter_rows()}


def _columns(name: str, question: Question) -> str:
    # Names are constants of this package, never data.
    columns = ", ".join(f"'{column}', json_agg(q.{column})" for column in question.schema)
    return f"SELECT '{name}' AS name, json_build_object({columns})::text AS answer FROM ({question.sql}) AS q"


def _frame(columns: Mapping[str, list[object] | None], schema: Schema) -> pl.DataFrame:
    return pl.DataFrame([_series(name, columns[name] or [], dtype) for name, dtype in schema.items()])


def _series(name: str, values: list[object], dtype: type[pl.DataType] | pl.DataType) -> pl.Series:
    if dtype == pl.Date:
        return pl.Series(name, values, dtype=pl.String).str.to_date("%Y-%m-%d")
    return pl.Series(name, values, dtype=dtype)
