"""A simulated company in an embedded Postgres of its own, for one benchmark."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.own_postgres import own_postgres
from data_access.demo import DemoOptions, load
from data_access.engine import Database
from data_access.schema import migrate


@dataclass(frozen=True)
class Simulated:
    """The database, the folder that EQL_HOME may name to reach it, and the seconds that loading took."""

    database: Database
    home: Path
    loaded_s: float


@contextmanager
def simulated(leads: int) -> Iterator[Simulated]:
    """A company with so many leads; its server and folder are gone afterwards."""
    with own_postgres() as (database, home):
        migrate(database)
        begin = time.perf_counter()
        load(database, DemoOptions(leads=leads))
        yield Simulated(database, home, time.perf_counter() - begin)
