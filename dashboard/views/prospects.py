"""Which backlink prospects first? The tab "Prospects" of Costs and return."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import blocks, frames, states, wording
from dashboard.charts import prospects as charts
from dashboard.frames import content as assets
from dashboard.frames import prospects as asked
from dashboard.glossary import term
from dashboard.metrics.prospects import Prospects
from dashboard.period import Period
from dashboard.settings import settings
from dashboard.views import content_tables as tables
from dashboard.views import prospects_words as words

if TYPE_CHECKING:
    from dashboard.filters import Filters


def draw(period: Period, chosen: Filters) -> None:
    """The panels of the tab; the page owns headline and tabs."""
    with st.spinner("Learning from existing pages, and testing that on partners left out …"):
        found = asked.prospects(period)
    if not found.pages:
        states.too_little("No page of a prospect is known: import partners with status prospect, and their pages.")
        return
    currency = settings().currency
    honest = words.honest(found.back_test) if found.pages[0].rank is not None else ""
    st.markdown(f"**{words.answer(found, currency)}** {honest}".replace("$", "\\$"))
    if chosen.partner_ids(frames.choices()) is not None or chosen.channels:
        blocks.remark(words.IGNORED)
    keys = [page.asset_id for page in found.pages]
    titles, names = assets.titles(period, keys), frames.choices().names
    name = wording.period_name(period.label, settings().fiscal_year_start)
    if found.pages[0].rank is not None:
        _picture(found, names, titles, name)
    else:
        states.too_little(words.TOO_LITTLE)
    tables.table(words.columns(found.pages, names, titles), "Pages of prospects, one a row", **_CONFIG)


def _picture(found: Prospects, names: Mapping[str, str], titles: Mapping[str, Mapping[str, Any]], name: str) -> None:
    currency = settings().currency
    rows = words.rows(found.pages, names, {key: str(own["title"] or key) for key, own in titles.items()}, currency)
    left = f"; the first {len(rows)} of {len(found.pages)}" if len(rows) < len(found.pages) else ""
    about = (
        f"Estimated from {wording.several(found.taught_by, 'page')} of {wording.several(found.partners, 'partner')} "
        f"over the 12 months up to the end of {name}; line: 90 % of such pages, averaged over a year{left}"
    )
    terms = ("expected_pipeline", "pipeline_interval", "rank_by_rating", "rank_correlation")
    with blocks.panel("Which page may bring most?", about, *terms):
        blocks.chart(charts.ranked(rows, words.ticks(rows, currency)), words.rows_in_words(rows), "prospects")
        blocks.remark(" ".join((words.rating_sentence(found.rating_effect), words.calibration(found.back_test))))


_CONFIG = {
    "Nothing in a year": st.column_config.NumberColumn(format="%.0f\u202f%%", help=term("pipeline_interval").help),
    "Domain rating": st.column_config.NumberColumn(format="%.0f", help=term("domain_rating").help),
    "By rating": st.column_config.NumberColumn(help=term("rank_by_rating").help),
}
