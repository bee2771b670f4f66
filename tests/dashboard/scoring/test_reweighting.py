"""Are suggested points better where better ones exist, and silent where there are none?"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.scoring.discrimination import auc_difference, worked_outcomes
from dashboard.scoring.model import Group, ScoringModel
from dashboard.scoring.reweighting import Suggestion, Verdict, learn, suggest
from dashboard.scoring.rounding import rounded_points
from dashboard.scoring.scaling import given_by
from dashboard.scoring.scorecard_file import default_model
from dashboard.scoring.soundness import check
from tests.dashboard.scoring.quality_worlds import world


def suggested(seed: int, leads: int = 16_000, **options: Any) -> tuple[Suggestion, ScoringModel]:
    own, rng = world(seed, **options), np.random.default_rng(seed)
    return suggest(own.cells(leads, rng), own.cells(leads, rng), own.model), own.model


def ordered(before: ScoringModel, after: ScoringModel) -> bool:
    """Whether no level overtakes one of its criterion with more points today, and nothing is made of nothing."""
    for old, new in zip(before.criteria, after.criteria, strict=True):
        points = sorted(
            zip((level.points for level in old.levels), (level.points for level in new.levels), strict=True)
        )
        for (today, then), (more, later) in pairwise(points):
            if today < more and then > later:
                return False
        if old.most and any(then for today, then in points if today == 0):
            return False
    return True


@pytest.mark.parametrize("seed", range(2))
def test_better_points_are_found_where_levels_weigh_otherwise(seed: int) -> None:
    found, today = suggested(seed, own=0.5)
    assert found.verdict is Verdict.BETTER
    assert found.model is not None and found.auc is not None and found.auc.difference.value is not None
    assert found.auc.difference.value > 0.02
    check(found.model)
    assert ordered(today, found.model)
    assert (given_by(found.model, Group.FIT), given_by(found.model, Group.INTENT)) == (40, 60)
    assert [(own.today, own.suggested) for own in found.levels] == [
        (old.points, new.points)
        for before, after in zip(today.criteria, found.model.criteria, strict=True)
        for old, new in zip(before.levels, after.levels, strict=True)
    ]
    assert replace(found.model, criteria=today.criteria) == today


@pytest.mark.parametrize("seed", range(2))
def test_right_points_are_left_alone(seed: int) -> None:
    found, _ = suggested(seed, own=0.0)
    assert found.verdict in (Verdict.UNCHANGED, Verdict.NO_BETTER)


def test_the_difference_is_that_of_newer_leads_alone() -> None:
    own, rng = world(3, own=0.3), np.random.default_rng(3)
    older, newer = own.cells(25_000, rng), own.cells(15_000, rng)
    found = suggest(older, newer, own.model)
    assert found.model is not None
    judged = worked_outcomes(newer)
    scores = (newer.scored(own.model).score, newer.scored(found.model).score)
    assert found.auc == auc_difference(*scores, judged.won, judged.others)
    assert (found.newer.leads, found.newer.wins) == (judged.leads, judged.wins)
    again = suggest(older, own.cells(15_000, rng), own.model)
    assert again.model == found.model and again.auc != found.auc


def test_same_load_qualifies_as_many() -> None:
    own, rng = world(5, own=0.5), np.random.default_rng(5)
    newer = own.cells(25_000, rng)
    found = suggest(own.cells(25_000, rng), newer, own.model)
    assert found.model is not None and found.same_load is not None
    leads = np.bincount(newer.code, newer.measure("leads"), len(newer.codes))

    def load(model: ScoringModel) -> float:
        return float(leads[newer.scored(model).qualified].sum())

    distance = [abs(load(replace(found.model, threshold=at)) - load(own.model)) for at in range(101)]
    assert distance[found.same_load] == min(distance)


def test_too_few_wins_suggest_nothing() -> None:
    found, _ = suggested(1, leads=300)
    assert found.verdict is Verdict.TOO_FEW
    assert found.model is None and found.auc is None and found.levels == ()


def test_a_score_that_misleads_is_not_followed() -> None:
    """More points, fewer wins: no order of today's can help, so the slope stays at 0 and today's points stay."""
    own, rng = world(2, slope=-0.05, base=1.0), np.random.default_rng(2)
    cells = own.cells(25_000, rng)
    _, points = learn(cells, own.model, worked_outcomes(cells))
    assert all(value >= 0 for value in points.values())
    found = suggest(cells, own.cells(25_000, rng), own.model)
    assert found.model is not None
    check(found.model)
    assert ordered(own.model, found.model)


@settings(max_examples=60)
@given(st.data())
def test_rounded_points_keep_order_and_totals(data: st.DataObject) -> None:
    model = default_model()
    weights = {
        (criterion.name, level.name): data.draw(st.floats(0, 3, allow_subnormal=False))
        for criterion in model.criteria
        for level in criterion.levels
    }
    points = rounded_points(model, weights)
    for group, total in ((Group.FIT, 40), (Group.INTENT, 60)):
        of_group = [(c.name, level.name) for c in model.of(group) for level in c.levels]
        assert sum(max(points[c.name, level.name] for level in c.levels) for c in model.of(group)) == total
        if not any(weights[key] for key in of_group):
            continue
        for criterion in model.of(group):
            own = sorted((weights[criterion.name, level.name], points[criterion.name, level.name])
                         for level in criterion.levels)  # fmt: skip
            assert [value for _, value in own] == sorted(value for _, value in own)


def test_rounding_by_hand() -> None:
    """Weights 2, 1, 1 at the best levels of a total of 10: 5, 2.5, 2.5 → 5, 3, 2; half of 5 rounds up to 3."""
    model = default_model()
    fit = [replace(criterion, levels=criterion.levels[:2]) for criterion in model.of(Group.FIT)[:3]]
    card = replace(model, criteria=(*fit, *model.of(Group.INTENT)), fit_total=10)
    weights = {(c.name, level.name): 0.0 for c in card.criteria for level in c.levels}
    for criterion, best in zip(fit, (2.0, 1.0, 1.0), strict=True):
        weights[criterion.name, criterion.levels[0].name] = best
    weights[fit[0].name, fit[0].levels[1].name] = 1.0
    points = rounded_points(card, weights)
    assert [points[criterion.name, criterion.levels[0].name] for criterion in fit] == [5, 3, 2]
    assert points[fit[0].name, fit[0].levels[1].name] == 3
    demo = card.of(Group.INTENT)[1]
    assert points[demo.name, demo.levels[0].name] == demo.levels[0].points  # nothing weighs anything: as it was
