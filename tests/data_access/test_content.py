"""Does every asset get what came through it, its days and its age, and do the rows add up to the period's totals?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pytest

from dashboard.metrics.performance import performance
from dashboard.period import parse_period
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.content import asset_cells, asset_titles, content_cost, prospect_pages
from data_access.demo import DemoOptions, load
from data_access.engine import Database, app_engine, owner_engine
from data_access.reading import read_performance
from tests.builders import Company

pytestmark = pytest.mark.database
SETTINGS = Settings()
WINDOW = Window(parse_period("2025-Q3", SETTINGS), datetime(2025, 11, 20, 15, tzinfo=UTC))


def rows_of(found: pl.DataFrame, *names: str) -> dict[str, tuple[object, ...]]:
    return {row[0]: row[1:] for row in found.filter("has_lead").select("asset_id", *names).iter_rows()}


def test_what_an_asset_brought(database: Database) -> None:
    company = Company()
    company.add_partner("a")
    company.add_partner("p", status="prospect")
    company.add_asset("a", "page")
    company.add_asset("p", "offered", domain_rating=70.0, kind="article")
    first = company.add_lead(partner_id="a", first_asset_id="page", created_at="2025-07-02", eql_at="2025-07-09")
    company.add_deal(first, amount="100", arr="60", status="won", closed_at="2025-09-01")
    company.add_deal(first, amount="50", opened_at="2025-10-01")  # after the period
    company.add_deal(first, amount="70", currency="EUR")  # no rate
    company.add_lead(first_asset_id="page", created_at="2025-03-02", eql_at="2025-07-09")  # its EQL alone is of Q3
    company.add_lead(first_asset_id="page", created_at="2025-03-02", eql_at="2025-03-09")  # the year before
    company.add_lead(first_asset_id="page", created_at="2025-08-02", eql_at="2025-11-25")  # not seen yet
    company.add_lead(first_asset_id="page", created_at="2025-08-02", is_test=True)
    gone = company.add_lead(first_asset_id="page", created_at="2025-08-02", deleted_at="2025-08-09")
    company.add_deal(gone, amount="9")  # stays, with its asset
    merged = company.add_lead(created_at="2025-08-02", merged_into=first, merged_at="2025-08-03")
    company.add_deal(merged, amount="5")  # belongs to the end of the chain
    bare = company.add_lead(created_at="2025-07-05")
    company.add_deal(bare, amount="1")
    company.add_deal(amount="2")  # nobody's
    company.write(owner_engine(database))
    found = asset_cells(app_engine(database), WINDOW)
    names = ("leads", "eqls", "eqls_before", "won", "pipeline_cents", "arr_cents", "unconverted", "amounts")
    assert rows_of(found, *names) == {
        "": (1, 0, 0, 0, 100, 0, 0, 1),
        "offered": (0, 0, 0, 0, 0, 0, 0, 0),
        "page": (2, 2, 1, 1, 11_400, 6_000, 1, 3),
    }
    assert found.filter(~pl.col("has_lead"))["pipeline_cents"].to_list() == [200]
    assert found.filter(pl.col("asset_id") == "offered")["prospect"].to_list() == [True]


# Days of Q3 2025 (92 of them, up to 30 September), age at 1 October, overdue on 20 November.
@pytest.mark.parametrize(
    ("dates", "days", "age", "overdue", "now"),
    [
        ({}, 92, None, None, True),
        ({"published_on": "2025-07-01"}, 92, "3-5", -42, True),
        ({"published_on": "2025-07-02"}, 91, "0-2", -43, True),
        ({"published_on": "2025-09-30"}, 1, "0-2", -130, True),
        ({"published_on": "2025-10-01"}, 0, None, -132, True),
        ({"published_on": "2024-01-01", "refreshed_on": "2025-04-01"}, 92, "6-11", 50, True),
        ({"published_on": "2024-01-01", "refreshed_on": "2025-10-15"}, 92, "12-23", -146, True),
        ({"published_on": "2024-01-01", "refreshed_on": "2025-12-01"}, 92, "12-23", 507, True),
        ({"published_on": "2023-10-01", "retired_on": "2025-08-01"}, 31, "24+", 598, False),
        ({"published_on": "2024-10-01", "retired_on": "2025-07-01"}, 0, "12-23", 233, False),
        ({"published_on": "2024-10-01", "retired_on": "2025-12-01"}, 92, "12-23", 233, True),
        ({"published_on": "2025-03-31"}, 92, "6-11", 51, True),
    ],
)
def test_days_and_ages(
    database: Database, dates: dict[str, str], days: int, age: str | None, overdue: int | None, now: bool
) -> None:
    company = Company()
    company.add_asset(None, "page", **dates)
    company.write(owner_engine(database), replace=True)
    found = rows_of(asset_cells(app_engine(database), WINDOW), "days_live", "age_band", "overdue_days", "live_now")
    assert found["page"] == (days, age, overdue, now)


def test_a_running_period_ends_at_as_of(database: Database) -> None:
    company = Company()
    company.add_asset(None, "page", published_on="2025-06-01")
    company.write(owner_engine(database))
    running = replace(WINDOW, as_of=datetime(2025, 7, 10, 8, tzinfo=UTC))
    found = asset_cells(app_engine(database), running).filter(pl.col("asset_id") == "page")
    columns = ("days_live", "days_before", "age_band", "days_since_published", "live_at_end")
    assert found.select(*columns).rows() == [(10, 30, "0-2", 39, True)]


def test_rows_add_up_to_the_totals_and_prospects_disturb_nothing(database: Database) -> None:
    load(database, DemoOptions(leads=3_000, until=WINDOW.as_of.date(), seed=3))
    engine = app_engine(database)
    found = asset_cells(engine, WINDOW)
    totals = performance(read_performance(engine, WINDOW), WINDOW, SETTINGS).totals
    assert found["leads"].sum() == totals.leads
    assert found["eqls"].sum() == totals.eqls_in_period
    assert found["won"].sum() == totals.won_deals
    assert found["pipeline_cents"].sum() == round(100 * totals.pipeline_created)
    assert found["arr_cents"].sum() == round(100 * totals.arr)
    offered = prospect_pages(engine, WINDOW)
    of_prospects = found.filter("prospect")
    assert set(offered["asset_id"]) == set(of_prospects["asset_id"])
    assert 8 <= offered.height <= 20  # two prospects with 4 to 10 pages each
    assert of_prospects.select("leads", "eqls", "won", "pipeline_cents").sum().row(0) == (0, 0, 0, 0)
    titles = asset_titles(engine, WINDOW, offered["asset_id"].to_list())
    assert titles.height == offered.height
    assert titles["url"].n_unique() == offered.height


def test_cost_of_content_is_a_share_of_days(database: Database) -> None:
    company = Company()
    company.add_partner("a")
    company.add_cost("a", category="content", amount="310", period_start="2025-06-16", period_end="2025-07-16")
    company.add_cost(category="content", amount="50")
    company.add_cost(category="content", amount="50", currency="EUR")
    company.add_cost(category="media", amount="999")
    company.add_cost(category="content", amount="999", period_start="2025-10-01", period_end="2025-10-31")
    company.write(owner_engine(database))
    engine = app_engine(database)
    found = content_cost(engine, WINDOW).sort("partner_id", nulls_last=True)
    assert found.rows() == [("a", pytest.approx(310 * 16 / 31), 0), (None, 50.0, 1)]
    before = replace(WINDOW, period=parse_period("2024-Q1", SETTINGS))
    assert content_cost(engine, before).is_empty()
