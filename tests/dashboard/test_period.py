"""Do periods begin and end where a person of the reporting zone would say?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain import UserError
from dashboard.period import (
    Period,
    add_months,
    between,
    current_quarter,
    last_full_quarter,
    months_before,
    parse_period,
    previous,
    quarter_of,
    text,
    year_before,
)
from dashboard.settings import Settings

PLAIN = Settings()
APRIL = Settings(fiscal_year_start=4)
BERLIN = Settings(time_zone="Europe/Berlin")
SETTINGS = st.builds(
    Settings,
    fiscal_year_start=st.integers(1, 12),
    time_zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Africa/Cairo"]),
)
DAYS = st.dates(date(1950, 1, 1), date(2150, 1, 1))
TEXTS = st.one_of(
    st.builds(lambda y, q: f"{y}-Q{q}", st.integers(1950, 2150), st.integers(1, 4)),
    st.builds(str, st.integers(1950, 2150)),
    st.builds(lambda y, m: f"{y}-{m:02d}", st.integers(1950, 2150), st.integers(1, 12)),
    st.builds(lambda first, days: f"{first}..{first + timedelta(days=days)}", DAYS, st.integers(1, 800)),
)


def days_of(period: Period) -> tuple[str, str]:
    return str(period.start.date()), str(period.end.date())


@pytest.mark.parametrize(
    ("written", "settings", "days"),
    [
        ("2025-Q3", PLAIN, ("2025-07-01", "2025-10-01")),
        ("2025Q3", PLAIN, ("2025-07-01", "2025-10-01")),
        (" 2025-q4 ", PLAIN, ("2025-10-01", "2026-01-01")),
        ("2025-Q4", APRIL, ("2026-01-01", "2026-04-01")),
        ("2025", APRIL, ("2025-04-01", "2026-04-01")),
        ("2025", PLAIN, ("2025-01-01", "2026-01-01")),
        ("2025-12", APRIL, ("2025-12-01", "2026-01-01")),
        ("2024-02", PLAIN, ("2024-02-01", "2024-03-01")),
        ("2025-01-01..2025-07-01", PLAIN, ("2025-01-01", "2025-07-01")),
    ],
)
def test_reads_what_people_write(written: str, settings: Settings, days: tuple[str, str]) -> None:
    assert days_of(parse_period(written, settings)) == days


@pytest.mark.parametrize(
    "written",
    [
        "",
        "2025-Q5",
        "2025-13",
        "2025-00",
        "Q3",
        "25-Q3",
        "2025-02-30..2025-03-01",
        "2025-07-01..2025-07-01",
        "2025-08-01..2025-07-01",
        "0001",
        "0001-Q1",
        "9999",
        "1899-12",
        "2201-01",
        "٢٠٢٥",
        "2025-Q3; DROP TABLE lead",
    ],
)
def test_refuses_the_rest_in_one_sentence(written: str) -> None:
    with pytest.raises(UserError) as refused:
        parse_period(written, PLAIN)
    assert "\n" not in str(refused.value)


def test_midnights_are_those_of_the_reporting_zone() -> None:
    """Berlin's third quarter 2025 begins at 22:00 UTC (summer time); its first at 23:00 UTC."""
    summer, winter = parse_period("2025-Q3", BERLIN), parse_period("2025-Q1", BERLIN)
    assert summer.start.astimezone(UTC) == datetime(2025, 6, 30, 22, tzinfo=UTC)
    assert winter.start.astimezone(UTC) == datetime(2024, 12, 31, 23, tzinfo=UTC)


def test_days_are_of_the_calendar_whatever_the_clocks_do() -> None:
    march = parse_period("2025-03", BERLIN)
    assert march.days == 31
    assert march.end.astimezone(UTC) - march.start.astimezone(UTC) == timedelta(days=31, hours=-1)


def test_a_day_that_has_no_midnight_begins_with_its_first_moment() -> None:
    """In Cairo the clocks went from 24:00 of 25 April 2024 to 01:00: 22:00 UTC."""
    day = parse_period("2024-04-26..2024-04-27", Settings(time_zone="Africa/Cairo"))
    assert day.start.astimezone(UTC) == datetime(2024, 4, 25, 22, tzinfo=UTC)


