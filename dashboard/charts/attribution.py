"""Who gets how much credit, what would another rule change, and how do all rules share? Bars, dumbbells, stacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import plotly.graph_objects as go

from dashboard.charts import theme

_ROW, _FRAME = 27, 40  # pixels
_FEWEST_ROWS = 3
_LONGEST = 24  # letters of a name beside a chart
_LEGEND = {
    "orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "traceorder": "normal", "itemclick": False,
    "itemdoubleclick": False,
}  # fmt: skip
Ticks = Sequence[tuple[float, str]]


class Tone(StrEnum):
    """Whose credit a mark shows; of what is neither a partner's nor another's alone, what became of its deals."""

    PARTNER = "partner"
    OTHER = "other"
    NOBODY = "nobody"
    WON = "won"
    OPEN = "open"


COLOURS = {Tone.PARTNER: theme.PARTNER, Tone.OTHER: theme.OTHER, Tone.NOBODY: theme.REFERENCE, Tone.WON: theme.WON,
           Tone.OPEN: theme.OPEN}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bar:
    """One line: its key (None: leads nowhere), name, amount, the amount in words beside it, hover, whose it is.

    `low` and `high`: the bounds of its interval, if there is one.
    """

    key: str | None
    name: str
    value: float
    words: str
    hover: str
    tone: Tone = Tone.PARTNER
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """One line: its key and name, the amounts under both rules, the difference in words, hover, whose it is."""

    key: str | None
    name: str
    first: float
    second: float
    words: str
    hover: str
    tone: Tone = Tone.PARTNER


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two rules compared: its name, and whether it is an estimate, which is drawn lighter."""

    name: str
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Stack:
    """One rule: its name, for each part (partners, others, nobody) the amount and its hover, and what stands beside."""

    name: str
    values: Sequence[float]
    hovers: Sequence[str]
    words: str
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """One line: a partner or channel, the share of wins that would be missed without it, bounds, words, hover."""

    name: str
    value: float
    low: float
    high: float
    words: str
    hover: str
    tone: Tone


def credits_of(bars: Sequence[Bar], ticks: Ticks, *, estimated: bool = False) -> go.Figure:
    """Lines from top to bottom with the amount at the edge; an estimate is lighter. Custom data: hover and key.

    Intervals are thin lines over the bars, cut where the axis ends, so that the bars stay large enough to compare.
    """
    places, end = list(range(len(bars))), farthest(bars)
    return theme.figure(
        [
            theme.trace(
                "bar", orientation="h", x=[bar.value for bar in bars], y=places,
                marker={
                    "color": [COLOURS[bar.tone] for bar in bars],
                    "opacity": theme.ESTIMATED_OPACITY if estimated else 1,
                },
                unselected={"marker": {"opacity": theme.ESTIMATED_OPACITY if estimated else 1}},
                **_custom([(bar.hover, bar.key) for bar in bars]),
            ),
            _whiskers(bars, end),
        ],
        height=_height(len(bars)),
        bargap=0.34,
        clickmode="event+select",
        margin={"l": 4, "r": 64, "t": 8, "b": 4},
        xaxis=_amounts(ticks) | {"range": [0, end]},
        yaxis=_names([bar.name for bar in bars]),
        annotations=[_at_the_edge(place, bar.words) for place, bar in enumerate(bars)],
    )  # fmt: skip


def farthest(bars: Sequence[Bar]) -> float:
    """Where the axis of amounts ends: at the farthest bound, but no farther than twice the longest bar."""
    longest = max((bar.value for bar in bars), default=0.0)
    bounds = [bar.high for bar in bars if bar.high is not None]
    return min(max([longest, *bounds]), 2 * longest) * 1.02 or 1.0


def _whiskers(bars: Sequence[Bar], end: float) -> theme.Trace:
    sure = [(place, bar.low, min(bar.high, end)) for place, bar in enumerate(bars)
            if bar.low is not None and bar.high is not None]  # fmt: skip
    return theme.trace(
        "scatter",
        x=[x for _, low, high in sure for x in (low, high, None)],
        y=[y for place, _, _ in sure for y in (place, place, None)],
        mode="lines",
        line={"color": theme.REFERENCE, "width": 2},
        hoverinfo="skip",
    )


def dumbbells(pairs: Sequence[Pair], sides: tuple[Side, Side], ticks: Ticks) -> go.Figure:
    """Lines from top to bottom: a full dot under the first rule, a hollow one under the second, joined."""
    return theme.figure(
        [
            _joints(pairs),
            _dots(pairs, [pair.first for pair in pairs], sides[0], "circle"),
            _dots(pairs, [pair.second for pair in pairs], sides[1], "circle-open"),
        ],
        height=_height(len(pairs)) + 30,
        clickmode="event+select",
        showlegend=True,
        legend=_LEGEND,
        margin={"l": 4, "r": 64, "t": 34, "b": 4},
        xaxis=_amounts(ticks),
        yaxis=_names([pair.name for pair in pairs]),
        annotations=[_at_the_edge(place, pair.words) for place, pair in enumerate(pairs)],
    )


