"""Can every level of a scorecard be reached, by one lead each, and within the points that there are?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from dashboard.domain import UserError
from dashboard.scoring.model import Criterion, Gate, Group, Kind, Level, ScoringModel


def check(model: ScoringModel, before: ScoringModel | None = None) -> None:
    """Does nothing where the model is sound; UserError: one sentence that names the criterion.

    `before`: what the model was made from, or the active one. A sum of points that is too high says by itself of no
    criterion that it has too many; those that have more than before are named then.
    """
    _differently_named("The scoring model has two criteria", (criterion.name for criterion in model.criteria))
    for criterion in model.criteria:
        _check_criterion(criterion)
        if (criterion.within_days or 0) > model.window_days:
            raise UserError(
                f"Criterion “{criterion.name}” looks {criterion.within_days} days far, "
                f"the model only {model.window_days}: lower “within_days” or raise “window_days”."
            )
    _check_points(model, before)
    _check_gates(model)


def _check_points(model: ScoringModel, before: ScoringModel | None) -> None:
    for group, total in ((Group.FIT, model.fit_total), (Group.INTENT, model.intent_total)):
        criteria = model.of(group)
        reachable = sum(criterion.most for criterion in criteria)
        if reachable > total:
            told = f"{_blamed(criteria, total, before)} a lead can reach {reachable} points of {group}".strip()
            raise UserError(
                f"{told[:1].upper()}{told[1:]}, more than the group's total of {total}: take points away or raise the "
                "total."
            )
    if model.threshold > model.fit_total + model.intent_total:
        raise UserError(
            f"The threshold of {model.threshold} is above the {model.fit_total + model.intent_total} points "
            "of both groups."
        )
    if model.icp_at_least > model.fit_total:
        raise UserError(f"“icp_at_least” ({model.icp_at_least}) is above the {model.fit_total} points of fit.")


def _blamed(criteria: Iterable[Criterion], total: int, before: ScoringModel | None) -> str:
    """Which criteria make the sum too high: those raised, else those that exceed the total alone; empty: all do."""
    criteria = tuple(criteria)
    if before is not None:
        was = {(own.group, own.name): own.most for own in before.criteria}
        pairs = [(own, was.get((own.group, own.name), 0)) for own in criteria]
        raised = [f"{own.most} instead of {most} points for “{own.name}”" for own, most in pairs if own.most > most]
        if raised:
            return f"with {' and '.join(raised)}"
    alone = [f"{own.most} points for “{own.name}”" for own in criteria if own.most > total]
    return f"with {' and '.join(alone)}" if alone else ""


def _check_gates(model: ScoringModel) -> None:
    if model.min_triggers > len(model.triggers):
        raise UserError(
            f"“min_triggers” asks for {model.min_triggers} different signals, "
            f"“trigger_signals” names {len(model.triggers)}."
        )
    for gate, signals, key in (
        (Gate.ECOSYSTEM, model.ecosystem, "ecosystem_signals"),
        (Gate.BUYING, model.buying, "buying_signals"),
    ):
        if gate in model.requires and not signals:
            raise UserError(f"The model requires one of “{key}”, which names none.")


def _check_criterion(criterion: Criterion) -> None:
    about = f"Criterion “{criterion.name}”"
    _differently_named(f"{about} has two levels", (level.name for level in criterion.levels))
    for level in criterion.levels[:-1]:
        if level.otherwise:
            raise UserError(
                f"{about}: “otherwise” stands at level “{level.name}”, so no level after it is ever reached."
            )
    _CHECKS[criterion.kind](about, [level for level in criterion.levels if not level.otherwise])
    if criterion.kind is Kind.NUMBER and criterion.levels[-1].otherwise and _covers_all(criterion.levels[:-1]):
        raise UserError(f"{about}: level “{criterion.levels[-1].name}” is never reached, the others take every number.")


def _differently_named(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise UserError(f"{what} named “{name}”: each needs a name of its own.")
        seen.add(name.casefold())


@dataclass(frozen=True, slots=True)
class _Band:
    level: str
    low: float
    high: float


def _bands(levels: Iterable[Level]) -> list[_Band]:
    bands = [
        _Band(
            level.name,
            -inf if level.at_or_above is None else level.at_or_above,
            inf if level.below is None else level.below,
        )
        for level in levels
    ]
    return sorted(bands, key=lambda band: band.low)


def _check_numbers(about: str, levels: list[Level]) -> None:
    bands = _bands(levels)
    for band in bands:
        if band.low >= band.high:
            raise UserError(f"{about}: level “{band.level}” is never reached, “from” is not less than “below”.")
    for lower, upper in pairwise(bands):
        if upper.low < lower.high:
            raise UserError(f"{about}: the levels “{lower.level}” and “{upper.level}” overlap.")


def _covers_all(levels: Iterable[Level]) -> bool:
    bands = _bands(levels)
    gaps = [upper.low > lower.high for lower, upper in pairwise(bands)]
    return bool(bands) and bands[0].low == -inf and bands[-1].high == inf and not any(gaps)


def _check_texts(about: str, levels: list[Level]) -> None:
    taken: dict[str, str] = {}
    for level in levels:
        for value in map(str.lower, level.any_of):
            if value in taken:
                other = taken[value]
                where = f"in level “{level.name}” twice" if other == level.name else f"in “{other}” and “{level.name}”"
                raise UserError(f"{about}: the levels overlap, “{value}” is {where}.")
            taken[value] = level.name


def _check_tags(about: str, levels: list[Level]) -> None:
    """A level is reached if the smallest sets of tags that meet it meet no level before: more tags meet more levels."""
    for place, level in enumerate(levels):
        smallest = [frozenset(map(str.lower, level.all_of))] if level.all_of else [
            frozenset({tag.lower()}) for tag in level.any_of
        ]  # fmt: skip
        if all(any(_meets(tags, before) for before in levels[:place]) for tags in smallest):
            raise UserError(f"{about}: level “{level.name}” is never reached, a level before it takes all its leads.")


def _meets(tags: frozenset[str], level: Level) -> bool:
    if level.all_of:
        return tags >= {tag.lower() for tag in level.all_of}
    return bool(tags & {tag.lower() for tag in level.any_of})


def _check_counts(about: str, levels: list[Level]) -> None:
    for before, level in pairwise(levels):
        if (level.at_least or 0) >= (before.at_least or 0):
            raise UserError(
                f"{about}: level “{level.name}” is never reached, “{before.name}” before it takes all its leads; "
                "put the larger number first."
            )


_CHECKS: dict[Kind, Callable[[str, list[Level]], None]] = {
    Kind.TEXT: _check_texts,
    Kind.NUMBER: _check_numbers,
    Kind.TAGS: _check_tags,
    Kind.SIGNAL: _check_counts,
}
