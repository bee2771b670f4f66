"""Do the files of a page hold the numbers of the screen, whatever the company?"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable

import pytest

from dashboard.reports import page_files
from dashboard.reports.page_document import PageDocument
from dashboard.views import exports
from data_access.demo import DemoOptions, load
from data_access.engine import Database, owner_engine
from tests.builders import Company
from tests.pages import visit

pytestmark = pytest.mark.database
PAGES = ("overview", "funnel", "velocity")
WRITERS = (page_files.as_csv, page_files.as_xlsx, page_files.as_pdf, page_files.as_png)


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], PageDocument]]:
    """What the pages offered as files, the last one last; the buttons are drawn as ever."""
    found: list[Callable[[], PageDocument]] = []
    drawn = exports.offer

    def offer(stem: str, document: Callable[[], PageDocument]) -> None:
        found.append(document)
        drawn(stem, document)

    monkeypatch.setattr(exports, "offer", offer)
    return found


def company(*names: str) -> Company:
    """Two leads of each partner, one of them won in Q3 2025 for 100, the other's deal lost; and one direct lead."""
    made = Company()
    for name in names:
        key = made.add_partner(name=name, tier="gold")
        for status, arr in (("won", "100"), ("lost", None)):
            lead = made.add_lead(partner_id=key, mql_at="2025-07-16", eql_at="2025-07-17", sql_at="2025-07-18")
            made.add_deal(lead, status=status, closed_at="2025-08-01 12:00", arr=arr)
    made.add_deal(made.add_lead(), status="won", closed_at="2025-08-01 12:00", arr="7")
    return made


def csv_of(document: PageDocument, table: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(page_files.as_csv(document))) as archive:
        text = archive.read(f"{document.stem}-{table}.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("page", PAGES)
def test_simulated_company_in_every_format(
    served: Database, offered: list[Callable[[], PageDocument]], page: str
) -> None:
    load(served, DemoOptions(leads=3_000))
    app = visit.opened(page)
    first, document = visit.first_line(app), offered[-1]()
    assert visit.plainly(document.answer) == first.replace("\\", "")
    assert len(document.tables) >= 3 and len(document.pictures) >= 3
    assert all(len(row) == len(table.columns) for table in document.tables for row in table.rows)
    assert [card.value for card in document.cards] == [plain(metric.value) for metric in app.metric]
    for write in WRITERS:
        assert len(write(document)) > 1_000


def plain(value: str) -> str:
    """A card's value without the small print beside it."""
    return value.split(" :small")[0].replace("\\$", "$")


def test_numbers_by_hand(served: Database, offered: list[Callable[[], PageDocument]]) -> None:
    company("Acme", "=1+1").write(owner_engine(served))
    visit.unharmed(visit.opened("overview", "2025-Q3"))
    overview = offered[-1]()
    quarter = csv_of(overview, "quarters")[-1]
    assert (quarter["quarter"], quarter["total"], quarter["tier_1"]) == ("Q3 2025", "200.0", "200.0")
    partners = {row["partner"]: row for row in csv_of(overview, "partners")}
    assert set(partners) == {"Acme", "'=1+1"}
    assert (partners["Acme"]["leads"], partners["Acme"]["won_deals"], partners["Acme"]["arr"]) == ("2", "1", "100.0")

    visit.unharmed(visit.opened("funnel", "2025-Q3", by="Partner"))
    funnel = offered[-1]()
    stages = {row["stage"]: row for row in csv_of(funnel, "stages")}
    assert (stages["SQLs"]["leads"], stages["SQLs"]["of_previous"], stages["SQLs"]["of_previous_n"]) == (
        "4",
        "1.0",
        "4",
    )
    assert {row["name"]: row["sql"] for row in csv_of(funnel, "groups")} == {"Acme": "2", "'=1+1": "2"}

    visit.unharmed(visit.opened("velocity", "2025-Q3"))
    velocity = offered[-1]()
    rates = {row["name"]: row for row in csv_of(velocity, "partners")}
    assert (rates["Acme"]["win_rate"], rates["Acme"]["won_deals"], rates["Acme"]["closed_deals"]) == ("0.5", "1", "2")
    worth = {row["deals"]: row["contract_value"] for row in csv_of(velocity, "contract_value")}
    assert worth == {"with a partner": "100.0", "without a partner": "7.0", "difference": "93.0"}


@pytest.mark.parametrize("page", PAGES)
def test_company_without_partners(served: Database, offered: list[Callable[[], PageDocument]], page: str) -> None:
    company().write(owner_engine(served))
    visit.unharmed(visit.opened(page, "2025-Q3"))
    document = offered[-1]()
    assert all(len(row) == len(table.columns) for table in document.tables for row in table.rows)
    for write in WRITERS:
        write(document)


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_offered_where_nothing_is_shown(
    served: Database, offered: list[Callable[[], PageDocument]], page: str
) -> None:
    company("Acme").write(owner_engine(served))
    visit.unharmed(visit.opened(page, "2001-Q1"))
    assert not offered
