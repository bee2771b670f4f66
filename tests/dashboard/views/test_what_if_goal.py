"""Is the best threshold told as a range, called flat where it is, and not told at all where the data cannot?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.filters import Filters
from dashboard.period import parse_period
from dashboard.scoring.best_range import BestRange, best_for_capacity
from dashboard.scoring.cells import Work
from dashboard.settings import settings
from dashboard.views import what_if_goal as goal
from dashboard.views.what_if_scene import Scene
from data_access.scoring_models import ActiveModel
from tests.dashboard.views.test_what_if_numbers import curve
from tests.dashboard.views.toy_scores import ACTIVE, Leads, basis, found_of

RANGE = BestRange(58, 66, False, 12_000_00.0, False, np.ones(101), np.zeros(101))
LEADS = (
    Leads((40, 45), 100, Work.WORKED, won=20, arr=200_000_00),
    Leads((40, 30), 50, Work.WORKED, won=1, arr=50_000_00),
    Leads((20, 45), 30),
)


def said(best: BestRange | None, chosen: str = goal.ARR) -> str:
    return goal.in_words(best, basis(), chosen).replace("\u202f", " ")


def test_a_range_and_never_one_number() -> None:
    assert said(RANGE) == "Best: 58 to 66, as far as the data can tell (90 %); the goal differs by $12.0 k within."
    assert said(replace(RANGE, flat=True)).startswith("Flat: from 58 to 66 the goal differs by $12.0 k")
    assert goal.shaded(RANGE) == (58, 66)


def test_what_worked_leads_do_not_support_is_not_shaded() -> None:
    unsupported = replace(RANGE, unsupported=True)
    assert goal.shaded(unsupported) is None and "cannot be told" in said(unsupported)
    assert goal.shaded(None) is None and "cannot be told" in said(None) and said(None, goal.CAPACITY) == ""


def test_capacity_is_filled_from_the_lowest_threshold_that_fits() -> None:
    # 13 weeks × 100 leads a week: all 180 fit at every threshold.
    best = best_for_capacity(found_of(LEADS).curves.qualified, 13.0, 100.0)
    assert best is not None and (best.low, best.high) == (0, 0)
    assert said(best, goal.CAPACITY) == "The lowest threshold whose leads sales can work: about 0."


def test_no_threshold_is_best_where_having_nobody_is_better() -> None:
    """The goal without anybody is 0: where it is nowhere more, working costs more than it brings, or no lead fits."""
    losing = replace(RANGE, goal=np.where(np.arange(101) < 60, -1.0, 0.0))
    assert goal.shaded(losing) is None and said(losing) == goal.NONE_PAYS
    assert goal.shaded(replace(losing, goal=np.where(np.arange(101) < 60, 1.0, 0.0))) == (58, 66)
    assert "cannot be told" in said(replace(losing, unsupported=True))
    # One lead a week is less than the 100 in 13 weeks that qualify at 85, and from 86 on nobody does.
    full = best_for_capacity(found_of(LEADS).curves.qualified, 13.0, 1.0)
    assert full is not None and full.low == 86
    assert goal.shaded(full) is None and said(full, goal.CAPACITY) == goal.NONE_FITS


@pytest.mark.parametrize("chosen", goal.GOALS)
def test_without_anybody_no_threshold_is_best(chosen: str) -> None:
    found = found_of(LEADS)
    empty = replace(found, curves=replace(found.curves, qualified=np.zeros(101, np.int64)))
    scene = Scene(parse_period("2025-Q3", settings()), "Q3 2025", Filters("2025-Q3"), ActiveModel(ACTIVE), ACTIVE)
    assert goal.best(empty, basis(), scene, chosen, 1.0, ()) is None


def test_worth_is_arr_less_the_cost_of_working() -> None:
    found = found_of(LEADS)
    (seen,) = goal.worth(found, basis())
    # At 70: 250,000 of ARR, less 150 worked leads at 50 each; at 85: 200,000 less 100 × 50.
    assert (seen.values[70], seen.values[85], seen.values[86]) == (242_500, 195_000, 0)
    found = replace(found, curves=replace(found.curves, expected=curve(1_000_00.0, refused_below=70)))
    _, both = goal.worth(found, basis())
    # At 70 all 150 qualified leads are worked: 250,000 + 1,000 − 7,500, bounds 500 less and 1,000 more; none at 69.
    assert both.estimated and both.values[69] is None and both.values[70] == pytest.approx(243_500)
    assert both.low is not None and both.high is not None
    assert (both.low[70], both.high[70]) == (pytest.approx(243_000), pytest.approx(244_500))
