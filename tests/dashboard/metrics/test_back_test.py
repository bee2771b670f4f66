"""Does the test of former forecasts count what held, and compare with what anybody could have said?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from dashboard.domain import Estimate
from dashboard.metrics.back_test import BackTest, back_test
from dashboard.metrics.forecast import Forecast, QuarterForecast
from dashboard.metrics.forecast_cells import ForecastCells
from dashboard.period import parse_period
from dashboard.settings import Settings
from tests.dashboard.metrics.test_forecast import MONTHS, cells

QUARTERS = [parse_period(label, Settings()) for label in ("2025-Q1", "2025-Q2", "2025-Q3")]


def said(total: Estimate | None, closed: int = 30) -> Forecast:
    quarters = ()
    if total:
        nothing = Estimate(0.0, 0.0, 0.0, 0)
        day = date(2025, 1, 1)
        quarters = (QuarterForecast("any", day, day, 0.0, 0, 0, nothing, nothing, total, 0.0, 0.0, 0.0),)
    return Forecast(date(2025, 1, 1), 0, closed, 0, False, False, 0, 0.0, 0, 0, None, quarters, ())


def known(*months: tuple[date, int]) -> ForecastCells:
    rows = [(month, 1, 100 * arr, 0) for month, arr in months]
    return replace(cells([], []), months=pl.DataFrame(rows, schema=MONTHS, orient="row"))


CAME = ((date(2024, 2, 1), 40), (date(2024, 11, 1), 80), (date(2025, 1, 1), 60), (date(2025, 3, 1), 40),
        (date(2025, 5, 1), 130), (date(2025, 9, 1), 90))  # fmt: skip


@pytest.fixture
def tested() -> BackTest:
    """Came 100, 130, 90; forecast 120 (90–150), 100 (80–120) and too early; before them lay 80, 100, 130."""
    forecasts = [said(Estimate(120.0, 90.0, 150.0, 9)), said(Estimate(100.0, 80.0, 120.0, 9)), said(None, 19)]
    then = [known(*(row for row in CAME if row[0] < quarter.start.date())) for quarter in QUARTERS]
    return back_test(QUARTERS, forecasts, then, known(*CAME))


def test_worked_by_hand(tested: BackTest) -> None:
    assert [own.arr for own in tested.quarters] == [100, 130, 90]
    assert [own.held for own in tested.quarters] == [True, False, None]
    assert (tested.held, tested.told) == (1, 2)
    assert tested.error() == pytest.approx((20 + 30) / 230)
    assert tested.error("last") == pytest.approx((20 + 30) / 230)
    assert [own.last for own in tested.quarters] == [80, 100, 130]


def test_a_year_before_is_compared_only_where_every_quarter_has_one(tested: BackTest) -> None:
    """The quarter a year before brought 40, nothing, nothing: once a deal was won, nothing is 0."""
    assert [own.season for own in tested.quarters] == [40, 0, 0]
    assert tested.error("season") == pytest.approx((60 + 130) / 230)
    assert replace(tested, quarters=(replace(tested.quarters[0], season=None),)).error("season") is None


def test_bounds_belong_to_the_interval(tested: BackTest) -> None:
    first = tested.quarters[0]
    assert replace(first, arr=90.0).held
    assert replace(first, arr=150.0).held
    assert replace(first, arr=150.01).held is False


def test_nothing_was_known() -> None:
    empty = back_test(QUARTERS, [said(None)] * 3, [known()] * 3, known())
    assert (empty.told, empty.held, empty.error(), empty.error("last")) == (0, 0, None, None)
    assert [own.last for own in empty.quarters] == [None] * 3
