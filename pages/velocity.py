"""Partner managers: who wins, how fast, and how sure is that?

Where no deal names a partner, the page answers the same for all deals and their channels.
"""

from functools import partial

import streamlit as st

from dashboard import blocks, filters, frames, states, wording
from dashboard.frames import velocity as asked
from dashboard.settings import settings
from dashboard.views import comparison, exports, headline, overview, velocity, velocity_document, velocity_parts

choices, chosen = frames.choices(), filters.chosen()
if choices.earliest is None:
    states.empty()
    st.stop()

period, as_of = chosen.period, frames.freshness().as_of
versus = comparison.fair(period, chosen.compared, as_of, settings())
asked.prepare(period, *([versus.period] if versus else []))
now, before = frames.performance(period, chosen), frames.performance(versus.period, chosen) if versus else None
name, over = wording.period_name(period.label, settings().fiscal_year_start), as_of >= period.end
everybody, lost_known = asked.of_everybody(period, chosen), asked.lost_known(period)
shown = now.totals if everybody else now.partner_sourced
then = (before.totals if everybody else before.partner_sourced) if before else None

when = headline.Setting(name, over, period.start <= as_of, settings().currency)
who = overview.subject(chosen.partner_ids(choices), choices.partners)
others = None if everybody else now.not_partner_sourced
sure = "" if everybody or not lost_known else velocity.certainty(now.partners, now.prior)
said = [
    velocity.answer(who, when, shown, others, lost_known, everybody),
    velocity.second(shown, others, then if lost_known else None, versus, sure),
]
blocks.headline(*said)
states.sources(shown.incomplete)
offered = asked.splits(period)
if not overview.has_numbers(now) and not offered:
    filters.offer_default(choices)
    st.stop()

places = st.columns(2) if lost_known else [st.container()]
drawn: list[blocks.Drawn | None] = []
if lost_known:
    with places[0]:
        drawn.append(velocity_parts.rates(now, everybody, name))
with places[-1]:
    drawn.append(velocity_parts.by_when(period, chosen, offered, velocity.basis(as_of, name)))

if not everybody:
    every, lift, earning, worth = st.tabs(velocity_parts.TITLES, key="part", bind="query-params")
    if every.open:
        with every:
            velocity_parts.every_partner(now.partners, name)
    if lift.open:
        with lift:
            velocity_parts.lift(asked.lifts(period, chosen), name)
    if earning.open:
        with earning:
            velocity_parts.earning(now.partners, before, versus, asked.sales_velocities(period, chosen), name)
    if worth.open:
        with worth:
            velocity_parts.worth(asked.contract_values(period, chosen), name)

filtered, shown_charts = filters.summary(chosen, choices), [own for own in drawn if own]
head = exports.Head(f"velocity-{period.label}", "Win rate and velocity", name, said, filtered, as_of)
shows = velocity_document.Shows(head, period, chosen, now, before, everybody, shown_charts)
exports.offer(head.stem, partial(velocity_document.document, shows))
