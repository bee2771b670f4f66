"""`python -m dashboard dictionary`: the tables and columns, described by the database's own comments."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from dashboard.settings import settings
from data_access.engine import app_engine, open_database
from data_access.schema import Table, dictionary, migrate

HEAD = """# Data dictionary

The tables of schema `eql`, written by `python -m dashboard dictionary` from the comments in the database itself.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    parser = subparsers.add_parser("dictionary", help="print the data dictionary as Markdown")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints the dictionary of the connected database."""
    with open_database(settings()) as database:
        migrate(database)
        print(as_markdown(dictionary(app_engine(database))), end="")
    return 0


def as_markdown(tables: Sequence[Table]) -> str:
    """One section a table, one row a column."""
    return HEAD + "".join(_section(table) for table in tables if table.name != "alembic_version")


def _section(table: Table) -> str:
    rows = "".join(
        f"| `{column.name}` | {column.type} | {'' if column.nullable else 'yes'} | {column.comment} |\n"
        for column in table.columns
    )
    return f"\n## {table.name}\n\n{table.comment}\n\n| column | type | required | meaning |\n|---|---|---|---|\n{rows}"
