"""Are sums, signs, refusals and bounds of expected outcomes what they say, and do intervals hold the truth?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from dashboard.scoring.cells import Work
from dashboard.scoring.expected import Range, expected_curve, expected_of
from dashboard.scoring.outcome_model import OutcomeModel, fit
from dashboard.scoring.outcome_realised import realised
from dashboard.scoring.support import upper_limit
from tests.calibration.outcomes_worlds import Setting, Who, World, with_threshold, world


def simulated(who: Who, seed: int = 5, **changes: float) -> tuple[World, OutcomeModel]:
    one = world(Setting(who, **({"leads": 12_000, "partners": 10} | changes)), np.random.default_rng(seed))
    model = fit(one.cells, one.model)
    assert model is not None
    return one, model


RANDOM = simulated(Who.RANDOM)
NOBODY = simulated(Who.NOBODY)
HUNCH = simulated(Who.HUNCH, hidden=0.8)


def gained(one: World, threshold: int) -> np.ndarray:
    return one.qualified(with_threshold(one.model, threshold)).astype(float) - one.scores.qualified


def numbers(found: Range) -> tuple[float, float, float]:
    assert found.value is not None and found.low is not None and found.high is not None
    return found.value, found.low, found.high


def test_the_curve_is_the_answer_at_every_threshold() -> None:
    for one, model in (RANDOM, NOBODY, HUNCH):
        curve = expected_curve(model, one.cells, one.scores)
        for threshold in (0, 30, 50, 65, 70, 80, 100):
            qualified = (one.scores.open & (one.scores.score >= threshold)).astype(float)
            found = expected_of(model, one.cells, qualified)
            assert curve.leads[threshold] == found.leads
            for own, other in (
                (curve.continued_wins, found.continued.wins),
                (curve.continued_sqls, found.continued.sqls),
                (curve.continued_arr, found.continued.arr),
            ):
                assert numbers(own.at(threshold)) == pytest.approx(numbers(other), rel=1e-9, abs=1e-9)
            assert bool(curve.refused[threshold]) == found.refused
            assert (curve.wins.at(threshold).value is None) == (found.wins.value is None)
            assert curve.bound[threshold] == pytest.approx(found.bound)


def test_gained_less_dropped() -> None:
    one, model = RANDOM
    up, down = gained(one, 60), one.scores.qualified.astype(float)
    both = expected_of(model, one.cells, up - down).continued
    plus, minus = (expected_of(model, one.cells, signs).continued for signs in (up, down))
    assert both.wins.value == pytest.approx(plus.wins.value - minus.wins.value)  # type: ignore[operator]
    assert both.wins_by_owner.sum() == pytest.approx(both.wins.value)
    assert both.arr_by_owner.sum() == pytest.approx(both.arr.value)
    turned = expected_of(model, one.cells, down - up).continued
    value, low, high = numbers(both.wins)
    assert numbers(turned.wins) == pytest.approx((-value, -high, -low))
    # Dropped leads alone: the same interval as gained ones, turned round.
    value, low, high = numbers(plus.wins)
    assert numbers(expected_of(model, one.cells, -up).continued.wins) == pytest.approx((-value, -high, -low))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_any_question_has_an_ordered_answer(seed: int) -> None:
    one, model = HUNCH
    signs = np.random.default_rng(seed).integers(-1, 2, len(one.cells.codes)).astype(float)
    found = expected_of(model, one.cells, signs)
    never = one.cells.by_work[Work.NEVER][0]
    assert found.leads == (signs > 0) @ never and found.dropped == (signs < 0) @ never
    for what in (found.continued.wins, found.continued.sqls, found.continued.arr):
        value, low, high = numbers(what)
        assert low <= value <= high
    assert found.bound is not None and found.bound <= found.leads


def test_nothing_asked() -> None:
    one, model = RANDOM
    found = expected_of(model, one.cells, np.zeros(len(one.cells.codes)))
    assert (found.leads, found.wins.value, found.refused, found.supported, found.bound) == (0, 0, False, None, 0)


def test_beyond_the_worked_leads_no_point_but_a_bound() -> None:
    one, model = NOBODY
    found = expected_of(model, one.cells, gained(one, 65))
    assert found.refused and found.supported == 0
    assert found.wins.value is None and found.arr.value is None and found.wins_by_owner is None
    assert found.continued.wins.value is not None
    # The bound by hand: leads gained times the limit of the win rate from 70 to 74.
    near = (one.scores.score >= 70) & (one.scores.score < 75) & one.scores.qualified
    worked = one.cells.by_work[Work.WORKED]
    limit = upper_limit(float(worked[2][near].sum()), float(worked[0][near].sum()))
    assert found.bound == pytest.approx(found.leads * limit)
    assert found.bound >= gained(one, 65) @ one.wins


def test_clopper_and_pearson() -> None:
    # 3 of 10: the rate at which 3 or fewer have a chance of 2.5 %.
    limit = upper_limit(3, 10)
    assert binom.cdf(3, 10, limit) == pytest.approx(0.025)
    assert limit == pytest.approx(0.6525, abs=1e-4)
    assert upper_limit(0, 0) == 1.0 and upper_limit(5, 5) == 1.0


def test_an_experiment_supports_what_it_reaches() -> None:
    one, model = RANDOM
    found = expected_of(model, one.cells, gained(one, 60))
    assert not found.refused and found.supported is not None and found.supported > 0.9
    value, low, high = numbers(found.wins)
    assert 0 < low < value < high < found.leads


def test_intervals_grow_as_the_threshold_falls_where_nobody_was_worked() -> None:
    one, model = NOBODY
    widths = []
    for threshold in (65, 60, 50):
        value, low, high = numbers(expected_of(model, one.cells, gained(one, threshold)).continued.wins)
        widths.append((high - low) / value)
    assert widths == sorted(widths)


def test_the_factor_lowers_lower_limits_where_leads_were_chosen_and_only_there() -> None:
    one, model = HUNCH
    lows, values, highs = [], [], []
    for factor in (1.0, 1.25, 2.0, 3.0):
        value, low, high = numbers(expected_of(model, one.cells, gained(one, 60), factor).continued.wins)
        lows.append(low), values.append(value), highs.append(high)
    assert lows == sorted(lows, reverse=True) and len(set(lows)) == 4
    assert len(set(values)) == 1 and len(set(highs)) == 1
    # Odds of the mean rate are divided by the factor.
    leads = float(gained(one, 60) @ one.cells.by_work[Work.NEVER][0])
    odds = [low / (leads - low) for low in lows]
    assert odds[0] / np.array(odds) == pytest.approx([1.0, 1.25, 2.0, 3.0])
    other, plain = RANDOM
    assert numbers(expected_of(plain, other.cells, gained(other, 60), 3.0).wins) == pytest.approx(
        numbers(expected_of(plain, other.cells, gained(other, 60), 1.0).wins)
    )


def test_cells_of_another_scorecard_are_understood() -> None:
    """Only the active model's questions matter, wherever they stand in the structure."""
    from dashboard.scoring.structure import structure_of

    one, model = RANDOM
    first = one.model.criteria[0]
    other = replace(one.model, criteria=(replace(first, levels=first.levels[:2]), *one.model.criteria[1:]))
    joint = structure_of(other, one.model)
    digits = np.zeros((len(joint.questions), len(one.cells.codes)), np.uint8)
    for row, question in enumerate(joint.questions):
        if question in one.cells.structure.questions:
            digits[row] = one.cells.digits[one.cells.structure.place(question)]
    cells = replace(one.cells, structure=joint, digits=digits)
    signs = gained(one, 60)
    assert numbers(expected_of(model, cells, signs).wins) == pytest.approx(
        numbers(expected_of(model, one.cells, signs).wins)
    )


