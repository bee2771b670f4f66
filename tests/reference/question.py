"""What is asked of the data: a period, an instant to look from, and the zone in which days are told apart?"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Question:
    """A half-open period [start, end), the instant `as_of`, and the settings that a number depends on."""

    start: datetime
    end: datetime
    as_of: datetime
    label: str
    zone: ZoneInfo
    currency: str
    fiscal_year_start: int
    overhead: str

    def day(self, moment: datetime) -> date:
        """The calendar day of a moment in the reporting zone."""
        return moment.astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        """The first moment of a day in the reporting zone."""
        return datetime.combine(day, time.min, self.zone)

    def seen(self, moment: datetime | None) -> bool:
        """Whether something dated `moment` has happened as of the instant."""
        return moment is not None and moment <= self.as_of

    def in_period(self, moment: datetime | None) -> bool:
        """Whether it happened in the period and is seen."""
        return moment is not None and self.start <= moment < self.end and moment <= self.as_of

    def months_before(self, moment: datetime, months: int) -> datetime:
        """The same local clock time so many months earlier; a day that the month lacks becomes its last."""
        local = moment.astimezone(self.zone)
        year, month = divmod(local.year * 12 + local.month - 1 - months, 12)
        day = min(local.day, calendar.monthrange(year, month + 1)[1])
        return local.replace(year=year, month=month + 1, day=day)

    def days_of_period(self) -> int:
        """Calendar days of the period."""
        return (self.day(self.end) - self.day(self.start)).days

    def first_full_quarter(self, joined: date) -> date:
        """First day of the first fiscal quarter that begins on or after the day of joining."""
        year, month = joined.year, joined.month
        while date(year, month, 1) < joined or (month - self.fiscal_year_start) % 3:
            year, month = _month_after(year, month, 1)
        return date(year, month, 1)

    def quarter_label(self, first_day: date) -> str:
        """`2025-Q3`: the fiscal year is named by the calendar year in which it begins."""
        year = first_day.year - (first_day.month < self.fiscal_year_start)
        return f"{year}-Q{(first_day.month - self.fiscal_year_start) % 12 // 3 + 1}"

    def is_quarter(self, first_day: date) -> bool:
        """Whether the period is exactly the fiscal quarter that begins on this day."""
        after = date(*_month_after(first_day.year, first_day.month, 3), 1)
        return self.start == self.midnight(first_day) and self.end == self.midnight(after)


def _month_after(year: int, month: int, months: int) -> tuple[int, int]:
    carried, index = divmod(month - 1 + months, 12)
    return year + carried, index + 1
