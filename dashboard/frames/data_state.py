"""What state are the data in? The questions of the Data page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import Engine

from dashboard import period as periods
from dashboard.answers import answer
from dashboard.frames.performance import window
from dashboard.settings import settings
from data_access import health as health_reads
from data_access import schema, version
from data_access.importers import batches
from data_access.version import DataVersion, Newest


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose data these are."""

    sources: tuple[str, ...]

    @property
    def simulated(self) -> bool:
        """Whether everything comes from the simulated company."""
        return self.sources == (version.SIMULATED,)


@dataclass(frozen=True, slots=True)
class DataHealth:
    """What the Data page says about the state of the data."""

    version: DataVersion
    newest: Newest
    oddities: health_reads.Oddities


def origin() -> Origin:
    """Whose data these are."""
    return answer("origin", lambda engine, _: Origin(version.sources(engine)))


def health() -> DataHealth:
    """The state of the data: versions, freshness, oddities, rows."""

    def compute(engine: Engine, instant: datetime) -> DataHealth:
        seen = window(periods.current_quarter(instant, settings()), instant)
        return DataHealth(
            version.data_version(engine),
            version.newest(engine),
            health_reads.oddities(engine, seen),
        )

    return answer("health", compute)


def row_counts() -> Mapping[str, int]:
    """Rows by table; counting them takes its time."""
    return answer("rows", lambda engine, _: schema.row_counts(engine))


def dictionary() -> list[schema.Table]:
    """The data dictionary from the database's own comments."""
    return answer("dictionary", lambda engine, _: list(schema.dictionary(engine)))


def import_batches() -> pl.DataFrame:
    """Imports, the newest first."""
    return answer("imports", lambda engine, _: batches.list_batches(engine))


def quarantine(batch_id: int | None, limit: int, after: int = 0) -> pl.DataFrame:
    """Rows that were set aside, after the row with number `after`."""
    return answer(
        ("quarantine", batch_id, limit, after),
        lambda engine, _: batches.quarantine_rows(engine, batch_id, limit, after),
    )
