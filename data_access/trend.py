"""How did traffic, leads and money move over the weeks, months and quarters? Cells per bucket, partner and channel."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import polars as pl
from sqlalchemy import Engine

from dashboard.metrics.trend import TrendCells
from dashboard.window import Window
from data_access.cost_shares import COST, WITH_RATE, shares
from data_access.engine import read_frame
from data_access.live import DEAL, LIVE_LEAD, RATE
from data_access.questions import Question, ask_together

# The bucket of whatever lies before the first one.
STOCK_DAY = date(1, 1, 1)

_KEYS = {"partner_id": pl.String, "channel": pl.String, "week": pl.Date, "month": pl.Date}
_LEAD_SCHEMA = _KEYS | {"sessions": pl.Int64, "leads": pl.Int64, "eqls": pl.Int64, "sqls": pl.Int64}


def _leads_on(stage: str, counts: str) -> str:
    return f"""
    SELECT l.partner_id, l.channel, (l.{stage}_at AT TIME ZONE :zone)::date AS day, {counts}
    FROM eql.lead l WHERE l.{stage}_at >= :start AND l.{stage}_at < :end AND l.{stage}_at <= :as_of AND {LIVE_LEAD}
    GROUP BY 1, 2, 3"""


# Counted by day first: cutting a million moments into weeks and months would cost far more than cutting the days.
# Each row of the answer belongs either to a week or to a month; the other is null.
_LEADS = f"""
SELECT partner_id, channel, week, month, sum(sessions)::bigint AS sessions, sum(leads)::bigint AS leads,
       sum(eqls)::bigint AS eqls, sum(sqls)::bigint AS sqls
