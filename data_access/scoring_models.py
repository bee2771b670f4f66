"""Which scoring model is active? The newest one that somebody published, else the one that comes with the program."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import Engine

from dashboard.domain import UserError
from dashboard.scoring.model import ScoringModel
from dashboard.scoring.scorecard_file import default_model, parse
from data_access.engine import read_frame
from data_access.questions import Schema


@dataclass(frozen=True, slots=True)
class ActiveModel:
    """The model that qualifies leads; version and moment are None for the one that comes with the program."""

    model: ScoringModel
    version: int | None = None
    published_at: datetime | None = None


_NEWEST = """
SELECT version, definition::text AS definition, published_at FROM eql.scoring_model
WHERE published_at <= :as_of ORDER BY published_at DESC, version DESC LIMIT 1
"""
_SCHEMA: Schema = {"version": pl.Int64, "definition": pl.String, "published_at": pl.Datetime("us", "UTC")}


def active_model(engine: Engine, as_of: datetime) -> ActiveModel:
    """The model published last before `as_of`; UserError where it cannot be read."""
    found = read_frame(engine, _NEWEST, {"as_of": as_of}, _SCHEMA)
    if found.is_empty():
        return ActiveModel(default_model())
    version, definition, published_at = found.row(0)
    try:
        return ActiveModel(parse(definition), version, published_at)
    except UserError as error:
        raise UserError(f"Version {version} of the scoring model cannot be read. {error}") from error
