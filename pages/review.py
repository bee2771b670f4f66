"""Partner managers: whom to double, whom to end, and how sure is that?"""

from functools import partial

import streamlit as st

from dashboard import blocks, filters, frames, states, wording
from dashboard.frames import review as review_frames
from dashboard.reports import review as reports
from dashboard.settings import settings
from dashboard.views import review, review_budget, review_decisions
from dashboard.views import review_words as words

choices, chosen = frames.choices(), filters.chosen()
if choices.earliest is None:
    states.empty()
    st.stop()
if not choices.partners:
    blocks.headline("There are no partners to review.")
    states.sources()
    blocks.remark("Name partners in the mapping of your files, or in the table partner_alias (docs/importing.md).")
    st.stop()

head = st.container()
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    metric, needs_50 = review.metric(), review.needs_50_eqls()

period = chosen.period
result = review_frames.review(period, metric, needs_50)
fiscal, currency = settings().fiscal_year_start, settings().currency
when, before = (wording.period_name(one.label, fiscal) for one in (period, result.periods_before[-1]))
partners = [own.partner for own in result.performance.partners]
names = {own.partner_id: own.name for own in partners}
ids = chosen.partner_ids(choices)
listed = [own.partner_id for own in partners if ids is None or own.partner_id in ids]

with head:
    blocks.headline(words.answer(result, when), words.names_of(result, names))
    blocks.remark(f"{when}. {words.basis(result)} {words.about_period(result)}")
    states.sources(result.performance.partner_sourced.incomplete)
blocks.remark(words.listed(len(listed), len(partners), chosen.channels))

subtitle = f"{when}: mark = rank, bar = 90 % interval, grey = outer fifths · {review.legend(result)}"
wide, narrow = st.columns([3, 1])
with wide, blocks.panel("Which differences are real?", subtitle, "rank_interval", "suggestion"):
    rows = review_frames.picture(period, metric, needs_50)
    review.picture(result, [row for key, row in rows.items() if ids is None or key in ids])
with narrow, blocks.panel("How often would it be wrong?", "In worlds that fit these data", "wrong_share"):
    review.certainty_buys(result)

last = result.periods_before[-1]
decisions = review_decisions.read(period, last)
made = decisions[period.label]

TITLES = ("Decide", "Referring pages", "Last decisions", "Not ranked")
decide, pages, past, unranked = st.tabs(TITLES, key="review_part", bind="query-params")
if decide.open:
    with decide:
        table = review_frames.table(period, metric, needs_50)
        shown = table if len(listed) == len(partners) else table.filter(table["partner_id"].is_in(listed))
        if shown.height:
            review_decisions.editor(result, shown, made)
            budget = reports.balance(result, review_decisions.chosen(period, made))
            review_budget.show(budget, names, currency)
            review_decisions.actions(result, made)
        else:
            states.too_little("None of the listed partners is ranked; the last tab says why.")
        document = partial(reports.review_document, result, settings(), made, decisions[last.label], listed)
        review.exports(document, f"review-{period.label}")
if pages.open:
    with pages:
        review.pages(result, [own for own in partners if own.partner_id in listed], when)
if past.open:
    with past:
        review.past(reports.past_decisions(result, decisions[last.label], settings()), before)
if unranked.open:
    with unranked:
        review.unranked(reports.unranked(result, listed))
