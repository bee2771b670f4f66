"""Which sound scoring models and which changes of one could there be? For properties of edits."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from dashboard.scoring.edits import given_by, scaled, total_of, with_criteria
from dashboard.scoring.model import OPTIONAL, Gate, Group, ScoringModel
from dashboard.scoring.scaling import with_level_points
from dashboard.scoring.scorecard_file import parse
from dashboard.scoring.soundness import check
from tests.scorecards import random_card


def sound_model(random: Random) -> ScoringModel:
    """A sound model: full groups, groups with points left, criteria without points."""
    model = parse(random_card(random))
    if random.randint(0, 2) == 0:
        model = with_criteria(model, [scaled(random.choice(model.criteria), 0)])
    slack = random.choice((0, 0, 1, 7, 40))
    model = replace(
        model,
        fit_total=max(given_by(model, Group.FIT) + slack, model.icp_at_least),
        intent_total=given_by(model, Group.INTENT) + random.choice((0, slack)),
    )
    model = replace(model, threshold=random.randint(0, model.fit_total + model.intent_total))
    check(model)
    return model


def edited(model: ScoringModel, random: Random) -> ScoringModel:
    """The same model with other points, totals, threshold, triggers and gates: some of them, or none."""
    criteria = list(model.criteria)
    for place, criterion in enumerate(criteria):
        kind = random.randint(0, 3)
        if kind == 0:
            criteria[place] = with_level_points(criterion, [random.randint(0, 20) for _ in criterion.levels])
        elif kind == 1:
            criteria[place] = scaled(criterion, random.randint(0, 30))
    changed = replace(model, criteria=tuple(criteria))
    if random.randint(0, 1):
        changed = replace(changed, requires=_gates(random))
    if random.randint(0, 1):
        changed = replace(changed, min_triggers=random.randint(0, len(model.triggers)))
    totals = {group: max(total_of(changed, group), given_by(changed, group)) for group in Group}
    if random.randint(0, 1):
        totals[Group.FIT] += random.randint(0, 5)
    changed = replace(changed, fit_total=totals[Group.FIT], intent_total=totals[Group.INTENT])
    if random.randint(0, 1):
        changed = replace(changed, threshold=random.randint(0, sum(totals.values())))
    if random.randint(0, 2) == 0:
        changed = replace(changed, icp_at_least=random.randint(0, changed.fit_total))
    check(changed)
    return changed


def _gates(random: Random) -> Gate:
    required = Gate(0)
    for gate in OPTIONAL:
        if random.randint(0, 1):
            required |= gate
    return required
