"""Does the tab "What is coming" stand up to odd companies?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.period import last_full_quarter
from dashboard.settings import Settings
from data_access.engine import Database, owner_engine
from tests.builders import Company
from tests.pages import visit
from tests.pages.visit import said, unharmed

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
    return unharmed(visit.opened("arr", QUARTER, part=TAB))


def test_a_forecast_with_its_test_and_the_open_deals(served: Database) -> None:
    told = said(opened(served, company(60)))
    assert "What will this quarter and the next bring?" in told
    assert "should bring" in told
    assert "held**" in told
    assert "Which open deals should it come from?" in told
    assert "they promise nothing about a single deal" in told


def test_too_early_to_say(served: Database) -> None:
    told = said(opened(served, company(19)))
    assert "Too early to say what is coming: 19 partner-sourced deals" in told
    assert "Which open deals" not in told


def test_without_partners_stages_or_arr(served: Database) -> None:
    told = said(opened(served, company(40, partner=None, stage=None, arr=None)))
    assert "Too early to say what is coming: no won deal" in told


def test_by_age_alone_where_stages_are_not_recorded(served: Database) -> None:
    told = said(opened(served, company(40, stage=None)))
    assert "age alone" in told


def test_stage_names_are_shown_as_they_are(served: Database) -> None:
    app = opened(served, company(40, stage=ODD))
    assert "<b>x</b>" not in said(app)
    assert any("Stage" in frame.value.columns for frame in app.dataframe)
