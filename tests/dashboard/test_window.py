"""Do the windows of curves, pages and maturity begin where the contract says?"""

from __future__ import annotations

from datetime import UTC, date, datetime

from dashboard.period import parse_period
from dashboard.settings import Settings
from dashboard.window import Window

BERLIN = Settings(time_zone="Europe/Berlin")
WINDOW = Window(parse_period("2025-Q3", BERLIN), datetime(2025, 9, 30, 22, 30, tzinfo=UTC), "Europe/Berlin", "EUR")


def test_the_day_is_that_of_the_reporting_zone() -> None:
    assert WINDOW.as_of_day == date(2025, 10, 1)


def test_a_period_is_over_from_its_end_on() -> None:
    assert WINDOW.over
    assert Window(WINDOW.period, datetime(2025, 9, 30, 22, tzinfo=UTC), "Europe/Berlin").over
    assert not Window(WINDOW.period, datetime(2025, 9, 30, 21, 59, 59, tzinfo=UTC), "Europe/Berlin").over


def test_curves_look_back_24_months_and_pages_12_from_the_periods_end() -> None:
    assert WINDOW.curve_start.astimezone(UTC) == datetime(2023, 9, 30, 22, tzinfo=UTC)
    assert WINDOW.pages_start.astimezone(UTC) == datetime(2024, 9, 30, 22, tzinfo=UTC)


def test_maturity_looks_back_12_months_from_as_of() -> None:
    assert WINDOW.year_start.astimezone(UTC) == datetime(2024, 9, 30, 22, 30, tzinfo=UTC)
    leap = Window(WINDOW.period, datetime(2024, 2, 29, 12, tzinfo=UTC))
    assert leap.year_start == datetime(2023, 2, 28, 12, tzinfo=UTC)


def test_parameters_are_days_and_moments_of_the_same_period() -> None:
    bound = WINDOW.parameters
    assert (bound["first_day"], bound["end_day"], bound["as_of_day"]) == (
        date(2025, 7, 1),
        date(2025, 10, 1),
        date(2025, 10, 1),
    )
    assert (bound["zone"], bound["currency"]) == ("Europe/Berlin", "EUR")
