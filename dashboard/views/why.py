"""Why does this lead score what it scores? Looking one up, its lines, gates and signals, and what would have done."""

from __future__ import annotations

import streamlit as st

from dashboard import blocks, states, wording
from dashboard.domain import UserError
from dashboard.frames import lead_why as questions
from dashboard.frames.lead_why import Explained
from dashboard.settings import settings
from dashboard.views import why_words as words
from dashboard.views.what_if_scene import Scene
from data_access.engine import DatabaseUnavailable
from data_access.lead_list import Place
from data_access.lead_why import PAGE

LEAD = "lead"  # the field's key, and its name in the link
_STEPS, _CHOICE = "why_steps", "why_choice"
_LONGEST = 200


def draw(scene: Scene) -> None:
    """The field, what was found, and the lead's score under both models."""
    wanted = st.text_input(
        "Lead", key=LEAD, bind="query-params", max_chars=_LONGEST, icon=":material/search:",
        placeholder="Key, e-mail domain or beginning of the company's name", on_change=_from_the_top,
        help="The period and the filters do not apply here: any lead can be looked up.",
    )  # fmt: skip
    if not (wanted or "").strip():
        states.too_little("Look up a lead to see its points, gates and signals, and what would have qualified it.")
        return
    lead_id = _chosen(str(wanted).strip())
    if lead_id is not None:
        try:
            explained = questions.explained(lead_id, scene.active.model, scene.model)
        except DatabaseUnavailable:
            raise
        except UserError as error:
            st.info(wording.plain(error), icon=":material/search_off:")
            return
        _explain(explained)


def _from_the_top() -> None:
    st.session_state.pop(_STEPS, None)
    st.session_state.pop(_CHOICE, None)


def _chosen(wanted: str) -> str | None:
    """The lead that is meant; a list to choose from where there are several."""
    steps: list[Place] = st.session_state.get(_STEPS, [])
    found = questions.find(wanted, steps[-1] if steps else None)
    if not steps and found.height <= 1:
        # A key that is none of a live lead may still be one of which there is something to say.
        return str(found["lead_id"][0]) if found.height else wanted
    exact = found.filter(found["lead_id"] == wanted)
    if exact.height:
        return wanted
    shown = found.head(PAGE)
    options = {str(row[0]): words.option(row) for row in shown.iter_rows()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        lead_id = st.selectbox(
            "Which one?", list(options), index=None, format_func=options.__getitem__,
            key=f"{_CHOICE}_{len(steps)}", placeholder=f"{_several(found.height, len(steps))}: choose one",
        )  # fmt: skip
        if steps:
            st.button("Newer", key="why_newer", icon=":material/chevron_left:", on_click=_back)
        if found.height > PAGE:
            last = Place(shown["created_at"][-1], shown["lead_id"][-1])
            st.button("Older", key="why_older", icon=":material/chevron_right:", on_click=_on, args=(last,))
    return lead_id


def _several(found: int, steps: int) -> str:
    if found > PAGE:
        return f"Leads {steps * PAGE + 1} to {(steps + 1) * PAGE}"
    return wording.several(found, "lead")


def _on(place: Place) -> None:
    st.session_state[_STEPS] = [*st.session_state.get(_STEPS, []), place]


def _back() -> None:
    st.session_state[_STEPS] = st.session_state.get(_STEPS, [])[:-1]


def _explain(explained: Explained) -> None:
    zone = settings().time_zone
    st.markdown(f"#### {words.answer(explained)}")
    blocks.remark(words.about(explained.lead, explained.now, zone))
    if not explained.now.qualified:
        st.markdown(words.lacks(explained.now) or "")
        st.markdown("\n".join(f"- {line}" for line in words.ways(explained.now)))
        blocks.remark(_READING)
    differs = explained.now.model != explained.then.model
    left, right = st.columns((3, 2))
    with (
        left,
        blocks.panel("Where do its points come from?", f"Fit {explained.now.fit}, intent {explained.now.intent}"),
    ):
        _scorecard(explained, differs)
    with right, blocks.panel("Which gates does it pass?", "Points and triggers are always required"):
        _gates(explained, zone, differs)
    with blocks.panel("Which signals count?", "Those seen before the hand-over to sales and within the window"):
        _signals(explained, zone)


def _scorecard(explained: Explained, differs: bool) -> None:
    shown = words.scorecard(explained)
    st.dataframe(
        shown if differs else shown.drop("scenario"),
        hide_index=True, height="content", alt="The lead on each line of the scorecard", placeholder=wording.NOTHING,
        column_config={
            "criterion": st.column_config.TextColumn("Criterion", pinned=True),
            "group": st.column_config.TextColumn("Group"),
            "known": st.column_config.TextColumn("What is known"),
            "level": st.column_config.TextColumn("Level"),
            "points": st.column_config.NumberColumn("Points"),
            "most": st.column_config.NumberColumn("Most"),
            "scenario": st.column_config.NumberColumn("In the scenario"),
        },
        column_order=["criterion", "group", "known", "level", "points", "most", "scenario"],
        key="why_scorecard",
    )  # fmt: skip


def _gates(explained: Explained, zone: str, differs: bool) -> None:
    shown = words.gates(explained, zone)
    st.dataframe(
        shown if differs else shown.drop("scenario"),
        hide_index=True, height="content", alt="The gates that the lead passes and fails",
        column_config={
            "gate": st.column_config.TextColumn("Gate", pinned=True),
            "passed": st.column_config.CheckboxColumn("Passed", width="small"),
            "scenario": st.column_config.CheckboxColumn("In the scenario", width="small"),
            "by": st.column_config.TextColumn("By what", width="large"),
        },
        key="why_gates",
    )  # fmt: skip


def _signals(explained: Explained, zone: str) -> None:
    shown = words.signals(explained)
    if shown.is_empty():
        states.too_little("No signal of this lead was seen.")
        return
    st.dataframe(
        shown, hide_index=True, height="content", alt="The lead's signals, when they were seen and whether they count",
        column_config={
            "occurred_at": st.column_config.DatetimeColumn("Seen", format="D MMM YYYY HH:mm", timezone=zone),
            "signal": st.column_config.TextColumn("Signal", pinned=True),
            "days": st.column_config.NumberColumn("Days from creation", format="%.1f"),
            "counts": st.column_config.TextColumn("Counts?", width="large"),
        },
        column_order=["signal", "occurred_at", "days", "counts"],
        key="why_signals",
    )  # fmt: skip


_READING = (
    "The smallest changes, the least demanding first: what was seen or known of the lead could have been more; "
    "what its company is could not."
)
