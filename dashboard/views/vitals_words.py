"""How are the vitals worded? From the vitals to sentences, rows of the table and places on the chart."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from math import log2

from dashboard import wording
from dashboard.charts import theme
from dashboard.charts.vitals import Look, Row, Scale
from dashboard.domain import Estimate
from dashboard.glossary import term
from dashboard.metrics.gate import GATE
from dashboard.metrics.performance import Performance
from dashboard.metrics.vitals import FEWEST, Better, Labelled, State, Vital, met_from
from dashboard.settings import settings


class Unit(StrEnum):
    """What a vital is counted in."""

    SHARE = "share"
    CHANGE = "change"
    MONEY = "money"
    TIMES = "times"
    FASTER = "faster"


UNITS = {
    "eql_to_won": Unit.SHARE,
    "speed": Unit.FASTER,
    "eql_to_sql": Unit.SHARE,
    "cost_per_eql": Unit.MONEY,
    "cost_per_sql": Unit.MONEY,
    "cac": Unit.MONEY,
    "cac_change": Unit.CHANGE,
    "pipeline_multiple": Unit.TIMES,
    "pipeline_growth": Unit.TIMES,
}
# In a chart, and in a sentence; the glossary has the long names.
SHORT = {
    "eql_to_won": "EQL → won",
    "speed": "Days to close",
    "eql_to_sql": "EQL → SQL",
    "cac_change": "CAC in two quarters",
    "pipeline_growth": "Pipeline in a year",
}
TERMS = {"speed": "speed_ratio", "eql_to_won": "eql_to_won_mature", "eql_to_sql": "eql_to_sql_mature"}
# Beyond four times as good or as bad nobody needs to see how much.
FARTHEST = 2.0
LOOKS = {
    State.GOOD: Look(theme.WON, "circle", "Good"),
    State.ATTENTION: Look(theme.ATTENTION, "diamond", "Attention"),
    State.BREACH: Look(theme.BREACH, "x", "Breach"),
    State.TOO_LITTLE: Look(theme.REFERENCE, "circle-open", "Too little data"),
}
SIGNS = {State.GOOD: "✓", State.ATTENTION: "!", State.BREACH: "✕", State.TOO_LITTLE: "…"}
LEFT_OUT = (
    "Two further references of the brief are left out: no table holds a nurture list (−40 %), and no date tells since "
    "when sales gets only EQLs (SQL rate +15–20 %)."
)
FOREIGN = (
    "References for costs are US dollars and left out here until they are set in the reporting currency "
    "(docs/configuration.md)."
)
RULE = (
    f"One rule for all lights. Good: the whole 95 % interval meets the reference, from its easier end on. Breach: the "
    f"whole interval misses it. Attention: it can be either. Too little data: fewer than {FEWEST} cases, or nothing to "
    f"divide by."
)


def name(vital: Vital) -> str:
    """What the vital is called in a sentence and in a chart."""
    return SHORT.get(vital.name) or term(vital.name).name


def amount(value: float | None, unit: Unit, currency: str) -> str:
    """A value of a vital as people read it."""
    if value is None:
        return wording.NOTHING
    if unit is Unit.SHARE:
        return wording.rate(value)
    if unit is Unit.CHANGE:
        return f"{'+' if value > 0 else ''}{wording.rate(value, 0)}"
    if unit is Unit.MONEY:
        return wording.money(value, currency)
    if unit is Unit.FASTER:
        return f"{wording.rate(abs(1 - value), 0)} {'faster' if value <= 1 else 'slower'}"
    return f"{value:.2f}×" if abs(value) < 10 else wording.multiple(value)


def bounds(estimate: Estimate, unit: Unit, currency: str) -> str:
    """The interval of a vital; empty where there is none."""
    if estimate.low is None or estimate.high is None:
        return ""
    return _between(estimate.low, estimate.high, unit, currency)


def _between(low: float, high: float, unit: Unit, currency: str) -> str:
    """Two values, what both have at their end said once: `18.0–25.0 %`, `$220–$350`."""
    first, last = (amount(value, unit, currency) for value in (low, high))
    if unit is Unit.FASTER:
        first, last = last, first
    end = next((ending for ending in _ENDS if first.endswith(ending) and last.endswith(ending)), "")
    mixed = unit is Unit.FASTER and not end
    joint = " to " if mixed or wording.MINUS in first + last or "+" in last else "–"
    return f"{first.removesuffix(end)}{joint}{last}"


_ENDS = (f"{wording.THIN}% faster", f"{wording.THIN}% slower", f"{wording.THIN}%", "×")


def measured(vital: Vital, currency: str) -> str:
    """The value with its interval in one line."""
    unit = UNITS[vital.name]
    if vital.estimate.value is None:
        return why_none(vital)
    between = bounds(vital.estimate, unit, currency)
    return f"{amount(vital.estimate.value, unit, currency)}{f' ({between})' if between else ''}"


def why_none(vital: Vital) -> str:
    """Why there is no value."""
    if vital.name in ("eql_to_won", "eql_to_sql"):
        if vital.of is None:
            return "no quarter is old enough yet" if vital.too_young else "no partner lead"
        return "no EQL in the quarter"
    if vital.name == "speed":
        return "no wins on both sides"
    if vital.name == "pipeline_growth" and vital.estimate.n:
        return "data do not reach back far enough"
    return "no deal to compare" if vital.name == "pipeline_growth" else "no cost, or nothing to divide by"


def reference(own: Labelled | None, vital: Vital, currency: str) -> str:
    """A reference as people read it: `18.0–25.0 %`, `at most $800`."""
    if own is None:
        return ""
    unit = UNITS[vital.name]
    if own.low != own.high:
        return _between(own.low, own.high, unit, currency)
    least = vital.better is Better.MORE or unit is Unit.FASTER
    return f"{'at least' if least else 'at most'} {amount(own.low, unit, currency)}"


def references(vital: Vital, currency: str) -> str:
    """All references of a vital."""
    found = [reference(own, vital, currency) for own in (vital.reference, *vital.further) if own is not None]
    return "; ".join(found) or "none"


def light(vital: Vital) -> str:
    """The light as a sign with its word; "–" where there is no reference to judge by."""
    return f"{SIGNS[vital.state]} {LOOKS[vital.state].word}" if vital.state else wording.NOTHING


def about(vital: Vital) -> str:
    """What the number is about: a quarter, the period, what it is compared with."""
    fiscal = settings().fiscal_year_start
    if vital.of is None:
        return wording.NOTHING
    of = wording.period_name(vital.of, fiscal)
    if vital.name in ("eql_to_won", "eql_to_sql"):
        of = f"leads created in {of}"
    if vital.name == "speed":
        of = f"deals opened {of}"
    return f"{of} against {wording.period_name(vital.against, fiscal)}" if vital.against else of


def verdict(vitals: Sequence[Vital]) -> str:
    """The answer in one sentence: how many vitals meet their reference, and which do not."""
    judged = [vital for vital in vitals if vital.state]
    by_state = {state: [name(vital) for vital in judged if vital.state is state] for state in State}
    known = len(judged) - len(by_state[State.TOO_LITTLE])
    if not known:
        return "Too little data to judge any vital of the programme."
    parts = [f"{len(by_state[State.GOOD])} of {wording.several(known, 'vital')} surely meet their reference"]
    for state, text in ((State.BREACH, "surely missed"), (State.ATTENTION, "too close to call")):
        if by_state[state]:
            parts.append(f"{text}: {wording.enumeration(by_state[state])}")
    if by_state[State.TOO_LITTLE]:
        parts.append(f"too little data: {wording.enumeration(by_state[State.TOO_LITTLE])}")
    return f"{'; '.join(parts)}."


def too_young(vitals: Sequence[Vital]) -> str:
    """Which quarters were passed over because they cannot be judged yet; empty where none was."""
    said = []
    for vital in vitals:
        if vital.too_young and vital.of:
            quarters = [wording.period_name(label, settings().fiscal_year_start) for label in reversed(vital.too_young)]
            taken = wording.period_name(vital.of, settings().fiscal_year_start)
            said.append(f"{name(vital)} is that of {taken}, since {wording.enumeration(quarters)} cannot be judged yet")
    return f"{'; '.join(said)}." if said else ""


def sentence(programme: Performance, period: str, over: bool, begun: bool, who: str, currency: str) -> str:
    """What the programme cost and what it returned."""
    own = programme.partner_sourced
    if not begun:
        return f"{period} has not begun yet."
    when = f"in {period}{'' if over else ' so far'}"
    cost = own.programme_cost
    if not cost or cost <= 0:
        inside = f"the{who.removeprefix('The')}" if who.startswith("The ") else who
        return f"What {inside} cost {when} is not in the data."
    parts = [f"{wording.money(own.pipeline_created, currency)} pipeline"]
    parts += [f"{wording.money(own.arr, currency)} ARR"] if own.arr else []
    each = [
        f"{wording.money(cost / count, currency)} per {what}"
        for count, what in ((own.eqls_in_period, "EQL"), (own.sqls_in_period, "SQL"), (own.won_deals, "won deal"))
        if count
    ]
    multiple = f", {wording.multiple(own.pipeline_multiple)} its cost in pipeline (gate {GATE:.0f}×)"
    said = f"{who} cost {wording.money(cost, currency)} {when} and returned {wording.enumeration(parts)}{multiple}"
    return f"{said}: {wording.enumeration(each)}." if each else f"{said}."


def rows(vitals: Sequence[Vital], currency: str) -> list[Row]:
    """The vitals that have a reference, as rows of the chart."""
    return [_row(vital, vital.reference, currency) for vital in vitals if vital.reference and vital.state]


def _row(vital: Vital, own: Labelled, currency: str) -> Row:
    assert vital.state is not None
    places = [_place(value, own, vital) for value in (vital.estimate.value, vital.estimate.low, vital.estimate.high)]
    ends = sorted(place for place in places[1:] if place is not None)
    strict = _place(own.high if vital.better is Better.MORE else own.low, own, vital) or 0.0
    further = [_place(f.high if vital.better is Better.MORE else f.low, own, vital) or 0.0 for f in vital.further]
    return Row(
        name(vital),
        measured(vital, currency),
        places[0],
        ends[0] if ends else None,
        ends[-1] if ends else None,
        strict,
        LOOKS[vital.state],
        _hover(vital, currency),
        [place for place in further if place != strict],
    )


def _hover(vital: Vital, currency: str) -> str:
    lines = [
        f"<b>{name(vital)}</b>: {LOOKS[vital.state].word if vital.state else ''}",
        f"{measured(vital, currency)}, 95 % interval",
        f"reference: {references(vital, currency)}",
        f"n = {wording.count(vital.estimate.n)}, {about(vital)}",
    ]
    return "<br>".join(lines)


def _place(value: float | None, own: Labelled, vital: Vital) -> float | None:
    """By how many doublings a value is better than the reference's easier end, cut at `FARTHEST`.

    Changes are compared as what is left after them, 1 + change.
    """
    if value is None:
        return None
    shift = 1.0 if UNITS[vital.name] is Unit.CHANGE else 0.0
    limit, number = met_from(own, vital.better) + shift, value + shift
    if limit <= 0:
        return None
    better = number / limit if vital.better is Better.MORE else limit / number if number > 0 else 2**FARTHEST
    return max(-FARTHEST, min(FARTHEST, log2(better))) if better > 0 else -FARTHEST


def scale(found: Sequence[Row]) -> Scale:
    """Marks from the worst to the best that is drawn, at least half to twice as good."""
    ends = [end for row in found for end in (row.low, row.high, row.place, row.band, *row.lines) if end is not None]
    low, high = min([-1.0, *ends]), max([1.0, *ends])
    words = {-2: "≤ ¼", -1: "½ as good", 0: "reference", 1: "2× as good", 2: "≥ 4×"}
    marks = [mark for mark in words if low - 0.01 <= mark <= high + 0.01]
    return Scale(low - 0.12, high + 0.12, marks, [words[mark] for mark in marks])


def in_words(vitals: Sequence[Vital], currency: str) -> str:
    """The chart for ears."""
    lines = [f"{name(v)} {measured(v, currency)}: {LOOKS[v.state].word.lower()}" for v in vitals if v.state]
    return f"{verdict(vitals)} {'; '.join(lines)}."
