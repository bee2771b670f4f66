"""By how many points does the CRM's score differ, and for how many leads?"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.charts import theme


def differences(points: Sequence[int], leads: Sequence[int], hover: Sequence[str]) -> go.Figure:
    """A bar for each difference that occurs, below zero where the CRM's score is the lower one."""
    bars = theme.trace(
        "bar", x=list(points), y=list(leads), customdata=list(hover), hovertemplate="%{customdata}<extra></extra>",
        marker={"color": theme.PARTNER}, width=0.8,
    )  # fmt: skip
    return theme.figure(
        [bars],
        height=220,
        xaxis=theme.axis(title={"text": "CRM score minus recomputed score", "font": {"size": 12}}, showgrid=False),
        yaxis=theme.axis(title={"text": "Leads", "font": {"size": 12}}, rangemode="tozero"),
    )
