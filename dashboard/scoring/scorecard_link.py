"""How does a changed scorecard fit into a link, so that a person can read it: `threshold.65~company_size.10`?

Parts stand between `~`, each a name and what it is now, with a `.` between; what is not named is as in the active
model. All signs are such as need no escape in a web address.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

from dashboard.domain import UserError
from dashboard.scoring.model import OPTIONAL, Criterion, Gate, ScoringModel
from dashboard.scoring.naming import word
from dashboard.scoring.scaling import level_points, same_conditions, scaled, with_criteria, with_level_points
from dashboard.scoring.soundness import check

_NUMBERS = {
    "fit": "fit_total", "intent": "intent_total", "threshold": "threshold", "icp": "icp_at_least",
    "triggers": "min_triggers",
}  # fmt: skip
_GATES, _NO_GATE, _MADE_FOR = "gates", "none", "of"
_RESERVED = {*_NUMBERS, _GATES, _MADE_FOR}
_BY_NAME = {(gate.name or "").lower(): gate for gate in OPTIONAL}
_LONGEST_WORD = 40
LONGEST = 8000  # characters of a link's text that are read at all


def can_be_linked(model: ScoringModel, active: ScoringModel) -> bool:
    """Whether the model differs from the active one only in points, totals, threshold, triggers and gates."""
    kept = ("name", "window_days", "triggers", "ecosystem", "buying", "overlap")
    if any(getattr(model, field) != getattr(active, field) for field in kept):
        return False
    return len(model.criteria) == len(active.criteria) and all(map(_same_line, model.criteria, active.criteria))


def _same_line(own: Criterion, other: Criterion) -> bool:
    """Whether two criteria differ in nothing but points."""
    return own is other or (
        (own.name, own.group) == (other.name, other.group)
        and same_conditions(own, other)
        and all(level.name == before.name for level, before in zip(own.levels, other.levels, strict=True))
    )


def as_link(model: ScoringModel, active: ScoringModel) -> str:
    """What of the model differs from the active one, as text for a link; empty where nothing does.

    Empty too where the text could not say it: another scorecard altogether (`can_be_linked`).
    """
    if model == active or not can_be_linked(model, active):
        return ""
    parts = [
        f"{key}.{getattr(model, own)}"
        for key, own in _NUMBERS.items()
        if getattr(model, own) != getattr(active, own)
    ]  # fmt: skip
    if model.requires != active.requires:
        names = [name for name, gate in _BY_NAME.items() if gate in model.requires]
        parts.append(f"{_GATES}.{'-'.join(names) or _NO_GATE}")
    words = _words(active)
    for own, other in zip(model.criteria, active.criteria, strict=True):
        if own != other:
            parts.append(f"{words[other.name]}.{_points(own, other)}")
    return "~".join([*parts, f"{_MADE_FOR}.{_mark(active)}"])


def from_link(text: str, active: ScoringModel) -> ScoringModel:
    """The model behind the text of a link; UserError: one sentence that says what is wrong with it."""
    if len(text) > LONGEST:
        raise UserError("The link's scorecard is too long to be one.")
    said: dict[str, str] = {}
    for part in filter(None, text.split("~")):
        key, dot, value = part.partition(".")
        if not dot or key in said:
            raise UserError(f"The link's scorecard has the part “{part[:40]}”, which cannot be read.")
        said[key] = value
    said.pop(_MADE_FOR, None)
    changes: dict[str, Any] = {own: _whole(key, said.pop(key)) for key, own in _NUMBERS.items() if key in said}
    model = replace(active, **changes)
    if _GATES in said:
        model = replace(model, requires=_gates(said.pop(_GATES)))
    words = _words(active)
    by_word = {words[criterion.name]: criterion for criterion in active.criteria}
    model = with_criteria(model, [_criterion(by_word.get(key), key, value) for key, value in said.items()])
    check(model, active)
    return model


def made_for_another(text: str, active: ScoringModel) -> bool:
    """Whether the link was made while another model was active: what it does not name was something else then."""
    marks = [part.partition(".")[2] for part in text.split("~") if part.startswith(f"{_MADE_FOR}.")]
    return bool(marks) and marks[0] != _mark(active)


@lru_cache(maxsize=8)
def _mark(active: ScoringModel) -> str:
    return hashlib.sha256(repr(active).encode("utf-8", "backslashreplace")).hexdigest()[:6]


def _words(active: ScoringModel) -> dict[str, str]:
    """What the link calls each criterion: its name; `C3` for the third where its name is another's too, or awkward."""
    plain = [word(criterion.name) for criterion in active.criteria]
    found = {}
    for place, (criterion, name) in enumerate(zip(active.criteria, plain, strict=True), 1):
        awkward = len(name) > _LONGEST_WORD or not name.isprintable() or re.search(r"[~.%]", name)
        clear = not awkward and name not in _RESERVED and plain.count(name) == 1
        found[criterion.name] = name if clear else f"C{place}"
    return found


def _points(own: Criterion, other: Criterion) -> str:
    if other.most and own == scaled(other, own.most):
        return str(own.most)
    return "-".join(map(str, level_points(own)))


def _criterion(criterion: Criterion | None, key: str, value: str) -> Criterion:
    if criterion is None:
        raise UserError(f"The link's scorecard names “{key[:40]}”, which the active scorecard does not have.")
    numbers = [_whole(criterion.name, part) for part in value.split("-")]
    if len(numbers) == 1:
        return scaled(criterion, numbers[0])
    if len(numbers) != len(criterion.levels):
        raise UserError(
            f"The link's scorecard has {len(numbers)} numbers for criterion “{criterion.name}”, "
            f"which has {len(criterion.levels)} levels."
        )
    return with_level_points(criterion, numbers)


def _whole(what: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text) or int(text) > 3650:
        raise UserError(f"The link's scorecard says “{text[:40]}” for “{what}”, where a number from 0 to 3650 belongs.")
    return int(text)


def _gates(text: str) -> Gate:
    required = Gate(0)
    for name in text.split("-") if text != _NO_GATE else ():
        if name not in _BY_NAME:
            raise UserError(f"The link's scorecard asks for the gate “{name[:40]}”; known are {', '.join(_BY_NAME)}.")
        required |= _BY_NAME[name]
    return required
