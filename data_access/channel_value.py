"""What did each channel bring and spend, AI referrals apart, in the period and in the quarters before? Cells of money.

AI referrals here are leads without a partner for which `ai_referrals.FROM_AI` holds: a lead with a partner stays its
partner's, so that every lead belongs to one line.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import polars as pl
from sqlalchemy import Engine

from dashboard.metrics.cells import Cells
from dashboard.metrics.channel_value import MoneyCells
from dashboard.period import Period
from dashboard.window import Window
from data_access.ai_referrals import FROM_AI
from data_access.costs import cost_cells
from data_access.deals import CURVE, CURVE_AGES, DEALS
from data_access.engine import read_frame
from data_access.leads import AGE_SCHEMA, COHORT, MOMENT_SCHEMA
from data_access.live import DEAL, LIVE_LEAD, deals_where
from data_access.questions import Question, Schema, ask_together

_AI_ALONE = f"l.partner_id IS NULL AND {FROM_AI}"

# The leads that came so and matter to the period: dates are compared first, for looking names up costs far more.
_CAME = f"""came AS MATERIALIZED (
    SELECT l.* FROM eql.lead l
    WHERE l.partner_id IS NULL
      AND (l.created_at >= :start AND l.created_at < :end OR l.eql_at >= :start AND l.eql_at < :end
           OR l.sql_at >= :start AND l.sql_at < :end)
      AND {FROM_AI} AND {LIVE_LEAD}
)"""

_COHORT = Question(
    """
    SELECT l.partner_id, l.channel,
           coalesce(l.mql_at <= :as_of, false) AS mql, coalesce(l.eql_at <= :as_of, false) AS eql,
           coalesce(l.sql_at <= :as_of, false) AS sql,
           d.owner_id IS NOT NULL AS opportunity, coalesce(d.won, false) AS won,
           count(*) AS leads, coalesce(sum(d.pipeline_cents), 0)::bigint AS pipeline_cents
    FROM came l LEFT JOIN (
        SELECT owner_id, bool_or(outcome = 'won') AS won, sum(opening_cents) AS pipeline_cents
        FROM fact GROUP BY owner_id
    ) AS d ON d.owner_id = l.lead_id
    WHERE l.created_at >= :start AND l.created_at < :end GROUP BY 1, 2, 3, 4, 5, 6, 7
    """,
    COHORT.schema,
)
_AGES = Question(
    """
    SELECT l.partner_id, l.channel, :as_of_day - (l.created_at AT TIME ZONE :zone)::date AS age_days,
           count(*) AS leads
    FROM came l WHERE l.created_at >= :start AND l.created_at < :end GROUP BY 1, 2, 3
    """,
    AGE_SCHEMA,
)
_MOMENTS = Question(
    """
    SELECT l.partner_id, l.channel,
           count(*) FILTER (WHERE l.eql_at >= :start AND l.eql_at < :end AND l.eql_at <= :as_of) AS eqls,
           count(*) FILTER (WHERE l.sql_at >= :start AND l.sql_at < :end AND l.sql_at <= :as_of) AS sqls
    FROM came l GROUP BY 1, 2
    """,
    MOMENT_SCHEMA,
)

_SUMS: Schema = {
    "won": pl.Int64,
    "arrs": pl.Int64,
    "arr_cents": pl.Int64,
    "arr_2": pl.Float64,
    "arr_logs": pl.Int64,
    "log_arr": pl.Float64,
    "log_arr_sq": pl.Float64,
    "opened": pl.Int64,
    "pipeline_cents": pl.Int64,
    "pipeline_2": pl.Float64,
    "pipeline_logs": pl.Int64,
    "log_pipeline": pl.Float64,
    "log_pipeline_sq": pl.Float64,
}


def _sums(value: str, cents: str, column: str, condition: str) -> str:
    """Sums of a value in the reporting currency, of its square, its logarithm and the square of that."""
    amount = f"({cents} / 100.0::float8)"
    some = f"FILTER (WHERE {condition} AND {cents} > 0)"
    return f"""coalesce(sum({cents}) FILTER (WHERE {condition}), 0)::bigint AS {value}_cents,
        coalesce(sum({amount} ^ 2) FILTER (WHERE {condition}), 0) AS {value}_2,
        count(*) {some} AS {column}_logs, coalesce(sum(ln({amount})) {some}, 0) AS log_{column},
        coalesce(sum(ln({amount}) ^ 2) {some}, 0) AS log_{column}_sq"""


_WON = "f.outcome = 'won' AND f.closed_at >= b.begin AND f.closed_at < b.finish"
_OPENED = "f.opened_at >= b.begin AND f.opened_at < b.finish"
_MEASURES = f"""
    count(*) FILTER (WHERE {_WON}) AS won, count(f.arr_cents) FILTER (WHERE {_WON}) AS arrs,
    {_sums("arr", "f.arr_cents", "arr", _WON)},
    count(*) FILTER (WHERE {_OPENED}) AS opened, {_sums("pipeline", "f.opening_cents", "pipeline", _OPENED)}
