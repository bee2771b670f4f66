"""What do the import tests share? Writing files, importing them, asking the database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from data_access.engine import Database, owner_engine
from data_access.importers.loading import Request, import_files
from data_access.importers.summary import Summary


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file: text as UTF-8, bytes as they are."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def run(database: Database, write: Callable[..., Path]) -> Callable[..., Summary]:
    """Imports files through the text of a mapping (or the name of a shipped one, or none)."""

    def run(*paths: Path, mapping: str | None = None, zone: str = "UTC", **options: Any) -> Summary:
        if mapping is not None and "\n" in mapping:
            mapping = str(write("mapping.toml", mapping))
        return import_files(owner_engine(database), Request(paths, mapping, **options), zone)

    return run


@pytest.fixture
def ask(database: Database) -> Callable[..., list[tuple[Any, ...]]]:
    """The rows of a query."""

    def ask(query: str, **params: object) -> list[tuple[Any, ...]]:
        with owner_engine(database).connect() as connection:
            return [tuple(row) for row in connection.execute(text(query), params)]

    return ask
