"""Whose place is sure? A faded bar for each rank interval, a mark for the rank, shaded outer fifths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import theme

ROW, ROOMY_ROW, HEAD = 17, 24, 40
ROOMY = 16  # up to so many rows stand further apart
FADED = 0.32


class Tone(StrEnum):
    """What a row suggests: its colour and its mark, so that colour alone decides nothing."""

    DOUBLE = "double"
    END = "end"
    WAIT = "wait"
    KEEP = "keep"


COLOURS = {
    Tone.DOUBLE: theme.PARTNER,
    Tone.END: theme.BREACH,
    Tone.WAIT: theme.ATTENTION,
    Tone.KEEP: theme.REFERENCE,
}
MARKS = {Tone.DOUBLE: "triangle-up", Tone.END: "x", Tone.WAIT: "circle-open", Tone.KEEP: "circle"}


@dataclass(frozen=True, slots=True)
class Row:
    """A partner: its rank, the bounds of its rank, what it suggests, and the text that hovering shows.

    `low` and `high` are None where nothing can be told; `last` is the last place of those that share the rank. A row
    without a rank stands for several that are not drawn.
    """

    name: str
    tone: Tone
    rank: int | None = None
    low: int | None = None
    high: int | None = None
    hover: str = ""
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Zones:
    """How many partners are ranked, how many an outer fifth holds, and between which ranks the picture reaches."""

    ranked: int
    size: int
    first: int
    last: int


def height(rows: Sequence[Row]) -> int:
    """The height of the picture in pixels."""
    return HEAD + (ROOMY_ROW if len(rows) <= ROOMY else ROW) * max(len(rows), 3)


def ranks(rows: Sequence[Row], zones: Zones) -> go.Figure:
    """The rows from top to bottom; ranks along the top, 1 at the left."""
    drawn = [(place, row) for place, row in enumerate(rows) if row.rank is not None]
    tones = [tone for tone in Tone if any(row.tone is tone for _, row in drawn)]
    marks = [[pair for pair in drawn if pair[1].tone is tone] for tone in tones]
    return theme.figure(
        [_bars(tone, own) for tone, own in zip(tones, marks, strict=True)]
        + [_dots(tone, own) for tone, own in zip(tones, marks, strict=True)],
        height=height(rows),
        barmode="overlay",
        margin={"l": 4, "r": 10, "t": 4, "b": 4},
        xaxis=theme.axis(side="top", range=[zones.first - 0.8, zones.last + 0.8], nticks=7, tickformat="d"),
        yaxis=theme.axis(
            range=[len(rows) - 0.4, -0.6], showgrid=False, tickmode="array", tickvals=list(range(len(rows))),
            ticktext=[theme.name(row.name, 24) for row in rows], tickfont={"size": 12},
        ),
        shapes=[_zone(0.5, zones.size + 0.5), _zone(zones.ranked - zones.size + 0.5, zones.ranked + 0.5)],
    )  # fmt: skip


def _bars(tone: Tone, drawn: Sequence[tuple[int, Row]]) -> theme.Trace:
    known = [(place, row.low, row.high, row.hover) for place, row in drawn if row.low and row.high]
    return theme.trace(
        "bar",
        orientation="h",
        y=np.array([place for place, *_ in known]),
        base=np.array([low - 0.4 for _, low, _, _ in known]),
        x=np.array([high - low + 0.8 for _, low, high, _ in known]),
        width=0.62,
        marker={"color": COLOURS[tone], "opacity": FADED, "line": {"width": 0}},
        customdata=[hover for *_, hover in known],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _dots(tone: Tone, drawn: Sequence[tuple[int, Row]]) -> theme.Trace:
    return theme.trace(
        "scatter",
        mode="markers",
        x=np.array([row.rank for _, row in drawn]),
        y=np.array([place for place, _ in drawn]),
        marker={"color": COLOURS[tone], "symbol": MARKS[tone], "size": 9, "line": {"color": COLOURS[tone], "width": 2}},
        error_x=theme.whiskers(
            [row.last - row.rank if row.last and row.rank and row.last > row.rank else None for _, row in drawn],
            [None] * len(drawn),
            COLOURS[tone],
            thickness=1,
            width=0,
        ),
        customdata=[row.hover for _, row in drawn],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _zone(begin: float, end: float) -> dict[str, object]:
    return {
        "type": "rect", "xref": "x", "yref": "paper", "x0": begin, "x1": end, "y0": 0, "y1": 1, "layer": "below",
        "fillcolor": theme.REFERENCE_FILL, "line": {"width": 0},
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class RuleBar:
    """One way to act on the ranking: how large a share of those it names it names wrongly, in words too."""

    name: str
    wrong: float
    said: str
    careful: bool


def wrong_shares(bars: Sequence[RuleBar]) -> go.Figure:
    """How often each way to act would be wrong: acting on what is sure beside acting on the table."""
    labels = list(range(len(bars)))
    return theme.figure(
        [
            theme.trace(
                "bar",
                orientation="h",
                y=labels,
                x=[bar.wrong for bar in bars],
                width=0.36,
                marker={"color": [theme.WON if bar.careful else theme.BREACH for bar in bars]},
                hovertemplate="%{x:.0%} wrong<extra></extra>",
            )
        ],
        height=46 * max(len(bars), 1) + 8,
        margin={"l": 2, "r": 2, "t": 0, "b": 0},
        xaxis=theme.axis(visible=False, range=[0, 1.0]),
        yaxis=theme.axis(visible=False, range=[len(bars) - 0.4, -0.75]),
        annotations=[
            theme.note(bar.name, x=0, y=place - 0.42, xanchor="left", yanchor="middle", xshift=-2)
            for place, bar in enumerate(bars)
        ]
        + [
            theme.note(bar.said, x=bar.wrong, y=place, xanchor="left", xshift=6, font={"size": 12})
            for place, bar in enumerate(bars)
        ],
    )
