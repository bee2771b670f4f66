"""What did partners bring in each of several periods? Just enough cells to rank them by any metric of the review."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import polars as pl
from sqlalchemy import Engine

from dashboard.metrics.rank_history import RankCells
from dashboard.period import Period, months_before
from dashboard.window import Window
from data_access.costs import cost_cells
from data_access.engine import read_frame
from data_access.live import DEAL, LIVE_LEAD

_KEYS = {"partner_id": pl.String, "period": pl.Int64}
DEAL_SCHEMA = _KEYS | {"pipeline_cents": pl.Int64, "won": pl.Int64, "lost": pl.Int64, "arr_cents": pl.Int64}
PAGE_SCHEMA = _KEYS | {"pages": pl.Int64}
EQL_SCHEMA = _KEYS | {"eqls": pl.Int64}

# Money in cents of the reporting currency, as in the cells of a period.
_DEALS = f"""
WITH RECURSIVE {DEAL}
SELECT partner_id, period, coalesce(sum(pipeline_cents), 0)::bigint AS pipeline_cents,
       count(*) FILTER (WHERE closed_as = 'won') AS won, count(*) FILTER (WHERE closed_as = 'lost') AS lost,
       coalesce(sum(arr_cents), 0)::bigint AS arr_cents
FROM (
    SELECT partner_id, width_bucket(opened_at, CAST(:bounds AS timestamptz[])) AS period,
           opening_cents AS pipeline_cents, NULL::bigint AS arr_cents, NULL AS closed_as
    FROM fact WHERE opened_at >= :first AND opened_at < :last
    UNION ALL
    SELECT partner_id, width_bucket(closed_at, CAST(:bounds AS timestamptz[])), NULL,
           CASE WHEN outcome = 'won' THEN arr_cents END, outcome
    FROM fact WHERE closed_at >= :first AND closed_at < :last AND outcome IN ('won', 'lost')
) AS moment WHERE partner_id IS NOT NULL GROUP BY 1, 2
"""

_EQLS = f"""
SELECT l.partner_id, width_bucket(l.eql_at, CAST(:bounds AS timestamptz[])) AS period, count(*) AS eqls
FROM eql.lead l
WHERE l.partner_id IS NOT NULL AND l.eql_at >= :first AND l.eql_at < :last AND l.eql_at <= :as_of AND {LIVE_LEAD}
GROUP BY 1, 2
"""


def _pages(periods: int) -> str:
    """Referring pages in the 12 months up to the end of each period, all from one pass over the leads."""
    numbers = range(1, periods + 1)
    seen = ", ".join(f"bool_or(l.created_at >= :year_{n} AND l.created_at < :end_{n}) AS seen_{n}" for n in numbers)
    counts = " UNION ALL ".join(
        f"SELECT partner_id, {n} AS period, count(*) AS pages FROM page WHERE seen_{n} GROUP BY 1" for n in numbers
    )
    return f"""
    WITH page AS MATERIALIZED (
        SELECT l.partner_id, l.first_asset_id, {seen}
        FROM eql.lead l JOIN eql.asset a ON a.asset_id = l.first_asset_id AND a.partner_id = l.partner_id
        WHERE l.created_at >= :year_1 AND l.created_at < :last AND {LIVE_LEAD} GROUP BY 1, 2
    ) {counts}"""


def read_rank_cells(engine: Engine, window: Window, periods: Sequence[Period]) -> RankCells:
    """The cells of adjoining periods, the earliest first, seen as the window sees; numbered from 1.

    Raises what `read_frame` raises.
    """
    parameters = window.parameters | {
        "bounds": [period.start for period in periods] + [periods[-1].end],
        "first": periods[0].start,
        "last": periods[-1].end,
    }
    for number, period in enumerate(periods, start=1):
        parameters |= {f"year_{number}": months_before(period.end, 12), f"end_{number}": period.end}
    with ThreadPoolExecutor(2) as pool:
        deals = pool.submit(read_frame, engine, _DEALS, parameters, DEAL_SCHEMA)
        pages = pool.submit(read_frame, engine, _pages(len(periods)), parameters, PAGE_SCHEMA)
        eqls = read_frame(engine, _EQLS, parameters, EQL_SCHEMA)
        costs = [cost_cells(engine, replace(window, period=period)) for period in periods]
        return RankCells(tuple(periods), deals.result(), pages.result(), eqls, tuple(costs))
