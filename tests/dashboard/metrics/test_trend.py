"""Do buckets, stocks and goals add up?"""

from __future__ import annotations

from datetime import date

import polars as pl

from dashboard.metrics.trend import (
    TrendCells,
    bucket_starts,
    monthly_rates,
    partner_pipeline,
    quarterly_arr,
    target_of,
    trend,
)
from dashboard.period import quarter
from dashboard.settings import Settings

KEYS = {"partner_id": pl.String, "channel": pl.String, "week": pl.Date, "month": pl.Date}
LEADS = KEYS | dict.fromkeys(("sessions", "leads", "eqls", "sqls"), pl.Int64)
MONEY = KEYS | dict.fromkeys(("won", "arr_cents", "opened_cents", "left_cents"), pl.Int64)
JULY, AUGUST, SEPTEMBER = date(2025, 7, 1), date(2025, 8, 1), date(2025, 9, 1)
Q3 = quarter(2025, 3, Settings())


def rows(schema: dict, *given: dict) -> pl.DataFrame:
    empty = {name: 0 if kind == pl.Int64 else None for name, kind in schema.items()}
    return pl.DataFrame([empty | row for row in given], schema=schema, orient="row")


def trend_cells(**frames: pl.DataFrame) -> TrendCells:
    by_month = {"partner_id": pl.String, "channel": pl.String, "month": pl.Date}
    empty = {
        "leads": rows(LEADS),
        "money": rows(MONEY),
        "arr": rows(by_month | {"arr_cents": pl.Int64}),
        "cohorts": rows(by_month | {"eqls": pl.Int64, "won": pl.Int64}),
        "closings": rows(by_month | {"days": pl.Int64, "deals": pl.Int64}),
        "costs": rows(by_month | {"cost": pl.Float64}),
    }
    return TrendCells(**(empty | frames))


def test_buckets_begin_on_mondays_or_firsts_and_end_before_the_end() -> None:
    weeks = bucket_starts(date(2025, 6, 30), date(2025, 7, 14), weekly=True)
    assert weeks == [date(2025, 6, 30), date(2025, 7, 7)]
    months = bucket_starts(date(2024, 11, 1), date(2025, 3, 1), weekly=False)
    assert months == [date(2024, 11, 1), date(2024, 12, 1), date(2025, 1, 1), date(2025, 2, 1)]


def test_open_pipeline_is_what_came_minus_what_left() -> None:
    """Before: 50 came, 20 left: 30 at the start. July + 40 = 70, August nothing, September − 60 = 10."""
    cells = trend_cells(
        leads=rows(
            LEADS,
            {"month": JULY, "leads": 2, "sessions": 9},
            {"month": JULY, "leads": 3, "partner_id": "A"},
            {"week": JULY, "leads": 5},
        ),
        money=rows(
            MONEY,
            {"month": date(2025, 6, 1), "opened_cents": 5000, "left_cents": 2000},
            {"month": JULY, "opened_cents": 3000},
            {"month": JULY, "opened_cents": 1000, "partner_id": "A", "won": 1},
            {"month": SEPTEMBER, "left_cents": 6000, "arr_cents": 700},
            {"week": JULY, "opened_cents": 4000},
        ),
    )
    found = trend(cells, [JULY, AUGUST, SEPTEMBER], "month")
    assert found["open_pipeline"].to_list() == [70, 70, 10]
    assert found["pipeline_created"].to_list() == [40, 0, 0]
    assert (found["leads"].to_list(), found["sessions"].to_list()) == ([5, 0, 0], [9, 0, 0])
    assert (found["arr"].to_list(), found["won"].to_list()) == ([0, 0, 7], [1, 0, 0])
    one = trend(cells.where(pl.col("partner_id") == "A"), [JULY, AUGUST], "month")
    assert (one["leads"].to_list(), one["open_pipeline"].to_list()) == ([3, 0], [10, 10])


