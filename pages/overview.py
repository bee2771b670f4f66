"""Executives: what did partners bring, is it on target, and do partner leads convert better?

Where the data name no partner, the page answers the same for all leads and deals.
"""

import streamlit as st

from dashboard import blocks, filters, frames, states, wording
from dashboard.charts import arr, channels, trend
from dashboard.settings import settings
from dashboard.views import cards, comparison, headline, known, movers, overview

choices, chosen = frames.choices(), filters.chosen()
if choices.earliest is None:
    states.empty()
    st.stop()

currency, fiscal = settings().currency, settings().fiscal_year_start
period, as_of = chosen.period, frames.freshness().as_of
versus = comparison.fair(period, chosen.compared, as_of, settings())
frames.prepare(period, *([versus.period] if versus else []))
now, before = frames.performance(period, chosen), frames.performance(versus.period, chosen) if versus else None
name, over = wording.period_name(period.label, fiscal), as_of >= period.end
facts, everybody = frames.known(period), frames.of_everybody(period, chosen)
shown = now.totals if everybody else now.partner_sourced
then = (before.totals if everybody else before.partner_sourced) if before else None

when = headline.Setting(name, over, period.start <= as_of, currency)
if not everybody and (facts.arr or not overview.has_numbers(now)):
    who = overview.subject(chosen.partner_ids(choices), choices.partners)
    blocks.headline(headline.arr(who, when, shown, then, versus), headline.eqls(when, shown, then, versus))
else:
    whose = overview.whose(chosen.partner_ids(choices), choices.partners, everybody)
    answer = headline.leads(whose, when, shown, facts.dated_deals)
    blocks.headline(answer, headline.leads_against(when, shown, then, versus))
states.sources(shown.incomplete)
if everybody:
    blocks.remark(known.no_partner(bool(choices.partners)))
if not overview.has_numbers(now):
    filters.offer_default(choices)
    st.stop()

months = overview.series(frames.months(period, chosen), running=not over)
blocks.cards(cards.overview(cards.Pair(shown, then, versus), currency, months, facts))
blocks.remark(known.not_given(facts))

if everybody:
    rows, owner, better = overview.all_conversions(now.channels), "", "Which channel's leads convert best?"
else:
    others = frames.performance(period, filters.without_partners(chosen)).channels
    rows, owner, better = overview.conversions(shown, others), "partner ", "Do partner leads convert better?"
unit, measure, what = (currency, "arr", f"{owner}ARR") if facts.arr else (None, "won", f"{owner}deals")
counted = (frames.quarters if facts.arr else frames.won_quarters)(period, chosen)
bars, tiers = overview.quarters(counted, over, fiscal, measure, "All deals" if everybody else "No tier")

places = list(st.columns(2)) if bars and facts.lead_wins else [st.container()] * 2
if bars:
    subtitle = f"{'Deals' if everybody else 'Partner-sourced deals'} won, by closing quarter"
    question, entry = overview.quarters_title(bars, what), "arr" if unit else "won_deals"
    with places[0], blocks.panel(question, subtitle, entry, "target"):
        marks = overview.quarter_ticks(bars, whole=unit is None)
        figure = arr.by_quarter(bars, tiers, unit, channels.height(rows), marks)
        blocks.chart(figure, overview.quarters_in_words(bars, unit), "arr")
if facts.lead_wins:
    grey = "; grey and dashed: reference" if any(row.reference for row in rows) else ""
    subtitle = f"Leads created in {name}, with 95 % intervals{grey}{overview.young(shown)}"
    rate = "eql_to_won" if facts.eqls else "lead_to_won"
    with places[1], blocks.panel(better, subtitle, rate, "interval", "reference"):
        blocks.chart(channels.comparison(rows), overview.conversions_in_words(rows), "channels")

weeks = overview.whole_weeks(frames.trend(period, chosen), period.end.date(), over)
runs = overview.week_runs(weeks, as_of)
about = "All leads and deals" if everybody else "Partner-sourced"
subtitle = f"{about}, week by week; {name} shaded{'; hollow: this week so far' if runs else ''}"
with blocks.panel(overview.trend_title(facts), subtitle, *overview.trend_terms(facts)):
    panels = overview.panels(weeks, currency, runs, facts)
    shaded = (str(period.start.date()), str(period.end.date()))
    figure = trend.weekly(weeks["week"].to_numpy(), panels, shaded, runs)
    blocks.chart(figure, overview.weeks_in_words(panels, weeks.height), "trend")

if versus and before and facts.partners and facts.pipeline:
    subtitle = f"Pipeline created in {name} against {versus.name}"
    with blocks.panel("Whose pipeline moved most?", subtitle, "pipeline_created"):
        moved = movers.movers(now.partners, before.partners)
        weekly = frames.partner_weeks(period, chosen)
        each = {m.partner_id: overview.four_weeks(weekly[m.partner_id]) for m in moved}
        if moved:
            blocks.movers(movers.table(moved, each), currency)
        else:
            states.too_little("No partner's pipeline changed.")
