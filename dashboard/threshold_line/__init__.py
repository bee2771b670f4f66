"""Where would the threshold lie, and what would follow? A histogram of scores with a line that can be dragged.

The texts beside the line are formatted here, one for each threshold, and only looked up in the browser: what is read
while dragging is what Python says after the release. `line.js` says how both sides agree on the value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from dashboard import palette
from dashboard.threshold_line.drawing import Bar, Number, drawn

__all__ = ["Bar", "Number", "threshold_line"]

LARGEST_REV = 2**53 - 1  # the largest integer that JavaScript counts to without a gap

_HERE = Path(__file__).parent
_COLOURS = f":host {{ --won: {palette.WON}; --worked: {palette.PARTNER}; --never: {palette.REFERENCE}; }}\n"


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


# Declared once: a second declaration under the same name would replace the first in all sessions.
_mount = component(
    "threshold_line",
    html=_read("line.html"),
    css=_COLOURS + _read("line.css"),
    js=_read("line.js"),
    isolate_styles=True,
)


def threshold_line(
    *,
    key: str,
    value: int,
    top: int,
    active: int | None,
    bars: Sequence[Bar],
    numbers: Sequence[Number],
    spoken: Sequence[str],
    best: tuple[int, int] | None = None,
    on_release: Callable[[int], None],
    label: str = "Threshold",
    alt: str = "",
) -> None:
    """Draws the line at `value` (0..top, points) over the bars, and the numbers at that threshold beside it.

    `active` is the threshold in force, `best` the first and last threshold within noise of the best one. `numbers` and
    `spoken` (what a screen reader says) have one text for each threshold 0..top, ready to be read; `alt` says the
    histogram in words. Where the line is let go, `on_release` is called with the new threshold before the script runs
    again; the caller keeps the value, in a field of its own, and hands it back as `value`.

    What arrives from the browser is whatever somebody cares to send: all but a whole number within 0..top that is newer
    than the last one is dropped. Raises ValueError where lengths or thresholds do not fit `top`.
    """
    data = drawn(value, top, active, bars, numbers, spoken, best)

    def released() -> None:
        message = _message(st.session_state.get(key))
        rev = _newer_rev(message, _rev(key))
        if rev is None:
            return
        st.session_state[_rev_key(key)] = rev
        if _is_whole(message["value"], 0, top):
            on_release(message["value"])

    _mount(
        key=key,
        data=data | {"label": label, "alt": alt, "rev": _rev(key)},
        on_released_change=released,
    )


def _rev_key(key: str) -> str:
    return f"{key} rev"


def _rev(key: str) -> int:
    """The number of the last release that was taken in, in this session."""
    return int(st.session_state.get(_rev_key(key), 0))


def _message(state: Any) -> Any:
    return state.get("released") if isinstance(state, Mapping) else None


def _newer_rev(message: Any, last: int) -> int | None:
    """The number of a release that has not been taken in yet; None where this is none.

    A refused value is answered like a good one, so that the line does not wait for it.
    """
    if not isinstance(message, dict) or set(message) != {"value", "rev"}:
        return None
    return message["rev"] if _is_whole(message["rev"], last + 1, LARGEST_REV) else None


def _is_whole(value: Any, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most
