"""Which scorecard is being tried in this session? Its history, what the link says of it, and what was refused."""

from __future__ import annotations

import streamlit as st

from dashboard.domain import UserError
from dashboard.scoring.edits import as_link, can_be_linked, from_link, made_for_another
from dashboard.scoring.model import ScoringModel
from dashboard.scoring.scenario_history import History, Step

PARAMETER = "scorecard"
_HISTORY, _ACTIVE, _FOLLOWED, _COMPLAINT = (
    "scorecard_history", "scorecard_active", "scorecard_followed", "scorecard_complaint",
)  # fmt: skip
PRESET = "scorecard_preset"  # the key of the first control
LINK = "link"  # where a complaint about the link stands


def current(active: ScoringModel) -> ScoringModel:
    """The scenario: at first what the link says, else the active model.

    A scenario that was the active model follows it to a newer one. Whenever the page is entered with a link, the link
    is taken in as a step of its own.
    """
    before: ScoringModel | None = st.session_state.get(_ACTIVE)
    st.session_state[_ACTIVE] = active
    if _HISTORY not in st.session_state:
        st.session_state[_HISTORY] = History(Step(active))
    elif before is not None and before != active and _history().present.model == before:
        put(active, "active")
    # The link counts when the page is entered, so when its controls are not there yet. Later the browser may still
    # report a link that has been replaced.
    if PRESET not in st.session_state:
        _follow(active)
    return _history().present.model


def put(model: ScoringModel, origin: str = "") -> None:
    """Makes the model the scenario, with the one before to go back to; `origin`: which control did it."""
    known: History | None = st.session_state.get(_HISTORY)
    st.session_state[_HISTORY] = known.put(model, origin) if known else History(Step(model, origin))
    st.session_state.pop(_COMPLAINT, None)


def undo() -> bool:
    """One step back; whether there was one."""
    return _replace(_history().undo())


def redo() -> bool:
    """One step forward again; whether there was one."""
    return _replace(_history().redo())


def reset() -> None:
    """Back to the active model; a step that can be undone like any other."""
    put(st.session_state[_ACTIVE], "reset")


def can_undo() -> bool:
    """Whether there is a step to go back to."""
    return bool(_history().past)


def can_redo() -> bool:
    """Whether a step was undone."""
    return bool(_history().undone)


def before(origin: str) -> ScoringModel:
    """The scenario before the control of this name was moved, however often it was since."""
    return _history().before(origin)


def present() -> ScoringModel:
    """The scenario; only after `current`."""
    return _history().present.model


def active() -> ScoringModel:
    """The active model that `current` was last asked for."""
    model: ScoringModel = st.session_state[_ACTIVE]
    return model


def complain(place: str, error: UserError) -> None:
    """Keeps a refusal until something else is changed, to be shown at the control where it arose."""
    st.session_state[_COMPLAINT] = (place, str(error))


def complaint(place: str) -> str:
    """What was refused there; empty where nothing was."""
    where, text = st.session_state.get(_COMPLAINT, ("", ""))
    return text if where == place else ""


def keep_link() -> bool:
    """Writes the scenario into the page's link; whether it can be written there (another scorecard cannot)."""
    scenario, reference = present(), active()
    text = as_link(scenario, reference)
    if st.query_params.get(PARAMETER, "") != text:
        if text:
            st.query_params[PARAMETER] = text
        else:
            del st.query_params[PARAMETER]
    st.session_state.pop(_FOLLOWED, None)
    return bool(text) or can_be_linked(scenario, reference)


def _history() -> History:
    history: History = st.session_state[_HISTORY]
    return history


def _replace(history: History) -> bool:
    if history is _history():
        return False
    st.session_state[_HISTORY] = history
    st.session_state.pop(_COMPLAINT, None)
    return True


def _follow(active: ScoringModel) -> None:
    """Takes in what the link says, once each time that the page is entered."""
    said = st.query_params.get(PARAMETER, "")
    if not said or said == st.session_state.get(_FOLLOWED):
        return
    st.session_state[_FOLLOWED] = said
    try:
        put(from_link(said, active), LINK)
    except UserError as error:
        complain(LINK, error)
    else:
        if made_for_another(said, active):
            complain(LINK, UserError(_OLD))


_OLD = (
    "This link was made when another scorecard was active: what it does not name is as in the active one, "
    "so the scenario is not quite the one that was sent."
)
