"""Does the Attribution page answer whatever the company: usual, without touches, partners or ARR, with odd names?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import answers
from dashboard.metrics.attribution_rules import Rule
from dashboard.views import attribution as words
from dashboard.views.attribution_panels import TITLES
from data_access.demo import DemoOptions, load
from data_access.engine import Database, owner_engine
from tests.builders import Company
from tests.pages import visit
from tests.pages.visit import first_line, grouped, said

ODD_NAMES = ("<img src=x onerror=alert(1)>", "=1+1 | **bold** [a](b)", "شركة الشركاء", "🤝 & Söhne", "x" * 200)
pytestmark = pytest.mark.database


def opened(period: str | None = "2025-Q3", **link: str) -> AppTest:
    return visit.opened("attribution", period, **link)


def every_tab(app: AppTest) -> None:
    """Opens every tab; nothing may go wrong in any."""
    for part in TITLES:
        app.session_state["credit_part"] = part
        app.run()
        assert not app.exception and not app.error, part
        grouped(app)


def company_of(*names: str, touches: bool = True, arr: str | None = "300.01") -> Company:
    """For each partner one deal won in Q3 2025, touched by it first and by an unnamed advert last; and a direct one."""
    company = Company()
    for name in (*names, None):
        key = company.add_partner(name=name) if name else None
        lead = company.add_lead(partner_id=key, sql_at="2025-07-18 12:00")
        if touches:
            company.add_touch(
                lead, occurred_at="2025-07-16 12:00", partner_id=key, channel="partner" if key else "paid"
            )
            company.add_touch(lead, occurred_at="2025-07-19 12:00", channel="email")
        company.add_deal(lead, status="won", closed_at="2025-08-01 12:00", arr=arr)
    return company


def test_numbers_of_the_first_line(served: Database) -> None:
    company_of("Acme").write(owner_engine(served))
    # One deal of 300.01 with two touches, position A: the first touch is the key influence too, 4 : 1.
    # 240.008 and 60.002 are floored to 240.00 and 60.00; the cent left over goes to the larger remainder, .8: 240.01.
    app = opened()
    assert first_line(app) == ("By position A, partners brought $240 of the $600 ARR won in Q3 2025 (40 %).")
    assert (
        "No partner touched deals worth $300. All credit adds up to $600.02, to the cent what the ARR page shows."
    ) in said(app)
    table = app.dataframe[0].value
    assert table["Position A"].to_list() == [240.01, 360.01]
    assert table["Source"].to_list() == [300.01, 300.01]
    assert "**Total of 2 lines:** Position A $600.02 · Source $600.02" in said(app)
    assert [metric.label for metric in app.metric][:2] == ["Credited to partners", "Sourced"]


@pytest.mark.parametrize("rule", Rule)
def test_every_rule_adds_up(served: Database, rule: Rule) -> None:
    company_of("Acme", "Bell").write(owner_engine(served))
    app = opened()
    app.selectbox("credit_rule").select(rule).run()
    assert "adds up to $900.03, to the cent what the ARR page shows" in said(app)
    assert f"**{words.NAMES[rule]}.** " in said(app)
    for part in TITLES[:4]:
        app.session_state["credit_part"] = part
        app.run()
        assert round(sum(app.dataframe[0].value[words.NAMES[rule]]), 2) == 900.03, part


def test_simulated_company_with_every_choice(served: Database) -> None:
    load(served, DemoOptions(leads=4_000, until=datetime.now(UTC).date()))
    app = opened(None)
    assert first_line(app).startswith("By position A, partners brought ")
    assert "to the cent what the ARR page shows" in said(app)
    titles = [text.value for text in app.markdown]
    assert "**Which partner gets how much?**" in titles and "**What would Source change?**" in titles
    every_tab(app)
    app.session_state["credit_of"] = "pipeline"
    app.session_state["credit_until"] = "close"
    app.session_state["key_influence"] = "last_partner"
    app.session_state["half_life"] = 7.0
    app.session_state["credit_beside"] = Rule.TIME_DECAY
    app.run()
    assert "pipeline created in" in first_line(app) and "to the cent what the Overview shows" in said(app)
    assert "Half-life: 7 days before the day the deal closed" in said(app)
    every_tab(app)


@pytest.mark.parametrize("names", [("Only",), ("A", "B", "C"), ODD_NAMES], ids=["one partner", "all tied", "odd names"])
def test_borders(served: Database, names: tuple[str, ...]) -> None:
    company_of(*names).write(owner_engine(served))
    app = opened()
    assert "most" not in first_line(app), "nobody is first where all are equal"
    every_tab(app)
    assert not any("onerror" in text.value and "\\<" not in text.value for text in app.markdown)


def test_without_touches_the_source_answers(served: Database) -> None:
    company_of("Acme", touches=False).write(owner_engine(served))
    app = opened()
    assert first_line(app).startswith("By the source of the leads, partners brought $300 of the $600 ARR won")
    assert words.NO_TOUCH in said(app)
    every_tab(app)


def test_without_partners_channels_answer(served: Database) -> None:
    company_of().write(owner_engine(served))
    app = opened()
    assert first_line(app).startswith("By position A, channels share the $300 ARR won in Q3 2025, Paid most ($240)")
    assert "**Which channel gets how much?**" in [text.value for text in app.markdown]
    every_tab(app)


def test_without_arr_the_pipeline_is_offered(served: Database) -> None:
    company_of("Acme", arr=None).write(owner_engine(served))
    app = opened()
    assert first_line(app) == (
        "2 deals were won in Q3 2025; the data hold no ARR for them, so there is no credit to share."
    )
    assert "Pipeline can be shared out instead: choose it above." in said(app)
    every_tab(app)


def test_same_rule_twice(served: Database) -> None:
    company_of("Acme").write(owner_engine(served))
    app = opened()
    app.session_state["credit_beside"] = Rule.POSITION_A
    app.run()
    assert "Choose another rule beside it" in said(app)
    every_tab(app)


def test_chosen_partner_is_the_subject(served: Database) -> None:
    company = company_of("Acme", "Bell").write(owner_engine(served))
    app = opened()
    app.session_state["partner"] = [company.rows["partner"][0]["partner_id"]]
    app.run()
    assert first_line(app).startswith("By position A, Acme brought $240 of the $600 ARR won in Q3 2025 (40 %)")
    assert "adds up to $600.02, to the cent what the ARR page shows" in said(app)
    assert "Chosen partners: deals of their leads" in said(app)


def test_payouts_against_agreed_rates(served: Database) -> None:
    company = company_of("Acme", "Bell", "Cord")
    acme, bell = (row["partner_id"] for row in company.rows["partner"][:2])
    company.add_commission(acme, "0.1", "2025-01-01")
    company.add_cost(acme, category="payout", period_start="2025-07-01", period_end="2025-09-30", amount="50")
    company.add_cost(bell, category="payout", period_start="2025-07-01", period_end="2025-09-30", amount="7")
    company.write(owner_engine(served))
    app = opened()
    app.session_state["credit_part"] = "Payouts"
    app.run()
    # 300.01 × 0.1 = 30.001, rounded to 30.00; paid 50.
    assert (
        "Owed $30, paid $50: $20 too much ($7.00 more was paid without an agreed rate). "
        "The one line with an agreed rate is Acme in Q3 2025."
    ) in said(app)
    assert "Paid though no rate is agreed: Bell." in said(app)
    table = next(each.value for each in app.dataframe if "Owed" in each.value.columns)
    assert table["Difference"].to_list()[0] == 20.0
    assert "credited $900.03 · owed $30.00 · paid $57.00" in said(app)


def test_empty_period_and_empty_database(served: Database) -> None:
    assert opened(None).subheader[0].value == "There are no data yet"
    company_of("Acme").write(owner_engine(served))
    answers.forget()
    app = opened("2001-Q1")
    assert first_line(app) == "No deal was won in Q1 2001, so there is no credit to share."
    assert [button.label for button in app.button if button.label.startswith("Show ")]
    every_tab(app)
    app.session_state["credit_part"] = "Payouts"
    app.run()
    assert "There is nothing to reconcile" in said(app)
