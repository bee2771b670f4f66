"""How is the what-if page put together? One fragment: scorecard, line, results, and tabs that are drawn when opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import blocks, filters, frames, states, wording
from dashboard.domain import UserError
from dashboard.filters import Filters
from dashboard.frames import what_if as asked
from dashboard.glossary import term
from dashboard.period import Period
from dashboard.scoring.cells import ScoreCells
from dashboard.scoring.what_if import WhatIf
from dashboard.settings import settings
from dashboard.views import (
    flips,
    model_history,
    scenario_link,
    scenarios,
    scorecard_panel,
    scorecard_state,
    what_if_calibration,
    what_if_curves,
    what_if_estimate,
    what_if_goal,
    what_if_line,
    what_if_partners,
    why,
)
from dashboard.views import what_if_words as words
from dashboard.views.what_if_numbers import Basis, Desk, weeks_of
from dashboard.views.what_if_scene import Scene
from data_access.engine import DatabaseUnavailable

PREPARING = "Scoring every lead; this is done once for these data …"
# On a phone the columns stand one below the other: the line, which answers, before the scorecard, which asks.
_NARROW = f"""<style>@media (max-width: 640px) {{
[data-testid="stColumn"]:has(.st-key-{what_if_line.LINE}) {{ order: -1 }}
}}</style>"""


def prepare(period: Period, chosen: Filters) -> None:
    """Reads what every move needs, saying so while it lasts; above all, whether an audit is due."""
    active = asked.active()
    st.html(_NARROW)
    what_if_calibration.banner(Scene(period, "", chosen, active, active.model))
    with st.spinner(PREPARING, show_time=True):
        asked.prepare(period, chosen)


@st.fragment
def draw(chosen: Filters) -> None:
    """The page below its banner; a move of the scorecard draws this and nothing else."""
    with states.guarded():
        active = asked.active()
        scenario_link.follow(active.model)
        model = scorecard_state.current(active.model)
        name = wording.period_name(chosen.period.label, settings().fiscal_year_start)
        scene = Scene(chosen.period, name, chosen, active, model)
        try:
            cells = asked.cells(chosen.period, chosen, active.model, model)
        except DatabaseUnavailable:
            raise
        except UserError as error:
            _incomparable(scene, error)
        else:
            _draw(scene, cells) if cells.measure("leads").any() else _nobody(name)


def _incomparable(scene: Scene, error: UserError) -> None:
    """A scorecard that cannot be held against the active one: what is wrong, and the way back."""
    blocks.headline("This scorecard cannot be compared with the active one.", wording.plain(error))
    with st.container(border=True):
        scorecard_panel.draw(scene.active.model)


def _nobody(name: str) -> None:
    blocks.headline(words.no_lead(name))
    states.sources()
    filters.offer_default(frames.choices())


def _draw(scene: Scene, cells: ScoreCells) -> None:
    head = st.container()
    left, right = st.columns((4, 11))
    # What is asked further down decides what stands further up, so all fields come before all answers.
    with right, what_if_line.panel(scene.name):
        line = st.container()
    with right, what_if_goal.panel(scene.name):
        wanted, desk = what_if_goal.ask()
        goal = st.container()
    with right, what_if_estimate.panel(scene.name):
        sensitivity = what_if_estimate.ask(asked.outcomes())
        estimate = st.container()
    found, basis = asked.answer_of(scene, sensitivity, cells), _basis(scene, desk)
    with head:
        _head(found, basis, cells)
    with left, st.container(border=True):
        st.markdown("**Scorecard**", help=term("scenario").help)
        scorecard_panel.draw(scene.active.model)
    # What the numbers at all thresholds depend on: not on the scenario's own.
    question = (cells, scene.active.model, replace(scene.model, threshold=0), sensitivity)
    best = what_if_goal.best(found, basis, scene, wanted, sensitivity, question)
    with line:
        what_if_line.draw(found, basis, what_if_goal.shaded(best), question)
    with goal:
        what_if_goal.draw(found, basis, wanted, best, question)
    with estimate:
        what_if_estimate.draw(found, basis, asked.outcomes(), asked.stressed(scene, found))
    _tabs(found, basis, scene, sensitivity, what_if_goal.shaded(best))


def _basis(scene: Scene, desk: Desk) -> Basis:
    as_of = frames.freshness().as_of
    return Basis(
        scene.name,
        weeks_of(scene.period, as_of),
        settings().currency,
        desk,
        asked.programme_cost(scene.period, scene.filters),
        _young(scene.period, as_of, asked.training().until),
    )


def _young(period: Period, as_of: datetime, until: date) -> float:
    """The share of the period so far that is too young for its outcomes to be known."""
    end = min(period.end, as_of)
    mature = datetime.combine(until, time(), ZoneInfo(settings().time_zone))
    if end <= period.start:
        return 0.0
    return min(1.0, max(0.0, (end - mature) / (end - period.start)))


def _head(found: WhatIf, basis: Basis, cells: ScoreCells) -> None:
    blocks.headline(words.answer(found, basis), words.second(found, basis))
    states.sources()
    if not found.qualified.leads:
        st.info(words.nobody(cells, found.model), icon=":material/lightbulb:")


def _tabs(found: WhatIf, basis: Basis, scene: Scene, sensitivity: float, best: tuple[int, int] | None) -> None:
    """What leads deeper; only the open tab is drawn."""
    parts: dict[str, Callable[[], None]] = {
        "Partners that change": lambda: what_if_partners.draw(found, basis, scene),
        "Curves": lambda: what_if_curves.draw(found, basis, best),
        "Calibration": lambda: what_if_calibration.draw(scene),
        "Why this score": lambda: why.draw(scene),
        "Leads that flip": lambda: flips.draw(scene),
        "Compare scenarios": lambda: scenarios.draw(scene, basis, sensitivity),
        "History": lambda: model_history.draw(scene),
    }
    tabs = st.tabs(list(parts), key="part", bind="query-params", on_change="rerun")
    for tab, part in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab, states.guarded():  # what is away for one part leaves the rest of the page as it is
                part()
