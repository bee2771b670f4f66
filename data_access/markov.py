"""Which touch followed which on the way of deals that were won and lost? Counts of transitions between states."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Engine

from dashboard.metrics.attribution_rules import Options
from dashboard.window import Window
from data_access.attribution_paths import STATE, TOO_SLOW, path_parameters, paths_where
from data_access.patient_reads import read_patiently

TRANSITION_SCHEMA = {"origin": pl.String, "target": pl.String, "deals": pl.Int64}

_CLOSED = (
    """s.status IN ('won', 'lost') AND s.closed_at >= :curve_start AND s.closed_at < :end AND s.closed_at <= :as_of"""
)

# Touches of one state after another are one visit: what comes back to where it is changes no chance to arrive.
_TRANSITIONS = f"""
, step AS (
    SELECT outcome, place, touches, {STATE} AS state,
           lag({STATE}) OVER (PARTITION BY deal_no ORDER BY place) AS before
    FROM path WHERE touches > 0
)
SELECT coalesce(before, 'start') AS origin, state AS target, count(*) AS deals FROM step
WHERE before IS DISTINCT FROM state GROUP BY 1, 2
UNION ALL
SELECT state, outcome, count(*) FROM step WHERE place = touches GROUP BY 1, 2
"""


def transition_cells(engine: Engine, window: Window, options: Options) -> pl.DataFrame:
    """Transitions on the paths of all deals closed in the 24 months up to the period's end, by origin and target.

    States: `partner:KEY`, `channel:NAME` where a touch has no partner, `none` where it has neither; a path leads from
    `start` to `won` or `lost`. Deals without a touch have no path. Errors as in `attribution_cells`.
    """
    parameters = window.parameters | path_parameters(options)
    sql = f"WITH RECURSIVE {paths_where(_CLOSED)}{_TRANSITIONS}"
    return read_patiently(engine, sql, parameters, TRANSITION_SCHEMA, TOO_SLOW)
