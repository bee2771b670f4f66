"""How many points has each level of a criterion? Fields behind a button, drawn only when it is open."""

from __future__ import annotations

import streamlit as st

from dashboard import wording
from dashboard.scoring.model import Criterion
from dashboard.views import scorecard_echo as echo
from dashboard.views import scorecard_moves as moves
from dashboard.views import scorecard_state


def worth_opening(criterion: Criterion) -> bool:
    """Whether the criterion has more to set than its slider does: a second level that may have points."""
    second = criterion.levels[1:2]
    return bool(second) and not (len(criterion.levels) == 2 and second[0].otherwise and not second[0].points)


def draw(criterion: Criterion, place: int, total: int) -> None:
    """The button, and behind it one field for each level."""
    name = wording.plain(wording.label(criterion.name))
    levels = st.popover("Levels", key=f"scorecard_levels_{place}", on_change="rerun", type="tertiary")
    if not levels.open:
        return
    keys = tuple(f"{moves.slider_key(criterion, place)}_{at}" for at in range(len(criterion.levels)))
    with levels:
        st.markdown(f"**{name}**: points of each level")
        for level, key in zip(criterion.levels, keys, strict=True):
            echo.draw(key, level.points)
            st.number_input(
                wording.plain(level.name), 0, max(total, 1), key=key, step=1, on_change=moves.levels,
                args=(criterion.name, keys),
            )  # fmt: skip
        text = scorecard_state.complaint(moves.levels_of(criterion.name))
        if text:
            st.markdown(f":small[:orange[{wording.plain(text)}]]")
