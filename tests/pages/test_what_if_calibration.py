"""Does the tab "Calibration" judge the score, hand over the suggested points, and keep audits?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from dashboard import answers
from data_access.demo import DemoOptions, load
from data_access.engine import Database, owner_engine
from tests.builders import Company
from tests.pages import visit
from tests.pages.visit import said, unharmed

BANNER = "Calibration” shows what to look at"
pytestmark = pytest.mark.database


def opened() -> AppTest:
    return unharmed(visit.opened("what_if", part="Calibration"))


def test_simulated_company(served: Database) -> None:
    load(served, DemoOptions(leads=16_000, partners=20, until=datetime.now(UTC).date()))
    app = opened()
    shown = said(app)
    assert "Among worked leads the score tells winners from losers" in shown
    assert "All partner-sourced leads created in" in shown and "wins predicted" in shown
    assert "AI overviews" in shown
    tables = [table.value for table in app.dataframe]
    sources = next(table for table in tables if "Promised %" in table.columns)
    assert {"Partner", "Organic", "AI overviews"} <= set(sources["Source"])
    points = next(table for table in tables if "Suggested" in table.columns)
    top = points.groupby("Criterion")["Suggested"].max()
    assert top.sum() == 100 and len(points) == 30
    assert (points["Suggested"] - points["Today"] == points["Difference"]).all()

    changed = bool((points["Difference"] != 0).any())
    assert app.button(key="try_suggested").disabled is not changed
    if not changed:  # the simulated scorecard is nearly right, so that on some days nothing better is found
        assert "suggest the same points" in shown
        return
    assert "scorecard" not in app.query_params
    unharmed(app.button(key="try_suggested").click().run())
    assert "Your points sort the newer leads" in said(app)
    assert any(part in str(app.query_params["scorecard"]) for part in ("company_size", "demo_request", "industry"))


def test_an_audit_is_recorded_and_the_banner_goes(served: Database) -> None:
    company = Company()
    company.add_lead(created_at=datetime.now(UTC) - timedelta(days=10))
    company.write(owner_engine(served))
    app = opened()
    assert "Nothing to judge the score on yet" in said(app)
    assert "No audit of the scoring model is on record" in said(app) and BANNER in said(app)
    app.button(key="audit_done").click().run()
    assert "fill in your name" in app.error[0].value
    app.text_input(key="audit_name").set_value("Ana").run()
    app.text_area(key="audit_note").set_value("<b>fine</b>").run()
    unharmed(app.button(key="audit_done").click().run())
    assert "The audit is on record." in said(app)
    assert "last audited today" in said(app) and "by Ana" in said(app) and "\\<b\\>fine" in said(app)
    assert BANNER not in said(unharmed(app.run()))
    with owner_engine(served).connect() as connection:
        found = connection.execute(text("SELECT actor, action, detail ->> 'note' FROM eql.audit_log")).all()
    assert [tuple(row) for row in found] == [("Ana", "audit scoring model", "<b>fine</b>")]


def test_nobody_worked_a_lead(served: Database) -> None:
    company = Company()
    for days in (300, 340, 380, 420):
        created = datetime.now(UTC) - timedelta(days=days)
        company.add_lead(created_at=created, utm_source="ai_overview", channel="organic")
    company.write(owner_engine(served))
    answers.forget()
    assert "No lead of these months is known to have been worked" in said(opened())
