"""Who are the partners, and how many of their pages brought leads?"""

from __future__ import annotations

import polars as pl
from sqlalchemy import Engine

from dashboard.window import Window
from data_access.engine import read_frame
from data_access.live import LIVE_LEAD

PARTNER_SCHEMA = {
    "partner_id": pl.String,
    "name": pl.String,
    "partner_type": pl.String,
    "tier": pl.String,
    "region": pl.String,
    "manager": pl.String,
    "status": pl.String,
    "joined_on": pl.Date,
}

_PARTNERS = """
SELECT partner_id, name, partner_type, nullif(tier, '') AS tier, nullif(region, '') AS region,
       nullif(manager, '') AS manager, status, joined_on
FROM eql.partner ORDER BY partner_id
"""

PAGE_SCHEMA = {"partner_id": pl.String, "pages": pl.Int64, "pages_12_months": pl.Int64}

_PAGES = f"""
SELECT partner_id, count(*) FILTER (WHERE in_period) AS pages, count(*) FILTER (WHERE in_year) AS pages_12_months
FROM (
    SELECT l.partner_id, l.first_asset_id, bool_or(l.created_at >= :start) AS in_period,
           bool_or(l.created_at >= :pages_start) AS in_year
    FROM eql.lead l JOIN eql.asset a ON a.asset_id = l.first_asset_id AND a.partner_id = l.partner_id
    WHERE l.created_at >= least(CAST(:pages_start AS timestamptz), CAST(:start AS timestamptz))
      AND l.created_at < :end AND {LIVE_LEAD}
    GROUP BY 1, 2
) AS page GROUP BY 1
"""


def partners(engine: Engine) -> pl.DataFrame:
    """All partners, ordered by key."""
    return read_frame(engine, _PARTNERS, {}, PARTNER_SCHEMA)


def page_cells(engine: Engine, window: Window) -> pl.DataFrame:
    """Referring pages per partner: its assets that were the first of at least one of its live leads.

    `pages` counts leads created in the period, `pages_12_months` those of the 12 months up to the period's end.
    """
    return read_frame(engine, _PAGES, window.parameters, PAGE_SCHEMA)
