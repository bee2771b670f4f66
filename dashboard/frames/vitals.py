"""Is the partner programme healthy, and what did it cost? The questions about its vitals."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from dashboard.answers import answer, current
from dashboard.domain import Stage
from dashboard.frames.performance import performance_of_selection, reading, selection, window
from dashboard.metrics.performance import Performance, Selection, norms_of
from dashboard.metrics.vitals import Vital, VitalCells
from dashboard.metrics.vitals import vitals as vitals_of
from dashboard.metrics.vitals_stretches import Stretches, stretches_of
from dashboard.period import Period
from dashboard.settings import settings
from data_access.vitals import read_vitals

if TYPE_CHECKING:
    from dashboard.filters import Filters


def programme(period: Period, filters: Filters) -> Performance:
    """The numbers of the chosen partners' programme; the choice of channels makes no difference to it."""
    return performance_of_selection(period, _partners(filters))


def vitals(period: Period, filters: Filters) -> tuple[Vital, ...]:
    """The vitals of the chosen partners' programme, whatever channels are chosen."""
    chosen = _partners(filters)

    def compute(engine: Engine, instant: datetime) -> tuple[Vital, ...]:
        at = stretches_of(window(period, instant), settings())
        found = performance_of_selection(period, chosen)
        return vitals_of(reading(period), found, _cells(period, at), at, settings(), chosen)

    return answer(("vitals", period, chosen.partners), compute)


def _partners(filters: Filters) -> Selection:
    return Selection(selection(filters).partners)


def _cells(period: Period, at: Stretches) -> VitalCells:
    def compute(engine: Engine, instant: datetime) -> VitalCells:
        seen = window(period, instant)
        p90 = norms_of(reading(period), seen).p90_days
        return read_vitals(engine, seen, at, p90[Stage.SQL], p90[Stage.WON])

    return current(("vital cells", period), compute)
