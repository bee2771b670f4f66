"""Does the dictionary in the docs say what the database says, and does every column have its meaning?"""

from __future__ import annotations

import pytest

from dashboard.commands.dictionary import as_markdown
from data_access.engine import Database, app_engine
from data_access.schema import dictionary
from tests.conftest import ROOT

pytestmark = pytest.mark.database


def test_docs_are_the_database(database: Database) -> None:
    """`python -m dashboard dictionary > docs/data-dictionary.md` brings them together again."""
    written = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert written == as_markdown(dictionary(app_engine(database)))


def test_every_table_and_column_is_explained(database: Database) -> None:
    tables = [table for table in dictionary(app_engine(database)) if table.name != "alembic_version"]
    assert len(tables) >= 20
    assert [table.name for table in tables if not table.comment] == []
    assert [f"{t.name}.{c.name}" for t in tables for c in t.columns if not c.comment] == []
