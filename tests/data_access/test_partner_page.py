"""Are one partner's days, pages, deals and gaps what its rows say, and nobody else's?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime

import polars as pl
import pytest
from sqlalchemy import Engine, text

from dashboard.metrics import partner_page as metric
from dashboard.metrics.performance import performance
from dashboard.period import months_before, parse_period
from dashboard.reports.partner import partner_section
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.demo import DemoOptions, load
from data_access.engine import Database, app_engine, owner_engine
from data_access.open_deals import open_deal_ages, open_deals
from data_access.pages_of import referring_pages
from data_access.partner_page import gap_cells, read_partner
from data_access.reading import read_performance
from tests.builders import Company

pytestmark = pytest.mark.database
SETTINGS = Settings(_env_file=None)
PERIOD = parse_period("2025-Q3", SETTINGS)
AS_OF = datetime(2025, 11, 1, 9, tzinfo=UTC)
WINDOW = Window(PERIOD, AS_OF)
FIRST = months_before(PERIOD.end, 12)


def company() -> Company:
    """Partner P with a little of everything, and rows of others, of tests, of the deleted and of the future beside."""
    c = Company()
    for partner in ("P", "Q"):
        c.add_partner(partner)
    page, foreign = c.add_asset("P", "page", title="Guide", refreshed_on="2025-02-03"), c.add_asset("Q", "foreign")
    c.add_traffic(page, "2025-07-01", 5)
    c.add_traffic(page, "2024-09-30", 90)  # before the 12 months
    c.add_traffic(foreign, "2025-07-01", 70)
    both = {"partner_confirmed_at": "2025-07-11", "vendor_confirmed_at": "2025-07-12"}
    good = c.add_lead("good", partner_id="P", created_at="2025-07-10", first_asset_id=page, referral_at="2025-07-10",
                      eql_at="2025-07-12", sql_at="2025-07-14", assigned_at="2025-07-13", **both)  # fmt: skip
    c.add_lead("bare", partner_id="P", created_at="2025-08-01", eql_at="2025-08-03", vendor_confirmed_at="2025-08-02")
    c.add_lead("fresh", partner_id="P", created_at="2025-09-20", first_asset_id=foreign, referral_at="2025-09-20",
               last_activity_at="2025-10-20")  # fmt: skip
    c.add_lead("test", partner_id="P", created_at="2025-07-10", is_test=True)
    c.add_lead("deleted", partner_id="P", created_at="2025-07-10", deleted_at="2025-07-11")
    c.add_lead("merged", partner_id="Q", created_at="2025-07-10", merged_into="good", merged_at="2025-07-20")
    c.add_lead("other", partner_id="Q", created_at="2025-07-10", first_asset_id=foreign)
    c.add_lead("silent", partner_id="Q", created_at="2025-08-10", last_activity_at="2025-09-01")
    c.add_deal(good, "won", opened_at="2025-07-20", status="won", closed_at="2025-08-19", amount=300, arr=200)
    c.add_deal(good, "euro", opened_at="2025-07-21", amount=50, currency="EUR")
    c.add_deal("merged", "theirs", opened_at="2025-09-02", amount=1_000)
    c.add_deal("bare", "blank", opened_at="2025-09-22", amount=None)
    c.add_deal("deleted", "kept", opened_at="2025-09-25", status="lost", closed_at="2025-10-05", amount=70)
    c.add_deal(good, "undated", opened_at="2025-07-22", status="lost", amount=10)
    c.add_deal(good, "later", opened_at="2025-11-02", amount=9_999)
    c.add_deal("test", "tested", opened_at="2025-07-22", amount=9_999)
    c.add_deal("other", "foreign", opened_at="2025-07-22", amount=9_999)
    return c


@pytest.fixture(scope="module")
def engine(module_database: Database) -> Iterator[Engine]:
    company().write(owner_engine(module_database), replace=True)
    yield app_engine(module_database)


def test_days(engine: Engine) -> None:
    days = read_partner(engine, WINDOW, "P", FIRST).days
    quarter = metric.brought(days, PERIOD.start.date(), PERIOD.end.date())
    # Leads good, bare, fresh; EQLs good, bare. Opened: 300, one in euro, 1,000 (merged), one blank, 70 (deleted), 10.
    assert (quarter.sessions, quarter.leads, quarter.eqls, quarter.sqls) == (5, 3, 2, 1)
    assert (quarter.opened, quarter.pipeline, quarter.won, quarter.lost, quarter.arr) == (6, 1_380.0, 1, 0, 200.0)
    assert days["day"].min() >= FIRST.date() and days["day"].max() < PERIOD.end.date()


def test_open_deals_the_oldest_first(engine: Engine) -> None:
    found = open_deals(engine, WINDOW, "P")
    assert found.select("deal_id", "pipeline_cents", "age_days").rows() == [
        ("euro", None, 103),
        ("theirs", 100_000, 60),
        ("blank", None, 40),
    ]
    assert open_deals(engine, WINDOW, "P", limit=1)["deal_id"].to_list() == ["euro"]
    ages = open_deal_ages(engine, WINDOW, "P").sort("age_days")
    assert ages.rows() == [("P", 40, 1, 0), ("P", 60, 1, 100_000), ("P", 103, 1, 0)]
    assert open_deal_ages(engine, WINDOW).filter(pl.col("partner_id") == "P").sort("age_days").equals(ages)


def test_gaps(engine: Engine) -> None:
    """`bare` has a deal and `fresh` was active within 30 days: neither is untouched."""
    row = read_partner(engine, WINDOW, "P", FIRST).gaps.row(0, named=True)
    assert row == {
        "partner_id": "P", "leads": 3, "no_asset": 1, "no_referral": 1, "eqls": 2, "unconfirmed": 1, "untouched": 0,
        "deals": 6, "no_amount": 1, "unconverted": 1, "undated": 1,
    }  # fmt: skip
    everybody = gap_cells(engine, WINDOW)
    assert everybody.filter(pl.col("partner_id") == "P").row(0, named=True) == row
    assert everybody.filter(pl.col("partner_id") == "Q").row(0, named=True)["untouched"] == 1


def test_pages(engine: Engine) -> None:
    pages = metric.pages_of(read_partner(engine, WINDOW, "P", FIRST).pages)
    assert [(p.asset_id, p.leads, p.eqls, p.won, p.pipeline) for p in pages] == [
        ("page", 1, 1, 1, 1_310.0),  # won 300 + theirs 1,000 + undated 10
        (None, 2, 1, 0, 70.0),  # leads bare and fresh; the deal of the deleted lead
    ]
    assert pages[0].refreshed_on == date(2025, 2, 3)


def test_a_partner_of_whom_nothing_is_known(engine: Engine) -> None:
    rows = read_partner(engine, WINDOW, "nobody", FIRST)
    assert all(frame.is_empty() for frame in (rows.days, rows.gaps, rows.pages, rows.deals, rows.ages))
    nothing = metric.brought(rows.days, PERIOD.start.date(), PERIOD.end.date())
    assert (nothing.sessions, nothing.leads, nothing.arr) == (None, 0, 0.0)


@pytest.fixture(scope="module")
def simulated(_new_database) -> Iterator[Engine]:  # type: ignore[no-untyped-def]
    with _new_database() as database:
        load(database, DemoOptions(leads=4_000, until=AS_OF.date()))
        yield app_engine(database)


UNTOUCHED = """
SELECT count(*) FROM eql.lead l WHERE partner_id = :p AND NOT is_test AND created_at <= :as_of
  AND (deleted_at IS NULL OR deleted_at > :as_of) AND (merged_into IS NULL OR merged_at > :as_of)
  AND created_at >= :first AND created_at < :end AND created_at <= :quiet
  AND (last_activity_at IS NULL OR last_activity_at <= :quiet)
  AND NOT coalesce(assigned_at <= :as_of, false) AND NOT coalesce(first_contacted_at <= :as_of, false)
  AND NOT coalesce(sql_at <= :as_of, false) AND NOT coalesce(disqualified_at <= :as_of, false)
  AND NOT EXISTS (
    WITH RECURSIVE same (lead_id) AS (
        SELECT l.lead_id
        UNION
        SELECT m.lead_id FROM eql.lead m JOIN same ON m.merged_into = same.lead_id
        WHERE NOT m.is_test AND (m.merged_at IS NULL OR m.merged_at <= :as_of)
    )
    SELECT FROM eql.deal d JOIN same USING (lead_id)
    WHERE d.opened_at <= :as_of AND (d.deleted_at IS NULL OR d.deleted_at > :as_of)
  )
