"""Which control did the person move, when the browser may not have heard yet what the program has moved?

A browser reports the values of all its controls at once. One that was moved by the program a moment ago (the others of
a locked group, after a preset or an undo) may come back with its old value, and Streamlit calls that a change. So what
the browser may hold is remembered: what it last reported, and all that was sent to it since. A report is one of these
but for what the person moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

Values = dict[str, object]

BUTTONS = tuple(f"scorecard_{name}" for name in ("undo", "redo", "reset"))
_MOST = 20  # states of the controls that are remembered
_MAY_HOLD, _DRAWN, _MOVED = "scorecard_may_hold", "scorecard_drawn", "scorecard_moved"


def begin() -> None:
    """A run of the script begins to draw the controls."""
    st.session_state[_DRAWN] = {}
    st.session_state.pop(_MOVED, None)


def draw(key: str, value: object) -> None:
    """The control of this key is about to be drawn with this value."""
    if st.session_state.get(key, _MOVED) != value:
        st.session_state[key] = value
    st.session_state[_DRAWN][key] = value


def note(key: str, value: object) -> None:
    """The same for a control that another part of the page draws."""
    st.session_state[_DRAWN][key] = value


def end() -> None:
    """All controls are drawn; the browser will hear of them."""
    known: list[Values] = st.session_state.setdefault(_MAY_HOLD, [])
    drawn: Values = st.session_state[_DRAWN]
    if not known or known[-1] != drawn:
        st.session_state[_MAY_HOLD] = [*known, drawn][-_MOST:]


def was_moved(key: str) -> bool:
    """In a callback: whether the person moved this control; else its value is an old one that came back."""
    moved: frozenset[str] | None = st.session_state.get(_MOVED)
    if moved is None:
        known: list[Values] = st.session_state.get(_MAY_HOLD, [])
        if not known:
            return True
        reported = {own: st.session_state[own] for own in known[-1] if own in st.session_state}
        pressed = any(st.session_state.get(button) for button in BUTTONS)
        place, moved = what_moved(known, reported, pressed=pressed)
        st.session_state[_MAY_HOLD] = [reported, *known[place + 1 :]]
        st.session_state[_MOVED] = moved
    return key in moved


def what_moved(
    known: Sequence[Mapping[str, object]], reported: Mapping[str, object], *, pressed: bool
) -> tuple[int, frozenset[str]]:
    """The state that the browser started from (its place in `known`, oldest first), and the controls moved since.

    It is the state with the fewest differences, the newest of equals. `pressed`: a button explains the report, so that
    nothing else need have been moved.
    """
    differences = [_differing(state, reported) for state in known]
    newest = len(known) - 1
    if not pressed and len(differences[newest]) == 1:
        return newest, differences[newest]
    place = min(range(len(known)), key=lambda at: (len(differences[at]), -at))
    return place, differences[place]


def _differing(state: Mapping[str, object], reported: Mapping[str, object]) -> frozenset[str]:
    return frozenset(key for key, value in reported.items() if key in state and state[key] != value)
