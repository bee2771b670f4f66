"""Executives: what did partners bring, is it on target, and do partner leads convert better?

Where the data name no partner, the page answers the same for all leads and deals.
"""

from functools import partial

import streamlit as st

from dashboard import blocks, filters, frames, states, wording
from dashboard.charts import channels
from dashboard.settings import settings
from dashboard.views import cards, comparison, exports, headline, known, overview, overview_document
from dashboard.views import overview_parts as parts

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
    said = [headline.arr(who, when, shown, then, versus), headline.eqls(when, shown, then, versus)]
else:
    whose = overview.whose(chosen.partner_ids(choices), choices.partners, everybody)
    said = [headline.leads(whose, when, shown, facts.dated_deals), headline.leads_against(when, shown, then, versus)]
blocks.headline(*said)
states.sources(shown.incomplete)
if everybody:
    blocks.remark(known.no_partner(bool(choices.partners)))
if not overview.has_numbers(now):
    filters.offer_default(choices)
    st.stop()

months = overview.series(frames.months(period, chosen), running=not over)
key_figures = cards.overview(cards.Pair(shown, then, versus), currency, months, facts)
blocks.cards(key_figures)
blocks.remark(known.not_given(facts))

if everybody:
    rows, owner, better = overview.all_conversions(now.channels), "", "Which channel's leads convert best?"
else:
    others = frames.performance(period, filters.without_partners(chosen)).channels
    rows, owner, better = overview.conversions(shown, others), "partner ", "Do partner leads convert better?"
unit, measure, what = (currency, "arr", f"{owner}ARR") if facts.arr else (None, "won", f"{owner}deals")
counted = (frames.quarters if facts.arr else frames.won_quarters)(period, chosen)
bars, tiers = overview.quarters(counted, over, fiscal, measure, "All deals" if everybody else "No tier")

drawn: list[blocks.Drawn] = []
places = list(st.columns(2)) if bars and facts.lead_wins else [st.container()] * 2
if bars:
    with places[0]:
        drawn.append(parts.quarters(bars, tiers, unit, what, channels.height(rows), everybody))
if facts.lead_wins:
    with places[1]:
        drawn.append(parts.conversions(rows, better, name, shown, facts))

weeks = overview.whole_weeks(frames.trend(period, chosen), period.end.date(), over)
drawn.append(parts.weekly(weeks, period, name, as_of, facts, everybody))
if versus and before and facts.partners and facts.pipeline:
    parts.moved(now, before, versus, period, chosen)

head = exports.Head(f"overview-{period.label}", "Overview", name, said, filters.summary(chosen, choices), as_of)
shows = overview_document.Shows(
    head, key_figures, bars, tiers, unit, rows, weeks, facts, now, before, drawn,
)  # fmt: skip
exports.offer(head.stem, partial(overview_document.document, shows))
