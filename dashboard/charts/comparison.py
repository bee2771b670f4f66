"""How many times as much, and how sure? Ratios of two groups with whiskers, 1 being no difference.

Positions are logarithms, so that half as much lies as far from 1 as twice as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts import theme

_ROW, _FRAME = 46, 74  # pixels


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what is compared, on what basis, the log of the ratio and of its bounds, and its value in words.

    `standardised` ratios are drawn full, raw ones hollow; a `reference` is a grey dashed stretch from low to high.
    """

    label: str
    basis: str
    at: float | None
    low: float | None
    high: float | None
    words: str
    hover: str = ""
    standardised: bool = False
    reference: bool = False


def ratios(rows: Sequence[Row], ticks: Sequence[tuple[float, str]], sides: tuple[str, str]) -> go.Figure:
    """Lines from top to bottom; `ticks` ascending, the outer ones end the axis; `sides`: left and right of 1."""
    placed = [(len(rows) - 1 - index, row) for index, row in enumerate(rows)]
    measured = [(place, row) for place, row in placed if not row.reference and row.at is not None]
    return theme.figure(
        [_dots([pair for pair in measured if pair[1].standardised is full], full) for full in (True, False)],
        height=_FRAME + _ROW * max(len(rows), 2),
        margin={"l": 4, "r": 12, "t": 30, "b": 4},
        xaxis=theme.axis(
            range=[ticks[0][0], ticks[-1][0]], tickvals=[at for at, _ in ticks], ticktext=[said for _, said in ticks],
            tickangle=0,
        ),
        yaxis=theme.axis(
            tickvals=[place for place, _ in placed], ticktext=[_label(row) for _, row in placed],
            range=[-0.6, len(rows) - 0.4], showgrid=False, ticklabelstandoff=6,
        ),
        shapes=[
            theme.reference_line(0),
            *(theme.reference_band(row.low, row.high, place - 0.22, place + 0.12, 1.5) for place, row in placed
              if row.reference),
        ],
        annotations=[
            _side(f"← {sides[0]}", "right", -8),
            _side(f"{sides[1]} →", "left", 8),
            *(_above(place, row, ticks[0][0]) for place, row in placed),
        ],
    )  # fmt: skip


def _label(row: Row) -> str:
    return f"{theme.name(row.label, 26)}<br><span style='font-size:11px'>{row.basis}</span>"


def _dots(pairs: Sequence[tuple[int, Row]], full: bool) -> theme.Trace:
    spots = [row.at or 0.0 for _, row in pairs]
    return theme.trace(
        "scatter",
        x=spots,
        y=[place for place, _ in pairs],
        mode="markers",
        marker={
            "size": 11,
            "color": theme.PARTNER,
            "symbol": "circle" if full else "circle-open",
            "line": {"width": 2, "color": theme.PARTNER},
        },
        error_x=theme.whiskers(
            [(at if row.high is None else row.high) - at for at, (_, row) in zip(spots, pairs, strict=True)],
            [at - (at if row.low is None else row.low) for at, (_, row) in zip(spots, pairs, strict=True)],
            theme.PARTNER,
            thickness=2.5 if full else 1.2,
        ),
        customdata=[row.hover for _, row in pairs],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _side(text: str, anchor: str, shift: int) -> dict[str, object]:
    return theme.note(text, x=0, xanchor=anchor, xshift=shift, y=1, yref="paper", yanchor="bottom")


def _above(place: int, row: Row, left: float) -> dict[str, object]:
    """The value in words above its whisker, so that nobody has to read it off the axis."""
    at = left if row.at is None else row.at
    return theme.note(
        row.words, x=at, xanchor="left" if row.at is None else "center", y=place, yshift=15, font={"size": 12}
    )
