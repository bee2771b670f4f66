"""What happens when a control of the scorecard is moved? Callbacks: each makes one step of the history, or none."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.domain import UserError
from dashboard.scoring.edits import (
    PRESETS,
    criterion_named,
    locked,
    with_gates,
    with_levels,
    with_most,
    with_triggers,
)
from dashboard.scoring.model import Criterion, Gate, ScoringModel
from dashboard.scoring.naming import word
from dashboard.views import scorecard_echo as echo
from dashboard.views import scorecard_state

PRESET, LOCK, TRIGGERS = scorecard_state.PRESET, "scorecard_lock", "scorecard_triggers"
PART = "scorecard_part"
THRESHOLD = "threshold"  # the field beside the scores, which the page draws
_UNLOCKED, _PRESETS, _SHOWN = "scorecard_unlocked", "scorecard_presets", "scorecard_shown"


def slider_key(criterion: Criterion, place: int) -> str:
    """The key of a criterion's slider."""
    return f"scorecard_points_{place}_{word(criterion.name)}"


def gate_key(gate: Gate) -> str:
    """The key of a gate's toggle."""
    return f"scorecard_gate_{(gate.name or '').lower()}"


def points_of(name: str) -> str:
    """What a criterion's slider is called in the history, and where its refusals stand."""
    return f"points of {name}"


def levels_of(name: str) -> str:
    """The same for the fields of its levels."""
    return f"levels of {name}"


def preset_names() -> dict[str, str]:
    """What each preset is called, 45/55 by what the totals become."""
    moved = _presets()["45/55"]
    return {key: preset.name for key, preset in PRESETS.items()} | {"45/55": f"{moved.fit_total}/{moved.intent_total}"}


def preset_of(scenario: ScoringModel) -> str | None:
    """The preset that the scenario is, if it is one."""
    return next((key for key, model in _presets().items() if model == scenario), None)


def start() -> None:
    """A preset was chosen; a blank one is filled line by line, so it unlocks the totals."""
    key = st.session_state[PRESET]
    if key is None or not echo.was_moved(PRESET):
        return
    if key == "blank":
        st.session_state[_UNLOCKED] = True
    scorecard_state.put(_presets()[key], key)


def is_locked() -> bool:
    """Whether groups stay full; at first they do."""
    return not st.session_state.get(_UNLOCKED, False)


def lock() -> None:
    """The lock was switched. It is kept apart from its toggle, which forgets when another page is opened."""
    if echo.was_moved(LOCK):
        st.session_state[_UNLOCKED] = not st.session_state[LOCK]


def take(step: Callable[[], object]) -> None:
    """Undo, redo or reset was pressed."""
    step()


def part() -> str | None:
    """Which part is shown: fit, intent or gates; None at first. Kept apart from its control, like the lock."""
    kept: str | None = st.session_state.get(_SHOWN)
    return kept


def show() -> None:
    """Another part was chosen."""
    st.session_state[_SHOWN] = st.session_state[PART]


def slide(name: str, key: str) -> None:
    """A criterion's slider was moved."""
    if not echo.was_moved(key):
        return
    most: int = st.session_state[key]
    place = points_of(name)
    base, shape = scorecard_state.before(place), scorecard_state.active()
    _try(place, lambda: locked(base, name, most, shape) if is_locked() else with_most(base, name, most, shape))


def levels(name: str, keys: tuple[str, ...]) -> None:
    """The points of a level were set; `keys`: the fields of all levels of the criterion."""
    if not any(map(echo.was_moved, keys)):
        return
    points = [st.session_state[key] for key in keys]
    place, base = levels_of(name), scorecard_state.present()
    if is_locked():
        _try(place, lambda: _filled(base, name, points))
    else:
        _try(place, lambda: with_levels(base, name, points))


def _filled(base: ScoringModel, name: str, points: list[int]) -> ScoringModel:
    """The criterion with these points, the rest of its group scaled so that it is full."""
    room = locked(base, criterion_named(base, name).name, max(points), scorecard_state.active())
    return with_levels(room, name, points)


def triggers() -> None:
    """The number of triggers needed was set."""
    if echo.was_moved(TRIGGERS):
        _try(TRIGGERS, lambda: with_triggers(scorecard_state.present(), st.session_state[TRIGGERS]))


def gate(gate: Gate) -> None:
    """A gate was switched."""
    if not echo.was_moved(gate_key(gate)):
        return
    required = scorecard_state.present().requires & ~gate
    if st.session_state[gate_key(gate)]:
        required |= gate
    _try(gate_key(gate), lambda: with_gates(scorecard_state.present(), required))


def _try(place: str, make: Callable[[], ScoringModel]) -> None:
    try:
        scorecard_state.put(make(), place)
    except UserError as error:
        scorecard_state.complain(place, error)


def _presets() -> dict[str, ScoringModel]:
    """The presets of the active model, made once for it."""
    active = scorecard_state.active()
    kept: tuple[ScoringModel, dict[str, ScoringModel]] | None = st.session_state.get(_PRESETS)
    if kept is None or kept[0] != active:
        kept = active, {key: preset.of(active) for key, preset in PRESETS.items()}
        st.session_state[_PRESETS] = kept
    return kept[1]
