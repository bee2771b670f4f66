"""How does a page's document become a file? CSV, workbook, paper and pictures, all from the same results."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from dashboard import wording
from dashboard.formulas import harmless
from dashboard.reports.figure_paper import on_paper
from dashboard.reports.figures import Column, Kind, written
from dashboard.reports.page_document import PageDocument, PagePicture, PageTable
from dashboard.reports.typesetting import pdf, png, shortened
from dashboard.reports.workbook import Sheet
from dashboard.reports.workbook import as_xlsx as as_workbook

MADE = (1980, 1, 1, 0, 0, 0)  # the same document gives the same bytes
READABLE = 0o644
BYTE_ORDER_MARK = "\ufeff"  # spreadsheets take a file without it for one of their own country's signs
ON_PAPER = 40  # rows of a table; all of them are in the workbook
COLUMNS_ON_PAPER = 11
KEYS = ("key", "id", "partner_id", "asset_id", "cost_id", "deal_id", "lead_id")
LONGEST_CELL = 40


def as_csv(document: PageDocument) -> bytes:
    """An archive with a CSV file for each table; formulas in names are made harmless."""
    return _archive({f"{document.stem}-{table.name}.csv": _csv(table).encode() for table in document.tables})


def as_xlsx(document: PageDocument) -> bytes:
    """A workbook with a sheet for each table, numbers as numbers, texts as texts."""
    basis = _basis(document)
    sheets = [
        Sheet(table.name, table.columns, table.rows, above=(table.question, document.answer, basis))
        for table in document.tables
    ]
    return as_workbook(sheets, document.currency, f"{document.title} {document.period}", document.as_of)


def as_pdf(document: PageDocument) -> bytes:
    """The page on A4: its answer, cards, pictures, and of long tables the first rows. The same bytes for the same
    document; UserError where setting takes longer than a minute."""
    return pdf("page.typ", _paper(document), document.as_of)


def as_png(document: PageDocument) -> bytes:
    """An archive with a PNG for each chart, with its question, its basis and the moment of the data."""
    if not document.pictures:
        return _archive({})
    return _archive(
        {
            f"{document.stem}-{picture.name}.png": made
            for picture, made in zip(document.pictures, png("chart.typ", _paper(document)), strict=True)
        }
    )


def _csv(table: PageTable) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.name for column in table.columns])
    for row in table.rows:
        writer.writerow([harmless(_plain(cell, column)) for cell, column in zip(row, table.columns, strict=True)])
    return BYTE_ORDER_MARK + out.getvalue()


def _plain(cell: Any, column: Column) -> Any:
    """Nothing as nothing; amounts to the cent, without the dust of binary fractions."""
    if cell is None:
        return ""
    return round(cell, 2) if column.kind is Kind.MONEY and isinstance(cell, float) else cell


def _archive(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, MADE)
            entry.external_attr = READABLE << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _basis(document: PageDocument) -> str:
    parts = (document.period, document.filters, f"data as of {wording.moment(document.as_of, document.zone)}")
    return " · ".join(part for part in (*parts, f"money in {document.currency}") if part)


def _paper(document: PageDocument) -> dict[str, Any]:
    """Everything that the templates set, as texts."""
    return {
        "title": document.title,
        "period": document.period,
        "eyebrow": _basis(document),
        "footer": f"{document.title} · {_basis(document)}",
        "headline": document.answer,
        "second": "",
        "points": list(document.second),
        "cards": [asdict(card) for card in document.cards],
        "pictures": [_picture(picture) for picture in document.pictures],
        "tables": [_table(table, document.currency) for table in document.tables if table.rows],
    }


def _picture(picture: PagePicture) -> dict[str, str]:
    drawn = on_paper(picture.figure, picture.question, picture.alt)
    return {"question": picture.question, "basis": picture.basis, "svg": drawn.svg, "alt": picture.alt}


def _table(table: PageTable, currency: str) -> dict[str, Any]:
    """As much of a table as a sheet of paper holds; keys are for machines."""
    shown = [place for place, column in enumerate(table.columns) if column.name not in KEYS][:COLUMNS_ON_PAPER]
    more = len(table.rows) - ON_PAPER
    return {
        "question": table.question,
        "columns": [
            {
                "heading": table.columns[place].heading,
                "side": "left" if table.columns[place].kind is Kind.TEXT else "right",
                "share": _share(table.columns[place], first=place == shown[0]),
            }
            for place in shown
        ],
        "rows": [
            [_cell(row[place], table.columns[place], currency) for place in shown] for row in table.rows[:ON_PAPER]
        ],
        "rest": f"{wording.several(more, 'more row is', 'more rows are')} in the workbook." if more > 0 else "",
    }


def _share(column: Column, *, first: bool) -> float:
    """Texts share what numbers leave; the first column, which names the row, gets most."""
    if column.kind is not Kind.TEXT:
        return 0
    return 1.6 if first else 1.0


def _cell(value: Any, column: Column, currency: str) -> str:
    text = "" if value is None and column.kind is Kind.TEXT else written(value, column.kind, currency)
    return shortened(text, LONGEST_CELL)
