"""Which leads would flip? The list with what became of them, as a file too, and a draw of leads to learn from."""

from __future__ import annotations

import secrets

import polars as pl
import streamlit as st

from dashboard import blocks, states, wording
from dashboard.frames import flips as questions
from dashboard.frames.flips import Flipped, Which
from dashboard.reports import flips as reports
from dashboard.settings import settings
from dashboard.views.what_if_scene import Scene
from data_access.flips import PAGE
from data_access.lead_list import Place

_STEPS, _OF = "flips_steps", "flips_of"
SIDES = {Which.BOTH: "All that flip", Which.GAINED: "Come in", Which.DROPPED: "Fall out"}
SHARE, LEAST_BELOW = 5.0, 30


def draw(scene: Scene) -> None:
    """The list, its pages and its file; below it the experiment."""
    found = questions.flipped(scene)
    if scene.model == scene.active.model:
        states.too_little("Nothing is changed yet: move the threshold or the points, and the leads that flip are here.")
    elif not found.gained and not found.dropped:
        states.too_little(f"No lead of {scene.name} comes in or falls out under this scenario.")
    else:
        _list(scene, found)
    with st.expander("Learn what leads below the line are worth", icon=":material/experiment:", key="flips_experiment",
                     on_change="rerun") as below:  # fmt: skip
        if below.open:
            _experiment(scene)


def _list(scene: Scene, found: Flipped) -> None:
    gained, dropped = wording.several(found.gained, "lead comes", "leads come"), wording.count(found.dropped)
    subtitle = f"{gained} in, {dropped} fall out; leads created in {scene.name}, newest first"
    with blocks.panel("Which leads would flip?", subtitle, "scenario"):
        which = st.segmented_control(
            "Which of them", list(SIDES), format_func=SIDES.__getitem__, default=Which.BOTH, key="flips_side",
            required=True, label_visibility="collapsed",
        ) or Which.BOTH  # fmt: skip
        which = Which(which)
        steps = _steps((scene.period, scene.filters, scene.model, scene.active.version, which))
        rows = questions.page(scene, found, which, steps[-1] if steps else None)
        if rows.is_empty():
            states.too_little("There are none of these.")
            return
        _table(rows)
        with st.container(horizontal=True, vertical_alignment="center"):
            _pager(rows, len(steps), found.count(which))
            _download(scene, found, which)


def _steps(of: object) -> list[Place]:
    """Where the pages before this one ended; another list begins at its top."""
    if st.session_state.get(_OF) != of:
        st.session_state[_OF], st.session_state[_STEPS] = of, []
    steps: list[Place] = st.session_state[_STEPS]
    return steps


def _table(rows: pl.DataFrame) -> None:
    sign = wording.symbol(settings().currency).strip()
    shown = rows.select(
        "lead_id", "company", "partner", "created_at",
        pl.when("gained").then(pl.lit("comes in")).otherwise(pl.lit("falls out")).alias("flips"), "now", "then",
        reports.worked().alias("worked"), reports.outcome().alias("outcome"),
        pl.when(pl.col("arr") > 0).then(pl.col("arr") / 100).alias("arr"), "experiment",
    )  # fmt: skip
    st.dataframe(
        shown, hide_index=True, height=min(38 + 35 * shown.height, 600), placeholder=wording.NOTHING, key="flips_list",
        alt="Leads that flip, with their scores and what became of them",
        column_config={
            "lead_id": st.column_config.TextColumn("Lead", pinned=True, width="small"),
            "company": st.column_config.TextColumn("Company"),
            "partner": st.column_config.TextColumn("Partner"),
            "created_at": st.column_config.DatetimeColumn(
                "Created", format="D MMM YYYY", timezone=settings().time_zone
            ),
            "flips": st.column_config.TextColumn("Flips"),
            "now": st.column_config.NumberColumn("Score now", help="By the active model."),
            "then": st.column_config.NumberColumn("In the scenario"),
            "worked": st.column_config.TextColumn("Worked?", help=_WORKED),
            "outcome": st.column_config.TextColumn("Outcome", help=_OUTCOME),
            "arr": st.column_config.NumberColumn(f"ARR won {sign}", format="localized"),
            "experiment": st.column_config.CheckboxColumn("Experiment", help=_EXPERIMENT),
        },
    )  # fmt: skip


