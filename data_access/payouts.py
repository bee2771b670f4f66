"""What was each partner credited with in each quarter, at which agreed rate, and what was it paid?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl
from sqlalchemy import Engine

from dashboard.metrics.attribution_rules import Options, Rule
from dashboard.period import Period
from dashboard.window import Window
from data_access.attribution import credited, weight_parameters
from data_access.attribution_paths import TOO_SLOW, path_parameters
from data_access.cost_shares import COST, WITH_RATE, shares
from data_access.engine import read_frame
from data_access.live import RATE
from data_access.patient_reads import read_patiently

CREDIT_SCHEMA = {
    "partner_id": pl.String,
    "quarter": pl.String,
    "cents": pl.Int64,
    "rated_cents": pl.Int64,
    "owed_cents": pl.Int64,
    "rate": pl.Float64,
    "unconverted": pl.Int64,
}
PAID_SCHEMA = {"partner_id": pl.String, "quarter": pl.String, "cents": pl.Int64, "unconverted": pl.Int64}
AGREED_SCHEMA = {"partner_id": pl.String, "quarter": pl.String}

_QUARTER = """
quarter AS (
    SELECT * FROM unnest(CAST(:labels AS text[]), CAST(:starts AS date[]), CAST(:ends AS date[]))
        AS q (label, start_on, end_on)
)"""
_WON = "s.status = 'won' AND s.closed_at >= :start AND s.closed_at < :end"

# The source is the lead's partner, once a deal; every other rule credits touches.
_CREDITS = f"""
SELECT m.partner_id, q.label AS quarter, sum(m.cents)::bigint AS cents,
       coalesce(sum(m.cents) FILTER (WHERE a.rate IS NOT NULL), 0)::bigint AS rated_cents,
       coalesce(eql.to_cents(sum(m.cents * a.rate) / 100), 0) AS owed_cents,
       (sum(m.cents * a.rate) / nullif(sum(m.cents) FILTER (WHERE a.rate IS NOT NULL), 0))::float8 AS rate,
       coalesce(sum(m.unconverted), 0)::bigint AS unconverted
FROM (
    SELECT CASE WHEN :rule = 'source' THEN owner ELSE partner_id END AS partner_id, closed_on,
           sum(CASE :rule WHEN 'source' THEN value
               {" ".join(f"WHEN '{rule.value}' THEN {rule.value}" for rule in Rule if rule is not Rule.SOURCE)} END)
               AS cents,
           count(DISTINCT deal_no) FILTER (WHERE unconverted) AS unconverted
    FROM credited WHERE base = 'arr' AND (:rule <> 'source' OR place = 1) GROUP BY 1, 2
) AS m
JOIN quarter q ON m.closed_on >= q.start_on AND m.closed_on < q.end_on
LEFT JOIN LATERAL (
    SELECT c.rate FROM eql.commission c WHERE c.partner_id = m.partner_id AND c.valid_from <= m.closed_on
    ORDER BY c.valid_from DESC LIMIT 1
) AS a ON true
WHERE m.partner_id IS NOT NULL GROUP BY 1, 2
"""

_PAID = f"""
WITH {RATE}, {_QUARTER}, shared AS (
    SELECT c.partner_id, q.label AS quarter, c.amount, {shares("q.start_on", "q.end_on")}
    FROM eql.cost c JOIN quarter q ON c.period_start < q.end_on AND c.period_end >= q.start_on {WITH_RATE}
    WHERE c.category = 'payout' AND c.partner_id IS NOT NULL
)
SELECT partner_id, quarter, coalesce(eql.to_cents({COST}), 0) AS cents,
       count(*) FILTER (WHERE rate IS NULL) AS unconverted
FROM shared WHERE days_in > 0 GROUP BY 1, 2
"""

_AGREED = f"""
WITH {_QUARTER}
SELECT DISTINCT c.partner_id, q.label AS quarter FROM eql.commission c JOIN quarter q ON c.valid_from < q.end_on
"""


def credit_cells(
    engine: Engine,
    window: Window,
    quarters: Sequence[Period],
    rule: Rule,
    options: Options,
    weights: Mapping[str, float],
) -> pl.DataFrame:
    """ARR credited to each partner by a rule, by the quarter in which the deals were won; all deals, no selection.

    `rated_cents`: the part with an agreed rate on the closing day; `owed_cents`: each deal's credit × that rate, added
    up and then rounded half-even to cents. `quarters` must follow one another. Errors as in `attribution_cells`.
    """
    span = replace(window.period, start=quarters[0].start, end=quarters[-1].end)
    parameters = replace(window, period=span).parameters | path_parameters(options) | _bounds(quarters)
    parameters |= weight_parameters(options, weights) | {"rule": rule.value}
    sql = f"WITH RECURSIVE {credited(_WON)}, {_QUARTER} {_CREDITS}"
    return read_patiently(engine, sql, parameters, CREDIT_SCHEMA, TOO_SLOW)


def paid_cells(engine: Engine, window: Window, quarters: Sequence[Period]) -> pl.DataFrame:
    """Payouts to each partner by quarter: cost rows of category payout by the share of their days, up to `as_of`."""
    return read_frame(engine, _PAID, window.parameters | _bounds(quarters), PAID_SCHEMA)


def agreed(engine: Engine, quarters: Sequence[Period]) -> pl.DataFrame:
    """Partners and quarters by whose end a rate was agreed."""
    return read_frame(engine, _AGREED, _bounds(quarters), AGREED_SCHEMA)


def _bounds(quarters: Sequence[Period]) -> dict[str, object]:
    return {
        "labels": [quarter.label for quarter in quarters],
        "starts": [quarter.start.date() for quarter in quarters],
        "ends": [quarter.end.date() for quarter in quarters],
    }