def test_monthly_quotients_are_null_without_a_divisor() -> None:
    cells = trend_cells(
        leads=rows(LEADS, {"month": JULY, "eqls": 4}),
        money=rows(MONEY, {"month": JULY, "opened_cents": 100_000}),
        cohorts=pl.DataFrame({"month": [JULY, JULY], "eqls": [3, 2], "won": [1, 0]}),
        closings=pl.DataFrame({"month": [JULY] * 3, "days": [30, 10, 20], "deals": [1, 1, 2]}),
    )
    found = monthly_rates(trend(cells, [JULY, AUGUST], "month"), cells, {JULY: 200.0})
    assert found["eql_to_won"].to_list() == [0.2, None]
    assert found["median_days"].to_list() == [20, None]
    assert found["cost_per_eql"].to_list() == [50, None]
    assert found["pipeline_multiple"].to_list() == [5, None]


def test_arr_of_a_quarter_by_tier() -> None:
    arr = pl.DataFrame(
        {
            "partner_id": ["A", "B", "B", "C"],
            "month": [JULY, SEPTEMBER, date(2025, 10, 1), AUGUST],
            "arr_cents": [100, 200, 900, 400],
        }
    )
    found = quarterly_arr(arr, {"A": "gold", "B": "gold", "C": None, "D": "silver"}, [Q3])
    assert dict(found.select("tier", "arr").iter_rows()) == {"gold": 3, None: 4, "silver": 0}


def goals(*rows: tuple) -> pl.DataFrame:
    schema = {"metric": pl.String, "partner_id": pl.String, "period_start": pl.Date, "period_end": pl.Date}
    return pl.DataFrame(rows, schema=schema | {"value": pl.Float64}, orient="row")


def test_the_goal_of_a_quarter_is_its_own_or_that_of_its_months() -> None:
    months = [("arr", None, date(2025, m, 1), date(2025, m, last), 10.0) for m, last in ((7, 31), (8, 31), (9, 30))]
    whole = ("arr", None, date(2025, 7, 1), date(2025, 9, 30), 50.0)
    assert target_of(goals(*months), "arr", Q3, None) == 30
    assert target_of(goals(*months, whole), "arr", Q3, None) == 50
    assert target_of(goals(*months), "eqls", Q3, None) is None


def test_partners_goals_are_summed_only_where_each_has_one() -> None:
    own = [("arr", name, date(2025, 7, 1), date(2025, 9, 30), 5.0) for name in "AB"]
    assert target_of(goals(*own), "arr", Q3, frozenset("AB")) == 10
    assert target_of(goals(*own), "arr", Q3, frozenset("ABC")) is None


def test_weekly_pipeline_of_partners_counts_weeks_without_any() -> None:
    """p opened 1.50 + 2.50 = 4.00 in the first week by two channels and nothing in the second; q opened nothing."""
    week, later = date(2025, 3, 3), date(2025, 3, 10)
    keys = {"partner_id": pl.String, "channel": pl.String, "week": pl.Date, "month": pl.Date}
    values = {"won": pl.Int64, "arr_cents": pl.Int64, "opened_cents": pl.Int64, "left_cents": pl.Int64}
    money = pl.DataFrame(
        [
            ("p", "partner", week, None, 0, 0, 150, 0),
            ("p", "email", week, None, 0, 0, 250, 0),
            ("p", "email", None, date(2025, 3, 1), 0, 0, 400, 0),
            (None, "email", week, None, 0, 0, 999, 0),
        ],
        schema=keys | values,
        orient="row",
    )
    cells = TrendCells(pl.DataFrame(), money, pl.DataFrame(), pl.DataFrame(), pl.DataFrame(), pl.DataFrame())
    found = partner_pipeline(cells, [week, later], ["p", "q"])
    assert {partner: part.rows() for partner, part in found.items()} == {
        "p": [(week, 4.0), (later, 0.0)],
        "q": [(week, 0.0), (later, 0.0)],
    }
