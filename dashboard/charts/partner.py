"""How does one partner compare, where do its leads get lost, and how fast are its deals won? Three pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard import wording
from dashboard.charts import theme
from dashboard.domain import Estimate

_LINE = 46  # pixels for one line of a comparison
_APART = 0.16  # half the distance between two dots of one line
_BANDS = {theme.PARTNER: "rgba(47, 116, 224, 0.16)", theme.REFERENCE: theme.REFERENCE_FILL}


@dataclass(frozen=True, slots=True)
class StandingRow:
    """One measure: value and median in words, percentile (0–100, more is better) with its bounds."""

    measure: str
    value: str
    median: str
    percentile: float | None
    low: float | None
    high: float | None
    among: int


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """One step: the partner's rate and that of the others, and whether it is too early to read it."""

    step: str
    own: Estimate
    peers: Estimate
    immature: bool


@dataclass(frozen=True, slots=True)
class Curve:
    """Shares won (0–1) by day with the bounds of their band; deals at risk at the days under the axis; deals in all."""

    days: Sequence[float]
    share: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    at_risk: Sequence[int]
    n: int


def standings(rows: Sequence[StandingRow]) -> go.Figure:
    """A dot with its whisker a measure on a scale from 0 to 100; the middle of the others is dashed."""
    labels = [_two_lines(row.measure, f"{row.value}, median {row.median}") for row in rows]
    drawn = [(label, row) for label, row in zip(labels, rows, strict=True) if row.percentile is not None]
    return theme.figure(
        [
            theme.trace(
                "scatter",
                x=[row.percentile for _, row in drawn],
                y=[label for label, _ in drawn],
                mode="markers",
                marker={"size": 11, "color": theme.PARTNER},
                error_x=_whiskers([(row.percentile, row.low, row.high) for _, row in drawn], theme.PARTNER),
                customdata=[_standing_hover(row) for _, row in drawn],
                hovertemplate="%{customdata}<extra></extra>",
            )
        ],
        height=height(len(rows)),
        margin={"l": 4, "r": 14, "t": 8, "b": 4},
        xaxis=theme.axis(
            range=[-2, 102], tickvals=[0, 25, 50, 75, 100], title={"text": "better than … % of the others"}
        ),
        yaxis=_categories(labels),
        shapes=[_middle()],
        annotations=[
            theme.note("too little to compare", x=50, y=label, xanchor="left", xshift=8)
            for label, row in zip(labels, rows, strict=True)
            if row.percentile is None
        ],
    )


def funnel(rows: Sequence[FunnelRow], others: str) -> go.Figure:
    """Two dots with whiskers a step: the partner above, the others together below; too early steps are hollow."""
    places = list(range(len(rows)))[::-1]
    basis = ["too early to say" if row.immature else f"n = {wording.count(row.own.n)}" for row in rows]
    labels = [_two_lines(row.step, said) for row, said in zip(rows, basis, strict=True)]
    both = list(zip(places, rows, strict=True))
    return theme.figure(
        [
            _rates(
                [(place + _APART, row.own, row.immature, row.step) for place, row in both],
                "This partner",
                theme.PARTNER,
            ),
            _rates([(place - _APART, row.peers, False, row.step) for place, row in both], others, theme.REFERENCE),
        ],
        height=height(len(rows)) + 28,
        margin={"l": 4, "r": 40, "t": 30, "b": 4},
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        xaxis=theme.axis(tickformat=".0%", rangemode="tozero", nticks=5),
        yaxis=theme.axis(tickvals=places, ticktext=labels, range=[-0.6, len(rows) - 0.4], showgrid=False),
    )


def won_over_time(own: Curve, peers: Curve, others: str, under: Sequence[int]) -> go.Figure:
    """Shares of deals won by days since they were opened, as steps with bands; numbers at risk under the axis."""
    traces = []
    for curve, name, colour in ((peers, others, theme.REFERENCE), (own, "This partner", theme.PARTNER)):
        if curve.n:
            traces += [*_band(curve, colour), _steps(curve, name, colour)]
    ticks = [f"{day}<br>{_at_risk(own, i)}<br>{_at_risk(peers, i)}" for i, day in enumerate(under)]
    return theme.figure(
        traces,
        height=height(5) + 28,
        margin={"l": 4, "r": 14, "t": 30, "b": 4},
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "reversed"},
        hovermode="x unified",
        xaxis=theme.axis(
            range=[0, 366], tickvals=list(under), ticktext=ticks, showgrid=False,
            title={"text": "days since opening; below: deals at risk, its own and the others’", "font": {"size": 11}},
        ),
        yaxis=theme.axis(tickformat=".0%", rangemode="tozero", nticks=5),
    )  # fmt: skip