def test_luck_makes_it_wider_and_a_seed_repeatable() -> None:
    one, model = RANDOM
    for signs in (gained(one, 65), gained(one, 60) - one.scores.qualified):
        expected = expected_of(model, one.cells, signs)
        found = realised(expected, model.dispersion)
        for own, mean in ((found.wins, expected.wins), (found.sqls, expected.sqls), (found.arr, expected.arr)):
            middle, low, high = numbers(own)
            value, least, most = numbers(mean)
            assert low < least + 0.05 * abs(value) and high > most - 0.05 * abs(value)
            assert middle == pytest.approx(value, abs=0.15 * (most - least))
        assert realised(expected, model.dispersion) == found
    refused = expected_of(NOBODY[1], NOBODY[0].cells, gained(NOBODY[0], 60))
    assert realised(refused, NOBODY[1].dispersion).wins.value is None


@pytest.mark.parametrize("who", Who)
def test_intervals_hold_the_truth_in_small_companies(who: Who) -> None:
    """Of six companies at most one may have an interval that misses.

    Companies are counted, not intervals: both thresholds of a company miss together (seed 105 misses at both). Of 150
    others of each kind none (nobody) and two (random) had a miss, so two in six would be a sign of something broken.
    """
    missed = 0
    for seed in range(6):
        one, model = simulated(who, seed=100 + seed, leads=10_000, hidden=0.6 if who is Who.HUNCH else 0.0)
        held = []
        for threshold in (65, 55):
            signs = gained(one, threshold)
            _, low, high = numbers(expected_of(model, one.cells, signs).continued.wins)
            held.append(low <= signs @ one.wins <= high)
        missed += not all(held)
    assert missed <= 1
