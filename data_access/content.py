"""What did each asset bring in the period, how long was it out, and when was it last refreshed?"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from sqlalchemy import Engine

from dashboard.period import months_before
from dashboard.window import Window
from data_access.cost_shares import COST, IN_PERIOD, WITH_RATE
from data_access.engine import read_frame
from data_access.live import LIVE_LEAD, RATE, deals_where
from data_access.questions import Question, ask_together

ASSET_SCHEMA = {
    "asset_id": pl.String,
    "has_lead": pl.Boolean,
    "partner_id": pl.String,
    "prospect": pl.Boolean,
    "kind": pl.String,
    "origin": pl.String,
    "domain_rating": pl.Float64,
    "days_live": pl.Int64,
    "live_at_end": pl.Boolean,
    "live_now": pl.Boolean,
    "days_since_published": pl.Int64,
    "age_band": pl.String,
    "overdue_days": pl.Int64,
    "days_before": pl.Int64,
    "leads": pl.Int64,
    "eqls": pl.Int64,
    "eqls_before": pl.Int64,
    "won": pl.Int64,
    "pipeline_cents": pl.Int64,
    "arr_cents": pl.Int64,
    "unconverted": pl.Int64,
    "amounts": pl.Int64,
    "log_amount": pl.Float64,
    "log_amount_sq": pl.Float64,
}
AGE_BANDS = ("0-2", "3-5", "6-11", "12-23", "24+")

# Only what moved in the period is converted: of a million leads that spares most of the time.
_MOVED = deals_where(
    "((s.opened_at >= :start AND s.opened_at < :end) OR (s.closed_at >= :start AND s.closed_at < :end))"
)

# An empty key stands for "no asset": what came through none, and deals without a lead, belong to nobody's page.
_BROUGHT = f"""
of_leads AS (
    SELECT asset_id, sum(lead) AS leads, sum(eql) AS eqls, sum(earlier) AS eqls_before
    FROM (
        SELECT coalesce(l.first_asset_id, '') AS asset_id, count(*) AS lead, 0 AS eql, 0 AS earlier FROM eql.lead l
        WHERE l.created_at >= :start AND l.created_at < :end AND {LIVE_LEAD} GROUP BY 1
        UNION ALL
        SELECT coalesce(l.first_asset_id, ''), 0, count(*) FILTER (WHERE l.eql_at >= :start),
               count(*) FILTER (WHERE l.eql_at < :start)
        FROM eql.lead l
        WHERE l.eql_at >= :before AND l.eql_at < :end AND l.eql_at <= :as_of AND {LIVE_LEAD} GROUP BY 1
    ) AS counted GROUP BY 1
), moved AS (
    SELECT f.has_lead, CASE WHEN f.has_lead THEN coalesce(l.first_asset_id, '') ELSE '' END AS asset_id,
           f.opened_at >= :start AND f.opened_at < :end AS opened_in,
           f.outcome = 'won' AND f.closed_at >= :start AND f.closed_at < :end AS won_in,
           f.opening_cents, f.arr_cents,
           f.amount IS NOT NULL AND f.opened_on IS NOT NULL AND f.opening_rate IS NULL AS pipeline_lacks,
           f.arr IS NOT NULL AND f.closing_rate IS NULL AS arr_lacks
    FROM fact f LEFT JOIN eql.lead l ON l.lead_id = f.owner_id
), of_deals AS (
    SELECT has_lead, asset_id,
           count(*) FILTER (WHERE won_in) AS won,
           coalesce(sum(opening_cents) FILTER (WHERE opened_in), 0)::bigint AS pipeline_cents,
           coalesce(sum(arr_cents) FILTER (WHERE won_in), 0)::bigint AS arr_cents,
           count(*) FILTER (WHERE (opened_in AND pipeline_lacks) OR (won_in AND arr_lacks)) AS unconverted,
           count(*) FILTER (WHERE opened_in AND opening_cents > 0) AS amounts,
           coalesce(sum(ln(opening_cents / 100.0::float8)) FILTER (WHERE opened_in AND opening_cents > 0), 0)
               AS log_amount,
           coalesce(sum(ln(opening_cents / 100.0::float8) ^ 2) FILTER (WHERE opened_in AND opening_cents > 0), 0)
               AS log_amount_sq
    FROM moved WHERE opened_in OR won_in GROUP BY 1, 2
)"""

# Dates after `as_of` are not seen: neither a refresh, nor the end of an asset. The period's last day that is seen is
# the one before its end, or that of `as_of`.
_DATED = """
dated AS (
    SELECT a.asset_id, a.partner_id, coalesce(p.status = 'prospect', false) AS prospect, a.kind, a.origin,
           a.domain_rating, a.published_on,
           CASE WHEN a.retired_on <= :as_of_day THEN a.retired_on END AS retired_on,
           least(CAST(:end_day AS date), :as_of_day + 1) AS end_on,
           least(CAST(:end_day AS date), CAST(:as_of_day AS date)) AS aged_on,
           greatest(CASE WHEN a.published_on < least(CAST(:end_day AS date), :as_of_day + 1) THEN a.published_on END,
                    CASE WHEN a.refreshed_on < least(CAST(:end_day AS date), :as_of_day + 1) THEN a.refreshed_on END)
               AS fresh_on,
           greatest(CASE WHEN a.published_on <= :as_of_day THEN a.published_on END,
                    CASE WHEN a.refreshed_on <= :as_of_day THEN a.refreshed_on END) AS fresh_now
    FROM eql.asset a LEFT JOIN eql.partner p ON p.partner_id = a.partner_id
), asset AS (
    SELECT asset_id, partner_id, prospect, kind, origin, domain_rating,
           greatest(0, least(coalesce(retired_on, end_on), end_on)
                       - greatest(coalesce(published_on, :first_day), CAST(:first_day AS date))) AS days_live,
           greatest(0, least(coalesce(retired_on, end_on), :first_day)
                       - greatest(coalesce(published_on, :before_day), CAST(:before_day AS date))) AS days_before,
           coalesce(published_on < end_on, true) AND coalesce(retired_on >= end_on, true) AS live_at_end,
           coalesce(published_on <= :as_of_day, true) AND retired_on IS NULL AS live_now,
           aged_on - published_on AS days_since_published,
           CASE WHEN fresh_on IS NULL THEN NULL
                WHEN fresh_on + interval '24 months' <= aged_on THEN '24+'
                WHEN fresh_on + interval '12 months' <= aged_on THEN '12-23'
                WHEN fresh_on + interval '6 months' <= aged_on THEN '6-11'
                WHEN fresh_on + interval '3 months' <= aged_on THEN '3-5'
                ELSE '0-2' END AS age_band,
           CAST(:as_of_day AS date) - (fresh_now + interval '6 months')::date AS overdue_days
    FROM dated
)"""

_ASSETS = Question(
    """
    SELECT n.asset_id, n.has_lead, a.partner_id,
           coalesce(a.prospect, false) AS prospect, a.kind, a.origin, a.domain_rating,
           coalesce(a.days_live, 0) AS days_live, coalesce(a.live_at_end, false) AS live_at_end,
           coalesce(a.live_now, false) AS live_now, a.days_since_published, a.age_band, a.overdue_days,
           coalesce(a.days_before, 0) AS days_before,
           coalesce(l.leads, 0)::bigint AS leads, coalesce(l.eqls, 0)::bigint AS eqls,
           coalesce(l.eqls_before, 0)::bigint AS eqls_before,
           coalesce(d.won, 0) AS won, coalesce(d.pipeline_cents, 0) AS pipeline_cents,
           coalesce(d.arr_cents, 0) AS arr_cents, coalesce(d.unconverted, 0) AS unconverted,
           coalesce(d.amounts, 0) AS amounts, coalesce(d.log_amount, 0) AS log_amount,
           coalesce(d.log_amount_sq, 0) AS log_amount_sq
    FROM (SELECT asset_id, true FROM asset UNION ALL VALUES ('', true), ('', false)) AS n (asset_id, has_lead)
    LEFT JOIN asset a ON a.asset_id = n.asset_id
    LEFT JOIN of_leads l ON l.asset_id = n.asset_id AND n.has_lead
    LEFT JOIN of_deals d ON d.asset_id = n.asset_id AND d.has_lead = n.has_lead
    ORDER BY 1, 2
    """,
    ASSET_SCHEMA,
)

_CONTENT_COST = f"""
WITH {RATE}, shared AS (
    SELECT c.partner_id, c.amount, {IN_PERIOD} FROM eql.cost c {WITH_RATE} WHERE c.category = 'content'
)
SELECT partner_id, coalesce({COST}, 0)::float8 AS cost,
       count(*) FILTER (WHERE rate IS NULL) AS unconverted
