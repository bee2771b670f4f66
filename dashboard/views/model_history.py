"""Which scoring model was active when, who changed what and why? Each version can be tried, published again, taken."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import streamlit as st

from dashboard import blocks, states, wording
from dashboard.frames import scenarios as questions
from dashboard.frames import what_if as asked
from dashboard.scoring.scorecard_file import default_model
from dashboard.settings import settings
from dashboard.views import crm_score, scenario_publish, scorecard_files, scorecard_state
from dashboard.views import scenario_words as words
from dashboard.views.scenario_publish import Offer
from dashboard.views.what_if_scene import Scene
from data_access.engine import DatabaseUnavailable
from data_access.scoring_models import Version

ROWS_IN_SIGHT = 10
_PROGRAM = 0  # stands for the scorecard that comes with the program, which has no version


def draw(scene: Scene) -> None:
    """The versions, and what can be done with one."""
    scenario_publish.say()
    try:
        found = questions.history()
    except DatabaseUnavailable:
        st.warning("The history cannot be read while the database does not answer.", icon=":material/cloud_off:")
        return
    with blocks.panel("Which model was active when?", _subtitle(scene, found), "scenario"):
        if found:
            _table(scene, found)
        else:
            states.too_little("Nobody has published a scorecard yet: the one that comes with the program is active.")
        _one(scene, found)
    crm_score.draw(scene)


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
