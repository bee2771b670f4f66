"""Which numbers of each partner does the report carry beside those of the period? Read once for all partners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import polars as pl
from sqlalchemy import Engine

from dashboard.metrics import partner_page as metric
from dashboard.metrics.cells import Reading
from dashboard.metrics.partner_page import LACK_OF, Comparison
from dashboard.metrics.performance import Performance
from data_access.open_deals import open_deal_ages
from data_access.pages_of import referring_pages
from data_access.partner_page import gap_cells


def partner_section(engine: Engine, performance: Performance, reading: Reading) -> dict[str, dict[str, Any]]:
    """By partner_id what docs/metrics.md has under "Partner": plain data, money in the reporting currency.

    `performance` is that of everybody (no selection) from the same reading.
    """
    window = performance.window
    return as_section(
        performance,
        reading,
        open_deal_ages(engine, window),
        gap_cells(engine, window),
        referring_pages(engine, window),
    )


def as_section(
    performance: Performance, reading: Reading, ages: pl.DataFrame, gaps: pl.DataFrame, pages: pl.DataFrame
) -> dict[str, dict[str, Any]]:
    """The section from frames as `open_deal_ages`, `gap_cells` and `referring_pages` read them."""
    ids = [p.partner.partner_id for p in performance.partners]
    curve, typical = metric.all_curve(reading), metric.typical_days(reading.closing)
    compared = metric.everybody_compared(performance, reading.cells, ids)
    parts = {name: _by_partner(frame) for name, frame in (("ages", ages), ("gaps", gaps), ("pages", pages))}
    empty = {"ages": ages.clear(), "gaps": gaps.clear(), "pages": pages.clear()}
    section = {}
    for key in ids:
        own = {name: parts[name].get(key, empty[name]) for name in parts}
        section[key] = {
            "compared_with": _peers(compared[key]),
            "standings": _standings(compared[key]),
            "in_progress": asdict(metric.open_pipeline(own["ages"], curve, typical)),
            "typical_days": asdict(typical),
            "gaps": _gaps(own["gaps"]),
            "pages": own["pages"].drop("partner_id").with_columns(_MONEY).drop("pipeline_cents").to_dicts(),
        }
    return section


_MONEY = (pl.col("pipeline_cents") / 100).alias("pipeline_created")


def _by_partner(frame: pl.DataFrame) -> Mapping[str, pl.DataFrame]:
    return {
        str(key): own for (key,), own in frame.partition_by("partner_id", as_dict=True, maintain_order=True).items()
    }


def _peers(found: Comparison) -> dict[str, Any]:
    return {"partner_type": found.peers.partner_type, "of_type": found.peers.of_type, "partners": len(found.peers.ids)}


def _standings(found: Comparison) -> dict[str, Any]:
    return {
        row.measure.value: {"value": row.own.value, "median": row.median} | asdict(row.standing) for row in found.rows
    }


def _gaps(cells: pl.DataFrame) -> dict[str, Any]:
    """Every kind of gap, also those that nobody has."""
    found = {gap.lack: gap.count for gap in metric.gaps_of(cells)}
    of = cells.row(0, named=True) if cells.height else {}
    return {lack.value: {"count": found.get(lack, 0), "of": of.get(kind, 0)} for lack, kind in LACK_OF.items()}
