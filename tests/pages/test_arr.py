"""Does the ARR page answer whatever the company: usual, partnerless, quiet, without ARR, with odd names, or empty?"""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import filters, frames, wording
from dashboard.filters import Filters
from dashboard.frames import arr_page as asked
from dashboard.reports import page_files
from dashboard.settings import settings
from dashboard.views import arr_document, comparison
from dashboard.views.arr_page import GROUPINGS
from dashboard.views.arr_page_parts import COMING, LARGEST, VITALS, WHO
from dashboard.views.headline import Setting
from data_access.demo import DemoOptions, load
from data_access.engine import Database, owner_engine
from tests.builders import Company
from tests.pages import visit
from tests.pages.visit import first_line, grouped, unharmed

ODD_NAMES = ("<img src=x onerror=alert(1)>", "=1+1 | **bold** [a](b)", "شركة الشركاء", "🤝 & Söhne", "x" * 200)
QUESTIONS = ("What did partners bring?", "Is it growing, and why?", "What did it cost?",
             "Where should the next money go?", "What is coming?")  # fmt: skip
pytestmark = pytest.mark.database


def opened(period: str | None = None, **link: str) -> AppTest:
    return visit.opened("arr", period, **link)


def texts(app: AppTest) -> list[str]:
    return [str(text.value).replace("\u202f", " ").replace("\\$", "$") for text in app.markdown]


def every_state(app: AppTest, *tabs: str) -> None:
    """Opens every tab, grouping and way to look; nothing may go wrong in any."""
    for part in tabs:
        app.session_state["part"] = part
        app.run()
        grouped(unharmed(app))
    app.session_state["part"] = WHO
    for group in GROUPINGS.values():
        app.session_state["group"] = group
        unharmed(app.run())
    for stretch in ("Months", "Quarters"):
        app.session_state["stretch"] = stretch
        for cumulative in (True, False):
            app.session_state["cumulative"] = cumulative
            unharmed(app.run())


def company_of(names: dict[str, int], arr: str | None = "1000") -> Company:
    """Partners by name with so many deals won in Q3 2025, and three direct ones, one of them of no lead."""
    company = Company()
    for name, deals in names.items():
        key = company.add_partner(name=name)
        for number in range(deals):
            lead = company.add_lead(partner_id=key, eql_at="2025-07-16", sql_at="2025-07-17")
            company.add_deal(lead, status="won", closed_at=f"2025-08-{1 + number % 28:02d} 12:00", arr=arr)
    for lead in (company.add_lead(), company.add_lead(channel=None), None):
        company.add_deal(lead, status="won", closed_at="2025-09-02 12:00", arr=arr)
    return company


def test_simulated_company_gives_its_answers_first(served: Database) -> None:
    load(served, DemoOptions(leads=4_000, until=datetime.now(UTC).date()))
    app = opened()
    assert first_line(app).startswith("Partners brought $")
    said = texts(app)
    places = [said.index(f"**{question}**") for question in QUESTIONS]
    assert places == sorted(places) and places[-1] < said.index("**Is ARR on target?**")
    assert all(said[place + 1] and not said[place + 1].startswith("**") for place in places)
    every_state(app, WHO, LARGEST, COMING, VITALS)


def test_numbers_of_the_answers(served: Database) -> None:
    company_of({"A": 6, "B": 3}).write(owner_engine(served))
    app = opened("2025-Q3")
    assert first_line(app) == "Partners brought $9.0 k ARR in Q3 2025, after none in Q2 2025."
    assert "$9.0 k ARR from 9 won deals: 75 % of all new ARR." in texts(app)
    app.session_state["part"] = LARGEST
    app.run()
    assert "The two largest partners brought $9.0 k, 100 % of partner-sourced ARR." in texts(app)