def _joints(pairs: Sequence[Pair]) -> theme.Trace:
    return theme.trace(
        "scatter",
        x=[edge for pair in pairs for edge in (pair.first, pair.second, None)],
        y=[edge for place in range(len(pairs)) for edge in (place, place, None)],
        mode="lines",
        line={"color": theme.REFERENCE, "width": 2},
        hoverinfo="skip",
        showlegend=False,
    )


def _dots(pairs: Sequence[Pair], values: Sequence[float], side: Side, symbol: str) -> theme.Trace:
    opacity = theme.ESTIMATED_MARK_OPACITY if side.estimated else 1
    return theme.trace(
        "scatter",
        x=list(values),
        y=list(range(len(pairs))),
        name=theme.name(side.name),
        mode="markers",
        cliponaxis=False,
        marker={
            "size": 11,
            "color": [COLOURS[pair.tone] for pair in pairs],
            "symbol": symbol,
            "opacity": opacity,
            "line": {"width": 2, "color": [COLOURS[pair.tone] for pair in pairs]},
        },
        unselected={"marker": {"opacity": opacity}},
        **_custom([(pair.hover, pair.key) for pair in pairs]),
    )


def shares(stacks: Sequence[Stack], parts: Sequence[tuple[str, Tone]], ticks: Ticks) -> go.Figure:
    """A stacked line for each rule: what partners, others and nobody get; estimates are lighter."""
    return theme.figure(
        [
            theme.trace(
                "bar", orientation="h", x=[stack.values[index] for stack in stacks], y=list(range(len(stacks))),
                name=theme.name(name),
                marker={
                    "color": COLOURS[tone],
                    "opacity": [theme.ESTIMATED_OPACITY if stack.estimated else 1 for stack in stacks],
                },
                **_custom([(stack.hovers[index], None) for stack in stacks]),
            )
            for index, (name, tone) in enumerate(parts)
        ],
        height=_height(len(stacks)) + 30,
        barmode="stack",
        bargap=0.34,
        showlegend=True,
        legend=_LEGEND,
        margin={"l": 4, "r": 92, "t": 34, "b": 4},
        xaxis=_amounts(ticks),
        yaxis=_names([stack.name for stack in stacks]),
        annotations=[_at_the_edge(place, stack.words) for place, stack in enumerate(stacks)],
    )  # fmt: skip


def missed(rows: Sequence[Effect], ticks: Ticks) -> go.Figure:
    """Removal effects from top to bottom with their intervals; estimates, hence lighter."""
    placed = list(enumerate(rows))
    return theme.figure(
        [
            _estimates([(place, row) for place, row in placed if row.tone is tone], COLOURS[tone])
            for tone in dict.fromkeys(row.tone for row in rows)
        ],
        height=_height(len(rows)),
        margin={"l": 4, "r": 92, "t": 8, "b": 4},
        xaxis=_amounts(ticks),
        yaxis=_names([row.name for row in rows]),
        annotations=[_at_the_edge(place, row.words) for place, row in placed],
    )


def _estimates(placed: Sequence[tuple[int, Effect]], colour: str) -> theme.Trace:
    return theme.trace(
        "scatter",
        x=[row.value for _, row in placed],
        y=[place for place, _ in placed],
        mode="markers",
        cliponaxis=False,
        opacity=theme.ESTIMATED_MARK_OPACITY,
        marker={"size": 11, "color": colour},
        error_x=theme.whiskers(
            [row.high - row.value for _, row in placed],
            [row.value - row.low for _, row in placed],
            colour,
            thickness=3,
            width=0,
        ),
        **_custom([(row.hover, None) for _, row in placed]),
    )


def _custom(rows: Sequence[tuple[str, str | None]]) -> theme.Trace:
    return {"customdata": [list(row) for row in rows], "hovertemplate": "%{customdata[0]}<extra></extra>"}


def _height(rows: int) -> int:
    return _FRAME + _ROW * max(rows, _FEWEST_ROWS)


def _amounts(ticks: Ticks) -> dict[str, object]:
    tickvals, ticktext = [at for at, _ in ticks], [said for _, said in ticks]
    return theme.axis(tickvals=tickvals, ticktext=ticktext, tickangle=0, rangemode="tozero")


def _names(names: Sequence[str]) -> dict[str, object]:
    return theme.axis(
        tickvals=list(range(len(names))), ticktext=[_label(name) for name in names],
        range=[max(len(names), _FEWEST_ROWS) - 0.4, -0.6], showgrid=False, ticklabelstandoff=6,
    )  # fmt: skip


def _label(name: str) -> str:
    """A name short enough for a phone; a key in brackets, which tells it from others of the same name, stays whole."""
    head, bracket, key = name.rpartition(" (")
    room = _LONGEST - len(bracket) - len(key)
    if len(name) <= _LONGEST or not bracket or not name.endswith(")") or room < _LONGEST // 3:
        return theme.name(name, _LONGEST)
    return f"{theme.name(head, room)} {theme.name(f'({key}')}"


def _at_the_edge(place: int, text: str) -> dict[str, object]:
    return theme.note(text, x=1, xref="paper", y=place, yref="y", xanchor="left", xshift=6)
