"""How do the words of a chart look on paper? Plotly's few tags of style as SVG, everything else as plain text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashboard.reports.pictures import INVISIBLE, number, width_of
from dashboard.reports.typesetting import one_line

SIZE = 12.0
LEADING = 1.25
UNPRINTABLE = {0x2501: "\u2014"}  # a heavy line that the paper's fonts lack
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"<(/?)(b|i|em|strong|span|sup|sub|a)\b([^>]*)>", re.IGNORECASE)
_COLOUR = re.compile(r"(?<![-\w])color:\s*([^;'\"]+)")
_SIZED = re.compile(r"font-size:\s*(\d+(?:\.\d+)?)px")


@dataclass(frozen=True, slots=True)
class Style:
    """How a run of words is set."""

    size: float = SIZE
    colour: str = "currentColor"
    bold: bool = False


def lines(text: Any, style: Style) -> list[list[tuple[str, Style]]]:
    """The lines of a label, each as runs of words with their style."""
    return [list(_runs(part, style)) for part in _BREAK.split(str(text))]


def _runs(text: str, style: Style) -> Iterator[tuple[str, Style]]:
    stack, place = [style], 0
    for tag in _TAG.finditer(text):
        yield from _run(text[place : tag.start()], stack[-1])
        place = tag.end()
        if tag[1]:
            stack = stack[:-1] or [style]
        else:
            stack.append(_styled(stack[-1], tag[2].lower(), tag[3]))
    yield from _run(text[place:], stack[-1])


def _run(text: str, style: Style) -> Iterator[tuple[str, Style]]:
    plain = html.unescape(text).translate(UNPRINTABLE)
    if plain:
        yield plain, style


def _styled(style: Style, tag: str, attributes: str) -> Style:
    if tag in ("b", "strong"):
        return replace(style, bold=True)
    colour, size = _COLOUR.search(attributes), _SIZED.search(attributes)
    return replace(
        style, colour=colour[1].strip() if colour else style.colour, size=float(size[1]) if size else style.size
    )


def extent(text: Any, style: Style) -> tuple[float, float]:
    """About how wide and high a label is, in pixels."""
    made = lines(text, style)
    wide = max((sum(width_of(words, own.size) for words, own in line) for line in made), default=0.0)
    return wide, sum(max((own.size for _, own in line), default=style.size) * LEADING for line in made)


def label(
    x: float, y: float, text: Any, style: Style, *, across: str = "start", upright: str = "middle", opacity: float = 1
) -> str:
    """A label at a point; `across`: start, middle or end; `upright`: top, middle or bottom."""
    made = lines(text, style)
    _, high = extent(text, style)
    top = {"top": y, "middle": y - high / 2, "bottom": y - high}[upright]
    parts: list[str] = []
    for line in made:
        size = max((own.size for _, own in line), default=style.size)
        top += size * LEADING
        parts.append(_line(x, top - size * (LEADING - 0.96), line, across, opacity))
    return "".join(parts)


def _line(x: float, y: float, runs: Sequence[tuple[str, Style]], across: str, opacity: float) -> str:
    inner = "".join(_set(words, own) for words, own in runs)
    faded = f' fill-opacity="{number(opacity)}"' if opacity < 1 else ""
    return f'<text x="{number(x)}" y="{number(y)}" text-anchor="{across}" xml:space="preserve"{faded}>{inner}</text>'


def _set(words: str, style: Style, kept: str = "\u00a0") -> str:
    weight = ' font-weight="600"' if style.bold else ""
    # Spaces at the ends of runs would be lost between the runs.
    before, after = (kept if words[:1].isspace() else ""), (kept if words[-1:].isspace() else "")
    return (
        f'<tspan font-size="{number(style.size)}" fill="{_safe(style.colour)}"{weight}>'
        f"{before}{html.escape(one_line(words).translate(INVISIBLE))}{after}</tspan>"
    )


def _safe(colour: str) -> str:
    """A colour as SVG takes it; anything else could not come from our own charts."""
    return colour if re.fullmatch(r"#[0-9a-fA-F]{3,8}|[a-zA-Z]+|rgba?\([\d.,\s%]+\)", colour) else "currentColor"


def style_of(font: Mapping[str, Any] | None, size: float = SIZE, colour: str = "currentColor") -> Style:
    """The style that a font of a figure asks for."""
    asked = font or {}
    return Style(float(asked.get("size") or size), str(asked.get("color") or colour), asked.get("weight") == "bold")
