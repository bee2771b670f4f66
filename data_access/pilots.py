"""How many EQLs did each partner bring on each of its first days?"""

from __future__ import annotations

from datetime import date

import polars as pl
from sqlalchemy import Engine

from dashboard.metrics.pilots import INTEGRATION_DAYS, SAMPLE_DAYS, PilotCells
from dashboard.window import Window
from data_access.engine import read_frame
from data_access.live import LIVE_LEAD

DAY_SCHEMA = {"partner_id": pl.String, "day": pl.Int64, "eqls": pl.Int64}

# The bounds on the moment are a day wider than those on the calendar day, so that an index can serve them.
_DAYS = f"""
SELECT partner_id, day, count(*) AS eqls
FROM (
    SELECT l.partner_id, (l.eql_at AT TIME ZONE :zone)::date - p.joined_on AS day
    FROM eql.partner p JOIN eql.lead l ON l.partner_id = p.partner_id
    WHERE p.joined_on BETWEEN '1900-01-01' AND '2200-01-01'
      AND l.eql_at >= p.joined_on - 1 AND l.eql_at < p.joined_on + CAST(:days AS integer) + 2
      AND l.eql_at <= :as_of AND {LIVE_LEAD}
) AS found WHERE day >= 0 AND day < :days GROUP BY 1, 2
"""

_FIRST = f"""
SELECT min((l.created_at AT TIME ZONE :zone)::date) AS first_day FROM eql.lead l WHERE {LIVE_LEAD}
"""


def pilot_cells(engine: Engine, window: Window) -> PilotCells:
    """EQLs of every partner by day since it joined (0: that day), through integration and sample, and the first day
    of which the data know a lead.

    Days are calendar days of the reporting time zone; nothing after `as_of` is counted.
    """
    parameters = window.parameters | {"days": INTEGRATION_DAYS + SAMPLE_DAYS}
    first: date | None = read_frame(engine, _FIRST, parameters, {"first_day": pl.Date}).item()
    return PilotCells(read_frame(engine, _DAYS, parameters, DAY_SCHEMA), first)
