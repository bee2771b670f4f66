"""Did each partner pass the gate, and what was the money spent on? Dots beside the gate, and bars by category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import log10

import plotly.graph_objects as go

from dashboard import wording
from dashboard.charts import theme
from dashboard.domain import Estimate

_ROW, _FRAME = 26, 74  # pixels
# What is less than this stands at the left edge: a logarithmic axis has no 0.
LEAST, MOST = 0.5, 200.0
_MARKS = (0.5, 2, 5, 20, 50, 200)


class Look(Enum):
    """What a dot means: passed, surely failed, failed and perhaps by chance, too early."""

    PASSED = theme.PARTNER
    FAILED = theme.BREACH
    DOUBTFUL = theme.ATTENTION
    EARLY = theme.REFERENCE


@dataclass(frozen=True, slots=True)
class GateRow:
    """One line: a partner by its key and name, its multiple, how it looks, and what is said on hover.

    `incomplete`: some of its money could not be converted; marked by an asterisk, which the picture explains.
    """

    key: str
    name: str
    multiple: Estimate
    look: Look
    said: Sequence[str]
    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class GateGap:
    """A line that says how many rows are left out here."""

    text: str


@dataclass(frozen=True, slots=True)
class SpentRow:
    """One bar: a category and its amounts in the order of the parts."""

    category: str
    values: Sequence[float]


def gates(lines: Sequence[GateRow | GateGap], gate: float) -> go.Figure:
    """Multiples as dots with 95 % intervals, from top to bottom, on a logarithmic axis; the gate is a dashed line.

    A dot's custom data: hover text and the row's key.
    """
    placed = [(len(lines) - 1 - index, line) for index, line in enumerate(lines)]
    rows = [(place, line) for place, line in placed if isinstance(line, GateRow)]
    end = max([2 * gate, *(_inside(line.multiple.high or line.multiple.value) for _, line in rows)]) * 1.15
    return theme.figure(
        [_dots([row for row in rows if row[1].look is look], look) for look in Look],
        height=_FRAME + _ROW * max(len(lines), 3),
        margin={"l": 4, "r": 58, "t": 26, "b": 4},
        clickmode="event+select",
        xaxis=theme.axis(
            tickvals=[log10(mark) for mark in _MARKS if mark <= end],
            ticktext=[_tick(mark) for mark in _MARKS if mark <= end],
            range=[log10(LEAST) - 0.06, log10(end)], tickangle=0,
        ),
        yaxis=theme.axis(
            tickvals=[place for place, _ in placed], ticktext=[_name(line) for _, line in placed],
            range=[-0.7, len(lines) - 0.3], showgrid=False, ticklabelstandoff=6,
        ),
        shapes=[theme.reference_line(log10(gate))],
        annotations=[
            theme.note(f"gate {gate:g}×", x=log10(gate), y=1, yref="paper", yanchor="bottom"),
            *(_beside(place, row) for place, row in rows),
            *([_ASTERISK] if any(row.incomplete for _, row in rows) else []),
        ],
    )  # fmt: skip


# Above the names, where nothing else stands.
_ASTERISK = theme.note(
    "* incomplete", x=0, xref="paper", xanchor="right", xshift=-6, y=1, yref="paper", yanchor="bottom"
)


def _inside(value: float | None) -> float:
    return min(MOST, max(LEAST, value or 0.0))


def _tick(mark: float) -> str:
    return f"≤{wording.THIN}0.5×" if mark == LEAST else f"{mark:g}×"


def _dots(rows: Sequence[tuple[int, GateRow]], look: Look) -> theme.Trace:
    places = [log10(_inside(row.multiple.value)) for _, row in rows]
    highs = [log10(_inside(row.multiple.high if row.multiple.high is not None else MOST)) for _, row in rows]
    lows = [log10(_inside(row.multiple.low)) for _, row in rows]
    return theme.trace(
        "scatter",
        x=places,
        y=[place for place, _ in rows],
        mode="markers",
        cliponaxis=False,
        marker={"size": 10, "color": look.value},
        unselected={"marker": {"opacity": 1}},
        error_x=theme.whiskers(
            [high - at for high, at in zip(highs, places, strict=True)],
            [at - low for low, at in zip(lows, places, strict=True)],
            look.value,
            width=4,
        ),
        customdata=[["<br>".join([f"<b>{theme.name(row.name, 60)}</b>", *row.said]), row.key] for _, row in rows],
        hovertemplate="%{customdata[0]}<extra></extra>",
    )


def _name(line: GateRow | GateGap) -> str:
    """A gap stands among the names, where the gate's line does not cross it."""
    return f"<i>{line.text}</i>" if isinstance(line, GateGap) else theme.name(line.name, 22)


def _beside(place: int, row: GateRow) -> dict[str, object]:
    text = f"{wording.multiple(row.multiple.value)}{' *' if row.incomplete else ''}"
    return theme.note(text, x=1, xref="paper", xanchor="left", xshift=6, y=place, yref="y", font={"size": 12})


