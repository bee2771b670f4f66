"""How are the deals of a period shared out among their touches? All rules from one pass over the deals' touches.

A deal's credits are whole cents: each share is floored, and what is left goes, a cent each, to the largest remainders
(Hamilton's method), the earlier touch first among equals. They add up to the deal for every rule.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import polars as pl
from sqlalchemy import Engine

from dashboard.metrics.attribution_rules import FIFTHS, Options, Role, Rule
from dashboard.metrics.performance import ALL, Selection
from dashboard.window import Window
from data_access.attribution_paths import SELECTED, STATE, TOO_SLOW, path_parameters, paths_where
from data_access.patient_reads import read_patiently
from data_access.questions import Schema

IN_PERIOD = """(s.opened_at >= :start AND s.opened_at < :end
    OR s.status = 'won' AND s.closed_at >= :start AND s.closed_at < :end)"""

# The places at which a deal has its roles; null where it lacks one.
_PLACES = {
    Role.FIRST: "1",
    Role.LAST: "touches",
    Role.KEY_INFLUENCE: "key_place",
    Role.PARTNER_INFLUENCE: "partner_place",
}


def _fifths(rule: Rule) -> str:
    return " + ".join(
        f"CASE WHEN place = {_PLACES[role]} THEN {fifths} ELSE 0 END" for role, fifths in FIFTHS[rule].items()
    )


def _all_fifths(rule: Rule) -> str:
    return " + ".join(
        f"CASE WHEN {_PLACES[role]} IS NULL THEN 0 ELSE {fifths} END" for role, fifths in FIFTHS[rule].items()
    )


# By kind: a touch's key, and that of the deal's lead.
KEYS = {
    "partner": ("partner_id", "owner"),
    "asset": ("asset_id", "lead_asset"),
    "channel": ("channel", "lead_channel"),
    "campaign": ("campaign", "lead_campaign"),
}


def _appearance(kind: str) -> str:
    """Whether a key appears in a deal here for the first time: at a touch, or only with the lead itself."""
    key, own = KEYS[kind]
    return f"""
        row_number() OVER (PARTITION BY deal_no, {key} ORDER BY place) = 1 AS {kind}_new,
        bool_or((touches > 0) = has_lead AND {key} IS NOT DISTINCT FROM {own}) OVER whole IS FALSE
            AS {kind}_of_lead_new"""


# Counting a deal once for a key by flags takes a third of what grouping by deal and key takes.
_APPEARING = f"""
appearing AS (
    SELECT *, {", ".join(_appearance(kind) for kind in KEYS)} FROM path WINDOW whole AS (PARTITION BY deal_no)
)"""

# Weight of each touch and of all touches of its deal: whole numbers where the rule has them, else double precision.
# Days are counted from the last touch, not from the end of the path: the common factor cancels, nothing underflows.
_WEIGHED = f"""
weighed AS (
    SELECT *, {_fifths(Rule.POSITION_A)} AS position_a, {_all_fifths(Rule.POSITION_A)} AS position_a_all,
           {_fifths(Rule.POSITION_B)} AS position_b, {_all_fifths(Rule.POSITION_B)} AS position_b_all,
           sum(time_decay) OVER whole AS time_decay_all,
           CASE WHEN sum(effect) OVER whole > 0 THEN effect ELSE 1 END AS data_driven,
           CASE WHEN sum(effect) OVER whole > 0 THEN sum(effect) OVER whole ELSE greatest(touches, 1) END
               AS data_driven_all
    FROM (
        SELECT p.*, coalesce((CAST(:weights AS jsonb) ->> ({STATE}))::float8, 0) AS effect,
               power(2::float8, greatest(-1000, (day - last_day) / CAST(:half_life AS float8))) AS time_decay
        FROM appearing p
    ) AS with_effect WINDOW whole AS (PARTITION BY deal_no)
)"""

_WHOLE = (Rule.POSITION_A, Rule.POSITION_B)
_IN_PARTS = (Rule.TIME_DECAY, Rule.DATA_DRIVEN)


def _floored(rule: Rule) -> str:
    """Share in cents, floored, and what is left of it. Whole weights divide exactly, whatever the deal is worth.

    Double precision does not: what is left is told to a millionth of a cent, so that equal weights are equal.
    """
    if rule in _WHOLE:
        product = f"value * {rule.value}"
        return f"""{product} / {rule.value}_all AS {rule.value}_low,
            ({product} % {rule.value}_all)::float8 AS {rule.value}_rest"""
    share = f"value * {rule.value} / {rule.value}_all"
    return (
        f"""floor({share})::bigint AS {rule.value}_low, round(1e6 * ({share} - floor({share}))) AS {rule.value}_rest"""
    )


def _rounded(rule: Rule) -> str:
    """The floored share and, as long as cents are left over, one more, by the order of what was left."""
    # Double precision may miss more than a cent a touch where a deal is worth more than 2^53 cents: all get as many.
    over = f"{rule.value}_over"
    last = f"(({over} % touches + touches) % touches)"
    return f"""{rule.value}_low + ({over} - {last}) / touches
        + CASE WHEN {rule.value}_turn <= {last} THEN 1 ELSE 0 END"""


# One row a touch and base, or a deal without a touch and base; the source is the lead's and stands in no touch.
_CREDITED = f"""
valued AS (
    SELECT w.*, b.base, b.value, b.unconverted FROM weighed w, LATERAL (VALUES
        ('arr', arr_cents, arr_unconverted), ('pipeline', pipeline_cents, pipeline_unconverted)
    ) AS b (base, value, unconverted) WHERE b.value IS NOT NULL
), floored AS (
    SELECT *, {", ".join(_floored(rule) for rule in (*_WHOLE, *_IN_PARTS))} FROM valued
), turned AS (
    SELECT *,
        {
    ", ".join(
        f'''value - (sum({rule.value}_low) OVER whole)::bigint AS {rule.value}_over,
        row_number() OVER (PARTITION BY deal_no, base ORDER BY {rule.value}_rest DESC, place) AS {rule.value}_turn'''
        for rule in (*_WHOLE, *_IN_PARTS)
    )
}
    FROM floored WINDOW whole AS (PARTITION BY deal_no, base)
), credited AS (
    SELECT deal_no, base, place, touches > 0 AS touched, value, unconverted, has_lead, closed_on,
           partner_id, asset_id, channel, campaign, owner, lead_asset, lead_channel, lead_campaign,
           {", ".join(f"{kind}_new, {kind}_of_lead_new" for kind in KEYS)},
           CASE WHEN owner IS NOT NULL THEN 'sourced' WHEN partner_place IS NOT NULL THEN 'influenced'
                ELSE 'untouched' END AS standing,
           CASE WHEN place = 1 THEN value ELSE 0 END AS first,
           CASE WHEN place = greatest(touches, 1) THEN value ELSE 0 END AS last,
           CASE WHEN touches = 0 THEN value
                ELSE value / touches + CASE WHEN place <= value % touches THEN 1 ELSE 0 END END AS linear,
           {
    ", ".join(
        f"CASE WHEN touches = 0 THEN value ELSE {_rounded(rule)} END AS {rule.value}" for rule in (*_WHOLE, *_IN_PARTS)
    )
}
    FROM turned
)"""

_RULES = tuple(Rule)
_OF_TOUCHES = tuple(rule.value for rule in _RULES if rule is not Rule.SOURCE)
_SUMS = ", ".join(f"sum({rule.value})::bigint AS {rule.value}" for rule in _RULES)


def _keyed(kind: str) -> str:
    """What the keys of a kind have: of the touches, and of the leads themselves (rule source)."""
    key, own = KEYS[kind]
    return f"""
    SELECT base, '{kind}' AS kind, {key} AS key, touched, {kind}_new AS is_new, value, unconverted,
           owner = partner_id AS own, 0::bigint AS source, {", ".join(_OF_TOUCHES)} FROM credited
    UNION ALL
    SELECT base, '{kind}', {own}, has_lead, {kind}_of_lead_new, value, unconverted, true,
           value, {", ".join("0" for _ in _OF_TOUCHES)} FROM credited WHERE place = 1"""


# A deal in which a key appears counts once for it, whatever the deal is worth; so does each deal's standing.
_CELLS = f"""
SELECT c.base, c.kind, c.key, c.touched, coalesce(r.name, a.title, a.url) AS name,
       c.deals, c.unconverted, c.sourced, c.influenced, {", ".join(f"c.{rule.value}" for rule in _RULES)}
