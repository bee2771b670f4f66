"""Partner managers: where do leads get lost, in which group, and since when?

Where the data name no partner, the page answers the same for all leads.
"""

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard import blocks, filters, frames, states, wording
from dashboard.frames import funnel as questions
from dashboard.settings import settings
from dashboard.views import exports, funnel, funnel_blocks, funnel_document, known, overview, qualification

choices, chosen = frames.choices(), filters.chosen()
if choices.earliest is None:
    states.empty()
    st.stop()

period, as_of = chosen.period, frames.freshness().as_of
name = wording.period_name(period.label, settings().fiscal_year_start)
questions.prepare(period)
whole = questions.whole(period, chosen)
present, everybody = whole.present, whole.everybody

whose = overview.whose(chosen.partner_ids(choices), choices.partners, everybody)
said = funnel.answer(whose, name, period.start <= as_of, whole.funnel, present)
early = funnel.too_early(whole.funnel, present)
blocks.headline(said, early)
states.sources()
if everybody:
    blocks.remark(known.no_partner(bool(choices.partners)))
if not whole.leads:
    filters.offer_default(choices)
    st.stop()
if funnel_blocks.too_few_stages(present):
    st.stop()

funnel_blocks.keep_place()
leads = whose.several(whole.leads, "lead")
subtitle = f"{wording.beginning(leads)} created in {name}, as of {wording.day(as_of)}; with 95 % intervals"
left, right = st.columns(2)
with left:
    drawn = [funnel_blocks.stages(whole, subtitle)]
with right:
    compared = funnel_blocks.groups(whole, subtitle, period, chosen)
by, step, found = compared.by, compared.step, compared.groups
funnel_blocks.list_leads(whole, by, found)

TITLES = ("All steps", "A against B", "By month", "Time to convert", "What goes with it", "Qualification")
PARTS: tuple[Callable[[], object], ...] = (
    lambda: funnel_blocks.table(whole, period, chosen, by, found),
    lambda: funnel_blocks.pair(whole, period, chosen, by, found),
    lambda: funnel_blocks.months(whole, period, chosen, step),
    lambda: funnel_blocks.time(whole, period, chosen, step, name),
    lambda: funnel_blocks.association(whole, period, chosen, subtitle),
    lambda: qualification.panel(period, chosen),
)
for tab, draw in zip(st.tabs(TITLES, key="part", bind="query-params"), PARTS, strict=True):
    if tab.open:
        with tab:
            draw()

drawn += [compared.drawn] if compared.drawn else []
filtered = filters.summary(chosen, choices)
head = exports.Head(f"funnel-{period.label}", "Funnel", name, [said, early], filtered, as_of)
shows = funnel_document.Shows(head, period, chosen, whole, by, step, found, drawn)
exports.offer(head.stem, partial(funnel_document.document, shows))
