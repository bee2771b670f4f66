"""What would each threshold bring? Curves of EQLs, precision, recall, ARR and cost over all thresholds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard import blocks, wording
from dashboard.charts import theme
from dashboard.charts import what_if as charts
from dashboard.charts.what_if import Curve, Marks
from dashboard.metrics.intervals import rate
from dashboard.scoring.what_if import WhatIf
from dashboard.views import what_if_numbers as numbers
from dashboard.views.what_if_numbers import CENTS, Basis


def draw(found: WhatIf, basis: Basis, best: tuple[int, int] | None) -> None:
    """Four questions over all thresholds, two side by side; drawn when the tab is opened."""
    marks = Marks(found.model.threshold, numbers.active_threshold(found), best)
    subtitle = f"Leads created in {basis.name}, with the scenario’s points, at every threshold"
    left, right = st.columns(2)
    with left:
        with blocks.panel("How many qualify, and can sales work them?", subtitle, "qualified_by_model", "workload"):
            _chart([qualified(found, basis)], marks, "curve_qualified", level=_capacity(basis))
        with blocks.panel("What do they bring?", subtitle, "observed", "estimated"):
            _chart(arr(found, basis), marks, "curve_arr", {"tickprefix": wording.symbol(basis.currency)})
    with right:
        with blocks.panel("How good are they, and how many are missed?", subtitle, "precision", "recall", "interval"):
            _chart(quality(found), marks, "curve_quality", {"tickformat": ".0%", "range": [0, 1.02]})
        if basis.cost:
            with blocks.panel("What does an EQL cost?", subtitle, "what_if_cost_per_qualified"):
                y: dict[str, object] = {"tickprefix": wording.symbol(basis.currency), "range": [0, _dear(found, basis)]}
                _chart([cost(found, basis)], marks, "curve_cost", y)
        else:
            with blocks.panel("How many wins?", subtitle, "observed", "estimated"):
                _chart(wins(found), marks, "curve_wins")


def _chart(
    curves: Sequence[Curve],
    marks: Marks,
    key: str,
    y: dict[str, object] | None = None,
    level: tuple[float, str] | None = None,
) -> None:
    figure = charts.over_thresholds(curves, marks, y={"rangemode": "tozero"} | (y or {}), level=level)
    there = "; ".join(curve.hover[marks.chosen] for curve in curves)
    blocks.chart(figure, f"At {marks.chosen}: {there}", key)


def _capacity(basis: Basis) -> tuple[float, str] | None:
    leads = basis.desk.capacity * basis.weeks
    return (leads, f"capacity: {wording.count(leads)}") if leads else None


def qualified(found: WhatIf, basis: Basis) -> Curve:
    """EQLs, with the load of sales under the pointer."""
    leads = found.curves.qualified.tolist()
    hover = [f"{wording.several(each, 'EQL')}, sales load {numbers.load_text(basis, each)}" for each in leads]
    return Curve("EQLs", leads, theme.PARTNER, hover)


def arr(found: WhatIf, basis: Basis) -> list[Curve]:
    """ARR of worked leads, and with what never-worked ones are expected to bring."""

    def form(value: float | None) -> str:
        return wording.money(value, basis.currency)

    expected = found.curves.expected
    ranges = (
        None
        if expected is None
        else [each / CENTS for each in (expected.arr.value, expected.arr.low, expected.arr.high)]
    )
    return _seen_and_estimated(found.curves.arr / CENTS, ranges, form, "ARR")


def wins(found: WhatIf) -> list[Curve]:
    """Wins, likewise."""
    expected = found.curves.expected
    ranges = None if expected is None else [expected.wins.value, expected.wins.low, expected.wins.high]
    return _seen_and_estimated(found.curves.won.astype(float), ranges, wording.count, "wins")


def _seen_and_estimated(
    seen: NDArray[np.float64],
    ranges: Sequence[NDArray[np.float64]] | None,
    form: Callable[[float | None], str],
    what: str,
) -> list[Curve]:
    own = Curve("seen", seen.tolist(), theme.WON, [f"{form(value)} {what} seen" for value in seen.tolist()])
    if ranges is None:
        return [own]
    total, low, high = ([None if value != value else value for value in (seen + each).tolist()] for each in ranges)
    if all(value is None for value in total):
        return [own]
    hover = [
        f"{form(value)} with est. ({form(least)} to {form(most)})"
        if value is not None
        else "no estimate: too few leads were worked"
        for value, least, most in zip(total, low, high, strict=True)
    ]
    return [own, Curve("seen + estimated", total, theme.WON, hover, low, high, estimated=True)]


def quality(found: WhatIf) -> list[Curve]:
    """Precision with its interval, and recall."""
    pairs = list(zip(found.curves.old_won.tolist(), found.curves.old.tolist(), strict=True))
    by_pair = {pair: rate(*pair) for pair in set(pairs)}
    estimates = [by_pair[pair] for pair in pairs]
    hover = [
        f"precision {wording.rate(own.value)} ({wording.interval(own)}), n = {wording.count(own.n)}"
        if own.n
        else "precision –"
        for own in estimates
    ]
    recall = [None if value != value else value for value in found.curves.recall.tolist()]
    return [
        Curve("precision", [own.value for own in estimates], theme.PARTNER, hover,
              [own.low for own in estimates], [own.high for own in estimates]),
        Curve("recall", recall, theme.OTHER, [f"recall {wording.rate(value)}" for value in recall]),
    ]  # fmt: skip


def _dear(found: WhatIf, basis: Basis) -> float:
    """Where the picture of costs ends: high up every lead costs a fortune, which would press the rest to the ground."""
    usual = [basis.cost_per(leads) for leads in (found.qualified.leads, found.active_qualified.leads)]
    return 4 * max((cost for cost in usual if cost is not None), default=basis.cost or 1.0)


def cost(found: WhatIf, basis: Basis) -> Curve:
    """Programme cost per EQL."""
    values = [basis.cost_per(leads) for leads in found.curves.qualified.tolist()]
    return Curve(
        "cost", values, theme.ATTENTION, [f"{wording.money(value, basis.currency)} per EQL" for value in values]
    )
