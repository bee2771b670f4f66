"""Does the page "Channels" answer whatever the company: usual, without costs, partners or data, with odd names?"""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.views.channel_page_parts import TITLES
from data_access.engine import Database, owner_engine
from tests.builders import Company
from tests.data_access.test_channel_value import company
from tests.pages import visit
from tests.pages.visit import first_line, grouped, said, unharmed

ODD_NAMES = ("<img src=x onerror=alert(1)>", "=1+1 | **bold** [a](b)", "شركة الشركاء", "🤝 & Söhne", "x" * 200)
pytestmark = pytest.mark.database


def opened(period: str | None = "2025-Q3", **link: str) -> AppTest:
    return visit.opened("channels", period, **link)


def every_tab(app: AppTest) -> None:
    """Opens every tab; nothing may go wrong in any."""
    for part in TITLES:
        app.session_state["part"] = part
        grouped(unharmed(app.run()))


def test_numbers_of_the_first_lines(served: Database) -> None:
    company().write(owner_engine(served))
    app = opened()
    # 4,000 ARR for 500 of programme cost, beside 1,500 for 600 in paid search; of the bounds only the form is told.
    assert first_line(app).startswith("Each $1 that the partner programme cost in Q3 2025 came with $8.00 (")
    assert "about as much as in Paid search ($2.50)" in first_line(app)
    assert "One made more ARR than the largest paid campaign, spring ($1.5 k), but not surely: 2.7×" in said(app)
    every_tab(app)
    assert "What if money moved?" in said(app)


def test_a_move_outside_what_was_seen_is_refused(served: Database) -> None:
    company().write(owner_engine(served))
    app = opened(part="Move money")
    app.selectbox(key="move_from").select("channel:paid_search").run()
    app.selectbox(key="move_to").select("partner:P1").run()
    # The partner cost 400 in its only quarter: nothing was ever seen beyond.
    assert "No estimate: One has cost between $400 and $400 a quarter" in said(app)
    app.number_input(key="move_amount").set_value(0.0).run()
    assert not app.exception and "No estimate" not in said(app)


def test_no_costs_and_no_partner(served: Database) -> None:
    own = Company()
    for number in range(6):
        lead = own.add_lead(channel="organic" if number else "direct")
        own.add_deal(lead, status="won", closed_at="2025-08-01 12:00", arr="1000")
    own.write(owner_engine(served))
    app = opened()
    assert first_line(app) == (
        "Organic brought $5.0 k of $6.0 k ARR in Q3 2025; the data hold no costs, so what each channel returns for its "
        "money cannot be told."
    )
    assert "**Which leads convert best?**" in [text.value for text in app.markdown]
    every_tab(app)


def test_an_empty_period_offers_the_way_out(served: Database) -> None:
    company().write(owner_engine(served))
    app = opened("2019-Q1")
    assert first_line(app) == "There are no leads, deals or costs in Q1 2019."


def test_no_data(served: Database) -> None:
    assert first_line(opened(None)) == "There are no data yet"


def test_odd_names(served: Database) -> None:
    own = company()
    for name in ODD_NAMES:
        partner = own.add_partner(name=name)
        own.add_cost(partner, amount="50")
        lead = own.add_lead(partner_id=partner, channel=name)
        own.add_deal(lead, status="won", closed_at="2025-08-05 12:00", arr="9000")
        own.add_deal(own.add_lead(channel=name, utm_campaign=name), status="won", closed_at="2025-08-05 12:00", arr="5")
        own.add_cost(channel=name, amount="5000", category="media")
    own.write(owner_engine(served))
    app = opened()
    first_line(app)
    every_tab(app)
    assert "<img" not in " ".join(str(text.value) for text in app.markdown).replace("\\<img", "")
