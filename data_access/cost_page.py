"""How large are the deals that each partner opened in a period? What the interval of pipeline ÷ cost is told from."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Engine

from dashboard.window import Window
from data_access.engine import read_frame
from data_access.live import deals_where

SUM_SCHEMA = {
    "partner_id": pl.String,
    "pipeline_cents": pl.Int64,
    "amounts": pl.Int64,
    "squares": pl.Float64,
    "largest": pl.Float64,
}

# Of some deals: their sum, how many have an amount above 0, the sum of the squares and the largest.
DEAL_SUMS = """coalesce(sum(opening_cents), 0)::bigint AS pipeline_cents,
       count(*) FILTER (WHERE opening_cents > 0) AS amounts,
       coalesce(sum((opening_cents / 100.0::float8) ^ 2), 0) AS squares,
       coalesce(max(opening_cents) / 100.0::float8, 0) AS largest"""

_IN_PERIOD = "s.opened_at >= :start AND s.opened_at < :end AND l.partner_id IS NOT NULL"
_SUMS = f"""
WITH RECURSIVE {deals_where(_IN_PERIOD)}
SELECT partner_id, {DEAL_SUMS} FROM fact GROUP BY 1
"""


def deal_sums(engine: Engine, window: Window) -> pl.DataFrame:
    """Deals opened in the period by partner: their sum in cents, how many have an amount above 0, the sum of squares
    and the largest, both in the reporting currency, at the rate of the opening day.
    """
    return read_frame(engine, _SUMS, window.parameters, SUM_SCHEMA)