FROM shared WHERE days_in > 0 GROUP BY 1
"""
COST_SCHEMA = {"partner_id": pl.String, "cost": pl.Float64, "unconverted": pl.Int64}

TITLE_SCHEMA = {
    "asset_id": pl.String,
    "title": pl.String,
    "url": pl.String,
    "partner_id": pl.String,
    "partner": pl.String,
    "published_on": pl.Date,
    "refreshed_on": pl.Date,
}

_TITLES = """
SELECT a.asset_id, a.title, a.url, a.partner_id, p.name AS partner, a.published_on,
       CASE WHEN a.refreshed_on <= :as_of_day THEN a.refreshed_on END AS refreshed_on
FROM eql.asset a LEFT JOIN eql.partner p ON p.partner_id = a.partner_id
WHERE a.asset_id = ANY(CAST(:keys AS text[]))
"""

PROSPECT_SCHEMA = {
    "asset_id": pl.String,
    "partner_id": pl.String,
    "kind": pl.String,
    "domain_rating": pl.Float64,
}

_PROSPECTS = """
SELECT a.asset_id, a.partner_id, a.kind, a.domain_rating
FROM eql.asset a JOIN eql.partner p ON p.partner_id = a.partner_id
WHERE p.status = 'prospect' AND (a.retired_on IS NULL OR a.retired_on > :as_of_day) ORDER BY 1
"""


def asset_cells(engine: Engine, window: Window) -> pl.DataFrame:
    """One row an asset, whether it brought anything or not, and two rows without an asset (key ""): what came through
    no asset, and (`has_lead` false) deals without a lead. The rows add up to the period's totals.

    `leads`, `eqls`: live leads created, and leads that became EQLs, in the period, whose first asset it is. `won`,
    `arr_cents`, `pipeline_cents`: deals of such leads won and opened in the period. `amounts`, `log_amount`,
    `log_amount_sq`: opened deals that are worth something, the sums of the logarithms of their worth and of the squares
    of these. `days_live`: calendar days of the period, up to `as_of`, on which it was out; `days_before`,
    `eqls_before`: the same of the 12 months before the period. `age_band`: whole months since the later of publication
    and refresh at the period's end (or `as_of`). `overdue_days`: days since six months after that at `as_of`, negative
    where it is not due. Unknown dates give null. `prospect`: its partner is one still.
    """
    before = months_before(window.period.start, 12)
    parameters = window.parameters | {"before": before, "before_day": before.date()}
    return ask_together(engine, f"{_MOVED}, {_BROUGHT}, {_DATED}", {"assets": _ASSETS}, parameters)["assets"]


def content_cost(engine: Engine, window: Window) -> pl.DataFrame:
    """Cost rows of category `content` × the share of their days in the period and not after `as_of`, by partner (null:
    of none), with how many of them could not be converted. No row where none reaches into the period."""
    return read_frame(engine, _CONTENT_COST, window.parameters, COST_SCHEMA)


def asset_titles(engine: Engine, window: Window, keys: Sequence[str]) -> pl.DataFrame:
    """Title, address, partner and dates of some assets: for the page of a list that is on screen."""
    return read_frame(engine, _TITLES, {"keys": list(keys), "as_of_day": window.as_of_day}, TITLE_SCHEMA)


def prospect_pages(engine: Engine, window: Window) -> pl.DataFrame:
    """Assets of partners that are prospects still, without those taken down by `as_of`."""
    return read_frame(engine, _PROSPECTS, {"as_of_day": window.as_of_day}, PROSPECT_SCHEMA)
