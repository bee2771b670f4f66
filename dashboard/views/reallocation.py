"""What if money moved from one channel or partner to another? Controls, the answer in a sentence, before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from dashboard import blocks, states, wording
from dashboard.charts import channel_page as charts
from dashboard.domain import Estimate
from dashboard.filters import Filters
from dashboard.frames import channel_page as asked
from dashboard.frames.performance import choices
from dashboard.metrics.reallocation import (
    ELASTICITY,
    LEAST_ELASTICITY,
    MOST_ELASTICITY,
    History,
    Move,
    Place,
    Refusal,
    Side,
    Where,
    overlap,
)
from dashboard.period import Period
from dashboard.settings import settings
from dashboard.views.channel_page import bare_name, place_name
from dashboard.views.kept import kept
from dashboard.views.overview import ticks

_OTHERS = (0.4, 0.7, 1.0)
_SHARE = 0.05  # what is moved at first: so much of the first place's spend


def draw(period: Period, chosen: Filters) -> None:
    """The panel with its controls and answer."""
    known, names = asked.histories(period), choices().names
    quarters = asked.quarters(period)
    until = wording.period_name(quarters[-1].label, settings().fiscal_year_start)
    about = f"A quarter, learned from the four quarters up to {until}; estimated"
    with blocks.panel("What if money moved?", about, "reallocation", "elasticity", "arr_per_cost"):
        codes = list(known)
        if not any(not overlap(known[a].place, known[b].place) and a != b for a in codes for b in codes):
            states.too_little("It takes two channels or partners with costs in the last four quarters to move money.")
            return
        wanted = _controls(known, names)
        if wanted is None:
            return
        source, target, amount, elasticity = wanted
        found = asked.moved(period, chosen, source, target, amount, elasticity)
        st.markdown(sentence(found, names, settings().currency).replace("$", "\\$"))
        if isinstance(found, Move):
            _pictures(found, names)
            blocks.remark(_with_others(period, chosen, found, settings().currency))
        blocks.remark(CAVEAT)


CAVEAT = (
    "An estimate under an assumption: nobody varied the spending at random, deals won in a quarter may come of money "
    "spent before, and no number is given outside the spends that the last eight quarters have seen. The interval "
    "holds what chance leaves open, not the assumption."
)


def _controls(known: Mapping[str, History], names: Mapping[str, str]) -> tuple[str, str, float, float] | None:
    codes = sorted(known, key=lambda code: (_ORDER[known[code].place.where], -known[code].spend))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = _choice("From", codes, known, names, "move_from", codes[1] if len(codes) > 1 else codes[0])
        fit = [c for c in codes if c != source and not overlap(known[c].place, known[source].place)]
        if not fit:
            states.too_little("Nothing else has costs that are no part of this one.")
            return None
        target = _choice("To", fit, known, names, "move_to", fit[0])
    least, most = st.columns(2)
    spend = known[source].spend
    amount = least.number_input(
        f"Amount a quarter, {settings().currency}", min_value=0.0, max_value=float(max(spend, 1.0)),
        value=_round(spend * _SHARE), step=_round(spend * _SHARE) or 1.0, format="%.0f",
        key="move_amount", bind="query-params",
        help=f"{wording.money(spend, settings().currency)} a quarter went there on average.",
    )  # fmt: skip
    elasticity = most.slider(
        "How returns diminish (assumed)", LEAST_ELASTICITY, MOST_ELASTICITY, ELASTICITY, 0.05,
        key="move_elasticity", bind="query-params",
        help="Yield = c × spend to this power. 1: twice the money, twice the yield. 0.7: 62 % more.",
    )  # fmt: skip
    return source, target, float(amount), float(elasticity)


_ORDER = {Where.PROGRAMME: 0, Where.CHANNEL: 1, Where.PARTNER: 2}


def _choice(
    label: str, codes: Sequence[str], known: Mapping[str, History], names: Mapping[str, str], key: str, first: str
) -> str:
    def called(code: str) -> str:
        return _called(known[code].place, names) if code in known else code

    chosen = st.selectbox(label, codes, index=codes.index(first), format_func=called, key=key, width="stretch",
                          bind="query-params")  # fmt: skip
    return chosen if chosen in codes else first


def _called(place: Place, names: Mapping[str, str]) -> str:
    """A place's name where it stands alone."""
    name = bare_name(place, names)
    return wording.beginning(name) if place.where is Where.PROGRAMME else name


