"""How many deals are won by which day? Curves with bands, named beside their ends; numbers at risk below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from dashboard import wording
from dashboard.charts import theme

_HEIGHT, _ROW, _HEAD, _LABELS = 330, 20, 44, 104  # pixels
_LONGEST_NAME = 15
# From so many curves on the bands are fainter.
_MANY = 4


@dataclass(frozen=True, slots=True)
class Curve:
    """One group: its steps with their bounds, a label at `label_at`, and the numbers at risk at the marks.

    `hover`: a text a step; `dotted` tells two groups of one colour apart.
    """

    name: str
    colour: str
    dotted: bool
    days: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    hover: Sequence[str]
    label: str
    label_at: float
    at_risk: Sequence[int]


def cumulative(curves: Sequence[Curve], marks: Sequence[int], top: float) -> go.Figure:
    """Curves from day 0 to the last mark on an axis from 0 to `top`; beneath it one row of numbers a curve."""
    below = _HEAD + _ROW * len(curves)
    whole = _HEIGHT + below
    split = below / whole
    traces = [trace for curve in curves for trace in (_band(curve, len(curves)), _line(curve))]
    traces += [_risk(curve, len(curves) - 1 - place, marks) for place, curve in enumerate(curves)]
    last = marks[-1]
    return theme.figure(
        traces,
        height=whole,
        margin={"l": 4, "r": _LABELS, "t": 8, "b": 4},
        xaxis=theme.axis(
            range=[-0.02 * last, last * 1.01], tickvals=list(marks), ticktext=[f"day {marks[0]}", *map(str, marks[1:])],
            showgrid=False, anchor="y",
        ),
        yaxis=theme.axis(domain=[split, 1], range=[0, top], tickformat=".0%", nticks=6),
        yaxis2=theme.axis(
            domain=[0, max(0.01, split - _HEAD / whole)], range=[-0.5, max(len(curves), 1) - 0.5], showgrid=False,
            tickvals=list(range(len(curves))),
            ticktext=[_named(curve) for curve in reversed(curves)],
        ),
        annotations=[
            *(_label(curve) for curve in curves),
            theme.note(
                "still at risk", x=0, xref="paper", xanchor="left", xshift=-4, y=max(0.01, split - _HEAD / whole),
                yref="paper", yanchor="bottom",
            ),
        ],
    )  # fmt: skip


def _named(curve: Curve) -> str:
    """A piece of the line and the name, which takes the page's own colour to be read on light and dark alike."""
    piece = "•••" if curve.dotted else "━━"
    return f"<span style='color:{curve.colour}'><b>{piece}</b></span> {theme.name(curve.name, _LONGEST_NAME)}"


def _line(curve: Curve) -> theme.Trace:
    return theme.trace(
        "scatter",
        x=curve.days,
        y=curve.value,
        name=theme.name(curve.name),
        mode="lines",
        line={"color": curve.colour, "width": 2.5, "shape": "hv", "dash": "dot" if curve.dotted else "solid"},
        customdata=list(curve.hover),
        hovertemplate="%{customdata}<extra></extra>",
    )


def _band(curve: Curve, curves: int) -> theme.Trace:
    return theme.trace(
        "scatter",
        x=np.concatenate([curve.days, curve.days[::-1]]),
        y=np.concatenate([curve.high, curve.low[::-1]]),
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=_faded(curve.colour, 0.07 if curves >= _MANY else 0.14),
        hoverinfo="skip",
    )


def _faded(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity})"


def _risk(curve: Curve, place: int, marks: Sequence[int]) -> theme.Trace:
    return theme.trace(
        "scatter",
        x=list(marks),
        y=[place] * len(marks),
        yaxis="y2",
        mode="text",
        text=[wording.count(number) for number in curve.at_risk],
        textposition=["middle right"] + ["middle center"] * (len(marks) - 2) + ["middle left"],
        textfont={"size": 11},
        cliponaxis=False,
        hoverinfo="skip",
    )


def _label(curve: Curve) -> dict[str, object]:
    return theme.note(
        f"{_named(curve)}<br>{curve.label}", x=1, xref="paper", xanchor="left", xshift=4, y=curve.label_at,
        align="left", font={"size": 11},
    )  # fmt: skip
