"""How does a scorecard become JSON and come back? Everything that is wrong with one is said in a sentence.

The format is described in docs/scoring-model.md; `default_model.json` beside this file is an example of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from dashboard.domain import UserError
from dashboard.scoring.model import FIELDS, OPTIONAL, Criterion, Gate, Group, Kind, Level, ScoringModel
from dashboard.scoring.soundness import check

FORMAT = 1
DEFAULT = Path(__file__).with_name("default_model.json")
LONGEST = 200  # characters of a name or a value
MOST_DAYS = 3650

# Keys of the document that are plain lists or numbers, and the model's own words for them.
_NUMBERS = {
    "threshold": "threshold", "icp_at_least": "icp_at_least", "window_days": "window_days",
    "min_triggers": "min_triggers",
}  # fmt: skip
_SIGNALS = {
    "trigger_signals": "triggers", "ecosystem_signals": "ecosystem", "buying_signals": "buying",
    "overlap_signals": "overlap",
}  # fmt: skip
_KEYS = {"format", "name", "group_totals", "required_gates", "criteria", *_NUMBERS, *_SIGNALS}
_CRITERION_KEYS = {"name", "group", "field", "signal", "within_days", "levels"}
_LEVEL_KEYS = {
    Kind.TEXT: {"any_of"},
    Kind.NUMBER: {"from", "below"},
    Kind.TAGS: {"any_of", "all_of"},
    Kind.SIGNAL: {"at_least"},
}
_GATES = {gate.name.lower(): gate for gate in OPTIONAL if gate.name}


@cache
def default_model() -> ScoringModel:
    """The model that is active where nobody has published one."""
    return parse(DEFAULT.read_text(encoding="utf-8"))


def parse(document: str | Mapping[str, Any], active: ScoringModel | None = None) -> ScoringModel:
    """The model that a JSON document describes; what is wrong is told against the active model where one is given.

    UserError: one sentence that says what is wrong and names the criterion: an unknown key or field, a name used
    twice, points over the group's total, levels that overlap or can never be reached.
    """
    found = _document(document)
    _known_keys("The scoring model", found, _KEYS)
    if found.get("format", FORMAT) != FORMAT:
        raise UserError(f"The scoring model has format {found['format']!r}; this program reads format {FORMAT}.")
    totals = _mapping("group_totals", found.get("group_totals", {}))
    _known_keys("“group_totals”", totals, {"fit", "intent"})
    values: dict[str, Any] = {"name": _text("The scoring model's “name”", found.get("name"))}
    values |= {own: _whole(f"“{key}”", found[key]) for key, own in _NUMBERS.items() if key in found}
    values |= {own: _texts(f"“{key}”", found[key]) for key, own in _SIGNALS.items() if key in found}
    values |= {f"{group}_total": _whole(f"“group_totals.{group}”", points) for group, points in totals.items()}
    if "required_gates" in found:
        values["requires"] = _gates(_texts("“required_gates”", found["required_gates"]))
    criteria = found.get("criteria")
    if not isinstance(criteria, Sequence) or isinstance(criteria, str):
        raise UserError("The scoring model needs “criteria”, a list.")
    model = ScoringModel(criteria=tuple(_criterion(place, each) for place, each in enumerate(criteria, 1)), **values)
    check(model, active)
    return model


def as_document(model: ScoringModel) -> dict[str, Any]:
    """The model as a document that `parse` reads back to the same model."""
    return {
        "format": FORMAT,
        "name": model.name,
        "group_totals": {"fit": model.fit_total, "intent": model.intent_total},
        **{key: getattr(model, own) for key, own in _NUMBERS.items()},
        **{key: list(getattr(model, own)) for key, own in _SIGNALS.items()},
        "required_gates": [name for name, gate in _GATES.items() if gate in model.requires],
        "criteria": [_criterion_document(criterion) for criterion in model.criteria],
    }


def _criterion_document(criterion: Criterion) -> dict[str, Any]:
    where = "signal" if criterion.kind is Kind.SIGNAL else "field"
    days = {} if criterion.within_days is None else {"within_days": criterion.within_days}
    return {
        "name": criterion.name,
        "group": criterion.group.value,
        where: criterion.looks_at,
        **days,
        "levels": [_level_document(level) for level in criterion.levels],
    }


def _level_document(level: Level) -> dict[str, Any]:
    renamed = {"at_or_above": "from"}
    given = {field.name: getattr(level, field.name) for field in fields(level)}
    return {
        renamed.get(name, name): list(value) if isinstance(value, tuple) else value
        for name, value in given.items()
        if value is not None and value != () and value is not False
    }


def _document(document: str | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(document, str):
        try:
            document = json.loads(document, parse_constant=_no_number)
        except ValueError as error:
            raise UserError(f"The scoring model is no JSON: {error}.") from None
    return _mapping("The scoring model", document)


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")


def _mapping(what: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise UserError(f"{what} must be an object with names and values.")
    return value


def _known_keys(what: str, found: Mapping[str, Any], known: Iterable[str]) -> None:
    unknown = sorted(set(found) - set(known))
    if unknown:
        raise UserError(f"{what} has the unknown key “{unknown[0]}”; known are {', '.join(sorted(known))}.")


def _criterion(place: int, value: object) -> Criterion:
    found = _mapping(f"Criterion {place}", value)
    name = _text(f"The name of criterion {place}", found.get("name"))
    about = f"Criterion “{name}”"
    _known_keys(about, found, _CRITERION_KEYS)
    if found.get("group") not in list(Group):
        raise UserError(f"{about} needs a “group”: fit or intent.")
    kind, looks_at = _kind(about, found)
    levels = found.get("levels")
    if not isinstance(levels, Sequence) or isinstance(levels, str) or not levels:
        raise UserError(f"{about} needs “levels”, a list with at least one level.")
    days = found.get("within_days")
    return Criterion(
        name,
        Group(found["group"]),
        kind,
        looks_at,
        tuple(_level(about, kind, level) for level in levels),
        None if days is None else _whole(f"{about}: “within_days”", days, 1, MOST_DAYS),
    )


def _kind(about: str, found: Mapping[str, Any]) -> tuple[Kind, str]:
    if ("field" in found) == ("signal" in found):
        raise UserError(f"{about} needs either a “field” or a “signal”.")
    if "signal" in found:
        return Kind.SIGNAL, _text(f"{about}: “signal”", found["signal"])
    if "within_days" in found:
        raise UserError(f"{about} looks at a field, so it can have no “within_days”: fields carry no date.")
    field = _text(f"{about}: “field”", found["field"])
    if field not in FIELDS:
        raise UserError(f"{about} looks at the unknown field “{field}”; known are {', '.join(FIELDS)}.")
    return FIELDS[field], field


def _level(about: str, kind: Kind, value: object) -> Level:
    found = _mapping(f"Each level of {about[0].lower()}{about[1:]}", value)
    name = _text(f"{about}: the name of a level", found.get("name"))
    where = f"{about}, level “{name}”"
    conditions = _LEVEL_KEYS[kind]
    _known_keys(where, found, {"name", "points", "otherwise", *conditions})
    points = _whole(f"{where}: “points”", found.get("points"))
    if "otherwise" in found and found["otherwise"] is not True:
        raise UserError(f"{where}: “otherwise” can only be true.")
    given = conditions & found.keys()
    if bool(given) == ("otherwise" in found) or {"any_of", "all_of"} <= given:
        raise UserError(
            f"{where} needs either {' or '.join(f'“{key}”' for key in sorted(conditions))}, or “otherwise”."
        )
    return Level(name, points, otherwise="otherwise" in found, **_conditions(where, found, given))


def _conditions(where: str, found: Mapping[str, Any], given: Iterable[str]) -> dict[str, Any]:
    readers: dict[str, tuple[str, Callable[[str, object], object]]] = {
        "any_of": ("any_of", _values),
        "all_of": ("all_of", _values),
        "from": ("at_or_above", _number),
        "below": ("below", _number),
        "at_least": ("at_least", lambda what, value: _whole(what, value, 1, 1_000_000)),
    }
    return {readers[key][0]: readers[key][1](f"{where}: “{key}”", found[key]) for key in given}


def _gates(names: tuple[str, ...]) -> Gate:
    unknown = [name for name in names if name not in _GATES]
    if unknown:
        raise UserError(f"“required_gates” names “{unknown[0]}”; known are {', '.join(_GATES)}.")
    required = Gate(0)
    for name in names:
        required |= _GATES[name]
    return required


def _text(what: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST or "\x00" in value:
        raise UserError(f"{what} must be a text of 1 to {LONGEST} characters.")
    return value.strip()


def _texts(what: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise UserError(f"{what} must be a list of names.")
    names = tuple(_text(f"Each entry of {what}", name) for name in value)
    if len(set(names)) < len(names):
        raise UserError(f"{what} names “{next(name for name in names if names.count(name) > 1)}” twice.")
    return names


def _values(what: str, value: object) -> tuple[str, ...]:
    values = _texts(what, value)
    if not values:
        raise UserError(f"{what} must name at least one value.")
    return values


def _whole(what: str, value: object, least: int = 0, most: int = MOST_DAYS) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise UserError(f"{what} must be a whole number from {least} to {most}.")
    return value


def _number(what: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e15:
        raise UserError(f"{what} must be a number.")
    return value
