"""What stands on the page "Channels" below its first line? Charts beside each other, then tabs drawn when opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
import polars as pl
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard import blocks, states, wording
from dashboard.charts import channel_page as charts
from dashboard.charts import channels
from dashboard.metrics.campaigns import Rivalry
from dashboard.metrics.channel_value import Comparison
from dashboard.views import channel_page as words
from dashboard.views import channel_page_rows as rows
from dashboard.views.kept import kept
from dashboard.views.overview import conversions_in_words

# Pixels: what a name needs, and how much of a phone it may take.
_LETTER, _PADDING, _NARROW, _WIDE = 6, 28, 80, 150
TITLES = ("Channels", "Cost of a lead", "Largest campaign", "Move money")


def converting(found: Comparison, name: str, whose: str) -> None:
    """Do partner leads convert better? Dots and whiskers with the references."""
    shown = rows.conversions(found, whose)
    grey = "; grey and dashed: reference" if any(row.reference for row in shown) else ""
    early = words.young(found)
    about = f"Leads created in {name}, with 95 % intervals{grey}{f'. {early}' if early else ''}"
    with blocks.panel(
        words.converting_title(found, whose), about, "channel_line", "eql_to_won", "interval", "reference"
    ):
        if not shown:
            states.too_little("No lead was created in this period. Choose another one.")
            return
        figure = kept("conversions", shown, lambda: channels.comparison(shown))
        blocks.chart(figure, conversions_in_words(shown), "conversions")


def returning(found: Comparison, name: str, currency: str, whose: str) -> None:
    """What does each unit of cost bring? Dots and whiskers, lines without costs named."""
    shown = rows.returns(found, currency, whose)
    about = f"ARR of deals won in {name} ÷ what was spent in {name}, with 95 % intervals"
    with blocks.panel(f"What does each {words.unit(currency)} come with?", about, "arr_per_cost", "interval"):
        blocks.chart(_dots("returns", shown, currency), rows.in_words(shown), "returns")
        blocks.remark(_without_cost(found, whose))


def _dots(name: str, shown: Sequence[charts.Row], currency: str, level: float | None = None) -> go.Figure:
    return kept(name, (shown, level), lambda: charts.dots(shown, rows.marks(shown, currency), level))


def _without_cost(found: Comparison, whose: str) -> str:
    lines = [line for line in rows.listed(found) if line.arr_per_cost.value is None]
    names = [wording.plain(words.line_name(line, whose)) for line in lines]
    return f"No costs are known of {wording.enumeration(names)}." if names else ""


def every(found: Comparison, name: str, currency: str, whose: str) -> None:
    """All lines, first what became of their leads and deals, then their money."""
    about = f"Leads created and deals closed in {name}; qualified: EQLs of partners, MQLs of others"
    with blocks.panel(
        "What became of each channel's leads?", about, "channel_line", "win_rate", "median_days_to_close"
    ):
        _table(rows.table(found, whose), "Channels with their leads, conversions, win rates and median days to close")
    money = rows.money_table(found, currency, whose)
    if money:
        about = f"{name}, in {wording.symbol(currency).strip()}; in brackets the 95 % interval"
        terms = ("arr_per_cost", "cost_per_qualified", "cost_per_win")
        with blocks.panel("What did each cost and return?", about, *terms):
            _table(money, "Channels with costs, ARR, costs per case and contract values")
        blocks.remark(words.ASSOCIATION)


def _table(columns: Mapping[str, list[object]], alt: str) -> None:
    # Streamlit would turn Polars frames into those of pandas first, which takes longer than all the rest.
    frame = pl.DataFrame(columns, strict=False)
    texts = {heading: cells for heading, cells in columns.items() if any(isinstance(cell, str) for cell in cells)}
    st.dataframe(
        frame.to_arrow(compat_level=pl.CompatLevel.oldest()), hide_index=True, height="content", alt=alt,
        column_config=blocks.counts(frame) | {heading: _text(heading, cells) for heading, cells in texts.items()},
    )  # fmt: skip


def _text(heading: str, cells: Sequence[object]) -> ColumnConfig:
    """A column as wide as its longest text: left to itself it is as wide as the first ones. The names stay in sight."""
    needed = _LETTER * max(len(str(cell)) for cell in (heading, *cells)) + _PADDING
    if heading == "Channel":
        return st.column_config.TextColumn(pinned=True, width=max(_NARROW, min(needed, _WIDE)))
    return st.column_config.TextColumn(width=needed)


def costs(found: Comparison, name: str, currency: str, whose: str) -> None:
    """What does a qualified lead cost, beside the brief's references?"""
    shown = rows.qualified_costs(found, currency, whose)
    about = f"Cost ÷ EQLs of partners, ÷ MQLs of other channels, {name}; grey and dashed: reference"
    with blocks.panel("What does a qualified lead cost?", about, "cost_per_qualified", "reference"):
        if not shown:
            states.too_little("No costs stand beside qualified leads in this period.")
            return
        st.markdown(rows.against_references(found, currency, whose).replace("$", "\\$"))
        blocks.chart(_dots("lead_costs", shown, currency), rows.in_words(shown), "lead_costs")


def campaign(found: Rivalry, names: Mapping[str, str], name: str, currency: str) -> None:
    """Partners against the largest paid campaign, and all paid campaigns."""
    if found.largest is None or found.largest.name is None:
        states.too_little("No paid channel with media costs has leads of a named campaign in this period.")
        return
    one = found.largest
    title = "Which partners made more than the largest paid campaign?"
    about = (
        f"{wording.plain(one.name)} in {wording.plain(wording.label(one.channel))}: about "
        f"{wording.money(one.spend, currency)} spent, {wording.money(one.arr, currency)} ARR from "
        f"{wording.several(one.won_deals, 'won deal')}, {name}"
    )
    with blocks.panel(title, about, "largest_campaign", "interval"):
        st.markdown(words.together(found, currency).replace("$", "\\$"))
        shown = rows.rivals(found, names, currency)
        blocks.chart(_dots("rivals", shown, currency, one.arr), rows.in_words(shown), "rivals")
        if len(found.above) > len(shown) - 1:
            blocks.remark(f"The first {len(shown) - 1} of {wording.several(len(found.above), 'partner')} above it.")
    about = "A campaign's spend is its channel's cost × its share of the channel's leads"
    with blocks.panel("What did the paid campaigns bring?", about, "largest_campaign"):
        _campaigns(found, currency)


def _campaigns(found: Rivalry, currency: str) -> None:
    frame = pl.DataFrame(
        {
            "Campaign": [own.name or "no campaign named" for own in found.campaigns],
            "Channel": [wording.label(own.channel) for own in found.campaigns],
            "Leads": [own.leads for own in found.campaigns],
            "Spend (est.)": [own.spend for own in found.campaigns],
            "Won deals": [own.won_deals for own in found.campaigns],
            "ARR": [own.arr for own in found.campaigns],
        },
        strict=False,
    )
    money = {key: st.column_config.NumberColumn(format="compact") for key in ("Spend (est.)", "ARR")}
    st.dataframe(
        frame, hide_index=True, height="content" if frame.height <= 12 else 420,
        alt="Paid campaigns with leads, estimated spend, won deals and ARR",
        column_config={**blocks.counts(frame), "Campaign": st.column_config.TextColumn(pinned=True), **money},
    )  # fmt: skip
