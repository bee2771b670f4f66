"""Do AI referrals grow? Their share of leads and of EQLs month by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import plotly.graph_objects as go

from dashboard.charts import theme
from dashboard.domain import Estimate

_HEIGHT = 280
_MARGIN = 0.03  # of the axis lies below 0, so that a dot on it is whole


@dataclass(frozen=True, slots=True)
class Series:
    """A share by month, its name, and the words of each month; hollow marks tell the second one from the first."""

    name: str
    shares: Sequence[Estimate]
    words: Sequence[str]
    hollow: bool = False


def trend(months: Sequence[date], series: Sequence[Series]) -> go.Figure:
    """Dots with 95 % intervals, filled and hollow for the two series, their names above."""
    highs = [share.high for one in series for share in one.shares if share.high is not None]
    top = max(highs, default=0.0) * 1.05 or 1.0
    return theme.figure(
        [_dots(months, one, place) for place, one in enumerate(series)],
        height=_HEIGHT,
        margin={"l": 4, "r": 12, "t": 34, "b": 4},
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "itemclick": False},
        scattermode="group",
        scattergap=0.5,
        xaxis=theme.axis(type="date", tickformat="%b<br>%Y", nticks=7, showgrid=False),
        yaxis=theme.axis(tickformat=".1%", nticks=5, range=[-_MARGIN * top, top]),
    )


def _dots(months: Sequence[date], series: Series, place: int) -> theme.Trace:
    known = [(m, e, w) for m, e, w in zip(months, series.shares, series.words, strict=True) if e.value is not None]
    values = [estimate.value or 0.0 for _, estimate, _ in known]
    return theme.trace(
        "scatter",
        name=series.name,
        x=[month.isoformat() for month, _, _ in known],
        y=values,
        mode="markers",
        offsetgroup=str(place),
        marker={"size": 9, "color": theme.OTHER, "symbol": "circle-open" if series.hollow else "circle"},
        error_y=theme.whiskers(
            [(e.high or 0.0) - v for v, (_, e, _) in zip(values, known, strict=True)],
            [v - (e.low or 0.0) for v, (_, e, _) in zip(values, known, strict=True)],
            theme.OTHER,
            thickness=1.5,
            width=3,
        ),
        customdata=[word for _, _, word in known],
        hovertemplate="%{customdata}<extra></extra>",
    )
