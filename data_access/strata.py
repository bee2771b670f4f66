"""What kinds of deals do the groups have? Deals by company size, region and product line, for fair comparisons.

A stratum is a company-size band × region × product line of the deal's lead; what is unknown is a kind of its own. Only
deals with a lead are in it, and of these the ones that the viewer has chosen.
"""

from __future__ import annotations

import polars as pl
from sqlalchemy import Engine

from dashboard.metrics.performance import ALL, Selection
from dashboard.metrics.velocity import Strata
from dashboard.window import Window
from data_access.live import DEAL
from data_access.questions import Question, ask_together

# Employees at which the next size band begins: below 50, 50–199, 200–999, 1,000–4,999, 5,000 and more.
SIZE_BOUNDS = (50, 200, 1_000, 5_000)

# `:every_partner` and `:every_channel` say that nothing was chosen; leads of nobody stay whatever partners are chosen.
_CHOSEN = """
    has_lead AND (:every_partner OR partner_id IS NULL OR partner_id = ANY(:partners))
    AND (:every_channel OR coalesce(channel, '') = ANY(:channels))
"""

_KIND_OF_DEAL = f"""
kind AS MATERIALIZED (
    SELECT f.partner_id IS NOT NULL AS partner_sourced, coalesce(f.eql_at < f.opened_at, false) AS eql_before,
           width_bucket(a.employees, ARRAY[{", ".join(map(str, SIZE_BOUNDS))}]) AS size_band,
           nullif(f.region, '') AS region, nullif(f.product_line, '') AS product_line,
           f.outcome, f.opened_at, f.opened_on, f.closed_at, f.closed_on
    FROM (
        SELECT * FROM fact
        WHERE {_CHOSEN}
          AND ((opened_at >= :curve_start AND opened_at < :end) OR (closed_at >= :start AND closed_at < :end))
    ) AS f
    LEFT JOIN eql.account a ON a.account_id = f.account_id
)"""

_KEYS = "partner_sourced, eql_before, size_band, region, product_line"
_KEY_SCHEMA = {
    "partner_sourced": pl.Boolean,
    "eql_before": pl.Boolean,
    "size_band": pl.Int64,
    "region": pl.String,
    "product_line": pl.String,
}

# Deals opened in the 24 months up to the period's end, as in `deals.CURVE`.
_CURVE = Question(
    f"""
    SELECT {_KEYS}, outcome,
           CASE WHEN outcome = 'open' THEN :as_of_day ELSE closed_on END - opened_on AS days, count(*) AS deals
    FROM kind
    WHERE opened_at >= :curve_start AND opened_at < :end AND outcome <> 'undated'
    GROUP BY 1, 2, 3, 4, 5, 6, 7
    """,
    _KEY_SCHEMA | {"outcome": pl.String, "days": pl.Int64, "deals": pl.Int64},
)

# Deals closed in the period, as in `deals.DEALS`.
_CLOSED = Question(
    f"""
    SELECT {_KEYS}, count(*) FILTER (WHERE outcome = 'won') AS won, count(*) AS closed
    FROM kind
    WHERE outcome IN ('won', 'lost') AND closed_at >= :start AND closed_at < :end
    GROUP BY 1, 2, 3, 4, 5
    """,
    _KEY_SCHEMA | {"won": pl.Int64, "closed": pl.Int64},
)


def strata_cells(engine: Engine, window: Window, selection: Selection = ALL) -> Strata:
    """The deals of the window's curve and those closed in its period, among what is selected."""
    chosen = {
        "every_partner": selection.partners is None,
        "partners": sorted(selection.partners or ()),
        "every_channel": selection.channels is None,
        "channels": sorted(selection.channels or ()),
    }
    questions = {"curve": _CURVE, "closed": _CLOSED}
    return Strata(**ask_together(engine, f"{DEAL}, {_KIND_OF_DEAL}", questions, window.parameters | chosen))
