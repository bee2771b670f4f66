"""How is the threshold moved, and what stands beside it? The line on the scores, and the number as a field."""

from __future__ import annotations

from contextlib import AbstractContextManager

import streamlit as st

from dashboard import blocks, wording
from dashboard.domain import UserError
from dashboard.glossary import term
from dashboard.scoring.edits import with_threshold
from dashboard.scoring.what_if import WhatIf
from dashboard.threshold_line import Bar, Number, threshold_line
from dashboard.views import scorecard_echo, scorecard_state
from dashboard.views import what_if_numbers as numbers
from dashboard.views import what_if_words as words
from dashboard.views.kept import kept
from dashboard.views.what_if_numbers import Basis

FIELD, LINE = "threshold", "threshold_line"


def panel(name: str) -> AbstractContextManager[None]:
    """The framed place of the line."""
    subtitle = f"Leads created in {name} that pass every other gate; from the line on they qualify"
    return blocks.panel("Which leads qualify?", subtitle, "threshold", "qualified_by_model", "observed", "estimated")


def draw(found: WhatIf, basis: Basis, best: tuple[int, int] | None, question: object) -> None:
    """The histogram with its line, and the number as a field; both make one step of the scorecard's history.

    `question`: what the numbers at all thresholds depend on, besides the basis.
    """
    model, top = found.model, found.model.fit_total + found.model.intent_total
    st.session_state[FIELD] = model.threshold
    st.number_input(
        "Threshold", 0, top, key=FIELD, on_change=_from_field, step=1, width=160, help=term("threshold").help
    )
    if refused := scorecard_state.complaint(FIELD):
        st.markdown(f":small[:orange[{wording.plain(refused)}]]")
    scores, lines, spoken = kept("line", (question, basis), lambda: _prepared(found, basis))
    threshold_line(
        key=LINE, value=model.threshold, top=top, active=numbers.active_threshold(found), bars=scores,
        numbers=lines, spoken=spoken, best=best,
        on_release=_move, alt=_histogram_in_words(scores, model.threshold),
    )  # fmt: skip
    blocks.remark(words.both_triggers(found))


def _prepared(found: WhatIf, basis: Basis) -> tuple[list[Bar], list[Number], list[str]]:
    lines = numbers.numbers(found, basis)
    return numbers.bars(found.curves), lines, numbers.spoken(found, lines)


def _from_field() -> None:
    said = st.session_state[FIELD]
    if said is not None and scorecard_echo.was_moved(FIELD):
        _move(int(said))


def _move(threshold: int) -> None:
    try:
        scorecard_state.put(with_threshold(scorecard_state.present(), threshold), FIELD)
    except UserError as error:
        scorecard_state.complain(FIELD, error)


def _histogram_in_words(scores: list[Bar], threshold: int) -> str:
    if not scores:
        return "No lead passes every other gate."
    above = sum(bar.leads for bar in scores if bar.score >= threshold)
    never = sum(bar.never for bar in scores if bar.score < threshold)
    everybody = sum(bar.leads for bar in scores)
    return (
        f"Leads by score, from {scores[0].score} to {scores[-1].score}: {wording.count(above)} of "
        f"{wording.count(everybody)} have {threshold} points or more; of those below, {wording.count(never)} were "
        "never worked."
    )
