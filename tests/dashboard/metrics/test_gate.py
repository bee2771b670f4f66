"""Is the gate asked in the right quarter, and only once that is over?"""

from __future__ import annotations

from datetime import date

import pytest

from dashboard.metrics.gate import Gate, Verdict, first_full_quarter, gate
from dashboard.period import Period, parse_period, quarter
from dashboard.settings import Settings

SETTINGS = Settings()
Q3, Q4 = quarter(2025, 3, SETTINGS), quarter(2025, 4, SETTINGS)


@pytest.mark.parametrize(("day", "full"), [(1, Q3), (2, Q4), (31, Q4)])
def test_a_partner_that_joins_on_the_first_day_has_the_whole_quarter(day: int, full: Period) -> None:
    assert first_full_quarter(date(2025, 7, day), Q3, Q4) == full


@pytest.mark.parametrize(
    ("multiple", "over", "verdict"),
    [
        (5.0, True, Verdict.CONTINUE),
        (4.99, True, Verdict.PAUSE_OR_PIVOT),
        (0.0, True, Verdict.PAUSE_OR_PIVOT),
        (None, True, None),
        (9.0, False, None),
    ],
)
def test_verdict(multiple: float | None, over: bool, verdict: Verdict | None) -> None:
    assert gate(Q3, Q3, over, multiple) == Gate("2025-Q3", True, verdict)


def test_applies_in_that_quarter_alone_however_it_is_written() -> None:
    days = parse_period("2025-07-01..2025-10-01", SETTINGS)
    assert gate(Q3, days, True, 6.0) == Gate("2025-Q3", True, Verdict.CONTINUE)
    assert gate(Q3, Q4, True, 6.0) == Gate("2025-Q3", False, None)
    assert gate(None, Q3, True, 6.0) == Gate(None, False, None)
