"""Which stretch of time is looked at? Half-open periods in the reporting time zone, fiscal quarters included."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dashboard.domain import UserError
from dashboard.settings import Settings

_QUARTER = re.compile(r"([0-9]{4})-?[Qq]([1-4])")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_YEAR = re.compile(r"([0-9]{4})")
_RANGE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.\.([0-9]{4}-[0-9]{2}-[0-9]{2})")
# Earlier and later years are slips of the pen, and their neighbours would fall off the calendar.
FIRST_YEAR, LAST_YEAR = 1900, 2200


@dataclass(frozen=True, slots=True)
class Period:
    """Half-open `[start, end)`; both are midnights in the reporting time zone. `label` is also its text in links."""

    label: str
    start: datetime
    end: datetime

    @property
    def days(self) -> int:
        """Calendar days in the period."""
        return (self.end.date() - self.start.date()).days


def add_months(day: date, months: int) -> date:
    """The first of the month that lies `months` after the month of `day`."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def months_before(moment: datetime, months: int) -> datetime:
    """The same clock time `months` earlier; the last day of the month where that day does not exist."""
    first = add_months(moment.date(), -months)
    last = add_months(first, 1) - timedelta(days=1)
    return moment.replace(year=first.year, month=first.month, day=min(moment.day, last.day))


def between(start: date, end: date, settings: Settings, label: str | None = None) -> Period:
    """The period of the days `start` … `end`, the last one excluded."""
    zone = ZoneInfo(settings.time_zone)
    return Period(
        label or f"{start}..{end}",
        datetime(start.year, start.month, start.day, tzinfo=zone),
        datetime(end.year, end.month, end.day, tzinfo=zone),
    )


def quarter(year: int, number: int, settings: Settings) -> Period:
    """Quarter `number` (1–4) of the fiscal year that begins in `year`."""
    start = add_months(date(year, settings.fiscal_year_start, 1), 3 * (number - 1))
    return between(start, add_months(start, 3), settings, f"{year}-Q{number}")


def fiscal_year(year: int, settings: Settings) -> Period:
    """The fiscal year that begins in `year`."""
    start = date(year, settings.fiscal_year_start, 1)
    return between(start, add_months(start, 12), settings, f"{year}")


def quarter_of(moment: datetime | date, settings: Settings) -> Period:
    """The fiscal quarter in which a moment (or a day in the reporting time zone) lies."""
    day = moment.astimezone(ZoneInfo(settings.time_zone)).date() if isinstance(moment, datetime) else moment
    months = (day.month - settings.fiscal_year_start) % 12
    year = day.year if day.month >= settings.fiscal_year_start else day.year - 1
    return quarter(year, months // 3 + 1, settings)


def parse_period(text: str, settings: Settings) -> Period:
    """Reads `2025-Q3`, `2025`, `2025-07` or `2025-01-01..2025-07-01` (end excluded); UserError for anything else."""
    period = _read(text.strip(), settings)
    if period is None:
        raise UserError(
            f"{text.strip()!r} is no period: write a quarter (2025-Q3), a year (2025), a month (2025-07) "
            "or days (2025-01-01..2025-07-01, the last one excluded)."
        )
    if period.start.year < FIRST_YEAR or period.end.year > LAST_YEAR:
        raise UserError(f"The period {text.strip()!r} lies outside the years {FIRST_YEAR} to {LAST_YEAR}.")
    return period


def _read(text: str, settings: Settings) -> Period | None:
    try:
        if found := _RANGE.fullmatch(text):
            start, end = (date.fromisoformat(part) for part in found.groups())
            if end <= start:
                raise UserError(f"The period {text!r} ends before it begins; write FIRST..LAST, the last day excluded.")
            return between(start, end, settings)
        if found := _QUARTER.fullmatch(text):
            return quarter(int(found[1]), int(found[2]), settings)
        if found := _MONTH.fullmatch(text):
            first = date(int(found[1]), int(found[2]), 1)
            return between(first, add_months(first, 1), settings, text)
        if found := _YEAR.fullmatch(text):
            return fiscal_year(int(found[1]), settings)
    except (ValueError, OverflowError):
        return None
    return None


def _shifted(period: Period, months: int, settings: Settings) -> Period:
    start, end = add_months(period.start.date(), months), add_months(period.end.date(), months)
    found = _QUARTER.fullmatch(period.label)
    if found:
        index = int(found[1]) * 4 + int(found[2]) - 1 + months // 3
        return quarter(index // 4, index % 4 + 1, settings)
    if _YEAR.fullmatch(period.label):
        return fiscal_year(int(period.label) + months // 12, settings)
    label = f"{start:%Y-%m}" if _MONTH.fullmatch(period.label) else None
    return between(start, end, settings, label)


def _whole_months(period: Period) -> int | None:
    if period.start.day != 1 or period.end.day != 1:
        return None
    return (period.end.year - period.start.year) * 12 + period.end.month - period.start.month


def previous(period: Period, settings: Settings) -> Period:
    """The period of the same length just before: whole months before whole months, else as many days."""
    months = _whole_months(period)
    if months:
        return _shifted(period, -months, settings)
    start = period.start.date()
    return between(start - timedelta(days=period.days), start, settings)


def year_before(period: Period, settings: Settings) -> Period:
    """The same period one year earlier."""
    if _whole_months(period):
        return _shifted(period, -12, settings)
    start, end = (months_before(moment, 12).date() for moment in (period.start, period.end))
    # The year before may lack the one day that the period has: 28 to 29 February.
    return between(start, max(end, start + timedelta(days=1)), settings)


def current_quarter(as_of: datetime, settings: Settings) -> Period:
    """The fiscal quarter that runs at `as_of`."""
    return quarter_of(as_of, settings)


def last_full_quarter(as_of: datetime, settings: Settings) -> Period:
    """The last fiscal quarter that was over at `as_of`."""
    return previous(quarter_of(as_of, settings), settings)


def text(period: Period) -> str:
    """The canonical text of a period, which `parse_period` reads back."""
    return period.label
