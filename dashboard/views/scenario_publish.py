"""How does a scenario become the active model? A dialog that names what will change, and asks for name and reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st

from dashboard import frames, wording
from dashboard.domain import UserError
from dashboard.frames import scenarios as questions
from dashboard.scoring.model import ScoringModel
from dashboard.scoring.what_if import WhatIf
from dashboard.views import scenario_words as words
from dashboard.views import scorecard_state, signature
from dashboard.views.what_if_scene import Scene
from data_access.publishing import Overtaken

MESSAGE = "scenario_message"


@dataclass(frozen=True, slots=True)
class Message:
    """What came of the last click: a sentence, whether it went well, and the scenario that an undo would bring back.

    `toast`: it need not stay in sight.
    """

    text: str
    well: bool
    restores: int | None = None
    toast: bool = False


def say() -> int | None:
    """What came of the last click; the scenario that an undo would bring back, until something else is done."""
    message: Message | None = st.session_state.get(MESSAGE)
    if message is None:
        return None
    if message.toast:
        st.toast(wording.plain(message.text), icon=":material/check:")
    else:
        (st.success if message.well else st.warning)(wording.plain(message.text))
    if message.restores is None:
        st.session_state.pop(MESSAGE)
    return message.restores


@dataclass(frozen=True, slots=True)
class Offer:
    """A model to be published. `parent` is the version that it was made from (None: the program's own), `author` made

    it (None: who publishes it), `detail` goes into the log.
    """

    model: ScoringModel
    parent: int | None
    author: str | None = None
    detail: Mapping[str, str | int | None] | None = None


@st.dialog("Publish as the active model?", width="large")
def ask(scene: Scene, offer: Offer, found: WhatIf) -> None:
    """Names what changes for everybody, and publishes when it is confirmed."""
    st.markdown(f"**What changes:** {wording.plain(words.changes(scene.active.model, offer.model))}.")
    names = frames.choices().names
    st.markdown(" ".join(filter(None, (words.consequences(found, scene.name), words.partners(found, names)))))
    st.caption(_EVERYWHERE)
    name = st.text_input("Name of the model", offer.model.name, max_chars=120, key="publish_name")
    note = st.text_area("Why?", key="publish_note", max_chars=2_000, height=80, placeholder="For those who come later")
    signature.name_field("publish_author")
    with st.container(horizontal=True):
        sure = st.button("Publish for everybody", type="primary", key="publish_sure", icon=":material/publish:")
        if st.button("Cancel", key="publish_cancel"):
            st.rerun()
    if sure:
        _publish(scene, offer, found, name, note)


def _publish(scene: Scene, offer: Offer, found: WhatIf, name: str, note: str) -> None:
    model = replace(offer.model, name=" ".join(name.split()))
    detail = {"gained": found.gained.leads, "dropped": found.dropped.leads, "leads_of": scene.period.label}
    try:
        done = questions.publish(
            model, signature.author(), seen=scene.active.version,
            note=note, author=offer.author, parent=offer.parent, detail=detail | dict(offer.detail or {}),
        )  # fmt: skip
    except Overtaken as error:
        st.error(wording.plain(error), icon=":material/group:")
        against = words.changes(scene.active.model, error.latest.model)
        st.markdown(f"It changes: {wording.plain(against)}. Your scenario stays as it is.")
        if st.button("Look at it", key="publish_look"):
            st.rerun()
        return
    except UserError as error:
        st.error(wording.plain(error), icon=":material/error:")
        return
    scorecard_state.put(model, "published")
    scored = f" {wording.several(done.rescored, 'lead was', 'leads were')} rescored." if done.rescored else ""
    st.session_state[MESSAGE] = Message(f"Version {done.version} is the active model now.{scored}", well=True)
    st.rerun()


_EVERYWHERE = (
    "Everybody sees it at once: the qualification on the Funnel page, the lists of leads, this page, and "
    "eql.scored_leads for other programs. The version before stays in the history and can be published again."
)
