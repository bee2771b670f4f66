"""By which rule, beside which other one, is what shared out? The controls of the Attribution page."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from dashboard.glossary import term
from dashboard.metrics.attribution import Attribution
from dashboard.metrics.attribution_rules import HALF_LIFE_DAYS, HALF_LIVES, Base, KeyInfluence, Options, Rule, Until
from dashboard.views import attribution as words

_BASES = {Base.ARR: "ARR", Base.PIPELINE: "Pipeline"}
_UNTIL = {Until.OPEN: "Deal opened", Until.CLOSE: "Deal closed"}
_INFLUENCE = {
    KeyInfluence.SQL: "Last before SQL",
    KeyInfluence.EQL: "Last before EQL",
    KeyInfluence.LAST_PARTNER: "Last of a partner",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What the page shows: a rule, another one beside it, what is shared out, and how touches are read."""

    rule: Rule
    beside: Rule
    base: Base
    options: Options


def ask() -> Choice:
    """The controls and what is chosen; what a link cannot mean falls back to the default."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        rule = _rule("Rule", Rule.POSITION_A, "credit_rule")
        beside = _rule("Beside", Rule.SOURCE, "credit_beside")
        base = st.segmented_control(
            "Share out", list(_BASES), format_func=_BASES.__getitem__, default=Base.ARR, key="credit_of",
            bind="query-params", required=True, help=f"{term('arr').help}\n\n{term('pipeline_created').help}",
        )  # fmt: skip
        with st.popover("Touches", icon=":material/tune:"):
            options = _options()
    return Choice(rule, beside, base if base in _BASES else Base.ARR, options)


def _rule(label: str, default: Rule, key: str) -> Rule:
    rules = list(Rule)
    found = st.selectbox(
        label, rules, index=rules.index(default), format_func=words.NAMES.__getitem__, key=key, bind="query-params",
        width=165, help=term("attribution_rule").help,
    )  # fmt: skip
    return found if found in words.NAMES else default


def _options() -> Options:
    until = st.segmented_control(
        "Touches count until", list(_UNTIL), format_func=_UNTIL.__getitem__, default=Until.OPEN, key="credit_until",
        bind="query-params", required=True, help="Up to and including that day. An open deal counts up to today.",
    )  # fmt: skip
    influence = st.segmented_control(
        "Key influence (position A)", list(_INFLUENCE), format_func=_INFLUENCE.__getitem__, default=KeyInfluence.SQL,
        key="key_influence", bind="query-params", required=True, help=term("key_influence").help,
    )  # fmt: skip
    half_life = st.number_input(
        "Half-life in days (time decay)", *HALF_LIVES, HALF_LIFE_DAYS, step=1.0, format="%g", key="half_life",
        bind="query-params", help=term("half_life").help,
    )  # fmt: skip
    return Options(
        until if until in _UNTIL else Until.OPEN,
        influence if influence in _INFLUENCE else KeyInfluence.SQL,
        HALF_LIFE_DAYS if half_life is None else float(half_life),
    )


def possible(choice: Choice, found: Attribution) -> Choice:
    """The choice that can be answered: where no touch is recorded, only the source of the leads is known."""
    if words.has_touches(found) or not found.total.cents:
        return choice
    return replace(choice, rule=Rule.SOURCE, beside=Rule.SOURCE)
