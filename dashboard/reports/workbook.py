"""How does a document become a workbook that a controller can go on working with? Real numbers, formats, filters."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

import xlsxwriter  # type: ignore[import-untyped]

from dashboard import palette, wording
from dashboard.reports.figures import Column, Kind
from dashboard.reports.typesetting import one_line

Workbook: TypeAlias = Any  # these three are XlsxWriter's own, which has no types
Worksheet: TypeAlias = Any
Format: TypeAlias = Any

LONGEST_TEXT = 32_000  # a cell of a workbook holds 32,767 signs
WIDTHS = {Kind.MONEY: 11, Kind.DAYS: 9, Kind.RATE: 9, Kind.PROBABILITY: 9, Kind.MULTIPLE: 9, Kind.COUNT: 8}
NARROWEST, WIDEST = 8, 48
NO_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: lines above the table (the first is its title), columns, rows.

    `wide`: names of text columns that wrap; `unprinted`: so many columns on the right stay off paper.
    """

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    above: Sequence[str] = ()
    frozen: int = 1
    wide: frozenset[str] = field(default_factory=frozenset)
    unprinted: int = 0


def as_xlsx(sheets: Sequence[Sheet], currency: str, title: str, moment: datetime | None = None) -> bytes:
    """The workbook of the sheets; the same bytes for the same sheets.

    Money in `currency`; `moment` (aware) becomes the date of the file. Texts are written as texts, so that nothing in a
    name is run as a formula or followed as a link.
    """
    out = io.BytesIO()
    plainly = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, plainly)
    book.set_properties(
        {"title": one_line(title), "created": (moment or NO_MOMENT).astimezone(UTC).replace(tzinfo=None)}
    )
    formats = _formats(book, currency)
    for sheet in sheets:
        _write(book.add_worksheet(sheet.name), sheet, formats)
    book.close()
    return out.getvalue()


def _formats(book: Workbook, currency: str) -> dict[str, Format]:
    symbol = wording.symbol(currency).replace(wording.THIN, " ")
    amount = f'"{symbol}"#,##0;-"{symbol}"#,##0'
    numbers = {
        Kind.COUNT: "#,##0",
        Kind.MONEY: amount,
        Kind.RATE: "0.0%",
        Kind.PROBABILITY: "0%",
        Kind.MULTIPLE: '0.0"×"',
        Kind.DAYS: '0.0" days"',
    }
    base = {"font_name": "Calibri", "font_size": 10, "valign": "top"}
    heading = base | {
        "bold": True,
        "text_wrap": True,
        "valign": "bottom",
        "bottom": 1,
        "bottom_color": palette.REFERENCE,
    }
    made = {str(kind): book.add_format(base | {"num_format": written}) for kind, written in numbers.items()}
    return made | {
        str(Kind.TEXT): book.add_format(base),
        "wrapped": book.add_format(base | {"text_wrap": True}),
        "title": book.add_format(base | {"bold": True, "font_size": 14}),
        "note": book.add_format(base | {"font_color": "#566170"}),
        "left": book.add_format(heading),
        "right": book.add_format(heading | {"align": "right"}),
    }


def _write(to: Worksheet, sheet: Sheet, formats: dict[str, Format]) -> None:
    head = len(sheet.above) + bool(sheet.above)
    for place, text in enumerate(sheet.above):
        to.write_string(place, 0, _text(text), formats["note" if place else "title"])
    for place, column in enumerate(sheet.columns):
        side = "left" if column.kind is Kind.TEXT else "right"
        to.write_string(head, place, column.heading, formats[side])
        to.set_column(place, place, _width(sheet, place, column))
    for row, cells in enumerate(sheet.rows, start=head + 1):
        for place, (column, value) in enumerate(zip(sheet.columns, cells, strict=True)):
            _cell(to, row, place, value, formats["wrapped" if column.name in sheet.wide else str(column.kind)])
    to.freeze_panes(head + 1, sheet.frozen)
    if sheet.rows:
        to.autofilter(head, 0, head + len(sheet.rows), len(sheet.columns) - 1)
    to.print_area(0, 0, head + len(sheet.rows), len(sheet.columns) - 1 - sheet.unprinted)
    _for_print(to, sheet.name, head)


def _cell(to: Worksheet, row: int, place: int, value: Any, form: Format) -> None:
    if value is None or value == "":
        to.write_blank(row, place, None, form)
    elif isinstance(value, str):
        to.write_string(row, place, _text(value), form)
    else:
        to.write_number(row, place, float(value), form)


def _text(value: str) -> str:
    return one_line(value)[:LONGEST_TEXT]


def _width(sheet: Sheet, place: int, column: Column) -> float:
    if column.kind is not Kind.TEXT:
        return max(WIDTHS[column.kind], len(column.heading) * 0.6)
    if column.name in sheet.wide:
        return WIDEST
    longest = max((len(str(row[place] or "")) for row in sheet.rows), default=0)
    return min(max(longest + 2, len(column.heading) + 3, NARROWEST), WIDEST * 0.7)


def _for_print(to: Worksheet, name: str, head: int) -> None:
    to.set_landscape()
    to.set_paper(9)  # A4
    to.fit_to_pages(1, 0)
    to.repeat_rows(head)
    to.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    to.set_footer(f"&L&8{name}&R&8&P / &N")
    to.hide_gridlines(2)
