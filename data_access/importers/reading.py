"""Which rows does a file hold, each with its line and its raw text, every cell as text?"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import fastexcel
import polars as pl

from dashboard.domain import UserError
from data_access.importers import sniffing

BATCH_ROWS = 25_000
MAX_COLUMNS = 2_000
_FIRST_LINES = 50
#: Excel's own way to name the delimiter, in a line above the headings.
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*$', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a mapping wants a file read; None means: find out."""

    sheet: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    header_line: int = 1
    unnamed_columns: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a file: their first physical lines (from 1), their cells, their raw text on demand.

    `share` says how much of the file has been read, 0 to 1.
    """

    lines: list[int]
    cells: list[list[str]]
    raw: Callable[[int], str]
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A file that can be read row by row, as often as needed; of a workbook `delimiter` names the sheet."""

    path: Path
    headings: tuple[str, ...]
    sha256: str
    size: int
    encoding: str
    delimiter: str
    workbook: bool
    batches: Callable[[], Iterator[Batch]]
    warnings: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        """File name without its folder."""
        return self.path.name


def open_table(path: Path, layout: Layout | None = None) -> OpenTable:
    """Finds out how to read a file; raises UserError with one sentence where it cannot be read whole."""
    layout = layout or Layout()
    if not path.is_file():
        raise UserError(f"There is no file {path}.")
    if sniffing.is_workbook(path):
        return _open_workbook(path, layout)
    return _open_text(path, layout)


def _headings(name: str, row: list[str], unnamed: bool) -> tuple[str, ...]:
    headings = [cell.strip() for cell in row]
    if not any(headings):
        raise UserError(f"The file {name} has no headings.")
    if len(headings) > MAX_COLUMNS:
        raise UserError(f"The file {name} has {len(headings):,} columns; at most {MAX_COLUMNS:,} are read.")
    seen: set[str] = set()
    for number, heading in enumerate(headings, 1):
        if not heading and unnamed:
            headings[number - 1] = heading = f"column {number}"
        if not heading:
            raise UserError(f"The file {name} has no heading in column {number}.")
        if heading in seen:
            raise UserError(f"The file {name} has the heading {heading!r} twice.")
        seen.add(heading)
    return tuple(headings)


# Text files


def _open_text(path: Path, layout: Layout) -> OpenTable:
    file = sniffing.inspect(path, layout.encoding)
    csv.field_size_limit(sniffing.MAX_CELL)
    try:
        with sniffing.opened(file) as text:
            skipped = list(islice(text, layout.header_line - 1))
            first = list(islice(text, _FIRST_LINES))
    except UnicodeError:
        raise UserError(f"The file {path.name} is not written in {file.encoding}.") from None
    delimiter = layout.delimiter or sniffing.delimiter_of(first)
    if layout.header_line == 1 and first and (told := _SEPARATOR_LINE.match(first[0])):
        return _open_text(path, replace(layout, delimiter=layout.delimiter or told[1], header_line=2))
    header = next(_rows(path.name, iter(first), delimiter, len(skipped)), None)
    if header is None:
        raise UserError(f"The file {path.name} has no headings.")
    warnings = ("encoding_guessed",) if file.guessed_encoding else ()
    return OpenTable(
        path=path,
        headings=_headings(path.name, header[1], layout.unnamed_columns),
        sha256=file.sha256,
        size=file.size,
        encoding=file.encoding,
        delimiter=delimiter,
        workbook=False,
        batches=lambda: _text_batches(file, delimiter, layout.header_line),
        warnings=warnings,
    )


