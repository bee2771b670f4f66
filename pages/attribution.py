"""Marketing: who gets how much credit for a deal, and does it add up?

Where nobody names a partner, the page answers for channels; where no touch is recorded, by the source of the leads.
"""

import streamlit as st

from dashboard import blocks, filters, frames, states, wording
from dashboard.frames import attribution as asked
from dashboard.settings import settings
from dashboard.views import attribution as words
from dashboard.views import attribution_choice, attribution_lines, headline, overview
from dashboard.views import attribution_panels as panels

choices, chosen = frames.choices(), filters.chosen()
if choices.earliest is None:
    states.empty()
    st.stop()

head, period, as_of = st.container(), chosen.period, frames.freshness().as_of
choice = attribution_choice.ask()
found = asked.attribution(period, chosen, choice.options, choice.base)
choice = attribution_choice.possible(choice, found)
ids, currency = chosen.partner_ids(choices), settings().currency
name = wording.period_name(period.label, settings().fiscal_year_start)
when = headline.Setting(name, as_of >= period.end, period.start <= as_of, currency)
page = words.of_page(frames.performance(period, chosen).totals, choice.base)
about, said = overview.subject(ids, choices.partners), words.remarks(found, currency)

with head:
    blocks.headline(words.answer(about, when, choice.rule, found, ids, page))
    states.sources(found.incomplete)
attribution_choice.explain(choice)
blocks.remark(words.narrowed(ids is not None))
if not found.total.deals:
    filters.offer_default(choices)

basis = panels.basis(name, found, choice)
if found.total.cents:
    blocks.cards(words.cards(found, choice.rule, ids, currency))
    for line in said:
        blocks.remark(line)
    kind = panels.leading(found)
    panels.charts_of(found, attribution_lines.rows(found, kind, choice), kind, choice, basis, currency)

tabs = dict(zip(panels.TITLES, st.tabs(panels.TITLES, key="credit_part", bind="query-params"), strict=True))
for title, tab in tabs.items():
    if tab.open:
        with tab:
            panels.part(title, found, choice, basis, currency)
