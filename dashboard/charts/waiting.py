"""How long does a step take, and longer than before? A histogram of days, and medians month by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import plotly.graph_objects as go

from dashboard import wording
from dashboard.charts import theme


@dataclass(frozen=True, slots=True)
class Bin:
    """So many leads took from `first` to `last` days, both included."""

    first: int
    last: int
    leads: int


@dataclass(frozen=True, slots=True)
class Median:
    """The median days of the leads that made the step in a month, with its 95 % interval where there is one."""

    month: date
    median: float
    low: float | None
    high: float | None
    n: int
    running: bool


def histogram(
    bins: Sequence[Bin], median: float | None, quartiles: tuple[float, float] | None, colour: str
) -> go.Figure:
    """Bars of leads by days taken; the median dashed, the middle half shaded."""
    bars = theme.trace(
        "bar",
        x=[(b.first + b.last + 1) / 2 for b in bins],
        y=[b.leads for b in bins],
        width=[b.last - b.first + 1 for b in bins],
        marker={"color": colour, "line": {"width": 0.5, "color": "rgba(255,255,255,0.6)"}},
        customdata=[_bin_words(b) for b in bins],
        hovertemplate="%{customdata}<extra></extra>",
    )
    shapes: list[dict[str, object]] = []
    if quartiles is not None:
        shapes.append({"type": "rect", "x0": quartiles[0], "x1": quartiles[1], "y0": 0, "y1": 1, "yref": "paper",
                       "fillcolor": theme.REFERENCE_FILL, "line": {"width": 0}, "layer": "below"})  # fmt: skip
    notes = []
    if median is not None:
        shapes.append({"type": "line", "x0": median, "x1": median, "y0": 0, "y1": 1, "yref": "paper",
                       "line": {"color": theme.REFERENCE, "width": 2, "dash": "dash"}})  # fmt: skip
        words = f"median {wording.days(median)}"
        notes.append(theme.note(words, x=median, y=1, yref="paper", yanchor="bottom", xanchor="left"))
    return theme.figure(
        [bars],
        height=280,
        margin={"l": 4, "r": 8, "t": 22, "b": 4},
        xaxis=theme.axis(title={"text": "days"}, rangemode="tozero", showgrid=False),
        yaxis=theme.axis(title={"text": "leads"}, rangemode="tozero", nticks=5),
        shapes=shapes,
        annotations=notes,
    )


def _bin_words(one: Bin) -> str:
    span = wording.days(one.first) if one.first == one.last else f"{one.first}–{one.last} days"
    return f"{span}: {wording.several(one.leads, 'lead')}"


def medians(months: Sequence[Median], colour: str) -> go.Figure:
    """A dot and its 95 % interval a month; a month that still runs is hollow."""
    dots = theme.trace(
        "scatter",
        x=[f"{m.month:%Y-%m}-15" for m in months],
        y=[m.median for m in months],
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={
            "size": 9,
            "color": colour,
            "symbol": ["circle-open" if m.running else "circle" for m in months],
            "line": {"width": 2, "color": colour},
        },
        error_y=theme.whiskers(
            [m.high - m.median if m.high is not None else 0 for m in months],
            [m.median - m.low if m.low is not None else 0 for m in months],
            theme.REFERENCE,
            width=4,
        ),
        customdata=[_median_words(m) for m in months],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    return theme.figure(
        [dots],
        height=280,
        margin={"l": 4, "r": 8, "t": 22, "b": 4},
        xaxis=theme.axis(type="date", showgrid=False, nticks=7, tickformat="%b\n%Y"),
        yaxis=theme.axis(title={"text": "days"}, rangemode="tozero", nticks=5),
    )


def _median_words(one: Median) -> str:
    bounds = f" ({wording.days(one.low)} to {wording.days(one.high)})" if one.low is not None else ""
    return f"<b>{one.month:%B %Y}</b><br>median {wording.days(one.median)}{bounds}<br>n = {wording.count(one.n)}"
