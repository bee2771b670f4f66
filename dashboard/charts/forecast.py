"""What is coming, and did former forecasts hold? Bars of what was seen and is estimated; intervals beside what came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts import theme

_BAND = 14  # width of an interval in pixels
_NEW_OPACITY = 0.6
_FORECAST: dict[str, object] = {"symbol": "diamond-open", "size": 9, "color": theme.PARTNER, "line": {"width": 2}}
_BEFORE: dict[str, object] = {"symbol": "square-open", "size": 6, "color": theme.REFERENCE}
_HELD: dict[str, object] = {"symbol": "circle", "size": 10, "color": theme.WON}
_OUTSIDE: dict[str, object] = {"symbol": "x", "size": 10, "color": theme.BREACH}


@dataclass(frozen=True, slots=True)
class Bar:
    """A quarter: seen ARR solid, what open and new deals are expected to bring above it, and the interval of all.

    `low` and `high` None: the quarter is over. `said`: seen, open, new and total in words, for the hover.
    """

    label: str
    title: str
    seen: float
    open: float
    new: float
    low: float | None
    high: float | None
    said: tuple[str, str, str, str]
    note: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A past quarter: interval and value that were forecast (None: too early), what came, and the quarter before it."""

    label: str
    title: str
    low: float | None
    value: float | None
    high: float | None
    came: float
    held: bool | None
    naive: float | None
    said: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Axis:
    """The marks on the axis of amounts and what they are called."""

    ticks: Sequence[float]
    words: Sequence[str]


def coming(bars: Sequence[Bar], axis: Axis, height: int = 330) -> go.Figure:
    """Stacked bars: seen solid, estimated lighter and hatched, with a line for the 80 % interval of the whole."""
    opacity = [theme.ESTIMATED_MARK_OPACITY, _NEW_OPACITY]  # hatched: thin lines
    traces = [
        _stack(bars, "Won", [bar.seen for bar in bars], 0, 1.0, ""),
        _stack(bars, "Expected of open deals", [bar.open for bar in bars], 1, opacity[0], "/"),
        _stack(bars, "Expected of new deals", [bar.new for bar in bars], 2, opacity[1], "x"),
    ]
    traces += [_span(place, bar) for place, bar in enumerate(bars) if bar.low is not None]
    notes = [
        theme.note(bar.note, x=place, y=max(bar.seen, bar.high or 0.0), yanchor="bottom", yshift=2)
        for place, bar in enumerate(bars)
    ]
    return _framed(traces, [bar.label for bar in bars], axis, height, barmode="stack", bargap=0.35, annotations=notes)


def _stack(
    bars: Sequence[Bar], name: str, values: Sequence[float], place: int, opacity: float, pattern: str
) -> theme.Trace:
    marker = {"color": theme.PARTNER, "opacity": opacity, "line": {"width": 0}}
    if pattern:
        marker["pattern"] = {"shape": pattern, "size": 6, "solidity": 0.35}
    return theme.trace(
        "bar",
        x=list(range(len(bars))),
        y=list(values),
        name=name,
        marker=dict(marker),
        customdata=[[bar.said[place], bar.title, bar.said[3]] for bar in bars],
        hovertemplate="%{customdata[0]}",
    )


def _span(place: int, bar: Bar) -> theme.Trace:
    return theme.trace(
        "scatter",
        x=[place, place],
        y=[bar.low, bar.high],
        mode="lines+markers",
        name="80 % interval of the whole",
        showlegend=False,
        line={"color": theme.OPEN, "width": 3},
        marker={"size": 7, "color": theme.OPEN},
        customdata=[[bar.said[3], bar.title]] * 2,
        hovertemplate="%{customdata[0]}<extra></extra>",
    )


def tested(outcomes: Sequence[Outcome], axis: Axis, height: int = 330) -> go.Figure:
    """For each past quarter the interval that was forecast, its middle, what came, and the quarter before as a tick."""
    every = list(enumerate(outcomes))
    told = [(place, own) for place, own in every if own.low is not None]
    traces = [_forecast_band(place, own, number == 0) for number, (place, own) in enumerate(told)]
    traces += [
        _marks("Forecast", [(at, own.value, own) for at, own in told], 0, _FORECAST),
        _marks("As the quarter before", [(at, own.naive, own) for at, own in every], 2, _BEFORE),
        _marks("Came, as forecast", [(at, own.came, own) for at, own in every if own.held is not False], 1, _HELD),
        _marks("Came, outside", [(at, own.came, own) for at, own in every if own.held is False], 1, _OUTSIDE),
    ]
    return _framed([trace for trace in traces if trace["x"]], [own.label for own in outcomes], axis, height)


def _forecast_band(place: int, own: Outcome, named: bool) -> theme.Trace:
    return theme.trace(
        "scatter",
        x=[place, place],
        y=[own.low, own.high],
        mode="lines",
        name="80 % interval",
        legendgroup="interval",
        showlegend=named,
        opacity=theme.ESTIMATED_OPACITY,
        line={"color": theme.PARTNER, "width": _BAND},
        hoverinfo="skip",
    )


def _marks(
    name: str, values: Sequence[tuple[int, float | None, Outcome]], said: int, marker: Mapping[str, object]
) -> theme.Trace:
    """One sign a quarter; `said`: which of its words are shown under the pointer."""
    known = [(place, value, own) for place, value, own in values if value is not None]
    return theme.trace(
        "scatter",
        x=[place for place, _, _ in known],
        y=[value for _, value, _ in known],
        mode="markers",
        name=name,
        marker=dict(marker),
        customdata=[[own.said[said], own.title] for _, _, own in known],
        hovertemplate="%{customdata[0]}",
    )


def _framed(traces: list[theme.Trace], labels: Sequence[str], axis: Axis, height: int, **layout: object) -> go.Figure:
    return theme.figure(
        traces,
        height=height,
        hovermode="x unified",
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.04, "yanchor": "bottom", "traceorder": "normal"},
        margin={"l": 4, "r": 4, "t": 34, "b": 4},
        xaxis=theme.axis(
            showgrid=False,
            tickvals=list(range(len(labels))),
            ticktext=list(labels),
            range=[-0.5, max(0.5, len(labels) - 0.5)],
            tickangle=0,
            unifiedhovertitle={"text": "%{customdata[1]}"},
        ),
        yaxis=theme.axis(tickvals=list(axis.ticks), ticktext=list(axis.words), rangemode="tozero"),
        **layout,
    )
