"""How does another scorecard come in, and how does this one go out? As JSON, in the format of docs/scoring-model.md."""

from __future__ import annotations

import json
import re

import streamlit as st

from dashboard import wording
from dashboard.domain import UserError
from dashboard.scoring.model import ScoringModel
from dashboard.scoring.scorecard_file import as_document, parse
from dashboard.scoring.structure import structure_of
from dashboard.views import scorecard_state

MEGABYTES = 1
_OPEN, _ROUND, _FILE = "scorecard_files", "scorecard_file_round", "scorecard_file"


def draw(scenario: ScoringModel, *, linked: bool) -> None:
    """The part behind which files are; `linked`: whether the page's link says what the scenario is."""
    part = st.expander("Another scorecard (JSON)", key=_OPEN, on_change="rerun")
    if part.open:
        with part:
            _inside(scenario)
    if not linked:
        name = wording.plain(scenario.name)
        st.caption(f"“{name}” has other criteria than the active scorecard, so the link does not hold it: save it.")


def _inside(scenario: ScoringModel) -> None:
    key = f"{_FILE}_{st.session_state.get(_ROUND, 0)}"
    st.file_uploader(
        "Try a scorecard from a file", "json", key=key, on_change=_take, args=(key,), max_upload_size=MEGABYTES,
        help="The format is the one that the download below has; docs/scoring-model.md describes it.",
    )  # fmt: skip
    text = scorecard_state.complaint(_FILE)
    if text:
        st.markdown(f":small[:orange[{wording.plain(text)}]]")
    st.download_button(
        "Download this scorecard", lambda: as_json(scenario), file_name(scenario), "application/json",
        key="scorecard_download", on_click="ignore", icon=":material/download:",
    )  # fmt: skip


def as_json(model: ScoringModel) -> str:
    """The scorecard as a file that `parse` reads back."""
    return json.dumps(as_document(model), indent=2, ensure_ascii=False) + "\n"


def file_name(model: ScoringModel) -> str:
    """A name that every file system takes."""
    return f"{re.sub(r'[^a-z0-9]+', '-', model.name.lower()).strip('-')[:60] or 'scorecard'}.json"


def read(content: bytes, active: ScoringModel) -> ScoringModel:
    """The scorecard in a file; UserError: one sentence that says what is wrong with it."""
    try:
        model = parse(content.decode("utf-8-sig"), active)
    except UnicodeDecodeError:
        raise UserError("The file is no text in UTF-8, as JSON must be.") from None
    except RecursionError:
        raise UserError("The file is nested too deeply to be a scorecard.") from None
    structure_of(active, model)  # says so where the two together tell too many kinds of leads apart
    return model


def _take(key: str) -> None:
    """A file was given; the next one gets a fresh field, so that the same file can be given again."""
    given = st.session_state[key]
    if given is None:
        return
    try:
        scorecard_state.put(read(given.getvalue(), scorecard_state.active()), "file")
        st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    except UserError as error:
        scorecard_state.complain(_FILE, error)
