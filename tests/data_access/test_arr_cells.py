"""Do the cells of won deals count each deal once, where and when it belongs, at its own day's rate?"""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from dashboard.period import parse_period, previous
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.arr_cells import ARR_SCHEMA, arr_cells, flow_cells
from data_access.engine import Database, app_engine, owner_engine
from data_access.leads import moment_cells
from tests.builders import Company

pytestmark = pytest.mark.database
AS_OF = datetime(2025, 11, 20, 12, tzinfo=UTC)
FIRST, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 10, 1, tzinfo=UTC)


def cells(database: Database, company: Company, period: str = "2025-Q3", zone: str = "UTC") -> pl.DataFrame:
    company.write(owner_engine(database))
    settings = Settings(time_zone=zone)
    own = parse_period(period, settings)
    window = Window(own, AS_OF, zone)
    return arr_cells(app_engine(database), window, previous(own, settings), FIRST, END)


def won(company: Company, lead: str | None, closed: str, arr: str | None = "100", **columns: object) -> str:
    return company.add_deal(lead, status="won", opened_at="2024-02-01 12:00", closed_at=closed, arr=arr, **columns)


def test_cells_say_whose_when_and_how_much(database: Database) -> None:
    company = Company()
    partner = company.add_partner()
    lead = company.add_lead(
        partner_id=partner, channel="partner", region=" EMEA ", product_line=" ", created_at="2024-01-05"
    )
    won(company, lead, "2025-07-01 00:00", "120.55")
    won(company, lead, "2025-09-30 23:59:59", None)
    won(company, lead, "2025-06-30 23:59:59", "1")
    won(company, None, "2025-08-15 12:00", "7")
    won(company, lead, "2025-10-01 00:00", "999")
    company.add_deal(lead, status="lost", closed_at="2025-08-01", arr="999")
    found = cells(database, company).sort("month", "has_lead")
    assert dict(found.schema) == {name: found.schema[name] for name in ARR_SCHEMA}
    rows = found.select(
        "in_period", "in_compared", "partner_id", "region", "product_line", "has_lead", "won", "arr_cents"
    )
    assert rows.rows() == [
        (False, True, partner, "EMEA", None, True, 1, 100),
        (True, False, partner, "EMEA", None, True, 1, 12055),
        (True, False, None, None, None, False, 1, 700),
        (True, False, partner, "EMEA", None, True, 1, 0),
    ]
    assert found["won_with_arr"].to_list() == [1, 1, 1, 0] and found["unconverted"].sum() == 0


def test_months_are_those_of_the_reporting_zone(database: Database) -> None:
    company = Company()
    won(company, company.add_lead(created_at="2024-01-05"), "2025-07-01 03:00")
    found = cells(database, company, zone="America/New_York")
    assert str(found["month"][0]) == "2025-06-01" and found["in_compared"][0]


def test_a_deal_without_a_rate_is_counted_and_listed_and_in_no_sum(database: Database) -> None:
    company = Company()
    company.add_rate("EUR", "2025-07-28", "1.5")
    lead = company.add_lead(created_at="2024-01-05")
    won(company, lead, "2025-08-01 12:00", "10.01", currency="EUR")
    won(company, lead, "2025-08-20 12:00", "10.01", currency="EUR")
    won(company, lead, "2025-08-20 12:00", None, currency="EUR")
    found = cells(database, company)
    assert found.select(pl.col("won", "arr_cents", "won_with_arr", "unconverted").sum()).row(0) == (3, 1502, 1, 1)


def test_nothing_after_as_of_and_nothing_of_tests(database: Database) -> None:
    company = Company()
    won(company, company.add_lead(is_test=True, created_at="2024-01-05"), "2025-08-01 12:00")
    won(company, company.add_lead(created_at="2024-01-05"), "2025-11-25 12:00")
    assert cells(database, company, "2025-Q4").is_empty()


def test_a_merged_leads_deal_belongs_to_the_one_that_remained(database: Database) -> None:
    company = Company()
    partner = company.add_partner()
    kept = company.add_lead(partner_id=partner, created_at="2024-01-05", eql_at="2025-07-10", sql_at="2025-07-11")
    gone = company.add_lead(created_at="2024-01-05", merged_into=kept, merged_at="2024-03-01")
    won(company, gone, "2025-08-01 12:00")
    found = cells(database, company)
    assert found["partner_id"].to_list() == [partner]
    assert found.select("of_eqls", "of_sqls", "of_both").row(0) == (1, 1, 1)


def test_deals_know_whether_their_lead_moved_in_the_same_stretch(database: Database) -> None:
    company = Company()
    partner = company.add_partner()
    for eql, sql in (("2025-07-10", "2025-08-10"), ("2025-06-10", "2025-08-10"), (None, "2025-05-10"), (None, None)):
        lead = company.add_lead(partner_id=partner, created_at="2024-01-05", eql_at=eql, sql_at=sql)
        won(company, lead, "2025-09-01 12:00")
        won(company, lead, "2025-06-20 12:00")
    sums = cells(database, company).select(pl.col("^of_.*$").sum()).row(0, named=True)
    assert (sums["of_eqls"], sums["of_sqls"], sums["of_both"]) == (1, 2, 1)
    assert (sums["of_eqls_compared"], sums["of_sqls_compared"], sums["of_both_compared"]) == (1, 1, 0)


def test_flows_are_the_moments_and_what_they_share(database: Database) -> None:
    company = Company()
    partner = company.add_partner()
    for eql, sql in (("2025-07-10", "2025-08-10"), ("2025-06-10", "2025-08-10"), ("2025-07-10", None)):
        company.add_lead(partner_id=partner, channel="partner", created_at="2024-01-05", eql_at=eql, sql_at=sql)
    company.add_lead(created_at="2024-01-05", eql_at="2025-07-10", sql_at="2025-07-10", is_test=True)
    company.write(owner_engine(database))
    window = Window(parse_period("2025-Q3", Settings()), AS_OF)
    found = flow_cells(app_engine(database), window)
    assert found.rows() == [(partner, "partner", 2, 2, 1)]
    assert found.select("partner_id", "channel", "eqls", "sqls").equals(moment_cells(app_engine(database), window))
