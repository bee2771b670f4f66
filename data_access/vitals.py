"""What do the vitals need beside the numbers of the period? Cohorts by quarter, and deals of other stretches.

Both only of leads with a partner.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import polars as pl
from sqlalchemy import Engine

from dashboard.metrics.vitals import VitalCells
from dashboard.metrics.vitals_stretches import Stretches
from dashboard.window import Window
from data_access.costs import cost_cells
from data_access.leads import moment_cells
from data_access.live import LIVE_LEAD, deals_where
from data_access.questions import Question, ask_together

# Leads created in each quarter: how many are older than the 90th percentile of the days to SQL and to won, and what
# became of their EQLs by `as_of`.
COHORTS = Question(
    f"""
    SELECT label AS quarter, partner_id, channel, count(*) AS leads,
           count(*) FILTER (WHERE age_days > CAST(:p90_sql AS float8)) AS older_sql,
           count(*) FILTER (WHERE age_days > CAST(:p90_won AS float8)) AS older_won,
           count(*) FILTER (WHERE eql) AS eqls, count(*) FILTER (WHERE eql AND sql) AS eqls_sql,
           count(*) FILTER (WHERE eql AND won) AS eqls_won
    FROM (
        SELECT q.label, l.partner_id, l.channel, coalesce(l.eql_at <= :as_of, false) AS eql,
               coalesce(l.sql_at <= :as_of, false) AS sql, w.owner_id IS NOT NULL AS won,
               :as_of_day - (l.created_at AT TIME ZONE :zone)::date AS age_days
        FROM unnest(CAST(:quarters AS text[]), CAST(:quarter_starts AS timestamptz[]),
                    CAST(:quarter_ends AS timestamptz[])) AS q (label, first, after)
        JOIN eql.lead l ON l.created_at >= q.first AND l.created_at < q.after
        LEFT JOIN (SELECT DISTINCT owner_id FROM fact WHERE outcome = 'won') AS w ON w.owner_id = l.lead_id
        WHERE l.partner_id IS NOT NULL AND l.created_at >= :quarters_start AND l.created_at < :quarters_end
          AND {LIVE_LEAD}
    ) AS lead GROUP BY 1, 2, 3
    """,
    {
        "quarter": pl.String,
        "partner_id": pl.String,
        "channel": pl.String,
        "leads": pl.Int64,
        "older_sql": pl.Int64,
        "older_won": pl.Int64,
        "eqls": pl.Int64,
        "eqls_sql": pl.Int64,
        "eqls_won": pl.Int64,
    },
)

# Deals won in a stretch, and deals opened in it: `amounts` of them have a converted amount, `unconverted` one without a
# rate; the sum of the amounts, that of their squares and the largest, in the reporting currency at the rate of the
# opening day; `first_on`: the first opening.
SUMS = Question(
    """
    SELECT label AS stretch, partner_id, channel,
           count(*) FILTER (WHERE outcome = 'won' AND closed_at >= s.first AND closed_at < s.after) AS won,
           count(amount) FILTER (WHERE opened_in) AS amounts,
           count(*) FILTER (WHERE opened_in AND lacks) AS unconverted,
           coalesce(sum(cents) FILTER (WHERE opened_in), 0)::bigint AS pipeline_cents,
           coalesce(sum(amount ^ 2) FILTER (WHERE opened_in), 0)::float8 AS squares,
           coalesce(max(amount) FILTER (WHERE opened_in), 0)::float8 AS largest,
           min(opened_on) FILTER (WHERE opened_in) AS first_on
    FROM (
        SELECT s.label, s.first, s.after, f.partner_id, f.channel, f.outcome, f.closed_at, f.opened_on,
               f.opening_cents AS cents,
               f.opening_cents / 100.0::float8 AS amount, f.amount IS NOT NULL AND f.opening_cents IS NULL AS lacks,
               coalesce(f.opened_at >= s.first AND f.opened_at < s.after, false) AS opened_in
        FROM unnest(CAST(:stretches AS text[]), CAST(:stretch_starts AS timestamptz[]),
                    CAST(:stretch_ends AS timestamptz[])) AS s (label, first, after), fact f
        WHERE (f.opened_at >= s.first AND f.opened_at < s.after) OR (f.closed_at >= s.first AND f.closed_at < s.after)
    ) AS s GROUP BY 1, 2, 3
    """,
    {
        "stretch": pl.String,
        "partner_id": pl.String,
        "channel": pl.String,
        "won": pl.Int64,
        "amounts": pl.Int64,
        "unconverted": pl.Int64,
        "pipeline_cents": pl.Int64,
        "squares": pl.Float64,
        "largest": pl.Float64,
        "first_on": pl.Date,
    },
)


def read_vitals(
    engine: Engine, window: Window, at: Stretches, p90_sql: float | None, p90_won: float | None
) -> VitalCells:
    """The cohorts of the quarters, and the deals of the stretches by their names, as the questions above say.

    `p90_sql`, `p90_won`: days from lead to the stage at the 90th percentile; without one no lead counts as older.
    Raises what `read_frame` raises.
    """
    quarters, stretches = at.quarters, at.by_name
    parameters = window.parameters | {
        "p90_sql": p90_sql,
        "p90_won": p90_won,
        "quarters": [quarter.label for quarter in quarters],
        "quarter_starts": [quarter.start for quarter in quarters],
        "quarter_ends": [quarter.end for quarter in quarters],
        "quarters_start": min(quarter.start for quarter in quarters),
        "quarters_end": max(quarter.end for quarter in quarters),
        "stretches": list(stretches),
        "stretch_starts": [stretch.start for stretch in stretches.values()],
        "stretch_ends": [stretch.end for stretch in stretches.values()],
    }
    earlier = replace(window, period=at.earlier)
    sourced = deals_where("l.partner_id IS NOT NULL")
    with ThreadPoolExecutor(2) as pool:
        deals = pool.submit(ask_together, engine, sourced, {"cohorts": COHORTS, "sums": SUMS}, parameters)
        costs, moments = cost_cells(engine, earlier), moment_cells(engine, earlier)
        return VitalCells(costs=costs, moments=moments, **deals.result())
