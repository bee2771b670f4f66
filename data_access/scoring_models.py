"""Which scoring model is active, and which were before? The newest that somebody published, else the program's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Version:
    """A row of the scoring models. `parent`: the version that it was made from; None: the program's own.

    `author` made it, `published_by` made it the active model at `published_at`; both None where nobody has. `model` is
    None where the row cannot be read; `trouble` then says why.
    """

    version: int
    name: str
    model: ScoringModel | None
    parent: int | None
    author: str
    created_at: datetime
    note: str | None
    published_at: datetime | None
    published_by: str | None
    trouble: str = ""


_NEWEST = """
SELECT version, definition::text AS definition, published_at FROM eql.scoring_model
WHERE published_at <= :as_of ORDER BY published_at DESC, version DESC LIMIT 1
"""
_SCHEMA: Schema = {"version": pl.Int64, "definition": pl.String, "published_at": pl.Datetime("us", "UTC")}
_VERSIONS = """
SELECT version, name, definition::text AS definition, parent, author, created_at, note, published_at, published_by
FROM eql.scoring_model WHERE CAST(:version AS bigint) IS NULL OR version = :version ORDER BY version DESC
"""
_VERSION_SCHEMA: Schema = {
    "version": pl.Int64,
    "name": pl.String,
    "definition": pl.String,
    "parent": pl.Int64,
    "author": pl.String,
    "created_at": pl.Datetime("us", "UTC"),
    "note": pl.String,
    "published_at": pl.Datetime("us", "UTC"),
    "published_by": pl.String,
}


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


def history(engine: Engine) -> list[Version]:
    """Every version, the newest first, those that nobody published among them."""
    found = read_frame(engine, _VERSIONS, {"version": None}, _VERSION_SCHEMA)
    return [_version(row) for row in found.iter_rows(named=True)]


def version_of(engine: Engine, number: int) -> Version:
    """One version by its number; UserError where there is none."""
    found = read_frame(engine, _VERSIONS, {"version": number}, _VERSION_SCHEMA)
    if found.is_empty():
        raise UserError(f"There is no version {number} of the scoring model.")
    return _version(found.row(0, named=True))


def _version(row: Mapping[str, Any]) -> Version:
    definition, rest = row["definition"], {name: value for name, value in row.items() if name != "definition"}
    try:
        return Version(**rest, model=parse(definition))
    except UserError as error:
        return Version(**rest, model=None, trouble=str(error))


_UNSEEN = """
SELECT named.signal FROM unnest(CAST(:signals AS text[])) WITH ORDINALITY AS named (signal, place)
WHERE NOT EXISTS (SELECT FROM eql.signal g WHERE g.signal = named.signal) ORDER BY named.place
"""


def unseen_signals(engine: Engine, model: ScoringModel) -> list[str]:
    """Signals that a model names and no lead has: misspelt, or not imported."""
    named = list(dict.fromkeys(model.signals()))
    return read_frame(engine, _UNSEEN, {"signals": named}, {"signal": pl.String})["signal"].to_list()
