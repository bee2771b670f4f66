"""How do bars, lines, dots, whiskers and areas of a Plotly figure look on paper?"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dashboard.reports.figure_axes import Axis, Spec, listed
from dashboard.reports.figure_words import Style, label, style_of
from dashboard.reports.pictures import number

DASHES = {"dot": "1.5 3", "dash": "5 4", "longdash": "9 4", "dashdot": "5 3 1.5 3"}
_RGBA = re.compile(r"rgba\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*,\s*([\d.]+)\s*\)")
HATCHES = {"/": "M-1,7 L7,-1", "\\": "M-1,-1 L7,7", "x": "M-1,7 L7,-1 M-1,-1 L7,7", "-": "M0,3 L6,3", "|": "M3,0 L3,6"}
ACROSS = {"left": "end", "right": "start", "center": "middle"}
Point = tuple[float, float]


def paint(colour: Any, opacity: float = 1.0, what: str = "fill") -> str:
    """A colour with its transparency as SVG attributes."""
    text = str(colour or "none")
    found = _RGBA.fullmatch(text)
    if found:
        text, opacity = "#{:02x}{:02x}{:02x}".format(*map(int, found.groups()[:3])), opacity * float(found[4])
    faded = f' {what}-opacity="{number(opacity)}"' if opacity < 1 else ""
    return f'{what}="{text}"{faded}'


def stroke(spec: Spec, default: str = "currentColor", opacity: float = 1.0) -> str:
    """A line's colour, width and dashes as SVG attributes."""
    width = spec.get("width", 2)
    dash = DASHES.get(str(spec.get("dash")))
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'{paint(spec.get("color", default), opacity, "stroke")} stroke-width="{number(float(width))}"{dashed}'


def each(values: Any, place: int, default: Any = None) -> Any:
    """The value for one mark of a property that holds one for all or one for each."""
    if isinstance(values, str) or not hasattr(values, "__len__"):
        return default if values is None else values
    found = listed(values)
    return found[place] if place < len(found) else default


# -- bars ---------------------------------------------------------------------------------------------------------


def bars(traces: Sequence[Spec], axes: Sequence[tuple[Axis, Axis]], layout: Spec) -> Iterator[str]:
    """All bars of a figure, stacked, side by side or over each other, as its layout says."""
    mode, gap = layout.get("barmode", "group"), float(layout.get("bargap", 0.2))
    heights: dict[tuple[Any, ...], float] = {}
    grouped = mode == "group" and len(traces) > 1
    for nth, (trace, (across, up)) in enumerate(zip(traces, axes, strict=True)):
        lying = trace.get("orientation") == "h"
        along, value = (up, across) if lying else (across, up)
        width = abs((along.end - along.start) / (along.high - along.low)) * _unit(trace, lying, along) * (1 - gap)
        ends = _ends(trace, mode, heights, lying)
        for place, (name, low, high) in enumerate(ends):
            middle, first, last = along.at(name), value.at(low), value.at(high)
            if middle is None or first is None or last is None:
                continue
            own = width / len(traces) if grouped else _own_width(trace, place, along, width)
            middle += (nth - (len(traces) - 1) / 2) * own if grouped else 0
            yield _bar(trace, place, (middle - own / 2, own), (first, last), lying)


def _unit(trace: Spec, lying: bool, along: Axis) -> float:
    """How far neighbouring bars lie apart on their axis."""
    found = sorted({along.at(name) for name in _names(trace, lying)} - {None}, key=lambda at: at or 0)
    if len(found) < 2 or along.places:
        return 1.0
    apart = min(abs(b - a) for a, b in itertools.pairwise([at for at in found if at is not None]))
    return apart / abs((along.end - along.start) / (along.high - along.low))


def _own_width(trace: Spec, place: int, along: Axis, width: float) -> float:
    own = each(trace.get("width"), place)
    if own is None:
        return width
    scale = abs((along.end - along.start) / (along.high - along.low))
    return float(own) * scale / (1000 if along.dated else 1)


def _names(trace: Spec, lying: bool) -> list[Any]:
    names = listed(trace.get("y" if lying else "x"))
    return names or list(range(len(listed(trace.get("x" if lying else "y")))))


def _ends(
    trace: Spec, mode: Any, heights: dict[tuple[Any, ...], float], lying: bool
) -> Iterator[tuple[Any, float, float]]:
    values = listed(trace.get("x" if lying else "y"))
    for place, (name, value) in enumerate(zip(_names(trace, lying), values, strict=False)):
        size = 0.0 if value is None or value != value else float(value)
        base = each(trace.get("base"), place)
        if mode in ("stack", "relative") and base is None:
            key = (trace.get("xaxis", "x"), trace.get("yaxis", "y"), name, size < 0)
            base = heights.get(key, 0.0)
            heights[key] = base + size
        start = float(base or 0.0)
        yield name, start, start + size


