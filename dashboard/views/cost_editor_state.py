"""What does the editor of costs remember between two clicks, and who may use it?"""

from __future__ import annotations

import uuid

import streamlit as st

from dashboard import sign_in, wording
from dashboard.domain import UserError
from dashboard.frames import cost_entries as asked
from dashboard.views import cost_editor_words as words
from dashboard.views import signature
from dashboard.views.cost_editor_drafts import NO_DRAFTS, Drafts

MAY_EDIT = frozenset(
    {sign_in.Role.EXECUTIVE, sign_in.Role.PARTNER_MANAGER, sign_in.Role.MARKETING, sign_in.Role.OPERATIONS}
)
# Session keys of what is not a widget: what was typed survives a change of page, filters and leaf.
DRAFTS, GENERATION, MESSAGE, LAST = (f"costs_{name}" for name in ("drafts", "generation", "message", "last"))


def may_edit() -> bool:
    """Whether the person at the screen may change costs; without sign-in everybody who gives a name."""
    viewer = sign_in.gate()
    return viewer == sign_in.EVERYBODY or viewer.role in MAY_EDIT


def drafts() -> Drafts:
    """What was typed and not saved yet."""
    found: Drafts = st.session_state.get(DRAFTS, NO_DRAFTS)
    return found


def typed(found: Drafts) -> None:
    """Takes what was typed into the table, which shows it already."""
    st.session_state[DRAFTS] = found


def keep(found: Drafts) -> None:
    """Takes the drafts as what was typed; the table is drawn anew from them."""
    st.session_state[DRAFTS] = found
    st.session_state[GENERATION] = generation() + 1


def generation() -> int:
    """How often the table was drawn anew from the drafts."""
    return int(st.session_state.get(GENERATION, 0))


def fresh_key() -> str:
    """A key that no row has."""
    return uuid.uuid4().hex


def tell(text: str) -> None:
    """What came of the last click, to be said on the next drawing; nothing where there is nothing to say."""
    if text:
        st.session_state[MESSAGE] = text


def message() -> str | None:
    """What is to be said now, once."""
    found: str | None = st.session_state.pop(MESSAGE, None)
    return found


def last_save() -> tuple[int, str] | None:
    """The last save of this session: its number, and what it did in a sentence."""
    found: tuple[int, str] | None = st.session_state.get(LAST)
    return found


def saved(entry_id: int | None, said: str) -> None:
    """Remembers the last save, so that it can be taken back."""
    if entry_id is not None:
        st.session_state[LAST] = (entry_id, said)


def take_back(entry_id: int, names: words.Names) -> None:
    """Undoes a save, and says what could not be."""
    if not may_edit():
        return
    try:
        done = asked.undo(entry_id, signature.author())
    except UserError as error:
        tell(str(error))
        return
    st.session_state.pop(LAST, None)
    keep(drafts())
    if done.entry_id is not None:
        st.toast(f"Took back {wording.several(len(done.changes), 'row')}.", icon=":material/undo:")
    elif not done.conflicts:
        tell("It is as it was before already: there was nothing to take back.")
    tell(words.not_taken_back(done.conflicts, names))
