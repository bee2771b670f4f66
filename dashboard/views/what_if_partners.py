"""Which partners change under the scenario? A table whose rows lead to the partners, and the same as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import streamlit as st

from dashboard import blocks, frames, navigation, states, wording
from dashboard.frames import what_if as asked
from dashboard.reports import what_if_partners as reports
from dashboard.reports.figures import Column, Kind
from dashboard.scoring.rank_change import RankChanges
from dashboard.scoring.what_if import WhatIf
from dashboard.views import what_if_words as words
from dashboard.views.what_if_numbers import Basis
from dashboard.views.what_if_scene import Scene

TALL = 15


def draw(found: WhatIf, basis: Basis, scene: Scene) -> None:
    """Partners of which a lead comes in or falls out, or whose rank moves; a chosen row leads to the partner."""
    if found.model == found.active:
        states.too_little("Nothing is changed yet: move the line, a weight or a gate.")
        return
    names = frames.choices().names
    ranks = asked.ranks(scene, found)
    rows = reports.rows(found, ranks, names)
    if not rows:
        states.too_little(f"No partner’s leads of {basis.name} come in or fall out.")
        return
    subtitle = (
        f"{wording.several(len(rows), 'partner')} with leads of {basis.name} that come in or fall out, or with another "
        "rank by pipeline of qualified leads per referring page"
    )
    terms = ("gained", "dropped", "observed", "estimated", "pipeline_per_referring_page", "too_few_eqls")
    with blocks.panel("Which partners change?", subtitle, *terms):
        blocks.remark(_ranks_in_words(ranks))
        _table(rows, reports.COLUMNS, basis.currency)
        _downloads(found, basis, rows)


def _ranks_in_words(ranks: RankChanges) -> str:
    pairs = [(own.then, own.now) for own in ranks.partners]
    moved = sum(then.place.rank != now.place.rank for then, now in pairs)
    acted = sum(then.action != now.action for then, now in pairs)
    few = sum(now.too_few and not then.too_few for then, now in pairs)
    enough = sum(then.too_few and not now.too_few for then, now in pairs)
    said = (
        f"Of {wording.several(len(pairs), 'partner')}, {wording.count(moved)} change their rank and "
        f"{wording.count(acted)} what the table alone suggests; {wording.count(few)} would have too few EQLs, "
        f"{wording.count(enough)} no longer."
    )
    return f"{said} How sure a rank is, the quarterly review says."


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[Column], currency: str) -> None:
    # As Arrow already: Streamlit would turn another frame into pandas first, which takes longer than the answer.
    frame = pa.table({column.heading: [each[column.name] for each in rows] for column in columns})
    event = st.dataframe(
        frame,
        hide_index=True,
        height="content" if len(rows) <= TALL else 560,
        alt="Partners whose leads come in or fall out, one a row",
        placeholder=wording.NOTHING,
        on_select="rerun",
        selection_mode="single-row",
        key="what_if_partners",
        column_config={column.heading: _config(column, currency) for column in columns},
    )
    chosen = event["selection"]["rows"]
    if chosen and rows[chosen[0]]["partner_id"] is not None:
        navigation.go("partner", id=rows[chosen[0]]["partner_id"])


def _config(column: Column, currency: str) -> Any:
    if column.kind is Kind.TEXT:
        first = column.name == "partner"
        return st.column_config.TextColumn(pinned=first, width="medium" if first else None, help=_HELP.get(column.name))
    if column.kind is Kind.MONEY:
        return st.column_config.NumberColumn(f"{column.heading} {wording.symbol(currency).strip()}", format="compact")
    change = column.name in ("won_change", "expected_wins")
    return st.column_config.NumberColumn(
        format="%+.1f" if column.name == "expected_wins" else "%+d" if change else None
    )


def _downloads(found: WhatIf, basis: Basis, rows: Sequence[Mapping[str, Any]]) -> None:
    def workbook() -> bytes:
        above = (f"Scorecard what-if: partners that change, {basis.name}", words.answer(found, basis))
        return reports.as_xlsx(rows, above, basis.currency)

    with st.container(horizontal=True):
        st.download_button(
            "Download as CSV", lambda: reports.as_csv(rows), file_name="what-if-partners.csv", mime="text/csv",
            icon=":material/download:", on_click="ignore", key="what_if_partners_csv",
        )  # fmt: skip
        st.download_button(
            "Download as workbook", workbook, mime=_XLSX,
            file_name="what-if-partners.xlsx", icon=":material/table:", on_click="ignore", key="what_if_partners_xlsx",
        )  # fmt: skip


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_HELP = {
    "action": "What the rank alone suggests: double the top fifth, end the bottom fifth, keep the rest.",
    "too_few": "Fewer than 50 qualified leads in the period.",
}
