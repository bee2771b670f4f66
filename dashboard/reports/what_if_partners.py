"""Which partners change under a scenario, as a table for people and for spreadsheets? One row for each of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.reports.figures import Column, Kind
from dashboard.reports.tables import harmless
from dashboard.reports.workbook import Sheet
from dashboard.reports.workbook import as_xlsx as workbook
from dashboard.scoring.what_if import PartnerChange, WhatIf

CENTS = 100
COLUMNS = (
    Column("partner", "Partner"),
    Column("active_eqls", "EQLs, active", Kind.COUNT),
    Column("eqls", "EQLs, scenario", Kind.COUNT),
    Column("gained", "Gained", Kind.COUNT),
    Column("dropped", "Dropped", Kind.COUNT),
    Column("won_change", "Wins, seen, change", Kind.COUNT),
    Column("expected_wins", "Wins, est., change", Kind.COUNT),
    Column("arr_change", "ARR, seen, change", Kind.MONEY),
    Column("expected_arr", "ARR, est., change", Kind.MONEY),
    Column("pipeline_change", "Pipeline, change", Kind.MONEY),
)
ID = Column("partner_id", "Partner id")


def changed(found: WhatIf) -> list[PartnerChange]:
    """Partners of which some lead comes in or falls out, those that change most first; last the leads of nobody."""
    own = sorted(
        (change for change in found.partners if change.changed),
        key=lambda change: (-abs(change.qualified - change.active_qualified), -change.gained, change.partner_id or ""),
    )
    return [*own, found.without_partner] if found.without_partner.changed else own


def row(change: PartnerChange, names: Mapping[str, str]) -> dict[str, Any]:
    """A partner's row by the names of COLUMNS; money in the currency's units, the pipeline of all qualified leads."""
    return {
        "partner": "No partner" if change.partner_id is None else names.get(change.partner_id, change.partner_id),
        "active_eqls": change.active_qualified,
        "eqls": change.qualified,
        "gained": change.gained,
        "dropped": change.dropped,
        "won_change": change.won - change.active_won,
        "expected_wins": change.expected_wins,
        "arr_change": (change.arr - change.active_arr) / CENTS,
        "expected_arr": None if change.expected_arr is None else change.expected_arr / CENTS,
        "pipeline_change": (change.all_pipeline - change.active_all_pipeline) / CENTS,
        "partner_id": change.partner_id,
    }


def as_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[Column] = COLUMNS) -> bytes:
    """The table as CSV with a byte order mark; a name that a spreadsheet would run gets an apostrophe in front."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    every = (ID, *columns)
    writer.writerow([column.name for column in every])
    for cells in rows:
        writer.writerow([harmless(cells[column.name]) for column in every])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(
    rows: Sequence[Mapping[str, Any]], above: Sequence[str], currency: str, columns: Sequence[Column] = COLUMNS
) -> bytes:
    """The table as a workbook; `above`: its title and what it is about."""
    cells = [[each[column.name] for column in columns] for each in rows]
    return workbook([Sheet("Partners", columns, cells, above)], currency, above[0])
