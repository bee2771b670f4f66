"""Does the what-if page answer for every company: usual, without partners or signals, young, quiet, with odd names?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import answers, frames
from dashboard.filters import Filters
from dashboard.frames import what_if as asked
from dashboard.period import parse_period
from dashboard.scoring.edits import with_threshold
from dashboard.settings import settings
from dashboard.views.what_if_scene import Scene
from data_access.demo import DemoOptions, load
from data_access.engine import Database, owner_engine
from tests.builders import Company
from tests.pages import visit
from tests.pages.visit import first_line

ODD_NAMES = ("<img src=x onerror=alert(1)>", "=1+1 | **bold** [a](b)", "شركة الشركاء", "🤝 & Söhne", "x" * 200)
PERIOD = "2025-Q3"
PARTS = (
    "Partners that change", "Curves", "Calibration", "Why this score", "Leads that flip", "Compare scenarios",
    "History",
)  # fmt: skip
pytestmark = pytest.mark.database


def opened(period: str | None = PERIOD, **link: str) -> AppTest:
    return visit.opened("what_if", period, **link)


def said(app: AppTest) -> str:
    return " ".join(
        str(one.value) for kind in (app.markdown, app.caption, app.info, app.warning) for one in kind
    ).replace("\u202f", " ")


def beside(app: AppTest) -> dict[str, str]:
    """The numbers beside the line at the chosen threshold, as the browser gets them."""
    (line,) = [one for one in app.get("bidi_component") if "spoken" in one.proto.json]
    data = json.loads(line.proto.json)
    return {one["key"]: one["texts"][data["value"]].replace("\u202f", " ") for one in data["numbers"]}


def every_tab(app: AppTest) -> None:
    """Opens every tab; nothing may go wrong in any."""
    for part in PARTS:
        app.session_state["part"] = part
        app.run()
        assert not app.exception and not app.error, (part, app.exception, app.error)


def company_of(names: tuple[str, ...]) -> Company:
    """Partners with two kinds of leads each: six of 70 points or more that were worked, four of 66 that were not.

    Points of the default model: 12 + 8 + 12 + 8 for fit; 12 for a demo, an install and a referral each, 8 for a look at
    the prices, 6 for a click.
    """
    company = Company()
    account = company.add_account(
        employees=500, industry="Software", tech_stack=["crm", "data_warehouse"], use_case="partner reporting"
    )
    for name in names:
        partner = company.add_partner(name=name)
        for number in range(10):
            good = number < 6
            lead = company.add_lead(
                partner_id=partner, account_id=account, created_at=f"2025-07-{number + 10} 12:00",
                assigned_at=f"2025-07-{number + 12} 12:00" if good else None,
            )  # fmt: skip
            signals = ["demo_request", "partner_referral", "pricing_page_view" if good else "nothing"]
            for signal in signals:
                company.add_signal(lead, signal, f"2025-07-{number + 10} 13:00")
            if number < 2:
                company.add_deal(lead, status="won", opened_at="2025-08-01", closed_at="2025-08-20", arr=1_000)
    return company


def test_numbers_of_the_first_line_and_beside_the_line(served: Database) -> None:
    company_of(("A", "B")).write(owner_engine(served))
    app = opened()
    # Two partners: six leads each have 40 + 12 + 12 + 8 = 72 points, four have 64. Two of the six are won.
    assert first_line(app).startswith(
        "Nothing is changed: the active scorecard qualifies 12 of 20 leads of Q3 2025, 4 w"
    )
    app.number_input(key="threshold").set_value(64).run()
    assert first_line(app).startswith("At 64 instead of 70: 8 more EQLs (+67 %)")
    assert "No lead below 70 that comes in was ever worked" in first_line(app)
    shown = beside(app)
    assert (shown["eqls"], shown["gained"], shown["dropped"]) == ("20", "8", "0")
    assert shown["won"].startswith("4 seen") and shown["recall"] == "100.0 %"
    app.number_input(key="threshold").set_value(73).run()
    assert first_line(app).startswith("At 73 instead of 70: 12 fewer EQLs (−100 %)")
    assert "Forgone with the dropped leads: 4 wins and \\$4.0 k ARR, seen." in said(app)
    every_tab(app)


def test_the_link_brings_the_scenario_back(served: Database) -> None:
    company_of(("A",)).write(owner_engine(served))
    app = opened()
    app.number_input(key="threshold").set_value(64).run()
    link = {name: own if isinstance(own, str) else own[0] for name, own in app.query_params.items()}
    assert link["scorecard"].startswith("threshold.64")
    again = opened(**{name: own for name, own in link.items() if name != "period"})
    assert first_line(again) == first_line(app) and beside(again) == beside(app)
    assert again.number_input(key="threshold").value == 64


def test_filters_narrow_the_leads(served: Database) -> None:
    company_of(("A", "B", "C")).write(owner_engine(served))
    app = opened()
    app.multiselect(key="partner").set_value(["A"]).run()
    assert "qualifies 6 of 10 leads" in first_line(app)


@pytest.mark.parametrize("names", [("Only",), ODD_NAMES], ids=["one partner", "odd names"])
def test_borders(served: Database, names: tuple[str, ...]) -> None:
    company_of(names).write(owner_engine(served))
    app = opened(scorecard="threshold.60")
    assert first_line(app).startswith("At 60 instead of 70")
    every_tab(app)
    assert not any("onerror" in text.value and "\\<" not in text.value for text in app.markdown)


def test_no_partners_and_no_signals(served: Database) -> None:
    company = Company()
    for number in range(24):
        company.add_lead(channel=("paid", "direct", None)[number % 3])
    company.write(owner_engine(served))
    app = opened()
    assert first_line(app) == "No lead of Q3 2025 qualifies, neither now nor in this scenario."
    assert "None of the signals that the scorecard asks for was seen" in said(app)
    assert "nothing can be estimated" in said(app)
    every_tab(app)


def test_empty_period_and_empty_database(served: Database) -> None:
    assert opened().subheader[0].value == "There are no data yet"
    company_of(("A",)).write(owner_engine(served))
    answers.forget()
    app = opened("2001-Q1")
    assert first_line(app) == "No lead came in during Q1 2001, so no scorecard can be tried on it."
    assert [button.label for button in app.button if button.label.startswith("Show ")]


def test_simulated_company(served: Database) -> None:
    load(served, DemoOptions(leads=4_000, until=datetime.now(UTC).date()))
    app = opened(None)
    every_tab(app)
    for threshold in (0, 40, 66, 90, 100):
        app.number_input(key="threshold").set_value(threshold).run()
        assert first_line(app).startswith(f"At {threshold} instead of 70"), threshold
    app.session_state["goal"] = "capacity"
    app.run()
    assert not app.exception and not app.error


def test_a_move_asks_the_database_for_nothing(served: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    company_of(("A", "B")).write(owner_engine(served))
    app = opened()

    def away(*_: object) -> None:
        raise answers.DatabaseUnavailable("The database does not answer.")

    monkeypatch.setattr(answers.version, "data_version", away)
    monkeypatch.setattr(answers, "_seen", None)
    app.number_input(key="threshold").set_value(64).run()
    assert first_line(app).startswith("At 64 instead of 70: 8 more EQLs")
    assert any("last good numbers" in warning.value for warning in app.warning)
    assert datetime.now(UTC) - answers.freshness().as_of < timedelta(hours=2)


def test_costs_and_pages_are_those_of_the_other_pages(served: Database) -> None:
    company = company_of(("A", "B"))
    page = company.add_asset("P001")
    company.add_lead(partner_id="P001", first_asset_id=page, created_at="2025-08-01", eql_at="2025-08-02")
    company.add_cost("P001", amount=300)
    company.add_cost(amount=500)
    company.add_cost(channel="paid", amount=900)
    company.write(owner_engine(served))
    period = parse_period(PERIOD, settings())
    for filters, cost in ((Filters(PERIOD), 800.0), (Filters(PERIOD, partners=("P001",)), 800.0),
                          (Filters(PERIOD, partners=("P002",)), None)):  # fmt: skip
        # P001 has the only EQL of the quarter, so it bears all the overhead.
        assert asked.programme_cost(period, filters) == cost
        assert (frames.performance(period, filters).partner_sourced.programme_cost or None) == cost
    active = asked.active()
    scene = Scene(period, "Q3 2025", Filters(PERIOD), active, with_threshold(active.model, 64))
    places = {own.partner_id: own for own in asked.ranks(scene, asked.answer_of(scene)).partners}
    assert (places["P001"].now.qualified, places["P001"].then.qualified) == (10, 6)
    assert places["P001"].now.place.rank == 1 and places["P002"].now.place.rank is None  # no page, no rank
    narrow = replace(scene, filters=Filters(PERIOD, partners=("P002",)))
    again = {own.partner_id: own for own in asked.ranks(narrow, asked.answer_of(narrow)).partners}
    assert again["P001"].now.place == places["P001"].now.place  # filters never change who is ranked where
