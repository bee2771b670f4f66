"""What is looked at, and from when? The frame of every read and of every number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from dashboard.period import Period, months_before


@dataclass(frozen=True, slots=True)
class Window:
    """A period seen at `as_of`, in a reporting time zone and currency."""

    period: Period
    as_of: datetime
    zone: str = "UTC"
    currency: str = "USD"

    @property
    def as_of_day(self) -> date:
        """The calendar day of `as_of` in the reporting time zone."""
        return self.as_of.astimezone(ZoneInfo(self.zone)).date()

    @property
    def over(self) -> bool:
        """Whether the period had ended at `as_of`."""
        return self.as_of >= self.period.end

    @property
    def curve_start(self) -> datetime:
        """Where the curves begin: deals opened in the 24 months up to the period's end."""
        return months_before(self.period.end, 24)

    @property
    def pages_start(self) -> datetime:
        """Referring pages are counted over the 12 months up to the period's end."""
        return months_before(self.period.end, 12)

    @property
    def year_start(self) -> datetime:
        """The last 12 months before `as_of`, over which maturity is judged."""
        return months_before(self.as_of.astimezone(ZoneInfo(self.zone)), 12)

    @property
    def parameters(self) -> dict[str, object]:
        """The bound parameters that the SQL of every read shares."""
        return {
            "start": self.period.start,
            "end": self.period.end,
            "first_day": self.period.start.date(),
            "end_day": self.period.end.date(),
            "as_of": self.as_of,
            "as_of_day": self.as_of_day,
            "curve_start": self.curve_start,
            "pages_start": self.pages_start,
            "year_start": self.year_start,
            "zone": self.zone,
            "currency": self.currency,
        }
