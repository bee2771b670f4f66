"""Who puts a name under what is saved? The signed-in person, else the name that somebody fills in once a session."""

from __future__ import annotations

import streamlit as st

from dashboard import sign_in
from dashboard.views.review_decisions import NAME  # one name a session, wherever it was filled in

_HELP = "Saved beside what you do. With sign-in it is the name of your account."


def name_field(key: str) -> None:
    """A field for the name where nobody signs in."""
    if sign_in.configured():
        return
    st.text_input(
        "Your name", key=key, value=st.session_state.get(NAME, ""), max_chars=120, placeholder="Who are you?",
        on_change=_remember, args=(key,), help=_HELP,
    )  # fmt: skip


def _remember(key: str) -> None:
    st.session_state[NAME] = st.session_state[key]


def author() -> str:
    """The name; empty where nobody gave one."""
    viewer = sign_in.gate()
    return viewer.name if viewer != sign_in.EVERYBODY else str(st.session_state.get(NAME, ""))
