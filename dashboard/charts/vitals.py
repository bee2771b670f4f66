"""Which vitals meet their reference? A dot and a whisker for each, on one scale of better and worse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts import theme

_ROW, _FRAME = 46, 58  # pixels


@dataclass(frozen=True, slots=True)
class Look:
    """How a light is drawn: its colour, its mark (colour alone says nothing) and its word."""

    colour: str
    symbol: str
    word: str


@dataclass(frozen=True, slots=True)
class Row:
    """One vital: places on the scale, where 0 is the reference and 1 is twice as good; None: nothing to draw.

    `band`: from 0 to where the stricter end of the reference lies; `lines`: further references.
    """

    name: str
    value: str
    place: float | None
    low: float | None
    high: float | None
    band: float
    look: Look
    hover: str
    lines: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Scale:
    """The ends of the scale and its marks with their words."""

    start: float
    end: float
    marks: Sequence[float]
    words: Sequence[str]


def lights(rows: Sequence[Row], scale: Scale) -> go.Figure:
    """Vitals from top to bottom; the reference at 0 as a dashed line, its range as a grey band, the light's word right.

    Whiskers that end outside the scale are cut at its border.
    """
    placed = [(len(rows) - 1 - index, row) for index, row in enumerate(rows)]
    drawn = [(y, row) for y, row in placed if row.place is not None]
    return theme.figure(
        [_dots(drawn)],
        height=_FRAME + _ROW * max(len(rows), 3),
        margin={"l": 4, "r": 84, "t": 8, "b": 4},
        xaxis=theme.axis(
            range=[scale.start, scale.end], tickvals=list(scale.marks), ticktext=list(scale.words), side="bottom"
        ),
        yaxis=theme.axis(
            tickvals=[y for y, _ in placed], ticktext=[_label(row) for _, row in placed],
            range=[-0.7, len(rows) - 0.3], showgrid=False, ticklabelstandoff=6,
        ),
        shapes=[_edge(), *(shape for y, row in drawn for shape in _references(y, row))],
        annotations=[_word(y, row) for y, row in placed],
    )  # fmt: skip


def _label(row: Row) -> str:
    return f"{theme.name(row.name)}<br><span style='font-size:11px'>{row.value}</span>"


def _dots(drawn: Sequence[tuple[int, Row]]) -> theme.Trace:
    places = [row.place or 0.0 for _, row in drawn]
    ends = [(row.low if row.low is not None else x, row.high if row.high is not None else x)
            for x, (_, row) in zip(places, drawn, strict=True)]  # fmt: skip
    return theme.trace(
        "scatter",
        x=places,
        y=[y for y, _ in drawn],
        mode="markers",
        marker={
            "size": 12,
            "color": [row.look.colour for _, row in drawn],
            "symbol": [row.look.symbol for _, row in drawn],
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [high - x for x, (_, high) in zip(places, ends, strict=True)],
            "arrayminus": [x - low for x, (low, _) in zip(places, ends, strict=True)],
            "color": theme.REFERENCE,
            "thickness": 2,
            "width": 5,
        },
        customdata=[row.hover for _, row in drawn],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _edge() -> dict[str, object]:
    return {
        "type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "paper", "layer": "below",
        "line": {"color": theme.REFERENCE, "width": 1.5, "dash": "dash"},
    }  # fmt: skip


def _references(y: int, row: Row) -> list[dict[str, object]]:
    dashed = {"color": theme.REFERENCE, "width": 1, "dash": "dash"}
    bounds = {"type": "rect", "x0": 0, "x1": row.band, "y0": y - 0.36, "y1": y + 0.36, "layer": "below"}
    further: list[dict[str, object]] = [
        {"type": "line", "x0": x, "x1": x, "y0": y - 0.3, "y1": y + 0.3, "layer": "below", "line": dashed}
        for x in row.lines
    ]
    return [bounds | {"fillcolor": theme.REFERENCE_FILL, "line": dashed}, *further]


def _word(y: int, row: Row) -> dict[str, object]:
    font = {"size": 12, "color": row.look.colour}
    return theme.note(row.look.word, x=1, xref="paper", xanchor="left", xshift=8, y=y, yref="y", font=font)
