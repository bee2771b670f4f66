"""Where do leads get lost, and in which group? The funnel, the groups' rates, and what sets two of them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard import wording
from dashboard.charts import theme
from dashboard.domain import Estimate
from dashboard.metrics.intervals import Difference

_STAGE, _ROW = 58, 30  # heights in pixels


@dataclass(frozen=True, slots=True)
class Bar:
    """A stage: its name, leads that reached it, those of them that also reached the stage they are measured against."""

    key: str
    title: str
    count: int
    through: int
    share: Estimate | None
    of: str
    young: bool


@dataclass(frozen=True, slots=True)
class Dot:
    """A group's rate: `key` is what a click on it means; `small` too few leads, `young` too early to judge."""

    key: str
    name: str
    estimate: Estimate
    small: bool
    young: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """What sets two groups apart at a step (or by a property), whether that is more than chance; `key`: for a click."""

    step: str
    difference: Difference
    discovered: bool
    key: str = ""


def stages(bars: Sequence[Bar], colour: str) -> go.Figure:
    """A bar a stage, as long as the leads that reached it, the rate and its 95 % interval above it in words.

    Leads that skipped the stage before are drawn lighter at the bar's end, stages that are too early to judge hollow.
    """
    last = len(bars) - 1
    most = max((bar.count for bar in bars), default=0) or 1
    return theme.figure(
        [
            _stretch(bars, [bar.through for bar in bars], colour, [0.25 if bar.young else 1.0 for bar in bars]),
            _stretch(bars, [bar.count - bar.through for bar in bars], colour, [0.25] * len(bars)),
        ],
        height=_STAGE * max(len(bars), 1) + 8,
        barmode="stack",
        bargap=0,
        xaxis=theme.axis(visible=False, range=[0, most]),
        yaxis=theme.axis(visible=False, range=[-0.42, last + 0.58]),
        annotations=[_caption(bar, last - index) for index, bar in enumerate(bars)]
        + [_young(last - index) for index, bar in enumerate(bars) if bar.young],
        margin={"l": 4, "r": 8, "t": 0, "b": 0},
    )


def _stretch(bars: Sequence[Bar], counts: Sequence[int], colour: str, opacity: Sequence[float]) -> theme.Trace:
    last = len(bars) - 1
    return theme.trace(
        "bar",
        orientation="h",
        x=list(counts),
        y=[last - index - 0.12 for index in range(len(bars))],
        width=0.44,
        marker={"color": colour, "opacity": list(opacity), "line": {"color": colour, "width": 1}},
        customdata=[[bar.key, _stage_hover(bar)] for bar in bars],
        hovertemplate="%{customdata[1]}<extra></extra>",
    )


def _caption(bar: Bar, place: int) -> dict[str, object]:
    words = f"<b>{bar.title}</b>  {wording.count(bar.count)}"
    if bar.share is not None and bar.share.value is not None:
        words += f"  ·  {wording.rate(bar.share.value)} of {bar.of} ({wording.interval(bar.share)})"
    return {
        "text": words, "x": 0, "xref": "paper", "xanchor": "left",
        "y": place + 0.12, "yanchor": "bottom", "showarrow": False, "font": {"size": 13}, "align": "left",
    }  # fmt: skip


def _young(place: int) -> dict[str, object]:
    return theme.note("too early to judge", x=1, xref="paper", xanchor="right", y=place - 0.12)


def _stage_hover(bar: Bar) -> str:
    lines = [f"<b>{bar.title}</b>: {wording.count(bar.count)}"]
    if bar.share is not None and bar.share.value is not None:
        rate = f"{wording.rate(bar.share.value)} ({wording.interval(bar.share)}, 95 % interval)"
        lines.append(f"{wording.count(bar.through)} of {wording.count(bar.share.n)} {bar.of}: {rate}")
    if bar.count > bar.through:
        lines.append(f"lighter: {wording.count(bar.count - bar.through)} that skipped the stage before")
    if bar.young:
        lines.append("too early to judge: many of these leads are still young")
    return "<br>".join([*lines, "Click: list the leads"])


def groups(dots: Sequence[Dot], pooled: Estimate, colour: str, gap_after: int | None = None) -> go.Figure:
    """A dot and its 95 % interval a group, the first on top; all of them together dashed and grey.

    `gap_after`: after so many lines some are left out.
    """
    places = _places(len(dots), gap_after)
    height = int(places[0]) + 1 if places else 1
    return theme.figure(
        [_dots(dots, places, colour)],
        height=_ROW * height + 64,
        margin={"l": 4, "r": 112, "t": 22, "b": 4},
        xaxis=theme.axis(tickformat=".0%", rangemode="tozero", nticks=6),
        yaxis=theme.axis(
            tickvals=places, ticktext=[theme.name(dot.name, 22) for dot in dots], range=[-0.6, height - 0.4],
            showgrid=False, ticklabelstandoff=6,
        ),
        shapes=_pooled_line(pooled),
        annotations=[_n(dot, place) for dot, place in zip(dots, places, strict=True)] + _pooled_name(pooled),
    )  # fmt: skip


