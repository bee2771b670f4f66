"""Which thresholds are best for a stated goal, and how sure is that? The goal over all thresholds, the best shaded."""

from __future__ import annotations

from contextlib import AbstractContextManager

import streamlit as st

from dashboard import blocks, states, wording
from dashboard.charts import theme
from dashboard.charts import what_if as charts
from dashboard.charts.what_if import Curve, Marks
from dashboard.frames import what_if as asked
from dashboard.glossary import term
from dashboard.scoring.best_range import BestRange, best_for_capacity
from dashboard.scoring.what_if import WhatIf
from dashboard.settings import settings
from dashboard.views import what_if_numbers as numbers
from dashboard.views.kept import kept
from dashboard.views.what_if_numbers import CENTS, Basis, Desk
from dashboard.views.what_if_scene import Scene

ARR, CAPACITY = "arr", "capacity"
NONE_FITS = "There is no best threshold: sales can work the leads of none at which anybody qualifies."
NONE_PAYS = "There is no best threshold: at each, working the leads costs more than they bring, as far as is known."
GOALS = {ARR: "ARR less the cost of working", CAPACITY: "Fill the capacity"}


def panel(name: str) -> AbstractContextManager[None]:
    """The framed place of the goal."""
    subtitle = f"Leads created in {name}, at every threshold"
    return blocks.panel("Which thresholds are best?", subtitle, "goal", "best_range")


