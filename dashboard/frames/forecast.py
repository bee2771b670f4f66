"""What is coming, and how good would the same forecast have been? Asked as of now, whatever period is looked at."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from dashboard import period as periods
from dashboard.answers import answer, current
from dashboard.frames.performance import selection, window
from dashboard.metrics.back_test import QUARTERS, BackTest
from dashboard.metrics.back_test import back_test as test_of
from dashboard.metrics.forecast import Forecast
from dashboard.metrics.forecast import forecast as forecast_of
from dashboard.metrics.forecast_cells import ForecastCells
from dashboard.metrics.performance import Selection
from dashboard.period import Period
from dashboard.settings import settings
from data_access.forecast import forecast_cells

if TYPE_CHECKING:
    from dashboard.filters import Filters

# As many reads at a time as a small database server has cores to answer them.
AT_A_TIME = 2


def forecast(filters: Filters) -> Forecast:
    """The forecast for the quarter that runs and the next one, for what the filters choose."""
    chosen = selection(filters)

    def compute(engine: Engine, instant: datetime) -> Forecast:
        running = periods.current_quarter(instant, settings())
        return forecast_of(_cells(chosen, None), _with_next(running))

    return answer(("forecast", chosen), compute)


def back_test(filters: Filters) -> BackTest:
    """The same forecast at the first instant of each of the past six full quarters, beside what came."""
    chosen = selection(filters)

    def compute(engine: Engine, instant: datetime) -> BackTest:
        quarters = past_quarters(instant)
        now = _cells(chosen, None)
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            then = list(pool.map(lambda quarter: _cells(chosen, quarter), quarters))
        said = [forecast_of(seen, _with_next(quarter)) for seen, quarter in zip(then, quarters, strict=True)]
        return test_of(quarters, said, then, now)

    return answer(("back test", chosen), compute)


def past_quarters(instant: datetime) -> list[Period]:
    """The past six full quarters, the oldest first."""
    found = [periods.last_full_quarter(instant, settings())]
    while len(found) < QUARTERS:
        found.append(periods.previous(found[-1], settings()))
    return found[::-1]


def _with_next(quarter: Period) -> list[Period]:
    """The quarter and the one after it: a forecast is always of both, so that then and now say the same."""
    return [quarter, periods.quarter_of(quarter.end, settings())]


def _cells(chosen: Selection, quarter: Period | None) -> ForecastCells:
    """What was known at the first instant of a quarter, or now."""

    def compute(engine: Engine, instant: datetime) -> ForecastCells:
        running = quarter or periods.current_quarter(instant, settings())
        return forecast_cells(engine, window(running, quarter.start if quarter else instant), chosen)

    return current(("forecast cells", chosen, quarter), compute)
