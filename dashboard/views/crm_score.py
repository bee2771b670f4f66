"""Where does the CRM's score differ from the recomputed one, and which field may have been lost on the way?"""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboard import blocks, states, wording
from dashboard.charts import crm_score as charts
from dashboard.frames.crm_score import crm_against_recomputed
from dashboard.scoring.crm_score import CrmScores
from dashboard.views.what_if_scene import Scene


def draw(scene: Scene) -> None:
    """The answer, the distribution of the differences, and one row a field."""
    with st.expander("Does the CRM's score say the same?", icon=":material/difference:", key="crm_scores",
                     on_change="rerun") as below:  # fmt: skip
        if below.open:
            with st.spinner("Scoring every lead of the period …"):
                found = crm_against_recomputed(scene)
            _inside(found, scene)


def _inside(found: CrmScores, scene: Scene) -> None:
    if not found.leads:
        states.too_little(f"The CRM holds a score for no lead of {scene.name}.")
        return
    st.markdown(sentence(found, scene.name))
    blocks.remark(_READING)
    if not found.differing:
        return
    apart = [(points, leads) for points, leads in found.differences if points]
    hover = [f"{_signed(points)} points: {wording.several(leads, 'lead')}" for points, leads in apart]
    figure = charts.differences([points for points, _ in apart], [leads for _, leads in apart], hover)
    blocks.chart(figure, sentence(found, scene.name), "crm_score_differences")
    _table(found)


def sentence(found: CrmScores, name: str) -> str:
    """How many scores agree, how far the others are off, and which field's loss explains most of them."""
    said = (
        f"The CRM's score equals the recomputed one for {wording.rate(found.agree.value)} "
        f"({wording.interval(found.agree)}) of {wording.several(found.leads, 'lead')} of {name}"
    )
    if found.mean is None:
        return f"{said}."
    way = "lower" if found.mean < 0 else "higher"
    said += f"; where it differs, it is {abs(found.mean):.1f} points {way} on average."
    first = found.fields[0] if found.fields else None
    if first is None or not first.explained:
        return said
    share = wording.rate(first.explained / found.differing, 0)
    return (
        f"{said} For {share} of these {wording.count(found.differing)} it lacks exactly what "
        f"“{wording.plain(first.criterion.name)}” gives, as if that had been lost on the way."
    )


def _signed(points: int) -> str:
    return f"{'+' if points > 0 else wording.MINUS}{abs(points)}"


def _table(found: CrmScores) -> None:
    shown = pl.DataFrame(
        {
            "criterion": [own.criterion.name for own in found.fields],
            "field": [own.criterion.looks_at for own in found.fields],
            "explained": [own.explained for own in found.fields],
            "alone": [own.alone for own in found.fields],
            "unknown": [own.unknown for own in found.fields],
            "unknown_mean": [own.unknown_mean for own in found.fields],
            "known": [own.known for own in found.fields],
            "known_mean": [own.known_mean for own in found.fields],
            "late": [own.late for own in found.fields],
        },
        schema_overrides={"unknown_mean": pl.Float64, "known_mean": pl.Float64},
    )
    st.dataframe(
        shown, hide_index=True, height="content", key="crm_score_fields", placeholder=wording.NOTHING,
        alt="Leads whose scores differ, by line of the scorecard",
        column_config={
            "criterion": st.column_config.TextColumn("Criterion", pinned=True),
            "field": st.column_config.TextColumn("Field or signal"),
            "explained": st.column_config.NumberColumn("Would explain", help=_EXPLAINED),
            "alone": st.column_config.NumberColumn("It alone would", help=_ALONE),
            "unknown": st.column_config.NumberColumn("Unknown here"),
            "unknown_mean": st.column_config.NumberColumn("Mean difference", format="%+.1f"),
            "known": st.column_config.NumberColumn("Known here"),
            "known_mean": st.column_config.NumberColumn("Mean difference ", format="%+.1f"),
            "late": st.column_config.NumberColumn("Imported late", help=_LATE),
        },
    )  # fmt: skip


_READING = (
    "Recomputed: by the active model, from what was known and seen before the hand-over to sales. A CRM that scores "
    "while fields are still being synced keeps a score that is too low; one that goes on scoring afterwards, one that "
    "is too high. Scores within half a point count as equal."
)
_EXPLAINED = "Leads whose CRM score is lower by exactly the points that this line gives them."
_ALONE = "Of these, leads for which no other line gives just as many points."
_LATE = "Leads whose account, page or partner was brought by a later import than the lead itself."
