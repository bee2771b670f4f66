"""How are the deals of a period shared out among their touches? All rules from one pass over the deals' touches.

A deal's credits are whole cents: each share is floored, and what is left goes, a cent each, to the largest remainders
(Hamilton's method), the earlier touch first among equals. They add up to the deal for every rule.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from sqlalchemy import Engine

from dashboard.metrics.attribution_rules import FIFTHS, Options, Role, Rule
from dashboard.metrics.performance import ALL, Selection
from dashboard.window import Window
from data_access.attribution_paths import SELECTED, path_parameters, paths_where
from data_access.attribution_reads import read_patiently

IN_PERIOD = """(s.opened_at >= :start AND s.opened_at < :end
    OR s.status = 'won' AND s.closed_at >= :start AND s.closed_at < :end)"""

# The places at which a deal has its roles; null where it lacks one.
_PLACES = {
    Role.FIRST: "1",
    Role.LAST: "touches",
    Role.KEY_INFLUENCE: "key_place",
    Role.PARTNER_INFLUENCE: "partner_place",
}
# Rules that share; first and last touch take all, and the source is the lead's.
SHARING = (Rule.LINEAR, Rule.POSITION_A, Rule.POSITION_B, Rule.TIME_DECAY, Rule.DATA_DRIVEN)


def _fifths(rule: Rule) -> str:
    return " + ".join(
        f"CASE WHEN place = {_PLACES[role]} THEN {fifths} ELSE 0 END" for role, fifths in FIFTHS[rule].items()
    )


def _all_fifths(rule: Rule) -> str:
    return " + ".join(
        f"CASE WHEN {_PLACES[role]} IS NULL THEN 0 ELSE {fifths} END" for role, fifths in FIFTHS[rule].items()
    )


# Weight of the touch and of all touches of the deal. Whole numbers where the rule has them, else double precision.
# Days are counted from the last touch, not from the end of the path: the common factor cancels, and nothing underflows.
_WEIGHED = f"""
weighed AS (
    SELECT deal_no, place, touches,
           {_fifths(Rule.POSITION_A)} AS position_a, {_all_fifths(Rule.POSITION_A)} AS position_a_all,
           {_fifths(Rule.POSITION_B)} AS position_b, {_all_fifths(Rule.POSITION_B)} AS position_b_all,
           time_decay, sum(time_decay) OVER whole AS time_decay_all,
           CASE WHEN sum(effect) OVER whole > 0 THEN effect ELSE 1 END AS data_driven,
           CASE WHEN sum(effect) OVER whole > 0 THEN sum(effect) OVER whole ELSE touches END AS data_driven_all
    FROM (
        SELECT path.*, coalesce(w.weight, 0) AS effect,
               power(2::float8, greatest(-1000, (day - last_day) / CAST(:half_life AS float8))) AS time_decay
        FROM path LEFT JOIN weight w ON w.state = {{state}}
    ) AS with_effect WINDOW whole AS (PARTITION BY deal_no)
)"""

# A touch's state in the chain: its partner, else its channel.
STATE = """CASE WHEN path.partner_id IS NOT NULL THEN 'partner:' || path.partner_id
            WHEN path.channel IS NOT NULL THEN 'channel:' || path.channel ELSE 'none' END"""

_WEIGHT = """
weight AS (
    SELECT * FROM unnest(CAST(:states AS text[]), CAST(:effects AS float8[])) AS w (state, weight)
)"""

# Whole weights divide exactly; others by double precision, whose last digits decide no cent of a sum.
_CREDITED = """
claim AS (
    SELECT deal_no, 'arr' AS base, coalesce(arr_cents, 0) AS value, arr_unconverted AS unconverted FROM dealt
    WHERE outcome = 'won' AND closed_at >= :start AND closed_at < :end
    UNION ALL
    SELECT deal_no, 'pipeline', coalesce(opening_cents, 0), pipeline_unconverted FROM dealt
    WHERE opened_at >= :start AND opened_at < :end
), share AS (
    SELECT c.deal_no, c.base, w.place, r.rule, c.value, w.touches,
           CASE WHEN r.whole IS NOT NULL THEN c.value * r.whole / r.whole_all
                ELSE floor(c.value * r.part / r.part_all)::bigint END AS low,
           CASE WHEN r.whole IS NOT NULL THEN (c.value * r.whole % r.whole_all)::float8
                ELSE c.value * r.part / r.part_all - floor(c.value * r.part / r.part_all) END AS remainder
    FROM claim c JOIN weighed w USING (deal_no), LATERAL (VALUES
        (3, 1::bigint, touches, NULL::float8, NULL::float8),
        (4, position_a, position_a_all, NULL, NULL),
        (5, position_b, position_b_all, NULL, NULL),
        (6, NULL, NULL, time_decay, time_decay_all),
        (7, NULL, NULL, data_driven, data_driven_all)
    ) AS r (rule, whole, whole_all, part, part_all)
    WHERE c.value > 0
), ranked AS (
    SELECT deal_no, base, place, rule, low, touches, value - sum(low) OVER shared AS left_over,
           row_number() OVER (shared ORDER BY remainder DESC, place) AS turn
    FROM share WINDOW shared AS (PARTITION BY deal_no, base, rule)
), credit AS (
    SELECT deal_no, base, place, rule,
           low + floor(left_over / touches)::bigint
               + CASE WHEN turn <= left_over - touches * floor(left_over / touches) THEN 1 ELSE 0 END AS cents
    FROM ranked
)"""

_RULES = tuple(Rule)
_NUMBER = {rule: number for number, rule in enumerate(_RULES)}
_SUMS = ", ".join(f"sum({rule.value})::bigint AS {rule.value}" for rule in _RULES)
_NOTHING = ", ".join(f"0 AS {rule.value}" for rule in _RULES if rule is not Rule.SOURCE)


def _shared(rule: Rule) -> str:
    return f"coalesce(max(cents) FILTER (WHERE rule = {_NUMBER[rule]}), 0) AS {rule.value}"


# What each key has in each deal: of its touches, of the lead itself (rule source), of a deal without any touch.
# A deal in which a key appears counts once for it, whatever the deal is worth.
_KEYED = f"""
earned AS (
    SELECT deal_no, base, place, {", ".join(_shared(rule) for rule in SHARING)} FROM credit GROUP BY 1, 2, 3
), part AS (
    SELECT c.deal_no, c.base, k.kind, k.key, true AS touched, 0::bigint AS source,
           CASE WHEN p.place = 1 THEN c.value ELSE 0 END AS first,
           CASE WHEN p.place = p.touches THEN c.value ELSE 0 END AS last,
           {", ".join(f"coalesce(e.{rule.value}, 0) AS {rule.value}" for rule in SHARING)}
    FROM claim c JOIN path p USING (deal_no) LEFT JOIN earned e USING (deal_no, base, place), LATERAL (VALUES
        ('partner', p.partner_id), ('asset', p.asset_id), ('channel', p.channel), ('campaign', p.campaign)
    ) AS k (kind, key)
    UNION ALL
    SELECT c.deal_no, c.base, k.kind, k.key, true, c.value, {_NOTHING}
    FROM claim c JOIN dealt d USING (deal_no), LATERAL (VALUES
        ('partner', d.partner_id), ('asset', d.asset_id), ('channel', d.channel), ('campaign', d.campaign)
    ) AS k (kind, key)
    WHERE d.has_lead
    UNION ALL
    SELECT c.deal_no, c.base, k.kind, NULL, false, CASE WHEN d.has_lead THEN 0 ELSE c.value END,
           {", ".join(f"c.value AS {rule.value}" for rule in _RULES if rule is not Rule.SOURCE)}
    FROM claim c JOIN dealt d USING (deal_no),
         LATERAL (VALUES ('partner'), ('asset'), ('channel'), ('campaign')) AS k (kind)
    WHERE NOT EXISTS (SELECT FROM path p WHERE p.deal_no = c.deal_no)
), part_of_deal AS (
    SELECT deal_no, base, kind, key, touched, {_SUMS} FROM part GROUP BY 1, 2, 3, 4, 5
), standing AS (
    SELECT c.*, d.partner_id AS owner,
           CASE WHEN d.partner_id IS NOT NULL THEN 'sourced'
                WHEN EXISTS (SELECT FROM path p WHERE p.deal_no = c.deal_no AND p.partner_id IS NOT NULL)
                THEN 'influenced' ELSE 'untouched' END AS standing
    FROM claim c JOIN dealt d USING (deal_no)
)"""

# Lines, and the three standings of deals as lines of a kind of their own (their worth under `source`).
_CELLS = f"""
SELECT c.base, c.kind, c.key, c.touched, coalesce(r.name, a.title, a.url) AS name,
       c.deals, c.unconverted, c.sourced, c.influenced, {", ".join(f"c.{rule.value}" for rule in _RULES)}
