"""Do the files of the Attribution page say what the screen says, harmless in a spreadsheet and to the cent?"""

from __future__ import annotations

import csv
import io
import zipfile

import pytest

from dashboard.filters import Filters
from dashboard.metrics.attribution_rules import DEFAULT, Base, Rule
from dashboard.reports import page_files
from dashboard.reports.page_document import PageDocument
from dashboard.views import attribution_document, attribution_scene
from dashboard.views.attribution_choice import Choice
from data_access.engine import Database, owner_engine
from tests.builders import Company

FILTERS = Filters("2025-Q3")
pytestmark = pytest.mark.database


def made(choice: Choice) -> PageDocument:
    scene = attribution_scene.scene(FILTERS.period, FILTERS, choice)
    return attribution_document.document(scene, FILTERS, Rule.SOURCE)


@pytest.fixture
def document(served: Database) -> PageDocument:
    company = Company()
    for place, name in enumerate(("=1+1", "<b>Bold</b>", None)):
        partner = company.add_partner(name=name) if name else None
        asset = company.add_asset(partner, title="@page")
        lead = company.add_lead(partner_id=partner, first_asset_id=asset, utm_campaign="+plus")
        company.add_touch(lead, partner_id=partner, asset_id=asset, channel="direct")
        company.add_touch(lead, occurred_at="2025-07-17 12:00", channel="email")
        company.add_deal(lead, status="won", closed_at="2025-08-01 12:00", arr=f"{100 * (place + 1)}.01")
        if partner:
            company.add_commission(partner, "0.25")
    company.write(owner_engine(served))
    return made(Choice(Rule.LAST, Rule.FIRST, Base.ARR, DEFAULT))


def test_tables_add_up_to_the_total_by_every_rule(document: PageDocument) -> None:
    for table in document.tables[:4]:
        names = [column.name for column in table.columns]
        assert names[1] == "last", "the chosen rule comes first"
        for rule in Rule:
            place = names.index(rule.value)
            assert round(sum(row[place] for row in table.rows), 2) == 600.03, (table.name, rule)
    standing = next(table for table in document.tables if table.name == "sourced-influenced")
    assert round(sum(row[2] for row in standing.rows), 2) == 600.03
    assert [row[1] for row in standing.rows] == [2, 0, 1]


def test_payouts_are_owed_by_the_agreed_rate(document: PageDocument) -> None:
    table = next(table for table in document.tables if table.name == "payouts")
    # 200.01 × 0.25 = 50.0025 and 100.01 × 0.25 = 25.0025, nothing paid.
    assert [row[:5] for row in table.rows] == [
        ["<b>Bold</b>", "Q3 2025", -50.0, 50.0, 0.0],
        ["=1+1", "Q3 2025", -25.0, 25.0, 0.0],
    ]


def test_answer_is_the_one_on_screen_without_its_marks(document: PageDocument) -> None:
    assert document.answer.replace("\u202f", " ") == (
        "By last touch, partners brought $0 of the $600 ARR won in Q3 2025 (0 %)."
    )
    assert document.second[0].replace("\u202f", " ") == (
        "No partner touched deals worth $300. All credit adds up to $600.03, to the cent what the ARR page shows."
    )
    assert [picture.name for picture in document.pictures] == ["change", "rules", "missed"]
    assert document.filters.startswith("Last touch beside First touch")


def test_names_cannot_be_formulas(document: PageDocument) -> None:
    archive = zipfile.ZipFile(io.BytesIO(page_files.as_csv(document)))
    for name in archive.namelist():
        for row in csv.reader(io.StringIO(archive.read(name).decode())):
            assert not any(cell.startswith(("=", "+", "@")) for cell in row), (name, row)
    partners = archive.read("attribution-2025-Q3-partners.csv").decode()
    assert "'=1+1" in partners


def test_every_format_can_be_written(document: PageDocument) -> None:
    assert page_files.as_xlsx(document)[:2] == b"PK"
    assert page_files.as_pdf(document)[:4] == b"%PDF"
    pictures = zipfile.ZipFile(io.BytesIO(page_files.as_png(document))).namelist()
    assert len(pictures) == len(document.pictures)


def test_a_period_without_deals_has_no_pictures(served: Database) -> None:
    company = Company()
    company.add_lead()
    company.write(owner_engine(served))
    document = made(Choice(Rule.LAST, Rule.FIRST, Base.ARR, DEFAULT))
    assert not document.pictures and not document.cards
    assert document.answer == "No deal was won in Q3 2025, so there is no credit to share."
    page_files.as_pdf(document)
