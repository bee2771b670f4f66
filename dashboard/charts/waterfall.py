"""At which gate do leads stop? Bars one below the other: what is left, and beside it what the gate took away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard import wording
from dashboard.charts import theme

BAR = 46  # pixels from one bar to the next
_LOST = {"color": theme.REFERENCE_FILL, "line": {"color": theme.REFERENCE, "width": 1}}


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, how many are left, how many the gate took, the line below the name, the hover in words.

    `compared`: the same leads counted another way, no step of the others.
    """

    name: str
    left: int
    lost: int
    detail: str
    hover: str
    lost_hover: str = ""
    compared: bool = False


def waterfall(bars: Sequence[Bar], colour: str) -> go.Figure:
    """Bars from top to bottom; `compared` ones stand apart below, since they are no step of the others."""
    places = _places(bars)
    labels = [f"{theme.name(bar.name)}<br><span style='font-size:11px'>{bar.detail}</span>" for bar in bars]
    return theme.figure(
        [
            _side([bar.left for bar in bars], [bar.hover for bar in bars], places, {"color": colour}),
            _side([bar.lost for bar in bars], [bar.lost_hover for bar in bars], places, _LOST),
        ],
        height=24 + round(BAR * (places[-1] + 1)),
        barmode="stack",
        bargap=0.3,
        clickmode="event+select",
        margin={"l": 4, "r": 64, "t": 8, "b": 4},
        xaxis=theme.axis(showticklabels=False, showgrid=False, rangemode="tozero"),
        yaxis=theme.axis(
            tickvals=places, ticktext=labels, range=[places[-1] + 0.5, -0.5], showgrid=False, ticklabelstandoff=6
        ),
        annotations=[
            theme.note(
                f"{wording.MINUS}{wording.count(bar.lost)}" if bar.lost else "", x=bar.left + bar.lost, y=place,
                xanchor="left", xshift=6, font={"size": 12},
            )
            for bar, place in zip(bars, places, strict=True)
        ],
    )  # fmt: skip


def _places(bars: Sequence[Bar]) -> list[float]:
    """Where the bars stand: one below the other, half a step further down where the compared ones begin."""
    return [index + 0.5 * bar.compared for index, bar in enumerate(bars)]


def _side(values: list[int], hovers: list[str], places: Sequence[float], marker: Mapping[str, object]) -> theme.Trace:
    """What is left, or what was lost, of every bar."""
    return theme.trace(
        "bar",
        orientation="h",
        x=values,
        y=list(places),
        customdata=hovers,
        hovertemplate="%{customdata}<extra></extra>",
        marker=marker,
    )
