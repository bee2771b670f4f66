"""What does a Plotly figure look like on paper? The same figure as on screen, drawn as SVG without a browser.

It draws what the house's charts are made of: bars, scatter traces, shapes, annotations, axes and the legend.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.reports.figure_axes import Axis, Spec, listed, make_axis
from dashboard.reports.figure_marks import Point, bars, dot, each, filled, paint, positions, scatter, stroke
from dashboard.reports.figure_words import Style, extent, label, style_of
from dashboard.reports.figures import Picture
from dashboard.reports.pictures import FAINT, QUIET, drawing, number, width_of

WIDTH = 720.0  # pixels: as wide as a chart on a laptop
TICK, LEGEND_ROW, PAD = 11.0, 20.0, 10.0
ANCHORS = {"left": "start", "center": "middle", "right": "end"}


@dataclass(frozen=True, slots=True)
class Box:
    """The plot's place on the picture, in pixels; `edge`: what is left to the right of it."""

    left: float
    top: float
    right: float
    bottom: float
    edge: float = 0.0


def on_paper(figure: Mapping[str, Any], title: str, alt: str, width: float = WIDTH) -> Picture:
    """The picture of a figure (as `to_plotly_json` gives it), `width` pixels wide and as high as on screen."""
    layout, traces = figure.get("layout", {}), [t for t in figure.get("data", []) if t.get("visible", True) is True]
    height = float(layout.get("height") or 320)
    entries = _entries(traces, layout)
    rows = _legend_rows(entries, width - 2 * PAD)
    box = _box(layout, traces, width, height, len(rows) * LEGEND_ROW)
    axes = _axes(layout, traces, box)
    shapes = listed(layout.get("shapes"))
    parts = [
        *(_shape(shape, axes, box) for shape in shapes if shape.get("layer") == "below"),
        *_frame(layout, axes, box),
        *_marks(traces, axes, layout),
        *(_shape(shape, axes, box) for shape in shapes if shape.get("layer") != "below"),
        *(_note(note, axes, box) for note in listed(layout.get("annotations")) if note.get("visible", True)),
        *_legend(rows),
    ]
    return drawing(width, height, parts, title, alt)


# -- places -------------------------------------------------------------------------------------------------------


def _box(layout: Spec, traces: Sequence[Spec], width: float, height: float, legend: float) -> Box:
    """What the margins and the words beside the axes leave for the plot."""
    margin = layout.get("margin") or {}
    rough = Box(0, 0, width, height)
    axes = _axes(layout, traces, rough)
    left, right, bottom = 0.0, 0.0, 0.0
    for name, axis in axes.items():
        spec = layout.get(_key(name)) or {}
        sizes = [extent(text, Style(TICK)) for _, text in axis.ticks]
        titled = 16.0 if _title(spec) else 0.0
        if name.startswith("y"):
            room = max((wide for wide, _ in sizes), default=0.0) + PAD + float(spec.get("ticklabelstandoff") or 0)
            left, right = (left, max(right, room)) if spec.get("side") == "right" else (max(left, room), right)
        elif spec.get("side") != "top":
            bottom = max(bottom, max((high for _, high in sizes), default=0.0) + PAD + titled)
    top = max(float(margin.get("t", 8)), legend + 4)
    edge = max(float(margin.get("r", 8)), _outside(layout)) + right
    return Box(float(margin.get("l", 4)) + left, top, width - edge, height - float(margin.get("b", 4)) - bottom, edge)


def _outside(layout: Spec) -> float:
    """The room for what is written to the right of the plot: letters on paper may be wider than on screen."""
    notes = [note for note in listed(layout.get("annotations")) if note.get("xref") == "paper"]
    right = [note for note in notes if float(note.get("x") or 0) >= 1 and note.get("xanchor") == "left"]
    wide = (
        extent(note.get("text", ""), style_of(note.get("font")))[0] + float(note.get("xshift") or 0) for note in right
    )
    return max(wide, default=0.0) + PAD if right else 0.0


