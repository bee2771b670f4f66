"""Which touches led to a deal, in which order and in which roles? SQL that attribution, Markov chain and payouts share.

Parameters beside those of `live`: `until` (open, close), `key_influence` (sql, eql, last_partner), `partners` and
`channels` (lists of what is selected, null for all; "" is a missing channel).
"""

from __future__ import annotations

from dashboard.metrics.attribution_rules import Options
from dashboard.metrics.performance import ALL, Selection
from data_access.live import deals_where

TOO_SLOW = "The database took too long over the touches of these deals: narrow the period."
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


# A touch's state in the Markov chain: its partner, else its channel.
STATE = """CASE WHEN partner_id IS NOT NULL THEN 'partner:' || partner_id
            WHEN channel IS NOT NULL THEN 'channel:' || channel ELSE 'none' END"""


def paths_where(condition: str) -> str:
    """The named query `path` over the deals for which a condition on deal `s` and lead `l` holds, and those before it.

    path: one row a touch of a deal, by `place` 1 … `touches`, ordered by moment and key, with the places of the key and
    of the partner influence; a deal without a touch has one row with `touches` 0. Each row carries what its deal is
    worth in the period (null: not asked for) and what the deal's lead carries, so that nothing needs to be joined
    again: the planner cannot guess how many rows come out of here. A touch of a merged-away lead is one of the lead
    at the end of the chain; one of a test lead is none.
    """
    return f"""
{deals_where(condition)}, merged_leads AS (
    SELECT end_id, array_agg(lead_id) AS lead_ids FROM merged WHERE NOT is_test AND lead_id <> end_id GROUP BY 1
), dealt AS (
    SELECT row_number() OVER () AS deal_no, f.has_lead, f.outcome, f.closed_on,
           CASE WHEN f.has_lead THEN ARRAY[f.owner_id] || m.lead_ids END AS lead_ids,
           f.partner_id AS owner, f.channel AS lead_channel, l.first_asset_id AS lead_asset,
           l.utm_campaign AS lead_campaign,
           CASE WHEN f.outcome = 'won' AND f.closed_at >= :start AND f.closed_at < :end
                THEN coalesce(f.arr_cents, 0) END AS arr_cents,
           CASE WHEN f.opened_at >= :start AND f.opened_at < :end THEN coalesce(f.opening_cents, 0) END
               AS pipeline_cents,
           f.arr IS NOT NULL AND f.closing_rate IS NULL AS arr_unconverted,
           f.amount IS NOT NULL AND f.opening_rate IS NULL AS pipeline_unconverted,
           {_END} AS end_on,
           CASE WHEN {_KEY_MOMENT} <= :as_of THEN ({_KEY_MOMENT} AT TIME ZONE :zone)::date END AS key_on
    FROM fact f LEFT JOIN eql.lead l ON l.lead_id = f.owner_id LEFT JOIN merged_leads m ON m.end_id = f.owner_id
), touched AS (
    SELECT d.*, t.touch_id, t.partner_id, t.asset_id, t.channel, t.day,
           CASE WHEN t.channel = d.lead_channel THEN d.lead_campaign END AS campaign,
           row_number() OVER (PARTITION BY d.deal_no ORDER BY t.occurred_at, t.touch_id COLLATE "C") AS place
    FROM dealt d LEFT JOIN LATERAL (
        SELECT t.touch_id, t.partner_id, t.asset_id, t.channel, t.occurred_at,
               (t.occurred_at AT TIME ZONE :zone)::date AS day
        FROM eql.touch t
        WHERE t.lead_id = ANY (d.lead_ids) AND t.occurred_at <= :as_of
          AND (t.occurred_at AT TIME ZONE :zone)::date <= d.end_on
        OFFSET 0
    ) AS t ON true
), path AS (
    SELECT *, count(touch_id) OVER whole AS touches, max(day) OVER whole AS last_day,
           max(place) FILTER (WHERE CASE WHEN :key_influence = 'last_partner' THEN partner_id IS NOT NULL
                                         ELSE day <= key_on END) OVER whole AS key_place,
           max(place) FILTER (WHERE partner_id IS NOT NULL) OVER whole AS partner_place
    FROM touched WINDOW whole AS (PARTITION BY deal_no)
)"""


def path_parameters(options: Options, selection: Selection = ALL) -> dict[str, object]:
    """What the SQL of this module asks for beside a window's parameters."""
    return {
        "until": options.until.value,
        "key_influence": options.key_influence.value,
        "partners": None if selection.partners is None else sorted(selection.partners),
        "channels": None if selection.channels is None else sorted(selection.channels),
    }
