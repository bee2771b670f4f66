"""How do traffic, EQLs, SQLs, won deals and ARR move together, week by week? Small multiples on one time axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from dashboard.charts import theme

_PANEL, _GAP = 92, 35  # heights in pixels


@dataclass(frozen=True, slots=True)
class Panel:
    """One series: its title, a value a week, the same values in words, the marks on its axis, and its colour."""

    title: str
    values: npt.NDArray[np.float64]
    words: Sequence[str]
    latest: str
    ticks: Sequence[float] = ()
    tick_words: Sequence[str] = ()
    colour: str = theme.PARTNER


def weekly(
    weeks: npt.NDArray[np.datetime64], panels: Sequence[Panel], shaded: tuple[str, str] | None, running: bool
) -> go.Figure:
    """A line a panel over one time axis; the chosen period is shaded, a week that still runs is drawn hollow.

    `weeks` are Mondays; `shaded` holds the first day of the chosen period and the day after it, as ISO dates.
    """
    whole = _PANEL * len(panels) + 40
    gap = _GAP / whole
    height = (1 - gap * (len(panels) - 1)) / len(panels)
    layout: dict[str, object] = {"xaxis": _time_axis(weeks, len(panels))}
    traces: list[theme.Trace] = []
    annotations: list[dict[str, object]] = []
    for index, panel in enumerate(panels):
        top = 1 - index * (height + gap)
        number = "" if index == 0 else str(index + 1)
        layout[f"yaxis{number}"] = _value_axis(panel, (max(0.0, top - height), top))
        traces.append(_line(weeks, panel, f"y{number}", running))
        annotations.append(_title(panel, top))
    return theme.figure(
        traces,
        height=whole,
        hovermode="x unified",
        hoversubplots="axis",
        margin={"l": 4, "r": 10, "t": 22, "b": 4},
        annotations=annotations,
        shapes=[_period(shaded)] if shaded else [],
        **layout,
    )


def _time_axis(weeks: npt.NDArray[np.datetime64], panels: int) -> dict[str, object]:
    ends = [str(weeks[0]), str(weeks[-1] + np.timedelta64(4, "D"))] if len(weeks) else None
    return theme.axis(
        type="date",
        range=ends,
        anchor=f"y{panels}" if panels > 1 else "y",
        showgrid=False,
        nticks=6,
        hoverformat="Week of %-d %b %Y",
        tickformatstops=[
            {"dtickrange": [None, "M1"], "value": "%-d %b\n%Y"},
            {"dtickrange": ["M1", None], "value": "%b\n%Y"},
        ],
    )


def _value_axis(panel: Panel, domain: tuple[float, float]) -> dict[str, object]:
    return theme.axis(
        domain=domain, rangemode="tozero", tickvals=list(panel.ticks), ticktext=list(panel.tick_words), anchor="x"
    )


def _line(weeks: npt.NDArray[np.datetime64], panel: Panel, axis: str, running: bool) -> theme.Trace:
    sizes = np.zeros(len(weeks))
    sizes[-1:] = 8
    return theme.trace(
        "scatter",
        x=weeks,
        y=panel.values,
        yaxis=axis,
        name=panel.title,
        mode="lines+markers",
        cliponaxis=False,
        line={"color": panel.colour, "width": 2, "shape": "linear"},
        marker={"size": sizes, "symbol": "circle-open" if running else "circle", "color": panel.colour, "opacity": 1},
        customdata=panel.words,
        hovertemplate="%{customdata}",
    )


def _title(panel: Panel, top: float) -> dict[str, object]:
    text = f"<b>{panel.title}</b>  {panel.latest}"
    return {
        "text": text, "x": 0, "xref": "paper", "xanchor": "left", "y": top, "yref": "paper", "yanchor": "bottom",
        "showarrow": False, "font": {"size": 12},
    }  # fmt: skip


def _period(shaded: tuple[str, str]) -> dict[str, object]:
    return {
        "type": "rect", "xref": "x", "yref": "paper", "x0": shaded[0], "x1": shaded[1], "y0": 0, "y1": 1,
        "fillcolor": "rgba(47, 116, 224, 0.07)", "line": {"width": 0}, "layer": "below",
    }  # fmt: skip
