"""Does the tab "What is coming" stand up to odd companies?"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.period import last_full_quarter
from dashboard.settings import Settings
from data_access.engine import Database, owner_engine
from tests.builders import Company
from tests.conftest import ROOT

pytestmark = pytest.mark.database
NOW = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
TAB = "What is coming"
# One in which deals were won, so that the page has something to show.
QUARTER = last_full_quarter(NOW, Settings()).label
ODD = "<b>x</b> $1 $2 [a](javascript:b) شركاء 😀 " + "y" * 150


def company(closed: int, partner: str | None = "P1", stage: str | None = "talk", arr: str | None = "900") -> Company:
    """So many closed deals over the last ten months, every other one won after 20 days, and three open ones."""
    made = Company()
    if partner:
        made.add_partner(partner, name=ODD)
    lead = made.add_lead(partner_id=partner, created_at=NOW - timedelta(days=400))
    for place in range(closed):
        opened = NOW - timedelta(days=300 - 270 * place / max(closed, 1))
        deal = made.add_deal(
            lead, opened_at=opened, status=("won", "lost")[place % 2], closed_at=opened + timedelta(days=20), arr=arr
        )
        if stage:
            made.add_stage(deal, stage, opened)
    for days in (3, 30, 200):
        deal = made.add_deal(lead, opened_at=NOW - timedelta(days=days), arr=arr)
        if stage:
            made.add_stage(deal, stage, NOW - timedelta(days=days))
    return made


def opened(database: Database, made: Company) -> AppTest:
    made.write(owner_engine(database))
    app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=120)
    app.query_params["period"] = QUARTER
    app.session_state["part"] = TAB
    app.run()
    app.switch_page("../pages/arr.py").run()
    for _ in range(3):
        assert not app.exception, [e.value for e in app.exception]
        assert not app.error, [e.value for e in app.error]
        time.sleep(0.1)
    return app


def words(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.info, app.subheader)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def test_a_forecast_with_its_test_and_the_open_deals(served: Database) -> None:
    said = words(opened(served, company(60)))
    assert "What will this quarter and the next bring?" in said
    assert "should bring" in said
    assert "held**" in said
    assert "Which open deals should it come from?" in said
    assert "they promise nothing about a single deal" in said


def test_too_early_to_say(served: Database) -> None:
    said = words(opened(served, company(19)))
    assert "Too early to say what is coming: 19 partner-sourced deals" in said
    assert "Which open deals" not in said


def test_without_partners_stages_or_arr(served: Database) -> None:
    said = words(opened(served, company(40, partner=None, stage=None, arr=None)))
    assert "Too early to say what is coming: no won deal" in said


def test_by_age_alone_where_stages_are_not_recorded(served: Database) -> None:
    said = words(opened(served, company(40, stage=None)))
    assert "age alone" in said


def test_stage_names_are_shown_as_they_are(served: Database) -> None:
    app = opened(served, company(40, stage=ODD))
    assert "<b>x</b>" not in words(app)
    assert any("Stage" in frame.value.columns for frame in app.dataframe)