# Partner costs are shades of the partners' colour; what a channel cost is none of theirs.
PARTS = (theme.PARTNER_SHADES[0], theme.PARTNER_SHADES[2], theme.OTHER)


def spent(rows: Sequence[SpentRow], parts: Sequence[str], currency: str, ticks: Sequence[float]) -> go.Figure:
    """Bars by category from top to bottom, stacked by who bears the cost; `ticks` are the amounts on the axis."""
    names = [theme.name(row.category, 22) for row in rows]
    totals = [sum(value for value in row.values if value > 0) for row in rows]
    return theme.figure(
        [_part(index, part, rows, names, currency) for index, part in enumerate(parts)],
        height=_FRAME + 34 * max(len(rows), 3),
        barmode="relative",
        bargap=0.35,
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.04, "yanchor": "bottom", "traceorder": "normal"},
        margin={"l": 4, "r": 62, "t": 34, "b": 4},
        xaxis=theme.axis(
            tickvals=list(ticks), ticktext=[wording.money(tick, currency) for tick in ticks], rangemode="tozero",
            tickangle=0,
        ),
        yaxis=theme.axis(
            type="category", categoryorder="array", categoryarray=names[::-1], showgrid=False, ticklabelstandoff=6
        ),
        annotations=[
            theme.note(
                wording.money(sum(row.values), currency), x=total, y=name, xanchor="left", xshift=6, font={"size": 12}
            )
            for row, name, total in zip(rows, names, totals, strict=True)
        ],
    )  # fmt: skip


def _part(index: int, part: str, rows: Sequence[SpentRow], names: Sequence[str], currency: str) -> theme.Trace:
    return theme.trace(
        "bar",
        orientation="h",
        x=[row.values[index] for row in rows],
        y=list(names),
        name=part,
        marker={"color": PARTS[index], "line": {"width": 0}},
        customdata=[f"{part}: {wording.money_exactly(row.values[index], currency)}" for row in rows],
        hovertemplate="%{y}<br>%{customdata}<extra></extra>",
    )


@dataclass(frozen=True, slots=True)
class PilotRow:
    """One line of the timeline: a partner, where its phases end (days since it joined), today, and its EQLs."""

    name: str
    integration: int
    sample: int
    today: float | None
    label: str
    said: str


_EARLY = theme.PARTNER_SHADES[2]


def timeline(rows: Sequence[PilotRow]) -> go.Figure:
    """Integration and sample of each pilot as bars from the day of joining; a diamond stands where it is today."""
    places = list(range(len(rows) - 1, -1, -1))
    weeks = range(0, max((row.sample for row in rows), default=84) // 7 + 1, 4)
    now = [(place, row) for place, row in zip(places, rows, strict=True) if row.today is not None]
    return theme.figure(
        [
            _phase("Integration", [row.integration for row in rows], [0] * len(rows), places, rows, _EARLY),
            _phase(
                "Sample", [row.sample - row.integration for row in rows], [row.integration for row in rows], places,
                rows, theme.PARTNER,
            ),
            theme.trace(
                "scatter", x=[row.today for _, row in now], y=[place for place, _ in now], mode="markers", name="Today",
                marker={"symbol": "diamond", "size": 11, "color": theme.ATTENTION}, hoverinfo="skip", cliponaxis=False,
            ),
        ],
        height=_FRAME + 30 * max(len(rows), 3),
        barmode="overlay",
        bargap=0.5,
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
        margin={"l": 4, "r": 120, "t": 34, "b": 4},
        xaxis=theme.axis(
            tickvals=[7 * week for week in weeks], ticktext=_weeks(weeks), tickangle=0,
            range=[0, 7 * 12.4],
        ),
        yaxis=theme.axis(
            tickvals=places, ticktext=[theme.name(row.name, 22) for row in rows], range=[-0.7, len(rows) - 0.3],
            showgrid=False, ticklabelstandoff=6,
        ),
        annotations=[
            theme.note(row.label, x=1, xref="paper", xanchor="left", xshift=6, y=place, yref="y", font={"size": 12})
            for place, row in zip(places, rows, strict=True)
        ],
    )  # fmt: skip


def _weeks(weeks: Sequence[int]) -> list[str]:
    """Numbers, and only the last with its unit: on a phone more would run into each other."""
    return [str(week) for week in weeks[:-1]] + [f"{week} weeks" for week in weeks[-1:]]


def _phase(
    name: str, days: list[int], base: list[int], places: list[int], rows: Sequence[PilotRow], colour: str
) -> theme.Trace:
    return theme.trace(
        "bar", orientation="h", x=days, base=base, y=places, name=name, width=0.5,
        marker={"color": colour, "line": {"width": 0}},
        customdata=[row.said for row in rows], hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
