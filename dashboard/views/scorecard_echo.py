"""Which control did the person move, when the browser may not have heard yet what the program has moved?

A browser reports the values of all its controls at once. One that the program moved a moment ago (the others of a
locked group, after a preset or an undo) may come back with its old value, and Streamlit calls that a change. So it is
remembered for each control which values the browser may hold: the last one that it reported, and all that were sent to
it since. A value that is none of these is the person's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

BUTTONS = tuple(f"scorecard_{name}" for name in ("undo", "redo", "reset"))
_MOST = 20  # values of a control that are remembered
_CONTROLS, _NOW, _MOVED = "scorecard_controls", "scorecard_controls_now", "scorecard_moved"


@dataclass(frozen=True, slots=True)
class Control:
    """A control on screen: its value as the program knows it, and the values that the browser may hold, oldest first.

    The first of `held` is what the browser last reported, the others were sent since.
    """

    value: object
    held: tuple[object, ...]

    def drawn(self, value: object) -> Control:
        """The control after it was drawn with a value; the same where the browser needs not hear of it."""
        if self.value == value == self.held[-1]:
            return self
        return Control(value, (*self.held, value)[-_MOST:])

    def reported(self, value: object) -> Control:
        """The control after a report. What was sent after the reported value may still be under way."""
        if value in self.held:
            return Control(value, self.held[self.held.index(value) :])
        return Control(value, (value, *self.held[1:]))


def begin() -> None:
    """A run of the script begins to draw the controls."""
    st.session_state[_NOW] = {}
    st.session_state.pop(_MOVED, None)


def draw(key: str, value: object) -> None:
    """The control of this key is about to be drawn with this value."""
    if note(key, value):
        st.session_state[key] = value


def note(key: str, value: object) -> bool:
    """The same for a control that another part of the page draws; whether the browser must hear of its value.

    It must, too, where it reported the very value but another one is still on its way to it.
    """
    known: Control | None = st.session_state.get(_CONTROLS, {}).get(key)
    fresh = known is None or key not in st.session_state
    now = Control(value, (value,)) if known is None or fresh else known.drawn(value)
    st.session_state[_NOW][key] = now
    return fresh or now is not known or st.session_state[key] != value


def end() -> None:
    """All controls are drawn; those that are not are on screen no more."""
    st.session_state[_CONTROLS] = st.session_state[_NOW]


def was_moved(key: str) -> bool:
    """In a callback: whether the person moved this control; else its value is an old one that came back."""
    moved: frozenset[str] | None = st.session_state.get(_MOVED)
    if moved is None:
        known: dict[str, Control] = st.session_state.get(_CONTROLS, {})
        if key not in known:
            return True
        reported = {own: st.session_state[own] for own in known if own in st.session_state}
        moved = what_moved(known, reported, pressed=any(st.session_state.get(button) for button in BUTTONS))
        st.session_state[_MOVED] = moved
        st.session_state[_CONTROLS] = known | {own: known[own].reported(value) for own, value in reported.items()}
    return key in moved


def what_moved(known: Mapping[str, Control], reported: Mapping[str, object], *, pressed: bool) -> frozenset[str]:
    """The controls whose reported values the browser did not have from the program.

    Where there is none, and no button explains the report (`pressed`), a single changed control is what the person
    moved: to a value that it had a moment ago.
    """
    changed = {key for key, value in reported.items() if key in known and known[key].value != value}
    own = {key for key in changed if reported[key] not in known[key].held}
    if not own and len(changed) == 1 and not pressed:
        own = changed
    return frozenset(own)