def _key(name: str) -> str:
    return f"{name[0]}axis{name[1:]}"


def _title(spec: Spec) -> str:
    title = spec.get("title") or {}
    return str(title.get("text") or "") if isinstance(title, Mapping) else str(title)


def _axes(layout: Spec, traces: Sequence[Spec], box: Box) -> dict[str, Axis]:
    """Every axis of the figure by its short name (`x`, `y2`), with the values that the traces draw on it."""
    names = {"x", "y"} | {str(t.get(f"{side}axis") or side) for t in traces for side in "xy"}
    names |= {match[1] + match[2] for key in layout if (match := re.fullmatch(r"([xy])axis(\d*)", str(key)))}
    found = {}
    for name in sorted(names):
        spec = dict(layout.get(_key(name)) or {})
        shared = spec.get("matches")
        used = {name, str(shared)} if shared else {name}
        values = [value for t in traces if _on(t, name[0]) in used for value in _values(t, name[0])]
        values += _tops(traces, name, layout)
        low, high = listed(spec.get("domain")) or (0.0, 1.0)
        if name[0] == "x":
            start, end = (box.left + share * (box.right - box.left) for share in (low, high))
        else:
            start, end = (box.bottom - share * (box.bottom - box.top) for share in (low, high))
        if shared and "range" not in spec:
            spec["range"] = (layout.get(_key(str(shared))) or {}).get("range")
        found[name] = make_axis(_with_base(spec, traces, name), values, start, end)
    return found


def _on(trace: Spec, side: str) -> str:
    return str(trace.get(f"{side}axis") or side)


def _value_side(trace: Spec) -> str:
    """The axis along which a bar grows."""
    return "x" if trace.get("orientation") == "h" else "y"


def _bars_on(traces: Sequence[Spec], name: str) -> list[Spec]:
    return [t for t in traces if t.get("type") == "bar" and _value_side(t) == name[0] and _on(t, name[0]) == name]


def _with_base(spec: Spec, traces: Sequence[Spec], name: str) -> Spec:
    """Bars stand on zero unless somebody says otherwise."""
    standing = _bars_on(traces, name) and "rangemode" not in spec
    return {**spec, "rangemode": "tozero"} if standing else spec


def _tops(traces: Sequence[Spec], name: str, layout: Spec) -> list[float]:
    """How far the bars on an axis reach, stacked where the layout says so."""
    reached: dict[tuple[Any, bool], float] = {}
    found = [0.0] if _bars_on(traces, name) else []
    for trace in _bars_on(traces, name):
        values = listed(trace.get(name[0]))
        names = listed(trace.get("y" if name[0] == "x" else "x")) or range(len(values))
        for place, (mark, value) in enumerate(zip(names, values, strict=False)):
            if not isinstance(value, int | float) or value != value:
                continue
            base = each(trace.get("base"), place)
            stacked = base is None and layout.get("barmode") in ("stack", "relative")
            start = reached.get((mark, value < 0), 0.0) if stacked else float(base or 0)
            reached[mark, value < 0] = start + value
            found += [start, start + value]
    return found


def _values(trace: Spec, side: str) -> Iterator[Any]:
    """The values of a trace that an axis must reach: its own, and the ends of its whiskers."""
    own = listed(trace.get(side))
    other = listed(trace.get("y" if side == "x" else "x"))
    yield from own or (range(len(other)) if other else ())
    error = trace.get(f"error_{side}") or {}
    for value, plus in zip(own, listed(error.get("array")), strict=False):
        if isinstance(value, int | float) and plus is not None:
            yield value + plus
    for value, minus in zip(own, listed(error.get("arrayminus")), strict=False):
        if isinstance(value, int | float) and minus is not None:
            yield value - minus


# -- what is drawn ------------------------------------------------------------------------------------------------


