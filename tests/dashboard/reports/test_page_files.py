"""Do the files of a page hold its numbers, and can nothing in a name do harm in them?"""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pytest

from dashboard.charts import theme
from dashboard.reports import page_files
from dashboard.reports.figures import Card, Column, Kind
from dashboard.reports.page_document import PageDocument, PagePicture, PageTable

EVIL = "=cmd|'/c calc'!A0"
ROWS = [[EVIL, 120_000.499999999999, 0.25], ["+1", None, None], ["شريك 🚀 #x() <b>", -3.0, 0.0]]
FIGURE = theme.figure([theme.trace("bar", x=["a", "b"], y=[1.0, 2.0])], height=200).to_plotly_json()
DOCUMENT = PageDocument(
    stem="arr-2026-Q3",
    title="ARR",
    period="Q3 2026",
    answer="Partners brought $1.2 M.",
    second=["It cost $200 k."],
    cards=[Card("ARR", "$1.2 M")],
    tables=[
        PageTable(
            "tiers",
            "How much did each tier bring?",
            [Column("tier", "Tier"), Column("arr", "ARR", Kind.MONEY), Column("share", "Share", Kind.RATE)],
            ROWS,
        )
    ],
    pictures=[PagePicture("quarters", "How much came when?", "Deals won", FIGURE, "It rose.")],
    filters="gold only",
    currency="USD",
    zone="UTC",
    as_of=datetime(2026, 10, 1, tzinfo=UTC),
)


def test_csv_holds_every_row_and_no_formula() -> None:
    with zipfile.ZipFile(io.BytesIO(page_files.as_csv(DOCUMENT))) as archive:
        assert archive.namelist() == ["arr-2026-Q3-tiers.csv"]
        text = archive.read("arr-2026-Q3-tiers.csv").decode()
    lines = text.splitlines()
    assert lines[0] == "\ufefftier,arr,share"
    assert lines[1] == f"'{EVIL},120000.5,0.25"
    assert lines[2] == "'+1,,"
    assert lines[3].endswith("-3.0,0.0")


def test_workbook_has_numbers_as_numbers_and_names_as_text() -> None:
    table = pl.read_excel(
        page_files.as_xlsx(DOCUMENT), sheet_name="tiers", engine="calamine", read_options={"header_row": 4}
    )
    assert table["Tier"].to_list() == [EVIL, "+1", ROWS[2][0]]
    assert table["ARR"].to_list() == pytest.approx([120_000.5, None, -3.0])


def test_paper_and_pictures() -> None:
    assert page_files.as_pdf(DOCUMENT).startswith(b"%PDF")
    with zipfile.ZipFile(io.BytesIO(page_files.as_png(DOCUMENT))) as archive:
        assert archive.namelist() == ["arr-2026-Q3-quarters.png"]
        assert archive.read("arr-2026-Q3-quarters.png").startswith(b"\x89PNG")


def test_a_page_with_nothing_on_it_still_makes_files() -> None:
    empty = replace(DOCUMENT, cards=[], tables=[], pictures=[])
    assert page_files.as_pdf(empty).startswith(b"%PDF")
    for made in (page_files.as_csv(empty), page_files.as_png(empty)):
        assert zipfile.ZipFile(io.BytesIO(made)).namelist() == []
    assert page_files.as_xlsx(empty).startswith(b"PK")


@pytest.mark.parametrize("write", [page_files.as_csv, page_files.as_pdf, page_files.as_png])
def test_the_same_document_gives_the_same_bytes(write: object) -> None:
    assert callable(write)
    assert write(DOCUMENT) == write(DOCUMENT)
