"""What is different between two scorecards? In words for people, and as rows for the history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from dashboard.scoring.model import OPTIONAL, Criterion, Gate, Level, ScoringModel
from dashboard.scoring.scaling import level_points, same_borders, scaled

Value = str | int | None

GATE_WORDS = {
    Gate.ICP: "ideal customer profile",
    Gate.ECOSYSTEM: "ecosystem signal",
    Gate.BUYING: "buying signal",
    Gate.CONFIRMED: "confirmed by both sides",
}
_NUMBERS = (
    ("fit_total", "points of fit"),
    ("intent_total", "points of intent"),
    ("threshold", "threshold"),
    ("min_triggers", "triggers needed"),
    ("icp_at_least", "fit points of the ideal customer profile"),
    ("window_days", "days around the lead's creation"),
)
_SIGNALS = (
    ("triggers", "trigger signals"),
    ("ecosystem", "ecosystem signals"),
    ("buying", "buying signals"),
    ("overlap", "overlap signals"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is different: what, how it was (None: it was not there), how it is, and the same in words.

    `about` is a setting, a criterion, or a criterion and its level (`company size: 50–199`).
    """

    about: str
    before: Value
    after: Value
    words: str


@dataclass(frozen=True, slots=True)
class Difference:
    """All changes from one scorecard to another; false where they are equal."""

    changes: tuple[Change, ...]

    def __bool__(self) -> bool:
        return bool(self.changes)

    @property
    def words(self) -> str:
        """`company size 12 → 10; threshold 70 → 65`; empty where nothing differs. Names are as in the data."""
        return "; ".join(change.words for change in self.changes)

    def as_rows(self) -> list[dict[str, Value]]:
        """One row a change, with the keys about, before, after and words: JSON for the history."""
        return [asdict(change) for change in self.changes]


def difference(before: ScoringModel, after: ScoringModel) -> Difference:
    """What `after` has that `before` has not, and the other way round; empty exactly where the two are equal."""
    return Difference((*_criteria(before, after), *_settings(before, after)))


def _arrow(about: str, before: Value, after: Value) -> Change:
    return Change(about, before, after, f"{about} {before} → {after}")


def _settings(before: ScoringModel, after: ScoringModel) -> Iterator[Change]:
    for field, about in _NUMBERS:
        old, new = getattr(before, field), getattr(after, field)
        if old != new:
            yield _arrow(about, old, new)
    for gate in OPTIONAL:
        if (gate in before.requires) != (gate in after.requires):
            old, new = ("required", "not required") if gate in before.requires else ("not required", "required")
            ending = "now required" if gate in after.requires else "no longer required"
            yield Change(GATE_WORDS[gate], old, new, f"{GATE_WORDS[gate]} {ending}")
    for field, about in _SIGNALS:
        yield from _signals(about, getattr(before, field), getattr(after, field))
    if before.name != after.name:
        yield Change("name", before.name, after.name, f"named “{after.name}” instead of “{before.name}”")


def _signals(about: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[Change]:
    if before == after:
        return
    gone = [f"without {name}" for name in before if name not in after]
    come = [f"with {name}" for name in after if name not in before]
    words = f"{about} {', '.join(come + gone) or 'in another order'}"
    yield Change(about, ", ".join(before) or "none", ", ".join(after) or "none", words)


def _criteria(before: ScoringModel, after: ScoringModel) -> Iterator[Change]:
    old = {criterion.name.casefold(): criterion for criterion in before.criteria}
    new = {criterion.name.casefold(): criterion for criterion in after.criteria}
    for key, criterion in old.items():
        if key in new:
            yield from _criterion(criterion, new[key])
        else:
            yield Change(criterion.name, _in_short(criterion), None, f"without {criterion.name} ({criterion.most})")
    for key, criterion in new.items():
        if key not in old:
            yield Change(criterion.name, None, _in_short(criterion), f"{criterion.name} ({criterion.most}) is new")
    if old.keys() == new.keys() and list(old) != list(new):
        was, now = (", ".join(own.name for own in model.criteria) for model in (before, after))
        yield Change("criteria", was, now, "criteria in another order")


def _in_short(criterion: Criterion) -> str:
    levels = ", ".join(f"{level.name} {level.points}" for level in criterion.levels)
    return f"{criterion.group} by {criterion.looks_at}: {levels}"


def _criterion(before: Criterion, after: Criterion) -> Iterator[Change]:
    if before == after:
        return
    name = after.name
    if before.name != name:
        yield Change(before.name, before.name, name, f"{before.name} is called {name}")
    for about, value in _ABOUT_CRITERIA:
        old, new = value(before), value(after)
        if old != new:
            yield _arrow(f"{name}: {about}", old, new)
    if before.levels == after.levels:
        return
    if not same_borders(before, after):
        yield Change(f"{name}: levels", _levels(before), _levels(after), f"{name} has other levels")
        return
    yield from _level_names(before, after)
    yield from _points(before, after)


_ABOUT_CRITERIA: tuple[tuple[str, Callable[[Criterion], Value]], ...] = (
    ("group", lambda criterion: criterion.group.value),
    ("kind", lambda criterion: criterion.kind.value),
    ("looks at", lambda criterion: criterion.looks_at),
    ("within days", lambda criterion: "the model's" if criterion.within_days is None else criterion.within_days),
)


def _level_names(before: Criterion, after: Criterion) -> Iterator[Change]:
    for old, new in zip(before.levels, after.levels, strict=True):
        if old.name != new.name:
            yield _arrow(f"{after.name}: level", f"“{old.name}”", f"“{new.name}”")


def _points(before: Criterion, after: Criterion) -> Iterator[Change]:
    """One change where the levels kept their proportions, else one for each level that has other points."""
    old, new = level_points(before), level_points(after)
    if old == new:
        return
    if before.most and new == level_points(scaled(before, after.most)):
        yield _arrow(after.name, before.most, after.most)
        return
    for level, was, now in zip(after.levels, old, new, strict=True):
        if was != now:
            yield Change(f"{after.name}: {level.name}", was, now, f"{after.name} “{level.name}” {was} → {now}")


def _levels(criterion: Criterion) -> str:
    return "; ".join(f"{level.name} {level.points}: {_condition(level)}" for level in criterion.levels)


def _condition(level: Level) -> str:
    """What a lead must be like to be at the level."""
    if level.otherwise:
        return "every other"
    parts = [
        f"{words} {', '.join(values)}"
        for words, values in (("any of", level.any_of), ("all of", level.all_of))
        if values
    ]
    parts += [
        f"{words} {number:g}"
        for words, number in (("from", level.at_or_above), ("below", level.below), ("at least", level.at_least))
        if number is not None
    ]
    return ", ".join(parts)
