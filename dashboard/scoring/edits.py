"""How is a scorecard changed: its points, threshold, triggers and gates? Every change is a new, sound model.

Scaling (`scaled`, `locked`, `shifted`), `PRESETS`, `difference` and the text of a link have files of their own and are
found here too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from dashboard.domain import UserError
from dashboard.scoring.model import OPTIONAL, Criterion, Gate, ScoringModel
from dashboard.scoring.model_difference import Change, Difference, difference
from dashboard.scoring.naming import criterion_named, word
from dashboard.scoring.presets import PRESETS, Preset
from dashboard.scoring.scaling import (
    apportioned,
    given_by,
    level_points,
    locked,
    scaled,
    shifted,
    total_of,
    with_criteria,
    with_level_points,
)
from dashboard.scoring.scorecard_link import as_link, can_be_linked, from_link, made_for_another
from dashboard.scoring.soundness import check

__all__ = [
    "PRESETS", "Change", "Difference", "Preset", "apportioned", "as_link", "can_be_linked", "criterion_named",
    "difference", "from_link", "gates_named", "given_by", "level_points", "locked", "made_for_another", "scaled",
    "shifted", "total_of", "with_changes", "with_gates", "with_levels", "with_most", "with_points", "with_threshold",
    "with_totals", "with_triggers",
]  # fmt: skip

MOST = 3650  # points that the file format takes


def with_points(model: ScoringModel, *said: str) -> ScoringModel:
    """The model with points as a person writes them: `company_size=12`, or `company_size=2,8,12,10,6`.

    One number: the points of the best level, the others in proportion (rounded half up). Several: one for each level,
    in their order. Names in any case, with _ for blanks. Several texts are judged together, so that points can be taken
    from one criterion and given to another. UserError: one sentence with the criterion and what is known of it.
    """
    return with_changes(model, points=said)


def with_changes(
    model: ScoringModel,
    *,
    points: Iterable[str] = (),
    totals: tuple[int, int] | None = None,
    threshold: int | None = None,
    triggers: int | None = None,
    gates: Gate | None = None,
) -> ScoringModel:
    """The model with several changes, which are judged together; None leaves a thing as it is.

    `points` as in `with_points`, `totals` of fit and intent, `triggers` needed, `gates` required.
    """
    changed = model
    for text in points:
        name, sign, numbers = text.rpartition("=")
        criterion = criterion_named(changed, name if sign else text)
        changed = with_criteria(changed, [_with_numbers(criterion, numbers if sign else "")])
    fit, intent = totals or (model.fit_total, model.intent_total)
    given = {"threshold": threshold, "min_triggers": triggers, "requires": gates}
    settings = {field: value for field, value in given.items() if value is not None}
    changed = replace(changed, fit_total=fit, intent_total=intent, **settings)  # type: ignore[arg-type]
    _bounds(changed)
    return _sound(changed, model)


def _bounds(model: ScoringModel) -> None:
    """What the file format would refuse, and soundness takes for granted."""
    if not (0 <= model.fit_total <= MOST and 0 <= model.intent_total <= MOST):
        raise UserError(f"The total of a group must be a whole number from 0 to {MOST}.")
    if model.threshold < 0:
        raise UserError("The threshold cannot be below 0.")
    if model.min_triggers < 0:
        raise UserError("The number of triggers cannot be below 0.")
    wrong = [gate for gate in Gate if gate in model.requires and gate not in OPTIONAL]
    if wrong:
        raise UserError(f"The gate “{(wrong[0].name or '').lower()}” can be neither required nor left out.")


def with_most(model: ScoringModel, name: str, most: int, shape: ScoringModel | None = None) -> ScoringModel:
    """The model with `most` points at a criterion's best level and its others in proportion; the rest stays."""
    criterion = criterion_named(model, name)
    shapes = {own.name: own for own in shape.criteria} if shape else {}
    _room(model, criterion, most)
    changed = scaled(criterion, _whole(criterion, most), shapes.get(criterion.name))
    return _sound(with_criteria(model, [changed]), model)


def with_levels(model: ScoringModel, name: str, points: Sequence[int]) -> ScoringModel:
    """The model with these points for the levels of a criterion, in their order."""
    criterion = criterion_named(model, name)
    changed = _with_each(criterion, points)
    _room(model, criterion, changed.most)
    return _sound(with_criteria(model, [changed]), model)


def with_threshold(model: ScoringModel, threshold: int) -> ScoringModel:
    """The model with another threshold; UserError where it is below 0 or above all points."""
    return with_changes(model, threshold=threshold)


def with_triggers(model: ScoringModel, least: int) -> ScoringModel:
    """The model with another number of different triggers that a lead needs."""
    return with_changes(model, triggers=least)


def with_gates(model: ScoringModel, required: Gate) -> ScoringModel:
    """The model that requires these gates (of ICP, ECOSYSTEM, BUYING, CONFIRMED) and no others."""
    return with_changes(model, gates=required)


def gates_named(names: Iterable[str]) -> Gate:
    """Gates by their names (`icp`, `ecosystem`, `buying`, `confirmed`), in any case."""
    known = {(gate.name or "").lower(): gate for gate in OPTIONAL}
    required = Gate(0)
    for name in names:
        if word(name) not in known:
            raise UserError(f"There is no gate “{name.strip()}”; known are {', '.join(known)}.")
        required |= known[word(name)]
    return required


def with_totals(model: ScoringModel, fit: int, intent: int) -> ScoringModel:
    """The model with other group totals; its points stay as they are."""
    return with_changes(model, totals=(fit, intent))


def _sound(model: ScoringModel, before: ScoringModel) -> ScoringModel:
    check(model, before)
    return model


def _with_numbers(criterion: Criterion, text: str) -> Criterion:
    parts = [part.strip() for part in text.split(",")]
    if not all(re.fullmatch(r"[0-9]{1,6}", part) for part in parts):
        raise UserError(
            f"Criterion “{criterion.name}” needs whole numbers from 0: {word(criterion.name)}={criterion.most} for its "
            f"best level, or one for each level: {_levels(criterion)}."
        )
    points = [int(part) for part in parts]
    if len(points) == 1:
        return scaled(criterion, _whole(criterion, points[0]))
    return _with_each(criterion, points)


def _with_each(criterion: Criterion, points: Sequence[int]) -> Criterion:
    if len(points) != len(criterion.levels):
        count = f"{len(criterion.levels)} levels" if len(criterion.levels) > 1 else "one level"
        raise UserError(
            f"Criterion “{criterion.name}” has {count} and was given {len(points)} numbers; its levels are "
            f"{_levels(criterion)}."
        )
    return with_level_points(criterion, [_whole(criterion, own) for own in points])


def _whole(criterion: Criterion, points: int) -> int:
    if not 0 <= points <= MOST:
        raise UserError(f"Criterion “{criterion.name}”: points must be whole numbers from 0 to {MOST}, not {points}.")
    return points


def _room(model: ScoringModel, criterion: Criterion, most: int) -> None:
    """Says how many points are left for a criterion where it would get more."""
    total = total_of(model, criterion.group)
    others = given_by(model, criterion.group) - criterion.most
    if most > total - others:
        raise UserError(
            f"Criterion “{criterion.name}” can have {total - others} points at most: of the {total} of "
            f"{criterion.group}, {others} are with the other criteria."
        )


def _levels(criterion: Criterion) -> str:
    return ", ".join(f"“{level.name}” ({level.points})" for level in criterion.levels)
