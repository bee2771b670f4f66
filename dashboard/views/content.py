"""Which content brings EQLs, what is due for a refresh, what is silent? The tab "Content" of Costs and return."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import blocks, states, wording
from dashboard.charts import content as charts
from dashboard.frames import content as asked
from dashboard.glossary import term
from dashboard.metrics.content import Content
from dashboard.period import Period
from dashboard.settings import settings
from dashboard.views import content_tables as tables
from dashboard.views import content_words as words
from dashboard.views.content_words import By

if TYPE_CHECKING:
    from dashboard.filters import Filters


def draw(period: Period, chosen: Filters) -> None:
    """The panels of the tab; the page owns headline and tabs."""
    found = asked.content(period, chosen)
    name = wording.period_name(period.label, settings().fiscal_year_start)
    if not found.total.assets and not found.due.live and found.without_asset is None:
        states.too_little(f"The chosen partners had no asset out in {name}.")
        return
    if not found.total.assets and not found.due.live:
        states.too_little(
            f"No asset was out in {name}. Import assets (pages, listings, webinars …) to see their yield."
        )
        return
    answer = f"**{words.answer(found, name)}** {words.second(found, settings().currency)}"
    st.markdown(answer.replace("$", "\\$"))
    if chosen.channels:
        blocks.remark(words.IGNORED)
    if found.total.assets:
        _yield(found, name)
    _due(found, period)
    _silent(found, period, name)
    blocks.remark(words.NO_FLAGS)


def _yield(found: Content, name: str) -> None:
    """EQLs per asset by the chosen grouping, the mix beside it, the numbers below."""
    left, right = st.columns([3, 2])
    with left:
        by = _by()
        lines = words.lines_of(found, by)
        subtitle = f"{name}, assets out on any day of it; light: expected with 95 % interval, diamond: observed"
        with blocks.panel(words.QUESTIONS[by], subtitle, "eqls_per_asset_quarter", "expected_eqls", "asset_age"):
            rows = words.rows(lines, by)
            if rows:
                blocks.chart(charts.yields(rows), words.rows_in_words(rows), "content_yields")
            else:
                states.too_little(f"No EQL of {name} came through an asset.")
    with right, blocks.panel("Is the mix as planned?", f"Assets out in {name}", "content_mix"):
        parts = words.shares(found)
        if parts:
            figure = charts.mix(parts, words.REFERENCE_NEW)
            blocks.chart(figure, words.mix_sentence(found), "content_mix")
        st.markdown(words.mix_sentence(found))
    if lines:
        tables.table(words.line_columns(lines, by), words.QUESTIONS[by], **_RATES)
    blocks.remark(words.remainder(found, settings().currency))


def _by() -> By:
    chosen: By | None = st.segmented_control(
        "Compare assets by", list(By), format_func=words.TITLES.__getitem__, default=By.ORIGIN, key="content_by",
        bind="query-params", required=True, label_visibility="collapsed",
    )  # fmt: skip
    return By(chosen) if chosen else By.ORIGIN


def _due(found: Content, period: Period) -> None:
    about = "Live assets whose publication and last refresh lie six months back or more; what brings most comes first"
    with blocks.panel("Which assets should be refreshed first?", about, "due_refresh"):
        if found.due.assets.is_empty():
            states.too_little(words.nothing_due(found))
            return
        shown = tables.page(found.due.assets, "due_page")
        titles = asked.titles(period, shown["asset_id"].to_list())
        tables.table(words.due_columns(shown, titles), "Assets that are due, one a row")
        if found.due.unknown_date:
            blocks.remark(f"Of {wording.several(found.due.unknown_date, 'live asset')} no day is known.")


def _silent(found: Content, period: Period, name: str) -> None:
    about = f"Out at the end of {name}, published 90 days before or earlier; the least likely silence comes first"
    with blocks.panel("Which assets have gone silent?", about, "silent_asset", "p_silence", "p_silence_given_past"):
        if found.silent is None:
            states.too_little("Silence is told for periods of which at least 90 days are over.")
            return
        if found.silent.assets.is_empty():
            states.too_little(words.nothing_silent(found.silent, name))
            return
        st.markdown(words.silent_sentence(found))
        shown = tables.page(found.silent.assets, "silent_page")
        titles = asked.titles(period, shown["asset_id"].to_list())
        tables.table(words.silent_columns(shown, titles), "Assets without an EQL, one a row", **_CHANCE)


_RATES = {
    "Per asset and quarter": st.column_config.NumberColumn(format="%.2f", help=term("eqls_per_asset_quarter").help),
    "Expected": st.column_config.NumberColumn(format="%.2f", help=term("expected_eqls").help),
}
_CHANCE = {
    "Given its past": st.column_config.NumberColumn(format="%.0f\u202f%%", help=term("p_silence_given_past").help),
    "Given its kind": st.column_config.NumberColumn(format="%.0f\u202f%%", help=term("p_silence").help),
    "EQLs before": st.column_config.NumberColumn(format="localized", help="In the 12 months before the period."),
    "Expected EQLs": st.column_config.NumberColumn(format="%.2f"),
}
