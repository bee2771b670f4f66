"""Who changed costs by hand, how is that taken back, and what did an import do to it?"""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboard import states, wording
from dashboard.domain import UserError
from dashboard.frames import cost_entries as asked
from dashboard.settings import settings
from dashboard.views import cost_editor_state as state
from dashboard.views import cost_editor_words as words
from dashboard.views import signature
from data_access.cost_entries_log import Overtaken
from data_access.engine import DatabaseUnavailable


def draw(names: words.Names) -> None:
    """The last saves with their rows; each can be taken back."""
    log = st.expander("Who changed what?", icon=":material/history:", key="costs_log", on_change="rerun")
    if not log.open:
        return
    with log:
        try:
            found = asked.last_saves()
        except DatabaseUnavailable:
            st.warning(words.AWAY, icon=":material/cloud_off:")
            return
        if not found:
            states.too_little("Nobody has changed a cost by hand yet.")
            return
        st.dataframe(
            pl.DataFrame(words.saved_before(found, names, settings().time_zone)),
            hide_index=True,
            height="content",
            alt="Saves of costs, the newest first: when, who, what",
            column_config={"Rows": st.column_config.TextColumn(width="large")},
        )
        by_id = {own.entry_id: own for own in found}
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            chosen = st.selectbox(
                "Take one back", list(by_id), key="costs_take_back",
                format_func=lambda key: words.one_save(by_id[key], settings().time_zone),
            )  # fmt: skip
            st.button(
                "Take it back", key="costs_take_back_button", icon=":material/undo:", on_click=state.take_back,
                args=(chosen, names),
            )  # fmt: skip


def overtaken(names: words.Names) -> None:
    """What an import went over, and the two answers to that."""
    try:
        found = asked.overtaken()
    except DatabaseUnavailable:
        return
    if not found:
        return
    st.warning(wording.plain(words.overtaken(found, names, settings().time_zone)), icon=":material/sync_problem:")
    with st.container(horizontal=True, gap="small"):
        st.button("Put the edits back", key="costs_put_back", on_click=_put_back, args=(found, names))
        st.button("Keep what was imported", key="costs_keep", type="tertiary", on_click=_keep, args=(found,))


def _put_back(found: list[Overtaken], names: words.Names) -> None:
    if not state.may_edit():
        return
    try:
        done = asked.put_back(found, signature.author())
    except UserError as error:
        state.tell(str(error))
        return
    state.tell(words.conflicts(done.conflicts, names))


def _keep(found: list[Overtaken]) -> None:
    if not state.may_edit():
        return
    try:
        asked.keep(found, signature.author())
    except UserError as error:
        state.tell(str(error))
