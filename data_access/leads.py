"""What became of the leads of a cohort, and how many reached a stage in the period? Cells per partner and channel."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Engine

from dashboard.domain import Stage
from dashboard.window import Window
from data_access.engine import read_frame
from data_access.live import LIVE_LEAD
from data_access.questions import Question

# Leads created in the period by partner, channel and the stages reached by `as_of`; `pipeline_cents` is the value of
# all their deals opened up to `as_of`, in cents of the reporting currency. A question about `live.DEAL`.
COHORT = Question(
    f"""
    SELECT l.partner_id, l.channel,
           coalesce(l.mql_at <= :as_of, false) AS mql, coalesce(l.eql_at <= :as_of, false) AS eql,
           coalesce(l.sql_at <= :as_of, false) AS sql,
           d.owner_id IS NOT NULL AS opportunity, coalesce(d.won, false) AS won,
           count(*) AS leads, coalesce(sum(d.pipeline_cents), 0)::bigint AS pipeline_cents
    FROM eql.lead l LEFT JOIN (
        SELECT owner_id, bool_or(outcome = 'won') AS won, sum(opening_cents) AS pipeline_cents
        FROM fact WHERE created_at >= :start AND created_at < :end GROUP BY owner_id
    ) AS d ON d.owner_id = l.lead_id
    WHERE l.created_at >= :start AND l.created_at < :end AND {LIVE_LEAD}
    GROUP BY 1, 2, 3, 4, 5, 6, 7
    """,
    {
        "partner_id": pl.String,
        "channel": pl.String,
        "mql": pl.Boolean,
        "eql": pl.Boolean,
        "sql": pl.Boolean,
        "opportunity": pl.Boolean,
        "won": pl.Boolean,
        "leads": pl.Int64,
        "pipeline_cents": pl.Int64,
    },
)

DELAY_SCHEMA = {"stage": pl.String, "days": pl.Int64, "leads": pl.Int64}

# Calendar days from a lead's creation to its first deal and to its first won one. A question about `live.DEAL`.
DEAL_DELAYS = Question(
    """
    SELECT stage, (at AT TIME ZONE :zone)::date - (created_at AT TIME ZONE :zone)::date AS days, count(*) AS leads
    FROM (
        SELECT min(created_at) AS created_at, min(opened_at) AS opportunity_at,
               min(closed_at) FILTER (WHERE outcome = 'won') AS won_at
        FROM fact WHERE live GROUP BY owner_id
    ) AS d, LATERAL (VALUES ('opportunity', d.opportunity_at), ('won', d.won_at)) AS s (stage, at)
    WHERE at > :year_start AND at <= :as_of GROUP BY 1, 2
    """,
    DELAY_SCHEMA,
)

AGE_SCHEMA = {"partner_id": pl.String, "channel": pl.String, "age_days": pl.Int64, "leads": pl.Int64}

_AGE = f"""
SELECT l.partner_id, l.channel, :as_of_day - (l.created_at AT TIME ZONE :zone)::date AS age_days, count(*) AS leads
FROM eql.lead l
WHERE l.created_at >= :start AND l.created_at < :end AND {LIVE_LEAD}
GROUP BY 1, 2, 3
"""

MOMENT_SCHEMA = {"partner_id": pl.String, "channel": pl.String, "eqls": pl.Int64, "sqls": pl.Int64}

_MOMENTS = f"""
SELECT partner_id, channel, sum(eqls)::bigint AS eqls, sum(sqls)::bigint AS sqls FROM (
    SELECT l.partner_id, l.channel, count(*) AS eqls, 0 AS sqls FROM eql.lead l
    WHERE l.eql_at >= :start AND l.eql_at < :end AND l.eql_at <= :as_of AND {LIVE_LEAD} GROUP BY 1, 2
    UNION ALL
    SELECT l.partner_id, l.channel, 0, count(*) FROM eql.lead l
    WHERE l.sql_at >= :start AND l.sql_at < :end AND l.sql_at <= :as_of AND {LIVE_LEAD} GROUP BY 1, 2
) AS moment GROUP BY 1, 2
"""

_DELAYS = " UNION ALL ".join(
    f"""
    SELECT '{stage}' AS stage,
           (l.{stage}_at AT TIME ZONE :zone)::date - (l.created_at AT TIME ZONE :zone)::date AS days, count(*) AS leads
    FROM eql.lead l WHERE l.{stage}_at > :year_start AND l.{stage}_at <= :as_of AND {LIVE_LEAD} GROUP BY 2
    """
    for stage in (Stage.MQL, Stage.EQL, Stage.SQL)
)

CHANNEL_SCHEMA = {
    "channel": pl.String,
    "live": pl.Int64,
    "mql": pl.Boolean,
    "eql": pl.Boolean,
    "sql": pl.Boolean,
}

# Each channel is found from the one before, and one live lead is enough: a few looks into an index instead of all
# leads. The stages are looked up apart; the first lead that reached one ends the search.
_CHANNELS = f"""
WITH RECURSIVE named AS (
    (SELECT channel FROM eql.lead WHERE channel IS NOT NULL ORDER BY channel LIMIT 1)
    UNION ALL
    SELECT (SELECT l.channel FROM eql.lead l WHERE l.channel > named.channel ORDER BY l.channel LIMIT 1)
    FROM named WHERE named.channel IS NOT NULL
)
SELECT channel, live::int AS live, mql, eql, sql
FROM (SELECT channel, EXISTS (SELECT FROM eql.lead l WHERE l.channel = named.channel AND {LIVE_LEAD}) AS live
      FROM named WHERE channel IS NOT NULL
      UNION ALL
      SELECT NULL, EXISTS (SELECT FROM eql.lead l WHERE l.channel IS NULL AND {LIVE_LEAD})) AS c,
     (SELECT EXISTS (SELECT FROM eql.lead l WHERE l.mql_at <= :as_of AND {LIVE_LEAD}) AS mql,
             EXISTS (SELECT FROM eql.lead l WHERE l.eql_at <= :as_of AND {LIVE_LEAD}) AS eql,
             EXISTS (SELECT FROM eql.lead l WHERE l.sql_at <= :as_of AND {LIVE_LEAD}) AS sql) AS stage