def _bar(trace: Spec, place: int, along: Point, ends: Point, lying: bool) -> str:
    marker = trace.get("marker") or {}
    opacity = float(each(marker.get("opacity"), place, 1)) * float(trace.get("opacity") or 1)
    hatch = each((marker.get("pattern") or {}).get("shape"), place)
    colour = each(marker.get("color"), place, "#888888")
    edge = marker.get("line") or {}
    edged = stroke({"width": each(edge.get("width"), place, 0), "color": each(edge.get("color"), place, "none")})
    (at, wide), (low, high) = along, sorted(ends)
    box = (low, at, high - low, wide) if lying else (at, low, wide, high - low)
    x, y, width, height = (number(side) for side in box)
    area = f'x="{x}" y="{y}" width="{width}" height="{height}"'
    return filled(area, colour, opacity, hatch, edged) + _bar_words(trace, place, box, ends, lying)


def filled(area: str, colour: Any, opacity: float, hatch: Any, edged: str = "") -> str:
    """A rectangle, hatched where the figure says so: what is estimated."""
    if str(hatch or "") not in HATCHES:
        return f"<rect {area} {paint(colour, opacity)} {edged}/>"
    name = f"hatch{list(HATCHES).index(str(hatch))}{re.sub(r'[^0-9a-zA-Z]', '', str(colour))}"
    pattern = (
        f'<pattern id="{name}" width="6" height="6" patternUnits="userSpaceOnUse">'
        f'<path d="{HATCHES[str(hatch)]}" fill="none" {paint(colour, 1, "stroke")} stroke-width="1.2"/></pattern>'
    )
    return f'{pattern}<rect {area} fill="url(#{name})" fill-opacity="{number(opacity)}" {edged}/>'


def _bar_words(trace: Spec, place: int, box: tuple[float, float, float, float], ends: Point, lying: bool) -> str:
    text = each(trace.get("text"), place, "")
    if not text or trace.get("textposition") == "none":
        return ""
    x, y, width, height = box
    style = style_of(trace.get("textfont"), 11)
    if trace.get("textposition") in ("inside", "middle"):
        colour = each((trace.get("marker") or {}).get("color"), place, "#888888")
        return label(x + width / 2, y + height / 2, text, _readable_on(colour, style), across="middle")
    if lying:
        right = ends[1] >= ends[0]
        return label(ends[1] + (4 if right else -4), y + height / 2, text, style, across="start" if right else "end")
    above = ends[1] <= ends[0]
    return label(x + width / 2, ends[1] + (-2 if above else 2), text, style, across="middle",
                 upright="bottom" if above else "top")  # fmt: skip