def _frame(layout: Spec, axes: Mapping[str, Axis], box: Box) -> Iterator[str]:
    """Grid lines and the words beside the axes."""
    for name, axis in axes.items():
        spec = layout.get(_key(name)) or {}
        if spec.get("visible") is False:
            continue
        for value, text in axis.ticks:
            at = axis.start + (value - axis.low) / (axis.high - axis.low) * (axis.end - axis.start)
            yield from _tick(name, spec, axis, axes, at, text, box)
        if _title(spec):
            yield _axis_title(name, _title(spec), axis, box)


def _tick(name: str, spec: Spec, axis: Axis, axes: Mapping[str, Axis], at: float, text: str, box: Box) -> Iterator[str]:
    grid = f'stroke="currentColor" stroke-width="1" stroke-opacity="{FAINT}"'
    crossing = axes.get(str(spec.get("anchor") or ("y" if name[0] == "x" else "x")))
    style = style_of(spec.get("tickfont"), TICK)
    if name[0] == "x":
        low = crossing.start if crossing else box.bottom
        if axis.grid:
            high = crossing.end if crossing else box.top
            yield f'<line x1="{number(at)}" x2="{number(at)}" y1="{number(low)}" y2="{number(high)}" {grid}/>'
        above = spec.get("side") == "top"
        y = (box.top - 3) if above else low + 4
        half = extent(text, style)[0] / 2
        at = min(max(at, half + 1), box.right + box.edge - half - 1)
        yield label(at, y, text, style, across="middle", upright="bottom" if above else "top", opacity=QUIET)
        return
    if axis.grid:
        yield f'<line x1="{number(box.left)}" x2="{number(box.right)}" y1="{number(at)}" y2="{number(at)}" {grid}/>'
    right = spec.get("side") == "right"
    off = float(spec.get("ticklabelstandoff") or 0) + 4
    yield label(box.right + off if right else box.left - off, at, text, style,
                across="start" if right else "end", opacity=QUIET)  # fmt: skip


def _axis_title(name: str, text: str, axis: Axis, box: Box) -> str:
    middle = (axis.start + axis.end) / 2
    if name[0] == "x":
        return label(middle, box.bottom + 20, text, Style(TICK), across="middle", upright="top", opacity=QUIET)
    return label(box.left, box.top - 2, text, Style(TICK), across="start", upright="bottom", opacity=QUIET)


def _marks(traces: Sequence[Spec], axes: Mapping[str, Axis], layout: Spec) -> Iterator[str]:
    standing = [t for t in traces if t.get("type") == "bar"]
    yield from bars(standing, [(axes[_on(t, "x")], axes[_on(t, "y")]) for t in standing], layout)
    before: list[Point] = []
    for trace in traces:
        if trace.get("type", "scatter") in ("scatter", "scattergl"):
            across, up = axes[_on(trace, "x")], axes[_on(trace, "y")]
            yield from scatter(trace, across, up, before)
            before = [point for point in positions(trace, across, up) if point]


def _place(value: Any, reference: Any, side: str, axes: Mapping[str, Axis], box: Box) -> float | None:
    """The pixel of a value that is given on an axis, or as a share of the plot (`paper`, `x domain`)."""
    name = str(reference or side)
    if name == "paper" or name.endswith("domain"):
        axis = axes.get(name.removesuffix(" domain")) if name != "paper" else None
        ends = (axis.start, axis.end) if axis else (box.left, box.right) if side == "x" else (box.bottom, box.top)
        return ends[0] + float(value) * (ends[1] - ends[0])
    return axes[name].at(value) if name in axes else None


def _span(shape: Spec, side: str, axes: Mapping[str, Axis], box: Box) -> tuple[float, float] | None:
    """The pixels from where to where a shape reaches; what lies beyond the axis is cut off, as on screen."""
    reference = str(shape.get(f"{side}ref") or side)
    ends = [_place(shape.get(f"{side}{end}"), reference, side, axes, box) for end in "01"]
    if ends[0] is None or ends[1] is None:
        return None
    first, last = ends[0], ends[1]
    if reference in axes:
        low, high = sorted((axes[reference].start, axes[reference].end))
        if max(first, last) < low or min(first, last) > high:
            return None
        first, last = min(max(first, low), high), min(max(last, low), high)
    return first, last


