"""Which stretches of time do the programme's vitals compare? None of them may look worse only because it still runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from dashboard.period import Period, add_months, between, previous, quarter_of
from dashboard.settings import Settings
from dashboard.window import Window

QUARTERS = 8


@dataclass(frozen=True, slots=True)
class Stretches:
    """`earlier`: the period six months earlier, cut to as many days as have passed where the period still runs.

    `year`: the four fiscal quarters up to the one in which the period ends, or up to the last one that was over at
    `as_of`; `year_before`: the four before. `quarters`: the eight up to the period's, the latest first. `curve`: the 24
    months up to the period's end.
    """

    period: Period
    earlier: Period
    year: Period
    year_before: Period
    quarters: tuple[Period, ...]
    curve: Period

    @property
    def by_name(self) -> Mapping[str, Period]:
        """The stretches whose deals are counted."""
        return {"period": self.period, "earlier": self.earlier, "year": self.year, "year_before": self.year_before}


def stretches_of(window: Window, settings: Settings) -> Stretches:
    """The stretches of a period as seen at `as_of`."""
    quarters = [quarter_of(window.period.end - timedelta(days=1), settings)]
    while len(quarters) < QUARTERS:
        quarters.append(previous(quarters[-1], settings))
    end = quarters[0].end.date()
    if window.as_of < quarters[0].end:
        end = min(end, quarter_of(window.as_of, settings).start.date())
    return Stretches(
        period=window.period,
        earlier=_earlier(window, settings),
        year=between(add_months(end, -12), end, settings),
        year_before=between(add_months(end, -24), add_months(end, -12), settings),
        quarters=tuple(quarters),
        curve=between(window.curve_start.date(), window.period.end.date(), settings),
    )


def _earlier(window: Window, settings: Settings) -> Period:
    first, after = (_half_year_before(day.date()) for day in (window.period.start, window.period.end))
    passed = (window.as_of_day - window.period.start.date()).days + 1
    if not window.over and 0 < passed < window.period.days:
        return between(first, min(after, first + timedelta(days=passed)), settings)
    label = None
    whole = quarter_of(first, settings)
    if (whole.start.date(), whole.end.date()) == (first, after):
        label = whole.label
    return between(first, max(after, first + timedelta(days=1)), settings, label)


def _half_year_before(day: date) -> date:
    first = add_months(day, -6)
    last = add_months(first, 1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))
