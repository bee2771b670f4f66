"""Partner managers: which leads are behind a number? The last step down from every chart, and a list to take along."""

import streamlit as st

from dashboard import blocks, filters, frames, navigation, states, wording
from dashboard.frames import leads as questions
from dashboard.frames.qualification import active_model
from dashboard.metrics.qualification import waterfall_gates
from dashboard.settings import settings
from dashboard.views import lead_link, lead_table, leads

choices, chosen = frames.choices(), filters.chosen()
if choices.earliest is None:
    states.empty()
    st.stop()

link = {name: st.query_params.get_all(name) for name in lead_link.PARAMETERS if name in st.query_params}
asked = lead_link.read_link(
    link,
    chosen.period,
    frames.selection(chosen),
    lambda: frames.of_everybody(chosen.period, chosen),
    (partner.partner_id for partner in choices.partners),
    settings(),
)
stop = lead_link.read_stop(asked, st.query_params.get(lead_table.PLACE))
count, model = questions.count(asked.period, asked.query), active_model().model
found = questions.page(asked.period, asked.query, stop.after, stop.before)

names = leads.names(asked.query, choices.partners, found)
answer = leads.sentence(asked, count, names, waterfall_gates(model), settings().fiscal_year_start)
blocks.headline(answer)
states.sources()
for note in asked.notes:
    st.warning(wording.plain(note), icon=":material/link_off:")
if asked.period != chosen.period:
    name = wording.period_name(asked.period.label, settings().fiscal_year_start)
    blocks.remark(f"The link asks for leads of {name}; the period beside does not apply here, the other filters do.")
navigation.back(otherwise="funnel")

if count == 0:
    states.too_little("No lead meets all of this: take a filter away, or choose another period.")
    st.stop()
lead_table.rows(leads.listed(found, model), answer)
lead_table.pager(asked, stop, found, count)
lead_table.download(
    lambda: leads.as_csv(questions.batches(asked.period, asked.query), model),
    asked.period.label.replace("..", "-to-"),
    count,
    questions.MOST_EXPORTED,
)
