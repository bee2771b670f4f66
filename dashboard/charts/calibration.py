"""Are leads won as often as their score suggests, and how well does a score sort them? Dots with whiskers in rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard import wording
from dashboard.charts import theme
from dashboard.domain import Estimate

_ROW, _FRAME = 30, 60  # pixels
CHANCE = 0.5


@dataclass(frozen=True, slots=True)
class BandRow:
    """One band of scores by its name; `off`: the prediction lies outside the interval of what was observed."""

    name: str
    observed: Estimate
    predicted: float | None
    off: bool


@dataclass(frozen=True, slots=True)
class AucRow:
    """One score by its name, with its AUC; `marked`: the one in force."""

    name: str
    auc: Estimate
    marked: bool


def reliability(rows: Sequence[BandRow]) -> go.Figure:
    """Bands from the highest down: what was observed as a dot with its interval, what was predicted as a ring."""
    places = [len(rows) - 1 - place for place in range(len(rows))]
    ends = [max(row.observed.high or 0.0, row.predicted or 0.0) for row in rows]
    return theme.figure(
        [*_predicted(rows, places), _whiskers([row.observed for row in rows], places, [_band_hover(r) for r in rows])],
        height=_FRAME + _ROW * max(len(rows), 3),
        margin={"l": 4, "r": 52, "t": 26, "b": 4},
        showlegend=True,
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom", "itemclick": False,
                "itemdoubleclick": False, "traceorder": "reversed"},
        xaxis=theme.axis(tickformat=".0%", range=[-0.015, min(1.02, 1.06 * max(ends, default=1.0))], nticks=6),
        yaxis=_names([row.name for row in rows], places),
        annotations=[_count(row.observed, place) for row, place in zip(rows, places, strict=True)],
    )  # fmt: skip


def areas(rows: Sequence[AucRow]) -> go.Figure:
    """A row a score; the dashed line is what a coin would reach."""
    places = [len(rows) - 1 - place for place in range(len(rows))]
    lows = [row.auc.low for row in rows if row.auc.low is not None]
    highs = [row.auc.high for row in rows if row.auc.high is not None]
    hovers = [_auc_hover(row) for row in rows]
    colours = [theme.PARTNER if row.marked else theme.REFERENCE for row in rows]
    return theme.figure(
        [_whiskers([row.auc], [place], [hover], colour, labelled=True)
         for row, place, hover, colour in zip(rows, places, hovers, colours, strict=True)],
        height=_FRAME + (_ROW + 10) * max(len(rows), 2),
        margin={"l": 4, "r": 52, "t": 26, "b": 4},
        xaxis=theme.axis(
            range=[min([0.44, *(low - 0.03 for low in lows)]), max([0.8, *(high + 0.03 for high in highs)])],
            nticks=6, tickformat=".2f",
        ),
        yaxis=_names([row.name for row in rows], places),
        shapes=[theme.reference_line(CHANCE)],
        annotations=[
            theme.note("a coin", x=CHANCE, y=1, yref="paper", yanchor="bottom"),
            *(_count(row.auc, place) for row, place in zip(rows, places, strict=True)),
        ],
    )  # fmt: skip


def _names(names: Sequence[str], places: Sequence[int]) -> dict[str, object]:
    return theme.axis(
        tickvals=list(places), ticktext=[theme.name(name, 22) for name in names],
        range=[-0.6, max(len(names), 1) - 0.4], showgrid=False, ticklabelstandoff=6,
    )  # fmt: skip


def _predicted(rows: Sequence[BandRow], places: Sequence[int]) -> list[theme.Trace]:
    drawn = [(row, place) for row, place in zip(rows, places, strict=True) if row.predicted is not None]
    inside = [(row, place) for row, place in drawn if not row.off]
    outside = [(row, place) for row, place in drawn if row.off]
    traces = [_rings(inside, "predicted", theme.REFERENCE)]
    return [*traces, _rings(outside, "predicted, outside the interval", theme.ATTENTION)] if outside else traces


def _rings(drawn: Sequence[tuple[BandRow, int]], name: str, colour: str) -> theme.Trace:
    return theme.trace(
        "scatter",
        name=name,
        x=[row.predicted for row, _ in drawn],
        y=[place for _, place in drawn],
        mode="markers",
        marker={"symbol": "circle-open", "size": 14, "color": colour, "line": {"width": 2.5}},
        customdata=[_band_hover(row) for row, _ in drawn],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _whiskers(
    estimates: Sequence[Estimate],
    places: Sequence[int],
    hovers: Sequence[str],
    colour: str = theme.PARTNER,
    *,
    labelled: bool = False,
) -> theme.Trace:
    known = [
        (own, own.value, place, hover)
        for own, place, hover in zip(estimates, places, hovers, strict=True)
        if own.value is not None
    ]
    return theme.trace(
        "scatter",
        name="observed",
        x=[value for _, value, _, _ in known],
        y=[place for _, _, place, _ in known],
        mode="markers+text" if labelled else "markers",
        text=[f"{value:.2f}" for _, value, _, _ in known],
        textposition="top center",
        marker={"size": 9, "color": colour},
        error_x=theme.whiskers(
            [(own.high if own.high is not None else value) - value for own, value, _, _ in known],
            [value - (own.low if own.low is not None else value) for own, value, _, _ in known],
            colour,
            thickness=3,
            width=0,
        ),
        customdata=[hover for *_, hover in known],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _count(estimate: Estimate, place: int) -> dict[str, object]:
    return theme.note(wording.count(estimate.n), x=1, xref="paper", xanchor="left", xshift=6, y=place, yref="y")


def _band_hover(row: BandRow) -> str:
    return "<br>".join(
        (
            f"<b>{theme.name(row.name)}</b>",
            f"observed: {wording.rate(row.observed.value)} ({wording.interval(row.observed)})",
            f"predicted: {wording.rate(row.predicted)}",
            f"n = {wording.several(row.observed.n, 'worked lead')}",
        )
    )


def _auc_hover(row: AucRow) -> str:
    own = row.auc
    bounds = "" if own.low is None or own.high is None else f" ({own.low:.3f} to {own.high:.3f})"
    value = wording.NOTHING if own.value is None else f"{own.value:.3f}"
    return f"<b>{theme.name(row.name, 60)}</b><br>AUC {value}{bounds}<br>n = {wording.several(own.n, 'worked lead')}"