def _pager(rows: pl.DataFrame, before: int, count: int) -> None:
    first, last = before * PAGE + 1, before * PAGE + rows.height
    if count > PAGE:
        end = Place(rows["created_at"][-1], rows["lead_id"][-1])
        st.button("Newer", key="flips_newer", icon=":material/chevron_left:", disabled=not before, on_click=_back)
        st.caption(f"{wording.count(first)} to {wording.count(last)} of {wording.count(count)}", width="content")
        st.button(
            "Older", key="flips_older", icon=":material/chevron_right:", icon_position="right", disabled=last >= count,
            on_click=_on, args=(end,),
        )  # fmt: skip


def _on(place: Place) -> None:
    st.session_state[_STEPS] = [*st.session_state[_STEPS], place]


def _back() -> None:
    st.session_state[_STEPS] = st.session_state[_STEPS][:-1]


def _download(scene: Scene, found: Flipped, which: Which) -> None:
    st.download_button(
        f"Download {wording.several(found.count(which), 'lead')} as CSV",
        lambda: reports.flips_csv(questions.batches(scene, found, which)),
        file_name=f"leads-that-flip-{_name(scene)}.csv", mime="text/csv", icon=":material/download:",
        on_click="ignore", key="flips_download",
    )  # fmt: skip


def _name(scene: Scene) -> str:
    return scene.period.label.replace("..", "-to-")


def _experiment(scene: Scene) -> None:
    st.markdown(_ADVICE)
    threshold = scene.active.model.threshold
    with st.container(horizontal=True, vertical_alignment="bottom"):
        share = st.number_input("Share to work (%)", 0.1, 100.0, SHARE, 0.5, key="flips_share", width=160)
        least = st.number_input(
            "From how many points on", 0, threshold, max(0, threshold - LEAST_BELOW), key="flips_least", width=180,
            help="Leads far below the line tell nothing of those near it.",
        )  # fmt: skip
        seed = st.text_input(
            "Seed of the draw", st.session_state.setdefault("flips_new_seed", secrets.token_hex(3)), max_chars=40,
            key="flips_seed", width=180, help="The same seed and leads give the same draw: write it down.",
        )  # fmt: skip
    there = questions.untouched(scene, int(least))
    leads = -(-there * share // 100)
    if not there:
        states.too_little(f"No lead of {scene.name} with {least} points or more waits below the line.")
        return
    blocks.remark(
        f"{wording.several(there, 'lead')} of {scene.name} with {least} points or more do not qualify under the active "
        f"model, and nobody has worked them or ruled them out. {share:g} % of them are {wording.count(leads)}."
    )
    st.download_button(
        f"Draw {wording.several(leads, 'lead')} at random",
        lambda: reports.drawn_csv(questions.drawn(scene, int(least), share / 100, seed or "")),
        file_name=f"experiment-{_name(scene)}-{(seed or 'draw')[:20]}.csv", mime="text/csv",
        icon=":material/casino:", on_click="ignore", key="flips_draw",
    )  # fmt: skip


_WORKED = "Assigned or contacted; where the lead's source never records that, a deal or an SQL stands for it."
_OUTCOME = "Won where any deal is won, else open, else lost; empty where it has no deal."
_EXPERIMENT = "Drawn at random below the line and worked to learn what such leads are worth."
_ADVICE = (
    "Sales works what qualifies, so nobody knows what the others would have brought. Working a few per cent of them, "
    "drawn at random, makes the estimates of this page about twice as sharp. The file flags them as an experiment: "
    "import it again with that column, and the page knows that chance chose them and not a hunch."
)
