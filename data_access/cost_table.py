"""What were the costs of a period spent on, and by whom are they borne: a partner, everybody, or a channel?"""

from __future__ import annotations

import polars as pl
from sqlalchemy import Engine

from dashboard.window import Window
from data_access.cost_shares import COST, IN_PERIOD, WITH_RATE
from data_access.engine import read_frame
from data_access.live import RATE

CATEGORY_SCHEMA = {
    "category": pl.String,
    "kind": pl.String,
    "cost": pl.Float64,
    "rows": pl.Int64,
    "unconverted": pl.Int64,
}

# A row that names a partner is that partner's, whether it names a channel too or not.
_CATEGORIES = f"""
WITH {RATE}, shared AS (
    SELECT c.category, c.amount, {IN_PERIOD},
           CASE WHEN c.partner_id IS NOT NULL THEN 'direct' WHEN c.channel IS NOT NULL THEN 'channel'
                ELSE 'overhead' END AS kind
    FROM eql.cost c {WITH_RATE}
)
SELECT category, kind, coalesce({COST}, 0)::float8 AS cost, count(*) AS rows,
       count(*) FILTER (WHERE rate IS NULL) AS unconverted
FROM shared WHERE days_in > 0 GROUP BY 1, 2
"""


def category_cells(engine: Engine, window: Window) -> pl.DataFrame:
    """Costs by category and kind (`direct`, `overhead`, `channel`): each row's share of its days in the period.

    Columns as CATEGORY_SCHEMA: `cost` in the reporting currency, as `cost_cells` counts it; `rows` that have days in
    the period up to `as_of`, of which `unconverted` have no rate and are in no sum.
    """
    return read_frame(engine, _CATEGORIES, window.parameters, CATEGORY_SCHEMA)