WHERE live
"""

_NAMES_PARTNERS = f"""
SELECT EXISTS (SELECT FROM eql.lead l WHERE l.created_at >= :start AND l.created_at < :end
               AND l.partner_id IS NOT NULL AND {LIVE_LEAD}) AS found
"""

CENSUS_SCHEMA = {"after_as_of": pl.Int64, "test": pl.Int64, "deleted": pl.Int64, "merged": pl.Int64}

_CENSUS = """
SELECT count(*) FILTER (WHERE created_at > :as_of) AS after_as_of,
       count(*) FILTER (WHERE is_test AND created_at <= :as_of) AS test,
       count(*) FILTER (WHERE deleted_at <= :as_of AND created_at <= :as_of) AS deleted,
       count(*) FILTER (WHERE merged_into IS NOT NULL AND (merged_at IS NULL OR merged_at <= :as_of)
                          AND created_at <= :as_of) AS merged
FROM eql.lead
"""


def age_cells(engine: Engine, window: Window) -> pl.DataFrame:
    """Leads created in the period by partner, channel and age: calendar days between creation and `as_of`."""
    return read_frame(engine, _AGE, window.parameters, AGE_SCHEMA)


def moment_cells(engine: Engine, window: Window) -> pl.DataFrame:
    """Live leads that became EQL or sales-qualified within the period, whenever created, by partner and channel."""
    return read_frame(engine, _MOMENTS, window.parameters, MOMENT_SCHEMA)


def delay_cells(engine: Engine, window: Window) -> pl.DataFrame:
    """Calendar days from creation to MQL, EQL and SQL, for leads that got there in the 12 months before `as_of`."""
    return read_frame(engine, _DELAYS, window.parameters, DELAY_SCHEMA)


def channel_cells(engine: Engine, window: Window) -> pl.DataFrame:
    """The channels of live leads (`live` is 1), and beside each (the same for all) whether any is an MQL, EQL, SQL."""
    return read_frame(engine, _CHANNELS, window.parameters, CHANNEL_SCHEMA)


def names_partners(engine: Engine, window: Window) -> bool:
    """Whether any live lead created in the period carries a partner; where one does, the first ends the search."""
    return bool(read_frame(engine, _NAMES_PARTNERS, window.parameters, {"found": pl.Boolean})["found"][0])


def lead_census(engine: Engine, window: Window) -> pl.DataFrame:
    """One row: how many leads are left out, and for which reason; a lead may have several."""
    return read_frame(engine, _CENSUS, window.parameters, CENSUS_SCHEMA)
