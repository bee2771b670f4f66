"""Do later cohorts convert better or worse? A dot and its interval a month; young months are drawn hollow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import plotly.graph_objects as go

from dashboard import wording
from dashboard.charts import theme
from dashboard.charts.funnel import whiskers
from dashboard.domain import Estimate


@dataclass(frozen=True, slots=True)
class Month:
    """The leads created in a month: their rate, and whether it is too early to judge it."""

    first: date
    estimate: Estimate
    young: bool


def monthly(months: Sequence[Month], shaded: tuple[date, date], colour: str) -> go.Figure:
    """A line through the months that can be judged, hollow and lighter dots for the others; the period shaded."""
    drawn = [month for month in months if month.estimate.value is not None]
    old, young = [m for m in drawn if not m.young], [m for m in drawn if m.young]
    return theme.figure(
        [_line(old, colour, young=False), _line(young, colour, young=True)],
        height=300,
        margin={"l": 4, "r": 10, "t": 8, "b": 4},
        xaxis=theme.axis(type="date", showgrid=False, nticks=7, tickformat="%b\n%Y", range=_range(months)),
        yaxis=theme.axis(tickformat=".0%", rangemode="tozero", nticks=6),
        shapes=[
            {
                "type": "rect", "xref": "x", "yref": "paper", "x0": str(shaded[0]), "x1": str(shaded[1]), "y0": 0,
                "y1": 1, "fillcolor": "rgba(47, 116, 224, 0.07)", "line": {"width": 0}, "layer": "below",
            }
        ],
    )  # fmt: skip


def _range(months: Sequence[Month]) -> list[str] | None:
    if not months:
        return None
    return [str(months[0].first), f"{months[-1].first:%Y-%m}-28"]


def _line(months: Sequence[Month], colour: str, young: bool) -> theme.Trace:
    return theme.trace(
        "scatter",
        x=[f"{month.first:%Y-%m}-15" for month in months],
        y=[month.estimate.value for month in months],
        mode="markers" if young else "lines+markers",
        opacity=theme.RUNNING_OPACITY if young else 1,
        line={"color": colour, "width": 2},
        marker={
            "size": 10,
            "color": colour,
            "symbol": "circle-open" if young else "circle",
            "line": {"width": 2, "color": colour},
        },
        error_y=whiskers([month.estimate for month in months], theme.REFERENCE),
        customdata=[[f"{month.first:%Y-%m}", _words(month)] for month in months],
        hovertemplate="%{customdata[1]}<extra></extra>",
    )


def _words(month: Month) -> str:
    estimate = month.estimate
    lines = [
        f"<b>Leads of {month.first:%B %Y}</b>",
        f"{wording.rate(estimate.value)} ({wording.interval(estimate)}, 95 % interval)",
        f"n = {wording.count(estimate.n)}",
    ]
    if month.young:
        lines.append("too early to judge: the rate will rise")
    return "<br>".join([*lines, "Click: list the leads"])
