"""Executives: what did partners bring, is it on target, and do partner leads convert better?"""

import streamlit as st

from dashboard import blocks, cards, comparison, filters, frames, headline, movers, overview, states, wording
from dashboard.charts import arr, channels, trend
from dashboard.settings import settings

choices, chosen = frames.choices(), filters.chosen()
if choices.earliest is None:
    states.empty()
    st.stop()

currency, fiscal = settings().currency, settings().fiscal_year_start
period, as_of = chosen.period, frames.freshness().as_of
versus = comparison.fair(period, chosen.compared, as_of, settings())
now = frames.performance(period, chosen)
before = frames.performance(versus.period, chosen) if versus else None
name, over = wording.period_name(period.label, fiscal), as_of >= period.end
partners, then = now.partner_sourced, before.partner_sourced if before else None

when = headline.Setting(name, over, period.start <= as_of, currency)
who = overview.subject(chosen.partner_ids(choices), choices.partners)
blocks.headline(headline.arr(who, when, partners, then, versus), headline.eqls(when, partners, then, versus))
states.sources(partners.incomplete)
if not overview.has_numbers(now):
    filters.offer_default(choices)
    st.stop()

months = overview.series(frames.months(period, chosen), running=not over)
blocks.cards(cards.overview(cards.Pair(partners, then, versus), currency, months))

rows = overview.conversions(partners, frames.performance(period, filters.without_partners(chosen)).channels)
left, right = st.columns(2)
with left, blocks.panel("Is partner ARR on target?", "Partner-sourced deals won, by closing quarter", "arr", "target"):
    bars, tiers = overview.quarters(frames.quarters(period, chosen), over, fiscal)
    figure = arr.by_quarter(bars, tiers, currency, channels.height(rows))
    blocks.chart(figure, overview.quarters_in_words(bars, currency), "arr")
subtitle = f"Leads created in {name}, with 95 % intervals; grey and dashed: reference{overview.young(partners)}"
with right, blocks.panel("Do partner leads convert better?", subtitle, "eql_to_won", "interval", "reference"):
    blocks.chart(channels.comparison(rows), overview.conversions_in_words(rows), "channels")

weeks = overview.whole_weeks(frames.trend(period, chosen), period.end.date(), over)
runs = overview.week_runs(weeks, as_of)
subtitle = f"Partner-sourced, week by week; {name} shaded{'; hollow: this week so far' if runs else ''}"
title = "Do traffic, EQLs, SQLs, wins and ARR move together?"
with blocks.panel(title, subtitle, "traffic", "eql", "sql_stage", "arr"):
    panels = overview.panels(weeks, currency, runs)
    shaded = (str(period.start.date()), str(period.end.date()))
    figure = trend.weekly(weeks["week"].to_numpy(), panels, shaded, runs)
    blocks.chart(figure, overview.weeks_in_words(panels, weeks.height), "trend")

if versus and before:
    subtitle = f"Pipeline created in {name} against {versus.name}"
    with blocks.panel("Whose pipeline moved most?", subtitle, "pipeline_created"):
        moved = movers.movers(now.partners, before.partners)
        each = {
            m.partner_id: overview.four_weeks(frames.trend(period, filters.only(chosen, m.partner_id))) for m in moved
        }
        if moved:
            blocks.movers(movers.table(moved, each), currency)
        else:
            states.too_little("No partner's pipeline changed.")