def _places(number: int, gap_after: int | None) -> list[float]:
    top = number - 1 + (gap_after is not None)
    return [float(top - index - (gap_after is not None and index >= gap_after)) for index in range(number)]


def _dots(dots: Sequence[Dot], places: Sequence[float], colour: str) -> theme.Trace:
    drawn = [(dot, place) for dot, place in zip(dots, places, strict=True) if dot.estimate.value is not None]
    values = [dot.estimate.value or 0.0 for dot, _ in drawn]
    colours = [theme.REFERENCE if dot.small else colour for dot, _ in drawn]
    return theme.trace(
        "scatter",
        x=values,
        y=[place for _, place in drawn],
        mode="markers",
        cliponaxis=False,
        marker={
            "size": 11,
            "color": colours,
            "symbol": ["circle-open" if dot.young else "circle" for dot, _ in drawn],
            "line": {"width": 2, "color": colours},
        },
        error_x=whiskers([dot.estimate for dot, _ in drawn], theme.REFERENCE),
        customdata=[[dot.key, _dot_hover(dot)] for dot, _ in drawn],
        hovertemplate="%{customdata[1]}<extra></extra>",
    )


def whiskers(estimates: Sequence[Estimate | Difference], colour: str, unit: float = 1) -> dict[str, object]:
    """The intervals of dots as Plotly draws them; `unit` 100: in points."""
    above = [unit * ((e.high or 0.0) - (e.value or 0.0)) for e in estimates]
    below = [unit * ((e.value or 0.0) - (e.low or 0.0)) for e in estimates]
    return theme.whiskers(above, below, colour, width=4)


def _dot_hover(dot: Dot) -> str:
    estimate = dot.estimate
    lines = [
        f"<b>{theme.name(dot.name, 40)}</b>",
        f"{wording.rate(estimate.value)} ({wording.interval(estimate)}, 95 % interval)",
        f"n = {wording.count(estimate.n)}",
    ]
    if dot.small:
        lines.append("too few leads to say much")
    if dot.young:
        lines.append("too early to judge: the rate will rise")
    return "<br>".join([*lines, "Click: list the leads"])


def _n(dot: Dot, place: float) -> dict[str, object]:
    rate = wording.rate(dot.estimate.value) if dot.estimate.value is not None else wording.NOTHING
    words = f"{rate} of {wording.count(dot.estimate.n)}"
    return theme.note(words, x=1, xref="paper", xanchor="left", xshift=8, y=place, font={"size": 12})


def _pooled_line(pooled: Estimate) -> list[dict[str, object]]:
    if pooled.value is None:
        return []
    return [theme.reference_line(pooled.value)]


def _pooled_name(pooled: Estimate) -> list[dict[str, object]]:
    if pooled.value is None:
        return []
    words = f"all together {wording.rate(pooled.value)}"
    return [theme.note(words, x=pooled.value, y=1, yref="paper", yanchor="bottom")]


def differences(gaps: Sequence[Gap]) -> go.Figure:
    """A step a line: the first group's rate minus the second's, with its 95 % interval; grey where chance may do it."""
    drawn = [(len(gaps) - 1 - index, gap) for index, gap in enumerate(gaps) if gap.difference.value is not None]
    colours = [theme.PARTNER if gap.discovered else theme.REFERENCE for _, gap in drawn]
    dots = theme.trace(
        "scatter",
        x=[_points(gap.difference.value) for _, gap in drawn],
        y=[place for place, _ in drawn],
        mode="markers",
        marker={"size": 11, "color": colours},
        error_x=whiskers([gap.difference for _, gap in drawn], theme.REFERENCE, 100),
        customdata=[[gap.key, _gap_words(gap)] for _, gap in drawn],
        hovertemplate="%{customdata[1]}<extra></extra>",
    )
    return theme.figure(
        [dots],
        height=34 * max(len(gaps), 1) + 48,
        margin={"l": 4, "r": 16, "t": 8, "b": 4},
        xaxis=theme.axis(tickformat="+~g", ticksuffix=" pts", nticks=6),
        yaxis=theme.axis(
            tickvals=[len(gaps) - 1 - index for index in range(len(gaps))],
            ticktext=[theme.name(gap.step, 26) for gap in gaps],
            range=[-0.6, len(gaps) - 0.4], showgrid=False, ticklabelstandoff=6,
        ),
        shapes=[theme.reference_line(0)],
    )  # fmt: skip


def _points(share: float | None) -> float:
    return 100 * (share or 0.0)


def _gap_words(gap: Gap) -> str:
    found, name = gap.difference, theme.name(gap.step, 60)
    bounds = " to ".join(wording.change_in_points(bound, 0.0) or "" for bound in (found.low, found.high))
    return f"<b>{name}</b><br>{wording.change_in_points(found.value, 0.0)} ({bounds}, 95 % interval)"
