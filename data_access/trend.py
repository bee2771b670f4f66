"""How did traffic, leads and money move over the weeks and months? Cells per bucket, partner and channel."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import polars as pl
from sqlalchemy import Engine

from dashboard.window import Window
from data_access.engine import read_frame
from data_access.live import DEAL, LIVE_LEAD, RATE


class Bucket(StrEnum):
    """Stretches of time by which a trend is cut; weeks begin on Monday."""

    WEEK = "week"
    MONTH = "month"


# The bucket of whatever lies before the first one.
STOCK_DAY = date(1, 1, 1)

TREND_SCHEMA = {
    "partner_id": pl.String,
    "channel": pl.String,
    "bucket": pl.Date,
    "sessions": pl.Int64,
    "leads": pl.Int64,
    "eqls": pl.Int64,
    "sqls": pl.Int64,
    "won": pl.Int64,
    "arr_cents": pl.Int64,
    "opened_cents": pl.Int64,
    "left_cents": pl.Int64,
}

# What was opened or closed before the first bucket is gathered in one row before it: the stock to start from.
_TREND = f"""
WITH RECURSIVE {DEAL}, moment AS (
    SELECT partner_id, NULL::text AS channel, date_trunc(:bucket, day::timestamp)::date AS bucket,
           sum(sessions) AS sessions, 0 AS leads, 0 AS eqls, 0 AS sqls, 0 AS won, 0 AS arr_cents, 0 AS opened_cents,
           0 AS left_cents
    FROM eql.traffic JOIN eql.asset USING (asset_id)
    WHERE day >= :first_day AND day < :end_day AND day <= :as_of_day GROUP BY 1, 3
    UNION ALL
    SELECT l.partner_id, l.channel, date_trunc(:bucket, l.created_at AT TIME ZONE :zone)::date,
           0, count(*), 0, 0, 0, 0, 0, 0
    FROM eql.lead l WHERE l.created_at >= :start AND l.created_at < :end AND {LIVE_LEAD} GROUP BY 1, 2, 3
    UNION ALL
    SELECT l.partner_id, l.channel, date_trunc(:bucket, l.eql_at AT TIME ZONE :zone)::date,
           0, 0, count(*), 0, 0, 0, 0, 0
    FROM eql.lead l WHERE l.eql_at >= :start AND l.eql_at < :end AND l.eql_at <= :as_of AND {LIVE_LEAD}
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT l.partner_id, l.channel, date_trunc(:bucket, l.sql_at AT TIME ZONE :zone)::date,
           0, 0, 0, count(*), 0, 0, 0, 0
    FROM eql.lead l WHERE l.sql_at >= :start AND l.sql_at < :end AND l.sql_at <= :as_of AND {LIVE_LEAD}
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT partner_id, channel, date_trunc(:bucket, closed_on::timestamp)::date, 0, 0, 0, 0, count(*),
           sum(eql.to_cents(arr * closing_rate)), 0, 0
    FROM fact WHERE outcome = 'won' AND closed_at >= :start AND closed_at < :end GROUP BY 1, 2, 3
    UNION ALL
    SELECT partner_id, channel,
           CASE WHEN opened_at < :start THEN :before ELSE date_trunc(:bucket, opened_on::timestamp)::date END,
           0, 0, 0, 0, 0, 0, sum(eql.to_cents(amount * opening_rate)), 0
    FROM fact WHERE opened_at < :end GROUP BY 1, 2, 3
    UNION ALL
    SELECT partner_id, channel,
           CASE WHEN left_at < :start THEN :before ELSE date_trunc(:bucket, left_at AT TIME ZONE :zone)::date END,
           0, 0, 0, 0, 0, 0, 0, sum(eql.to_cents(amount * opening_rate))
    FROM (SELECT *, coalesce(closed_at, opened_at) AS left_at FROM fact WHERE outcome <> 'open') AS gone
    WHERE left_at < :end GROUP BY 1, 2, 3
)
SELECT partner_id, channel, bucket, sum(sessions)::bigint AS sessions,
       sum(leads)::bigint AS leads, sum(eqls)::bigint AS eqls, sum(sqls)::bigint AS sqls, sum(won)::bigint AS won,
       coalesce(sum(arr_cents), 0)::bigint AS arr_cents, coalesce(sum(opened_cents), 0)::bigint AS opened_cents,
       coalesce(sum(left_cents), 0)::bigint AS left_cents
