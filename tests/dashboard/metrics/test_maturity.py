"""Is a cohort called mature exactly when nine in ten of its leads have had their time?"""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.domain import Stage
from dashboard.metrics.maturity import Maturity, curve_is_mature, maturity, p90_days
from tests.dashboard.metrics.synthetic import AGES, DELAYS, frame


def delays(*days: int, stage: str = "eql") -> list[dict]:
    return [{"stage": stage, "days": day} for day in days]


def test_p90_worked_example() -> None:
    """Twenty leads took 1, 2, … 20 days: place 0.9 × 19 = 17.1, a tenth of the way from the 18th to the 19th value."""
    cells = frame(DELAYS, [*delays(*range(20, 0, -1)), *delays(900, stage="sql")])
    assert p90_days(cells, Stage.EQL) == 18.1


def test_under_twenty_leads_say_too_little_and_negative_days_are_none() -> None:
    cells = frame(DELAYS, [*delays(*range(1, 20)), *delays(-1)])
    assert p90_days(cells, Stage.EQL) is None
    assert p90_days(frame(DELAYS, []), Stage.WON) is None


@pytest.mark.parametrize(("old", "mature"), [(9, True), (8, False)])
def test_nine_in_ten_are_enough(old: int, mature: bool) -> None:
    ages = frame(AGES, [{"age_days": 31, "leads": old}, {"age_days": 30, "leads": 10 - old}])
    assert maturity(ages, {Stage.EQL: 30.0}) == {Stage.EQL: Maturity(30.0, old / 10, mature)}


def test_nothing_is_said_about_no_leads_or_an_unknown_time() -> None:
    assert maturity(frame(AGES, []), {Stage.EQL: 30.0})[Stage.EQL] == Maturity(30.0, None, None)
    assert maturity(frame(AGES, [{"age_days": 3}]), {Stage.EQL: None})[Stage.EQL] == Maturity(None, None, None)
    assert curve_is_mature(np.array([]), np.array([]), 30.0) is None
    assert curve_is_mature(np.array([9]), np.array([1]), None) is None


def test_a_curve_is_mature_where_the_time_has_passed_for_nine_deals_in_ten() -> None:
    days = np.array([29, 30, 400])
    assert curve_is_mature(days, np.array([10, 60, 30]), 30.0) is True
    assert curve_is_mature(days, np.array([11, 59, 30]), 30.0) is False
