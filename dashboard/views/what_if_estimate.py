"""How much of the answer was seen and how much is estimated? Side by side, with what the estimate rests on."""

from __future__ import annotations

from contextlib import AbstractContextManager

import pyarrow as pa
import streamlit as st

from dashboard import blocks, states, wording
from dashboard.glossary import term
from dashboard.scoring.expected import SENSITIVITY, Expected, Range
from dashboard.scoring.outcome_model import OutcomeModel, Regime
from dashboard.scoring.what_if import WhatIf
from dashboard.views import what_if_words as words
from dashboard.views.what_if_numbers import CENTS, Basis


def panel(name: str) -> AbstractContextManager[None]:
    """The framed place of the estimate."""
    subtitle = f"Scenario against active scorecard, leads created in {name}; estimates with 95 % intervals"
    terms = ("observed", "estimated", "supported_share", "sensitivity", "forgone")
    return blocks.panel("How much of it was seen, how much is estimated?", subtitle, *terms)


def ask(outcomes: OutcomeModel | None) -> float:
    """How careful the estimate shall be where sales picked by hunch."""
    return st.slider(
        "Sensitivity to picking by hunch", 1.0, 3.0, SENSITIVITY, 0.05, key="sensitivity", bind="query-params",
        help=term("sensitivity").help, disabled=outcomes is None or outcomes.regime is not Regime.CHOSEN,
    )  # fmt: skip


def draw(found: WhatIf, basis: Basis, outcomes: OutcomeModel | None, stressed: Expected | None) -> None:
    """How much of the answer is seen and how much is estimated, with its interval, or why there is no estimate."""
    blocks.remark(words.regime(outcomes))
    if found.model == found.active:
        states.too_little("Nothing differs yet: move the line, a weight or a gate.")
        return
    guess = found.expected_change
    st.dataframe(
        pa.table(_table(found, basis)),
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
    if advised := words.advice(found, basis, outcomes):
        st.info(advised, icon=":material/experiment:")


def _table(found: WhatIf, basis: Basis) -> dict[str, list[str]]:
    """Rows SQLs, wins, ARR; seen apart from estimated."""
    now, then, guess = found.qualified, found.active_qualified, found.expected_change

    def money(cents: float) -> str:
        return wording.money(cents / CENTS, basis.currency)

    rows = (
        ("SQLs", then.sqls, now.sqls, guess.sqls if guess else None, wording.count),
        ("Wins", then.won, now.won, guess.wins if guess else None, words.number),
        ("ARR", then.arr, now.arr, guess.arr if guess else None, money),
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
