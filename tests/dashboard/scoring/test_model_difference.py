"""Is everything that two scorecards differ in named, once, and nothing where they are equal?"""

from __future__ import annotations

import json
from dataclasses import fields, replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from dashboard.scoring.edits import difference, scaled, with_criteria, with_levels, with_points, with_threshold
from dashboard.scoring.model import Criterion, Gate, Group, Level, ScoringModel
from dashboard.scoring.scorecard_file import default_model
from tests.dashboard.scoring.sound_models import edited, sound_model

MODEL = default_model()
SIZE = MODEL.criteria[0]
SEEDS = st.integers(0, 10**9).map(Random)


def with_size(**changes: object) -> ScoringModel:
    return replace(MODEL, criteria=(replace(SIZE, **changes), *MODEL.criteria[1:]))  # type: ignore[arg-type]


def test_points_threshold_and_gates_in_words() -> None:
    moved = replace(with_threshold(with_points(MODEL, "company_size=10"), 65), requires=Gate.ECOSYSTEM | Gate.CONFIRMED)
    assert difference(MODEL, moved).words == (
        "company size 12 → 10; threshold 70 → 65; buying signal no longer required; "
        "confirmed by both sides now required"
    )
    assert difference(moved, MODEL).words.startswith("company size 10 → 12; threshold 65 → 70")


def test_levels_that_left_their_proportions_are_named_one_by_one() -> None:
    moved = with_levels(MODEL, "company size", [2, 9, 12, 10, 5])
    assert difference(MODEL, moved).words == "company size “50–199” 8 → 9; company size “5000 and more” 6 → 5"
    assert difference(MODEL, moved).as_rows() == [
        {"about": "company size: 50–199", "before": 8, "after": 9, "words": "company size “50–199” 8 → 9"},
        {
            "about": "company size: 5000 and more",
            "before": 6,
            "after": 5,
            "words": "company size “5000 and more” 6 → 5",
        },
    ]


def test_criteria_that_come_go_or_change() -> None:
    assert difference(MODEL, replace(MODEL, criteria=MODEL.criteria[1:])).words == "without company size (12)"
    assert difference(replace(MODEL, criteria=MODEL.criteria[1:]), MODEL).words == "company size (12) is new"
    assert difference(MODEL, with_size(name="Company Size")).words == "company size is called Company Size"
    assert difference(MODEL, with_size(group=Group.INTENT)).words == "company size: group fit → intent"
    assert difference(MODEL, with_size(levels=SIZE.levels[:4])).words == "company size has other levels"
    renamed = (replace(SIZE.levels[0], name="tiny"), *SIZE.levels[1:])
    assert difference(MODEL, with_size(levels=renamed)).words == "company size: level “1–49” → “tiny”"
    turned = replace(MODEL, criteria=MODEL.criteria[::-1])
    assert difference(MODEL, turned).words == "criteria in another order"
    assert difference(MODEL, replace(MODEL, name="Mine")).words == "named “Mine” instead of “Joint scorecard 40/60”"


def test_signals_in_words() -> None:
    moved = replace(MODEL, ecosystem=("partner_referral", "webinar_attended"), buying=MODEL.buying[::-1])
    assert difference(MODEL, moved).words == (
        "ecosystem signals with webinar_attended, without integration_install; buying signals in another order"
    )


@given(SEEDS)
def test_nothing_differs_exactly_where_the_models_are_equal(random: Random) -> None:
    model = sound_model(random)
    for other in (model, edited(model, random), sound_model(random)):
        found = difference(model, other)
        assert bool(found) == (model != other) == bool(found.words) == bool(found.changes)
        assert json.loads(json.dumps(found.as_rows())) == found.as_rows()


def test_no_field_of_a_model_is_overlooked() -> None:
    other: dict[str, object] = {
        "name": "Other", "criteria": (), "triggers": (), "ecosystem": (), "buying": (), "overlap": (),
        "requires": Gate(0),
    }  # fmt: skip
    for field in fields(ScoringModel):
        before = getattr(MODEL, field.name)
        changed = replace(MODEL, **{field.name: other.get(field.name, before + 1 if isinstance(before, int) else None)})
        assert difference(MODEL, changed), field.name
    for field in fields(Criterion):
        values = {"name": "Other", "group": Group.INTENT, "kind": MODEL.criteria[-1].kind, "looks_at": "x",
                  "levels": SIZE.levels[:2], "within_days": 3}  # fmt: skip
        assert difference(MODEL, with_size(**{field.name: values[field.name]})), field.name
    for field in fields(Level):
        values = {"name": "Other", "points": 1, "any_of": ("x",), "all_of": ("x",), "at_or_above": 3.0, "below": 4.0,
                  "at_least": 2, "otherwise": True}  # fmt: skip
        level = replace(SIZE.levels[0], **{field.name: values[field.name]})  # type: ignore[arg-type]
        assert difference(MODEL, with_size(levels=(level, *SIZE.levels[1:]))), field.name


def test_a_scaled_criterion_is_one_change_however_many_levels_it_has() -> None:
    halved = with_criteria(MODEL, [scaled(SIZE, 6)])
    assert [change.about for change in difference(MODEL, halved).changes] == ["company size"]
    assert (difference(MODEL, halved).changes[0].before, difference(MODEL, halved).changes[0].after) == (12, 6)
