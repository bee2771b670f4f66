"""What did each partner bring and cost in its first full quarter? Cells of many quarters from three short questions."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from sqlalchemy import Engine

from dashboard.metrics.gates import FirstQuarter, GateCells
from dashboard.window import Window
from data_access.cost_page import DEAL_SUMS, SUM_SCHEMA
from data_access.cost_shares import COST, WITH_RATE, shares
from data_access.engine import read_frame
from data_access.live import LIVE_LEAD, RATE, deals_where

_KEYS = {"quarter": pl.Int64, "partner_id": pl.String}
DEAL_SCHEMA = _KEYS | SUM_SCHEMA | {"unconverted": pl.Int64}
EQL_SCHEMA = _KEYS | {"eqls": pl.Int64}
COST_SCHEMA = _KEYS | {"cost": pl.Float64, "unconverted": pl.Int64}

# Numbered from 0, in the order in which they are given.
_QUARTER = """
quarter AS (
    SELECT number - 1 AS quarter, starts, ends, first_day, end_day
    FROM unnest(CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]),
                CAST(:first_days AS date[]), CAST(:end_days AS date[]))
         WITH ORDINALITY AS given (starts, ends, first_day, end_day, number)
)"""
_MINE = """
mine AS (
    SELECT m.partner_id, q.quarter, q.starts, q.ends
    FROM unnest(CAST(:partners AS text[]), CAST(:quarters AS bigint[])) AS m (partner_id, quarter)
    JOIN quarter q ON q.quarter = m.quarter
)"""
_IN_FIRST = """EXISTS (
    SELECT FROM mine WHERE mine.partner_id = l.partner_id AND s.opened_at >= mine.starts AND s.opened_at < mine.ends
)"""

_DEALS = f"""
WITH RECURSIVE {_QUARTER}, {_MINE}, {deals_where(_IN_FIRST)}
SELECT m.quarter, f.partner_id, {DEAL_SUMS},
       count(*) FILTER (WHERE f.amount IS NOT NULL AND f.opening_rate IS NULL) AS unconverted
FROM fact f JOIN mine m ON m.partner_id = f.partner_id GROUP BY 1, 2
"""

_EQLS = f"""
WITH {_QUARTER}
SELECT q.quarter, l.partner_id, count(*) AS eqls
FROM quarter q JOIN eql.lead l ON l.eql_at >= q.starts AND l.eql_at < q.ends
WHERE l.partner_id IS NOT NULL AND l.eql_at <= :as_of AND {LIVE_LEAD}
GROUP BY 1, 2
"""

# Costs that name a channel and no partner are none of the programme.
_COSTS = f"""
WITH {RATE}, {_QUARTER}, shared AS (
    SELECT q.quarter, c.partner_id, c.amount, {shares("q.first_day", "q.end_day")}
    FROM quarter q JOIN eql.cost c ON c.period_start < q.end_day AND c.period_end >= q.first_day {WITH_RATE}
    WHERE c.partner_id IS NOT NULL OR c.channel IS NULL
)
SELECT quarter, partner_id, coalesce({COST}, 0)::float8 AS cost,
       count(*) FILTER (WHERE rate IS NULL) AS unconverted
FROM shared WHERE days_in > 0 GROUP BY 1, 2
"""


def gate_cells(engine: Engine, window: Window, firsts: Sequence[FirstQuarter]) -> GateCells:
    """Pipeline of each partner in its own first full quarter, and EQLs and costs of everybody in these quarters.

    Raises what `read_frame` raises.
    """
    periods = sorted({own.quarter for own in firsts}, key=lambda period: period.start)
    place = {period: number for number, period in enumerate(periods)}
    parameters = window.parameters | {
        "starts": [period.start for period in periods],
        "ends": [period.end for period in periods],
        "first_days": [period.start.date() for period in periods],
        "end_days": [period.end.date() for period in periods],
        "partners": [own.partner_id for own in firsts],
        "quarters": [place[own.quarter] for own in firsts],
    }
    return GateCells(
        tuple(periods),
        read_frame(engine, _DEALS, parameters, DEAL_SCHEMA),
        read_frame(engine, _EQLS, parameters, EQL_SCHEMA),
        read_frame(engine, _COSTS, parameters, COST_SCHEMA),
    )
