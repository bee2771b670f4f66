"""What does each channel bring for its cost, and where should money go? The questions of the page "Channels"."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from dashboard.answers import answer, current
from dashboard.frames.performance import (
    choices,
    lead_delays,
    performance_of_selection,
    period_frames,
    read_ahead,
    reading,
    selection,
    window,
)
from dashboard.metrics.campaigns import Rivalry
from dashboard.metrics.campaigns import rivalry as rivalry_of
from dashboard.metrics.cells import Cells
from dashboard.metrics.channel_value import Comparison, MoneyCells
from dashboard.metrics.channel_value import comparison as comparison_of
from dashboard.metrics.reallocation import Best, History, Move, Refusal, learning_pool, move, spending_quarters
from dashboard.metrics.reallocation import best as best_of
from dashboard.metrics.reallocation import histories as histories_of
from dashboard.period import Period
from dashboard.settings import settings
from data_access.ai_referrals import AI_CHANNELS
from data_access.channel_value import read_channels
from data_access.engine import DatabaseUnavailable

if TYPE_CHECKING:
    from dashboard.filters import Filters


def prepare(period: Period) -> None:
    """Reads at once what the page will ask about a period."""

    def compute(engine: Engine, instant: datetime) -> None:
        read_ahead(lead_delays, partial(period_frames, period), partial(_cells, period))

    with suppress(DatabaseUnavailable):
        answer(("channels prepared", period), compute)


def _cells(period: Period) -> tuple[Cells, MoneyCells]:
    """The cells of AI referrals and those of money."""

    def compute(engine: Engine, instant: datetime) -> tuple[Cells, MoneyCells]:
        return read_channels(engine, window(period, instant), spending_quarters(period, instant, settings()))

    return current(("cells of channels", period), compute)


def _money(period: Period) -> MoneyCells:
    return _cells(period)[1]


def comparison(period: Period, filters: Filters) -> Comparison:
    """The lines of the channel comparison for what the filters choose."""
    chosen = selection(filters)

    def compute(engine: Engine, instant: datetime) -> Comparison:
        result = performance_of_selection(period, replace(chosen, channels=None))
        names, cells = frozenset(AI_CHANNELS), _cells(period)
        return comparison_of(reading(period), result, *cells, settings(), chosen, names)

    return answer(("channel comparison", period, chosen), compute)


def rivalry(period: Period, filters: Filters) -> Rivalry:
    """Partners against the largest paid campaign."""
    chosen = selection(filters)

    def compute(engine: Engine, instant: datetime) -> Rivalry:
        costs = performance_of_selection(period, chosen).cost.channels
        return rivalry_of(_money(period), costs, comparison(period, filters).arr_pool, chosen)

    return answer(("rivalry", period, chosen), compute)


def histories(period: Period) -> dict[str, History]:
    """What was spent on and came of each channel, partner and the programme, of all partners and channels."""

    def compute(engine: Engine, instant: datetime) -> dict[str, History]:
        keys = [partner.partner_id for partner in choices().partners]
        return histories_of(_money(period), quarters(period), keys)

    return answer(("spending histories", period), compute)


def quarters(period: Period) -> tuple[Period, ...]:
    """The eight quarters whose spending is looked at."""
    return answer(("spending quarters", period), lambda engine, instant: spending_quarters(period, instant, settings()))


def moved(
    period: Period, filters: Filters, source: str, target: str, amount: float, elasticity: float
) -> Move | Refusal:
    """What moving an amount a quarter from one place to another would bring."""

    def compute(engine: Engine, instant: datetime) -> Move | Refusal:
        pools = {measure: learning_pool(_money(period), quarters(period), measure) for measure in ("arr", "pipeline")}
        return move(histories(period), pools, source, target, amount, elasticity)

    return answer(("move", period, selection(filters), source, target, amount, elasticity), compute)


def best(period: Period) -> Best:
    """Which of the programme and the channels came with most ARR for their cost in the last four quarters."""

    def compute(engine: Engine, instant: datetime) -> Best:
        return best_of(histories(period), learning_pool(_money(period), quarters(period), "arr"))

    return answer(("best place", period), compute)
