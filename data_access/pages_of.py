"""Which pages stand behind a partner's number, and what did each of them bring?"""

from __future__ import annotations

import polars as pl
from sqlalchemy import Engine

from dashboard.window import Window
from data_access.engine import read_frame
from data_access.live import DEAL, LIVE_LEAD

SCHEMA = {
    "partner_id": pl.String,
    "asset_id": pl.String,
    "title": pl.String,
    "kind": pl.String,
    "url": pl.String,
    "retired": pl.Boolean,
    "leads": pl.Int64,
    "eqls": pl.Int64,
    "won": pl.Int64,
    "pipeline_cents": pl.Int64,
}

# An asset of another partner is no referring page of the lead's partner; its deals then stand under no page.
_PAGES = f"""
WITH RECURSIVE {DEAL}, counted AS (
    SELECT l.partner_id, l.first_asset_id AS asset_id, count(*) AS leads,
           count(*) FILTER (WHERE l.eql_at <= :as_of) AS eqls, count(w.owner_id) AS won
    FROM eql.lead l LEFT JOIN (SELECT DISTINCT owner_id FROM fact WHERE outcome = 'won') AS w ON w.owner_id = l.lead_id
    WHERE l.partner_id IS NOT NULL
      AND l.created_at >= :pages_start AND l.created_at < :end AND {LIVE_LEAD}
    GROUP BY 1, 2
), worth AS (
    SELECT f.partner_id, a.asset_id, sum(f.opening_cents) AS pipeline_cents
    FROM fact f JOIN eql.lead l ON l.lead_id = f.owner_id
    LEFT JOIN eql.asset a ON a.asset_id = l.first_asset_id AND a.partner_id = f.partner_id
    WHERE f.partner_id IS NOT NULL AND f.opened_at >= :start AND f.opened_at < :end
    GROUP BY 1, 2
), brought AS (
    SELECT partner_id, asset_id, leads, eqls, won, 0 AS pipeline_cents FROM counted
    UNION ALL SELECT partner_id, asset_id, 0, 0, 0, pipeline_cents FROM worth
)
SELECT b.partner_id, a.asset_id, a.title, a.kind, a.url, coalesce(a.retired_on <= :as_of_day, false) AS retired,
       sum(b.leads)::bigint AS leads, sum(b.eqls)::bigint AS eqls, sum(b.won)::bigint AS won,
       coalesce(sum(b.pipeline_cents), 0)::bigint AS pipeline_cents
FROM brought b LEFT JOIN eql.asset a ON a.asset_id = b.asset_id AND a.partner_id = b.partner_id
GROUP BY 1, 2, 3, 4, 5, 6
HAVING a.asset_id IS NOT NULL OR sum(b.pipeline_cents) > 0 OR sum(b.leads) > 0
ORDER BY b.partner_id, pipeline_cents DESC, leads DESC, a.asset_id
"""


def referring_pages(engine: Engine, window: Window) -> pl.DataFrame:
    """Pages of all partners, the largest pipeline first; a row without `asset_id` holds what came through no page.

    `leads`, `eqls`, `won`: live leads of the partner created in the 12 months up to the period's end whose first asset
    the page is, and how many of them became EQLs and have a won deal by `as_of`. `pipeline_cents`: amount of the deals
    opened in the period whose lead's first asset the page is, whenever the lead was created, so that a partner's rows
    add up to its pipeline created. A page without leads in the 12 months is no referring page, but may carry pipeline.
    """
    return read_frame(engine, _PAGES, window.parameters, SCHEMA)
