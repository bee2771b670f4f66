"""Which state of the data is this, how fresh is it, and whose is it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import Engine

from data_access.engine import read_frame

SIMULATED = "simulated"


@dataclass(frozen=True, slots=True)
class DataVersion:
    """The number that rises with every write that changes an answer, and when it last rose (UTC)."""

    number: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest of each kind of record, in UTC; None where there is none."""

    lead: datetime | None
    deal: datetime | None
    activity: datetime | None
    traffic: datetime | None
    last_import: datetime | None


_VERSION = "SELECT version, changed_at FROM eql.data_version"

_NEWEST = """
SELECT (SELECT max(created_at) FROM eql.lead WHERE created_at <= now()) AS lead,
       (SELECT greatest(max(opened_at), max(closed_at)) FROM eql.deal WHERE coalesce(opened_at, closed_at) <= now())
           AS deal,
       (SELECT max(last_activity_at) FROM eql.lead WHERE last_activity_at <= now()) AS activity,
       (SELECT max(day)::timestamptz FROM eql.traffic) AS traffic,
       (SELECT max(imported_at) FROM eql.import_batch WHERE undone_at IS NULL) AS last_import
"""

# Looked up where they are few: reading every lead for its source would take longer than the page.
_SOURCES = """
SELECT source FROM eql.import_batch WHERE undone_at IS NULL
UNION SELECT 'simulated' WHERE EXISTS (SELECT FROM eql.partner WHERE source = 'simulated') ORDER BY 1
"""

_RANGE = """
SELECT least((SELECT min(created_at) FROM eql.lead), (SELECT min(coalesce(opened_at, closed_at)) FROM eql.deal))
           AS earliest,
       coalesce((SELECT max(created_at) FROM eql.lead), (SELECT max(closed_at) FROM eql.deal)) AS latest
"""


def data_version(engine: Engine) -> DataVersion:
    """The version of the data; one row by its key."""
    row = read_frame(engine, _VERSION, {}, {"version": pl.Int64, "changed_at": pl.Datetime("us", "UTC")})
    return DataVersion(*row.row(0))


def newest(engine: Engine) -> Newest:
    """How fresh the data are; reads whole tables, so it is for caching."""
    moment = pl.Datetime("us", "UTC")
    names = ("lead", "deal", "activity", "traffic", "last_import")
    row = read_frame(engine, _NEWEST, {}, dict.fromkeys(names, moment))
    return Newest(*row.row(0))


def sources(engine: Engine) -> tuple[str, ...]:
    """The names of the sources that were imported; `simulated` for the simulated company."""
    return tuple(read_frame(engine, _SOURCES, {}, {"source": pl.String})["source"].to_list())


def time_range(engine: Engine) -> tuple[datetime | None, datetime | None]:
    """From the first lead or deal to the last lead; to the last closing where there are only deals."""
    moment = pl.Datetime("us", "UTC")
    earliest, latest = read_frame(engine, _RANGE, {}, {"earliest": moment, "latest": moment}).row(0)
    return earliest, latest
