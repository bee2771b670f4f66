"""How is a scenario kept, compared, shared, loaded, deleted, and published? The tab of saved scenarios."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import blocks, frames, states, wording
from dashboard.domain import UserError
from dashboard.frames import scenarios as questions
from dashboard.frames import what_if as asked
from dashboard.settings import settings
from dashboard.views import scenario_link, scenario_publish, signature
from dashboard.views import scenario_words as words
from dashboard.views.scenario_publish import MESSAGE, Message, Offer
from dashboard.views.what_if_numbers import Basis, Desk, weeks_of
from dashboard.views.what_if_scene import Scene
from data_access.engine import DatabaseUnavailable
from data_access.scenarios import Scenario

MOST_COMPARED = 4
ROWS_IN_SIGHT = 8
_NAME, _NOTE = "scenario_name", "scenario_note"


def draw(scene: Scene, basis: Basis | None = None, sensitivity: float = asked.SENSITIVITY) -> None:
    """Saving on top, then what was saved, then up to four beside each other; `basis`: of the page, else the settings'.

    The page's own basis should be given, so that load and cost are those of its fields.
    """
    if scenario_link.pending():
        scenario_link.follow(scene.active.model)
        st.rerun()
    _say()
    try:
        found = questions.listed()
    except DatabaseUnavailable:
        st.warning(_AWAY, icon=":material/cloud_off:")
        return
    left, right = st.columns((2, 3))
    with left, blocks.panel("Keep this scenario?", _about(scene), "scenario"):
        _keep(scene)
    with right, blocks.panel("What was saved?", f"{wording.several(len(found), 'scenario')}, the newest first"):
        if found:
            _list(found, scene)
            _one(found)
        else:
            states.too_little("Nobody has saved a scenario yet.")
    with blocks.panel("How do they compare?", f"Over the same leads of {scene.name}, each against the active model"):
        _compare(scene, found, basis or _basis(scene), sensitivity)


def _about(scene: Scene) -> str:
    if scene.model == scene.active.model:
        return "It is the active model, unchanged."
    return f"Against the active model: {wording.plain(words.changes(scene.active.model, scene.model))}"


def _keep(scene: Scene) -> None:
    origin = scenario_link.origin()
    st.text_input("Name", key=_NAME, max_chars=120, placeholder=origin.name if origin else "What is it called?")
    st.text_area("Note", key=_NOTE, max_chars=2_000, height=80, placeholder="Why it is worth keeping")
    signature.name_field("scenario_author")
    with st.container(horizontal=True):
        st.button(
            "Save scenario", key="scenario_save", icon=":material/save:", type="primary", on_click=_save, args=(scene,),
        )  # fmt: skip
        if st.button(
            "Publish …", key="scenario_publish", icon=":material/publish:",
            disabled=scene.model == scene.active.model, help="Makes it the active model, after you have confirmed it.",
        ):  # fmt: skip
            scenario_publish.ask(scene, _offer(scene), asked.answer_of(scene))


def _offer(scene: Scene) -> Offer:
    found = scenario_link.loaded()
    if found is None:
        return Offer(scene.model, scene.active.version)
    return Offer(scene.model, scene.active.version, found.author, {"scenario": found.scenario_id})


def _save(scene: Scene) -> None:
    origin = scenario_link.origin()
    name = st.session_state[_NAME] or (origin.name if origin else "")
    try:
        done = questions.save(
            name, st.session_state[_NOTE], scene, signature.author(), origin.scenario_id if origin else None
        )
    except UserError as error:
        st.session_state[MESSAGE] = Message(str(error), well=False)
        return
    scenario_link.opened(done.scenario)
    st.session_state[_NAME] = st.session_state[_NOTE] = ""
    st.session_state[MESSAGE] = Message(f"Saved as “{done.scenario.name}”.", well=True, toast=True)
    if done.meanwhile:
        latest = done.meanwhile[0]
        text = (
            f"{latest.author} saved “{latest.name}” from the same scenario since you loaded it. Both are kept: yours "
            f"is “{done.scenario.name}”."
        )
        st.session_state[MESSAGE] = Message(text, well=True)
    elif done.renamed:
        text = f"The name was taken, so yours is “{done.scenario.name}”; the other one is untouched."
        st.session_state[MESSAGE] = Message(text, well=True)


def _list(found: Sequence[Scenario], scene: Scene) -> None:
    st.dataframe(
        words.rows(found, scene.active.model), hide_index=True, key="scenario_list", placeholder=wording.NOTHING,
        height=min(38 + 35 * len(found), 38 + 35 * ROWS_IN_SIGHT), alt="Saved scenarios, the newest first",
        column_config={
            "number": st.column_config.NumberColumn("No.", width="small"),
            "name": st.column_config.TextColumn("Name", pinned=True),
            "changes": st.column_config.TextColumn("Against the active model", width="medium"),
            "author": st.column_config.TextColumn("By"),
            "saved": st.column_config.DatetimeColumn("Saved", format="D MMM YYYY HH:mm", timezone=settings().time_zone),
            "note": st.column_config.TextColumn("Note", width="medium"),
            "parent": st.column_config.NumberColumn("Made from", width="small"),
        },
        column_order=["name", "changes", "author", "saved", "note", "number", "parent"],
    )  # fmt: skip


def _one(found: Sequence[Scenario]) -> None:
    """Load, share or delete one of them."""
    by_number = {own.scenario_id: own for own in found}
    shown = scenario_link.origin()
    start = list(by_number).index(shown.scenario_id) if shown and shown.scenario_id in by_number else 0
    number = st.selectbox(
        "Scenario", list(by_number), index=start, format_func=lambda key: words.option(by_number[key]),
        key=f"scenario_chosen_{found[0].scenario_id}_{start}",
    )  # fmt: skip
    own = by_number[number]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Load", key="scenario_load", icon=":material/open_in_browser:", on_click=_load, args=(own,))
        if st.button("Delete …", key="scenario_delete", type="tertiary", icon=":material/delete:"):
            _ask_to_delete(own)
    st.caption("Link to it:")
    st.code(_link(own), language=None, wrap_lines=True)


def _link(own: Scenario) -> str:
    page = (st.context.url or "").split("?")[0]
    return f"{page}?{scenario_link.PARAMETER}={own.scenario_id}"


def _load(own: Scenario) -> None:
    try:
        scenario_link.load(own)
        text = f"“{own.name}” is on screen; Undo brings the one before back."
        st.session_state[MESSAGE] = Message(text, well=True, toast=True)
    except UserError as error:
        st.session_state[MESSAGE] = Message(str(error), well=False)


@st.dialog("Delete this scenario?")
def _ask_to_delete(own: Scenario) -> None:
    zone = settings().time_zone
    st.markdown(
        f"“{wording.plain(own.name)}” (no. {own.scenario_id}), saved by {wording.plain(own.author)} on "
        f"{wording.moment(own.created_at, zone)}, leaves the list for everybody, and links to it stop working."
    )
    signature.name_field("delete_author")
    with st.container(horizontal=True):
        sure = st.button("Delete for everybody", type="primary", key="delete_sure", icon=":material/delete:")
        if st.button("Cancel", key="delete_cancel"):
            st.rerun()
    if sure:
        try:
            gone = questions.delete(own.scenario_id, signature.author())
        except UserError as error:
            st.error(wording.plain(error))
            return
        scenario_link.forget(gone.scenario_id)
        st.session_state[MESSAGE] = Message(f"“{gone.name}” is deleted.", well=True, restores=gone.scenario_id)
        st.rerun()


def _restore(scenario_id: int) -> None:
    try:
        questions.restore(scenario_id, signature.author())
    except UserError as error:
        st.session_state[MESSAGE] = Message(str(error), well=False)
        return
    st.session_state[MESSAGE] = Message("The scenario is back.", well=True)


def _say() -> None:
    """What came of the last click, with a way back; what is wrong with the link."""
    if scenario_link.complaint():
        st.warning(wording.plain(scenario_link.complaint()), icon=":material/link_off:")
    gone = scenario_publish.say()
    if gone is not None:
        st.button("Undo", key="scenario_restore", icon=":material/undo:", on_click=_restore, args=(gone,))


def _compare(scene: Scene, found: Sequence[Scenario], basis: Basis, sensitivity: float) -> None:
    usable = {own.scenario_id: own for own in found if own.model is not None}
    chosen = st.multiselect(
        "Saved scenarios beside this one", list(usable), key="scenario_compared", max_selections=MOST_COMPARED,
        format_func=lambda key: words.option(usable[key]), placeholder=f"Up to {MOST_COMPARED}",
    )  # fmt: skip
    models = [scene.active.model, scene.model, *(usable[key].model or scene.model for key in chosen)]
    titles = ["Active model", "On screen", *(f"{key} · {usable[key].name}" for key in chosen)]
    try:
        answers = questions.compared(scene, models, sensitivity)
    except UserError as error:
        st.warning(wording.plain(error))
        return
    st.dataframe(
        words.comparison(dict(zip(titles, answers, strict=True)), basis), hide_index=True, height="content",
        key=f"scenario_comparison_{'_'.join(map(str, chosen))}", alt="Scenarios beside each other, one line a measure",
        column_config={"Measure": st.column_config.TextColumn(pinned=True)},
    )  # fmt: skip
    blocks.remark(_READING)


def _basis(scene: Scene) -> Basis:
    own = settings()
    desk = Desk(own.representatives, float(own.leads_per_week), float(own.cost_per_worked_lead))
    weeks = weeks_of(scene.period, frames.freshness().as_of)
    return Basis(scene.name, weeks, own.currency, desk, asked.programme_cost(scene.period, scene.filters))


_AWAY = "Scenarios can be neither read nor saved while the database does not answer. What is on screen stays."
_READING = (
    "Seen: what worked leads have brought so far. Estimated: what qualified leads that nobody worked would have "
    "brought, with its 95 % interval. Forgone: what leads that fall out have brought."
)
