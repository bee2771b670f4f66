"""When did somebody last look whether the scoring model is still right? A publication is an audit, and so is a note."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import Engine

from data_access.engine import read_frame
from data_access.questions import Schema
from data_access.signed_writes import PUBLISH_LOCK, audit, noted, signed, writing

ACTION = "audit scoring model"


@dataclass(frozen=True, slots=True)
class Audit:
    """Who looked last, and when; `version` is what was found right (None: the scorecard of the program).

    `published`: the audit ended in a publication.
    """

    at: datetime
    by: str
    version: int | None
    note: str | None
    published: bool


_LAST = """
SELECT * FROM (
    SELECT published_at AS at, coalesce(published_by, author) AS by, version, note, true AS published
    FROM eql.scoring_model WHERE published_at <= clock_timestamp()
    UNION ALL
    SELECT at, actor, (detail ->> 'version')::bigint, detail ->> 'note', false
    FROM eql.audit_log WHERE action = :action
) AS audit ORDER BY at DESC, published LIMIT 1
"""
_SCHEMA: Schema = {
    "at": pl.Datetime("us", "UTC"),
    "by": pl.String,
    "version": pl.Int64,
    "note": pl.String,
    "published": pl.Boolean,
}


def last_audit(engine: Engine) -> Audit | None:
    """The last audit; None where there was none yet."""
    found = read_frame(engine, _LAST, {"action": ACTION}, _SCHEMA)
    return Audit(**found.row(0, named=True)) if found.height else None


def record_audit(engine: Engine, by: str, version: int | None, note: str | None = None) -> None:
    """Notes that somebody looked at the active version and left it as it is; raises as `scenarios.save` does."""
    actor, why = signed(by), noted(note)
    with writing(engine, PUBLISH_LOCK) as connection:
        audit(connection, actor, ACTION, f"version {version}", {"version": version, "note": why})
