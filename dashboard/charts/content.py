"""Which assets bring EQLs, and is the mix as planned? Dots with whiskers a group, and the shares of what is out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts import theme
from dashboard.domain import Estimate

_ROW, _FRAME = 44, 64  # pixels
_ROOM = 0.3  # on a phone a narrower part has no room for its name


@dataclass(frozen=True, slots=True)
class Row:
    """One line: a group, its basis, the raw rate, the expected one, the expected one in words, and the hover text."""

    label: str
    basis: str
    raw: float | None
    expected: Estimate
    words: str
    hover: str


def yields(rows: Sequence[Row]) -> go.Figure:
    """Expected EQLs per asset and quarter with their 95 % intervals, lighter than the raw rates, which are observed."""
    labels = [f"{theme.name(row.label, 22)}<br><span style='font-size:11px'>{row.basis}</span>" for row in rows]
    placed = [(len(rows) - 1 - index, row) for index, row in enumerate(rows)]
    return theme.figure(
        [_expected(placed), _raw(placed)],
        height=_FRAME + _ROW * max(len(rows), 3),
        margin={"l": 4, "r": 56, "t": 8, "b": 4},
        xaxis=theme.axis(rangemode="tozero", nticks=5),
        yaxis=theme.axis(
            tickvals=[place for place, _ in placed], ticktext=labels, range=[-0.6, len(rows) - 0.4], showgrid=False,
            ticklabelstandoff=6,
        ),
        annotations=[_beside(place, row) for place, row in placed],
    )  # fmt: skip


def _expected(placed: Sequence[tuple[int, Row]]) -> theme.Trace:
    drawn = [(place, row, row.expected) for place, row in placed if row.expected.value is not None]
    return theme.trace(
        "scatter",
        x=[own.value for _, _, own in drawn],
        y=[place for place, _, _ in drawn],
        mode="markers",
        marker={"size": 11, "color": theme.PARTNER, "opacity": theme.ESTIMATED_OPACITY},
        error_x=theme.whiskers(
            [(own.high or 0.0) - (own.value or 0.0) for _, _, own in drawn],
            [(own.value or 0.0) - (own.low or 0.0) for _, _, own in drawn],
            theme.PARTNER,
        ),
        customdata=[row.hover for _, row, _ in drawn],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _raw(placed: Sequence[tuple[int, Row]]) -> theme.Trace:
    drawn = [(place, row) for place, row in placed if row.raw is not None]
    return theme.trace(
        "scatter",
        x=[row.raw for _, row in drawn],
        y=[place for place, _ in drawn],
        mode="markers",
        marker={"size": 8, "symbol": "diamond", "color": theme.PARTNER},
        customdata=[row.hover for _, row in drawn],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _beside(place: int, row: Row) -> dict[str, object]:
    """The value at the end of the whisker, so that nobody has to read it off the axis."""
    end = max(row.expected.high or 0.0, row.raw or 0.0)
    return theme.note(row.words, x=end, y=place, xanchor="left", xshift=8, font={"size": 12})


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the assets that are out: its name, share, how many, and its place: 0 new content, 1 syndicated."""

    label: str
    share: float
    count: str
    place: int


def mix(shares: Sequence[Share], reference: float) -> go.Figure:
    """One bar of shares; the reference for the first part as a grey dashed line."""
    colours = (theme.PARTNER_SHADES[0], theme.PARTNER_SHADES[2])
    said = f"reference {100 * reference:.0f} : {100 - 100 * reference:.0f}"
    return theme.figure(
        [
            theme.trace(
                "bar", x=[part.share], y=[""], orientation="h", marker={"color": colours[part.place]},
                text=[f"{part.label} {part.count}" if part.share >= _ROOM else ""], textposition="inside",
                insidetextanchor="middle", textangle=0,
                hovertemplate=f"{part.label}: {part.count}<extra></extra>",
            )
            for part in shares
        ],
        height=104, barmode="stack", margin={"l": 4, "r": 12, "t": 26, "b": 4},
        xaxis=theme.axis(range=[0, 1], tickformat=".0%", nticks=6),
        yaxis=theme.axis(showticklabels=False, showgrid=False),
        shapes=[{
            "type": "line", "x0": reference, "x1": reference, "y0": 0, "y1": 1, "yref": "paper",
            "line": {"color": theme.REFERENCE, "width": 2, "dash": "dash"},
        }],
        annotations=[theme.note(said, x=reference, y=1, yref="paper", yanchor="bottom")],
    )  # fmt: skip
