"""When was the scoring model last audited, and by whom? An audit is a row of the log; a publication counts as one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import Engine

from data_access.engine import read_frame
from data_access.questions import Schema
from data_access.signed_writes import PUBLISH_LOCK, audit, noted, signed, writing

AUDITED = "audit scoring model"
_PROGRAM = "the scorecard that comes with the program"

# Newer entries have higher numbers, so the log is read from its end.
_LAST = f"""
SELECT * FROM (
    (SELECT at, actor AS by, detail ->> 'note' AS note, CAST(detail ->> 'version' AS bigint) AS version,
            false AS published
     FROM eql.audit_log WHERE action = '{AUDITED}' ORDER BY entry_id DESC LIMIT 1)
    UNION ALL
    (SELECT published_at, coalesce(published_by, author), note, version, true
     FROM eql.scoring_model WHERE published_at IS NOT NULL ORDER BY published_at DESC, version DESC LIMIT 1)
) AS both_kinds ORDER BY at DESC LIMIT 1
"""
_SCHEMA: Schema = {
    "at": pl.Datetime("us", "UTC"),
    "by": pl.String,
    "note": pl.String,
    "version": pl.Int64,
    "published": pl.Boolean,
}


@dataclass(frozen=True, slots=True)
class Audit:
    """The last look at the scoring model: when, by whom, with what note, at which version (None: the program's own).

    `published`: it was a publication, which nobody makes without looking.
    """

    at: datetime
    by: str
    note: str | None
    version: int | None
    published: bool


def last_audit(engine: Engine) -> Audit | None:
    """The newest of recorded audits and publications; None where there is neither. Raises what `read_frame` raises."""
    found = read_frame(engine, _LAST, {}, _SCHEMA)
    return None if found.is_empty() else Audit(**found.row(0, named=True))


def record_audit(engine: Engine, version: int | None, author: str, note: str | None) -> None:
    """Adds an audit of the active version (None: the program's own) to the log.

    UserError: a name or a note that cannot be kept; DatabaseUnavailable: nothing is known saved.
    """
    name, said = signed(author), noted(note)
    with writing(engine, PUBLISH_LOCK) as connection:
        subject = _PROGRAM if version is None else f"scoring model version {version}"
        audit(connection, name, AUDITED, subject, {"version": version, "note": said})
