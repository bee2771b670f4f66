"""What do AI assistants and AI overviews bring? Panels for the page that shows them."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboard import blocks, states, wording
from dashboard.charts import ai_referrals as charts
from dashboard.filters import Filters
from dashboard.frames import ai_referrals as asked
from dashboard.frames.performance import choices
from dashboard.period import Period
from dashboard.settings import settings
from dashboard.views import ai_referrals_words as words


def draw(period: Period, chosen: Filters) -> None:
    """The share of AI referrals, by source, partner and month, and which names were recognised."""
    found, currency = asked.ai_referrals(period, chosen), settings().currency
    name = wording.period_name(period.label, settings().fiscal_year_start)
    about = f"Leads and EQLs by their own moments, deals by opening and closing, in {name}; 95 % intervals"
    with blocks.panel("What do AI assistants and overviews bring?", about, "ai_referral", "ai_share"):
        blocks.headline(words.sentence(found, name, currency))
        if found.sources:
            _table(words.source_columns(found, currency), "AI referrals by source")
        blocks.remark(words.unknown(found))
        blocks.remark(words.LIMIT)
    if not any(month.brought.leads for month in found.months):
        states.too_little("No lead of these 13 months came from an AI assistant or an AI overview.")
        return
    trend, partners = st.columns(2)
    with trend, blocks.panel("Do they grow?", words.BY_MONTH, "ai_share", "interval"):
        months = [month.month for month in found.months]
        blocks.chart(charts.trend(months, words.series(found)), words.months_in_words(found), "ai_months")
    with partners, blocks.panel("To whom do they come?", f"AI referrals of {name}", "ai_referral"):
        if found.partners:
            _table(words.partner_columns(found, choices().partners, currency), "AI referrals by partner")
        else:
            states.too_little(f"None in {name}.")
    with st.expander("Which names were recognised?"):
        if found.names:
            _table(words.name_columns(found), "Names in utm_source that were recognised, with their leads")
        if found.lookalikes:
            st.caption("Not recognised, and not counted above, though the name looks like AI:")
            _table(words.lookalike_columns(found), "Names that look like AI and are not recognised")


def _table(columns: dict[str, list[object]], alt: str) -> None:
    first, frame = next(iter(columns)), pl.DataFrame(columns, strict=False)
    st.dataframe(
        frame,
        hide_index=True,
        height="content" if len(columns[first]) < _LONG else "auto",
        alt=alt,
        column_config=blocks.counts(frame)
        | {first: st.column_config.TextColumn(pinned=True)}
        | {name: st.column_config.NumberColumn(format="compact") for name in columns if name.startswith(_MONEY)},
    )


_LONG = 12
_MONEY = ("ARR", "Pipeline")
