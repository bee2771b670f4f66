"""What did one partner bring day by day and page by page, which deals are open, and which gaps in the data hurt it?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl
from sqlalchemy import Engine

from dashboard.window import Window
from data_access.deals import UNCONVERTED
from data_access.engine import read_frame
from data_access.live import DEAL, LIVE_LEAD, MERGED
from data_access.open_deals import AGES, DEAL_OF_PARTNER, DEALS_SHOWN, LIST
from data_access.questions import Question, ask_together

UNTOUCHED_DAYS = 30
OF_PARTNER = "l.partner_id = :partner_id"
OF_ANY = "l.partner_id IS NOT NULL"


@dataclass(frozen=True, slots=True)
class PartnerRows:
    """What is read about one partner alone; each frame as the function or question of that name says."""

    days: pl.DataFrame
    gaps: pl.DataFrame
    pages: pl.DataFrame
    deals: pl.DataFrame
    ages: pl.DataFrame


# Deals of the partner by the days on which they were opened and closed. Money in cents of the reporting currency.
DEAL_DAYS = Question(
    """
    SELECT day, sum(opened)::bigint AS opened, coalesce(sum(pipeline_cents), 0)::bigint AS pipeline_cents,
           sum(won)::bigint AS won, sum(lost)::bigint AS lost, coalesce(sum(arr_cents), 0)::bigint AS arr_cents
    FROM (
        SELECT opened_on AS day, 1 AS opened, opening_cents AS pipeline_cents,
               0 AS won, 0 AS lost, NULL::bigint AS arr_cents
        FROM fact WHERE opened_at >= :first AND opened_at < :end
        UNION ALL
        SELECT closed_on, 0, NULL, (outcome = 'won')::int, (outcome = 'lost')::int,
               CASE WHEN outcome = 'won' THEN arr_cents END
        FROM fact WHERE outcome IN ('won', 'lost') AND closed_at >= :first AND closed_at < :end
    ) AS moment GROUP BY 1
    """,
    {
        "day": pl.Date,
        "opened": pl.Int64,
        "pipeline_cents": pl.Int64,
        "won": pl.Int64,
        "lost": pl.Int64,
        "arr_cents": pl.Int64,
    },
)

LEAD_DAY_SCHEMA = {"day": pl.Date, "sessions": pl.Int64, "leads": pl.Int64, "eqls": pl.Int64, "sqls": pl.Int64}


def _leads_on(stage: str, counts: str) -> str:
    return f"""
    SELECT (l.{stage}_at AT TIME ZONE :zone)::date AS day, {counts} FROM eql.lead l
    WHERE {OF_PARTNER} AND l.{stage}_at >= :first AND l.{stage}_at < :end AND l.{stage}_at <= :as_of AND {LIVE_LEAD}
    GROUP BY 1"""


_LEAD_DAYS = f"""
SELECT day, sum(sessions)::bigint AS sessions, sum(leads)::bigint AS leads, sum(eqls)::bigint AS eqls,
       sum(sqls)::bigint AS sqls
