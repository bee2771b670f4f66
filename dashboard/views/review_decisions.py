"""How is a decision made, saved and taken back? The editable table and the buttons below it."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
import streamlit as st

from dashboard import blocks, sign_in, wording
from dashboard.domain import UserError
from dashboard.frames import review as frames
from dashboard.metrics.rank_history import ReviewResult
from dashboard.period import Period
from dashboard.reports import review as reports
from dashboard.settings import settings
from dashboard.views import review_drafts as drafting
from dashboard.views import review_table
from dashboard.views import review_words as words
from dashboard.views.review_drafts import Choice, Drawn
from data_access.decisions import Decision
from data_access.engine import DatabaseUnavailable

ROWS_IN_SIGHT = 14
# Session keys of what is not a widget: drafts and the like survive a change of page, filters and metric.
DRAFTS, DRAWN, GENERATION, MESSAGE, UNDO, LAST_GOOD, NAME = (
    f"review_{name}" for name in ("drafts", "drawn", "generation", "message", "undo", "last_good", "name")
)


@dataclass(frozen=True, slots=True)
class Message:
    """What came of the last click: a sentence, and whether it went well."""

    text: str
    well: bool


def read(period: Period, *others: Period) -> dict[str, dict[str, Decision]]:
    """Decisions on periods; while nobody answers those that this session saw last, and a sentence that says so."""
    try:
        found = frames.decisions(period, *others)
    except DatabaseUnavailable:
        st.warning(
            "Decisions can be neither read nor saved while the database does not answer. What you chose stays here.",
            icon=":material/cloud_off:",
        )
        kept: dict[str, dict[str, Decision]] = st.session_state.get(LAST_GOOD, {})
        return {label: kept.get(label, {}) for label in (own.label for own in (period, *others))}
    st.session_state[LAST_GOOD] = st.session_state.get(LAST_GOOD, {}) | found
    return found


def drafts_of(period: Period) -> dict[str, Choice]:
    """What was chosen on a period and not saved yet."""
    every: dict[str, dict[str, Choice]] = st.session_state.setdefault(DRAFTS, {})
    return every.setdefault(period.label, {})


def chosen(period: Period, decisions: Mapping[str, Decision]) -> dict[str, tuple[str, float | None]]:
    """Decision and budget by partner as they stand on screen: drafts over what is saved."""
    every = {key: drafting.saved_choice(own) for key, own in decisions.items()} | drafts_of(period)
    return {key: (own.decision, own.budget) for key, own in every.items() if own.decision}


def editor(result: ReviewResult, shown: pl.DataFrame, decisions: Mapping[str, Decision]) -> None:
    """The table of `review_table.numbers`; what is chosen in it goes to the drafts."""
    period = result.performance.window.period
    order = tuple(shown["partner_id"])
    drawn = Drawn(order, {key: drafting.saved_choice(own) for key, own in decisions.items()})
    generation = st.session_state.get(GENERATION, 0)
    mark = zlib.crc32(repr((period.label, result.review.metric, order)).encode())
    key = f"review_table_{generation}_{mark:x}"
    if st.session_state.get(DRAWN, (None,))[0] != key:
        st.session_state[DRAWN] = (key, drawn, dict(drafts_of(period)))
    base: dict[str, Choice] = st.session_state[DRAWN][2]
    st.session_state[DRAWN] = (key, drawn, base)
    frame = review_table.columns(shown, drawn, base)
    before = wording.period_name(result.periods_before[-1].label, settings().fiscal_year_start)
    st.data_editor(
        frame,
        key=key,
        hide_index=True,
        height=min(38 + 35 * max(shown.height, 1), 38 + 35 * ROWS_IN_SIGHT),
        disabled=[name for name in frame.columns if name not in review_table.EDITABLE],
        column_config=review_table.config(settings().currency, period.label, before),
        placeholder="",
        on_change=_edited,
        args=(key, period),
        alt="The ranked partners with their numbers; decision, budget and note can be changed",
    )


def _edited(key: str, period: Period) -> None:
    rows = st.session_state[key]["edited_rows"]
    drawn: Drawn = st.session_state[DRAWN][1]
    _keep(period, drafting.edited(drafts_of(period), drawn, rows, review_table.CODES))


def _keep(period: Period, drafts: dict[str, Choice]) -> None:
    st.session_state[DRAFTS][period.label] = drafts


def _anew() -> None:
    """The table forgets its own edits: the drafts hold what is still to be saved."""
    st.session_state[GENERATION] = st.session_state.get(GENERATION, 0) + 1


def actions(result: ReviewResult, decisions: Mapping[str, Decision]) -> None:
    """Who decides, and the buttons: fill in, save, discard, undo."""
    period = result.performance.window.period
    drafts = drafts_of(period)
    ready = drafting.complete(drafts)
    lacking = len(drafts) - len(ready)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _name_field()
        st.button(
            f"Save {wording.several(len(ready), 'decision')}" if ready else "Save decisions",
            type="primary", key="review_save", icon=":material/save:", disabled=not ready,
            on_click=_save, args=(result, dict(decisions)),
        )  # fmt: skip
        st.button(
            "Fill in the suggestions", key="review_fill", icon=":material/auto_fix_high:", on_click=_fill,
            args=(result,), disabled=result.review.certainty is None,
            help="Takes the suggestion as the decision of every listed partner without one. Nothing is saved yet.",
        )  # fmt: skip
        if drafts:
            st.button("Discard", key="review_discard", type="tertiary", on_click=_discard, args=(period,))
    if lacking:
        blocks.remark(
            f"{wording.several(lacking, 'row has', 'rows have')} a budget or a note but no decision yet; "
            "without one nothing is saved of it."
        )
    _say()


def _name_field() -> None:
    if sign_in.configured():
        return
    st.text_input(
        "Your name", key="review_name_field", value=st.session_state.get(NAME, ""), max_chars=120, width=220,
        placeholder="Who decides?", on_change=_remember_name,
        help="Saved beside each decision. With sign-in it is the name of your account.",
    )  # fmt: skip


def _remember_name() -> None:
    st.session_state[NAME] = st.session_state["review_name_field"]


def _author() -> str:
    viewer = sign_in.gate()
    return viewer.name if viewer != sign_in.EVERYBODY else st.session_state.get(NAME, "")


def _save(result: ReviewResult, decisions: dict[str, Decision]) -> None:
    period = result.performance.window.period
    drafts = drafts_of(period)
    try:
        version = frames.data_version()
        numbers = {key: reports.numbers_of(result, key, version) for key in drafts}
        done = frames.save(period, drafting.to_save(drafts, numbers), _author())
    except UserError as error:
        st.session_state[MESSAGE] = Message(str(error), well=False)
        return
    names = {own.partner.partner_id: own.partner.name for own in result.performance.partners}
    seen = {own.partner_id: own.decision_id for own in done.conflicts}
    _keep(period, drafting.after_saving(drafts, [own.partner_id for own in done.saved], seen))
    _anew()
    if done.saved:
        former = {own.partner_id: decisions[own.partner_id] for own in done.saved if own.partner_id in decisions}
        st.session_state[UNDO] = (period.label, done.saved, former)
        st.toast(f"Saved {wording.several(len(done.saved), 'decision')}.", icon=":material/check:")
    conflicts = words.conflicts(done.conflicts, names, settings().time_zone)
    st.session_state[MESSAGE] = Message(conflicts, well=False) if conflicts else None


def _fill(result: ReviewResult) -> None:
    period = result.performance.window.period
    drawn: Drawn = st.session_state[DRAWN][1]
    rows = result.review.rows
    offered = {key: own.suggestion for key in drawn.order if (own := rows[key].suggested) is not None}
    _keep(period, drafting.suggested(drafts_of(period), drawn, offered))
    _anew()


def _discard(period: Period) -> None:
    _keep(period, {})
    _anew()


def _undo(period: Period) -> None:
    _, made, former = st.session_state[UNDO]
    try:
        done = frames.undo(period, made, former, _author())
    except UserError as error:
        st.session_state[MESSAGE] = Message(str(error), well=False)
        return
    del st.session_state[UNDO]
    _anew()
    if done.saved:
        st.toast(f"Took back {wording.several(len(done.saved), 'decision')}.", icon=":material/undo:")
    if done.conflicts:
        number = wording.several(len(done.conflicts), "decision was", "decisions were")
        st.session_state[MESSAGE] = Message(f"{number} not taken back: somebody decided again since.", well=False)


def _say() -> None:
    """What came of the last click, and the way back."""
    message: Message | None = st.session_state.pop(MESSAGE, None)
    if message:
        (st.success if message.well else st.warning)(wording.plain(message.text))
    made = st.session_state.get(UNDO)
    if made:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(f"{wording.several(len(made[1]), 'decision')} saved.", width="content")
            st.button(
                "Undo", key="review_undo_button", type="tertiary", icon=":material/undo:",
                on_click=_undo, args=(frames.named(made[0]),),
            )  # fmt: skip
