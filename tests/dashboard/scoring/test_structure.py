"""Do codes keep every answer, and do models meet in one structure without losing any of their questions?"""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.domain import UserError
from dashboard.scoring.halves import halves
from dashboard.scoring.model import Criterion, Gate, Group, Kind, Level, ScoringModel
from dashboard.scoring.scorecard_file import default_model, parse
from dashboard.scoring.structure import (
    MOST_CODES,
    AnyOf,
    Flag,
    HowMany,
    Structure,
    asked,
    of_gate,
    score_codes,
    structure_of,
)
from tests.scorecards import random_card


def random_structure(random: Random) -> tuple[Structure, list[ScoringModel]]:
    models = [parse(random_card(random) | {"window_days": 90}) for _ in range(random.randint(1, 3))]
    return structure_of(*models), models


def random_digits(structure: Structure, count: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.array([rng.integers(0, size, count) for size in structure.sizes], dtype=np.uint8)


@given(st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_digits_come_back_from_their_code(seed: int) -> None:
    structure, _ = random_structure(Random(seed))
    digits = random_digits(structure, 50, seed)
    assert (structure.digits(structure.codes(digits)) == digits).all()


def test_a_code_by_hand() -> None:
    """Sizes 4 (two levels), 2, 3, 2, 2: weights 1, 4, 8, 24, 48; answers 2, 1, 2, 0, 1 make 2 + 4 + 16 + 48 = 70."""
    criterion = Criterion("c", Group.FIT, Kind.NUMBER, "account.employees", (Level("a", 1), Level("b", 2)))
    structure = Structure((criterion, AnyOf(("x",)), HowMany(("x", "y")), Flag(Gate.CONFIRMED), Flag(Gate.RECORDED)))
    assert structure.sizes == (4, 2, 3, 2, 2)
    assert structure.weights == (1, 4, 8, 24, 48)
    assert structure.codes(np.array([[2], [1], [2], [0], [1]], dtype=np.uint8)).tolist() == [70]


def test_what_a_slider_moves_is_no_part_of_the_structure() -> None:
    model = default_model()
    moved = replace(
        model,
        criteria=tuple(
            replace(each, name=each.name + "!", levels=tuple(replace(level, points=1) for level in each.levels))
            for each in model.criteria
        ),
        threshold=3,
        min_triggers=0,
        requires=Gate(0),
        fit_total=90,
        icp_at_least=1,
    )
    assert structure_of(moved) == structure_of(model) == structure_of(model, moved)
    assert structure_of(moved).identity == structure_of(model).identity


def test_another_border_is_another_structure() -> None:
    model = default_model()
    size = model.criteria[0]
    wider = replace(
        size, levels=(replace(size.levels[0], below=60), replace(size.levels[1], at_or_above=60), *size.levels[2:])
    )
    other = replace(model, criteria=(wider, *model.criteria[1:]))
    joint = structure_of(model, other)
    assert structure_of(other).identity != structure_of(model).identity
    assert len(joint.questions) == len(structure_of(model).questions) + 1
    assert joint.answering(size) != joint.answering(wider)


def test_a_question_that_is_not_asked_is_an_error() -> None:
    with pytest.raises(KeyError):
        structure_of(default_model()).place(AnyOf(("never heard of",)))


def test_criteria_are_told_apart_even_where_one_takes_the_place_of_another_in_memory() -> None:
    """`answering` remembers objects by their identity; thousands that come and go must not be taken for each other."""
    model = default_model()
    structure = structure_of(model)
    for points in range(5000):
        place = points % len(model.criteria)
        each = model.criteria[place]
        changed = replace(each, levels=(replace(each.levels[0], points=points), *each.levels[1:]))
        assert structure.questions[structure.answering(changed)] == asked(each)


def test_windows_of_different_length_do_not_meet() -> None:
    model = default_model()
    with pytest.raises(UserError, match="within 30 days of a lead's creation, another within 90"):
        structure_of(model, replace(model, window_days=30))
    shorter = structure_of(replace(model, window_days=30))
    assert shorter.window_days == 30 and shorter.identity != structure_of(model).identity


def test_more_kinds_of_leads_than_numbers_are_refused() -> None:
    levels = tuple(Level(f"level {place}", 0, at_or_above=place, below=place + 1) for place in range(240))
    criteria = tuple(
        Criterion(
            f"c{place}", Group.FIT, Kind.NUMBER, "account.employees", (replace(levels[0], below=-place), *levels[1:])
        )
        for place in range(8)
    )
    with pytest.raises(UserError, match="more kinds of leads apart than can be counted"):
        structure_of(replace(default_model(), criteria=criteria))
    found = structure_of(replace(default_model(), criteria=criteria[:5]))
    assert found.weights[-1] * found.sizes[-1] <= MOST_CODES


@pytest.mark.parametrize("seed", range(30))
def test_halves_score_as_the_whole(seed: int) -> None:
    random = Random(seed)
    structure, models = random_structure(random)
    digits = random_digits(structure, 300, seed)
    for model in models:
        whole, split = score_codes(structure, digits, model), halves(structure, digits).scored(model)
        for name in ("fit", "intent", "known", "gates", "score", "open", "qualified"):
            left, right = getattr(whole, name), getattr(split, name)
            assert left.dtype == right.dtype and (left == right).all(), name


@pytest.mark.parametrize("seed", range(10))
def test_scores_are_those_of_a_loop(seed: int) -> None:
    structure, models = random_structure(Random(seed))
    digits = random_digits(structure, 60, seed)
    for model in models:
        found = score_codes(structure, digits, model)
        for lead in range(60):
            answers = digits[:, lead].tolist()
            points = {Group.FIT: 0, Group.INTENT: 0}
            for criterion in model.criteria:
                answer = answers[structure.questions.index(asked(criterion))]
                points[criterion.group] += [0, *(level.points for level in criterion.levels), 0][answer]
            assert (found.fit[lead], found.intent[lead]) == (points[Group.FIT], points[Group.INTENT])
            gates = Gate(int(found.gates[lead]))
            assert (Gate.ICP in gates) == (points[Group.FIT] >= model.icp_at_least)
            triggers = answers[structure.questions.index(of_gate(model, Gate.TRIGGERS))]
            assert (Gate.TRIGGERS in gates) == (triggers >= model.min_triggers)
