"""Do points that move between criteria stay whole, keep their order and fill their group to the point?"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain import UserError
from dashboard.scoring.edits import apportioned, given_by, level_points, locked, scaled, shifted, total_of
from dashboard.scoring.model import Criterion, Group, Kind, Level, ScoringModel
from dashboard.scoring.scaling import same_conditions
from dashboard.scoring.scorecard_file import default_model
from dashboard.scoring.soundness import check
from dashboard.scoring.structure import asked
from tests.dashboard.scoring.sound_models import edited, sound_model

MODEL = default_model()
SEEDS = st.integers(0, 10**9).map(Random)


def mosts(model: ScoringModel, group: Group) -> dict[str, int]:
    return {criterion.name: criterion.most for criterion in model.of(group)}


def named(model: ScoringModel, name: str) -> Criterion:
    return next(criterion for criterion in model.criteria if criterion.name == name)


def keeps_order(before: Criterion, after: Criterion, *, equal_ones: bool) -> bool:
    """Whether no level has overtaken another; with `equal_ones`, whether equal ones stay equal."""
    pairs = list(zip(level_points(before), level_points(after), strict=True))
    return all(
        new <= other_new if old < other_old else new == other_new
        for old, new in pairs
        for other_old, other_new in pairs
        if old < other_old or (equal_ones and old == other_old)
    )


def test_a_criterion_scales_with_halves_up() -> None:
    # 2, 8, 12, 10, 6 times 10/12: 1.67, 6.67, 10, 8.33, 5.
    assert level_points(scaled(named(MODEL, "company size"), 10)) == (2, 7, 10, 8, 5)
    # Times 6/12: 1, 4, 6, 5, 3; times 3/12: 0.5 → 1, 2, 3, 2.5 → 3, 1.5 → 2.
    assert level_points(scaled(named(MODEL, "company size"), 3)) == (1, 2, 3, 3, 2)


def test_points_that_nobody_has_fall_evenly_from_the_first_level() -> None:
    levels = tuple(Level(name, 0, any_of=(name,)) for name in "abc")
    criterion = Criterion("c", Group.FIT, Kind.TEXT, "lead.channel", (*levels, Level("other", 0, otherwise=True)))
    # 3, 2, 1 of 3 times 12.
    assert level_points(scaled(criterion, 12)) == (12, 8, 4, 0)
    alone = Criterion("c", Group.FIT, Kind.TEXT, "lead.channel", (Level("any", 0, otherwise=True),))
    assert level_points(scaled(alone, 5)) == (5,)


def test_locking_takes_from_the_rest_in_proportion() -> None:
    # Company size from 12 to 20 leaves 20 for 8 + 12 + 8: 5.71, 8.57, 5.71, rounded down 18; the two points left go to
    # the two remainders of .71.
    moved = locked(MODEL, "company size", 20)
    assert mosts(moved, Group.FIT) == {"company size": 20, "industry": 6, "tech stack": 8, "use case": 6}
    assert level_points(named(moved, "industry")) == (6, 4, 2, 0)  # 8, 5, 2, 0 times 6/8: 6, 3.75, 1.5, 0
    assert moved.of(Group.INTENT) == MODEL.of(Group.INTENT)


@given(SEEDS)
def test_a_locked_group_is_full_and_levels_keep_their_order(random: Random) -> None:
    active = sound_model(random)
    model = edited(active, random)
    criterion = random.choice(model.criteria)
    total = total_of(model, criterion.group)
    alone = len(model.of(criterion.group)) == 1
    most = total if alone else random.randint(0, total)
    # Levels that rounding made equal may part again, as they are parted in the active model.
    shape = random.choice((None, active))
    moved = locked(model, criterion.name, most, shape)
    check(moved)
    assert named(moved, criterion.name).most == most
    assert given_by(moved, criterion.group) == total
    other = next(group for group in Group if group is not criterion.group)
    assert moved.of(other) == model.of(other)
    for before in model.of(criterion.group):
        if before.most:
            assert keeps_order(before, named(moved, before.name), equal_ones=shape is None)


@given(SEEDS)
def test_a_slider_that_returns_has_changed_nothing(random: Random) -> None:
    """Each move starts from where the slider was first touched, and the active model lends its proportions."""
    active = sound_model(random)
    criterion = random.choice([own for own in active.criteria if len(active.of(own.group)) > 1] or active.criteria)
    total = total_of(active, criterion.group)
    if len(active.of(criterion.group)) == 1 or given_by(active, criterion.group) != total:
        return
    there = locked(active, criterion.name, random.randint(0, total), active)
    assert locked(there, criterion.name, criterion.most, active) == active


@given(SEEDS)
def test_a_rounded_copy_finds_back_to_its_shape(random: Random) -> None:
    shape = random.choice(sound_model(random).criteria)
    small = scaled(shape, random.randint(0, shape.most))
    if shape.most:
        assert scaled(small, shape.most, shape) == shape


def test_what_cannot_be_locked_is_said() -> None:
    with pytest.raises(UserError, match="“company size” can have 0 to 40 points, the total of fit"):
        locked(MODEL, "company size", 41)
    alone = replace(MODEL, criteria=(named(MODEL, "industry"),))
    with pytest.raises(UserError, match="“industry” is the only one of fit, so it holds all 40 points"):
        locked(alone, "industry", 12)
    with pytest.raises(UserError, match="“industry” cannot have less than 0 points"):
        scaled(named(MODEL, "industry"), -1)


def test_five_points_from_intent_to_fit() -> None:
    moved = shifted(MODEL)
    assert (moved.fit_total, moved.intent_total, moved.threshold, moved.icp_at_least) == (45, 55, 70, 20)
    # 12, 8, 12, 8 times 45/40: 13.5, 9, 13.5, 9; the point left goes to the first of the equal remainders.
    assert mosts(moved, Group.FIT) == {"company size": 14, "industry": 9, "tech stack": 13, "use case": 9}
    # 8, 12, 6, 12, 4, 12, 6 times 55/60: 7.33, 11, 5.5, 11, 3.67, 11, 5.5: rounded down 53; .67 first, then one .5.
    assert list(mosts(moved, Group.INTENT).values()) == [7, 11, 6, 11, 4, 11, 5]


@given(SEEDS, st.integers(-60, 60))
def test_shifting_keeps_the_sum_and_what_was_full(random: Random, points: int) -> None:
    model = sound_model(random)
    moved = shifted(model, points)
    check(moved)
    assert moved.fit_total + moved.intent_total == model.fit_total + model.intent_total
    assert moved.fit_total - model.fit_total == max(-model.fit_total, min(points, model.intent_total))
    for group in Group:
        if given_by(model, group) == total_of(model, group) > 0:
            assert given_by(moved, group) == total_of(moved, group)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=9), st.integers(0, 400))
def test_parts_add_up_and_are_never_a_point_off(weights: list[int], total: int) -> None:
    parts = apportioned(weights, total)
    assert sum(parts) == total
    whole = sum(weights) or len(weights)
    for part, weight in zip(parts, weights if any(weights) else [1] * len(weights), strict=True):
        assert abs(part - Fraction(weight * total, whole)) < 1
    order = sorted(range(len(parts)), key=lambda place: weights[place])
    assert all(
        parts[low] <= parts[high]
        for low, high in pairwise(order)
        if weights[low] < weights[high]
    )  # fmt: skip


@given(SEEDS)
def test_the_quick_comparison_is_the_one_of_the_structure(random: Random) -> None:
    model = sound_model(random)
    criteria = [*model.criteria, *edited(model, random).criteria, *sound_model(random).criteria]
    one, other = random.choice(criteria), random.choice(criteria)
    assert same_conditions(one, other) == (asked(one) == asked(other))