def ask() -> tuple[str, Desk]:
    """The goal, and what sales can do; fields with the settings as they are at first, part of the link."""
    goal = st.segmented_control(
        "Goal", list(GOALS), format_func=GOALS.__getitem__, default=ARR, key="goal", bind="query-params", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    return goal if goal in GOALS else ARR, _desk()


def _desk() -> Desk:
    own = settings()
    people, leads, cost = st.columns(3)
    with people:
        representatives = st.number_input(
            "Representatives", 1, 100_000, own.representatives, key="representatives", bind="query-params",
            help="How many people work leads.",
        )  # fmt: skip
    with leads:
        each = st.number_input(
            "Leads each, a week", 0.1, 10_000.0, float(own.leads_per_week), step=1.0, format="%g",
            key="leads_per_week", bind="query-params", help=term("workload").help,
        )  # fmt: skip
    with cost:
        worth = st.number_input(
            f"Cost of a lead ({own.currency})", 0.0, 1e9, float(own.cost_per_worked_lead), step=10.0, format="%g",
            key="cost_per_lead", bind="query-params", help=term("cost_of_working").help,
        )  # fmt: skip
    return Desk(
        own.representatives if representatives is None else int(representatives),
        own.leads_per_week if each is None else float(each),
        own.cost_per_worked_lead if worth is None else float(worth),
    )


def best(
    found: WhatIf, basis: Basis, scene: Scene, goal: str, sensitivity: float, question: object
) -> BestRange | None:
    """Where the goal is best; it does not depend on the scenario's own threshold. None where nobody ever qualifies."""
    if not found.curves.qualified[0]:
        return None
    if goal == CAPACITY:
        return best_for_capacity(found.curves.qualified, basis.weeks, basis.desk.capacity)
    cost = basis.desk.cost_per_lead
    return kept("best", (question, cost), lambda: asked.best_threshold(scene, CENTS * cost, sensitivity))


def shaded(found: BestRange | None) -> tuple[int, int] | None:
    """The range as it is drawn; nothing where worked leads say too little of it, or no threshold is worth having."""
    return None if found is None or found.unsupported or _worthless(found) else (found.low, found.high)


def _worthless(best: BestRange) -> bool:
    """Whether nobody qualifies where the goal is best, or would better not: with nobody it is 0."""
    return bool(best.goal[best.low : best.high + 1].max() <= 0)


def in_words(best: BestRange | None, basis: Basis, goal: str) -> str:
    """What is known of the best threshold: a range, never one number as if it were sure."""
    if best is None:
        unknown = "Where the best threshold lies cannot be told: too little is known of what worked leads brought."
        return unknown if goal == ARR else ""
    where = f"{best.low} to {best.high}" if best.high > best.low else f"about {best.low}"
    if best.unsupported:
        return (
            f"Where the best threshold lies cannot be told: too few of the leads down there were worked. Continued "
            f"smoothly, it would be {where}."
        )
    if _worthless(best):
        return NONE_FITS if goal == CAPACITY else NONE_PAYS
    if goal == CAPACITY:
        return f"The lowest threshold whose leads sales can work: {where}."
    differs = wording.money(best.differs / CENTS, basis.currency)
    if best.flat:
        return (
            f"Flat: from {where} the goal differs by {differs}, less than what chance does to it. Any of them will do."
        )
    return f"Best: {where}, as far as the data can tell (90 %); the goal differs by {differs} within."


def draw(found: WhatIf, basis: Basis, goal: str, best: BestRange | None, question: object) -> None:
    """The goal over all thresholds, the best range shaded; `question`: what the curves depend on besides."""
    if not found.curves.qualified[0]:
        states.too_little("No lead passes the other gates: every threshold brings nothing, and none is best.")
        return
    said = in_words(best, basis, goal)
    curves = kept("goal", (question, basis, goal), lambda: worth(found, basis) if goal == ARR else [load(found, basis)])
    marks = Marks(found.model.threshold, numbers.active_threshold(found), shaded(best))
    y: dict[str, object] = {"tickprefix": wording.symbol(basis.currency)} if goal == ARR else {"tickformat": ".0%"}
    level = None if goal == ARR else (1.0, "capacity")
    if goal == CAPACITY:
        y |= {"range": [0, _ceiling(curves[0])]}
    blocks.chart(charts.over_thresholds(curves, marks, y=y, level=level), _in_words(found, curves, said), "goal_chart")
    blocks.remark(said)


def _ceiling(curve: Curve) -> float:
    """Loads far above the capacity would press the rest to the ground."""
    return min(max((value for value in curve.values if value is not None), default=1.0), 3.0) * 1.05


def worth(found: WhatIf, basis: Basis) -> list[Curve]:
    """ARR less the cost of working, of worked leads alone and with what never-worked ones are expected to bring."""
    curves, cost, money = found.curves, basis.desk.cost_per_lead, basis.currency
    seen = (curves.arr / CENTS - cost * curves.worked).tolist()
    own = Curve("seen", seen, theme.PARTNER, [f"seen {wording.money(value, money)}" for value in seen])
    expected = curves.expected
    if expected is None:
        return [own]
    base = curves.arr / CENTS - cost * curves.qualified
    total, low, high = (
        [None if value != value else value for value in (base + each / CENTS).tolist()]
        for each in (expected.arr.value, expected.arr.low, expected.arr.high)
    )
    if all(value is None for value in total):
        return [own]
    hover = [
        f"with est. {wording.money(value, money)} ({wording.money(least, money)} to {wording.money(most, money)})"
        if value is not None
        else "no estimate: too few leads were worked"
        for value, least, most in zip(total, low, high, strict=True)
    ]
    return [own, Curve("seen + estimated", total, theme.PARTNER, hover, low, high, estimated=True)]


def load(found: WhatIf, basis: Basis) -> Curve:
    """Workload against capacity."""
    values = [basis.load(leads) for leads in found.curves.qualified.tolist()]
    return Curve("load", values, theme.PARTNER, [f"{wording.rate(value, 0)} of capacity" for value in values])


def _in_words(found: WhatIf, curves: list[Curve], said: str) -> str:
    threshold = found.model.threshold
    there = "; ".join(curve.hover[threshold] for curve in curves)
    return f"Goal over thresholds 0 to {len(curves[0].values) - 1}. At {threshold}: {there}. {said}".strip()
