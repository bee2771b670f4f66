"""Does the partner's page answer for odd companies: nobody to compare with, nothing brought, names that bite?"""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from data_access.engine import Database, owner_engine
from tests.builders import Company
from tests.pages import visit
from tests.pages.visit import unharmed

BITING = "<b>bold</b> [link](http://x.example) $a$ `code` 🚀 شركة الشراكة " + "x" * 150
pytestmark = pytest.mark.database


def page(period: str = "2025-Q3", **link: str) -> AppTest:
    """The page as a link opens it."""
    return unharmed(visit.opened("partner", period, **link))


def words(app: AppTest) -> str:
    return " ".join(str(each.value) for kind in (app.header, app.subheader, app.markdown, app.caption) for each in kind)


def busy() -> Company:
    """Six technology partners with leads and deals, one lonely reseller, one that never brought anything."""
    c = Company()
    for number in range(6):
        own = c.add_partner(f"T{number}", name=f"Tech {number}", partner_type="technology", tier="gold")
        asset = c.add_asset(own, title=f"Page of {number}")
        for turn in range(4 + number):
            lead = c.add_lead(partner_id=own, first_asset_id=asset, created_at=f"2025-07-{turn + 1:02}",
                              eql_at=f"2025-07-{turn + 2:02}", sql_at=f"2025-07-{turn + 3:02}")  # fmt: skip
            closed = {"status": "won", "closed_at": f"2025-08-{turn + 1:02}"} if turn % 2 else {}
            c.add_deal(lead, opened_at=f"2025-07-{turn + 5:02}", amount=1_000 * (number + 1), arr=500, **closed)
    c.add_partner("R", name=BITING, partner_type="reseller")
    lead = c.add_lead(partner_id="R", created_at="2025-07-05")
    c.add_deal(lead, name=BITING, opened_at="2025-07-06", amount=7)
    c.add_partner("N", name="Nothing yet", partner_type="reseller", joined_on=None)
    return c


def test_the_answer_comes_first_and_the_table_of_deals_below(served: Database) -> None:
    busy().write(owner_engine(served))
    app = page(id="T5")
    assert app.header[0].value == "Tech 5"
    answer = app.subheader[0].value
    # 9 deals of 6,000 opened in the quarter; 4 of them won with ARR 500.
    assert (
        "the data suggest: in Q3 2025 it brought \\$54.0 k pipeline and \\$2.0 k ARR".replace(" k", "\u202fk") in answer
    )
    assert "ranks 1 of" in answer
    assert "Compared with the 5 other technology partners" in words(app)
    assert app.metric[0].label.startswith("EQLs")
    assert len(app.metric) == 5


def test_a_change_is_told_with_its_size_and_whether_it_can_be_chance(served: Database) -> None:
    c = busy()
    for day, amount in ((1, 21_000), (2, 21_000)):
        c.add_deal(c.add_lead(partner_id="T5", created_at="2025-04-05"), opened_at=f"2025-05-0{day}", amount=amount,
                   arr=900, status="won", closed_at=f"2025-06-0{day}")  # fmt: skip
    c.write(owner_engine(served))
    # Pipeline: 9 deals of 6,000 after 2 of 21,000, ln(54/42) = 0.25. ARR: 4 deals of 500 after 2 of 900, ln(20/18).
    told = page(id="T5").subheader[0].value.replace("\u202f", " ")
    assert "\\$54.0 k pipeline, 29 % more than in Q2 2025 (with 9 and 2 deals that can be chance), and " in told
    assert "\\$2.0 k ARR, about as much as then, and ranks" in told


def test_names_that_bite_are_shown_and_not_run(served: Database) -> None:
    busy().write(owner_engine(served))
    app = page(id="R")
    shown = app.header[0].value
    assert "\\<b\\>bold\\</b\\>" in shown and "\\[link\\]" in shown and "🚀" in shown and "شركة" in shown
    assert "Fewer than five reseller partners: compared with the 6 other partners of all types" in words(app)


def test_a_partner_that_brought_nothing(served: Database) -> None:
    busy().write(owner_engine(served))
    app = page(id="N")
    assert "cannot be ranked (the day on which it joined is unknown and no referring page" in app.subheader[0].value
    assert "it brought no lead and no deal in Q3 2025" in app.subheader[0].value
    assert "since when is not known" in app.caption[0].value.replace("\\", "")
    assert "No deal is in progress" in words(app)


def test_an_unknown_partner_in_the_link_leads_to_the_chooser(served: Database) -> None:
    busy().write(owner_engine(served))
    app = page(id="gone*")
    assert "The link asks for partner “gone\\*”, which is not here." in words(app)
    # The most pipeline: nine deals of 6,000.
    assert app.header[0].value == "Tech 5"
    chooser = next(box for box in app.selectbox if box.label == "Partner")
    chooser.select("T1").run()
    assert app.header[0].value == "Tech 1" and app.query_params["id"] in ("T1", ["T1"])


def test_a_chosen_partner_is_the_default_and_the_rest_of_the_choice_is_said_to_be_ignored(served: Database) -> None:
    busy().write(owner_engine(served))
    app = page(partner="Tech 2")
    assert app.header[0].value == "Tech 2"
    assert app.query_params["id"] in ("T2", ["T2"]), "so that the link shows the same tomorrow"
    assert "The partners chosen beside do not apply here" in words(app)


def test_one_partner_alone(served: Database) -> None:
    c = Company()
    c.add_partner("only", name="Only")
    c.add_lead(partner_id="only", created_at="2025-07-05")
    c.write(owner_engine(served))
    assert "There is no other partner to compare it with." in words(page())


def test_a_period_without_anything(served: Database) -> None:
    busy().write(owner_engine(served))
    assert "it brought no lead and no deal in Q1 2001" in page(id="T5", period="2001-Q1").subheader[0].value


def test_a_company_without_partners_is_told_what_to_do(served: Database) -> None:
    c = Company()
    c.add_lead(created_at="2025-07-05")
    c.write(owner_engine(served))
    app = page()
    assert app.subheader[0].value == "There are no partners in the data"
    assert "partner_alias" in words(app)


def test_no_data_at_all(served: Database) -> None:
    assert page().subheader[0].value == "There are no data yet"
