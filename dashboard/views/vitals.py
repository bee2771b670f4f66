"""Is the partner programme healthy? Panels and the one sentence about what it cost, for the pages that show them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import blocks, states, wording
from dashboard.answers import freshness
from dashboard.charts import vitals as charts
from dashboard.filters import Filters
from dashboard.frames import vitals as asked
from dashboard.frames.performance import choices
from dashboard.metrics.vitals import Vital
from dashboard.period import Period
from dashboard.settings import settings
from dashboard.views import overview
from dashboard.views import vitals_words as words


def sentence(period: Period, chosen: Filters) -> str:
    """What the programme of the chosen partners cost and what it returned, in one sentence."""
    everyone, as_of = choices(), freshness().as_of
    if not everyone.partners:
        return "The data name no partner, so there is no programme whose cost could be told."
    ids = chosen.partner_ids(everyone)
    who = overview.subject(ids, everyone.partners).name if ids is not None else "The programme"
    name = wording.period_name(period.label, settings().fiscal_year_start)
    found = asked.programme(period, chosen)
    return words.sentence(found, name, as_of >= period.end, period.start <= as_of, who, settings().currency)


def draw(period: Period, chosen: Filters) -> None:
    """The vitals with their lights, and the table behind them."""
    currency = settings().currency
    vitals = asked.vitals(period, chosen)
    rows = words.rows(vitals, currency)
    subtitle = "Dot and whisker: measured, with 95 % interval; right of the dashed line is better. Grey: reference"
    with blocks.panel("Is the programme healthy?", subtitle, "vitals", "light", "reference"):
        if all(vital.estimate.value is None for vital in vitals):
            states.too_little("There are no partner leads, deals and costs to judge the programme by.")
            return
        st.markdown(words.verdict(vitals).replace("$", "\\$"))
        blocks.remark(words.too_young(vitals))
        if any(row.place is not None for row in rows):
            blocks.chart(charts.lights(rows, words.scale(rows)), words.in_words(vitals, currency), "vitals")
        _table(vitals, currency)
        blocks.remark(" ".join([words.RULE, words.LEFT_OUT, *_said(vitals, chosen)]))


def _said(vitals: Sequence[Vital], chosen: Filters) -> list[str]:
    """What else must be said below the vitals."""
    said = []
    if any(vital.name == "cost_per_eql" and vital.reference is None for vital in vitals):
        said.append(words.FOREIGN)
    if chosen.channels:
        said.append("The choice of channels is ignored: cost belongs to partners, not to channels.")
    return said


def _table(vitals: Sequence[Vital], currency: str) -> None:
    columns = {
        "Vital": [words.name(vital) for vital in vitals],
        "Light": [words.light(vital) for vital in vitals],
        "Measured": [words.measured(vital, currency) for vital in vitals],
        "Reference": [words.references(vital, currency) for vital in vitals],
        "Cases": [vital.estimate.n for vital in vitals],
        "About": [f"{words.about(vital)}{'; incomplete' if vital.incomplete else ''}" for vital in vitals],
    }
    st.dataframe(
        columns,
        hide_index=True,
        height="content",
        alt="The programme's vitals: value, interval, reference and light",
        column_config={
            "Vital": st.column_config.TextColumn(pinned=True, width=150),
            "Reference": st.column_config.TextColumn(width=260),
            "Cases": st.column_config.NumberColumn(format="localized"),
        },
    )
