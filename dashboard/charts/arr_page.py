"""How do ARR by quarter or month, why it changed, and who brought it look?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts import theme

ROW = 40  # pixels from one row to the next
_FALL = {"color": theme.REFERENCE_FILL, "line": {"color": theme.REFERENCE, "width": 1}}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A quarter or month: its label (empty: no mark on the axis), hover title, values by series, in words, target.

    `running` is drawn lighter and told so. `note`, the first series' value, stands below the label, where no line
    crosses it.
    """

    label: str
    title: str
    values: tuple[float, ...]
    words: tuple[str, ...]
    target: float | None
    target_words: str
    running: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """What the bars of one colour are about."""

    name: str
    colour: str


@dataclass(frozen=True, slots=True)
class Axis:
    """The marks on an axis of amounts and what they are called."""

    ticks: Sequence[float]
    words: Sequence[str]


def by_stretch(stretches: Sequence[Stretch], series: Sequence[Series], axis: Axis, height: int = 340) -> go.Figure:
    """Bars beside each other for each quarter or month, with the target as a dashed step."""
    traces = [_bars(place, own, stretches) for place, own in enumerate(series)]
    if traces:  # one label for the whole stretch: Plotly's own for all bars cannot be given a title
        traces[0] |= {"hoverinfo": "text", "hovertext": [_in_words(stretch, series) for stretch in stretches]}
    aimed = any(stretch.target is not None for stretch in stretches)
    if aimed:
        traces.append(theme.target_steps([stretch.target for stretch in stretches]))
    marked = [place for place, stretch in enumerate(stretches) if stretch.label]
    return theme.figure(
        traces,
        height=height,
        barmode="group",
        bargap=0.25,
        bargroupgap=0.04,
        hovermode="x",
        showlegend=len(series) > 1 or aimed,
        legend={"orientation": "h", "x": 0, "y": 1.04, "yanchor": "bottom", "traceorder": "normal"},
        margin={"l": 4, "r": 4, "t": 34, "b": 4},
        xaxis=theme.axis(
            showgrid=False,
            tickvals=marked,
            ticktext=[_below(stretches[place]) for place in marked],
            range=[-0.5, max(0.5, len(stretches) - 0.5)],
            tickangle=0,
        ),
        yaxis=theme.axis(tickvals=list(axis.ticks), ticktext=list(axis.words), rangemode="tozero"),
    )


def _below(stretch: Stretch) -> str:
    """The name of a stretch and, in bold, the first series' value, told to be so far."""
    lines = [stretch.label, *([theme.value(stretch.note)] if stretch.note else []), *(["so far"] * stretch.running)]
    return "<br>".join(lines)


def _bars(place: int, own: Series, stretches: Sequence[Stretch]) -> theme.Trace:
    return theme.trace(
        "bar",
        x=list(range(len(stretches))),
        y=[stretch.values[place] for stretch in stretches],
        name=theme.name(own.name),
        marker={
            "color": own.colour,
            "opacity": [theme.RUNNING_OPACITY if stretch.running else 1 for stretch in stretches],
            "line": {"width": 0},
        },
        hoverinfo="skip",
    )


