"""Do the pages of a partner add up to its pipeline, without other partners' pages and without decoys?"""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from dashboard.metrics.performance import performance
from dashboard.period import parse_period
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.demo import DemoOptions, load
from data_access.engine import Database, app_engine, owner_engine
from data_access.pages_of import referring_pages
from data_access.reading import read_performance
from tests.builders import Company

pytestmark = pytest.mark.database
SETTINGS = Settings()
WINDOW = Window(parse_period("2025-Q3", SETTINGS), datetime(2025, 10, 20, tzinfo=UTC))


def test_worked_example(database: Database) -> None:
    company = Company()
    company.add_partner("a")
    company.add_partner("b")
    company.add_asset("a", "new", title="New <b>", kind="webinar")
    company.add_asset("a", "old", retired_on="2025-01-31")
    company.add_asset("b", "theirs")
    first = company.add_lead(partner_id="a", created_at="2025-07-02", first_asset_id="new", eql_at="2025-07-03")
    company.add_deal(first, amount="100", status="won", closed_at="2025-09-01")
    company.add_lead(partner_id="a", created_at="2024-10-02", first_asset_id="new", eql_at="2025-10-30")
    former = company.add_lead(partner_id="a", created_at="2024-05-02", first_asset_id="old")
    company.add_deal(former, amount="70")
    foreign = company.add_lead(partner_id="a", created_at="2025-07-05", first_asset_id="theirs")
    company.add_deal(foreign, amount="9")
    bare = company.add_lead(partner_id="a", created_at="2025-07-05")
    company.add_deal(bare, amount="1")
    company.add_deal(first, amount="1000", opened_at="2025-06-30")  # before the period
    company.add_deal(first, amount="1000", deleted_at="2025-08-01")
    company.add_lead(partner_id="a", created_at="2025-07-02", first_asset_id="new", is_test=True)
    company.write(owner_engine(database))
    found = referring_pages(app_engine(database), WINDOW).filter(pl.col("partner_id") == "a")
    assert found.select("asset_id", "retired", "leads", "eqls", "won", "pipeline_cents").rows() == [
        ("new", False, 2, 1, 1, 10_000),
        ("old", True, 0, 0, 0, 7_000),
        (None, False, 2, 0, 0, 1_000),
    ]


def test_pages_add_up_to_the_numbers_of_the_review(database: Database) -> None:
    load(database, DemoOptions(leads=3_000, until=WINDOW.as_of.date(), seed=3))
    engine = app_engine(database)
    own = referring_pages(engine, WINDOW)
    sums = dict(own.group_by("partner_id").agg(pl.col("pipeline_cents").sum() / 100).iter_rows())
    live = own.filter(pl.col("asset_id").is_not_null() & (pl.col("leads") > 0))
    pages = dict(live.group_by("partner_id").len().iter_rows())
    whole = performance(read_performance(engine, WINDOW), WINDOW, SETTINGS)
    assert len(whole.partners) > 20
    for one in whole.partners:
        key = one.partner.partner_id
        assert sums.get(key, 0.0) == pytest.approx(one.summary.pipeline_created)
        assert pages.get(key, 0) == one.summary.referring_pages_12_months