FROM moment GROUP BY 1, 2, 3 ORDER BY 3
"""

COHORT_TREND_SCHEMA = {
    "partner_id": pl.String,
    "channel": pl.String,
    "bucket": pl.Date,
    "eqls": pl.Int64,
    "won": pl.Int64,
}

_COHORT_TREND = f"""
WITH RECURSIVE {DEAL}, winner AS (
    SELECT DISTINCT owner_id FROM fact WHERE outcome = 'won'
)
SELECT l.partner_id, l.channel, date_trunc(:bucket, l.created_at AT TIME ZONE :zone)::date AS bucket,
       count(*) AS eqls, count(w.owner_id) AS won
FROM eql.lead l LEFT JOIN winner w ON w.owner_id = l.lead_id
WHERE l.created_at >= :start AND l.created_at < :end AND l.eql_at <= :as_of AND {LIVE_LEAD}
GROUP BY 1, 2, 3
"""

CLOSING_TREND_SCHEMA = {
    "partner_id": pl.String,
    "channel": pl.String,
    "bucket": pl.Date,
    "days": pl.Int64,
    "deals": pl.Int64,
}

_CLOSING_TREND = f"""
WITH RECURSIVE {DEAL}
SELECT partner_id, channel, date_trunc(:bucket, closed_on::timestamp)::date AS bucket,
       closed_on - opened_on AS days, count(*) AS deals
FROM fact WHERE outcome = 'won' AND closed_at >= :start AND closed_at < :end AND closed_on >= opened_on
GROUP BY 1, 2, 3, 4
"""

COST_TREND_SCHEMA = {"partner_id": pl.String, "channel": pl.String, "bucket": pl.Date, "cost": pl.Float64}

_COST_TREND = f"""
WITH {RATE}, month AS (
    SELECT m::date AS bucket, (m + interval '1 month')::date AS next_bucket
    FROM generate_series(date_trunc('month', CAST(:first_day AS timestamp)),
                         CAST(:end_day AS timestamp) - interval '1 day', interval '1 month') AS m
)
SELECT c.partner_id, c.channel, m.bucket,
       coalesce(sum(c.amount * CASE WHEN c.currency = :currency THEN 1 ELSE r.rate END
           * greatest(0, least(c.period_end + 1, m.next_bucket, :as_of_day + 1) - greatest(c.period_start, m.bucket))
           / (c.period_end - c.period_start + 1)), 0)::float8 AS cost
FROM month m JOIN eql.cost c ON c.period_start < m.next_bucket AND c.period_end >= m.bucket
LEFT JOIN rate r ON r.currency = c.currency AND r.day = c.period_start
GROUP BY 1, 2, 3
"""

TARGET_SCHEMA = {
    "metric": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "partner_id": pl.String,
    "value": pl.Float64,
}

_TARGETS = "SELECT metric, period_start, period_end, partner_id, value FROM eql.target ORDER BY 1, 2, 3, 4"


def trend_cells(engine: Engine, window: Window, bucket: Bucket) -> pl.DataFrame:
    """What happened in each bucket of the window's period, by partner and channel.

    Columns as TREND_SCHEMA: visits of assets, leads created, EQLs, sales-qualified leads, won deals, and in cents of
    the reporting currency ARR won (rate of the closing day), pipeline opened and pipeline that left by closing (rate of
    the opening day). A row with an earlier bucket than the period's holds the stock from before it.
    """
    parameters = window.parameters | {"bucket": bucket.value, "before": STOCK_DAY}
    return read_frame(engine, _TREND, parameters, TREND_SCHEMA)


def cohort_trend(engine: Engine, window: Window, bucket: Bucket) -> pl.DataFrame:
    """EQLs by the bucket in which they were created, and how many of them have won by `as_of`."""
    return read_frame(engine, _COHORT_TREND, window.parameters | {"bucket": bucket.value}, COHORT_TREND_SCHEMA)


def closing_trend(engine: Engine, window: Window, bucket: Bucket) -> pl.DataFrame:
    """Won deals by the bucket in which they closed and the calendar days that they took."""
    return read_frame(engine, _CLOSING_TREND, window.parameters | {"bucket": bucket.value}, CLOSING_TREND_SCHEMA)


def cost_trend(engine: Engine, window: Window) -> pl.DataFrame:
    """Costs by calendar month of the window's period, shared out by days as `cost_cells` does."""
    return read_frame(engine, _COST_TREND, window.parameters, COST_TREND_SCHEMA)


def targets(engine: Engine) -> pl.DataFrame:
    """All goals; `period_end` is the last day included."""
    return read_frame(engine, _TARGETS, {}, TARGET_SCHEMA)
