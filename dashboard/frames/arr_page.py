"""What ARR did partners bring, and why did it change? The questions of the page "ARR"."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import polars as pl
from sqlalchemy import Engine

from dashboard.answers import answer, current
from dashboard.frames.performance import choices, read_ahead, selection, window
from dashboard.frames.trend import of_everybody
from dashboard.metrics.arr_page import ArrPage, Asked, arr_page, calendar_of
from dashboard.period import Period
from dashboard.settings import settings
from data_access import trend
from data_access.arr_cells import arr_cells, flow_cells

if TYPE_CHECKING:
    from dashboard.filters import Filters


def page(period: Period, compared: Period | None, filters: Filters) -> ArrPage:
    """Everything of the page for what the filters choose; of everybody where nobody names partners."""
    chosen, everybody = selection(filters), of_everybody(period, filters)

    def compute(engine: Engine, instant: datetime) -> ArrPage:
        read_ahead(partial(_cells, period, compared), *(partial(_flows, p) for p in (period, compared) if p))
        return arr_page(
            _cells(period, compared),
            (_flows(period), _flows(compared) if compared else None),
            _targets(),
            choices().partners,
            calendar_of(period, settings()),
            Asked(window(period, instant), compared, chosen, everybody),
        )

    return answer(("arr page", period, compared, chosen, everybody), compute)


def _cells(period: Period, compared: Period | None) -> pl.DataFrame:
    calendar = calendar_of(period, settings())
    first, end = calendar.every[0].start, calendar.every[-1].end
    return current(
        ("arr cells", period, compared),
        lambda engine, instant: arr_cells(engine, window(period, instant), compared, first, end),
    )


def _flows(period: Period) -> pl.DataFrame:
    return current(("arr flows", period), lambda engine, instant: flow_cells(engine, window(period, instant)))


def _targets() -> pl.DataFrame:
    return current("targets", lambda engine, _: trend.targets(engine))
