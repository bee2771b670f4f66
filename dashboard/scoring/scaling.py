"""How do points move from one line of a scorecard to another, in whole points and without losing one?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dashboard.domain import UserError
from dashboard.scoring.model import Criterion, Group, Level, ScoringModel


def scaled(criterion: Criterion, most: int, shape: Criterion | None = None) -> Criterion:
    """The criterion with `most` points at its best level and the others in proportion, rounded half up.

    `shape`: the same criterion of another model. Its proportions are used where the criterion's own are only a rounded
    copy of them, so that 12 → 1 → 12 gives the old levels again. Where nobody has points the levels fall evenly in
    their order, to nothing at "otherwise".
    """
    if most < 0:
        raise UserError(f"Criterion “{criterion.name}” cannot have less than 0 points.")
    proportions = _proportions(criterion, shape)
    return with_level_points(criterion, [_rounded(points, most, max(proportions)) for points in proportions])


def with_level_points(criterion: Criterion, points: Sequence[int]) -> Criterion:
    """The criterion with these points, one for each level; the same one where it has them already."""
    if tuple(points) == level_points(criterion):
        return criterion
    levels = zip(criterion.levels, points, strict=True)
    return replace(criterion, levels=tuple(replace(level, points=own) for level, own in levels))


def same_conditions(one: Criterion, other: Criterion) -> bool:
    """Whether both ask the same of a lead, level by level, whatever they are called and however many points they give.

    The same as `structure.asked` of both being equal, without making anything.
    """
    heads = ((own.kind, own.looks_at, own.within_days) for own in (one, other))
    return next(heads) == next(heads) and same_borders(one, other)


def same_borders(one: Criterion, other: Criterion) -> bool:
    """Whether the levels of both take the same leads, in the same order."""
    return len(one.levels) == len(other.levels) and all(map(_same_condition, one.levels, other.levels))


def _same_condition(one: Level, other: Level) -> bool:
    return (
        one.otherwise == other.otherwise
        and one.any_of == other.any_of
        and one.all_of == other.all_of
        and one.at_or_above == other.at_or_above
        and one.below == other.below
        and one.at_least == other.at_least
    )


def level_points(criterion: Criterion) -> tuple[int, ...]:
    """The points of each level, in the order of the levels."""
    return tuple(level.points for level in criterion.levels)


def total_of(model: ScoringModel, group: Group) -> int:
    """The most points that the group may give."""
    return model.fit_total if group is Group.FIT else model.intent_total


def given_by(model: ScoringModel, group: Group) -> int:
    """The most points that the group's criteria do give: one lead at the best level of each."""
    return sum(criterion.most for criterion in model.of(group))


def with_criteria(model: ScoringModel, changed: Sequence[Criterion]) -> ScoringModel:
    """The model with these criteria instead of those of the same names."""
    by_name = {criterion.name: criterion for criterion in changed}
    return replace(model, criteria=tuple(by_name.get(own.name, own) for own in model.criteria))


def locked(model: ScoringModel, name: str, most: int, shape: ScoringModel | None = None) -> ScoringModel:
    """The model with `most` points at one criterion's best level, the rest of its group scaled so that it is full.

    The group's criteria then give its total to the point (largest remainder). Proportions that nobody has any more are
    taken from `shape`. UserError: more points than the group has, or a criterion without others to take points from.
    """
    moved = next(criterion for criterion in model.criteria if criterion.name == name)
    total = total_of(model, moved.group)
    if not 0 <= most <= total:
        raise UserError(f"Criterion “{name}” can have 0 to {total} points, the total of {moved.group}.")
    rest = [criterion for criterion in model.of(moved.group) if criterion.name != name]
    if not rest and most != total:
        raise UserError(f"Criterion “{name}” is the only one of {moved.group}, so it holds all {total} points.")
    shapes = {criterion.name: criterion for criterion in shape.criteria} if shape else {}
    mosts = apportioned(_weights(rest, [shapes.get(own.name) for own in rest], total - most), total - most)
    changed = [scaled(own, points, shapes.get(own.name)) for own, points in zip(rest, mosts, strict=True)]
    return with_criteria(model, [scaled(moved, most, shapes.get(name)), *changed])


def shifted(model: ScoringModel, points: int = 5) -> ScoringModel:
    """The model with so many points moved from intent to fit (negative: from fit to intent), at most what there is.

    A group that was full stays full; one that was not is filled to the same share. The threshold and the border of the
    ideal customer profile stay, the latter at most at the new total.
    """
    points = max(-model.fit_total, min(points, model.intent_total))
    totals = {Group.FIT: model.fit_total + points, Group.INTENT: model.intent_total - points}
    changed: list[Criterion] = []
    for group, total in totals.items():
        own, given, before = model.of(group), given_by(model, group), total_of(model, group)
        mosts = apportioned([criterion.most for criterion in own], _rounded(given, total, before) if given else 0)
        changed += [scaled(criterion, most) if given else criterion for criterion, most in zip(own, mosts, strict=True)]
    moved = with_criteria(model, changed)
    return replace(
        moved,
        fit_total=totals[Group.FIT],
        intent_total=totals[Group.INTENT],
        icp_at_least=min(model.icp_at_least, totals[Group.FIT]),
    )


def apportioned(weights: Sequence[int], total: int) -> list[int]:
    """`total` in whole parts in proportion to the weights: the largest remainders get what rounding down leaves over.

    Equal remainders: the larger weight first, then the earlier place. All weights 0: equal parts.
    """
    if not weights:
        return []
    if not any(weights):
        weights = [1] * len(weights)
    whole = sum(weights)
    parts = [weight * total // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda place: (-(weights[place] * total % whole), -weights[place], place))
    for place in order[: total - sum(parts)]:
        parts[place] += 1
    return parts


def _weights(rest: Sequence[Criterion], shapes: Sequence[Criterion | None], left: int) -> list[int]:
    """In which proportion the rest shares what is left: as it is, or as in the shape of which it is a rounded copy."""
    own = [criterion.most for criterion in rest]
    others = [shape.most if shape else 0 for shape in shapes]
    return others if any(others) and own == apportioned(others, sum(own)) else own


def _proportions(criterion: Criterion, shape: Criterion | None) -> tuple[int, ...]:
    own = level_points(criterion)
    if shape is not None and shape.most and same_conditions(shape, criterion):
        others = level_points(shape)
        if own == tuple(_rounded(points, criterion.most, shape.most) for points in others):
            return others
    if any(own):
        return own
    named = sum(not level.otherwise for level in criterion.levels)
    return tuple(0 if level.otherwise and named else max(named, 1) - at for at, level in enumerate(criterion.levels))


def _rounded(part: int, new: int, whole: int) -> int:
    """part × new ÷ whole, halves up, without leaving whole numbers."""
    return (2 * part * new + whole) // (2 * whole)
