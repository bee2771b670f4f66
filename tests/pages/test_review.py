"""Does the review page stand up to odd companies, and does deciding on it end up in the database?"""

from __future__ import annotations

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from data_access.decisions import Draft, save
from data_access.engine import Database, app_engine, owner_engine
from tests.builders import Company
from tests.pages import visit
from tests.pages.visit import first_line, unharmed

pytestmark = pytest.mark.database
ODD = ("x" * 200, "<b>bold</b><img src=x onerror=alert(1)>", "شركاء النمو", "😀 **Ltd** $1 $2", "[a](javascript:b)")


def company(partners: int = 10, deals: int = 4, same: bool = False, pages: bool = True) -> Company:
    """Partner i has one page, 20 leads and `deals` deals of 1,000 × 3^i each in the third quarter of 2025."""
    made = Company()
    for i in range(partners):
        key = made.add_partner(f"P{i}", name=ODD[i] if i < len(ODD) else None)
        page = made.add_asset(key) if pages else None
        for n in range(20):
            lead = made.add_lead(partner_id=key, first_asset_id=page, created_at="2025-07-10", eql_at="2025-07-11")
            if n < deals:
                made.add_deal(lead, amount=str(1000 if same else 1000 * 3**i))
        made.add_cost(key, amount=str(100 * (i + 1)))
    return made


def opened(database: Database, made: Company, period: str = "2025-Q3", **link: str) -> AppTest:
    made.write(owner_engine(database))
    return unharmed(visit.opened("review", period, **link))


def test_clear_company(served: Database) -> None:
    app = opened(served, company())
    assert first_line(app).startswith("2 of 10 partners are surely in the top fifth and 2 in the bottom fifth")
    names = next(text.value for text in app.markdown if "**Double:**" in text.value)
    assert "<b>bold" not in names.replace("\\<b\\>bold", "")
    for part in ("Referring pages", "Last decisions", "Not ranked", "Decide"):
        app.session_state["review_part"] = part
        unharmed(app.run())


@pytest.mark.parametrize(
    ("made", "period", "said"),
    [
        (company(deals=0), "2025-Q3", "Too few deals in Q3 2025"),
        (company(same=True), "2025-Q3", "None of 10 partners is surely in the top or the bottom fifth"),
        (company(partners=1), "2025-Q3", "Only 1 partner is ranked in Q3 2025"),
        (company(pages=False), "2025-Q3", "No partner can be ranked in Q3 2025."),
        (company(), "2001-Q1", "No partner can be ranked in Q1 2001."),
        (company(partners=0), "2025-Q3", "There are no data yet"),
    ],
)
def test_borders(served: Database, made: Company, period: str, said: str) -> None:
    app = opened(served, made, period=period)
    assert first_line(app).startswith(said)
    for part in ("Referring pages", "Last decisions", "Not ranked"):
        app.session_state["review_part"] = part
        unharmed(app.run())


def test_company_without_partners(served: Database) -> None:
    made = Company()
    made.add_deal(made.add_lead())
    assert first_line(opened(served, made)) == "There are no partners to review."


@pytest.mark.parametrize("metric", ["ARR won", "Win rate", "Cost per EQL", "Pipeline ÷ cost", "Pipeline created"])
def test_every_metric_can_be_linked(served: Database, metric: str) -> None:
    app = opened(served, company(), review_metric=metric)
    assert app.selectbox(key="review_metric").value == metric


def test_filters_narrow_what_is_listed_and_no_rank(served: Database) -> None:
    app = opened(served, company())
    app.multiselect(key="partner").set_value(["P9"]).run()
    assert first_line(app).startswith("2 of 10 partners")
    assert any("1 of 10 partners listed" in caption.value for caption in app.caption)


def test_decisions_are_saved_with_their_numbers_and_taken_back(served: Database) -> None:
    app = opened(served, company())
    app.button(key="review_fill").click().run()
    assert "Save 10 decisions" in [button.label for button in app.button]
    app.button(key="review_save").click().run()
    assert any("fill in your name" in warning.value for warning in app.warning)
    app.text_input(key="review_name_field").set_value("Ann").run()
    unharmed(app.button(key="review_save").click().run())
    rows = last_rows(served)
    assert len(rows) == 10 and {row.author for row in rows} == {"Ann"}
    (best,) = [row for row in rows if row.partner_id == "P9"]
    assert best.decision == "double" and best.numbers["rank"] == 1 and best.numbers["suggestion"] == "double"
    assert best.numbers["rank_interval"]["low"] == 1 and best.numbers["pipeline"] == 4 * 1000 * 3**9
    assert best.numbers["data_version"] > 1 and best.numbers["as_of"]
    # The two last cost 100 and 200 and end; the two best cost 900 and 1,000 and are doubled.
    (budget,) = [text.value for text in app.markdown if text.value.startswith("**Budget.**")]
    assert budget.replace("\u202f", " ").replace("\\", "") == (
        "**Budget.** Freed $300 · needed $1.9 k · **balance −$1.6 k**"
    )
    unharmed(app.button(key="review_undo_button").click().run())
    assert {row.decision for row in last_rows(served)} == {"withdrawn"}


def test_who_saved_meanwhile_is_named_and_the_draft_stays(served: Database) -> None:
    app = opened(served, company())
    app.text_input(key="review_name_field").set_value("Ann").run()
    app.button(key="review_fill").click().run()
    save(app_engine(served), "2025-Q3", [Draft("P9", "end", None, None, {}, None)], "Bo <b>")
    app.button(key="review_save").click().run()
    (said,) = [warning.value for warning in app.warning]
    assert "Bo \\<b\\>" in said and "somebody else was quicker" in said
    assert {row.partner_id: row.decision for row in last_rows(served)}["P9"] == "end"
    assert "Save 1 decision" in [button.label for button in app.button]
    app.button(key="review_save").click().run()
    assert {row.partner_id: row.decision for row in last_rows(served)}["P9"] == "double"


def last_rows(database: Database):
    with app_engine(database).connect() as connection:
        return connection.execute(
            text("SELECT DISTINCT ON (partner_id) * FROM eql.review_decision ORDER BY partner_id, decision_id DESC")
        ).all()
