"""What became of the deals, what are they worth, and how long did they take? Questions about `live.DEAL`."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Engine

from dashboard.window import Window
from data_access.live import DEAL
from data_access.questions import Question, ask_together

# A deal lacks a rate where one of its amounts that counts somewhere could not be converted.
UNCONVERTED = """(
    (amount IS NOT NULL AND opened_on IS NOT NULL AND opening_rate IS NULL)
    OR (outcome = 'won' AND coalesce(amount, arr) IS NOT NULL AND closing_rate IS NULL)
)"""

# Deals and their worth in the period, and what is open at `as_of`. Money in cents of the reporting currency: pipeline
# at the rate of the opening day, ARR and won amounts at that of the closing day. `won_with_arr` counts won deals whose
# ARR could be converted. `amounts`, `log_amount`, `log_amount_sq`: how many opened deals are worth something, and the
# sums of the logarithms of their worth and of the squares of these, from which the spread of deal sizes is told; the
# same of won deals' ARR.
DEALS = Question(
    f"""
    SELECT partner_id, channel, has_lead,
           count(*) FILTER (WHERE opened_in) AS opened,
           coalesce(sum(opening_cents) FILTER (WHERE opened_in), 0)::bigint AS pipeline_cents,
           count(*) FILTER (WHERE closed_in AND outcome = 'won') AS won,
           count(*) FILTER (WHERE closed_in AND outcome = 'lost') AS lost,
           coalesce(sum(arr_cents) FILTER (WHERE closed_in AND outcome = 'won'), 0)::bigint AS arr_cents,
           count(arr_cents) FILTER (WHERE closed_in AND outcome = 'won') AS won_with_arr,
           coalesce(sum(closing_cents) FILTER (WHERE closed_in AND outcome = 'won'), 0)::bigint AS won_amount_cents,
           count(closing_cents) FILTER (WHERE closed_in AND outcome = 'won') AS won_with_amount,
           count(*) FILTER (WHERE outcome = 'open') AS open,
           coalesce(sum(opening_cents) FILTER (WHERE outcome = 'open'), 0)::bigint AS open_pipeline_cents,
           count(*) FILTER (WHERE unconverted) AS unconverted,
           count(*) FILTER (WHERE live) AS of_live_leads,
           count(*) FILTER (WHERE live AND outcome = 'won') AS won_of_live_leads,
           count(*) FILTER (WHERE opened_in AND opening_cents > 0) AS amounts,
           coalesce(sum(ln(opening_cents / 100.0::float8)) FILTER (WHERE opened_in AND opening_cents > 0), 0)
               AS log_amount,
           coalesce(sum(ln(opening_cents / 100.0::float8) ^ 2) FILTER (WHERE opened_in AND opening_cents > 0), 0)
               AS log_amount_sq,
           count(*) FILTER (WHERE closed_in AND outcome = 'won' AND arr_cents > 0) AS arrs,
           coalesce(sum(ln(arr_cents / 100.0::float8))
               FILTER (WHERE closed_in AND outcome = 'won' AND arr_cents > 0), 0) AS log_arr,
           coalesce(sum(ln(arr_cents / 100.0::float8) ^ 2)
               FILTER (WHERE closed_in AND outcome = 'won' AND arr_cents > 0), 0) AS log_arr_sq
    FROM (
        SELECT partner_id, channel, has_lead, live, outcome,
               coalesce(opened_at >= :start AND opened_at < :end, false) AS opened_in,
               coalesce(outcome IN ('won', 'lost') AND closed_at >= :start AND closed_at < :end, false) AS closed_in,
               opening_cents, closing_cents, arr_cents,
               {UNCONVERTED} AS unconverted
        FROM fact
    ) AS valued GROUP BY 1, 2, 3
    """,
    {
        "partner_id": pl.String,
        "channel": pl.String,
        "has_lead": pl.Boolean,
        "opened": pl.Int64,
        "pipeline_cents": pl.Int64,
        "won": pl.Int64,
        "lost": pl.Int64,
        "arr_cents": pl.Int64,
        "won_with_arr": pl.Int64,
        "won_amount_cents": pl.Int64,
        "won_with_amount": pl.Int64,
        "open": pl.Int64,
        "open_pipeline_cents": pl.Int64,
        "unconverted": pl.Int64,
        "of_live_leads": pl.Int64,
        "won_of_live_leads": pl.Int64,
        "amounts": pl.Int64,
        "log_amount": pl.Float64,
        "log_amount_sq": pl.Float64,
        "arrs": pl.Int64,
        "log_arr": pl.Float64,
        "log_arr_sq": pl.Float64,
    },
)

# Deals opened in the 24 months up to the period's end by outcome at `as_of` and calendar days (open: days waited).
# Negative days occur and are for the metric to leave out.
CURVE = Question(
    """
    SELECT partner_id, channel, has_lead, coalesce(eql_at < opened_at, false) AS eql_before, outcome,
           CASE WHEN outcome = 'open' THEN :as_of_day ELSE closed_on END - opened_on AS days, count(*) AS deals
    FROM fact
    WHERE opened_at >= :curve_start AND opened_at < :end AND outcome <> 'undated'
    GROUP BY 1, 2, 3, 4, 5, 6
    """,
    {
        "partner_id": pl.String,
        "channel": pl.String,
        "has_lead": pl.Boolean,
        "eql_before": pl.Boolean,
        "outcome": pl.String,
        "days": pl.Int64,
        "deals": pl.Int64,
    },
)

# The deals of the curve by age: calendar days between opening and `as_of`, whatever became of them.
CURVE_AGES = Question(
    """
    SELECT partner_id, channel, has_lead, :as_of_day - opened_on AS age_days, count(*) AS deals
    FROM fact
    WHERE opened_at >= :curve_start AND opened_at < :end AND outcome <> 'undated'
      AND (outcome = 'open' OR closed_on >= opened_on)
    GROUP BY 1, 2, 3, 4
    """,
    {
        "partner_id": pl.String,
        "channel": pl.String,
        "has_lead": pl.Boolean,
        "age_days": pl.Int64,
        "deals": pl.Int64,
    },
)

# Calendar days from opening to won, for deals won in the 12 months before `as_of`.
CLOSING = Question(
    """
    SELECT closed_on - opened_on AS days, count(*) AS deals FROM fact
    WHERE outcome = 'won' AND closed_at > :year_start AND opened_on IS NOT NULL GROUP BY 1
    """,
    {"days": pl.Int64, "deals": pl.Int64},
)

# Deals about which something is odd, one row for each flag.
FLAGS = Question(
    f"""
    SELECT deal_id, flag FROM fact, LATERAL (VALUES
        ('unattributed_deals', NOT has_lead),
        ('unconverted_deals', {UNCONVERTED}),
        ('closed_without_date', outcome = 'undated'),
        ('negative_durations', outcome IN ('won', 'lost') AND closed_on < opened_on),
        ('closed_before_lead', outcome IN ('won', 'lost') AND closed_on < (created_at AT TIME ZONE :zone)::date)
    ) AS f (flag, holds) WHERE holds ORDER BY 2, 1
    """,
    {"deal_id": pl.String, "flag": pl.String},
)


def flagged_deals(engine: Engine, window: Window) -> pl.DataFrame:
    """Keys of deals about which something is odd, with the flag, in order of flag and key."""
    return ask_together(engine, DEAL, {"flags": FLAGS}, window.parameters)["flags"]