FROM (
    SELECT base, kind, key, touched, count(*) FILTER (WHERE is_new) AS deals,
           count(*) FILTER (WHERE is_new AND unconverted) AS unconverted, sum(source)::bigint AS sourced,
           coalesce(sum(value) FILTER (WHERE is_new AND own IS NOT TRUE), 0)::bigint AS influenced, {_SUMS}
    FROM ({" UNION ALL ".join(_keyed(kind) for kind in KEYS)}
    UNION ALL
    SELECT base, standing, NULL, true, true, value, unconverted, true, value, {", ".join("0" for _ in _OF_TOUCHES)}
    FROM credited WHERE place = 1) AS part GROUP BY 1, 2, 3, 4
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
    """The named queries up to `credited` over the deals for which a condition on deal `s` and lead `l` holds."""
    return f"""{paths_where(condition)}, {_APPEARING}, {_WEIGHED}, {_CREDITED}"""


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
    return read_credited(engine, window, options, weights, selection, _CELLS, CELL_SCHEMA)


def read_credited(
    engine: Engine,
    window: Window,
    options: Options,
    weights: Mapping[str, float],
    selection: Selection,
    question: str,
    schema: Schema,
) -> pl.DataFrame:
    """The answer to a question over `credited`, of the selected deals of the period; parameters as above."""
    parameters = window.parameters | path_parameters(options, selection) | weight_parameters(options, weights)
    sql = f"WITH RECURSIVE {credited(f'{IN_PERIOD} AND {SELECTED}')} {question}"
    return read_patiently(engine, sql, parameters, schema, TOO_SLOW)


def weight_parameters(options: Options, weights: Mapping[str, float]) -> dict[str, object]:
    """What the SQL of the shares asks for."""
    return {
        "half_life": options.half_life_days,
        "weights": json.dumps(dict(weights)),
    }
