"""What does each line bring or cost, and what would a move change? Dots with whiskers, and bars before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts import theme

_ROW, _ROOMY, _FRAME = 40, 52, 66  # pixels; roomy: a few lines
_FEW = 6
_MARGIN = 0.025  # of the axis lies before its first mark, so that a dot on it is whole
_ASIDE = 0.18  # half a bar's width, and how far the two bars of a place stand from its middle


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its name, a basis below it, where dot and whisker lie (None: none), its value in words, hover text.

    `reference`: low and high of a grey stretch with dashed edges; `end` is where the words stand; `most` is `high` in
    words, said where the whisker goes on beyond the axis.
    """

    label: str
    basis: str
    at: float | None
    low: float | None
    high: float | None
    words: str
    hover: str
    end: float
    partner: bool
    reference: tuple[float, float] | None = None
    most: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One place, or both together, before and after: heights, bounds and words."""

    label: str
    before: float
    after: float
    low: float
    high: float
    words_before: str
    words_after: str
    partner: bool = False


def height(rows: int) -> int:
    """The height of a picture of so many lines, in pixels."""
    return _FRAME + (_ROOMY if rows <= _FEW else _ROW) * max(rows, 3)


def dots(rows: Sequence[Row], ticks: Sequence[tuple[float, str]], level: float | None = None) -> go.Figure:
    """Lines from top to bottom; `ticks` ascending, the outer ones end the axis; `level`: a dashed line across."""
    placed = [(len(rows) - 1 - index, row) for index, row in enumerate(rows)]
    drawn = [(place, row) for place, row in placed if row.at is not None]
    shapes = [theme.reference_band(*row.reference, place - 0.4, place + 0.4) for place, row in placed if row.reference]
    first, last = ticks[0][0], ticks[-1][0]
    return theme.figure(
        [_dots([pair for pair in drawn if pair[1].partner is own], own) for own in (True, False)],
        height=height(len(rows)),
        margin={"l": 4, "r": 12, "t": 8, "b": 4},
        xaxis=theme.axis(
            range=[first - _MARGIN * (last - first), last],
            tickvals=[at for at, _ in ticks], ticktext=[said for _, said in ticks], tickangle=0,
        ),
        yaxis=theme.axis(
            tickvals=[place for place, _ in placed], ticktext=[_label(row) for _, row in placed],
            range=[-0.6, len(rows) - 0.4], showgrid=False, ticklabelstandoff=6,
        ),
        shapes=shapes if level is None else [*shapes, theme.reference_line(level)],
        annotations=[
            *(_beside(place, row, first, last, bool(shapes)) for place, row in placed),
            *(_goes_on(place, row, last) for place, row in drawn if (row.high or 0.0) > last),
        ],
    )  # fmt: skip


def _label(row: Row) -> str:
    basis = f"<br><span style='font-size:11px'>{row.basis}</span>" if row.basis else ""
    return f"{theme.name(row.label, 22)}{basis}"


def _dots(pairs: Sequence[tuple[int, Row]], partner: bool) -> theme.Trace:
    spots, colour = [row.at or 0.0 for _, row in pairs], theme.PARTNER if partner else theme.OTHER
    return theme.trace(
        "scatter",
        x=spots,
        y=[place for place, _ in pairs],
        mode="markers",
        marker={"size": 11, "color": colour},
        error_x=theme.whiskers(
            [0.0 if row.high is None else row.high - at for at, (_, row) in zip(spots, pairs, strict=True)],
            [0.0 if row.low is None else at - row.low for at, (_, row) in zip(spots, pairs, strict=True)],
            colour,
        ),
        customdata=[row.hover for _, row in pairs],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _beside(place: int, row: Row, left: float, right: float, referenced: bool) -> dict[str, object]:
    """The value, so that nobody has to read it off the axis: above its whisker, or, among references, whose edges would
    cross it there, right of all that is drawn."""
    at = left if row.at is None else row.end
    farthest = max(at, row.high or at, row.reference[1] if row.reference else at)
    if referenced and row.at is not None and farthest < right:
        return theme.note(row.words, x=farthest, xanchor="left", xshift=8, y=place, font={"size": 12})
    return theme.note(row.words, x=at, xanchor="left", xshift=4, y=place, yshift=13, font={"size": 12})


def _goes_on(place: int, row: Row, right: float) -> dict[str, object]:
    """An arrow where the axis ends before the whisker does, with where that would be."""
    font = {"size": 12, "color": theme.PARTNER if row.partner else theme.OTHER}
    return theme.note(f"to {row.most} →", x=right, xanchor="right", y=place, yshift=-11, font=font)


def before_and_after(bars: Sequence[Bar], ticks: Sequence[tuple[float, str]]) -> go.Figure:
    """Two bars a place: the last four quarters as they were, and lighter, with its interval, what is estimated."""
    colours = [theme.PARTNER if bar.partner else theme.OTHER for bar in bars]
    before = [(place - _ASIDE, bar.before, bar.words_before) for place, bar in enumerate(bars)]
    after = [(place + _ASIDE, bar.after, bar.words_after) for place, bar in enumerate(bars)]
    return theme.figure(
        [
            _bars("Seen", before, colours),
            _bars("Estimated", after, colours) | {"opacity": theme.ESTIMATED_OPACITY},
            _whiskers(after, bars),
        ],
        height=300,
        barmode="overlay",  # each bar says its own place
        margin={"l": 4, "r": 8, "t": 24, "b": 4},
        showlegend=True,
        legend={"orientation": "h", "y": 1.12, "x": 0},
        xaxis=theme.axis(
            showgrid=False, tickvals=list(range(len(bars))), ticktext=[theme.name(bar.label, 22) for bar in bars],
            range=[-0.6, len(bars) - 0.4],
        ),
        yaxis=theme.axis(
            range=[ticks[0][0], ticks[-1][0]], tickvals=[at for at, _ in ticks], ticktext=[said for _, said in ticks],
        ),
        annotations=[
            note
            for place, bar in enumerate(bars)
            for note in (
                _above(place - _ASIDE, bar.before, bar.words_before),
                _above(place + _ASIDE, max(bar.high, bar.after), bar.words_after),
            )
        ],
    )  # fmt: skip


def _bars(name: str, bars: Sequence[tuple[float, float, str]], colours: Sequence[str]) -> theme.Trace:
    return theme.trace(
        "bar", name=name, x=[at for at, _, _ in bars], y=[height for _, height, _ in bars], width=2 * _ASIDE,
        marker={"color": list(colours)}, customdata=[words for _, _, words in bars],
        hovertemplate=f"{name}: %{{customdata}} a quarter<extra></extra>",
    )  # fmt: skip


def _whiskers(after: Sequence[tuple[float, float, str]], bars: Sequence[Bar]) -> theme.Trace:
    """The intervals on their own: whiskers of the lighter bars would be as light."""
    return theme.trace(
        "scatter", x=[at for at, _, _ in after], y=[bar.after for bar in bars], mode="markers",
        marker={"size": 1, "opacity": 0, "color": theme.REFERENCE}, showlegend=False, hoverinfo="skip",
        error_y=theme.whiskers(
            [bar.high - bar.after for bar in bars],
            [bar.after - bar.low for bar in bars],
            theme.REFERENCE,
            thickness=1.5,
        ),
    )  # fmt: skip


def _above(at: float, top: float, words: str) -> dict[str, object]:
    return theme.note(words, x=at, y=top, yanchor="bottom", yshift=3, font={"size": 12})
