"""Does the page "Win rate and velocity" answer whatever the company: usual, partnerless, quiet, with odd names?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import answers
from dashboard.views.velocity_parts import TITLES
from data_access.demo import DemoOptions, load
from data_access.engine import Database, owner_engine
from tests.builders import Company
from tests.pages import visit
from tests.pages.visit import first_line

ODD_NAMES = ("<img src=x onerror=alert(1)>", "=1+1 | **bold** [a](b)", "شركة الشركاء", "🤝 & Söhne", "x" * 200)
pytestmark = pytest.mark.database


def opened(period: str | None = None, **link: str) -> AppTest:
    return visit.opened("velocity", period, **link)


def every_tab(app: AppTest) -> None:
    """Opens every tab; nothing may go wrong in any."""
    for part in TITLES:
        app.session_state["part"] = part
        app.run()
        assert not app.exception and not app.error, part


def company_of(deals: dict[str, tuple[int, int]]) -> Company:
    """Partners by name with (won, lost) deals of Q3 2025, and ten won and ten lost deals of direct leads."""
    company = Company()
    keys = {name: company.add_partner(name=name) for name in deals}
    for name, (won, lost) in {**deals, "": (10, 10)}.items():
        for number in range(won + lost):
            lead = company.add_lead(partner_id=keys.get(name), eql_at="2025-07-16" if name else None)
            status = "won" if number < won else "lost"
            closed = f"2025-08-{1 + number % 28:02d} 12:00"
            company.add_deal(lead, status=status, closed_at=closed, arr=str(1000 + number))
    return company


def test_simulated_company(served: Database) -> None:
    load(served, DemoOptions(leads=4_000, until=datetime.now(UTC).date()))
    app = opened()
    assert first_line(app).startswith("Partners won ")
    titles = [text.value for text in app.markdown]
    assert "**Who wins how often?**" in titles and "**How many deals are won by when?**" in titles
    every_tab(app)
    for by in ("eql", "type", "tier", "region", "channel"):
        app.session_state["split"] = by
        app.run()
        assert not app.exception and not app.error, by


def test_numbers_of_the_first_line(served: Database) -> None:
    company_of({"A": (9, 1), "B": (5, 5), "C": (1, 9)}).write(owner_engine(served))
    app = opened("2025-Q3")
    assert first_line(app) == (
        "Partners won 50.0 % of the 30 deals that closed in Q3 2025 (33–67 %), about as often as other leads (50.0 %): "
        "the difference can be chance."
    )
    every_tab(app)


@pytest.mark.parametrize(
    "deals",
    [
        {"Only": (3, 4)},
        {"A": (4, 4), "B": (4, 4), "C": (4, 4)},
        {"A": (0, 6), "B": (0, 6), "C": (0, 2)},
        {"A": (6, 0), "B": (6, 0), "C": (2, 0), "None": (0, 0)},
        {name: (2 + place, 3) for place, name in enumerate(ODD_NAMES)},
    ],
    ids=["one partner", "all tied", "nobody won", "everybody won", "odd names"],
)
def test_borders(served: Database, deals: dict[str, tuple[int, int]]) -> None:
    company_of(deals).write(owner_engine(served))
    app = opened("2025-Q3")
    assert first_line(app).startswith("Partners won")
    every_tab(app)
    assert not any("onerror" in text.value and "\\<" not in text.value for text in app.markdown)


def test_company_without_partners_hears_of_channels(served: Database) -> None:
    company = Company()
    for number in range(24):
        lead = company.add_lead(channel=("paid", "direct", None)[number % 3])
        company.add_deal(lead, status="won" if number % 4 else "lost", closed_at="2025-08-01 12:00")
    company.write(owner_engine(served))
    app = opened("2025-Q3")
    assert first_line(app) == "75.0 % of the 24 deals that closed in Q3 2025 (55–88 %) were won."
    assert "**In which channel is how much won?**" in [text.value for text in app.markdown]
    assert not app.tabs


def test_nothing_lost_no_rate(served: Database) -> None:
    company = Company()
    for _ in range(3):
        company.add_deal(company.add_lead(), status="won", closed_at="2025-08-01 12:00")
    company.write(owner_engine(served))
    app = opened("2025-Q3")
    assert first_line(app) == (
        "3 deals were won in Q3 2025; how often deals are won cannot be told: the data hold no lost deals."
    )
    assert "**In which channel is how much won?**" not in [text.value for text in app.markdown]


def test_empty_period_and_empty_database(served: Database) -> None:
    assert opened().subheader[0].value == "There are no data yet"
    company_of({"A": (2, 2)}).write(owner_engine(served))
    answers.forget()
    app = opened("2001-Q1")
    assert first_line(app) == "No deal of partners was won or lost in Q1 2001; 0 deals are open now."
    assert [button.label for button in app.button if button.label.startswith("Show ")]
    later = opened("2025-Q4")  # nothing closed, but the curve of two years has deals
    assert first_line(later).startswith("No deal of partners was won or lost in Q4 2025")
    every_tab(later)
