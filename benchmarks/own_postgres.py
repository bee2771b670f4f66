"""Where does a benchmark measure? In an embedded Postgres of its own, which is gone afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data_access.embedded import EmbeddedServer
from data_access.engine import Database, dispose, embedded_database


@contextmanager
def own_postgres() -> Iterator[tuple[Database, Path]]:
    """A database with nothing in it, and the folder that EQL_HOME may name to reach it."""
    folder = Path(tempfile.mkdtemp(prefix="eqlbench"))
    folder.chmod(0o755)  # Postgres may run as another user
    server = EmbeddedServer(folder / "home")
    try:
        database = embedded_database(server)
        yield database, folder / "home"
        dispose(database)
    finally:
        server.release()
        shutil.rmtree(folder, ignore_errors=True)
