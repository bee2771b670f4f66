"""How do the answers, charts and tabs of the ARR page look? Each tab is drawn only when it is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import blocks, states, wording
from dashboard.charts import arr_page as charts
from dashboard.filters import PREVIOUS, YEAR_BEFORE, Filters
from dashboard.glossary import term
from dashboard.metrics.arr_change import Change
from dashboard.metrics.arr_page import ArrPage, GroupBy
from dashboard.period import Period
from dashboard.settings import settings
from dashboard.views import arr_page as view
from dashboard.views import arr_page_words as words
from dashboard.views.comparison import Versus

WHO, LARGEST, COMING, VITALS = "Who brought it?", "The five largest", "What is coming", "Vitals"
_AGAINST = {PREVIOUS: "Previous period", YEAR_BEFORE: "Last year"}


def questions(asked: Sequence[str]) -> list[DeltaGenerator]:
    """Places for answers, two a row, one below the other on a phone; the last alone is as wide as two."""
    grid, places = st.grid(2, min_column_width=300, gap="small"), []
    for place, question in enumerate(asked):
        wide = place == len(asked) - 1 and len(asked) % 2
        with grid.cell(column_span=2) if wide else grid.cell():
            places.append(st.container(border=True, height="stretch", gap="xxsmall"))
            places[-1].markdown(f"**{question}**")
    return places


def answer(place: DeltaGenerator, doing: str, tell: Callable[[], str]) -> str:
    """Writes an answer into its place; one that fails leaves the others alone. Returns what was told."""
    told = ""
    with place, states.guarded():
        with st.spinner(doing):
            told = tell()
        st.markdown(_dollars(told))
    return told


def _dollars(text: str) -> str:
    # Two dollar signs in Markdown would start a formula.
    return text.replace("\\$", "$").replace("$", "\\$")


def over_time(page: ArrPage, fiscal: int) -> None:
    """ARR by quarter or month, each by itself or since the year began, against target."""
    currency, counted = settings().currency, view.counts(page)
    place = st.container()
    with st.container(horizontal=True, vertical_alignment="center"):
        by = _choice("Show", (view.QUARTERS, view.MONTHS), "stretch")
        cumulative = not counted and st.toggle("Since the year began", key="cumulative", bind="query-params")
    with place:
        drawn = view.bars(page, by, cumulative, currency, fiscal)
        st.markdown(
            f"**{view.question(page, by, cumulative)}**", help=_help("arr", "arr_source", "target", "cumulative_arr")
        )
        st.caption(_dollars(basis(page, by, cumulative)))
        if not drawn:
            states.too_little("No deal was won in these quarters.")
            return
        figure = charts.by_stretch(drawn, view.series(page, cumulative), view.axis(drawn, currency, counted))
        alt = words.stretches_in_words(view.shown_stretches(page, by), page.everybody, currency, drawn[-1].title)
        blocks.chart(figure, alt, "arr_by_time")


def basis(page: ArrPage, by: str, cumulative: bool) -> str:
    """What the first chart counts."""
    whose = "All deals" if page.everybody else "Partner-sourced deals" if cumulative else "Deals"
    said = f"{whose} won, by closing {by[:-1].lower()}"
    if cumulative:
        said += ", summed up since the fiscal year began"
    if by == view.MONTHS and not cumulative and any(own.quarter_target for own in page.months):
        said += "; targets are set by quarter and not split among months"
    elif not page.everybody and not cumulative and by == view.QUARTERS:
        aimed = any(own.target is not None for own in page.quarters)
        said += f"; {'target and ' if aimed else ''}bold: partner-sourced"
    return said


def why(change: Change | None, then: str, now: str) -> None:
    """The waterfall of the difference, with a table of the same behind a click."""
    currency = settings().currency
    if change is None or not (change.before.won_deals or change.now.won_deals):
        states.too_little("No deal was won in either period, so there is nothing to explain.")
        return
    if not (change.before.arr_cents or change.now.arr_cents):
        states.too_little("The data hold no ARR for these deals, so its change cannot be explained.")
        return
    blocks.chart(
        charts.waterfall(view.steps(change, then, now, currency)), words.change_in_words(change, currency), "arr_why"
    )
    if len(change.factors) < 4:
        blocks.remark(lacking(change))
    with st.expander("The same as a table"):
        table(view.change_columns(change, then, now, currency), "Parts of the change", _CHANGE_CONFIG)


def lacking(change: Change) -> str:
    """Why fewer than four parts are shown."""
    if not (change.before.sqls and change.now.sqls):
        return "One of the periods has no SQL, so that EQLs and conversions cannot be told apart from won deals."
    return "One of the periods has no EQL, so that the split begins with the SQLs."


def against(chosen: Filters) -> Period:
    """What the waterfall compares with: what the sidebar says, unless another choice is made here."""
    usual = chosen.comparison if chosen.comparison in _AGAINST else PREVIOUS
    how = st.segmented_control(
        "Compare with", list(_AGAINST), format_func=_AGAINST.__getitem__, key="why_against", bind="query-params",
        default=usual, required=True, label_visibility="collapsed",
    )  # fmt: skip
    compared = replace(chosen, comparison=how or usual).compared
    assert compared is not None
    return compared


def who(page: ArrPage, versus: Versus | None, name: str) -> None:
    """ARR by source, tier, type, region or product line, beside the period compared with."""
    currency, counted = settings().currency, view.counts(page)
    offered = [GroupBy.SOURCE, GroupBy.PRODUCT_LINE] if page.everybody else list(view.GROUPINGS)
    names = {view.GROUPINGS[by]: by for by in offered}
    by = names[_choice("By", tuple(names), "group")]
    lines, then = page.groups[by], versus.name if versus else ""
    short = wording.beginning(versus.short) if versus else ""
    rows = view.group_rows(lines, by, currency, counted)
    about = f"Deals won in {name}{f'; grey mark: {then}' if then else ''}"
    with blocks.panel("Who brought it?", about, "arr", "arr_source"):
        if not rows:
            states.too_little(f"No deal was won in {name}.")
            return
        what = f"{'Won deals' if counted else 'ARR'} by {view.GROUPINGS[by].lower()}"
        alt = f"{what}: " + "; ".join(f"{row.name} {row.detail}" for row in rows[:6])
        blocks.chart(charts.ranked(rows, short), alt, "arr_groups")
        table(view.group_columns(view.alive(lines), by, short, counted), what, _AMOUNTS)


def largest(page: ArrPage, name: str, narrowed: bool) -> None:
    """The five largest partners and how much hangs on them; `narrowed`: of those chosen."""
    currency, whose = settings().currency, "Chosen partners’ deals" if narrowed else "Partner-sourced deals"
    with blocks.panel("How much hangs on the five largest?", f"{whose} won in {name}", "largest_partners"):
        st.markdown(_dollars(view.concentration(page, currency, narrowed)))
        rows = view.partner_rows(page.top_five.largest, currency)
        if rows:
            alt = "; ".join(f"{row.name}: {row.detail}" for row in rows)
            blocks.chart(charts.ranked(rows, ""), alt, "arr_largest")


def table(columns: Mapping[str, Sequence[object]], alt: str, config: Mapping[str, Any]) -> None:
    """A table whose first column stays in sight when a narrow screen scrolls it."""
    first = next(iter(columns))
    own = {name: setting for name, setting in config.items() if name in columns}
    amounts = {name: _MONEY for name in columns if name.startswith("ARR in ")}
    frame = pl.DataFrame(columns, strict=False)
    st.dataframe(
        frame,
        hide_index=True,
        height="content" if frame.height <= 12 else 460,
        alt=alt,
        column_config={
            **blocks.counts(frame),
            first: st.column_config.TextColumn(pinned=True, width="medium"),
            **own,
            **amounts,
        },
    )


_MONEY = st.column_config.NumberColumn(format="%,.2f")
_AMOUNTS = {"ARR": _MONEY}
_CHANGE_CONFIG = {"Worth": _MONEY}


def tabs(page: ArrPage) -> list[str]:
    """The tabs that the data can fill: without partners there are no largest ones and no programme."""
    return [WHO, COMING] if page.everybody else [WHO, LARGEST, COMING, VITALS]


def _choice(title: str, options: Sequence[str], key: str) -> str:
    chosen: str | None = st.segmented_control(
        title, list(options), default=options[0], key=key, bind="query-params", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    return chosen if chosen and chosen in options else options[0]


def _help(*terms: str) -> str:
    return "\n\n".join(f"**{term(key).name}.** {term(key).help}" for key in terms)


def incomplete(page: ArrPage) -> bool:
    """Whether some deal of the period or the quarters lacks a rate."""
    return any(own.total.incomplete for own in page.quarters) or page.own.incomplete


def remark(page: ArrPage, partners_exist: bool, narrowed: bool, channels: bool) -> None:
    """What the page is about where nobody names partners, and what it leaves out of the choice."""
    if page.everybody:
        hint = "" if partners_exist else " Name partners in the mapping of your files (docs/importing.md)."
        blocks.remark(f"No lead of these months names a partner: these are all deals, whatever brought them.{hint}")
    blocks.remark(words.ignored(page, narrowed, channels))
    lacking_rate = page.own.unconverted
    if lacking_rate:
        deals = wording.several(lacking_rate, "won deal")
        blocks.remark(f"{deals} of the period {'has' if lacking_rate == 1 else 'have'} no rate and no part in any sum.")
