"""How large were the deals that were won, and how long have deals of EQLs waited? Cells per partner and channel."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Engine

from dashboard.window import Window
from data_access.live import DEAL
from data_access.questions import Question, ask_together

# Won deals of the period with a converted ARR (amount), and the sums of it and of its squares, in the reporting
# currency at the rate of the closing day.
_WON_SIZES = Question(
    """
    SELECT partner_id, channel, has_lead,
           count(arr) AS arrs, coalesce(sum(arr), 0) AS arr, coalesce(sum(arr ^ 2), 0) AS arr_2,
           count(amount) AS amounts, coalesce(sum(amount), 0) AS amount, coalesce(sum(amount ^ 2), 0) AS amount_2
    FROM (
        SELECT partner_id, channel, has_lead, arr_cents / 100.0::float8 AS arr, closing_cents / 100.0::float8 AS amount
        FROM fact WHERE outcome = 'won' AND closed_at >= :start AND closed_at < :end
    ) AS won GROUP BY 1, 2, 3
    """,
    {
        "partner_id": pl.String,
        "channel": pl.String,
        "has_lead": pl.Boolean,
        "arrs": pl.Int64,
        "arr": pl.Float64,
        "arr_2": pl.Float64,
        "amounts": pl.Int64,
        "amount": pl.Float64,
        "amount_2": pl.Float64,
    },
)


def won_sizes(engine: Engine, window: Window) -> pl.DataFrame:
    """Won deals of the period by partner_id, channel and has_lead: `arrs` of them have an ARR, `amounts` an amount.

    `arr`, `arr_2` and the same of `amount` are the sums of the value and of its square.
    """
    return ask_together(engine, DEAL, {"sizes": _WON_SIZES}, window.parameters)["sizes"]


# The deals of the curve by age, as `deals.CURVE_AGES`, and by whether the lead was an EQL before the deal opened.
_EQL_AGES = Question(
    """
    SELECT partner_id, channel, has_lead, coalesce(eql_at < opened_at, false) AS eql_before,
           :as_of_day - opened_on AS age_days, count(*) AS deals
    FROM fact
    WHERE opened_at >= :curve_start AND opened_at < :end AND outcome <> 'undated'
      AND (outcome = 'open' OR closed_on >= opened_on)
    GROUP BY 1, 2, 3, 4, 5
    """,
    {
        "partner_id": pl.String,
        "channel": pl.String,
        "has_lead": pl.Boolean,
        "eql_before": pl.Boolean,
        "age_days": pl.Int64,
        "deals": pl.Int64,
    },
)


def eql_ages(engine: Engine, window: Window) -> pl.DataFrame:
    """Deals of the curve by partner_id, channel, has_lead, eql_before and age_days (opening to `as_of`)."""
    return ask_together(engine, DEAL, {"ages": _EQL_AGES}, window.parameters)["ages"]