@pytest.mark.parametrize(
    ("names", "arr"),
    [
        ({"Only": 1}, "1000"),
        ({"A": 4, "B": 4, "C": 4, "D": 4, "E": 4, "F": 4}, "1000"),
        ({name: 1 + place for place, name in enumerate(ODD_NAMES)}, "1000"),
        ({"A": 3}, None),
        ({"A": 0}, "1000"),
    ],
    ids=["one partner", "all tied", "odd names", "no ARR", "nothing won"],
)
def test_borders(served: Database, names: dict[str, int], arr: str | None) -> None:
    company_of(names, arr).write(owner_engine(served))
    app = opened("2025-Q3")
    assert first_line(app)
    every_state(app, WHO, LARGEST, COMING, VITALS)
    assert not any("onerror" in text and "\\<" not in text for text in texts(app))


def test_one_chosen_partner_is_named_and_has_no_share_of_all(served: Database) -> None:
    company_of({"A*B*": 6, "C": 3}).write(owner_engine(served))
    app = opened("2025-Q3", partner="A*B*")
    assert first_line(app).startswith("A\\*B\\* brought $6.0 k ARR in Q3 2025")
    assert "**What did A\\*B\\* bring?**" in texts(app)
    assert not any("of all new ARR" in text for text in texts(app))


def test_company_without_partners_hears_of_all_deals(served: Database) -> None:
    company_of({}).write(owner_engine(served))
    app = opened("2025-Q3")
    assert first_line(app) == "$3.0 k ARR was won in Q3 2025, after none in Q2 2025."
    assert "**What came in?**" in texts(app)
    assert [tab.label for tab in app.tabs] == [WHO, COMING]
    every_state(app, WHO, COMING)


def test_quiet_and_coming_periods(served: Database) -> None:
    company_of({"A": 2}).write(owner_engine(served))
    app = opened("2020-Q1")
    assert first_line(app) == "Partners brought no ARR in Q1 2020: no deal was won."
    assert not app.tabs and any(button.label.startswith("Show") for button in app.button)
    assert first_line(opened("2199-Q1")) == "Q1 2199 has not begun yet."
    app = opened("2025-Q3")
    app.session_state["against"] = filters.NONE
    assert first_line(app.run()) == "Partners brought $2.0 k ARR in Q3 2025."
    every_state(opened("2025-07-20..2025-08-02"), WHO, LARGEST, COMING, VITALS)


def test_no_data_at_all(served: Database) -> None:
    app = opened()
    assert first_line(app) == "There are no data yet"


def test_files_hold_what_the_page_says(served: Database) -> None:
    company_of({"=1+1": 6, "<b>": 3}).write(owner_engine(served))
    opened("2025-Q3")
    chosen = Filters("2025-Q3")
    versus = comparison.fair(chosen.period, chosen.compared, frames.freshness().as_of, settings())
    page = asked.page(chosen.period, versus.period, chosen)
    when = Setting(wording.period_name("2025-Q3"), True, True, "USD")
    answers = [("", lambda: "Partners brought \\$9 k"), ("Why?", lambda: "A\\*B")]
    made = arr_document.document(page, versus, when, chosen, answers, filters.summary(chosen, frames.choices()))
    assert made.answer == "Partners brought $9 k" and made.second == ["Why? A*B"]
    by_name = {table.name: table for table in made.tables}
    assert by_name["quarters"].rows[-1][0] == "2025-Q3" and by_name["quarters"].rows[-1][1] == 9000
    assert [row[0] for row in by_name["largest"].rows] == ["=1+1", "<b>"]
    names = [column.name for column in by_name["change"].columns]
    *parts, whole = [dict(zip(names, row, strict=True)) for row in by_name["change"].rows]
    assert sum(row["worth"] for row in parts) == whole["worth"] == whole["amount_now"] == 9000
    assert [row["number_now"] for row in parts] == [9, None] and [row["amount_now"] for row in parts] == [None, 1000]
    with zipfile.ZipFile(io.BytesIO(page_files.as_csv(made))) as archive:
        assert b"'=1+1" in archive.read("arr-2025-Q3-largest.csv")
    assert page_files.as_xlsx(made)[:2] == b"PK" and page_files.as_pdf(made)[:4] == b"%PDF"
    with zipfile.ZipFile(io.BytesIO(page_files.as_png(made))) as archive:
        assert {"arr-2025-Q3-quarters.png", "arr-2025-Q3-change.png", "arr-2025-Q3-largest.png"} <= set(
            archive.namelist()
        )