def test_a_moment_lies_in_the_quarter_of_the_reporting_zone() -> None:
    moment = datetime(2025, 6, 30, 22, 30, tzinfo=UTC)
    assert quarter_of(moment, PLAIN).label == "2025-Q2"
    assert quarter_of(moment, BERLIN).label == "2025-Q3"
    assert quarter_of(date(2025, 3, 31), APRIL).label == "2024-Q4"
    assert current_quarter(moment, BERLIN).label == "2025-Q3"
    assert last_full_quarter(moment, BERLIN).label == "2025-Q2"


@pytest.mark.parametrize(
    ("moment", "months", "before"),
    [
        ("2024-02-29 13:00", 12, "2023-02-28 13:00"),
        ("2025-03-31 00:00", 1, "2025-02-28 00:00"),
        ("2024-03-31 00:00", 1, "2024-02-29 00:00"),
        ("2025-10-01 00:00", 24, "2023-10-01 00:00"),
        ("2025-01-15 09:30", 13, "2023-12-15 09:30"),
    ],
)
def test_months_before_at_the_ends_of_months(moment: str, months: int, before: str) -> None:
    read = datetime.fromisoformat
    assert months_before(read(f"{moment}+00:00"), months) == read(f"{before}+00:00")


def test_add_months_counts_over_years() -> None:
    assert add_months(date(2025, 11, 30), 3) == date(2026, 2, 1)
    assert add_months(date(2025, 1, 31), -1) == date(2024, 12, 1)


@pytest.mark.parametrize(
    ("written", "before", "last_year"),
    [
        ("2025-Q1", "2024-Q4", "2024-Q1"),
        ("2025", "2024", "2024"),
        ("2025-01", "2024-12", "2024-01"),
        ("2025-01-01..2025-07-01", "2024-07-01..2025-01-01", "2024-01-01..2024-07-01"),
        ("2025-03-15..2025-04-14", "2025-02-13..2025-03-15", "2024-03-15..2024-04-14"),
        ("2024-02-29..2024-03-01", "2024-02-28..2024-02-29", "2023-02-28..2023-03-01"),
        ("2024-02-28..2024-02-29", "2024-02-27..2024-02-28", "2023-02-28..2023-03-01"),
    ],
)
def test_periods_to_compare_with(written: str, before: str, last_year: str) -> None:
    period = parse_period(written, PLAIN)
    assert text(previous(period, PLAIN)) == before
    assert text(year_before(period, PLAIN)) == last_year


@given(TEXTS, SETTINGS)
def test_the_text_of_a_period_reads_back_to_it(written: str, settings: Settings) -> None:
    period = parse_period(written, settings)
    assert text(period) == written
    assert period.days > 0
    for other in (previous(period, settings), year_before(period, settings)):
        assert parse_period(text(other), settings) == other


@given(TEXTS, SETTINGS)
def test_the_previous_period_abuts(written: str, settings: Settings) -> None:
    period = parse_period(written, settings)
    before = previous(period, settings)
    assert before.end == period.start
    assert before.start < before.end
    assert abs(before.days - period.days) <= 3 * (1 + period.days // 28)


@given(DAYS, SETTINGS)
def test_quarters_of_a_fiscal_year_tile_it(day: date, settings: Settings) -> None:
    own = quarter_of(day, settings)
    assert own.start.date() <= day < own.end.date()
    year = parse_period(own.label[:4], settings)
    quarters = [parse_period(f"{own.label[:4]}-Q{number}", settings) for number in (1, 2, 3, 4)]
    assert own in quarters
    assert [q.start for q in quarters] + [year.end] == [year.start] + [q.end for q in quarters]


def test_between_names_itself_by_its_days() -> None:
    assert text(between(date(2025, 1, 1), date(2025, 1, 8), PLAIN)) == "2025-01-01..2025-01-08"
