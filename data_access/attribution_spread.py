"""How unequal are the credits behind a line? Sums of squares and the largest, from which intervals of credit follow."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from sqlalchemy import Engine

from dashboard.metrics.attribution_rules import Options, Rule
from dashboard.metrics.performance import ALL, Selection
from dashboard.window import Window
from data_access.attribution import KEYS, read_credited

_OF_TOUCHES = tuple(rule.value for rule in Rule if rule is not Rule.SOURCE)


def _per_deal(kind: str) -> str:
    """What each deal gives each key: of its touches together, and of its lead (rule source)."""
    key, own = KEYS[kind]
    return f"""
    SELECT base, '{kind}' AS kind, {key} AS key, touched, 0::bigint AS source,
           {", ".join(f"sum({rule})::bigint AS {rule}" for rule in _OF_TOUCHES)}
    FROM credited GROUP BY deal_no, base, {key}, touched
    UNION ALL
    SELECT base, '{kind}', {own}, has_lead, value, {", ".join("0" for _ in _OF_TOUCHES)} FROM credited
    WHERE place = 1"""


def _spread(rule: str) -> str:
    return f"""count(*) FILTER (WHERE {rule} > 0) AS {rule}_deals, sum({rule})::bigint AS {rule}_sum,
        coalesce(sum({rule}::float8 ^ 2), 0) AS {rule}_squares, max({rule}) AS {rule}_largest"""


_SPREADS = f"""
SELECT base, kind, key, touched, {", ".join(_spread(rule.value) for rule in Rule)}
FROM ({" UNION ALL ".join(_per_deal(kind) for kind in KEYS)}) AS given GROUP BY 1, 2, 3, 4
"""

SPREAD_SCHEMA = {"base": pl.String, "kind": pl.String, "key": pl.String, "touched": pl.Boolean} | {
    f"{rule.value}_{part}": kind
    for rule in Rule
    for part, kind in (("deals", pl.Int64), ("sum", pl.Int64), ("squares", pl.Float64), ("largest", pl.Int64))
}


def attribution_spread(
    engine: Engine,
    window: Window,
    options: Options,
    weights: Mapping[str, float],
    selection: Selection = ALL,
) -> pl.DataFrame:
    """For each base, kind of line and key, and for each rule: what single deals give to the line.

    `…_deals`: deals that give anything; `…_sum`, `…_squares`: the sums of what they give (cents) and of its squares;
    `…_largest`: the most that one gives (cents). Lines and parameters as of `attribution_cells`.
    QueryTooSlow: it took more than two minutes.
    """
    return read_credited(engine, window, options, weights, selection, _SPREADS, SPREAD_SCHEMA)
