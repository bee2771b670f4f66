"""Which scoring model was active when, who changed what and why? Each version can be tried, published again, taken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import polars as pl
import streamlit as st

from dashboard import blocks, states, wording
from dashboard.domain import UserError
from dashboard.frames import scenarios as questions
from dashboard.frames import what_if as asked
from dashboard.scoring.scorecard_file import default_model
from dashboard.settings import settings
from dashboard.views import crm_score, scenario_publish, scorecard_files, scorecard_state, signature
from dashboard.views import scenario_words as words
from dashboard.views.scenario_publish import Message, Offer
from dashboard.views.what_if_scene import Scene
from data_access.engine import DatabaseUnavailable
from data_access.model_audits import Audit
from data_access.scoring_models import Version

ROWS_IN_SIGHT = 10
AUDIT_DAYS = 30
_NOTE = "history_note"
_PROGRAM = 0  # stands for the scorecard that comes with the program, which has no version


def draw(scene: Scene) -> None:
    """The versions, and what can be done with one."""
    scenario_publish.say()
    try:
        found = questions.history()
    except DatabaseUnavailable:
        st.warning("The history cannot be read while the database does not answer.", icon=":material/cloud_off:")
        return
    _audited(scene)
    with blocks.panel("Which model was active when?", _subtitle(scene, found), "scenario"):
        if found:
            _table(scene, found)
        else:
            states.too_little("Nobody has published a scorecard yet: the one that comes with the program is active.")
        _one(scene, found)
    crm_score.draw(scene)


def audit_banner() -> None:
    """A banner where the last audit is longer ago than it should be; nothing where it is not."""
    try:
        last = questions.last_audit()
    except DatabaseUnavailable:
        return
    age = None if last is None else datetime.now(UTC) - last.at
    if age is None or age.days <= AUDIT_DAYS:
        return
    st.warning(
        f"The scoring model was last audited {wording.age(age)} ago: look at the calibration, then publish a change or "
        "note in the history that it stays.",
        icon=":material/event_busy:",
    )


def _audited(scene: Scene) -> None:
    """When it was last looked at, and the way to note that it stays as it is."""
    last = questions.last_audit()
    with blocks.panel("When was it last audited?", f"Every {AUDIT_DAYS} days somebody should look"):
        st.markdown(_last_words(last))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            signature.name_field("audit_author")
            st.text_input("Note", key=_NOTE, max_chars=2_000, placeholder="What was looked at")
            st.button(
                "Audited, it stays as it is", key="history_audit", icon=":material/fact_check:", on_click=_note_audit,
                args=(scene.active.version,),
            )  # fmt: skip


def _last_words(last: Audit | None) -> str:
    if last is None:
        return "Nobody has audited the scoring model yet."
    what = "published a version" if last.published else "found it right"
    note = f": “{wording.plain(last.note)}”" if last.note else ""
    return f"{wording.age(datetime.now(UTC) - last.at)} ago {wording.plain(last.by)} {what}{note}."


def _note_audit(version: int | None) -> None:
    try:
        questions.record_audit(signature.author(), version, st.session_state[_NOTE])
    except UserError as error:
        st.session_state[scenario_publish.MESSAGE] = Message(str(error), well=False)
        return
    st.session_state[_NOTE] = ""
    st.session_state[scenario_publish.MESSAGE] = Message("The audit is noted.", well=True, toast=True)


def _subtitle(scene: Scene, found: Sequence[Version]) -> str:
    if scene.active.version is None or scene.active.published_at is None:
        return words.PROGRAM + " is active"
    own = next((each for each in found if each.version == scene.active.version), None)
    by = f" by {wording.plain(own.published_by)}" if own and own.published_by else ""
    at = wording.moment(scene.active.published_at, settings().time_zone)
    return f"Version {scene.active.version}, published {at}{by}"


def _table(scene: Scene, found: Sequence[Version]) -> None:
    zone = settings().time_zone
    models = {own.version: own.model for own in found} | {None: default_model()}
    at = [own.published_at for own in found]
    shown = pl.DataFrame(
        {
            "version": [own.version for own in found],
            "name": [own.name for own in found],
            "state": [_state(own, scene) for own in found],
            "changes": [own.trouble or words.changes(models.get(own.parent), own.model) for own in found],
            "parent": [str(own.parent or "the program's") for own in found],
            "published": pl.Series(at, dtype=pl.Datetime("us", "UTC")),
            "by": [own.published_by for own in found],
            "author": [own.author for own in found],
            "note": [own.note for own in found],
        },
        strict=False,
    )
    st.dataframe(
        shown, hide_index=True, key="history_list", placeholder=wording.NOTHING,
        height=min(38 + 35 * shown.height, 38 + 35 * ROWS_IN_SIGHT),
        alt="Versions of the scoring model, the newest first, with what each changed",
        column_config={
            "version": st.column_config.NumberColumn("Version", pinned=True, width="small"),
            "name": st.column_config.TextColumn("Name"),
            "state": st.column_config.TextColumn("State"),
            "changes": st.column_config.TextColumn("What it changed", width="large"),
            "parent": st.column_config.TextColumn("Made from"),
            "published": st.column_config.DatetimeColumn("Published", format="D MMM YYYY HH:mm", timezone=zone),
            "by": st.column_config.TextColumn("Published by"),
            "author": st.column_config.TextColumn("Made by"),
            "note": st.column_config.TextColumn("Why", width="medium"),
        },
    )  # fmt: skip


def _state(own: Version, scene: Scene) -> str:
    if own.version == scene.active.version:
        return "active"
    return "was active" if own.published_at else "never published"


def _one(scene: Scene, found: Sequence[Version]) -> None:
    usable = {own.version: own for own in found if own.model is not None}
    options = [*usable, _PROGRAM]
    number = st.selectbox(
        "Version", options, key="history_version",
        format_func=lambda key: words.published_words(usable[key]) if key in usable else words.PROGRAM,
    )  # fmt: skip
    own = usable.get(number)
    model = own.model if own and own.model else default_model()
    with st.container(horizontal=True):
        st.button(
            "Use as scenario", key="history_use", icon=":material/open_in_browser:",
            on_click=scorecard_state.put, args=(model, f"version {number}"), disabled=model == scene.model,
        )  # fmt: skip
        if st.button(
            "Publish again …", key="history_publish", icon=":material/publish:", disabled=model == scene.active.model
        ):
            (consequence,) = questions.compared(scene, [model], asked.SENSITIVITY)
            offer = Offer(model, own.version if own else None, own.author if own else None)
            scenario_publish.ask(scene, offer, consequence)
        st.download_button(
            "Download JSON", scorecard_files.as_json(model), file_name=scorecard_files.file_name(model),
            mime="application/json", icon=":material/download:", on_click="ignore", key="history_download",
        )  # fmt: skip