FROM (
    SELECT *, date_trunc('week', day::timestamp)::date AS week, date_trunc('month', day::timestamp)::date AS month
    FROM (
        SELECT a.partner_id, NULL::text AS channel, t.day, sum(t.sessions) AS sessions, 0 AS leads, 0 AS eqls, 0 AS sqls
        FROM eql.traffic t JOIN eql.asset a USING (asset_id)
        WHERE t.day >= :first_day AND t.day < :end_day AND t.day <= :as_of_day GROUP BY 1, 3
        UNION ALL {_leads_on("created", "0, count(*), 0, 0")}
        UNION ALL {_leads_on("eql", "0, 0, count(*), 0")}
        UNION ALL {_leads_on("sql", "0, 0, 0, count(*)")}
    ) AS daily
) AS dated GROUP BY partner_id, channel, GROUPING SETS ((week), (month))
"""


def _deals_by(moment: str, measures: str, condition: str) -> str:
    """Deals by the buckets of a moment; what lies before the first bucket is gathered before it, as the stock."""
    return f"""
    SELECT partner_id, channel, week, month, {measures} FROM (
        SELECT *, CASE WHEN {moment} < :start THEN :before ELSE date_trunc('week', {moment} AT TIME ZONE :zone)::date
                  END AS week,
               CASE WHEN {moment} < :start THEN :before ELSE date_trunc('month', {moment} AT TIME ZONE :zone)::date
                  END AS month
        FROM (SELECT *, coalesce(closed_at, opened_at) AS left_at FROM fact) AS f
        WHERE {condition} AND {moment} < :end
    ) AS dated GROUP BY partner_id, channel, GROUPING SETS ((week), (month))"""


_PIPELINE = "sum(opening_cents)"

# Money in cents of the reporting currency: ARR at the rate of the closing day; pipeline opened, and pipeline that left
# by closing, at that of the opening day.
_MONEY = Question(
    f"""
    SELECT partner_id, channel, week, month, sum(won)::bigint AS won,
           coalesce(sum(arr_cents), 0)::bigint AS arr_cents, coalesce(sum(opened_cents), 0)::bigint AS opened_cents,
           coalesce(sum(left_cents), 0)::bigint AS left_cents
    FROM (
        {
        _deals_by(
            "closed_at",
            "count(*) AS won, sum(arr_cents) AS arr_cents, 0 AS opened_cents, 0 AS left_cents",
            "outcome = 'won' AND closed_at >= :start",
        )
    }
        UNION ALL {_deals_by("opened_at", f"0, 0, {_PIPELINE}, 0", "true")}
        UNION ALL {_deals_by("left_at", f"0, 0, 0, {_PIPELINE}", "outcome <> 'open'")}
    ) AS moment GROUP BY 1, 2, 3, 4
    """,
    _KEYS | {"won": pl.Int64, "arr_cents": pl.Int64, "opened_cents": pl.Int64, "left_cents": pl.Int64},
)

_ARR = Question(
    """
    SELECT partner_id, channel, date_trunc('month', closed_on::timestamp)::date AS month,
           coalesce(sum(arr_cents), 0)::bigint AS arr_cents
    FROM fact WHERE outcome = 'won' AND closed_at >= :quarters_start AND closed_at < :quarters_end GROUP BY 1, 2, 3
    """,
    {"partner_id": pl.String, "channel": pl.String, "month": pl.Date, "arr_cents": pl.Int64},
)

_COHORTS = Question(
    f"""
    SELECT l.partner_id, l.channel, date_trunc('month', l.created_at AT TIME ZONE :zone)::date AS month,
           count(*) AS eqls, count(w.owner_id) AS won
    FROM eql.lead l LEFT JOIN (SELECT DISTINCT owner_id FROM fact WHERE outcome = 'won') AS w ON w.owner_id = l.lead_id
    WHERE l.created_at >= :start AND l.created_at < :end AND l.eql_at <= :as_of AND {LIVE_LEAD}
    GROUP BY 1, 2, 3
    """,
    {"partner_id": pl.String, "channel": pl.String, "month": pl.Date, "eqls": pl.Int64, "won": pl.Int64},
)

_CLOSINGS = Question(
    """
    SELECT partner_id, channel, date_trunc('month', closed_on::timestamp)::date AS month,
           closed_on - opened_on AS days, count(*) AS deals
    FROM fact WHERE outcome = 'won' AND closed_at >= :start AND closed_at < :end AND closed_on >= opened_on
    GROUP BY 1, 2, 3, 4
    """,
    {"partner_id": pl.String, "channel": pl.String, "month": pl.Date, "days": pl.Int64, "deals": pl.Int64},
)

_COST_SCHEMA = {"partner_id": pl.String, "channel": pl.String, "month": pl.Date, "cost": pl.Float64}

_COSTS = f"""
WITH {RATE}, stretch AS (
    SELECT m::date AS month, (m + interval '1 month')::date AS next_month
    FROM generate_series(date_trunc('month', CAST(:first_day AS timestamp)),
                         CAST(:end_day AS timestamp) - interval '1 day', interval '1 month') AS m
), shared AS (
    SELECT c.partner_id, c.channel, s.month, c.amount, {shares("s.month", "s.next_month")}
    FROM stretch s JOIN eql.cost c ON c.period_start < s.next_month AND c.period_end >= s.month {WITH_RATE}
)
SELECT partner_id, channel, month, coalesce({COST}, 0)::float8 AS cost FROM shared GROUP BY 1, 2, 3
"""

_TARGET_SCHEMA = {
    "metric": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "partner_id": pl.String,
    "value": pl.Float64,
}

_TARGETS = "SELECT metric, period_start, period_end, partner_id, value FROM eql.target ORDER BY 1, 2, 3, 4"


def read_trend(engine: Engine, window: Window, quarters_start: datetime, quarters_end: datetime) -> TrendCells:
    """What happened in the weeks and months of the window's period, and ARR by month between the quarters' bounds.

    Visits, leads, EQLs and sales-qualified leads by their own moments; deals by opening and closing. Months of the
    costs are shared out by days, as `cost_cells` does for a period.
    """
    parameters = window.parameters | {
        "before": STOCK_DAY,
        "quarters_start": quarters_start,
        "quarters_end": quarters_end,
    }
    questions = {"money": _MONEY, "arr": _ARR, "cohorts": _COHORTS, "closings": _CLOSINGS}
    with ThreadPoolExecutor(2) as pool:
        deals = pool.submit(ask_together, engine, DEAL, questions, parameters)
        leads = pool.submit(read_frame, engine, _LEADS, window.parameters, _LEAD_SCHEMA)
        costs = read_frame(engine, _COSTS, window.parameters, _COST_SCHEMA)
        return TrendCells(leads=leads.result(), costs=costs, **deals.result())


def targets(engine: Engine) -> pl.DataFrame:
    """All goals; `period_end` is the last day included."""
    return read_frame(engine, _TARGETS, {}, _TARGET_SCHEMA)
