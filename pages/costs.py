"""Partner managers: what does the programme cost, what does it return, and what should stop?"""

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard import blocks, filters, frames, states, wording
from dashboard.frames import cost_page as asked
from dashboard.settings import settings
from dashboard.views import (
    content,
    cost_editor,
    cost_page,
    cost_page_parts,
    costs_document,
    exports,
    headline,
    overview,
    prospects,
)

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
answer, second = cost_page.answer(page, who, when, bool(choices.partners)), cost_page.second(page, when)
cards = cost_page.cards(page, currency, cost_page.references(settings()))
blocks.headline(answer, second)
states.sources(page.programme.incomplete)
blocks.remark(cost_page.ignored(chosen.partner_ids(choices) is not None, bool(chosen.channels)))
blocks.cards(cards)

PARTS: dict[str, Callable[[], object]] = {
    "Return": lambda: cost_page_parts.returned(page, name),
    "Cost table": lambda: cost_editor.draw(period),
    "Content": lambda: content.draw(period, chosen),
    "Prospects": lambda: prospects.draw(period, chosen),
    "Pilots": lambda: cost_page_parts.pilots(page),
}
for tab, draw in zip(st.tabs(list(PARTS), key="part", bind="query-params"), PARTS.values(), strict=True):
    if tab.open:
        with tab:
            draw()

filtered = filters.summary(chosen, choices)
head = exports.Head(f"costs-{period.label}", "Costs and return", name, [answer, second], filtered, as_of)
exports.offer(head.stem, partial(costs_document.document, head, page, cards, when, period, chosen))
