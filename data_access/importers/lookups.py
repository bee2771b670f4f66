"""What does a key mean in another file: the name of an owner, the contact of a deal?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import polars as pl

from dashboard.domain import UserError
from data_access.importers.mapping import LookupMapping, template_columns
from data_access.importers.reading import OpenTable
from data_access.importers.rows import rows_of

MAX_KEYS = 5_000_000


@dataclass(slots=True)
class Lookup:
    """Values by key, with counts of keys asked for and found."""

    name: str
    file: Path | None
    values: pl.DataFrame
    rows: int = 0
    sparse: bool = False
    asked: int = 0
    found: int = field(default=0)

    def find(self, texts: pl.Series) -> pl.Series:
        """The value of each text; null where it is blank or the file does not hold it."""
        answers = texts.to_frame("key").join(self.values, on="key", how="left", maintain_order="left")["value"]
        self.asked += len(texts) - texts.null_count()
        self.found += len(answers) - answers.null_count()
        return answers


def fits(lookup: LookupMapping, table: OpenTable) -> bool:
    """Whether a file is the one that a lookup means."""
    named = not lookup.names or any(fnmatch(table.name.lower(), name.lower()) for name in lookup.names)
    return named and set(lookup.match) <= set(table.headings)


def read_lookup(lookup: LookupMapping, tables: Sequence[OpenTable]) -> Lookup:
    """The lookup's file among the tables, read whole (two columns); without it the lookup finds nothing.

    Of rows with the same key the last one holds.
    """
    table = next((table for table in tables if fits(lookup, table)), None)
    empty = pl.DataFrame(schema={"key": pl.String, "value": pl.String})
    if table is None:
        return Lookup(lookup.name, None, empty, sparse=lookup.sparse)
    parts, read = [empty], 0
    columns = (lookup.key, *template_columns(lookup.value), *([lookup.when.column] if lookup.when else []))
    for batch in table.batches():
        rows = rows_of(table, batch, columns).narrowed(lookup.when)
        read += len(batch.lines)
        keys = rows.column(lookup.key)
        parts.append(pl.DataFrame({"key": keys, "value": rows.template(lookup.value)}).drop_nulls())
        if read > MAX_KEYS:
            raise UserError(f"The file {table.name} has more than {MAX_KEYS:,} rows, too many to look up in.")
    values = pl.concat(parts).unique("key", keep="last")
    return Lookup(lookup.name, table.path, values, read, lookup.sparse)
