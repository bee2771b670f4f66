"""What is coming? The panels of the forecast: this and the next quarter, how it would have fared, the open deals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from dashboard import blocks, states, wording
from dashboard.answers import freshness
from dashboard.charts import forecast as charts
from dashboard.frames import forecast as asked
from dashboard.metrics.back_test import BackTest
from dashboard.metrics.forecast import Forecast
from dashboard.period import Period, current_quarter
from dashboard.settings import settings
from dashboard.views import forecast_words as words

if TYPE_CHECKING:
    from dashboard.filters import Filters

READING = "Reading how deals went on, now and at six quarters’ beginnings …"


def sentence(period: Period, chosen: Filters) -> str:
    """What is coming, in one sentence; as of now, whatever the period."""
    return words.sentence(asked.forecast(chosen), settings().currency, settings().fiscal_year_start)


def draw(period: Period, chosen: Filters) -> None:
    """The panels; the page owns headline and tabs."""
    with st.spinner(READING, show_time=True):
        found, tested = asked.forecast(chosen), asked.back_test(chosen)
    left, right = st.columns(2)
    with left, blocks.panel(
        "What will this quarter and the next bring?",
        f"{words.basis(found)}. Solid: won; hatched: expected; line: 80 % interval",
        "forecast", "open_deals_expected", "new_deals_expected",
    ):  # fmt: skip
        _coming(found, tested)
    with right, blocks.panel(
        "Would such a forecast have held?",
        "Each past quarter as it would have been forecast on its first day, from what was known then",
        "back_test", "forecast_error",
    ):  # fmt: skip
        _tested(tested)
    if not found.too_early:
        _open_deals(found)
    if period != current_quarter(freshness().as_of, settings()):
        blocks.remark("A forecast looks ahead from today, whatever period is chosen.")


def _coming(found: Forecast, tested: BackTest) -> None:
    currency, fiscal = settings().currency, settings().fiscal_year_start
    if found.too_early:
        states.too_little(words.too_early(found))
        return
    drawn = words.bars(found, tested, currency, fiscal)
    axis = words.axis([value for bar in drawn for value in (bar.seen, bar.high)], currency)
    blocks.chart(charts.coming(drawn, axis), words.bars_in_words(found, currency, fiscal), "forecast_coming")


def _tested(tested: BackTest) -> None:
    currency, fiscal = settings().currency, settings().fiscal_year_start
    if tested.told:
        drawn = words.outcomes(tested, currency, fiscal)
        axis = words.axis([value for own in drawn for value in (own.came, own.high, own.naive)], currency)
        blocks.chart(charts.tested(drawn, axis), words.tested_in_words(tested, currency, fiscal), "forecast_tested")
    st.markdown(words.tested_sentence(tested).replace("$", "\\$"))


def _open_deals(found: Forecast) -> None:
    currency, fiscal = settings().currency, settings().fiscal_year_start
    subtitle = f"{wording.several(found.open_deals, 'open deal')} with {wording.money(found.open_arr, currency)} of ARR"
    with blocks.panel("Which open deals should it come from?", subtitle, "open_deals_expected"):
        if not found.groups:
            states.too_little("No deal is open now.")
            return
        sign = wording.symbol(currency).strip()
        rows = words.columns(found, fiscal)
        config = {
            name: st.column_config.NumberColumn(f"{name} {sign}", format="compact")
            for name in rows
            if name == "ARR" or name.startswith("Expected")
        }
        config |= {
            name: st.column_config.NumberColumn(name, format="%.0f %%", help=_CHANCE)
            for name in rows
            if name.startswith("Chance")
        }
        frame = pl.DataFrame(rows, strict=False)
        st.dataframe(
            frame, hide_index=True, height="content",
            alt="Open deals by age and stage, with the ARR that they should bring in this and the next quarter",
            column_config=blocks.counts(frame) | config | {"Age": st.column_config.TextColumn(pinned=True)},
        )  # fmt: skip
        blocks.remark(f"Sums hold on average; they promise nothing about a single deal. {words.gaps(found)}")


_CHANCE = "Expected wins ÷ open deals of the row."
