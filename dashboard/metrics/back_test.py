"""How good would the same forecast have been? Each past quarter as seen at its first instant, beside what came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dashboard.domain import Estimate
from dashboard.metrics.forecast import Forecast
from dashboard.metrics.forecast_cells import ForecastCells
from dashboard.period import Period, add_months

QUARTERS = 6


@dataclass(frozen=True, slots=True)
class Tested:
    """A past quarter: what was forecast at its first instant (None: too early then), and the ARR that came.

    `closed`: deals that had closed when it was forecast. `last` and `season`: ARR of the quarter before and of the
    same quarter a year before as known then, which a naive forecast would have said; None before the first deal won.
    """

    label: str
    start: date
    end: date
    total: Estimate | None
    closed: int
    arr: float
    won_deals: int
    last: float | None
    season: float | None

    @property
    def held(self) -> bool | None:
        """Whether what came lies within the interval; None where nothing was forecast."""
        if self.total is None or self.total.low is None or self.total.high is None:
            return None
        return self.total.low <= self.arr <= self.total.high


@dataclass(frozen=True, slots=True)
class BackTest:
    """The past quarters, the oldest first."""

    quarters: tuple[Tested, ...]

    @property
    def told(self) -> int:
        """Quarters of which there was a forecast."""
        return sum(own.held is not None for own in self.quarters)

    @property
    def held(self) -> int:
        """Of these, the quarters whose outcome lay within the interval."""
        return sum(own.held is True for own in self.quarters)

    def error(self, naive: str | None = None) -> float | None:
        """Mean absolute error as a share of what came, over the quarters that were forecast; `naive`: last, season.

        None where no quarter was forecast, none of them brought anything, or the naive forecast lacks one of them.
        """
        off, came = 0.0, 0.0
        for own in self.quarters:
            if own.total is None or own.total.value is None:
                continue
            said = getattr(own, naive) if naive else own.total.value
            if said is None:
                return None
            off, came = off + abs(said - own.arr), came + own.arr
        return off / came if came > 0 else None


def back_test(
    quarters: Sequence[Period], forecasts: Sequence[Forecast], then: Sequence[ForecastCells], now: ForecastCells
) -> BackTest:
    """`forecasts` and `then`: what was said, and what was known, at each quarter's first instant; `now`: what came."""
    return BackTest(
        tuple(
            _tested(quarter, forecast, known, now)
            for quarter, forecast, known in zip(quarters, forecasts, then, strict=True)
        )
    )


def _tested(quarter: Period, forecast: Forecast, known: ForecastCells, now: ForecastCells) -> Tested:
    start, end = quarter.start.date(), quarter.end.date()
    return Tested(
        label=quarter.label,
        start=start,
        end=end,
        total=None if forecast.too_early else forecast.quarters[0].total,
        closed=forecast.closed,
        arr=now.arr_between(start, end) / 100,
        won_deals=now.won_between(start, end),
        last=_known(known, add_months(start, -3)),
        season=_known(known, add_months(start, -12)),
    )


def _known(cells: ForecastCells, start: date) -> float | None:
    """ARR of the quarter that begins at `start`; None where no deal had been won by its end."""
    end = add_months(start, 3)
    return cells.arr_between(start, end) / 100 if cells.won_between(date.min, end) else None
