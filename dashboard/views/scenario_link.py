"""Which saved scenario does the link name, and is it still the one on screen?"""

from __future__ import annotations

import streamlit as st

from dashboard.domain import UserError
from dashboard.frames import scenarios as questions
from dashboard.scoring.model import ScoringModel
from dashboard.views import scorecard_state
from data_access.scenarios import Scenario

PARAMETER = "scenario"
_FOLLOWED, _LOADED, _COMPLAINT = "scenario_followed", "scenario_loaded", "scenario_complaint"
_LARGEST = 18  # digits of a number that Postgres can hold


def follow(active: ScoringModel) -> None:
    """Loads the scenario that the link names, once; to be called before the scorecard is drawn.

    Once the scenario on screen is another one, the link names none.
    """
    said = st.query_params.get(PARAMETER, "")
    if pending():
        st.session_state[_FOLLOWED] = said
        _open(said, active)
    elif said and loaded() is None and not complaint():
        st.query_params.pop(PARAMETER, None)


def pending() -> bool:
    """Whether the link names a scenario that nobody has looked for yet."""
    said = st.query_params.get(PARAMETER, "")
    return bool(said) and said != st.session_state.get(_FOLLOWED)


def _open(said: str, active: ScoringModel) -> None:
    try:
        if not said.isdecimal() or len(said) > _LARGEST:
            raise UserError(f"The link asks for scenario “{said[:40]}”, which is no number.")
        found = questions.scenario(int(said))
        scorecard_state.current(active)
        load(found)
    except UserError as error:
        st.session_state[_COMPLAINT] = str(error)


def load(found: Scenario) -> None:
    """Makes a saved scenario the one on screen, and names it in the link. UserError: it cannot be read."""
    if found.model is None:
        raise UserError(f"Scenario {found.scenario_id} cannot be read. {found.trouble}")
    scorecard_state.put(found.model, f"scenario {found.scenario_id}")
    opened(found)


def opened(found: Scenario) -> None:
    """What is on screen is this saved scenario."""
    st.session_state[_LOADED] = found
    st.session_state[_FOLLOWED] = str(found.scenario_id)
    st.session_state.pop(_COMPLAINT, None)
    st.query_params[PARAMETER] = str(found.scenario_id)
    st.query_params.pop(scorecard_state.PARAMETER, None)


def forget(scenario_id: int) -> None:
    """A saved scenario is gone: what is on screen was made from none, and the link names none."""
    found = origin()
    if found is not None and found.scenario_id == scenario_id:
        st.session_state.pop(_LOADED)
        st.query_params.pop(PARAMETER, None)


def origin() -> Scenario | None:
    """The saved scenario that the one on screen was made from; it may have been changed since."""
    found: Scenario | None = st.session_state.get(_LOADED)
    return found


def loaded() -> Scenario | None:
    """The saved scenario that is on screen unchanged."""
    found = origin()
    return found if found is not None and found.model == scorecard_state.present() else None


def complaint() -> str:
    """Why the link's scenario is not on screen; empty where nothing is wrong."""
    return str(st.session_state.get(_COMPLAINT, ""))
