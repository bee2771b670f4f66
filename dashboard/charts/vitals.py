"""Which vitals meet their reference? A dot and a whisker for each, on one scale of better and worse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts import theme

_ROW, _FRAME = 52, 40  # pixels
_TEXT_AT = 0.36  # above the middle of a row, in rows
_BELOW = 0.05  # where dot and whisker lie


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
    """Vitals from top to bottom; the reference at 0 dashed, its range as a grey band, the light's word right.

    Whiskers that end outside the scale are cut at its border.
    """
    placed = [(len(rows) - 1 - index, row) for index, row in enumerate(rows)]
    drawn = [(y, row) for y, row in placed if row.place is not None]
    return theme.figure(
        [_dots(drawn)],
        height=_FRAME + _ROW * max(len(rows), 3),
        margin={"l": 8, "r": 8, "t": 4, "b": 4},
        xaxis=theme.axis(
            range=[scale.start, scale.end], tickvals=list(scale.marks), ticktext=list(scale.words), tickangle=0
        ),
        yaxis=theme.axis(showticklabels=False, showgrid=False, range=[-0.5, len(rows) - 0.4]),
        shapes=[shape for y, row in drawn for shape in _references(y, row)],
        annotations=[text for y, row in placed for text in _texts(y, row)],
    )


def _texts(y: int, row: Row) -> list[dict[str, object]]:
    """Name and value above the whisker, for a narrow screen has no room beside it; where there is none, why, below."""
    left = {"x": 0, "xref": "paper", "xanchor": "left", "yref": "y", "font": {"size": 12}}
    name, above = f"<b>{theme.name(row.name, 40)}</b>", y + _TEXT_AT
    if row.place is None:
        return [theme.note(name, y=above, **left), theme.note(row.value, y=y - _BELOW, **left), _word(y, row)]
    return [theme.note(f"{name}  {row.value}", y=above, **left), _word(y, row)]


def _dots(drawn: Sequence[tuple[int, Row]]) -> theme.Trace:
    places = [row.place or 0.0 for _, row in drawn]
    ends = [(row.low if row.low is not None else x, row.high if row.high is not None else x)
            for x, (_, row) in zip(places, drawn, strict=True)]  # fmt: skip
    return theme.trace(
        "scatter",
        x=places,
        y=[y - _BELOW for y, _ in drawn],
        mode="markers",
        marker={
            "size": 12,
            "color": [row.look.colour for _, row in drawn],
            "symbol": [row.look.symbol for _, row in drawn],
        },
        error_x=theme.whiskers(
            [high - x for x, (_, high) in zip(places, ends, strict=True)],
            [x - low for x, (low, _) in zip(places, ends, strict=True)],
            theme.REFERENCE,
        ),
        customdata=[row.hover for _, row in drawn],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _references(y: int, row: Row) -> list[dict[str, object]]:
    """The reference from its easier end on, the end itself stronger, and further references."""
    tall = {"y0": y - 0.26, "y1": y + 0.16, "layer": "below"}
    dashed = {"color": theme.REFERENCE, "width": 1, "dash": "dash"}
    band = {"type": "rect", "x0": 0, "x1": row.band, "fillcolor": theme.REFERENCE_FILL, "line": dashed}
    edge = {"type": "line", "x0": 0, "x1": 0, "line": dashed | {"width": 2}}
    lines = [{"type": "line", "x0": x, "x1": x, "line": dashed} for x in row.lines]
    return [tall | shape for shape in (*([band] if row.band else []), edge, *lines)]


def _word(y: int, row: Row) -> dict[str, object]:
    font = {"size": 12, "color": row.look.colour}
    return theme.note(row.look.word, x=1, xref="paper", xanchor="right", y=y + _TEXT_AT, yref="y", font=font)