"""


def test_one_partner_alone_and_all_at_once_say_the_same(simulated: Engine) -> None:
    """Of every partner of the simulated company: narrow reads, reads of all, the period's numbers and plain rows."""
    reading = read_performance(simulated, WINDOW)
    everybody = performance(reading, WINDOW, SETTINGS)
    section = partner_section(simulated, everybody, reading)
    assert json.loads(json.dumps(section)) == section and set(section) == {
        p.partner.partner_id for p in everybody.partners
    }
    pages, ages = referring_pages(simulated, WINDOW), open_deal_ages(simulated, WINDOW)
    curve, typical = metric.all_curve(reading), metric.typical_days(reading.closing)
    busiest = sorted(everybody.partners, key=lambda p: -p.summary.leads)[:6] + list(everybody.partners[-3:])
    for own in busiest:
        key, s = own.partner.partner_id, own.summary
        rows = read_partner(simulated, WINDOW, key, FIRST)
        quarter = metric.brought(rows.days, PERIOD.start.date(), PERIOD.end.date())
        assert (quarter.leads, quarter.eqls, quarter.sqls) == (s.leads, s.eqls_in_period, s.sqls_in_period)
        assert (quarter.won, quarter.lost, quarter.opened) == (s.won_deals, s.lost_deals, s.opportunities_opened)
        assert (quarter.arr, quarter.pipeline) == (s.arr, s.pipeline_created)
        own_pages = pages.filter(pl.col("partner_id") == key).drop("partner_id")
        assert rows.pages.drop("refreshed_on").select(own_pages.columns).equals(own_pages)
        assert rows.pages["pipeline_cents"].sum() == round(100 * s.pipeline_created)
        assert rows.ages.sort("age_days").equals(ages.filter(pl.col("partner_id") == key).sort("age_days"))
        found = metric.open_pipeline(rows.ages, curve, typical)
        assert (found.deals, found.amount) == (s.open_deals, s.open_pipeline)
        assert section[key]["in_progress"]["weighted"] == found.weighted
        with simulated.connect() as connection:
            values = {
                "p": key,
                "as_of": AS_OF,
                "first": FIRST,
                "end": PERIOD.end,
                "quiet": datetime(2025, 10, 2, 9, tzinfo=UTC),
            }
            untouched = connection.execute(text(UNTOUCHED), values).scalar_one()
        assert section[key]["gaps"]["untouched"]["count"] == untouched
        assert metric.gaps_of(rows.gaps) == metric.gaps_of(
            gap_cells(simulated, WINDOW).filter(pl.col("partner_id") == key)
        )
        alone = metric.everybody_compared(everybody, reading.cells, {key})[key]
        assert [row.standing.percentile for row in alone.rows] == [
            value["percentile"] for value in section[key]["standings"].values()
        ]
