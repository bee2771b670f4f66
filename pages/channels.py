"""Marketing: which channel brings most for its cost, and where should the next euro go?"""

from functools import partial

import streamlit as st

from dashboard import blocks, filters, frames, states, wording
from dashboard.frames import channel_page as asked
from dashboard.settings import settings
from dashboard.views import channel_page, channel_page_parts, channels_document, exports, reallocation

choices, chosen = frames.choices(), filters.chosen()
if choices.earliest is None:
    states.empty()
    st.stop()

period, as_of, currency = chosen.period, frames.freshness().as_of, settings().currency
asked.prepare(period)
name, over = wording.period_name(period.label, settings().fiscal_year_start), as_of >= period.end
found, names = asked.comparison(period, chosen), choices.names
if not channel_page.has_numbers(found):
    blocks.headline(f"There are no leads, deals or costs in {name}.")
    states.sources()
    filters.offer_default(choices)
    st.stop()

rivalry, partners = asked.rivalry(period, chosen), chosen.partner_ids(choices)
whose = channel_page.whose_line(partners, choices.partners)
said = [
    channel_page.answer(found, name, over, currency, channel_page.who(partners, choices.partners), whose),
    channel_page.next_euro(period, chosen),
    channel_page.agency(rivalry, names, currency),
]
blocks.headline(said[0], " ".join(filter(None, said[1:])))
states.sources(any(line.summary.incomplete for line in found.lines))

blocks.cards(channel_page.cards(found, currency))
costly = any(line.arr_per_cost.value is not None for line in found.lines)
places = st.columns(2) if costly else [st.container()]
if costly:
    with places[0]:
        channel_page_parts.returning(found, name, currency, whose)
with places[-1]:
    channel_page_parts.converting(found, name, whose)

every, costs, campaign, move = st.tabs(channel_page_parts.TITLES, key="part", bind="query-params")
if every.open:
    with every:
        channel_page_parts.every(found, name, currency, whose)
if costs.open:
    with costs:
        channel_page_parts.costs(found, name, currency, whose)
if campaign.open:
    with campaign:
        channel_page_parts.campaign(rivalry, names, name, currency)
if move.open:
    with move:
        reallocation.draw(period, chosen)

blocks.remark(channel_page.ignored(partners is not None or bool(chosen.channels), chosen.compared is not None))
histories, filtered = asked.histories(period), filters.summary(chosen, choices)
head = exports.Head(f"channels-{period.label}", "Channels", name, said, filtered, as_of)
exports.offer(head.stem, partial(channels_document.document, head, found, rivalry, histories, names, whose))
