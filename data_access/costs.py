"""What did the programme and the channels cost in the period?"""

from __future__ import annotations

import polars as pl
from sqlalchemy import Engine

from dashboard.window import Window
from data_access.cost_shares import COST, IN_PERIOD, WITH_RATE
from data_access.engine import read_frame
from data_access.live import RATE

COST_SCHEMA = {
    "partner_id": pl.String,
    "channel": pl.String,
    "cost": pl.Float64,
    "unconverted": pl.Int64,
}

_SHARED = f"""
WITH {RATE}, shared AS (
    SELECT c.cost_id, c.partner_id, c.channel, c.amount, {IN_PERIOD} FROM eql.cost c {WITH_RATE}
)"""

_COSTS = f"""{_SHARED}
SELECT partner_id, channel, coalesce({COST}, 0)::float8 AS cost,
       count(*) FILTER (WHERE rate IS NULL AND days_in > 0) AS unconverted
FROM shared GROUP BY 1, 2
"""

UNCONVERTED_SCHEMA = {"cost_id": pl.String}

_UNCONVERTED = f"""{_SHARED} SELECT cost_id FROM shared WHERE rate IS NULL ORDER BY 1"""


def cost_cells(engine: Engine, window: Window) -> pl.DataFrame:
    """Costs by partner and channel: each row's amount × the share of its days that lie in the period and by `as_of`.

    In the reporting currency at the rate of the row's first day. A pair without days in the period has cost 0.
    `unconverted`: rows with days there that have no rate.
    """
    return read_frame(engine, _COSTS, window.parameters, COST_SCHEMA)


def unconverted_costs(engine: Engine, window: Window) -> pl.DataFrame:
    """Keys of the cost rows that could not be converted."""
    return read_frame(engine, _UNCONVERTED, window.parameters, UNCONVERTED_SCHEMA)
