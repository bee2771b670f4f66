"""Partner managers: how is this partner doing, and what should we do next? One partner, also on paper."""

import streamlit as st

from dashboard import blocks, filters, frames, navigation, states, wording
from dashboard.charts import partner as charts
from dashboard.frames import partner as asked
from dashboard.settings import settings
from dashboard.views import comparison, headline, partner, partner_blocks, partner_charts, partner_tables

choices, chosen = frames.choices(), filters.chosen()
if choices.earliest is None:
    states.empty()
    st.stop()
if not choices.partners:
    partner_blocks.nobody()
    st.stop()

partner_blocks.paper()
currency, zone, fiscal = settings().currency, settings().time_zone, settings().fiscal_year_start
period, as_of = chosen.period, frames.freshness().as_of
versus = comparison.fair(period, chosen.compared, as_of, settings())
default = asked.default_partner(period, chosen.partner_ids(choices))
with st.container(horizontal=True, vertical_alignment="bottom"):
    partner_id = partner_blocks.chooser(choices.partners, default)
    pack = st.container(horizontal=True, width="content")
page = asked.partner_page(period, versus.period if versus else None, partner_id)
made = asked.decided(partner_id)
name, over = wording.period_name(period.label, fiscal), as_of >= period.end
when = headline.Setting(name, over, period.start <= as_of, currency)

st.header(wording.plain(page.partner.name), anchor=False)
st.caption(partner.who(page.partner))
blocks.headline(partner.answer(page, when, versus), partner.limits(page, when))
states.sources(page.own.summary.incomplete)
blocks.remark(partner.ignored(chosen.partner_ids(choices) is not None, chosen.channels))
with pack:
    partner_blocks.pack(page, when, versus)
blocks.cards(partner.cards(page, versus, currency))

left, right = st.columns(2)
others = partner.peers_name(page.peers)
with left, blocks.panel("How does it compare?", f"{partner.compared_with(page.peers)} {name}", "standing"):
    rows = partner_charts.standings(page.compared, currency)
    blocks.chart(charts.standings(rows), partner_charts.standings_in_words(page.compared), "standings")
    blocks.remark(f"{partner_charts.best_and_worst(page.compared)}.")
with right, blocks.panel("What did it bring?", f"12 months up to the end of {name}", "traffic", "weighted_pipeline"):
    then = versus.name if versus else None
    partner_blocks.static(partner_tables.brought(page, name, then, currency))
    blocks.remark(partner_tables.open_in_words(page.open, page.typical, currency))

left, right = st.columns(2)
with (
    left,
    blocks.panel("Where do its leads get lost?", f"Leads created in {name}; with {others}", "cohort", "interval"),
):
    steps = partner_charts.funnel(page.funnel)
    blocks.chart(charts.funnel(steps, others), partner_charts.funnel_in_words(steps), "steps")
    blocks.remark(partner_charts.counts_in_words(page.funnel))
with right, blocks.panel("How fast are its deals won?", "Deals opened in 24 months, with 95 % bands", "cumulative_won"):
    own, peers = partner_charts.curve(page.curve), partner_charts.curve(page.peer_curve)
    days = partner_charts.AT_RISK_DAYS
    blocks.chart(charts.won_over_time(own, peers, others, days), partner_charts.curves_in_words(page), "won")
    blocks.remark(f"{partner_charts.speed_title(page)}.")

typical = partner_tables.typical_in_words(page.typical)
with blocks.panel("Which deals are in progress, and which are late?", typical, "typical_days", "weighted_pipeline"):
    partner_blocks.deals(page, currency)

words = partner_tables.pages_in_words(page.pages, currency)
with blocks.panel("Which pages bring it?", words, "pipeline_per_referring_page"):
    picked = partner_blocks.pages(page, currency)
if picked:
    navigation.go("leads", of=partner_id, group="asset", value=picked)

with blocks.panel("Which gaps in the data hurt it?", "Leads and deals of 12 months", "data_gaps"):
    if partner_blocks.gaps(page):
        navigation.go("leads", of=partner_id)
with blocks.panel("What was decided so far?", "Decisions of the quarterly reviews, the newest first"):
    partner_blocks.decisions(made.decisions, currency, zone, fiscal)