FROM (
    SELECT t.day, sum(t.sessions) AS sessions, 0 AS leads, 0 AS eqls, 0 AS sqls
    FROM eql.asset l JOIN eql.traffic t USING (asset_id)
    WHERE {OF_PARTNER} AND t.day >= :first_of_all AND t.day < :end_day AND t.day <= :as_of_day GROUP BY 1
    UNION ALL {_leads_on("created", "NULL, count(*), 0, 0")}
    UNION ALL {_leads_on("eql", "NULL, 0, count(*), 0")}
    UNION ALL {_leads_on("sql", "NULL, 0, 0, count(*)")}
) AS moment GROUP BY 1
"""

# Deals of the 12 months up to the period's end (by opening, else by closing) with what they lack.
DEAL_GAPS = Question(
    f"""
    SELECT partner_id, count(*) AS deals, count(*) FILTER (WHERE amount IS NULL) AS no_amount,
           count(*) FILTER (WHERE {UNCONVERTED}) AS unconverted,
           count(*) FILTER (WHERE outcome = 'undated') AS undated
    FROM fact WHERE partner_id IS NOT NULL AND coalesce(opened_at, closed_at) >= :pages_start
      AND coalesce(opened_at, closed_at) < :end
    GROUP BY 1
    """,
    {
        "partner_id": pl.String,
        "deals": pl.Int64,
        "no_amount": pl.Int64,
        "unconverted": pl.Int64,
        "undated": pl.Int64,
    },
)

LEAD_GAP_SCHEMA = {
    "partner_id": pl.String,
    "leads": pl.Int64,
    "no_asset": pl.Int64,
    "no_referral": pl.Int64,
    "eqls": pl.Int64,
    "unconfirmed": pl.Int64,
    "untouched": pl.Int64,
}


# Deals that are seen, by the lead that they belong to.
_SEEN = "coalesce(d.opened_at, d.closed_at) <= :as_of AND (d.deleted_at IS NULL OR d.deleted_at > :as_of)"


def _lead_gaps(whose: str) -> str:
    # Whether a lead has a deal is looked up only where nothing else says that somebody took care of it.
    return f"""
    WITH RECURSIVE {MERGED}
    SELECT partner_id, count(*) AS leads, count(*) FILTER (WHERE first_asset_id IS NULL) AS no_asset,
           count(*) FILTER (WHERE referral_at IS NULL OR referral_at > :as_of) AS no_referral,
           count(*) FILTER (WHERE eql) AS eqls, count(*) FILTER (WHERE eql AND NOT confirmed) AS unconfirmed,
           count(*) FILTER (
               WHERE alone AND NOT EXISTS (SELECT FROM eql.deal d WHERE d.lead_id = lead.lead_id AND {_SEEN})
               AND lead.lead_id NOT IN (
                   SELECT m.end_id FROM merged m JOIN eql.deal d USING (lead_id) WHERE NOT m.is_test AND {_SEEN}
               )
           ) AS untouched
    FROM (
        SELECT l.partner_id, l.lead_id, l.first_asset_id, l.referral_at, coalesce(l.eql_at <= :as_of, false) AS eql,
               coalesce(l.partner_confirmed_at <= :as_of AND l.vendor_confirmed_at <= :as_of, false) AS confirmed,
               l.created_at <= :quiet_since AND coalesce(l.last_activity_at <= :quiet_since, true)
               AND coalesce(least(l.assigned_at, l.first_contacted_at, l.sql_at, l.disqualified_at) > :as_of, true)
               AS alone
        FROM eql.lead l
        WHERE {whose} AND l.created_at >= :pages_start AND l.created_at < :end AND {LIVE_LEAD}
    ) AS lead GROUP BY 1
    """


# As `pages_of.referring_pages` counts, for one partner, with the day of the last refreshing beside.
PAGES = Question(
    f"""
    WITH counted AS (
        SELECT l.first_asset_id AS asset_id, count(*) AS leads, count(*) FILTER (WHERE l.eql_at <= :as_of) AS eqls,
               count(w.owner_id) AS won
        FROM eql.lead l
        LEFT JOIN (SELECT DISTINCT owner_id FROM fact WHERE outcome = 'won') AS w ON w.owner_id = l.lead_id
        WHERE {OF_PARTNER} AND l.created_at >= :pages_start AND l.created_at < :end AND {LIVE_LEAD}
        GROUP BY 1
    ), worth AS (
        SELECT a.asset_id, sum(f.opening_cents) AS pipeline_cents
        FROM fact f JOIN eql.lead l ON l.lead_id = f.owner_id
        LEFT JOIN eql.asset a ON a.asset_id = l.first_asset_id AND a.partner_id = f.partner_id
        WHERE f.opened_at >= :start AND f.opened_at < :end
        GROUP BY 1
    ), brought AS (
        SELECT asset_id, leads, eqls, won, 0 AS pipeline_cents FROM counted
        UNION ALL SELECT asset_id, 0, 0, 0, pipeline_cents FROM worth
    )
    SELECT a.asset_id, a.title, a.kind, a.url, a.refreshed_on, coalesce(a.retired_on <= :as_of_day, false) AS retired,
           sum(b.leads)::bigint AS leads, sum(b.eqls)::bigint AS eqls, sum(b.won)::bigint AS won,
           coalesce(sum(b.pipeline_cents), 0)::bigint AS pipeline_cents
    FROM brought b LEFT JOIN eql.asset a ON a.asset_id = b.asset_id AND a.partner_id = :partner_id
    GROUP BY 1, 2, 3, 4, 5, 6
    HAVING a.asset_id IS NOT NULL OR sum(b.pipeline_cents) > 0 OR sum(b.leads) > 0
    ORDER BY pipeline_cents DESC, leads DESC, a.asset_id
    """,
    {
        "asset_id": pl.String,
        "title": pl.String,
        "kind": pl.String,
        "url": pl.String,
        "refreshed_on": pl.Date,
        "retired": pl.Boolean,
        "leads": pl.Int64,
        "eqls": pl.Int64,
        "won": pl.Int64,
        "pipeline_cents": pl.Int64,
    },
)


def read_partner(engine: Engine, window: Window, partner_id: str, first: datetime) -> PartnerRows:
    """Everything about one partner, only whose leads and deals are read; `first`: the midnight where `days` begin.

    `days` (day, in the reporting time zone): sessions (null: no traffic known), leads created, eqls and sqls of that
    day, deals opened, pipeline_cents, deals won and lost that day, arr_cents, up to the period's end; nothing after
    `as_of`. `pages`: a row without asset_id holds what came through no page of the partner. Money in cents.
    """
    parameters = window.parameters | {
        "partner_id": partner_id,
        "first": first,
        "first_of_all": first.date(),
        "limit": DEALS_SHOWN,
        "quiet_since": _quiet_since(window),
    }
    questions = {"days": DEAL_DAYS, "gaps": DEAL_GAPS, "pages": PAGES, "deals": LIST, "ages": AGES}
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask_together, engine, DEAL_OF_PARTNER, questions, parameters)
        lead_days = read_frame(engine, _LEAD_DAYS, parameters, LEAD_DAY_SCHEMA)
        lead_gaps = read_frame(engine, _lead_gaps(OF_PARTNER), parameters, LEAD_GAP_SCHEMA)
        found = asked.result()
    days = lead_days.join(found["days"], on="day", how="full", coalesce=True).sort("day")
    return PartnerRows(
        days.with_columns(pl.exclude("day", "sessions").fill_null(0)),
        _joined(lead_gaps, found["gaps"]),
        found["pages"],
        found["deals"],
        found["ages"],
    )


def gap_cells(engine: Engine, window: Window) -> pl.DataFrame:
    """What live leads and deals of the 12 months up to the period's end lack, by partner.

    Columns: partner_id, leads, no_asset, no_referral, eqls, unconfirmed (EQLs that not both sides confirmed),
    untouched (created more than 30 days before `as_of`; nobody assigned, contacted, qualified, disqualified or made a
    deal of them, and nothing happened in the last 30 days), deals, no_amount, unconverted, undated (closed, no date).
    """
    parameters = window.parameters | {"quiet_since": _quiet_since(window)}
    leads = read_frame(engine, _lead_gaps(OF_ANY), parameters, LEAD_GAP_SCHEMA)
    return _joined(leads, ask_together(engine, DEAL, {"gaps": DEAL_GAPS}, parameters)["gaps"])


def _joined(leads: pl.DataFrame, deals: pl.DataFrame) -> pl.DataFrame:
    both = leads.join(deals, on="partner_id", how="full", coalesce=True)
    return both.with_columns(pl.exclude("partner_id").fill_null(0)).sort("partner_id")


def _quiet_since(window: Window) -> datetime:
    return window.as_of - timedelta(days=UNTOUCHED_DAYS)