def _round(amount: float) -> float:
    """One significant figure: what a person would type."""
    return float(f"{amount:.1g}")


def sentence(found: Move | Refusal, names: Mapping[str, str], currency: str) -> str:
    """The answer, or why there is none."""
    if isinstance(found, Refusal):
        low, high = (wording.money(own, currency) for own in found.seen)
        return (
            f"No estimate: {place_name(found.place, names)} has cost between {low} and {high} a quarter in the last "
            f"eight quarters, and {wording.money(found.spend, currency)} lies outside."
        )
    what = (
        f"Moving {wording.money(found.amount, currency)} a quarter from {place_name(found.source.place, names)} to "
        f"{place_name(found.target.place, names)} would change"
    )
    if found.arr.low is not None and found.arr.high is not None and found.arr.low <= 0 <= found.arr.high:
        return f"{what} ARR by about nothing that can be told: {_signed(found.arr, currency)} a quarter (estimated)."
    pipeline = _signed(found.pipeline, currency)
    return f"{what} expected ARR by {_signed(found.arr, currency)} and pipeline by {pipeline} a quarter (estimated)."


def _signed(own: Estimate, currency: str) -> str:
    low, high = (_plus(bound, currency) for bound in (own.low, own.high))
    return f"{_plus(own.value, currency)} ({low} to {high})"


def _plus(value: float | None, currency: str) -> str:
    return f"{'+' if value and value > 0 else ''}{wording.money(value, currency)}"


def _with_others(period: Period, chosen: Filters, found: Move, currency: str) -> str:
    """The same move under other assumptions."""
    said = []
    for other in (own for own in _OTHERS if abs(own - found.elasticity) > 0.01):
        again = asked.moved(period, chosen, found.source.place.code, found.target.place.code, found.amount, other)
        if isinstance(again, Move):
            said.append(f"{_plus(again.arr.value, currency)} with {other:g}")
    return f"Assumed: yield grows with spend to the power of {found.elasticity:g}. ARR: {wording.enumeration(said)}."


def _pictures(found: Move, names: Mapping[str, str]) -> None:
    currency = settings().currency
    for place, measure, title in zip(st.columns(2), ("arr", "pipeline"), ("ARR", "Pipeline"), strict=True):
        bars = [_bar(side, measure, names, currency) for side in (found.source, found.target)]
        top = max(max(bar.high, bar.before) for bar in bars)
        marks = [(at, wording.money(at, currency)) for at in ticks([top * 1.15], 5, whole=False)]
        with place:
            st.caption(f"{title} a quarter: seen, and estimated after the move")
            drawn = kept(f"move_{measure}", bars, partial(charts.before_and_after, bars, marks))
            blocks.chart(drawn, bars_in_words(bars), f"move_{measure}")


def _bar(side: Side, measure: str, names: Mapping[str, str], currency: str) -> charts.Bar:
    before: Estimate = getattr(side, f"{measure}_before")
    after: Estimate = getattr(side, f"{measure}_after")
    now, then = before.value or 0.0, after.value or 0.0
    return charts.Bar(
        _called(side.place, names), now, then, after.low or 0.0, after.high or then,
        wording.money(now, currency), wording.money(then, currency), side.place.where is not Where.CHANNEL,
    )  # fmt: skip


def bars_in_words(bars: Sequence[charts.Bar]) -> str:
    """The chart for ears."""
    return ". ".join(f"{bar.label}: {bar.words_before} seen, {bar.words_after} estimated" for bar in bars)
