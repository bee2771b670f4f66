"""What do all charts share? One colour per meaning, one layout, and labels that cannot smuggle in markup.

The colours are of middle lightness, so that each stands out on the light and on the dark background alike: a chart that
is already on screen stays right when the reader switches the theme. Text and grid lines take the page's own colours.
tests/dashboard/charts/test_theme.py measures the contrast, and the distances that colour-blind eyes see.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from dashboard.palette import ATTENTION as ATTENTION
from dashboard.palette import BREACH as BREACH
from dashboard.palette import LOST as LOST
from dashboard.palette import OPEN as OPEN
from dashboard.palette import OTHER as OTHER
from dashboard.palette import PARTNER as PARTNER
from dashboard.palette import PARTNER_SHADES as PARTNER_SHADES
from dashboard.palette import REFERENCE as REFERENCE
from dashboard.palette import WON as WON

Trace = dict[str, Any]

REFERENCE_FILL = "rgba(133, 144, 162, 0.18)"
GRID = "rgba(133, 144, 162, 0.22)"
ESTIMATED_OPACITY = 0.45  # estimated is lighter than observed
ESTIMATED_MARK_OPACITY = 0.75  # dots and lines, which are thin: a shade that is still seen on the dark background
RUNNING_OPACITY = 0.6  # a period that still runs

CONFIG: dict[str, Any] = {"displayModeBar": False, "displaylogo": False, "scrollZoom": False, "doubleClick": "reset"}


def name(text: object, longest: int = 28) -> str:
    """A name from the data as a label, its signs replaced: Plotly would read `<b>`, `&amp;` and the like as markup."""
    flat = " ".join(str(text).split())
    flat = flat if len(flat) <= longest else f"{flat[: longest - 1].rstrip()}…"
    return flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def figure(traces: list[Trace], *, height: int, **layout: Any) -> go.Figure:
    """A figure in the house's layout: transparent, tight margins, no zoom by accident, hover that can be read.

    Plotly's own checks of every property take most of the time of a small figure, and its template most of the bytes;
    both are left out here. The tests build every chart once more with the checks on.
    """
    shared: dict[str, Any] = {
        "height": height,
        "margin": {"l": 4, "r": 8, "t": 8, "b": 4},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "dragmode": False,
        "hoverlabel": {"align": "left"},
        "separators": ".\u202f",
        "template": {"layout": {}},
    }
    return go.Figure(data=traces, layout=shared | layout, _validate=False)


def trace(kind: str, **properties: Any) -> Trace:
    """A trace of a figure: `scatter` or `bar` with Plotly's properties."""
    return {"type": kind} | properties


def axis(**more: Any) -> dict[str, Any]:
    """An axis with faint grid lines that keeps its labels inside the picture and cannot be dragged."""
    shared = {"gridcolor": GRID, "zeroline": False, "automargin": True, "fixedrange": True}
    return shared | more


def reference_line(at: float) -> dict[str, Any]:
    """The dashed line at a place of the horizontal axis, from bottom to top: what is compared with."""
    return {
        "type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper", "layer": "below",
        "line": {"color": REFERENCE, "width": 1.5, "dash": "dash"},
    }  # fmt: skip


def reference_band(
    low: float | None, high: float | None, bottom: float, top: float, width: float = 1
) -> dict[str, Any]:
    """A grey stretch with dashed edges: a reference that is a range."""
    return {
        "type": "rect", "x0": low, "x1": high, "y0": bottom, "y1": top, "layer": "below",
        "fillcolor": REFERENCE_FILL, "line": {"color": REFERENCE, "width": width, "dash": "dash"},
    }  # fmt: skip


def target_steps(targets: Sequence[float | None]) -> Trace:
    """Each target from the left edge of its stretch to the right one; a gap where there is none."""
    return trace(
        "scatter",
        x=[edge for place in range(len(targets)) for edge in (place - 0.5, place + 0.5)],
        y=[target for target in targets for _ in range(2)],
        name="Target",
        mode="lines",
        line={"color": REFERENCE, "dash": "dash", "width": 2},
        hoverinfo="skip",
    )


def whiskers(
    above: Sequence[float | None], below: Sequence[float | None], colour: str, *, thickness: float = 2, width: float = 5
) -> dict[str, Any]:
    """The intervals of marks: how far each reaches to both sides of its value; `width` is that of the ends."""
    return {
        "type": "data", "symmetric": False, "array": list(above), "arrayminus": list(below),
        "color": colour, "thickness": thickness, "width": width,
    }  # fmt: skip


def note(text: str, **place: Any) -> dict[str, Any]:
    """A small grey direct label on the picture."""
    return {"text": text, "showarrow": False, "font": {"size": 11, "color": REFERENCE}} | place


def value(text: str) -> str:
    """A value in words as the last line of a mark's label, small enough for eight of them on a phone."""
    return f"<b><span style='font-size:10px'>{text}</span></b>"
