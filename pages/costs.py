"""Partner managers: what does the programme cost, what does it return, and what should stop?"""

from collections.abc import Callable

import streamlit as st

from dashboard import blocks, filters, frames, states, wording
from dashboard.frames import cost_page as asked
from dashboard.settings import settings
from dashboard.views import cost_page, cost_page_parts, headline, overview

choices, chosen = frames.choices(), filters.chosen()
if choices.earliest is None:
    states.empty()
    st.stop()

currency, fiscal = settings().currency, settings().fiscal_year_start
period, as_of = chosen.period, frames.freshness().as_of
name = wording.period_name(period.label, fiscal)
page = asked.cost_page(period, chosen)

when = headline.Setting(name, as_of >= period.end, period.start <= as_of, currency)
who = overview.subject(chosen.partner_ids(choices), choices.partners)
blocks.headline(cost_page.answer(page, who, when, bool(choices.partners)), cost_page.second(page, when))
states.sources(page.programme.incomplete)
blocks.remark(cost_page.ignored(chosen.partner_ids(choices) is not None, bool(chosen.channels)))
blocks.cards(cost_page.cards(page, currency, {}))

TITLES = ("Return", "Cost table", "Pilots")
PARTS: tuple[Callable[[], object], ...] = (
    lambda: cost_page_parts.returned(page, name),
    lambda: None,
    lambda: cost_page_parts.pilots(page),
)
for tab, draw in zip(st.tabs(TITLES, key="part", bind="query-params"), PARTS, strict=True):
    if tab.open:
        with tab:
            draw()
