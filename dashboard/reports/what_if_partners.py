"""Which partners change under a scenario, as a table for people and for spreadsheets? One row for each of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.formulas import harmless
from dashboard.reports.figures import Column, Kind
from dashboard.reports.workbook import Sheet
from dashboard.reports.workbook import as_xlsx as workbook
from dashboard.scoring.rank_change import RankChange, RankChanges
from dashboard.scoring.what_if import PartnerChange, WhatIf

CENTS = 100
COLUMNS = (
    Column("partner", "Partner"),
    Column("active_rank", "Rank, active", Kind.COUNT),
    Column("rank", "Rank, scenario", Kind.COUNT),
    Column("action", "By the table"),
    Column("too_few", "Too few EQLs"),
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


def rows(found: WhatIf, ranks: RankChanges, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Partners of which a lead comes in or falls out, or whose rank moves, those that change most first.

    By the names of COLUMNS; money in the currency's units, the pipeline that of all qualified leads. Last the leads of
    nobody, where some of them change.
    """
    moved = {change.partner_id: change for change in ranks.partners}
    listed = [
        change
        for change in found.partners
        if change.changed or (change.partner_id in moved and moved[change.partner_id].changed and _known(change))
    ]
    listed.sort(key=lambda own: (-abs(own.qualified - own.active_qualified), -own.gained, own.partner_id or ""))
    if found.without_partner.changed:
        listed.append(found.without_partner)
    return [_row(change, moved.get(change.partner_id or ""), names) for change in listed]


def _known(change: PartnerChange) -> bool:
    """Whether the filters let any of its leads through."""
    return change.qualified + change.active_qualified + change.recorded > 0


def _row(change: PartnerChange, rank: RankChange | None, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "partner": "No partner" if change.partner_id is None else names.get(change.partner_id, change.partner_id),
        "active_rank": rank and rank.then.place.rank,
        "rank": rank and rank.now.place.rank,
        "action": rank and _action(rank),
        "too_few": rank and _too_few(rank),
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


def _action(rank: RankChange) -> str:
    """What the table alone would suggest: `keep`, or `keep → double` where that changes."""
    then, now = (own.action.value if own.action else "not ranked" for own in (rank.then, rank.now))
    return now if then == now else f"{then} → {now}"


def _too_few(rank: RankChange) -> str:
    if rank.now.too_few:
        return "yes" if rank.then.too_few else "now"
    return "no longer" if rank.then.too_few else ""


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