def height(lines: int) -> int:
    """The height of a comparison of so many lines in pixels, so that neighbours can be as tall."""
    return 70 + _LINE * max(lines, 3)


def _two_lines(first: str, second: str) -> str:
    return f"{first}<br><span style='font-size:11px'>{second}</span>"


def _categories(labels: Sequence[str]) -> dict[str, object]:
    return theme.axis(
        type="category", categoryorder="array", categoryarray=list(labels)[::-1], range=[-0.6, len(labels) - 0.4],
        showgrid=False, ticklabelstandoff=6,
    )  # fmt: skip


def _middle() -> dict[str, object]:
    line = {"color": theme.REFERENCE, "width": 1, "dash": "dash"}
    return {"type": "line", "x0": 50, "x1": 50, "yref": "paper", "y0": 0, "y1": 1, "line": line, "layer": "below"}


def _whiskers(values: Sequence[tuple[float | None, float | None, float | None]], colour: str) -> dict[str, object]:
    """None bounds make no whisker."""
    ups = [0.0 if high is None or value is None else high - value for value, _, high in values]
    downs = [0.0 if low is None or value is None else value - low for value, low, _ in values]
    return theme.whiskers(ups, downs, colour)


def _standing_hover(row: StandingRow) -> str:
    bounds = "no interval" if row.low is None else f"{row.low:.0f} to {row.high:.0f}, 90 % interval"
    return (
        f"<b>{row.measure}</b>: {row.value}, median of the others {row.median}<br>"
        f"better than {row.percentile:.0f} % of {wording.count(row.among)} others ({bounds})"
    )


def _rates(rows: Sequence[tuple[float, Estimate, bool, str]], name: str, colour: str) -> theme.Trace:
    drawn = [row for row in rows if row[1].value is not None]
    return theme.trace(
        "scatter",
        x=[estimate.value for _, estimate, _, _ in drawn],
        y=[place for place, _, _, _ in drawn],
        name=theme.name(name, 40),
        mode="markers+text",
        marker={
            "size": 10,
            "color": colour,
            "symbol": ["circle-open" if young else "circle" for _, _, young, _ in drawn],
        },
        error_x=_whiskers([(e.value, e.low, e.high) for _, e, _, _ in drawn], colour),
        customdata=[_rate_hover(step, estimate) for _, estimate, _, step in drawn],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _rate_hover(step: str, estimate: Estimate) -> str:
    return (
        f"<b>{step}</b><br>{wording.rate(estimate.value)} ({wording.interval(estimate)}, 95 % interval)<br>"
        f"n = {wording.count(estimate.n)}"
    )


def _at_risk(curve: Curve, place: int) -> str:
    return wording.count(curve.at_risk[place]) if curve.n else wording.NOTHING


def _band(curve: Curve, colour: str) -> list[theme.Trace]:
    """The lower bound, invisible, and the upper one, filled down to it; both step as the curve does."""
    line = {"width": 0, "shape": "hv"}
    shared = {"x": list(curve.days), "mode": "lines", "line": line, "showlegend": False, "hoverinfo": "skip"}
    return [
        theme.trace("scatter", y=list(curve.low), **shared),
        theme.trace("scatter", y=list(curve.high), fill="tonexty", fillcolor=_BANDS[colour], **shared),
    ]


def _steps(curve: Curve, name: str, colour: str) -> theme.Trace:
    return theme.trace(
        "scatter",
        x=list(curve.days),
        y=list(curve.share),
        name=theme.name(name, 40),
        mode="lines",
        line={"color": colour, "width": 2, "shape": "hv", "dash": "dash" if colour == theme.REFERENCE else "solid"},
        hovertemplate="%{y:.0%}",
    )
