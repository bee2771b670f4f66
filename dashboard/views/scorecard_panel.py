"""How is a scorecard changed on screen? Presets, undo, a slider for each criterion, triggers and gates."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard import wording
from dashboard.scoring.edits import PRESETS, difference, given_by, total_of
from dashboard.scoring.model import Criterion, Gate, Group, ScoringModel
from dashboard.scoring.model_difference import GATE_WORDS
from dashboard.views import scorecard_echo as echo
from dashboard.views import scorecard_files, scorecard_levels, scorecard_state
from dashboard.views import scorecard_moves as moves

GATES = "gates"
PARTS = {Group.FIT.value: "Fit", Group.INTENT.value: "Intent", GATES: "Gates"}
MOST_CHANGES = 4  # that are said one by one


def draw(active: ScoringModel) -> ScoringModel:
    """Draws the column and returns the scenario, which its controls change; works inside a fragment.

    What comes and goes stands last in a container of its own: a control that moves to another place of the page would
    lose the focus.
    """
    scenario = scorecard_state.current(active)
    echo.begin()
    echo.note(moves.THRESHOLD, scenario.threshold)
    _start(scenario)
    _steps(scenario, active)
    _totals(scenario)
    part = _part()
    if part == GATES:
        _rules(scenario)
    else:
        _group(scenario, Group(part))
    st.caption(_against(active, scenario))
    scorecard_files.draw(scenario, linked=scorecard_state.keep_link())
    echo.end()
    return scenario


def _start(scenario: ScoringModel) -> None:
    names = moves.preset_names()
    echo.draw(moves.PRESET, moves.preset_of(scenario))
    st.pills(
        "Start from", list(PRESETS), key=moves.PRESET, on_change=moves.start, format_func=names.__getitem__, wrap=True,
        help="\n\n".join(f"**{names[key]}:** {preset.changes}." for key, preset in PRESETS.items()),
    )  # fmt: skip


def _steps(scenario: ScoringModel, active: ScoringModel) -> None:
    steps: tuple[tuple[str, str, Callable[[], object], bool], ...] = (
        ("Undo", ":material/undo:", scorecard_state.undo, scorecard_state.can_undo()),
        ("Redo", ":material/redo:", scorecard_state.redo, scorecard_state.can_redo()),
        ("Reset", ":material/restart_alt:", scorecard_state.reset, scenario != active),
    )
    with st.container(gap="xsmall"):
        with st.container(horizontal=True, gap="small"):
            for name, icon, step, possible in steps:
                st.button(
                    name, key=f"scorecard_{name.lower()}", icon=icon, type="tertiary", on_click=moves.take,
                    args=(step,), disabled=not possible,
                )  # fmt: skip
        _refusal(scorecard_state.LINK)


def _against(active: ScoringModel, scenario: ScoringModel) -> str:
    changes = [change.words for change in difference(active, scenario).changes]
    if not changes:
        return "This is the active scorecard."
    shown = changes if len(changes) <= MOST_CHANGES else changes[: MOST_CHANGES - 1]
    more = len(changes) - len(shown)
    ending = f"; and {more} more changes" if more else ""
    return f"Against the active one: {wording.plain('; '.join(shown))}{ending}"


def _lock() -> bool:
    echo.draw(moves.LOCK, moves.is_locked())
    return st.toggle("Lock totals", key=moves.LOCK, on_change=moves.lock, help=_LOCKED)


_LOCKED = (
    "Moving one criterion takes its points from the others of its group, in proportion, or gives them to them: the "
    "group stays full. Unlocked, each criterion moves alone, as far as its group has points left."
)


def _totals(scenario: ScoringModel) -> None:
    """Both groups, always in sight: how many of their points are given."""
    with st.container(horizontal=True, gap="small", wrap=False):
        for group in Group:
            total, given = total_of(scenario, group), given_by(scenario, group)
            st.progress(given / total if total else 0.0, f"**{PARTS[group.value]}** {given} of {total}")


def _part() -> str:
    st.session_state[moves.PART] = part = moves.part() or Group.FIT.value
    st.segmented_control(
        "Part of the scorecard", list(PARTS), key=moves.PART, on_change=moves.show, format_func=PARTS.__getitem__,
        required=True, label_visibility="collapsed", width="stretch",
    )  # fmt: skip
    return part


def _group(scenario: ScoringModel, group: Group) -> None:
    locked, total, alone = _lock(), total_of(scenario, group), len(scenario.of(group)) == 1
    with st.container(gap="xsmall"):
        for place, criterion in enumerate(scenario.criteria):
            if criterion.group is group:
                _criterion(criterion, place, total, disabled=not total or (locked and alone))


def _criterion(criterion: Criterion, place: int, total: int, *, disabled: bool) -> None:
    key = moves.slider_key(criterion, place)
    echo.draw(key, criterion.most)
    # With a value of its own the slider need not look through the whole session for one; the session's holds anyway.
    slide = partial(
        st.slider, wording.plain(wording.label(criterion.name)), 0, max(total, 1), 0, key=key, on_change=moves.slide,
        args=(criterion.name, key), disabled=disabled,
    )  # fmt: skip
    with st.container(gap="xxsmall"):
        if scorecard_levels.worth_opening(criterion):
            with st.container(horizontal=True, vertical_alignment="bottom", gap="small", wrap=False):
                slide()
                scorecard_levels.draw(criterion, place, total)
        else:
            slide()
        _refusal(moves.points_of(criterion.name))


def _rules(scenario: ScoringModel) -> None:
    echo.draw(moves.TRIGGERS, scenario.min_triggers)
    st.number_input(
        "Different triggers needed", 0, len(scenario.triggers), key=moves.TRIGGERS, on_change=moves.triggers, step=1,
        disabled=not scenario.triggers, help=f"How many of these a lead must show: {_signals(scenario.triggers)}.",
    )  # fmt: skip
    _refusal(moves.TRIGGERS)
    for gate, asks in _asked(scenario).items():
        key = moves.gate_key(gate)
        echo.draw(key, gate in scenario.requires)
        name = GATE_WORDS[gate]
        st.toggle(wording.beginning(name), key=key, on_change=moves.gate, args=(gate,), help=asks)
        _refusal(key)


def _asked(scenario: ScoringModel) -> dict[Gate, str]:
    """What each gate asks of a lead, required or not."""
    before = "before sales took over"
    return {
        Gate.ICP: f"Asks for at least {wording.several(scenario.icp_at_least, 'point')} of fit.",
        Gate.ECOSYSTEM: f"Asks for one of these, {before}: {_signals(scenario.ecosystem)}.",
        Gate.BUYING: f"Asks for one of these, {before}: {_signals(scenario.buying)}.",
        Gate.CONFIRMED: "Asks that both partner and vendor have confirmed the lead.",
    }


def _signals(names: tuple[str, ...]) -> str:
    return ", ".join(wording.plain(wording.label(name).lower()) for name in names) or "none is named"


def _refusal(place: str) -> None:
    text = scorecard_state.complaint(place)
    if text:
        st.markdown(f":small[:orange[{wording.plain(text)}]]")
