"""Who wins how often, and how much of it is luck? Every partner's raw and shrunken rate beside the pool they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard import wording
from dashboard.charts import theme
from dashboard.domain import Estimate

_ROW, _FRAME = 25, 74  # pixels
# The two estimates of a row stand a little above and below its middle.
_RAW_AT, _SHRUNKEN_AT = 0.2, -0.12


@dataclass(frozen=True, slots=True)
class Row:
    """One line: a group by its key and name, its raw rate and its shrunken one (None: only the raw rate is drawn)."""

    key: str
    name: str
    raw: Estimate
    shrunken: Estimate | None
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """A line that says how many rows are left out here."""

    text: str


def forest(lines: Sequence[Row | Gap], pool: float | None, pool_name: str) -> go.Figure:
    """Lines from top to bottom; the pool's rate as a dashed line. A dot's custom data: hover text and the row's key."""
    placed = [(len(lines) - 1 - index, line) for index, line in enumerate(lines)]
    rows = [(place, line) for place, line in placed if isinstance(line, Row) and line.raw.value is not None]
    both = [(place, line) for place, line in rows if line.shrunken is not None]
    return theme.figure(
        [
            _dots(rows, [line.raw for _, line in rows], bold=not both),
            _dots(both, [line.shrunken for _, line in both], bold=True),
        ],
        height=_FRAME + _ROW * max(len(lines), 3),
        margin={"l": 4, "r": 48, "t": 26, "b": 4},
        clickmode="event+select",
        xaxis=theme.axis(tickformat=".0%", rangemode="tozero", range=[-0.01, _end(rows)], nticks=6),
        yaxis=theme.axis(
            tickvals=[place for place, line in placed if isinstance(line, Row)],
            ticktext=[_label(line) for line in lines if isinstance(line, Row)],
            range=[-0.7, len(lines) - 0.3], showgrid=False, ticklabelstandoff=6,
        ),
        shapes=[theme.reference_line(pool)] if pool is not None else [],
        annotations=[
            *([_pool_label(pool, pool_name)] if pool is not None else []),
            *(_beside(place, line) for place, line in placed),
        ],
    )  # fmt: skip


def _end(rows: Sequence[tuple[int, Row]]) -> float:
    highs = [estimate.high or 0.0 for _, row in rows for estimate in (row.raw, row.shrunken) if estimate]
    return min(1.02, max(highs, default=1.0) * 1.04)


def _label(row: Row) -> str:
    name = theme.name(row.name, 24)
    return f"<b>{name}</b>" if row.marked else name


def _dots(rows: Sequence[tuple[int, Row]], estimates: Sequence[Estimate | None], *, bold: bool) -> theme.Trace:
    values = [estimate.value or 0.0 for estimate in estimates if estimate]
    ends = [(estimate.low or 0.0, estimate.high or 0.0) for estimate in estimates if estimate]
    colour = theme.PARTNER if bold else theme.REFERENCE
    offset = _SHRUNKEN_AT if bold else _RAW_AT
    return theme.trace(
        "scatter",
        x=values,
        y=[place + offset for place, _ in rows],
        mode="markers",
        cliponaxis=False,
        marker={"size": 10 if bold else 6, "color": colour},
        unselected={"marker": {"opacity": 1}},
        error_x=theme.whiskers(
            [high - value for value, (_, high) in zip(values, ends, strict=True)],
            [value - low for value, (low, _) in zip(values, ends, strict=True)],
            colour,
            thickness=3 if bold else 1,
            width=0 if bold else 3,
        ),
        customdata=[[_hover(row), row.key] for _, row in rows],
        hovertemplate="%{customdata[0]}<extra></extra>",
    )


def _hover(row: Row) -> str:
    lines = [
        f"<b>{theme.name(row.name, 60)}</b>",
        f"raw: {wording.rate(row.raw.value)} ({wording.interval(row.raw)})",
    ]
    if row.shrunken:
        lines.append(f"shrunken: {wording.rate(row.shrunken.value)} ({wording.interval(row.shrunken)})")
    return "<br>".join([*lines, f"n = {wording.several(row.raw.n, 'closed deal')}"])


def _beside(place: int, line: Row | Gap) -> dict[str, object]:
    if isinstance(line, Gap):
        return theme.note(line.text, x=0, xref="paper", xanchor="left", y=place, yref="y")
    return theme.note(wording.count(line.raw.n), x=1, xref="paper", xanchor="left", xshift=6, y=place, yref="y")


def _pool_label(pool: float, name: str) -> dict[str, object]:
    return theme.note(f"{name} {wording.rate(pool)}", x=pool, y=1, yref="paper", yanchor="bottom")
