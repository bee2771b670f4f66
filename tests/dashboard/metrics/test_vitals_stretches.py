"""Which stretches do the vitals compare, also while a period still runs?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dashboard.metrics.vitals_stretches import stretches_of
from dashboard.period import parse_period
from dashboard.settings import Settings
from dashboard.window import Window


def stretches(text: str, as_of: datetime, **own: object):  # type: ignore[no-untyped-def]
    settings = Settings(**own)
    return stretches_of(Window(parse_period(text, settings), as_of, settings.time_zone), settings)


LATE = datetime(2026, 6, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "earlier"),
    [
        ("2025-Q3", "2025-Q1"),
        ("2025", "2024-07-01..2025-07-01"),
        ("2025-08", "2025-02-01..2025-03-01"),
        ("2025-08-31..2025-09-30", "2025-02-28..2025-03-30"),
    ],
)
def test_the_earlier_stretch_lies_six_months_before(period: str, earlier: str) -> None:
    assert stretches(period, LATE).earlier.label == earlier


def test_a_running_period_is_compared_with_as_many_days() -> None:
    found = stretches("2026-Q2", datetime(2026, 5, 10, 9, tzinfo=UTC))
    assert found.earlier.label == "2025-10-01..2025-11-10"  # 40 days: 1 April to 10 May
    assert found.year.label == "2025-04-01..2026-04-01"
    assert found.year_before.label == "2024-04-01..2025-04-01"
    assert [quarter.label for quarter in found.quarters[:2]] == ["2026-Q2", "2026-Q1"]


def test_years_end_with_the_quarter_of_the_period() -> None:
    found = stretches("2025-08", LATE)
    assert (found.year.label, found.year_before.label) == ("2024-10-01..2025-10-01", "2023-10-01..2024-10-01")
    assert found.quarters[0].label == "2025-Q3" and len(found.quarters) == 8
    assert found.curve.label == "2023-09-01..2025-09-01"


def test_fiscal_quarters() -> None:
    found = stretches("2025-Q1", LATE, fiscal_year_start=2)
    assert found.earlier.label == "2024-Q3"
    assert (found.year.start.month, found.year.end.month) == (5, 5)


def test_periods_far_apart_from_the_data_have_stretches() -> None:
    assert stretches("2199-Q4", LATE).year.label == "2025-04-01..2026-04-01"
    assert stretches("1903-Q1", LATE).earlier.label == "1902-Q3"