def _in_words(stretch: Stretch, series: Sequence[Series]) -> str:
    lines = [f"{theme.name(own.name)}: {words}" for own, words in zip(series, stretch.words, strict=True)]
    goal = [f"Target: {stretch.target_words}"] if stretch.target is not None else []
    return "<br>".join([f"<b>{stretch.title}</b>", *lines, *goal])


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of the waterfall: where it begins and ends, its label, the line below, the value beside it, the hover.

    `whole` bars stand on 0 (before, now); of parts `low` and `high` are where the interval of their end lies.
    """

    name: str
    detail: str
    start: float
    end: float
    text: str
    hover: str
    whole: bool = False
    low: float | None = None
    high: float | None = None


def waterfall(steps: Sequence[Step], colour: str = theme.PARTNER) -> go.Figure:
    """From what was to what is, part by part, from top to bottom; a thin line shows how sure each part is."""
    places = list(range(len(steps)))
    labels = [f"{theme.name(s.name)}<br><span style='font-size:11px'>{s.detail}</span>" for s in steps]
    return theme.figure(
        [*(_step(place, step, colour) for place, step in enumerate(steps)), _whiskers(steps)],
        height=30 + ROW * len(steps),
        bargap=0.35,
        barmode="overlay",
        margin={"l": 4, "r": 8, "t": 8, "b": 4},
        xaxis=theme.axis(showticklabels=False, showgrid=False, range=_reach(steps)),
        yaxis=theme.axis(
            tickvals=places, ticktext=labels, range=[len(steps) - 0.5, -0.5], showgrid=False, ticklabelstandoff=6
        ),
        shapes=[_thread(place, step) for place, step in enumerate(steps[:-1])],
        annotations=[
            theme.note(step.text, x=_furthest(step), y=place, xanchor="left", xshift=6, font={"size": 12})
            for place, step in enumerate(steps)
        ],
    )


def _step(place: int, step: Step, colour: str) -> theme.Trace:
    rises = step.end >= step.start
    marker = {"color": colour} if step.whole else {"color": theme.PARTNER_SHADES[1]} if rises else _FALL
    return theme.trace(
        "bar",
        orientation="h",
        base=[min(step.start, step.end)],
        x=[abs(step.end - step.start)],
        y=[place],
        marker=marker,
        customdata=[step.hover],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _whiskers(steps: Sequence[Step]) -> theme.Trace:
    sure = [(place, step) for place, step in enumerate(steps) if step.low is not None and step.high is not None]
    return theme.trace(
        "scatter",
        x=[x for _, step in sure for x in (step.low, step.high, None)],
        y=[y for place, _ in sure for y in (place, place, None)],
        mode="lines",
        line={"color": theme.REFERENCE, "width": 2},
        hoverinfo="skip",
    )


def _furthest(step: Step) -> float:
    return max(step.start, step.end, step.high if step.high is not None else step.end)


def _reach(steps: Sequence[Step]) -> list[float]:
    """From the lowest to the highest mark, with room for the values at the right."""
    lows = [min(step.start, step.end, 0.0 if step.low is None else step.low) for step in steps]
    low, high = min(lows), max(_furthest(step) for step in steps)
    width = (high - low) or 1.0
    return [low - 0.02 * width, high + 0.22 * width]


def _thread(place: int, step: Step) -> dict[str, object]:
    """From the end of a bar down to the beginning of the next."""
    return {
        "type": "line", "x0": step.end, "x1": step.end, "y0": place, "y1": place + 1,
        "line": {"color": theme.REFERENCE, "width": 1, "dash": "dot"}, "layer": "below",
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One group: name, value, the one before (None: not compared), the line below the name, the hover, the colour."""

    name: str
    value: float
    before: float | None
    detail: str
    hover: str
    colour: str


def ranked(rows: Sequence[Row], before: str) -> go.Figure:
    """Bars from top to bottom, with a mark at what the group brought in the period called `before`."""
    places = list(range(len(rows)))
    high = max([1e-9, *(max(row.value, row.before or 0.0) for row in rows)])
    compared = [(place, row.before) for place, row in enumerate(rows) if row.before is not None]
    traces = [_now(rows), *([_then(compared, before)] if compared else [])]
    return theme.figure(
        traces,
        height=58 + ROW * len(rows),
        bargap=0.4,
        showlegend=bool(compared),
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"},
        margin={"l": 4, "r": 8, "t": 30, "b": 4},
        xaxis=theme.axis(showticklabels=False, showgrid=False, range=[0, high * 1.03]),
        yaxis=theme.axis(
            tickvals=places,
            ticktext=[
                f"{theme.name(row.name, 24)}<br><span style='font-size:11px'>{row.detail}</span>" for row in rows
            ],
            range=[len(rows) - 0.5, -0.5],
            showgrid=False,
            ticklabelstandoff=6,
        ),
    )


def _now(rows: Sequence[Row]) -> theme.Trace:
    return theme.trace(
        "bar",
        orientation="h",
        x=[row.value for row in rows],
        y=list(range(len(rows))),
        marker={"color": [row.colour for row in rows]},
        customdata=[row.hover for row in rows],
        hovertemplate="%{customdata}<extra></extra>",
        showlegend=False,
    )


def _then(compared: Sequence[tuple[int, float]], name: str) -> theme.Trace:
    return theme.trace(
        "scatter",
        x=[value for _, value in compared],
        y=[place for place, _ in compared],
        name=theme.name(name),
        mode="markers",
        marker={
            "symbol": "line-ns",
            "size": 26,  # Plotly draws it 1.4 times as long: just shorter than a row
            "color": theme.REFERENCE,
            "line": {"width": 3, "color": theme.REFERENCE},
        },
        hoverinfo="skip",
    )
