"""How does a page's document become a file? CSV, workbook, paper and pictures, all from the same results."""

from __future__ import annotations

import csv
import io
import zipfile

from dashboard.reports.figures import written
from dashboard.reports.page_document import PageDocument, PageTable
from dashboard.reports.tables import harmless
from dashboard.reports.workbook import Sheet
from dashboard.reports.workbook import as_xlsx as as_workbook

MADE = (1980, 1, 1, 0, 0, 0)  # the same document gives the same bytes


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


def _basis(document: PageDocument) -> str:
    parts = (document.period, document.filters, f"data as of {document.as_of.isoformat(timespec='minutes')}")
    return " · ".join(part for part in (*parts, f"money in {document.currency}") if part)


def _csv(table: PageTable) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.name for column in table.columns])
    for row in table.rows:
        writer.writerow([harmless("" if cell is None else cell) for cell in row])
    return out.getvalue()


def _archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, MADE), content)
    return out.getvalue()


def as_pdf(document: PageDocument) -> bytes:
    raise NotImplementedError


def as_png(document: PageDocument) -> bytes:
    raise NotImplementedError


__all__ = ["as_csv", "as_pdf", "as_png", "as_xlsx", "written"]
