"""Are periods compared fairly, and changes told from chance?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain import NOTHING, Estimate
from dashboard.metrics.intervals import rate
from dashboard.period import parse_period, previous
from dashboard.settings import Settings
from dashboard.views import comparison

SETTINGS = Settings(_env_file=None)
Q4 = parse_period("2026-Q4", SETTINGS)
Q3 = previous(Q4, SETTINGS)


def test_a_past_period_is_compared_with_a_whole_one() -> None:
    found = comparison.fair(Q3, previous(Q3, SETTINGS), datetime(2026, 11, 22, tzinfo=UTC), SETTINGS)
    assert found and found.name == "Q2 2026" and found.period.label == "2026-Q2" and not found.cut


def test_a_running_period_is_compared_with_as_many_days() -> None:
    # 1 Oct … 22 Nov are 31 + 22 = 53 days; the first 53 days of Q3 end before 23 Aug
    found = comparison.fair(Q4, Q3, datetime(2026, 11, 22, 9, tzinfo=UTC), SETTINGS)
    assert found and found.name == "the first 53 days of Q3 2026" and found.short == "day 53 of Q3" and found.cut
    assert found.period.start == Q3.start and found.period.end == datetime(2026, 8, 23, tzinfo=UTC)


def test_nothing_to_compare() -> None:
    assert comparison.fair(Q4, None, datetime(2026, 11, 22, tzinfo=UTC), SETTINGS) is None


def test_sums() -> None:
    assert comparison.sum_changed(4e6, 400, 2e6, 200) is True  # ln 2 = 0.693 > 1.96 × √(2/400 + 2/200) = 0.240
    assert comparison.sum_changed(2e6, 4, 1e6, 4) is False  # 0.693 < 1.96 × √(2/4 + 2/4) = 1.960
    assert comparison.sum_changed(2e6, 4, 0.0, 0) is None


def test_newcombe_against_the_published_example() -> None:
    # Newcombe 1998, table II: 56/70 against 48/80, difference 0.2000, method 10: 0.0524 to 0.3339: 0 is outside.
    assert comparison.rate_changed(rate(56, 70), rate(48, 80)) is True
    # 9/10 against 3/10: 0.1705 to 0.8090; 6/7 against 2/7: 0.0582 to 0.8062
    assert comparison.rate_changed(rate(6, 7), rate(2, 7)) is True
    assert comparison.rate_changed(rate(5, 56), rate(0, 29)) is False  # −0.0381 to 0.1926
    assert comparison.rate_changed(NOTHING, rate(1, 2)) is None


@given(st.integers(0, 50), st.integers(0, 50))
def test_a_rate_never_differs_from_itself(won: int, lost: int) -> None:
    same = rate(won, won + lost)
    assert comparison.rate_changed(same, same) in (False, None)


@pytest.mark.parametrize("missing", ["low", "high"])
def test_a_rate_without_bounds_is_not_judged(missing: str) -> None:
    bounds = {"low": 0.1, "high": 0.3} | {missing: None}
    assert comparison.rate_changed(Estimate(0.2, n=9, **bounds), rate(1, 2)) is None
