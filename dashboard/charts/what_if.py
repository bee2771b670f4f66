"""What would each threshold bring? One curve over all thresholds, with the active and the chosen one as lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import theme

HEIGHT = 230


@dataclass(frozen=True, slots=True)
class Marks:
    """The chosen threshold, the active one (None where there is none to compare with), and the best range, if any."""

    chosen: int
    active: int | None
    best: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """One number for each threshold, None where there is none; `low` and `high` bound it.

    `estimated`: drawn lighter and dotted. `hover` is shown under the pointer, one text a threshold; `label` stands at
    the curve's end.
    """

    label: str
    values: Sequence[float | None]
    colour: str
    hover: Sequence[str]
    low: Sequence[float | None] | None = None
    high: Sequence[float | None] | None = None
    estimated: bool = False


def over_thresholds(
    curves: Sequence[Curve], marks: Marks, *, y: dict[str, object] | None = None, level: tuple[float, str] | None = None
) -> go.Figure:
    """Curves from 0 to all points; `level`: a dashed grey line across with its name; `y`: more about the y axis."""
    traces = [one for curve in curves for one in _traces(curve)]
    shapes, notes = _lines(marks)
    if level is not None:
        shapes.append(_line({"xref": "paper", "x0": 0, "x1": 1, "y0": level[0], "y1": level[0]}, dash="dash"))
        notes.append(theme.note(level[1], xref="paper", x=0, y=level[0], xanchor="left", yanchor="bottom"))
    return theme.figure(
        traces,
        height=HEIGHT,
        margin={"l": 4, "r": 8, "t": 34, "b": 4},
        hovermode="x unified" if len(curves) > 1 else "x",
        showlegend=len(curves) > 1,
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": -0.12, "yanchor": "top", "itemclick": False,
                "itemdoubleclick": False},
        xaxis=theme.axis(showgrid=False, nticks=8, tickformat="d", range=[0, len(curves[0].values) - 1]),
        yaxis=theme.axis(nticks=5, **(y or {})),
        shapes=shapes,
        annotations=notes,
    )  # fmt: skip


def _traces(curve: Curve) -> list[theme.Trace]:
    # Arrays: Plotly copies lists value by value, which takes longer than all the rest of the figure.
    line = theme.trace(
        "scatter",
        x0=0,
        dx=1,
        y=np.array(curve.values, dtype=float),
        mode="lines",
        name=curve.label,
        line={"color": curve.colour, "width": 2, "dash": "dot" if curve.estimated else "solid"},
        opacity=0.8 if curve.estimated else 1,
        customdata=np.array(curve.hover),
        hovertemplate="%{customdata}<extra></extra>",
    )
    if curve.low is None or curve.high is None:
        return [line]
    x, y = _outlines(np.array([range(len(curve.values)), curve.low, curve.high], dtype=float))
    band = theme.trace(
        "scatter",
        x=x,
        y=y,
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=_faded(curve.colour),
        hoverinfo="skip",
        showlegend=False,
    )
    return [band, line]


def _outlines(bounds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A closed outline for each stretch of thresholds with bounds: where nobody can tell, no band may say so.

    `bounds`: thresholds, low, high. The outlines are parted by nan, which is how Plotly fills them one by one.
    """
    known = np.flatnonzero(~np.isnan(bounds).any(axis=0))
    stretches = np.split(known, np.flatnonzero(np.diff(known) > 1) + 1) if len(known) else []
    gap = np.full((2, 1), np.nan)
    outlines = [np.hstack([bounds[:2, own], bounds[:, own[::-1]][[0, 2]], gap]) for own in stretches]
    x, y = np.hstack(outlines)[:, :-1] if outlines else np.empty((2, 0))
    return x, y


def _faded(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.2)"


def _lines(marks: Marks) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """The best range shaded, the active threshold dashed, the chosen one solid; their names above the picture."""
    shapes: list[dict[str, object]] = []
    notes: list[dict[str, object]] = []
    above = {"yref": "paper", "y": 1, "yanchor": "bottom"}
    if marks.best is not None:
        first, last = marks.best
        shapes.append({
            "type": "rect", "x0": first - 0.5, "x1": last + 0.5, "yref": "paper", "y0": 0, "y1": 1, "layer": "below",
            "fillcolor": theme.REFERENCE_FILL, "line": {"width": 0},
        })  # fmt: skip
        words = f"best {first}" if first == last else f"best {first} to {last}"
        notes.append(theme.note(words, x=(first + last) / 2, **above, yshift=14))
    if marks.active is not None and marks.active != marks.chosen:
        shapes.append(_line({"x0": marks.active, "x1": marks.active, "yref": "paper", "y0": 0, "y1": 1}, dash="dash"))
        apart = {"xanchor": "left" if marks.active > marks.chosen else "right"}
        notes.append(theme.note(f"{marks.active} active", x=marks.active, **above, **apart))
    shapes.append(_line({"x0": marks.chosen, "x1": marks.chosen, "yref": "paper", "y0": 0, "y1": 1}, theme.PARTNER))
    apart = {"xanchor": "center"}
    if marks.active is not None and marks.active != marks.chosen:
        apart = {"xanchor": "right" if marks.active > marks.chosen else "left"}
    font = {"size": 12, "color": theme.PARTNER}
    notes.append(theme.note(f"{marks.chosen}", x=marks.chosen, **above, **apart, font=font))
    return shapes, notes


def _line(place: dict[str, object], colour: str = theme.REFERENCE, dash: str = "solid") -> dict[str, object]:
    return {"type": "line", "line": {"color": colour, "width": 2, "dash": dash}} | place
