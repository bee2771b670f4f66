"""When is the next audit of the scoring model due?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.scoring.audit import AuditAge, overdue

NOW = datetime(2026, 7, 31, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "days", "late"),
    [
        (timedelta(minutes=-5), 0, False),
        (timedelta(hours=23), 0, False),
        (timedelta(days=30, hours=23), 30, False),
        (timedelta(days=31), 31, True),
        (timedelta(days=400), 400, True),
    ],
)
def test_overdue_past_thirty_days(ago: timedelta, days: int, late: bool) -> None:
    assert overdue(NOW - ago, NOW) == AuditAge(days, late)


def test_no_audit_on_record_is_due() -> None:
    assert overdue(None, NOW) == AuditAge(None, True)