def _rows(name: str, lines: Iterator[str], delimiter: str, before: int) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of the last line read; blank lines are passed over."""
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for row in reader:
            if row:
                yield reader.line_num + before, row
    except csv.Error as error:
        line = reader.line_num + before
        if "field larger" in str(error):
            raise UserError(f"The file {name} has a cell of more than 1 MB at line {line}.") from None
        raise UserError(f"The file {name} cannot be cut into cells at line {line}: {error}.") from None


def _text_batches(file: sniffing.TextFile, delimiter: str, header_line: int) -> Iterator[Batch]:
    name = file.path.name
    try:
        with sniffing.opened(file) as text:
            list(islice(text, header_line - 1))
            seen: list[str] = []
            rows = _rows(name, _remembered(name, text, seen), delimiter, header_line - 1)
            end = next(rows)[0]
            seen.clear()
            while batch := _next_batch(rows, seen, end):
                end += len(seen)
                _refuse_open_quote(name, batch, delimiter)
                yield replace(batch, share=min(1.0, sniffing.position(text) / file.size))
                seen = _fresh(seen)
    except UnicodeError:
        raise UserError(f"The file {name} is not written in {file.encoding}.") from None


def _remembered(name: str, text: Iterator[str], seen: list[str]) -> Iterator[str]:
    for line in text:
        if "\0" in line:
            raise UserError(f"The file {name} contains NUL characters and cannot be read as text.")
        seen.append(line)
        yield line


def _fresh(seen: list[str]) -> list[str]:
    seen.clear()
    return seen


def _next_batch(rows: Iterator[tuple[int, list[str]]], seen: list[str], before: int) -> Batch | None:
    """The next rows; `seen` gathers the lines read for them, the first of which is line `before` + 1."""
    taken = list(islice(rows, BATCH_ROWS))
    if not taken:
        return None
    ends = [end for end, _ in taken]
    starts = _starts(ends, seen, before)
    lines = list(seen)
    return Batch(
        lines=starts,
        cells=[row for _, row in taken],
        raw=lambda i: "".join(lines[starts[i] - before - 1 : ends[i] - before]).rstrip("\r\n"),
    )


def _starts(ends: list[int], seen: list[str], before: int) -> list[int]:
    """First lines of rows whose last lines are known; blank lines between rows belong to none."""
    starts, previous = [], before
    for end in ends:
        start = previous + 1
        while start < end and not seen[start - before - 1].strip("\r\n"):
            start += 1
        starts.append(start)
        previous = end
    return starts


def _refuse_open_quote(name: str, batch: Batch, delimiter: str) -> None:
    """A quotation mark that is never closed swallows the rest of the file into the last row."""
    last = len(batch.lines) - 1
    if batch.raw(last).count('"') % 2 == 0:
        return
    try:
        list(csv.reader(batch.raw(last).splitlines(keepends=True), delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            line = batch.lines[last]
            raise UserError(f"The file {name} opens a quotation mark at line {line} and never closes it.") from None


# Workbooks


def _open_workbook(path: Path, layout: Layout) -> OpenTable:
    _refuse_archive(path)
    sha256, size = sniffing.fingerprint(path)
    frame, sheet = _sheet(path, layout.sheet)
    rows = frame.slice(layout.header_line - 1)
    if rows.is_empty():
        raise UserError(f"The sheet {sheet} of {path.name} is empty.")
    headings = _headings(path.name, _trimmed(rows.row(0)), layout.unnamed_columns)
    return OpenTable(
        path=path,
        headings=headings,
        sha256=sha256,
        size=size,
        encoding="xlsx",
        delimiter=sheet,
        workbook=True,
        batches=lambda: _sheet_batches(path.name, rows.slice(1), len(headings), layout.header_line + 1),
    )


def _refuse_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile:
        raise UserError(f"The file {path.name} is a damaged workbook.") from None
    if not any(entry.filename.startswith("xl/") for entry in entries):
        raise UserError(f"The file {path.name} is a zip archive, not a workbook; unpack it first.")
    total = sum(entry.file_size for entry in entries)
    # A workbook is read whole, so that its limit is far below that of a text file.
    if total > 2**30 or (total > sniffing.RATIO_COUNTS_FROM and total > sniffing.MAX_RATIO * path.stat().st_size):
        raise UserError(f"The file {path.name} unpacks to {total // 2**20} MB and is refused as a zip bomb.")


def _sheet(path: Path, wanted: str | None) -> tuple[pl.DataFrame, str]:
    try:
        workbook = fastexcel.read_excel(path)
        sheet = wanted or workbook.sheet_names[0]
        if sheet not in workbook.sheet_names:
            raise UserError(f"The file {path.name} has no sheet {sheet}; it has {', '.join(workbook.sheet_names)}.")
        # skip_rows = 0: else blank rows above the header vanish and line numbers shift.
        frame = workbook.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string").to_polars()
    except fastexcel.FastExcelError:
        raise UserError(f"The file {path.name} is a damaged workbook.") from None
    frame = frame.select(_days(frame[name]) for name in frame.columns)
    if frame.width > MAX_COLUMNS:
        raise UserError(f"The file {path.name} has {frame.width:,} columns; at most {MAX_COLUMNS:,} are read.")
    return frame, sheet


def _days(texts: pl.Series) -> pl.Series:
    """A workbook knows no dates without time: where all of a column are at midnight, they are days."""
    moments = texts.str.contains(r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")
    midnights = texts.str.contains(r"^\d{4}-\d{2}-\d{2} 00:00:00$")
    if not moments.any() or moments.sum() > midnights.sum():
        return texts
    return texts.str.replace(r"^(\d{4}-\d{2}-\d{2}) 00:00:00$", "$1")


def _trimmed(row: tuple[str | None, ...]) -> list[str]:
    cells = [cell or "" for cell in row]
    while cells and not cells[-1].strip():
        cells.pop()
    return cells


def _sheet_batches(name: str, rows: pl.DataFrame, width: int, first_line: int) -> Iterator[Batch]:
    for offset in range(0, rows.height, BATCH_ROWS):
        lines, cells = [], []
        for number, row in enumerate(rows.slice(offset, BATCH_ROWS).iter_rows(), first_line + offset):
            trimmed = _trimmed(row)
            if trimmed:
                lines.append(number)
                cells.append(trimmed + [""] * (width - len(trimmed)))
        _refuse_large_cells(name, lines, cells)
        if cells:
            yield Batch(lines, cells, _joined(cells), min(1.0, (offset + BATCH_ROWS) / rows.height))


def _refuse_large_cells(name: str, lines: list[int], cells: list[list[str]]) -> None:
    for line, row in zip(lines, cells, strict=True):
        if any(len(cell) > sniffing.MAX_CELL for cell in row):
            raise UserError(f"The file {name} has a cell of more than 1 MB at line {line}.")
        if any("\0" in cell for cell in row):
            raise UserError(f"The file {name} contains NUL characters and cannot be read as text.")


def _joined(cells: list[list[str]]) -> Callable[[int], str]:
    def raw(index: int) -> str:
        text = io.StringIO()
        csv.writer(text, lineterminator="").writerow(cells[index])
        return text.getvalue()

    return raw
