"""Which pictures stand in the packs? Drawn as SVG, the same on paper and in HTML, on light and on dark ground.

Marks have the colours of dashboard/palette.py; words and lines take the colour of the text around them. Sizes are in
points. Every picture carries its answer in words.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable, Sequence

from dashboard import wording
from dashboard.reports.figures import Picture
from dashboard.reports.typesetting import one_line

FAMILY = "Inter, 'Noto Sans Arabic', 'Noto Sans Hebrew', 'Noto Emoji', system-ui, sans-serif"
INK = "#1b2430"
QUIET = 0.68  # opacity of secondary words
FAINT = 0.14  # opacity of grid lines
SHADE = 0.06  # opacity of shaded zones
INVISIBLE = {0x200D: None, 0xFE0F: None}  # a sign that no font has would spoil the choice of fonts for the whole line
PAPER_WIDTH = 482.0  # 170 mm: the text width of a portrait A4


def drawing(width: float, height: float, parts: Iterable[str], title: str, alt: str) -> Picture:
    """A picture from its parts, with title and description for screen readers."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number(width)} {number(height)}" '
        f'width="{number(width)}" height="{number(height)}" color="{INK}" fill="currentColor" '
        f'font-family="{FAMILY}" role="img"><title>{html.escape(one_line(title))}</title>'
        f"<desc>{html.escape(one_line(alt))}</desc>"
        f"{''.join(parts)}</svg>"
    )
    return Picture(svg, width, height, alt)


def number(value: float) -> str:
    """A coordinate to a hundredth, without idle zeros."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def words(
    x: float, y: float, text: str, *, size: float = 7.5, anchor: str = "start", quiet: bool = False, bold: bool = False
) -> str:
    """A line of words; `y` is its base line."""
    faded = f' fill-opacity="{QUIET}"' if quiet else ""
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}" text-anchor="{anchor}"{faded}{weight}>'
        f"{html.escape(one_line(text).translate(INVISIBLE))}</text>"
    )


def bar(x: float, y: float, width: float, height: float, colour: str, opacity: float = 1, round_by: float = 0) -> str:
    """A filled rectangle."""
    return (
        f'<rect x="{number(x)}" y="{number(y)}" width="{number(max(0, width))}" height="{number(max(0, height))}" '
        f'rx="{number(round_by)}" fill="{colour}" fill-opacity="{number(opacity)}"/>'
    )


def line(
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    colour: str = "currentColor",
    *,
    width: float = 0.6,
    opacity: float = 1,
    dashed: bool = False,
) -> str:
    """A straight line."""
    dashes = ' stroke-dasharray="3 2.5"' if dashed else ""
    return (
        f'<line x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}" stroke="{colour}" '
        f'stroke-width="{number(width)}" stroke-opacity="{number(opacity)}"{dashes}/>'
    )


def dot(x: float, y: float, radius: float, colour: str) -> str:
    """A filled circle with a hairline of the ground around it."""
    return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="{colour}"/>'


def fitted(text: object, room: float, size: float) -> str:
    """A name cut so that it takes at most `room` points at that size, by the usual widths of signs."""
    flat = one_line(text)
    if sum(map(_sign, flat)) * size <= room:
        return flat
    kept, left = "", room / size - _sign("…")
    for sign in flat:
        left -= _sign(sign)
        if left < 0:
            break
        kept += sign
    return f"{kept.rstrip()}…"


def width_of(text: str, size: float) -> float:
    """About how wide a text is, in the units of its size."""
    return sum(map(_sign, one_line(text))) * size * 0.8


def _sign(sign: str) -> float:
    """About how wide a sign is, in units of the type size."""
    if unicodedata.east_asian_width(sign) in {"W", "F"} or ord(sign) > 0xFFFF:
        return 1.25
    if unicodedata.combining(sign):
        return 0
    if sign in "WMmw@%—ŴŵÆæŒœ©¼½¾Ĳ":
        return 1.0
    if sign in "iljtfI.,:;'|! ()[]":
        return 0.38
    return 0.76 if sign.isupper() or sign in "¤ď" else 0.66


def round_ticks(highest: float, wanted: int = 4) -> list[float]:
    """Round numbers from 0 to just below or at `highest`, about as many as wanted."""
    if highest <= 0:
        return [0.0]
    raw = highest / wanted
    power = 10.0 ** (len(str(int(raw))) - 1) if raw >= 1 else 10.0 ** -next(k for k in range(1, 20) if raw * 10**k >= 1)
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * 0.999)
    return [place * step for place in range(int(highest / step * 1.0001) + 1)]


def path(points: Sequence[tuple[float, float]], colour: str, *, width: float = 1.4, dashed: bool = False) -> str:
    """A staircase through the points: the value holds until the next."""
    dashes = ' stroke-dasharray="3 2.5"' if dashed else ""
    return (
        f'<path d="{_stairs(points)}" fill="none" stroke="{colour}" stroke-width="{number(width)}" '
        f'stroke-linejoin="round"{dashes}/>'
    )


def band(low: Sequence[tuple[float, float]], high: Sequence[tuple[float, float]], colour: str, opacity: float) -> str:
    """The ground between two staircases."""
    return (
        f'<path d="{_stairs(high)} L{" ".join(_corners(low)[::-1])} Z" fill="{colour}" '
        f'fill-opacity="{number(opacity)}" stroke="none"/>'
    )


def _stairs(points: Sequence[tuple[float, float]]) -> str:
    return f"M{' '.join(_corners(points))}"


def _corners(points: Sequence[tuple[float, float]]) -> list[str]:
    corners: list[str] = []
    for place, (x, y) in enumerate(points):
        if place and y != points[place - 1][1]:
            corners.append(f"{number(x)},{number(points[place - 1][1])}")
        corners.append(f"{number(x)},{number(y)}")
    return corners


def percent(value: float) -> str:
    """A tick of a share."""
    return wording.rate(value, 0)
