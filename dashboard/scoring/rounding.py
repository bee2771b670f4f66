"""How do weights become whole points that add up to the totals of both groups?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dashboard.scoring.model import Criterion, Group, ScoringModel
from dashboard.scoring.scaling import apportioned, total_of

FINE = 10**9  # weights are compared to so many parts of the largest


def rounded_points(model: ScoringModel, weights: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], int]:
    """Whole points by criterion and level, from non-negative weights; each group's best levels add up to its total.

    The total is shared out over a group's criteria in proportion to their largest weights, by largest remainders, and
    each criterion's points over its levels in proportion to theirs: the order of a criterion's levels stays. A group
    in which nothing weighs anything keeps its points.
    """
    found: dict[tuple[str, str], int] = {}
    for group in Group:
        criteria = model.of(group)
        most = [max(weights[criterion.name, level.name] for level in criterion.levels) for criterion in criteria]
        if sum(most) <= 0:
            found |= {(c.name, level.name): level.points for c in criteria for level in c.levels}
            continue
        parts = apportioned([round(weight / max(most) * FINE) for weight in most], total_of(model, group))
        for criterion, best, points in zip(criteria, most, parts, strict=True):
            found |= _of_criterion(criterion, weights, best, points)
    return found


def _of_criterion(
    criterion: Criterion, weights: Mapping[tuple[str, str], float], best: float, points: int
) -> dict[tuple[str, str], int]:
    keys = [(criterion.name, level.name) for level in criterion.levels]
    # Halves are rounded up, so that equal steps stay equal whether odd or even.
    return {key: int(np.floor(weights[key] / best * points + 0.5)) if best > 0 else 0 for key in keys}
