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
WIDTHS = {
    Kind.MONEY: 11,
    Kind.DAYS: 9,
    Kind.RATE: 9,
    Kind.PROBABILITY: 9,
    Kind.MULTIPLE: 9,
    Kind.COUNT: 8,
    Kind.NUMBER: 8,
}
NARROWEST, WIDEST = 8, 48  # WIDEST: of texts that wrap
ON_PAPER, ON_SCREEN = 34, 90  # the widest that a text on one line is given
LINE, TITLE, HEADINGS = 14, 21, 44  # heights in points; headings stand above the buttons of the filter
NO_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: lines above the table (the first is its title), columns, rows.

    `wide`: names of text columns that wrap; `unprinted`: so many columns on the right stay off paper;
    `filtered`: its rows can be filtered and sorted, because none is a sum.
    """

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    above: Sequence[str] = ()
    frozen: int = 1
    wide: frozenset[str] = field(default_factory=frozenset)
    unprinted: int = 0
    filtered: bool = True


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
        Kind.NUMBER: "0.0##",
        Kind.MONEY: amount,
        Kind.RATE: "0.0%",
        Kind.PROBABILITY: "0%",
        Kind.MULTIPLE: '0.0"×"',
        Kind.DAYS: '0.0" days"',
    }
    base = {"font_name": "Calibri", "font_size": 10, "valign": "top"}
    left = {"align": "left", "indent": 1}
    heading = base | {"bold": True, "text_wrap": True, "bottom": 1, "bottom_color": palette.REFERENCE}
    made = {str(kind): book.add_format(base | {"num_format": written}) for kind, written in numbers.items()}
    return made | {
        str(Kind.TEXT): book.add_format(base | left),
        "wrapped": book.add_format(base | left | {"text_wrap": True}),
        "title": book.add_format(base | left | {"bold": True, "font_size": 14}),
        "note": book.add_format(base | left | {"font_color": "#566170", "text_wrap": True}),
        "left": book.add_format(heading | left),
        "right": book.add_format(heading | {"align": "right"}),
    }


def _write(to: Worksheet, sheet: Sheet, formats: dict[str, Format]) -> None:
    head = len(sheet.above) + bool(sheet.above)
    _above(to, sheet, formats)
    to.set_row(head, HEADINGS)
    for place, column in enumerate(sheet.columns):
        side = "left" if column.kind is Kind.TEXT else "right"
        to.write_string(head, place, column.heading, formats[side])
        to.set_column(place, place, _width(sheet, place, column))
    for row, cells in enumerate(sheet.rows, start=head + 1):
        to.set_row(row, LINE * _lines(sheet, cells))
        for place, (column, value) in enumerate(zip(sheet.columns, cells, strict=True)):
            _cell(to, row, place, value, formats["wrapped" if column.name in sheet.wide else str(column.kind)])
    to.freeze_panes(head + 1, sheet.frozen)
    if sheet.rows and sheet.filtered:
        to.autofilter(head, 0, head + len(sheet.rows), len(sheet.columns) - 1)
    to.print_area(0, 0, head + len(sheet.rows), len(sheet.columns) - 1 - sheet.unprinted)
    _for_print(to, sheet.name, head)


def _above(to: Worksheet, sheet: Sheet, formats: dict[str, Format]) -> None:
    """The lines above the table, across its printed columns, each as high as it needs to be."""
    printed = sheet.columns[: len(sheet.columns) - sheet.unprinted]
    room = sum(_width(sheet, place, column) for place, column in enumerate(printed))
    for row, text in enumerate(sheet.above):
        form = formats["note" if row else "title"]
        to.set_row(row, LINE * -(-len(text) // int(room)) if row and text else TITLE)
        to.merge_range(row, 0, row, len(printed) - 1, "", form)
        to.write_string(row, 0, _text(text), form)


def _cell(to: Worksheet, row: int, place: int, value: Any, form: Format) -> None:
    if value is None or value == "":
        to.write_blank(row, place, None, form)
    elif isinstance(value, str):
        to.write_string(row, place, _text(value), form)
    else:
        to.write_number(row, place, float(value), form)


def _text(value: str) -> str:
    return one_line(value)[:LONGEST_TEXT]


def _lines(sheet: Sheet, cells: Sequence[Any]) -> int:
    """How many lines the wrapped texts of a row take: programs do not all find out for themselves."""
    wrapped = (str(v or "") for column, v in zip(sheet.columns, cells, strict=True) if column.name in sheet.wide)
    return max((-(-len(text) // (WIDEST - 4)) for text in wrapped), default=1) or 1


def _width(sheet: Sheet, place: int, column: Column) -> float:
    if column.kind is not Kind.TEXT:
        return max(WIDTHS[column.kind], len(column.heading) * 0.6)
    if column.name in sheet.wide:
        return WIDEST
    longest = max((len(str(row[place] or "")) for row in sheet.rows), default=0)
    most = ON_SCREEN if place >= len(sheet.columns) - sheet.unprinted else ON_PAPER
    return min(max(longest + 2, len(column.heading) + 3, NARROWEST), most)


def _for_print(to: Worksheet, name: str, head: int) -> None:
    to.set_landscape()
    to.set_paper(9)  # A4
    to.fit_to_pages(1, 0)
    to.repeat_rows(head)
    to.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    to.set_footer(f"&L&8{name}&R&8&P / &N")
    to.hide_gridlines(2)