FROM (
    SELECT base, kind, key, touched, count(*) AS deals, count(*) FILTER (WHERE s.unconverted) AS unconverted,
           coalesce(sum(s.value) FILTER (WHERE s.owner = p.key), 0)::bigint AS sourced,
           coalesce(sum(s.value) FILTER (WHERE s.owner IS DISTINCT FROM p.key), 0)::bigint AS influenced, {_SUMS}
    FROM part_of_deal p JOIN standing s USING (deal_no, base) GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT base, standing, NULL, standing <> 'untouched', count(*), count(*) FILTER (WHERE unconverted), 0, 0,
           sum(value)::bigint, {", ".join("0" for _ in _RULES[1:])}
    FROM standing GROUP BY 1, 2, 3, 4
) AS c
LEFT JOIN eql.partner r ON c.kind = 'partner' AND r.partner_id = c.key
LEFT JOIN eql.asset a ON c.kind = 'asset' AND a.asset_id = c.key
"""

CELL_SCHEMA = {
    "base": pl.String,
    "kind": pl.String,
    "key": pl.String,
    "touched": pl.Boolean,
    "name": pl.String,
    "deals": pl.Int64,
    "unconverted": pl.Int64,
    "sourced": pl.Int64,
    "influenced": pl.Int64,
} | {rule.value: pl.Int64 for rule in Rule}


def credited(condition: str) -> str:
    """The named queries up to `credit` and `claim` over the deals for which a condition on deal and lead holds."""
    return f"""{paths_where(condition)}, {_WEIGHT}, {_WEIGHED.format(state=STATE)}, {_CREDITED}"""


def attribution_cells(
    engine: Engine,
    window: Window,
    options: Options,
    weights: Mapping[str, float],
    selection: Selection = ALL,
) -> pl.DataFrame:
    """Credits by base, kind of line and key: one column of cents a rule, in the reporting currency.

    `touched` false: deals without a touch (key null). `deals`, `unconverted`: distinct deals in which the key appears.
    `sourced`, `influenced`: worth of these deals by whether their lead is the key's. Besides, a row for each of the
    kinds sourced, influenced, untouched with the deals' worth under `source`. `weights`: removal effects by state, as
    `markov` names them. QueryTooSlow: it took more than two minutes.
    """
    parameters = window.parameters | path_parameters(options, selection) | weight_parameters(options, weights)
    sql = f"WITH RECURSIVE {credited(f'{IN_PERIOD} AND {SELECTED}')}, {_KEYED} {_CELLS}"
    return read_patiently(engine, sql, parameters, CELL_SCHEMA)


def weight_parameters(options: Options, weights: Mapping[str, float]) -> dict[str, object]:
    """What the SQL of the shares asks for."""
    return {
        "half_life": options.half_life_days,
        "states": list(weights),
        "effects": [float(weight) for weight in weights.values()],
    }
