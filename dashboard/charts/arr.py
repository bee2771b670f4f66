"""Is ARR, or the number of won deals, on target? Bars by quarter, stacked by tier, with the target as a step line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard import wording
from dashboard.charts import theme


@dataclass(frozen=True, slots=True)
class Quarter:
    """One bar: its name (`Q3 2026`), its values by tier in the order of the tiers, the total, and the target if any."""

    label: str
    values: tuple[float, ...]
    total: float
    target: float | None
    running: bool = False


def by_quarter(
    quarters: Sequence[Quarter],
    tiers: Sequence[str],
    currency: str | None,
    height: int = 310,
    ticks: Sequence[float] = (),
) -> go.Figure:
    """Bars by quarter: the shade tells the tier, a running quarter is lighter, the target is a dashed step.

    The values are amounts in `currency`, or counts where it is None; `ticks` are the values marked on the axis.
    """
    traces: list[theme.Trace] = [_tier(index, tier, quarters, currency) for index, tier in enumerate(tiers)]
    if any(quarter.target is not None for quarter in quarters):
        traces += [theme.target_steps([quarter.target for quarter in quarters]), _target_in_words(quarters, currency)]
    return theme.figure(
        traces,
        height=height,
        barmode="stack",
        bargap=0.3,
        hovermode="x unified",
        showlegend=len(tiers) > 1 or any(quarter.target is not None for quarter in quarters),
        legend={"orientation": "h", "x": 0, "y": 1.04, "yanchor": "bottom", "traceorder": "normal"},
        margin={"l": 4, "r": 4, "t": 34, "b": 4},
        xaxis=theme.axis(
            showgrid=False,
            tickvals=list(range(len(quarters))),
            ticktext=[_label(quarter, currency) for quarter in quarters],
            range=[-0.5, len(quarters) - 0.5],
            tickangle=0,
        ),
        yaxis=theme.axis(tickvals=list(ticks), ticktext=[at_a_glance(t, currency) for t in ticks], rangemode="tozero"),
    )


def at_a_glance(value: float | None, currency: str | None) -> str:
    """An amount in short, or a count."""
    return wording.money(value, currency) if currency else wording.count(value)


def exactly(value: float | None, currency: str | None) -> str:
    """An amount to the cent, or a count."""
    return wording.money_exactly(value, currency) if currency else wording.count(value)


def _label(quarter: Quarter, currency: str | None) -> str:
    """The quarter and, below it, where no line crosses it, its total."""
    name = quarter.label.replace(" ", "<br>", 1)
    return f"{name}<br>{theme.value(at_a_glance(quarter.total, currency))}" + ("<br>so far" if quarter.running else "")


def _tier(index: int, tier: str, quarters: Sequence[Quarter], currency: str | None) -> theme.Trace:
    shades = theme.PARTNER_SHADES
    return theme.trace(
        "bar",
        y=[quarter.values[index] for quarter in quarters],
        name=theme.name(tier),
        marker={
            "color": shades[min(index, len(shades) - 1)],
            "opacity": [theme.RUNNING_OPACITY if quarter.running else 1 for quarter in quarters],
            "line": {"width": 0},
        },
        customdata=[exactly(quarter.values[index], currency) for quarter in quarters],
        hovertemplate="%{customdata}",
    )


def _target_in_words(quarters: Sequence[Quarter], currency: str | None) -> theme.Trace:
    """Invisible, for the hover: the step's own points lie between the quarters."""
    return theme.trace(
        "scatter",
        y=[quarter.target for quarter in quarters],
        name="Target",
        mode="markers",
        marker={"size": 1, "opacity": 0, "color": theme.REFERENCE},
        showlegend=False,
        customdata=[exactly(quarter.target, currency) for quarter in quarters],
        hovertemplate="%{customdata}",
    )