def _readable_on(colour: Any, style: Style) -> Style:
    """White words on a dark bar, as Plotly sets them."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", str(colour)) or style.colour != "currentColor":
        return style
    red, green, blue = (int(str(colour)[place : place + 2], 16) for place in (1, 3, 5))
    return replace(style, colour="#ffffff") if 0.3 * red + 0.59 * green + 0.11 * blue < 140 else style


# -- lines, dots, areas -------------------------------------------------------------------------------------------


def scatter(trace: Spec, across: Axis, up: Axis, before: Sequence[Point]) -> Iterator[str]:
    """A line with its area, dots, whiskers and words; `before`: the points of the trace drawn before it."""
    points = positions(trace, across, up)
    opacity = float(trace.get("opacity") or 1)
    mode = str(trace.get("mode") or "lines")
    if trace.get("fill") and trace["fill"] != "none":
        yield _area(trace, points, before, up, opacity)
    line = trace.get("line") or {}
    if "lines" in mode and line.get("width", 2):
        ink = stroke(line, str((trace.get("marker") or {}).get("color", "currentColor")), opacity)
        yield from (f'<path d="{_path(run, line)}" fill="none" {ink} stroke-linejoin="round"/>' for run in runs(points))
    for name in ("x", "y"):
        yield from _whiskers(trace, name, across, up, opacity)
    if "markers" in mode:
        yield from (dot(trace, place, point, opacity) for place, point in enumerate(points) if point)
    if "text" in mode:
        yield from (_beside(trace, place, point) for place, point in enumerate(points) if point)


def positions(trace: Spec, across: Axis, up: Axis) -> list[Point | None]:
    """The points of a trace in pixels; None where a value is missing."""
    xs, ys = listed(trace.get("x")), listed(trace.get("y"))
    pairs = zip(xs or range(len(ys)), ys or range(len(xs)), strict=False)
    placed = ((across.at(x), up.at(y)) for x, y in pairs)
    return [(x, y) if x is not None and y is not None else None for x, y in placed]


def runs(points: Sequence[Point | None]) -> list[list[Point]]:
    """Stretches of points without a gap."""
    found = (list(group) for there, group in itertools.groupby(points, key=lambda point: point is not None) if there)
    return [[point for point in run if point] for run in found]


def _path(run: Sequence[Point], line: Spec) -> str:
    corners = [run[0]]
    for (x0, y0), (x1, y1) in itertools.pairwise(run):
        shape = line.get("shape")
        corners += {"hv": [(x1, y0)], "vh": [(x0, y1)]}.get(str(shape), [])
        if shape == "hvh":
            corners += [((x0 + x1) / 2, y0), ((x0 + x1) / 2, y1)]
        corners.append((x1, y1))
    return "M" + " L".join(f"{number(x)},{number(y)}" for x, y in corners)


def _area(trace: Spec, points: Sequence[Point | None], before: Sequence[Point], up: Axis, opacity: float) -> str:
    own = [point for point in points if point]
    if not own:
        return ""
    line = trace.get("line") or {}
    zero = up.at(0)
    floor = zero if zero is not None else up.start
    back = list(before)[::-1] if trace["fill"] == "tonexty" else [(own[-1][0], floor), (own[0][0], floor)]
    way_back = "" if trace["fill"] == "toself" else "".join(f" L{number(x)},{number(y)}" for x, y in back)
    edge = _path(own, line) + way_back
    colour = trace.get("fillcolor") or line.get("color")
    return f'<path d="{edge} Z" {paint(colour, opacity if trace.get("fillcolor") else 0.4)} stroke="none"/>'


def _whiskers(trace: Spec, name: str, across: Axis, up: Axis, opacity: float) -> Iterator[str]:
    error: Mapping[str, Any] = trace.get(f"error_{name}") or {}
    if not error or error.get("visible") is False:
        return
    ink = stroke({"color": error.get("color", "currentColor"), "width": error.get("thickness", 2)}, opacity=opacity)
    cap = float(error.get("width", 4))
    for place, point in enumerate(positions(trace, across, up)):
        plus = each(error.get("array"), place)
        minus = each(error.get("arrayminus"), place, plus)
        value = each(trace.get(name), place)
        if point is None or plus is None or minus is None or not isinstance(value, int | float):
            continue
        axis = across if name == "x" else up
        first, last = axis.at(value - minus), axis.at(value + plus)
        if first is not None and last is not None:
            yield _whisker(point, first, last, cap, ink, lying=name == "x")


def _whisker(point: Point, first: float, last: float, cap: float, ink: str, *, lying: bool) -> str:
    steps = [(first, last, 0.0)] + ([(first, first, cap), (last, last, cap)] if cap else [])
    path = ""
    for a, b, wide in steps:
        if lying:
            path += f"M{number(a)},{number(point[1] - wide)} L{number(b)},{number(point[1] + wide)} "
        else:
            path += f"M{number(point[0] - wide)},{number(a)} L{number(point[0] + wide)},{number(b)} "
    return f'<path d="{path.strip()}" fill="none" {ink}/>'


def dot(trace: Spec, place: int, point: Point, opacity: float = 1) -> str:
    """One mark of a scatter trace."""
    marker = trace.get("marker") or {}
    radius = float(each(marker.get("size"), place, 6)) / 2
    opacity *= float(each(marker.get("opacity"), place, 1))
    symbol = str(each(marker.get("symbol"), place, "circle"))
    colour = each(marker.get("color"), place) or (trace.get("line") or {}).get("color") or "currentColor"
    edge = marker.get("line") or {}
    width = float(each(edge.get("width"), place, 0))
    ink = paint("none" if "open" in symbol else colour, opacity)
    rim = colour if "open" in symbol else each(edge.get("color"), place, "none")
    edged = stroke({"color": rim, "width": width or (1.5 if "open" in symbol else 0)}, opacity=opacity)
    return _symbol(symbol.removesuffix("-open"), point, radius, ink, edged, colour)


def _symbol(symbol: str, point: Point, radius: float, ink: str, edged: str, colour: Any) -> str:
    x, y = point
    if symbol.startswith("line-"):
        ends = (x, y - radius, x, y + radius) if "ns" in symbol else (x - radius, y, x + radius, y)
        x1, y1, x2, y2 = (number(end) for end in ends)
        return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" {stroke({"color": colour, "width": 2})}/>'
    shapes: dict[str, list[Point]] = {
        "diamond": [(0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)],
        "square": [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
        "triangle-up": [(0, -1.1), (1, 0.8), (-1, 0.8)],
        "triangle-down": [(0, 1.1), (1, -0.8), (-1, -0.8)],
    }
    corners = shapes.get(symbol)
    if corners is None:
        return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" {ink} {edged}/>'
    around = " ".join(f"{number(x + dx * radius)},{number(y + dy * radius)}" for dx, dy in corners)
    return f'<polygon points="{around}" {ink} {edged}/>'


def _beside(trace: Spec, place: int, point: Point) -> str:
    text = each(trace.get("text"), place, "")
    if not text:
        return ""
    upright, _, side = str(each(trace.get("textposition"), place, "middle center")).partition(" ")
    size = each((trace.get("marker") or {}).get("size"), place, 0) if "markers" in str(trace["mode"]) else 0
    radius = float(size) / 2
    off = {"left": -radius - 2, "right": radius + 2}.get(side, 0)
    lift = {"top": -radius - 1, "bottom": radius + 1}.get(upright, 0)
    return label(
        point[0] + off, point[1] + lift, text, style_of(trace.get("textfont"), 11), across=ACROSS.get(side, "middle"),
        upright={"top": "bottom", "bottom": "top"}.get(upright, "middle"),
    )  # fmt: skip
