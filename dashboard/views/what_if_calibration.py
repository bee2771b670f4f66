"""How good is the score itself? The tab "Calibration": bands, AUC, points by source, other points, the last audit."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboard import blocks, states, wording
from dashboard.charts import calibration as charts
from dashboard.domain import UserError
from dashboard.frames import what_if as page
from dashboard.frames import what_if_calibration as asked
from dashboard.frames.what_if_calibration import Stretches
from dashboard.scoring.model import ScoringModel
from dashboard.scoring.reweighting import Suggestion, Verdict
from dashboard.settings import settings
from dashboard.views import scorecard_state, signature
from dashboard.views import what_if_calibration_words as words
from dashboard.views.what_if_scene import Scene
from data_access.audits import Audit
from data_access.engine import DatabaseUnavailable

ROWS_IN_SIGHT = 14
# What came of the last click on the audit's button: a sentence, and whether it went well.
SAID, NAME, NOTE = "audit_said", "audit_name", "audit_note"
ORIGIN = "suggested points"
READING = "Reading every lead whose outcome is known; this is done once for these data …"
LEARNING = "Learning points from older leads; this is done once for these data …"


def banner(scene: Scene) -> None:
    """An amber line where the last audit is more than 30 days old; nothing while the database does not answer."""
    try:
        said = words.overdue(asked.audit_age(asked.last_audit()))
    except DatabaseUnavailable:
        return
    if said:
        st.warning(f"{said} The tab “Calibration” shows what to look at.", icon=":material/fact_check:")


def draw(scene: Scene) -> None:
    """The whole tab."""
    found = asked.stretches()
    if found is None:
        states.too_little(words.TOO_YOUNG)
    else:
        _judged(scene, found)
    _audit(scene)


def _judged(scene: Scene, found: Stretches) -> None:
    first, until = found.first, found.whole.end.date()
    with st.spinner(READING, show_time=True):
        own = asked.standing(found)
        asked.checked(found)
    if not own.leads:
        states.too_little(words.NO_WORK)
        return
    st.markdown(f"**{words.answer(own.whole, own.wins)}**")
    if scene.model != scene.active.model:
        st.markdown(words.scenario_answer(asked.against(found, scene.model)))
    blocks.remark(words.basis(first, until, page.training().days, found.sourced))
    left, right = st.columns(2)
    with left:
        _calibration(found)
    with right:
        _discrimination(scene, found)
    _sources(found)
    with st.spinner(LEARNING, show_time=True):
        suggested = asked.suggestion(found)
    _suggestion(scene.active.model, found, suggested)


def _calibration(found: Stretches) -> None:
    own = asked.checked(found)
    older = words.stretch(found.first, found.older.end.date())
    newer = words.stretch(found.newer.start.date(), found.newer.end.date())
    subtitle = (
        f"Worked leads created {newer} by score, n = {wording.count(own.calibration.leads)}; "
        f"predicted from those of {older}"
    )
    with blocks.panel("Are leads won as often as predicted?", subtitle, "calibration", "interval"):
        if not own.calibration.bands:
            states.too_little("No lead of these months was worked.")
            return
        figure = charts.reliability(words.band_rows(own.calibration))
        blocks.chart(figure, words.bands_in_words(own.calibration), "calibration")
        blocks.remark(words.calibrated(own.calibration, own.pooled))


def _discrimination(scene: Scene, found: Stretches) -> None:
    own = asked.standing(found)
    subtitle = (
        f"Worked leads created {words.stretch(found.first, found.whole.end.date())}, n = {wording.count(own.whole.n)}; "
        "the chance that of a won and another lead the won one has more points"
    )
    with blocks.panel("How well does the score tell winners from losers?", subtitle, "discrimination", "interval"):
        if own.whole.value is None:
            states.too_little(words.NO_OUTCOME)
            return
        areas = asked.against(found, scene.model) if scene.model != scene.active.model else None
        rows = words.auc_rows(own.whole, own.older, own.newer, None if areas is None else areas.second)
        blocks.chart(charts.areas(rows), words.areas_in_words(rows), "discrimination")
        blocks.remark(
            f"Newer leads are those of {words.stretch(found.newer.start.date(), found.newer.end.date())}; no "
            "points were learnt from them."
        )
        if areas is not None:
            blocks.remark(
                f"Yours − active: {words.difference(areas.difference)}, paired on the newer leads. Points that were "
                "chosen by looking at these leads look better here than they are."
            )


def _sources(found: Stretches) -> None:
    subtitle = (
        f"Leads with a partner or without, created {words.stretch(found.first, found.whole.end.date())}; "
        "promised: what other sources' worked leads with the same points bring"
    )
    with blocks.panel("Does each source bring what its points promise?", subtitle, "source_points", "interval"):
        try:
            with st.spinner(READING, show_time=True):
                own = asked.by_source(found)
        except DatabaseUnavailable as error:  # the rest of the tab needs less and stands
            st.warning(wording.plain(error), icon=":material/hourglass_empty:")
            return
        st.markdown(words.sources_answer(own))
        if not own:
            return
        st.dataframe(
            pl.DataFrame(words.sources_table(own), strict=False),
            hide_index=True,
            height="content" if len(own) <= ROWS_IN_SIGHT else 38 + 35 * ROWS_IN_SIGHT,
            key="source_points",
            placeholder=wording.NOTHING,
            alt="Sources with the points that their leads carry, and how many of the worked ones were won",
            column_config={
                "Source": st.column_config.TextColumn("Source", pinned=True),
                "Leads": st.column_config.NumberColumn("Leads", format="localized"),
                "Points": st.column_config.NumberColumn("Mean points", format="%.1f", help="Of all its leads."),
                "Worked": st.column_config.NumberColumn("Worked", format="localized"),
                "Won %": st.column_config.NumberColumn("Won %", format="%.1f", help="Of the worked leads."),
                "Promised %": st.column_config.NumberColumn("Promised %", format="%.1f", help=_PROMISED),
                "Difference, pts": st.column_config.NumberColumn("Difference, pts", format="%+.1f"),
                "Points too many": st.column_config.NumberColumn("Points too many", format="%+.0f", help=_TOO_MANY),
            },
        )


def _suggestion(active: ScoringModel, found: Stretches, own: Suggestion) -> None:
    older = words.stretch(found.first, found.older.end.date())
    newer = words.stretch(found.newer.start.date(), found.newer.end.date())
    subtitle = (
        f"Learnt from {wording.several(own.older.leads, 'worked lead')} of {older} "
        f"({wording.count(own.older.wins)} won), judged on {wording.count(own.newer.leads)} of {newer} "
        f"({wording.count(own.newer.wins)} won)"
    )
    with blocks.panel("Would other points do better?", subtitle, "reweighting", "discrimination"):
        st.markdown(f"**{words.suggestion_answer(own)}**")
        if own.model is None:
            return
        st.dataframe(
            pl.DataFrame(words.suggestion_table(own), strict=False),
            hide_index=True,
            height="content" if len(own.levels) <= ROWS_IN_SIGHT else 38 + 35 * ROWS_IN_SIGHT,
            key="suggested_points",
            alt="Levels of the scorecard with today's points and the suggested ones",
            column_config={
                "Criterion": st.column_config.TextColumn("Criterion", pinned=True),
                "Difference": st.column_config.NumberColumn("Difference", format="%+d"),
                "Worked leads": st.column_config.NumberColumn("Worked leads", format="localized", help=_LEARNT),
            },
        )
        blocks.remark(words.load(own, active.threshold))
        st.button(
            "Try these points", key="try_suggested", icon=":material/model_training:",
            disabled=own.verdict is Verdict.UNCHANGED, on_click=_try, args=(own.model,),
            help="Puts them into the scenario on this page. Nothing is published; undo takes them back.",
        )  # fmt: skip


def _try(model: ScoringModel) -> None:
    scorecard_state.put(model, ORIGIN)


def _audit(scene: Scene) -> None:
    with blocks.panel("Is it time for an audit?", "Marketing and partners look at the scorecard together", "audit"):
        try:
            last = asked.last_audit()
        except DatabaseUnavailable:
            st.warning("The last audit cannot be read while the database does not answer.", icon=":material/cloud_off:")
            return
        _audit_line(last)
        _audit_form()


def _audit_line(last: Audit | None) -> None:
    age = asked.audit_age(last)
    if last is None:
        said = words.audited(age, "", "", False, None)
    else:
        at = wording.moment(last.at, settings().time_zone)
        note = None if last.note is None else wording.plain(last.note)
        said = words.audited(age, at, wording.plain(last.by), last.published, note)
    st.markdown(said)
    message = st.session_state.pop(SAID, None)
    if message is not None:
        text, well = message
        (st.success if well else st.error)(text)


def _audit_form() -> None:
    with st.popover("Audit done …", icon=":material/fact_check:"):
        st.caption("Records that the scorecard was looked at today, with your name and what was found.")
        signature.name_field(NAME)
        st.text_area("What was found (optional)", key=NOTE, max_chars=2_000, height=90)
        st.button("Audit done", key="audit_done", type="primary", on_click=_done)


def _done() -> None:
    try:
        asked.audit_done(signature.author(), st.session_state.get(NOTE, ""))
    except UserError as error:
        st.session_state[SAID] = (wording.plain(error), False)
    else:
        st.session_state[NOTE] = ""
        st.session_state[SAID] = ("The audit is on record.", True)


_PROMISED = "What the other sources' worked leads with the same points bring (a logistic curve in the score)."
_TOO_MANY = "By how many points its leads would have to be lower for their points to promise what came."
_LEARNT = "Older worked leads at this level, from which its points were learnt."
