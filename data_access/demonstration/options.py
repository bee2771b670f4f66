"""Which simulated company is wanted? The options, the window of time, and one random stream a noun."""

from __future__ import annotations

import calendar
import zlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum

import numpy as np

from dashboard.domain import UserError

DAY = 86_400
EPOCH = date(1970, 1, 1)


class Selection(StrEnum):
    """How leads below the threshold come to be worked."""

    NOBODY = "nobody"
    RANDOM = "random"
    HUNCH = "hunch"


def today() -> date:
    """The day it is in UTC."""
    return datetime.now(UTC).date()


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What decides the simulated company; equal options give equal rows, to the last byte.

    `until` is the day at whose first instant (UTC) the company is looked at: every row is older.
    `below_threshold` and `inbound` say whom sales works besides qualified leads: see `worked.py`.
    Raises UserError where a value makes no company.
    """

    leads: int = 40_000
    seed: int = 70
    until: date = field(default_factory=today)
    partners: int = 60
    months: int = 24
    below_threshold: Selection = Selection.RANDOM
    inbound: bool = True

    def __post_init__(self) -> None:
        _within("leads", self.leads, 200, 20_000_000)
        _within("partners", self.partners, 12, 5_000)
        _within("months", self.months, 6, 120)
        _within("seed", self.seed, 0, 2**63 - 1)
        _within("until's year", self.until.year, 2001, 2199)

    @property
    def start(self) -> date:
        """First day of the window."""
        return months_before(self.until, self.months)

    @property
    def first_day(self) -> int:
        """The window's first day, counted from 1970-01-01."""
        return day_number(self.start)

    @property
    def end_day(self) -> int:
        """The day after the window's last, counted from 1970-01-01."""
        return day_number(self.until)

    @property
    def cutoff(self) -> int:
        """Seconds since 1970 at which the company is looked at; nothing happens at it or after it."""
        return self.end_day * DAY

    @property
    def is_experiment(self) -> bool:
        """Whether leads below the threshold are worked at random and marked so."""
        return self.below_threshold is Selection.RANDOM

    def stream(self, noun: str) -> np.random.Generator:
        """The random numbers of one noun: a change to one noun leaves the others as they were."""
        key = [self.seed, self.leads, self.partners, self.months, self.end_day, zlib.crc32(noun.encode())]
        return np.random.Generator(np.random.SFC64(np.random.SeedSequence(key)))


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def months_before(day: date, months: int) -> date:
    """The same day of the month so many months earlier, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def quarter_start(day: date) -> date:
    """First day of the calendar quarter."""
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def _within(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise UserError(f"The simulated company needs {name} between {low} and {high}, not {value}.")
