"""A simulated company in an embedded Postgres of its own, for one benchmark."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from data_access.demo import DemoOptions, load
from data_access.embedded import EmbeddedServer
from data_access.engine import Database, dispose, embedded_database
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
    folder = Path(tempfile.mkdtemp(prefix="eqlbench"))
    folder.chmod(0o755)
    server = EmbeddedServer(folder / "home")
    try:
        database = embedded_database(server)
        migrate(database)
        begin = time.perf_counter()
        load(database, DemoOptions(leads=leads))
        yield Simulated(database, folder / "home", time.perf_counter() - begin)
        dispose(database)
    finally:
        server.release()
        shutil.rmtree(folder, ignore_errors=True)
