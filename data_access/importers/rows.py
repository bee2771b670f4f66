"""Which texts stand in the columns of these rows, and which rows are no rows at all?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from data_access.importers.mapping import Condition, Each, template_parts
from data_access.importers.reading import Batch, OpenTable
from data_access.importers.values import blanked


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is quarantined: `row` is its place in the batch."""

    row: int
    column: str | None
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a batch as columns of text. `places` are their places in the batch, `lines` their physical lines.

    Every column is trimmed; blanks are null. A column that the file does not have is null throughout.
    """

    file: str
    places: pl.Series
    lines: pl.Series
    texts: dict[str, pl.Series] = field(default_factory=dict)
    workbook: bool = False

    def __len__(self) -> int:
        return len(self.places)

    def column(self, name: str, blanks: Sequence[str] = ()) -> pl.Series:
        """The texts of a column, null where blank."""
        found = self.texts.get(name)
        if found is None:
            return nothing(len(self))
        return blanked(found, blanks)

    def chosen(self, mask: pl.Series) -> Rows:
        """The rows for which the mask holds."""
        if mask.all():
            return self
        return Rows(
            self.file,
            self.places.filter(mask),
            self.lines.filter(mask),
            {name: texts.filter(mask) for name, texts in self.texts.items()},
            self.workbook,
        )

    def narrowed(self, condition: Condition | None) -> Rows:
        """The rows for which a condition holds."""
        return self if condition is None else self.chosen(self.holds(condition))

    def holds(self, condition: Condition) -> pl.Series:
        """For each row, whether a condition holds of its column."""
        return condition_holds(self.column(condition.column), condition)

    def exploded(self, each: Each) -> Rows:
        """One row per piece of a column, the piece standing in column `each`; rows without any are left out."""
        pieces = self.column(each.column).str.split(each.split)
        frame = pl.DataFrame({"place": pl.int_range(len(self), eager=True), "piece": pieces}).explode("piece")
        frame = frame.with_columns(pl.col("piece").str.strip_chars()).filter(
            pl.col("piece").is_not_null() & (pl.col("piece") != "")
        )
        at = frame["place"]
        texts = {name: texts.gather(at) for name, texts in self.texts.items()}
        return replace(
            self, places=self.places.gather(at), lines=self.lines.gather(at), texts=texts | {"each": frame["piece"]}
        )

    def template(self, template: str, blanks: Sequence[str] = (), whole: bool = False) -> pl.Series:
        """A template filled in for each row: null where all its columns (with `whole`, any) are blank."""
        parts: list[pl.Series] = []
        columns: list[pl.Series] = []
        for literal, name in template_parts(template):
            if literal:
                parts.append(pl.Series([literal]).new_from_index(0, len(self)))
            if name == "line":
                parts.append(self.lines.cast(pl.String))
            elif name == "file":
                parts.append(pl.Series([self.file]).new_from_index(0, len(self)))
            elif name:
                columns.append(self.column(name, blanks))
                parts.append(columns[-1].fill_null(""))
        frame = pl.DataFrame([part.alias(str(i)) for i, part in enumerate(parts)])
        filled = frame.select(pl.concat_str(pl.all()).str.strip_chars()).to_series() if parts else nothing(len(self))
        if columns:
            blank = pl.DataFrame([part.is_null().alias(str(i)) for i, part in enumerate(columns)])
            rule = pl.any_horizontal if whole else pl.all_horizontal
            filled = filled.set(blank.select(rule(pl.all())).to_series(), None)
        return filled


def condition_holds(texts: pl.Series, condition: Condition) -> pl.Series:
    """For each text, whether a condition holds of it; blank equals the word '' only."""
    if condition.words is None:
        return texts.is_null() if condition.negated else texts.is_not_null()
    hit = texts.fill_null("").str.to_lowercase().is_in(list(condition.words))
    return ~hit if condition.negated else hit


def nothing(height: int) -> pl.Series:
    """A column without any text."""
    return pl.Series([None], dtype=pl.String).new_from_index(0, height)


def position_of(column: str, headings: Sequence[str]) -> int | None:
    """Where a column stands: by its exact heading, else by the only one that differs in case or spaces alone."""
    if column in headings:
        return headings.index(column)
    same = [i for i, heading in enumerate(headings) if _loose(heading) == _loose(column)]
    return same[0] if len(same) == 1 else None


def _loose(heading: str) -> str:
    return " ".join(heading.lower().split())


def rows_of(table: OpenTable, batch: Batch, columns: Iterable[str]) -> Rows:
    """The rows of a batch that have as many cells as the header."""
    return sorted_out(table, batch, columns, ())[0]


def sorted_out(
    table: OpenTable, batch: Batch, columns: Iterable[str], footer: Sequence[str]
) -> tuple[Rows, list[Problem]]:
    """Rows with the right number of cells, and the problems of all others."""
    width = len(table.headings)
    problems: list[Problem] = []
    places: list[int] = []
    cells: list[list[str]] = []
    for place, row in enumerate(batch.cells):
        if len(row) == width and row[0] and not footer:
            places.append(place)
            cells.append(row)
            continue
        problem, row = _inspected(place, row, width, footer)
        if problem:
            problems.append(problem)
        else:
            places.append(place)
            cells.append(row)
    by_column = list(zip(*cells, strict=True)) if cells else [()] * width
    texts = {}
    for column in dict.fromkeys(columns):
        position = position_of(column, table.headings)
        if position is not None:
            texts[column] = pl.Series(column, by_column[position], dtype=pl.String)
    at = pl.Series(places, dtype=pl.Int64)
    lines = pl.Series(batch.lines, dtype=pl.Int64).gather(at)
    return Rows(table.name, at, lines, texts, table.workbook), problems


def _inspected(place: int, row: list[str], width: int, footer: Sequence[str]) -> tuple[Problem | None, list[str]]:
    if not any(cell.strip() for cell in row):
        return Problem(place, None, "empty_row", "all cells are blank"), row
    if footer and (len(row) == 1 < width or row[0].strip().lower().startswith(tuple(f.lower() for f in footer))):
        return Problem(place, None, "footer", "belongs to the report's footer, not to its data"), row
    if len(row) > width and not any(cell.strip() for cell in row[width:]):
        return None, row[:width]
    if len(row) != width:
        return Problem(place, None, "cell_count", f"has {len(row)} cells where the header has {width}"), row
    return None, row
