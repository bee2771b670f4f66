"""Which page may be expected to bring most, how sure is that, and where would its domain rating have put it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts import theme

_ROW, _FRAME = 30, 70  # pixels
_RGB = ", ".join(str(int(theme.PARTNER[at : at + 2], 16)) for at in (1, 3, 5))
_LIGHTER = f"rgba({_RGB}, {theme.ESTIMATED_MARK_OPACITY})"


@dataclass(frozen=True, slots=True)
class Row:
    """One page: name, places, expected pipeline with its interval (in the reporting currency), words and hover text."""

    label: str
    rank: str
    rating_rank: str
    expected: float
    low: float
    high: float
    words: str
    hover: str
    beyond: bool


def ranked(rows: Sequence[Row], ticks: Sequence[tuple[float, str]]) -> go.Figure:
    """Pages from the best down: a faint dot (estimated) and the 90 % interval of what such a page brings; both places
    at the left. Hollow: its rating lies outside those that were seen."""
    placed = [(len(rows) - 1 - index, row) for index, row in enumerate(rows)]
    return theme.figure(
        [_dots(placed)],
        height=_FRAME + _ROW * max(len(rows), 3),
        margin={"l": 4, "r": 60, "t": 30, "b": 4},
        xaxis=theme.axis(
            range=[0, ticks[-1][0]], tickvals=[at for at, _ in ticks], ticktext=[said for _, said in ticks],
            tickangle=0,
        ),
        yaxis=theme.axis(
            tickvals=[place for place, _ in placed],
            ticktext=[f"{theme.name(row.label, 24)}  <b>{row.rank}</b> · {row.rating_rank}" for row in rows],
            range=[-0.7, len(rows) - 0.3], showgrid=False, ticklabelstandoff=6,
        ),
        annotations=[
            theme.note("<b>rank</b> · by domain rating", x=0, xanchor="right", y=1, yref="paper", yanchor="bottom",
                       xshift=-6),
            *(theme.note(row.words, x=1, xref="paper", xanchor="left", xshift=4, y=place, font={"size": 12})
              for place, row in placed),
        ],
    )  # fmt: skip


def _dots(placed: Sequence[tuple[int, Row]]) -> theme.Trace:
    return theme.trace(
        "scatter",
        x=[row.expected for _, row in placed],
        y=[place for place, _ in placed],
        mode="markers",
        marker={
            "size": 11,
            "color": theme.PARTNER,
            "opacity": theme.ESTIMATED_MARK_OPACITY,
            "symbol": ["circle-open" if row.beyond else "circle" for _, row in placed],
            "line": {"width": 2, "color": theme.PARTNER},
        },
        error_x=theme.whiskers(
            [max(row.high - row.expected, 0.0) for _, row in placed],
            [max(row.expected - row.low, 0.0) for _, row in placed],
            _LIGHTER,
            thickness=3,
            width=0,
        ),
        customdata=[row.hover for _, row in placed],
        hovertemplate="%{customdata}<extra></extra>",
    )
