"""What stands behind the tabs of the page "Costs and return"? Each part is drawn only when its tab is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from dashboard import blocks, frames, navigation, states, wording
from dashboard.charts import cost_page as charts
from dashboard.frames.performance import today
from dashboard.metrics.cost_page import CostPage
from dashboard.metrics.gate import GATE
from dashboard.settings import settings
from dashboard.views import cost_page as words
from dashboard.views import cost_page_tables as tables
from dashboard.views.velocity_tables import clickable, csv


def returned(page: CostPage, name: str) -> None:
    """Who passed the gate, what the money was spent on, and every partner's cost and return."""
    currency, fiscal = settings().currency, settings().fiscal_year_start
    left, right = st.columns(2)
    subtitle = "Each partner’s own first full quarter, whatever the period; 95 % intervals"
    with left, blocks.panel("Who brought five times what it cost?", subtitle, "gate", "gate_interval"):
        lines = words.gate_lines(page.partners, currency, fiscal)
        if lines:
            clickable(charts.gates(lines, GATE), words.gates_in_words(page.partners), "gates")
            blocks.remark(_LEGEND)
        else:
            states.too_little("No partner has a known cost in its first full quarter.")
    subtitle = f"All costs of {name}, by day, in {currency}"
    with right, blocks.panel("What was it spent on?", subtitle, "cost_category", "cost_kind"):
        spent(page)
    if page.partners:
        keys = [own.partner.partner_id for own in page.partners]
        columns = tables.returns(page.partners, currency, fiscal)
        _partners(columns, keys, tables.return_config(currency), "cost-and-return")
    blocks.remark(words.left_out(page, name, currency))


_LEGEND = (
    "Blue: continue. Red: pause or pivot. Amber: pause or pivot, but chance could explain it, or its data are "
    "incomplete. Grey: the quarter is not over."
)


def spent(page: CostPage) -> None:
    """Bars by category, and the same as a table."""
    currency = settings().currency
    rows = words.spent_rows(page.table)
    if not rows:
        states.too_little("No cost covers a day of this period. Enter costs in the next tab, or import them.")
        return
    figure = charts.spent(rows, list(words.KINDS.values()), currency, words.spent_ticks(rows))
    blocks.chart(figure, words.spent_in_words(page.table, currency), "spent")
    st.dataframe(
        tables.categories(page.table),
        hide_index=True,
        height="content",
        placeholder=wording.NOTHING,
        alt="Categories of cost by who bears them, with sums",
        column_config=tables.category_config(currency),
    )


def pilots(page: CostPage) -> None:
    """New partners on their way through integration and sample."""
    subtitle = "Partners that joined in the last 180 days: 4 weeks of integration, then 8 weeks or 50 EQLs"
    as_of = wording.day(frames.freshness().as_of)
    with blocks.panel("How far are the pilots?", f"{subtitle}; as of {as_of}", "pilot", "pilot_eqls"):
        if page.pilots:
            rows = words.pilot_lines(page.pilots, today())
            blocks.chart(charts.timeline(rows), words.pilots_in_words(page.pilots), "timeline")
            keys = [own.partner.partner_id for own in page.pilots]
            _partners(tables.pilots(page.pilots), keys, tables.pilot_config(), "pilots")
        else:
            states.too_little("No partner joined in the last 180 days.")


def _partners(columns: Mapping[str, list[Any]], keys: Sequence[str], config: Mapping[str, Any], name: str) -> None:
    """A table with a partner a row, as CSV too; a chosen row leads to the partner."""
    frame = pl.DataFrame(columns, strict=False)
    event = st.dataframe(
        frame,
        hide_index=True,
        height="content" if frame.height <= 15 else 560,
        placeholder=wording.NOTHING,
        alt="Partners, one a row",
        on_select="rerun",
        selection_mode="single-row",
        key=name,
        column_config={
            **blocks.counts(frame),
            "Partner": st.column_config.TextColumn(pinned=True, width="medium"),
            **config,
        },
    )
    st.download_button(
        "Download as CSV", lambda: csv(frame), file_name=f"{name}.csv", mime="text/csv", icon=":material/download:",
        on_click="ignore", key=f"{name}_csv",
    )  # fmt: skip
    if event["selection"]["rows"]:
        navigation.go("partner", id=keys[event["selection"]["rows"][0]])
