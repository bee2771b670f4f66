"""Does the range of best thresholds hold the best one, and is a flat goal called flat?"""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.scoring.best_range import best_for_capacity, best_for_value
from dashboard.scoring.outcome_model import fit
from tests.calibration.outcomes import best_threshold, value_of
from tests.calibration.outcomes_worlds import Setting, Who, world


def test_capacity_by_hand() -> None:
    # 400 leads score 100, 300 score 60, 300 score 50, over ten weeks: 40, 70 and 100 a week.
    qualified = np.array([1000] * 51 + [700] * 10 + [400] * 40)
    found = best_for_capacity(qualified, 10, 85)
    assert found is not None
    # 85 a week is 850 in ten weeks: 700 fit, with a standard error of 26, 1,000 do not, with one of 32.
    assert (found.low, found.high, found.flat) == (51, 51, False)
    assert found.goal[[50, 51, 61]] == pytest.approx([100, 70, 40])
    close = best_for_capacity(qualified, 10, 70)
    assert close is not None and (close.low, close.high) == (51, 61)


def test_capacity_edges() -> None:
    assert best_for_capacity(np.zeros(101, np.int64), 10, 50) is None
    assert best_for_capacity(np.full(101, 5), 0, 50) is None
    roomy = best_for_capacity(np.arange(101)[::-1], 1, 1e6)
    assert roomy is not None and (roomy.low, roomy.high) == (0, 0)
    nothing_fits = best_for_capacity(np.full(101, 500), 1, 0.0)
    assert nothing_fits is not None and nothing_fits.low == 100


def test_goal_is_arr_less_cost() -> None:
    one = world(Setting(Who.RANDOM, leads=12_000, partners=10), np.random.default_rng(3))
    model = fit(one.cells, one.model)
    assert model is not None
    from dashboard.scoring.expected import expected_curve

    found = best_for_value(model, one.cells, one.scores, cost=5000.0)
    assert found is not None
    curve = expected_curve(model, one.cells, one.scores)
    for threshold in (0, 60, 70, 90):
        reached = one.scores.open & (one.scores.score >= threshold)
        seen = one.cells.totals[8][reached].sum()
        leads = one.cells.totals[0][reached].sum()
        goal = seen + curve.continued_arr.value[threshold] - 5000.0 * leads
        assert found.goal[threshold] == pytest.approx(goal)
    again = best_for_value(model, one.cells, one.scores, cost=5000.0)
    assert again is not None and (again.low, again.high) == (found.low, found.high)


def test_dear_work_raises_the_threshold_and_cheap_work_lowers_it() -> None:
    one = world(Setting(Who.RANDOM, leads=12_000, partners=10), np.random.default_rng(3))
    model = fit(one.cells, one.model)
    assert model is not None
    mean = value_of(one)
    cheap, middle, dear = (best_for_value(model, one.cells, one.scores, factor * mean) for factor in (0.05, 1, 3))
    assert cheap is not None and middle is not None and dear is not None
    assert cheap.high <= middle.high <= dear.high and cheap.low <= middle.low <= dear.low
    assert cheap.low < dear.low


def test_range_holds_the_best_threshold_in_small_companies() -> None:
    held = []
    for seed in range(8):
        one = world(Setting(Who.RANDOM, leads=10_000, partners=10), np.random.default_rng([9, seed]))
        model = fit(one.cells, one.model)
        assert model is not None
        cost = value_of(one)
        found = best_for_value(model, one.cells, one.scores, cost)
        assert found is not None
        held.append(found.low <= best_threshold(one, cost) <= found.high)
    assert sum(held) >= 7


def test_where_nobody_was_worked_a_low_range_is_marked() -> None:
    one = world(Setting(Who.NOBODY, leads=12_000, partners=10), np.random.default_rng(3))
    model = fit(one.cells, one.model)
    assert model is not None
    found = best_for_value(model, one.cells, one.scores, cost=0.0)
    assert found is not None and found.unsupported
