"""Partner managers: who wins, how fast, and how sure is that?

Where no deal names a partner, the page answers the same for all deals and their channels.
"""

import streamlit as st

from dashboard import blocks, filters, frames, states, wording
from dashboard.charts import incidence
from dashboard.frames import velocity as asked
from dashboard.metrics.velocity import MARKS
from dashboard.settings import settings
from dashboard.views import comparison, headline, overview, velocity, velocity_parts, velocity_tables

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
blocks.headline(
    velocity.answer(who, when, shown, others, lost_known, everybody),
    velocity.second(shown, others, then if lost_known else None, versus, sure),
)
states.sources(shown.incomplete)
offered = asked.splits(period)
if not overview.has_numbers(now) and not offered:
    filters.offer_default(choices)
    st.stop()

rates, speed = st.columns(2) if lost_known else (None, st.container())
if rates is not None:
    subtitle = f"Deals closed in {name}; open deals are not in it. n at the right, 95 % intervals"
    title = "In which channel is how much won?" if everybody else "Who wins how often?"
    with rates, blocks.panel(title, subtitle, "shrunken_win_rate", "pool", "win_rate", "interval"):
        if everybody:
            velocity_parts.channel_forest(now.channels)
        else:
            velocity_parts.partner_forest(now.partners, now.prior)
with speed, blocks.panel("How many deals are won by when?", velocity.basis(as_of, name), "incidence"):
    if offered:
        by = velocity_tables.split(offered)
        groups = asked.group_incidences(period, chosen, by)
        figure = incidence.cumulative(velocity.curves(groups, by), MARKS, velocity.top(groups))
        blocks.chart(figure, velocity.incidence_in_words(groups, by), "incidence")
        velocity_tables.groups(velocity.group_table(groups, by))
    else:
        states.too_little("No deal was opened in these 24 months.")
if everybody:
    st.stop()

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
