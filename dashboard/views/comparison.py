"""Is a change more than chance, and are the two periods compared fairly? Plain rules for sentences and cards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, log, sqrt
from zoneinfo import ZoneInfo

from dashboard import wording
from dashboard.domain import Estimate
from dashboard.metrics.intervals import Z95
from dashboard.period import Period, between
from dashboard.settings import Settings


@dataclass(frozen=True, slots=True)
class Versus:
    """The period to compare with, cut to as many days as have passed of the chosen one, and what it is called.

    `short` is for places with little room.
    """

    period: Period
    name: str
    short: str
    cut: bool = False


def fair(chosen: Period, compared: Period | None, as_of: datetime, settings: Settings) -> Versus | None:
    """A running period is compared with the first as many days of the other one, a past one with all of it."""
    if compared is None:
        return None
    name = wording.period_name(compared.label, settings.fiscal_year_start)
    today = as_of.astimezone(ZoneInfo(settings.time_zone)).date()
    passed = (today - chosen.start.date()).days + 1
    if as_of >= chosen.end or passed <= 0 or passed >= compared.days:
        return Versus(compared, name, name)
    start = compared.start.date()
    return Versus(
        between(start, start + timedelta(days=passed), settings),
        f"the first {wording.several(passed, 'day')} of {name}",
        f"day {passed} of {name.split(' ')[0]}",
        cut=True,
    )


def sum_changed(now: float, deals_now: int, before: float, deals_before: int) -> bool | None:
    """Whether a sum over deals moved by more than chance (95 %); None where one side has nothing.

    The number of deals is taken as Poisson and their sizes as varying as much as their mean (coefficient of variation
    1), so the variance of the log of the ratio is 2/deals now + 2/deals before.
    """
    if min(now, before) <= 0 or min(deals_now, deals_before) <= 0:
        return None
    return abs(log(now / before)) > Z95 * sqrt(2 / deals_now + 2 / deals_before)


def count_changed(now: int, before: int) -> bool | None:
    """Whether a count moved by more than chance (Poisson, 95 %); None where one side has nothing."""
    if min(now, before) <= 0:
        return None
    return abs(log(now / before)) > Z95 * sqrt(1 / now + 1 / before)


def rate_changed(now: Estimate, before: Estimate) -> bool | None:
    """Whether a rate moved by more than chance: Newcombe's interval of the difference excludes 0; None without a basis.

    Newcombe (1998), Statistics in Medicine 17, 873–890, method 10: the Wilson bounds of both rates combined.
    """
    if now.value is None or before.value is None or None in (now.low, now.high, before.low, before.high):
        return None
    assert now.low is not None and now.high is not None and before.low is not None and before.high is not None
    difference = now.value - before.value
    down = sqrt((now.value - now.low) ** 2 + (before.high - before.value) ** 2)
    up = sqrt((now.high - now.value) ** 2 + (before.value - before.low) ** 2)
    return not difference - down <= 0 <= difference + up


def factor(now: float | None, before: float | None) -> float | None:
    """The log of how many times larger something became; None where one side has nothing."""
    if not now or not before or now <= 0 or before <= 0:
        return None
    return log(now / before)


def percent(log_ratio: float) -> float:
    """A log ratio as a change in percent."""
    return 100 * (exp(log_ratio) - 1)
