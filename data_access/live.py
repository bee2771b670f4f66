"""Which leads and deals count at `as_of`, whose are they, and what are they worth? SQL that every read begins with.

The rules (bound parameters: `as_of` timestamptz, `zone` text, `currency` text):

* a lead is live when it was created by `as_of` and is no test, not deleted by then and not merged away by then;
* what hangs on a merged-away lead belongs to the lead at the end of the chain; what hangs on a test lead, nowhere;
* a deal is seen when it was opened (or, opening unknown, closed) by `as_of` and was not deleted by then;
* an amount is converted at the rate of the deal's own day (the latest one at most 7 days old) and rounded to cents:
  `opening_cents`, `closing_cents`, `arr_cents`. In the reporting currency nothing needs rounding, which saves time.
"""

from __future__ import annotations

LIVE_LEAD = """
    l.created_at <= :as_of AND NOT l.is_test
    AND (l.deleted_at IS NULL OR l.deleted_at > :as_of)
    AND (l.merged_into IS NULL OR l.merged_at > :as_of)
"""

# A cycle of merges ends after 32 steps instead of never.
MERGED = """
merge_step AS (
    SELECT lead_id, merged_into AS next_id, is_test FROM eql.lead
    WHERE merged_into IS NOT NULL AND (merged_at IS NULL OR merged_at <= :as_of)
), merge_chain AS (
    SELECT lead_id, next_id AS end_id, is_test, 1 AS depth FROM merge_step
    UNION ALL
    SELECT c.lead_id, s.next_id, c.is_test OR s.is_test, c.depth + 1
    FROM merge_chain c JOIN merge_step s ON s.lead_id = c.end_id
    WHERE c.depth < 32
), merged AS (
    SELECT DISTINCT ON (lead_id) lead_id, end_id, is_test FROM merge_chain ORDER BY lead_id, depth DESC
)"""

# A rate holds for seven more days, or until the next one. Eight rows a rate let the planner guess the size right.
RATE = """
rate_until AS (
    SELECT currency, day, rate, lead(day) OVER (PARTITION BY currency ORDER BY day) AS next_day
    FROM eql.fx_rate WHERE base = :currency
), rate AS (
    SELECT currency, day + held AS day, rate
    FROM rate_until, (VALUES (0), (1), (2), (3), (4), (5), (6), (7)) AS hold (held)
    WHERE next_day IS NULL OR day + held < next_day
)"""

_OPENING_RATE = "CASE WHEN s.currency = :currency AND s.opened_on IS NOT NULL THEN 1 ELSE opening.rate END"
_CLOSING_RATE = "CASE WHEN s.currency = :currency THEN 1 ELSE closing.rate END"


def _cents(value: str, rate: str) -> str:
    """Whole cents are taken as they are: a product of decimals, rounded, takes several times as long."""
    return f"""CASE WHEN s.currency = :currency AND s.opened_on IS NOT NULL AND scale({value}) <= 2
                THEN ({value} * 100)::bigint ELSE eql.to_cents({value} * {rate}) END"""


def deals_where(condition: str) -> str:
    """Every deal that is seen, with whose it is and its worth (`fact`), for which a condition on its lead `l` holds."""
    return f"""
{MERGED}, {RATE},
seen_deal AS (
    SELECT d.deal_id, d.lead_id, coalesce(m.end_id, d.lead_id) AS owner_id, d.opened_at, d.status, d.stage,
           d.amount, d.arr, d.currency, coalesce(m.is_test, false) AS on_test,
           CASE WHEN d.closed_at <= :as_of THEN d.closed_at END AS closed_at,
           CASE WHEN d.status = 'open' OR d.closed_at > :as_of THEN 'open'
                WHEN d.closed_at IS NULL THEN 'undated'
                ELSE d.status END AS outcome,
           (d.opened_at AT TIME ZONE :zone)::date AS opened_on,
           (d.closed_at AT TIME ZONE :zone)::date AS closed_on
    FROM eql.deal d LEFT JOIN merged m ON m.lead_id = d.lead_id
    WHERE coalesce(d.opened_at, d.closed_at) <= :as_of AND (d.deleted_at IS NULL OR d.deleted_at > :as_of)
), fact AS MATERIALIZED (
    SELECT s.deal_id, s.owner_id, l.lead_id IS NOT NULL AS has_lead,
           coalesce({LIVE_LEAD}, false) AS live, l.partner_id, l.channel, l.eql_at, l.created_at,
           l.account_id, l.region, l.product_line,
           s.opened_at, s.opened_on, s.closed_at, s.closed_on, s.outcome, s.currency,
           s.amount, s.arr,
           {_OPENING_RATE} AS opening_rate, {_CLOSING_RATE} AS closing_rate,
           {_cents("s.amount", _OPENING_RATE)} AS opening_cents,
           {_cents("s.amount", _CLOSING_RATE)} AS closing_cents,
           {_cents("s.arr", _CLOSING_RATE)} AS arr_cents
    FROM seen_deal s
    LEFT JOIN eql.lead l ON l.lead_id = s.owner_id
    LEFT JOIN rate opening ON opening.currency = s.currency AND opening.day = s.opened_on
    LEFT JOIN rate closing ON closing.currency = s.currency AND closing.day = s.closed_on AND s.outcome <> 'open'
    WHERE NOT s.on_test AND NOT coalesce(l.is_test, false) AND {condition}
)"""


DEAL = deals_where("true")
