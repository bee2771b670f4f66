"""Which deals were won in which month, whose were they, and how much ARR did they bring?"""

from __future__ import annotations

from datetime import datetime

import polars as pl
from sqlalchemy import Engine

from dashboard.period import Period
from dashboard.window import Window
from data_access.engine import read_frame
from data_access.live import DEAL

ARR_SCHEMA = {
    "month": pl.Date,
    "in_period": pl.Boolean,
    "in_compared": pl.Boolean,
    "partner_id": pl.String,
    "channel": pl.String,
    "region": pl.String,
    "product_line": pl.String,
    "has_lead": pl.Boolean,
    "won": pl.Int64,
    "arr_cents": pl.Int64,
    "won_with_arr": pl.Int64,
    "unconverted": pl.Int64,
    "arrs": pl.Int64,
    "log_arr": pl.Float64,
    "log_arr_sq": pl.Float64,
}

# Months are told from the closing day in the reporting zone; a period that is no whole months cuts a month in two.
# All deals are worked out and the won ones taken then: told before, the planner expects a single one and joins badly.
_CELLS = f"""
WITH RECURSIVE {DEAL}
SELECT date_trunc('month', closed_on::timestamp)::date AS month,
       coalesce(closed_at >= :start AND closed_at < :end, false) AS in_period,
       coalesce(closed_at >= CAST(:compared_start AS timestamptz)
                AND closed_at < CAST(:compared_end AS timestamptz), false) AS in_compared,
       partner_id, channel, nullif(btrim(region), '') AS region, nullif(btrim(product_line), '') AS product_line,
       has_lead, count(*) AS won, coalesce(sum(arr_cents), 0)::bigint AS arr_cents,
       count(arr_cents) AS won_with_arr,
       count(*) FILTER (WHERE arr IS NOT NULL AND arr_cents IS NULL) AS unconverted,
       count(*) FILTER (WHERE arr_cents > 0) AS arrs,
       coalesce(sum(ln(arr_cents / 100.0::float8)) FILTER (WHERE arr_cents > 0), 0) AS log_arr,
       coalesce(sum(ln(arr_cents / 100.0::float8) ^ 2) FILTER (WHERE arr_cents > 0), 0) AS log_arr_sq
FROM fact WHERE outcome = 'won' AND closed_at >= :first_close AND closed_at < :last_close
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""


def arr_cells(engine: Engine, window: Window, compared: Period | None, first: datetime, end: datetime) -> pl.DataFrame:
    """Won deals by month of closing, partner, channel, region and product line of the lead, and whether they have one.

    Those closed from `first` to before `end`, in the window's period or in the one compared with; `in_period` and
    `in_compared` say in which of the two. ARR in cents of the reporting currency at the closing day's rate;
    `unconverted` counts deals whose ARR has no rate; `arrs`, `log_arr` and `log_arr_sq` are how many deals brought
    more than 0 and the sums of the logarithms of their ARR and of the squares of these. Raises what `read_frame` does.
    """
    starts = [first, window.period.start, *([compared.start] if compared else [])]
    ends = [end, window.period.end, *([compared.end] if compared else [])]
    parameters = window.parameters | {
        "first_close": min(starts),
        "last_close": max(ends),
        "compared_start": compared.start if compared else None,
        "compared_end": compared.end if compared else None,
    }
    return read_frame(engine, _CELLS, parameters, ARR_SCHEMA)
