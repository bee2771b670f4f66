"""Are changes of a scorecard understood as a person writes them, and refused in a sentence that helps?"""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain import UserError
from dashboard.scoring.edits import (
    PRESETS,
    gates_named,
    level_points,
    with_changes,
    with_gates,
    with_levels,
    with_most,
    with_points,
    with_threshold,
    with_totals,
    with_triggers,
)
from dashboard.scoring.model import Gate, Group
from dashboard.scoring.scorecard_file import as_document, default_model, parse
from dashboard.scoring.soundness import check
from tests.dashboard.scoring.sound_models import sound_model

MODEL = default_model()
SEEDS = st.integers(0, 10**9).map(Random)


def points(model: object, name: str) -> tuple[int, ...]:
    return next(level_points(own) for own in model.criteria if own.name == name)  # type: ignore[attr-defined]


def test_one_number_is_the_best_level_and_several_are_all() -> None:
    assert points(with_points(MODEL, "company_size=6"), "company size") == (1, 4, 6, 5, 3)
    assert points(with_points(MODEL, "Company Size = 0, 1,2 ,3,4"), "company size") == (0, 1, 2, 3, 4)
    assert with_points(MODEL) == MODEL


def test_several_changes_are_judged_together() -> None:
    moved = with_points(MODEL, "industry=12", "tech_stack=8")
    assert (points(moved, "industry"), points(moved, "tech stack")) == ((12, 8, 3, 0), (8, 5, 0))
    with pytest.raises(UserError, match="more than the group's total of 40"):
        with_points(MODEL, "industry=12")


