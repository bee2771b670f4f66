"""Executives: what ARR did partners bring, why did it change, what did it cost, and what is coming?

Where the data name no partner, the page answers the same for all deals.
"""

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard import blocks, filters, frames, states, wording
from dashboard.frames import arr_page as asked
from dashboard.settings import settings
from dashboard.views import arr_document, channel_page, comparison, exports, forecast, headline, overview, vitals
from dashboard.views import arr_page_parts as parts
from dashboard.views import arr_page_words as words

choices, chosen = frames.choices(), filters.chosen()
if choices.earliest is None:
    states.empty()
    st.stop()

currency, fiscal = settings().currency, settings().fiscal_year_start
period, as_of = chosen.period, frames.freshness().as_of
versus = comparison.fair(period, chosen.compared, as_of, settings())
page = asked.page(period, versus.period if versus else None, chosen)
name, over = wording.period_name(period.label, fiscal), as_of >= period.end
when = headline.Setting(name, over, period.start <= as_of, currency)
who = overview.subject(chosen.partner_ids(choices), choices.partners)

narrowed = chosen.partner_ids(choices) is not None or bool(chosen.channels)
first = words.headline(who, when, page, versus)
blocks.headline(first)
states.sources(parts.incomplete(page))
if not any(own.total.won_deals for own in page.quarters):
    filters.offer_default(choices)
    st.stop()

told: list[tuple[str, Callable[[], str]]] = [
    (words.question(who, page.everybody), partial(words.what, when, page, narrowed)),
    ("Is it growing, and why?", partial(words.growth, when, page, versus)),
    ("What did it cost?", partial(vitals.sentence, period, chosen)),
    ("Where should the next money go?", partial(channel_page.next_euro, period, chosen)),
    ("What is coming?", partial(forecast.sentence, period, chosen)),
]
places = parts.questions([question for question, _ in told])
for place, (_, tell) in list(zip(places, told, strict=True))[:2]:
    parts.answer(place, "", tell)
parts.remark(page, bool(choices.partners), narrowed, bool(chosen.channels))

with_arr = any(own.total.arr_cents for own in page.quarters)
time, why = st.columns(2) if with_arr else (st.container(), None)
with time, st.container(border=True, height="stretch"):
    parts.over_time(page, fiscal)
subtitle = "Parts of the difference, each at the average of the others; line: 95 % interval"
if why is not None:
    with why, blocks.panel("Why did it change?", subtitle, "arr_change", "arr_change_interval"):
        than = comparison.fair(period, parts.against(chosen), as_of, settings())
        shown = page if than == versus else asked.page(period, than.period if than else None, chosen)
        parts.why(shown.change, wording.beginning(than.short) if than else "", name)

for place, (_, tell) in list(zip(places, told, strict=True))[2:]:
    parts.answer(place, "Adding up …", tell)

titles = parts.tabs(page)
for title, tab in zip(titles, st.tabs(titles, key="part", bind="query-params"), strict=True):
    if tab.open:
        with tab:
            if title == parts.WHO:
                parts.who(page, versus, name)
            elif title == parts.LARGEST:
                parts.largest(page, name, narrowed)
            else:
                (forecast if title == parts.COMING else vitals).draw(period, chosen)

answers: list[tuple[str, Callable[[], str]]] = [("", lambda: first), *told]
said = filters.summary(chosen, choices)
make = partial(arr_document.document, page, versus, when, chosen, answers, said)
exports.offer(arr_document.stem(page), make)
