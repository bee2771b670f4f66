"""How is a question asked that goes through the leads or touches of a large company, and may take its time?"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import polars as pl
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from data_access.engine import translated
from data_access.questions import Schema

TIMEOUT_MS = 120_000
# `plan_cache_mode`: a plan for ten deals is none for ten thousand. `work_mem`: the sorts of a large company's touches.
_SETTINGS = {"statement_timeout": str(TIMEOUT_MS), "plan_cache_mode": "force_custom_plan", "work_mem": "64MB"}


def read_patiently(
    engine: Engine, sql: str, params: Mapping[str, object], schema: Schema, too_slow: str
) -> pl.DataFrame:
    """The rows of a query, as `read_frame` gives them, with two minutes of time and memory for larger sorts.

    QueryTooSlow with the sentence `too_slow`: it took longer still; DatabaseUnavailable: the server is away.
    """
    try:
        with engine.connect() as connection:
            for name, value in _SETTINGS.items():
                connection.execute(text("SELECT set_config(:name, :value, true)"), {"name": name, "value": value})
            rows = connection.execute(text(sql), dict(params)).fetchall()
    except DBAPIError as error:
        raise translated(error, too_slow) from error
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    named = zip(schema.items(), columns, strict=True)
    return pl.DataFrame([_series(name, column, dtype) for (name, dtype), column in named])


def _series(name: str, values: tuple[object, ...], dtype: type[pl.DataType] | pl.DataType) -> pl.Series:
    plain = [int(value) if isinstance(value, Decimal) and dtype == pl.Int64 else value for value in values]
    return pl.Series(name, plain, dtype=dtype)
