"""Which deals were won in which month, whose were they, and how much ARR did they bring?"""

from __future__ import annotations

from datetime import datetime

import polars as pl
from sqlalchemy import Engine

from dashboard.period import Period
from dashboard.window import Window
from data_access.engine import read_frame
from data_access.live import DEAL, LIVE_LEAD

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
    "of_eqls": pl.Int64,
    "of_sqls": pl.Int64,
    "of_both": pl.Int64,
    "of_eqls_compared": pl.Int64,
    "of_sqls_compared": pl.Int64,
    "of_both_compared": pl.Int64,
}


def _within(moment: str, stretch: str) -> str:
    start, end = _STRETCHES[stretch]
    return f"{moment} >= CAST(:{start} AS timestamptz) AND {moment} < CAST(:{end} AS timestamptz)"


_STRETCHES = {"": ("start", "end"), "_compared": ("compared_start", "compared_end")}


def _of(stretch: str) -> str:
    """Deals of a stretch whose lead became EQL, sales-qualified, or both within it."""
    eql, sql = (f"{_within(f'o.{stage}_at', stretch)} AND o.{stage}_at <= :as_of" for stage in ("eql", "sql"))
    own = f"f.live AND {_within('f.closed_at', stretch)}"
    return f"""count(*) FILTER (WHERE {own} AND {eql}) AS of_eqls{stretch},
       count(*) FILTER (WHERE {own} AND {sql}) AS of_sqls{stretch},
       count(*) FILTER (WHERE {own} AND {eql} AND {sql}) AS of_both{stretch}"""


# Months are told from the closing day in the reporting zone; a period that is no whole months cuts a month in two.
# All deals are worked out and the won ones taken then: told before, the planner expects a single one and joins badly.
_CELLS = f"""
WITH RECURSIVE {DEAL}
SELECT date_trunc('month', f.closed_on::timestamp)::date AS month,
       coalesce({_within("f.closed_at", "")}, false) AS in_period,
       coalesce({_within("f.closed_at", "_compared")}, false) AS in_compared,
       f.partner_id, f.channel, nullif(btrim(f.region), '') AS region,
       nullif(btrim(f.product_line), '') AS product_line, f.has_lead,
       count(*) AS won, coalesce(sum(f.arr_cents), 0)::bigint AS arr_cents,
       count(f.arr_cents) AS won_with_arr,
       count(*) FILTER (WHERE f.arr IS NOT NULL AND f.arr_cents IS NULL) AS unconverted,
       count(*) FILTER (WHERE f.arr_cents > 0) AS arrs,
       coalesce(sum(ln(f.arr_cents / 100.0::float8)) FILTER (WHERE f.arr_cents > 0), 0) AS log_arr,
       coalesce(sum(ln(f.arr_cents / 100.0::float8) ^ 2) FILTER (WHERE f.arr_cents > 0), 0) AS log_arr_sq,
       {_of("")},
       {_of("_compared")}
FROM fact f LEFT JOIN eql.lead o ON o.lead_id = CASE
    WHEN ({_within("f.closed_at", "")}) OR ({_within("f.closed_at", "_compared")}) THEN f.owner_id END
WHERE f.outcome = 'won' AND f.closed_at >= :first_close AND f.closed_at < :last_close
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""

FLOW_SCHEMA = {
    "partner_id": pl.String,
    "channel": pl.String,
    "eqls": pl.Int64,
    "sqls": pl.Int64,
    "both": pl.Int64,
}


def _leads(counts: str, *stages: str) -> str:
    moments = " AND ".join(f"l.{s}_at >= :start AND l.{s}_at < :end AND l.{s}_at <= :as_of" for s in stages)
    return f"SELECT l.partner_id, l.channel, {counts} FROM eql.lead l WHERE {moments} AND {LIVE_LEAD} GROUP BY 1, 2"


# Each moment has an index of its own; an OR over both would look at every lead.
_FLOWS = f"""
SELECT partner_id, channel, sum(eqls)::bigint AS eqls, sum(sqls)::bigint AS sqls, sum(both_at)::bigint AS both
FROM (
    {_leads("count(*) AS eqls, 0 AS sqls, 0 AS both_at", "eql")}
    UNION ALL {_leads("0, count(*), 0", "sql")}
    UNION ALL {_leads("0, 0, count(*)", "eql", "sql")}
) AS moment GROUP BY 1, 2
"""


def flow_cells(engine: Engine, window: Window) -> pl.DataFrame:
    """Live leads that became EQL, sales-qualified, or both within the period, whenever created; by partner, channel.

    `eqls` and `sqls` are those of `moment_cells`. Raises what `read_frame` does.
    """
    return read_frame(engine, _FLOWS, window.parameters, FLOW_SCHEMA)


def arr_cells(engine: Engine, window: Window, compared: Period | None, first: datetime, end: datetime) -> pl.DataFrame:
    """Won deals by month of closing, partner, channel, region and product line of the lead, and whether they have one.

    Those closed from `first` to before `end`, in the window's period or in the one compared with; `in_period` and
    `in_compared` say in which of the two. ARR in cents of the reporting currency at the closing day's rate;
    `unconverted` counts deals whose ARR has no rate; `arrs`, `log_arr` and `log_arr_sq` are how many deals brought
    more than 0 and the sums of the logarithms of their ARR and of the squares of these. `of_eqls`, `of_sqls` and
    `of_both`: deals of the period whose lead became EQL, sales-qualified, or both in it (`…_compared`: likewise of the
    period compared with). Raises what `read_frame` does.
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
