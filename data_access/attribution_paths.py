"""Which touches led to a deal, in which order and in which roles? SQL that attribution, Markov chain and payouts share.

Parameters beside those of `live`: `until` (open, close), `key_influence` (sql, eql, last_partner), `partners` and
`channels` (lists of what is selected, null for all; "" is a missing channel).
"""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.metrics.attribution_rules import Options
from dashboard.metrics.performance import ALL, Selection
from data_access.live import deals_where

# As in Selection: partners narrow what is partner-sourced; a deal without a lead is in no selection.
SELECTED = """
    (CAST(:partners AS text[]) IS NULL AND CAST(:channels AS text[]) IS NULL OR l.lead_id IS NOT NULL)
    AND (CAST(:partners AS text[]) IS NULL OR l.partner_id IS NULL OR l.partner_id = ANY (CAST(:partners AS text[])))
    AND (CAST(:channels AS text[]) IS NULL OR coalesce(l.channel, '') = ANY (CAST(:channels AS text[])))
"""

# The last day on which a touch counts, and the day by which the key influence must have happened.
_END = """CASE WHEN :until = 'open' THEN coalesce(f.opened_on, f.closed_on)
               WHEN f.outcome IN ('won', 'lost') THEN f.closed_on ELSE :as_of_day END"""
_KEY_MOMENT = "CASE :key_influence WHEN 'sql' THEN l.sql_at WHEN 'eql' THEN l.eql_at END"


def paths_where(condition: str) -> str:
    """The named queries `dealt` and `path` over the deals for which a condition on deal `s` and lead `l` holds.

    dealt: one row a deal (`deal_no`) with what its lead carries, its worth, `end_on` and `key_on`. path: its touches
    by `place` 1 … `touches`, ordered by moment and key, with the places of the key and of the partner influence.
    A touch of a merged-away lead is one of the lead at the end of the chain; one of a test lead is none.
    """
    return f"""
{deals_where(condition)}, dealt AS MATERIALIZED (
    SELECT row_number() OVER () AS deal_no, f.deal_id, f.owner_id, f.has_lead, f.outcome, f.opened_at, f.closed_at,
           f.closed_on, f.partner_id, f.channel, l.first_asset_id AS asset_id, l.utm_campaign AS campaign,
           f.arr_cents, f.opening_cents,
           f.arr IS NOT NULL AND f.closing_rate IS NULL AS arr_unconverted,
           f.amount IS NOT NULL AND f.opening_rate IS NULL AS pipeline_unconverted,
           {_END} AS end_on,
           CASE WHEN {_KEY_MOMENT} <= :as_of THEN ({_KEY_MOMENT} AT TIME ZONE :zone)::date END AS key_on
    FROM fact f LEFT JOIN eql.lead l ON l.lead_id = f.owner_id
), led AS (
    SELECT deal_no, owner_id AS lead_id FROM dealt WHERE has_lead
    UNION
    SELECT d.deal_no, m.lead_id FROM dealt d JOIN merged m ON m.end_id = d.owner_id WHERE NOT m.is_test
), touched AS (
    SELECT d.deal_no, t.partner_id, t.asset_id, t.channel, CASE WHEN t.channel = d.channel THEN d.campaign END
               AS campaign,
           (t.occurred_at AT TIME ZONE :zone)::date AS day, d.key_on,
           row_number() OVER (PARTITION BY d.deal_no ORDER BY t.occurred_at, t.touch_id COLLATE "C") AS place
    FROM led JOIN dealt d USING (deal_no) JOIN eql.touch t ON t.lead_id = led.lead_id
    WHERE t.occurred_at <= :as_of AND (t.occurred_at AT TIME ZONE :zone)::date <= d.end_on
), path AS MATERIALIZED (
    SELECT deal_no, place, partner_id, asset_id, channel, campaign, day,
           count(*) OVER whole AS touches, max(day) OVER whole AS last_day,
           CASE WHEN :key_influence = 'last_partner' THEN max(place) FILTER (WHERE partner_id IS NOT NULL) OVER whole
                ELSE max(place) FILTER (WHERE day <= key_on) OVER whole END AS key_place,
           max(place) FILTER (WHERE partner_id IS NOT NULL) OVER whole AS partner_place
    FROM touched WINDOW whole AS (PARTITION BY deal_no)
)"""


def path_parameters(options: Options, selection: Selection = ALL) -> Mapping[str, object]:
    """What the SQL of this module asks for beside a window's parameters."""
    return {
        "until": options.until.value,
        "key_influence": options.key_influence.value,
        "partners": None if selection.partners is None else sorted(selection.partners),
        "channels": None if selection.channels is None else sorted(selection.channels),
    }