"""

# Whose a deal is; the campaign only of leads without a partner.
_PLACED = f"""
placed AS MATERIALIZED (
    SELECT f.outcome, f.opened_at, f.closed_at, f.opening_cents, f.arr_cents, f.partner_id, f.channel,
           f.partner_id IS NULL AND {FROM_AI} AS ai,
           CASE WHEN f.partner_id IS NULL THEN nullif(btrim(l.utm_campaign), '') END AS campaign
    FROM fact f JOIN eql.lead l ON l.lead_id = f.owner_id
    WHERE (f.opened_at >= :earliest AND f.opened_at < :latest)
       OR (f.outcome = 'won' AND f.closed_at >= :earliest AND f.closed_at < :latest)
)"""

_OF_PERIOD = Question(
    f"""
    SELECT f.partner_id, f.channel, f.ai, f.campaign, {_MEASURES}
    FROM placed f, (SELECT CAST(:start AS timestamptz) AS begin, CAST(:end AS timestamptz) AS finish) AS b
    WHERE ({_WON}) OR ({_OPENED}) GROUP BY 1, 2, 3, 4
    """,
    {"partner_id": pl.String, "channel": pl.String, "ai": pl.Boolean, "campaign": pl.String, **_SUMS},
)
_OF_QUARTERS = Question(
    f"""
    SELECT b.quarter, f.partner_id, f.channel, f.ai, {_MEASURES}
    FROM placed f JOIN unnest(CAST(:labels AS text[]), CAST(:begins AS timestamptz[]), CAST(:finishes AS timestamptz[]))
         AS b (quarter, begin, finish) ON ({_WON}) OR ({_OPENED})
    GROUP BY 1, 2, 3, 4
    """,
    {"quarter": pl.String, "partner_id": pl.String, "channel": pl.String, "ai": pl.Boolean, **_SUMS},
)

CAMPAIGN_SCHEMA: Schema = {"channel": pl.String, "campaign": pl.String, "leads": pl.Int64}

_CAMPAIGN_LEADS = f"""
SELECT l.channel, nullif(btrim(l.utm_campaign), '') AS campaign, count(*) AS leads
FROM eql.lead l
WHERE l.created_at >= :start AND l.created_at < :end AND l.partner_id IS NULL AND l.channel IS NOT NULL
  AND NOT {FROM_AI} AND {LIVE_LEAD} GROUP BY 1, 2
"""

# A channel is paid where a cost of category media names it and no partner, with at least a day in the period.
_PAID = """
SELECT DISTINCT channel FROM eql.cost
WHERE channel IS NOT NULL AND partner_id IS NULL AND category = 'media'
  AND period_end >= :first_day AND period_start < :end_day AND period_start <= :as_of_day ORDER BY 1
"""


def ai_cells(engine: Engine, window: Window) -> Cells:
    """The cells of the leads without a partner that came through AI, as `reading.read_period` reads those of all."""
    questions = {
        "cohort": _COHORT,
        "ages": _AGES,
        "moments": _MOMENTS,
        "deals": DEALS,
        "curve": CURVE,
        "curve_ages": CURVE_AGES,
    }
    before = f"{deals_where(_AI_ALONE)}, {_CAME}"
    return Cells(**ask_together(engine, before, questions, window.parameters))


def money_cells(engine: Engine, window: Window, quarters: Sequence[Period]) -> MoneyCells:
    """Deals won and opened in the period by partner, channel, AI and campaign, and the same by quarter with its costs.

    `quarters` are in order. Money in cents of the reporting currency: ARR at the rate of the closing day, pipeline at
    that of the opening day; the sums of squares and logarithms are of whole units. Costs as `costs.cost_cells`.
    """
    params = window.parameters | {
        "labels": [quarter.label for quarter in quarters],
        "begins": [quarter.start for quarter in quarters],
        "finishes": [quarter.end for quarter in quarters],
        "earliest": min(window.period.start, quarters[0].start),
        "latest": max(window.period.end, quarters[-1].end),
    }
    with ThreadPoolExecutor(2) as pool:
        beside = pool.submit(_beside, engine, window, quarters)
        questions = {"period": _OF_PERIOD, "quarters": _OF_QUARTERS}
        money = ask_together(engine, f"{DEAL}, {_PLACED}", questions, params)
        leads, paid, costs = beside.result()
    return MoneyCells(money["period"], money["quarters"], costs, leads, frozenset(paid["channel"].to_list()))


def _beside(
    engine: Engine, window: Window, quarters: Sequence[Period]
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    leads = read_frame(engine, _CAMPAIGN_LEADS, window.parameters, CAMPAIGN_SCHEMA)
    paid = read_frame(engine, _PAID, window.parameters, {"channel": pl.String})
    costs = [
        cost_cells(engine, replace(window, period=quarter)).with_columns(quarter=pl.lit(quarter.label))
        for quarter in quarters
    ]
    return leads, paid, pl.concat(costs)
