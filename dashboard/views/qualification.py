"""Which leads qualify, at which gate do the others stop, and does the CRM agree? A tab of the Funnel page."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from dashboard import blocks, frames, navigation, states, wording
from dashboard.charts import theme
from dashboard.charts.waterfall import waterfall
from dashboard.filters import Filters
from dashboard.frames.qualification import active_model, qualified
from dashboard.metrics.qualification import Qualification
from dashboard.period import Period
from dashboard.scoring.model import ScoringModel
from dashboard.settings import settings
from dashboard.views import qualification_words as words
from dashboard.views.qualification_words import Link

ALL, OVERLAPPING = "All leads", "Only account overlaps"


def panel(period: Period, filters: Filters) -> None:
    """The waterfall with its reasons for the period's leads that the filters choose; clicks list the leads behind."""
    active, everybody = active_model(), frames.of_everybody(period, filters)
    start = st.segmented_control(
        "Start from", (ALL, OVERLAPPING), default=ALL, key="start_from", bind="query-params", required=True,
        help="An account overlap is a company that both you and the partner know.",
    )  # fmt: skip
    overlapping = start == OVERLAPPING
    found = qualified(period, filters, overlapping=overlapping)
    name = wording.period_name(period.label, settings().fiscal_year_start)
    whose = "overlapping" if overlapping else "" if everybody else "partner-sourced"
    st.markdown(f"**{words.answer(found, whose, name)}** {words.compared(found)}")
    for said in (words.silent(found), words.still_open(period, frames.freshness().as_of, active.model)):
        blocks.remark(said)
    if not found.leads:
        states.too_little("Nothing to qualify: choose another period, or start from all leads.")
        return
    subtitle = f"Leads created in {name}, by the model “{wording.plain(active.model.name)}”{_version(active.version)}"
    left, right = st.columns(2)
    with left:
        figure = waterfall(words.bars(found, active.model), theme.OTHER if everybody else theme.PARTNER)
        _waterfall(found, figure, period, subtitle, overlapping)
    with right:
        _reasons(found, active.model, subtitle)
        if found.disqualified:
            _disqualified(found, name)
    _list(found, period, overlapping)


def _version(version: int | None) -> str:
    return ", which comes with the program" if version is None else f", version {version}"


def _waterfall(found: Qualification, figure: go.Figure, period: Period, subtitle: str, overlapping: bool) -> None:
    with blocks.panel("Where do leads stop qualifying?", subtitle, "qualification", "icp_match", "interval"):
        state = st.plotly_chart(
            figure, config=theme.CONFIG, alt=words.bars_in_words(found), key="waterfall", on_select="rerun",
            selection_mode="points",
        )  # fmt: skip
        for said in (words.overlap(found, overlapping), words.without_icp(found), words.completeness(found)):
            blocks.remark(said)
        if points := state["selection"]["points"]:
            both = words.links(found, overlapping)[points[0]["point_index"]]
            _go(both[points[0]["curve_number"]], period)


def _reasons(found: Qualification, model: ScoringModel, subtitle: str) -> None:
    with blocks.panel("What alone keeps leads from qualifying?", subtitle, "one_step_away", "interval"):
        st.dataframe(
            words.reasons(found.steps, model),
            hide_index=True,
            height="content",
            alt="Gates with the leads that fail them, and those that fail nothing else",
            column_config={
                "gate": st.column_config.TextColumn("Gate", pinned=True),
                "only": st.column_config.NumberColumn("Only this", format="localized", help=_ONLY),
                "fails": st.column_config.NumberColumn("Fail", format="localized"),
                "share": st.column_config.TextColumn("Of all leads"),
                "asks": st.column_config.TextColumn("It asks for", width="large"),
            },
        )


def _list(found: Qualification, period: Period, overlapping: bool) -> None:
    """The way to the leads without a mouse."""
    offered = words.lists(found, overlapping)
    if not offered:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        said = st.selectbox("List the leads", list(offered), key="list_gate", width=420)
        if st.button("List", icon=":material/list:", key="list_gate_go"):
            _go(offered[said], period)


def _disqualified(found: Qualification, name: str) -> None:
    number = sum(each.leads for each in found.disqualified)
    with blocks.panel("Why were leads disqualified?", f"{wording.several(number, 'lead')} of {name}, as the CRM says"):
        st.dataframe(
            words.disqualified(found),
            hide_index=True,
            height="content",
            alt="Reasons for which leads were disqualified, with their numbers",
            column_config={
                "reason": st.column_config.TextColumn("Reason", pinned=True),
                "leads": st.column_config.NumberColumn("Leads", format="localized"),
                "share": st.column_config.TextColumn("Of the disqualified"),
                "eqls": st.column_config.NumberColumn("Of them EQLs", format="localized"),
            },
        )


def _go(link: Link, period: Period) -> None:
    navigation.go("leads", cohort=period.label, **link)


_ONLY = "They pass every other gate: one step away."
