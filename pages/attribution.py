"""Marketing: who gets how much credit for a deal, and does it add up?

Where nobody names a partner, the page answers for channels; where no touch is recorded, by the source of the leads.
"""

from functools import partial

import streamlit as st

from dashboard import blocks, filters, frames, states
from dashboard.views import attribution as words
from dashboard.views import attribution_choice, attribution_document, attribution_scene, exports, payouts
from dashboard.views import attribution_panels as panels
from dashboard.views import attribution_pictures as pictures

choices, chosen = frames.choices(), filters.chosen()
if choices.earliest is None:
    states.empty()
    st.stop()

head = st.container()
choice = attribution_choice.ask()
scene = attribution_scene.scene(chosen.period, chosen, choice)

with head:
    blocks.headline(attribution_scene.answer(scene), attribution_scene.second(scene))
    states.sources(scene.found.incomplete)
blocks.remark(f"**{words.NAMES[scene.rule]}.** {words.explained(scene.rule, choice.options)}")
blocks.remark(words.narrowed(scene.ids is not None))
blocks.remark(attribution_scene.instead(scene, chosen))
if not scene.found.total.deals:
    filters.offer_default(choices)

if scene.found.total.cents:
    if cards := words.cards(scene.found, scene.rule, scene.ids, scene.currency):
        blocks.cards(cards)
    for line in words.remarks(scene.found, scene.currency):
        blocks.remark(line)
    panels.charts_of(scene, pictures.leading(scene), attribution_scene.certain(scene, chosen))

tabs = st.tabs(panels.TITLES, key="credit_part", bind="query-params")
for title, tab in zip(panels.TITLES, tabs, strict=True):
    if tab.open:
        with tab:
            panels.part(title, scene, chosen)

document = partial(attribution_document.document, scene, chosen, payouts.rule_said())
exports.offer(attribution_document.stem(scene), document)