def test_totals_and_points_are_judged_together_too() -> None:
    with pytest.raises(UserError, match="more than the group's total of 55"):
        with_totals(MODEL, 45, 55)
    moved = with_changes(
        MODEL, points=["demo_request=7", "use_case=13"], totals=(45, 55), threshold=65, triggers=1, gates=Gate.ICP
    )
    assert (moved.fit_total, moved.threshold, moved.min_triggers, moved.requires) == (45, 65, 1, Gate.ICP)
    assert with_changes(MODEL) == MODEL
    assert with_changes(MODEL, threshold=0, triggers=0, gates=Gate(0)).requires == Gate(0)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("size=3", r"no criterion “size”; known are company_size, industry, tech_stack, use_case, pricing_page"),
        ("=3", r"no criterion “”"),
        ("industry", r"“industry” needs whole numbers from 0: industry=8 .* “core” \(8\), “adjacent” \(5\)"),
        ("industry=", r"“industry” needs whole numbers"),
        ("industry=-1", r"“industry” needs whole numbers"),
        ("industry=3.5", r"“industry” needs whole numbers"),
        ("industry=3,,3,3", r"“industry” needs whole numbers"),
        ("industry=٣", r"“industry” needs whole numbers"),
        ("industry=1,2", r"“industry” has 4 levels and was given 2 numbers; .*“core” \(8\)"),
        ("industry=4000", r"“industry”: points must be whole numbers from 0 to 3650, not 4000"),
        ("industry=20", r"^With 20 instead of 8 points for “industry” a lead can reach 52 points of fit, more than"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(said: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        with_points(MODEL, said)


def test_names_that_only_differ_in_blanks_can_be_told_apart() -> None:
    other = replace(MODEL.criteria[0], name="company_size")
    twins = replace(MODEL, criteria=(*MODEL.criteria, other), fit_total=60)
    assert points(with_points(twins, "company_size=6"), "company_size") == (1, 4, 6, 5, 3)
    assert points(with_points(twins, "company size=6"), "company_size") == points(MODEL, "company size")
    other = replace(MODEL.criteria[0], name="company  size")
    twins = replace(MODEL, criteria=(*MODEL.criteria, other), fit_total=60)
    with pytest.raises(UserError, match="may mean “company size” and “company  size”"):
        with_points(twins, "company_size=6")


def test_a_name_may_hold_the_sign() -> None:
    odd = replace(MODEL, criteria=(replace(MODEL.criteria[0], name="a=b"),))
    assert points(with_points(odd, "a=b=6"), "a=b") == (1, 4, 6, 5, 3)


def test_one_slider_says_how_many_points_are_left() -> None:
    assert points(with_most(MODEL, "industry", 4), "industry") == (4, 3, 1, 0)
    with pytest.raises(
        UserError, match="“industry” can have 8 points at most: of the 40 of fit, 32 are with the other"
    ):
        with_most(MODEL, "industry", 9)
    assert points(with_levels(MODEL, "industry", [1, 8, 0, 0]), "industry") == (1, 8, 0, 0)
    with pytest.raises(UserError, match="“industry” can have 8 points at most"):
        with_levels(MODEL, "industry", [1, 9, 0, 0])


def test_threshold_triggers_gates_and_totals() -> None:
    assert with_threshold(MODEL, 100).threshold == 100
    assert with_triggers(MODEL, 7).min_triggers == 7
    assert with_gates(MODEL, gates_named(["icp", " Confirmed "])).requires == Gate.ICP | Gate.CONFIRMED
    assert with_gates(MODEL, gates_named([])).requires == Gate(0)
    assert with_totals(MODEL, 50, 60).fit_total == 50
    for refused, sentence in (
        (lambda: with_threshold(MODEL, 101), "threshold of 101 is above the 100 points"),
        (lambda: with_threshold(MODEL, -1), "threshold cannot be below 0"),
        (lambda: with_triggers(MODEL, 8), "asks for 8 different signals, “trigger_signals” names 7"),
        (lambda: with_triggers(MODEL, -1), "triggers cannot be below 0"),
        (lambda: with_gates(MODEL, Gate.SCORE), "“score” can be neither required nor left out"),
        (lambda: with_gates(replace(MODEL, buying=()), Gate.BUYING), "requires one of “buying_signals”"),
        (lambda: gates_named(["both"]), "no gate “both”; known are icp, ecosystem, buying, confirmed"),
        (lambda: with_totals(MODEL, 39, 60), "^A lead can reach 40 points of fit, more than the group's total of 39"),
        (lambda: with_totals(MODEL, 4000, 60), "whole number from 0 to 3650"),
    ):
        with pytest.raises(UserError, match=sentence):
            refused()


def test_the_presets_of_the_default_model() -> None:
    made = {key: preset.of(MODEL) for key, preset in PRESETS.items()}
    assert list(made) == ["active", "45/55", "stricter", "looser", "blank"]
    assert made["active"] == MODEL
    assert (made["45/55"].fit_total, made["45/55"].intent_total) == (45, 55)
    assert (made["stricter"].threshold, made["stricter"].min_triggers) == (75, 3)
    assert (made["looser"].threshold, made["looser"].min_triggers) == (65, 1)
    assert made["blank"].threshold == 70
    assert all(criterion.most == 0 for criterion in made["blank"].criteria)


@given(SEEDS)
def test_every_preset_of_a_sound_model_is_sound(random: Random) -> None:
    model = sound_model(random)
    for preset in PRESETS.values():
        made = preset.of(model)
        check(made)
        assert parse(as_document(made)) == made
        assert made.fit_total + made.intent_total == model.fit_total + model.intent_total
    stricter, looser = PRESETS["stricter"].of(model), PRESETS["looser"].of(model)
    assert looser.threshold <= model.threshold <= stricter.threshold
    assert looser.min_triggers <= model.min_triggers <= stricter.min_triggers


@given(SEEDS)
def test_points_said_for_every_level_are_the_points(random: Random) -> None:
    model = sound_model(random)
    said = [f"{own.name.upper()}={','.join(map(str, level_points(own)))}" for own in model.criteria]
    # One level and one number: the best level, which it is.
    assert with_points(PRESETS["blank"].of(model), *said) == model
    assert all(own.group in Group for own in model.criteria)
