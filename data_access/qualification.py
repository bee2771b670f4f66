"""Which gates do the leads of a cohort pass? Cells per partner, channel and combination of gates."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType

import polars as pl
from sqlalchemy import Engine

from dashboard.scoring.model import Gate, ScoringModel
from dashboard.window import Window
from data_access.engine import read_frame
from data_access.live import LIVE_LEAD
from data_access.scoring_sql import BEGINNING, DEALT, JOINS, OWN, lead_score

# `gates`: bits of `dashboard.scoring.model.Gate`, RECORDED among them. `known`: criteria whose value is known, summed
# over the leads.
GATE_SCHEMA = MappingProxyType(
    {"partner_id": pl.String, "channel": pl.String, "gates": pl.Int64, "leads": pl.Int64, "known": pl.Int64}
)

REASON_SCHEMA = MappingProxyType(
    {"partner_id": pl.String, "channel": pl.String, "reason": pl.String, "leads": pl.Int64, "eqls": pl.Int64}
)

_REASONS = f"""
SELECT l.partner_id, l.channel, nullif(btrim(l.disqualified_reason), '') AS reason, count(*) AS leads,
       count(*) FILTER (WHERE l.eql_at <= :as_of) AS eqls
FROM eql.lead l
WHERE l.created_at >= :start AND l.created_at < :end AND {LIVE_LEAD}
  AND (l.disqualified_at <= :as_of OR (l.disqualified_at IS NULL AND btrim(l.disqualified_reason) <> ''))
  AND (NOT :sourced OR l.partner_id IS NOT NULL)
GROUP BY 1, 2, 3
"""


def gate_cells(engine: Engine, window: Window, model: ScoringModel, *, sourced: bool) -> pl.DataFrame:
    """Live leads created in the period by partner, channel and gates passed; `sourced`: only those with a partner.

    The period is read in two halves side by side: Postgres works out one lead after the other, on one core each.
    """
    middle = window.period.start + (window.period.end - window.period.start) / 2
    halves: list[dict[str, object]] = [{"end": middle}, {"start": middle}]
    with ThreadPoolExecutor(len(halves)) as pool:
        parts = list(pool.map(lambda half: _gate_cells(engine, {**window.parameters, **half}, model, sourced), halves))
    return pl.concat(parts).group_by("partner_id", "channel", "gates").agg(pl.col("leads", "known").sum())


def _gate_cells(engine: Engine, params: Mapping[str, object], model: ScoringModel, sourced: bool) -> pl.DataFrame:
    score = lead_score(model)
    sql = f"""
    WITH RECURSIVE {BEGINNING}
    SELECT l.partner_id, l.channel,
           gate.gates + CASE WHEN l.eql_at <= :as_of THEN {Gate.RECORDED.value} ELSE 0 END AS gates,
           count(*) AS leads, sum(score.known)::bigint AS known
    FROM eql.lead l {OWN} {" ".join(JOINS[table] for table in sorted(score.tables))} {DEALT} {score.laterals}
    WHERE l.created_at >= :start AND l.created_at < :end AND {LIVE_LEAD}{" AND l.partner_id IS NOT NULL" * sourced}
    GROUP BY 1, 2, 3
    """
    return read_frame(engine, sql, {**score.parameters, **params}, GATE_SCHEMA)


def reason_cells(engine: Engine, window: Window, *, sourced: bool) -> pl.DataFrame:
    """Disqualified leads of the cohort by partner, channel and reason; `eqls`: of them recorded as EQL."""
    return read_frame(engine, _REASONS, window.parameters | {"sourced": sourced}, REASON_SCHEMA)
