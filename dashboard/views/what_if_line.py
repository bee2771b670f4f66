"""How is the threshold moved, and what stands beside it? The line on the scores, a number field, the estimate."""

from __future__ import annotations

import streamlit as st

from dashboard import blocks, states, wording
from dashboard.domain import UserError
from dashboard.glossary import term
from dashboard.scoring.edits import with_threshold
from dashboard.scoring.expected import Expected, Range
from dashboard.scoring.what_if import WhatIf
from dashboard.threshold_line import Bar, threshold_line
from dashboard.views import scorecard_state
from dashboard.views import what_if_numbers as numbers
from dashboard.views import what_if_words as words
from dashboard.views.what_if_numbers import CENTS, Basis

FIELD, LINE = "threshold", "threshold_line"


def draw(found: WhatIf, basis: Basis, best: tuple[int, int] | None) -> None:
    """The histogram with its line, and the number as a field; both make one step of the scorecard's history."""
    model, top = found.model, found.model.fit_total + found.model.intent_total
    subtitle = f"Leads created in {basis.name} that pass every other gate; from the line on they qualify"
    terms = ("threshold", "qualified_by_model", "observed", "estimated")
    with blocks.panel("Which leads qualify?", subtitle, *terms):
        st.session_state[FIELD] = model.threshold
        st.number_input(
            "Threshold", 0, top, key=FIELD, on_change=_from_field, step=1, width=160, help=term("threshold").help
        )
        if refused := scorecard_state.complaint(FIELD):
            st.markdown(f":small[:orange[{wording.plain(refused)}]]")
        scores = numbers.bars(found.curves)
        threshold_line(
            key=LINE, value=model.threshold, top=top, active=numbers.active_threshold(found), bars=scores,
            numbers=numbers.numbers(found, basis), spoken=numbers.spoken(found, basis), best=best,
            on_release=_move, alt=_histogram_in_words(scores, model.threshold),
        )  # fmt: skip


def _from_field() -> None:
    said = st.session_state[FIELD]
    if said is not None:
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


def estimate(found: WhatIf, basis: Basis, stressed: Expected | None) -> None:
    """How much of the answer is seen and how much is estimated, with its interval, or why there is no estimate."""
    guess = found.expected_change
    if found.model == found.active:
        return
    subtitle = f"Scenario against active scorecard, leads created in {basis.name}; estimates with 95 % intervals"
    terms = ("observed", "estimated", "supported_share", "sensitivity", "forgone")
    with blocks.panel("How much of it was seen, how much is estimated?", subtitle, *terms):
        st.dataframe(
            _table(found, basis),
            hide_index=True,
            height="content",
            alt="SQLs, wins and ARR: seen under the active scorecard and in the scenario, and estimated for leads "
            "never worked",
            column_config={
                "What": st.column_config.TextColumn(pinned=True),
                "Change, est.": st.column_config.TextColumn(help=term("estimated").help),
            },
        )
        if guess is None:
            states.too_little("Too few leads were ever worked to estimate what the others would have brought.")
            return
        blocks.remark(words.parts(found))
        if stressed is not None and stressed.wins.low is not None:
            blocks.remark(words.stress(found, stressed))
        if guess.refused:
            _refused(found, guess, basis)


def _table(found: WhatIf, basis: Basis) -> dict[str, list[str]]:
    """Rows SQLs, wins, ARR; seen apart from estimated."""
    now, then, guess = found.qualified, found.active_qualified, found.expected_change

    def money(cents: float) -> str:
        return wording.money(cents / CENTS, basis.currency)

    rows = (
        ("SQLs", then.sqls, now.sqls, guess and guess.sqls, wording.count),
        ("Wins", then.won, now.won, guess and guess.wins, words.number),
        ("ARR", then.arr, now.arr, guess and guess.arr, money),
    )
    return {
        "What": [name for name, *_ in rows],
        "Active, seen": [(money if form is money else wording.count)(value) for _, value, _, _, form in rows],
        "Scenario, seen": [(money if form is money else wording.count)(value) for _, _, value, _, form in rows],
        "Change, est.": [words.range_text(between, form) for *_, between, form in rows],
    }


def _refused(found: WhatIf, guess: Expected, basis: Basis) -> None:
    """The bound, and the smooth continuation behind a click."""
    st.warning(f"{words.sentence(words.refusal(found))}", icon=":material/block:")
    with st.expander("What a smooth continuation would say", icon=":material/trending_up:"):
        st.markdown(term("continuation").help)
        continued = guess.continued
        st.markdown(
            f"Under this assumption: {words.range_text(continued.wins, words.number)} wins, "
            f"{words.range_text(continued.sqls, wording.count)} SQLs"
            f"{_arr(continued.arr, basis)}. The interval rests on the assumption, not on data."
        )


def _arr(arr: Range, basis: Basis) -> str:
    if arr.value is None or arr.value != arr.value:
        return ""
    text = words.range_text(arr, lambda cents: wording.money(cents / CENTS, basis.currency))
    return f", {text} ARR".replace("$", "\\$")
