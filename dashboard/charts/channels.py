"""Who converts best, and how sure are we? A dot and a whisker per channel beside the reference bands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard import wording
from dashboard.charts import theme
from dashboard.domain import Estimate

ROOMY = 8  # from more lines on they stand closer together


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison: a group, what its rate is based on, the rate, and the reference of the same rate."""

    group: str
    basis: str
    estimate: Estimate
    partner: bool
    reference: tuple[float, float] | None = None


def height(rows: Sequence[Row]) -> int:
    """The height of the picture in pixels, so that a neighbour can be as tall."""
    return 72 + (44 if len(rows) <= ROOMY else 36) * max(len(rows), 4)


def comparison(rows: Sequence[Row]) -> go.Figure:
    """Dots with 95 % intervals, one line a group, the first on top; references as grey bands with dashed edges."""
    labels = [_label(row) for row in rows]
    drawn = [(label, row) for label, row in zip(labels, rows, strict=True) if row.estimate.value is not None]
    return theme.figure(
        [_dots([pair for pair in drawn if pair[1].partner is partner], partner) for partner in (True, False)],
        height=height(rows),
        margin={"l": 4, "r": 64, "t": 8, "b": 4},
        xaxis=theme.axis(tickformat=".0%", rangemode="tozero", nticks=6),
        yaxis=theme.axis(
            type="category", categoryorder="array", categoryarray=labels[::-1], range=[-0.6, len(rows) - 0.4],
            showgrid=False, ticklabelstandoff=6,
        ),
        shapes=[
            theme.reference_band(*row.reference, place - 0.4, place + 0.4)
            for place, row in enumerate(reversed(rows)) if row.reference
        ],
        annotations=[_beside(label, row) for label, row in zip(labels, rows, strict=True)],
    )  # fmt: skip


def _label(row: Row) -> str:
    return f"{theme.name(row.group, 22)}<br><span style='font-size:11px'>{row.basis}</span>"


def _dots(pairs: list[tuple[str, Row]], partner: bool) -> theme.Trace:
    estimates = [row.estimate for _, row in pairs]
    values = [estimate.value or 0.0 for estimate in estimates]
    colour = theme.PARTNER if partner else theme.OTHER
    return theme.trace(
        "scatter",
        x=values,
        y=[label for label, _ in pairs],
        mode="markers",
        cliponaxis=False,
        marker={"size": 11, "color": colour},
        error_x=theme.whiskers(
            [(e.high or 0.0) - v for e, v in zip(estimates, values, strict=True)],
            [v - (e.low or 0.0) for e, v in zip(estimates, values, strict=True)],
            colour,
        ),
        customdata=[_hover(row) for _, row in pairs],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _hover(row: Row) -> str:
    estimate = row.estimate
    lines = [
        f"<b>{theme.name(row.group, 40)}</b>, {row.basis}",
        f"{wording.rate(estimate.value)} ({wording.interval(estimate)}, 95 % interval)",
        f"n = {wording.count(estimate.n)}",
    ]
    if row.reference:
        low, high = (wording.rate(bound, 0) for bound in row.reference)
        lines.append(f"reference: {low if low == high else f'{low}–{high}'}")
    return "<br>".join(lines)


def _beside(label: str, row: Row) -> dict[str, object]:
    """The value at the end of the whisker, so that nobody has to read it off the axis."""
    estimate = row.estimate
    text = wording.rate(estimate.value) if estimate.value is not None else "nobody to convert yet"
    end = max(estimate.high or 0.0, row.reference[1] if row.reference and estimate.value is not None else 0.0)
    return theme.note(text, x=end, y=label, xanchor="left", xshift=8, font={"size": 12})
