"""How far did the leads of a cohort get, by partner, channel, asset kind and month? Cells of stages reached."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl
from sqlalchemy import Engine

from dashboard.domain import Stage
from dashboard.metrics.performance import Selection
from dashboard.window import Window
from data_access.live import LIVE_LEAD, MERGED
from data_access.questions import Question, ask_together

# What became of each lead by its deals: the rules of `live.DEAL` without the money, which costs most of its time.
# A lead is an opportunity from its first opening on, and won from its first won closing on.
OUTCOME = f"""
{MERGED}, outcome AS (
    SELECT coalesce(m.end_id, d.lead_id) AS owner_id, min(d.opened_at) AS opportunity_at,
           min(d.closed_at) FILTER (WHERE d.status = 'won' AND d.closed_at <= :as_of) AS won_at
    FROM eql.deal d LEFT JOIN merged m ON m.lead_id = d.lead_id
    WHERE d.lead_id IS NOT NULL AND coalesce(d.opened_at, d.closed_at) <= :as_of
      AND (d.deleted_at IS NULL OR d.deleted_at > :as_of) AND NOT coalesce(m.is_test, false)
    GROUP BY 1
)"""

# Leads of the chosen partners and channels; bound parameters as `chosen` gives them.
CHOSEN = """
    (NOT CAST(:sourced AS boolean) OR l.partner_id IS NOT NULL)
    AND (CAST(:partners AS text[]) IS NULL OR l.partner_id = ANY(CAST(:partners AS text[])))
    AND (CAST(:channels AS text[]) IS NULL OR coalesce(l.channel, '') = ANY(CAST(:channels AS text[])))
"""

# The stages beyond the first, in the order of the bits of `reached`.
LATER = tuple(stage for stage in Stage if stage is not Stage.LEAD)
REACHED = """
    coalesce(l.mql_at <= :as_of, false)::int + 2 * coalesce(l.eql_at <= :as_of, false)::int
    + 4 * coalesce(l.sql_at <= :as_of, false)::int + 8 * (d.owner_id IS NOT NULL)::int
    + 16 * (d.won_at IS NOT NULL)::int
"""

_KEYS: dict[str, type[pl.DataType]] = {"partner_id": pl.String, "channel": pl.String, "asset_kind": pl.String}
_COUNTS: dict[str, type[pl.DataType]] = {"bucket": pl.Int64, "reached": pl.Int64, "leads": pl.Int64}
CELL_SCHEMA = _KEYS | {"band": pl.Date} | {stage.value: pl.Boolean for stage in LATER} | {"leads": pl.Int64}


def _cells(asset_kind: str, join: str) -> Question:
    return Question(
        f"""
        SELECT l.partner_id, l.channel, {asset_kind} AS asset_kind,
               width_bucket(l.created_at, CAST(:bands AS timestamptz[])) AS bucket, {REACHED} AS reached,
               count(*) AS leads
        FROM eql.lead l {join} LEFT JOIN outcome d ON d.owner_id = l.lead_id
        WHERE l.created_at >= :start AND l.created_at < :end AND {LIVE_LEAD}
        GROUP BY 1, 2, 3, 4, 5
        """,
        _KEYS | _COUNTS,
    )


_BY_KIND = _cells("a.kind", "LEFT JOIN eql.asset a ON a.asset_id = l.first_asset_id")
_BY_BAND = _cells("NULL::text", "")


def chosen(selection: Selection, everybody: bool) -> dict[str, object]:
    """The parameters of `CHOSEN`: the selected leads, of everybody or only those that carry a partner."""
    return {
        "sourced": not everybody,
        "partners": None if selection.partners is None else sorted(selection.partners),
        "channels": None if selection.channels is None else sorted(selection.channels),
    }


def kind_cells(engine: Engine, window: Window, bands: Sequence[datetime]) -> pl.DataFrame:
    """Live leads created in the period by partner, channel, kind of their first asset, band and stages reached.

    `bands` are the ascending moments at which bands of creation begin, the first not after the period's start; the
    column `band` names each by its first day in the reporting time zone. Columns: CELL_SCHEMA.
    """
    return _read(engine, window, bands, _BY_KIND)


def band_cells(engine: Engine, window: Window, bands: Sequence[datetime]) -> pl.DataFrame:
    """The same without the asset kind, which is null: for long stretches, where the kinds would make many cells."""
    return _read(engine, window, bands, _BY_BAND)


def _read(engine: Engine, window: Window, bands: Sequence[datetime], question: Question) -> pl.DataFrame:
    parameters = window.parameters | {"bands": list(bands)}
    raw = ask_together(engine, OUTCOME, {"cells": question}, parameters)["cells"]
    days = pl.Series([band.date() for band in bands], dtype=pl.Date)
    bits = [(pl.col("reached") // 2**place % 2 == 1).alias(stage.value) for place, stage in enumerate(LATER)]
    first = pl.Series("band", days.gather((raw["bucket"] - 1).cast(pl.UInt32)), dtype=pl.Date)
    return raw.with_columns(first).with_columns(bits).select(*CELL_SCHEMA)