def _shape(shape: Spec, axes: Mapping[str, Axis], box: Box) -> str:
    across, upright = _span(shape, "x", axes, box), _span(shape, "y", axes, box)
    if across is None or upright is None:
        return ""
    (x0, x1), (y0, y1) = across, upright
    line, opacity = shape.get("line") or {}, float(shape.get("opacity") or 1)
    if shape.get("type") == "line":
        places = f'x1="{number(x0)}" y1="{number(y0)}" x2="{number(x1)}" y2="{number(y1)}"'
        return f"<line {places} {stroke(line, opacity=opacity)}/>"
    x, wide = min(x0, x1), abs(x1 - x0)
    y, high = min(y0, y1), abs(y1 - y0)
    edge = stroke(line, "none", opacity) if line.get("width", 0) else ""
    fill = paint(shape.get("fillcolor") or "none", opacity)
    return f'<rect x="{number(x)}" y="{number(y)}" width="{number(wide)}" height="{number(high)}" {fill} {edge}/>'


def _note(note: Spec, axes: Mapping[str, Axis], box: Box) -> str:
    x = _place(note.get("x", 0), note.get("xref"), "x", axes, box)
    y = _place(note.get("y", 0), note.get("yref"), "y", axes, box)
    if x is None or y is None:
        return ""
    across = ANCHORS.get(str(note.get("xanchor")), "middle")
    upright = str(note.get("yanchor") or "middle")
    upright = upright if upright in ("top", "bottom") else "middle"
    x, y = x + float(note.get("xshift") or 0), y - float(note.get("yshift") or 0)
    return label(x, y, note.get("text", ""), style_of(note.get("font")), across=across, upright=upright)


# -- legend -------------------------------------------------------------------------------------------------------


def _entries(traces: Sequence[Spec], layout: Spec) -> list[tuple[str, Spec]]:
    if not layout.get("showlegend"):
        return []
    return [(str(t["name"]), t) for t in traces if t.get("name") and t.get("showlegend", True) is not False]


def _legend_rows(entries: Sequence[tuple[str, Spec]], room: float) -> list[list[tuple[str, Spec]]]:
    rows: list[list[tuple[str, Spec]]] = []
    left = 0.0
    for name, trace in entries:
        wide = width_of(name, TICK) + 34
        if not rows or wide > left:
            rows.append([])
            left = room
        rows[-1].append((name, trace))
        left -= wide
    return rows


def _legend(rows: Sequence[Sequence[tuple[str, Spec]]]) -> Iterator[str]:
    for row, entries in enumerate(rows):
        x, y = PAD, LEGEND_ROW * (row + 0.5)
        for name, trace in entries:
            yield _sample(trace, x, y)
            yield label(x + 20, y, name, Style(TICK))
            x += width_of(name, TICK) + 34


def _sample(trace: Spec, x: float, y: float) -> str:
    marker, line = trace.get("marker") or {}, trace.get("line") or {}
    colours = listed(marker.get("color")) or [line.get("color") or trace.get("fillcolor") or "currentColor"]
    opacities = [o for o in listed(marker.get("opacity")) if isinstance(o, int | float)]
    opacity = float(trace.get("opacity") or 1) * float(max(opacities, default=1))
    if trace.get("type") == "bar":
        area = f'x="{number(x + 4)}" y="{number(y - 5)}" width="10" height="10"'
        return filled(area, colours[0], opacity, each((marker.get("pattern") or {}).get("shape"), 0))
    if "markers" in str(trace.get("mode") or "") and "lines" not in str(trace.get("mode")):
        return dot(trace, 0, (x + 9, y))
    places = f'x1="{number(x)}" x2="{number(x + 16)}" y1="{number(y)}" y2="{number(y)}"'
    return f"<line {places} {stroke({**line, 'color': line.get('color') or colours[0]}, opacity=opacity)}/>"
