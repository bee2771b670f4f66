"""Which differences in rank are real? One bar a partner: its dot the rank, its bar what the data allow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dashboard import palette, wording
from dashboard.reports.figures import Picture, bounds
from dashboard.reports.pictures import FAINT, PAPER_WIDTH, SHADE, bar, dot, drawing, fitted, line, words

if TYPE_CHECKING:
    from dashboard.reports.review_pack import RankLine

NAMES, BOUNDS = 132.0, 52.0  # room for names on the left and bounds on the right
TOP, TALLEST, TIGHT, PAGE = 26.0, 13.5, 10.0, 640.0  # the head, a row's height, beside an overview, a page's room
ROWS_ON_A_PAGE = 64
NAMED_AT_MOST = 128  # beyond, one cannot read them all: an overview and the partners that are surely outside the middle
COLOURS = {"top": palette.PARTNER, "middle": palette.REFERENCE, "bottom": palette.BREACH}


def rank_intervals(
    lines: Sequence[RankLine], zone_size: int, interval: str, ranked: int | None = None
) -> list[Picture]:
    """The pictures of the ranks, a page each at most: named rows, or an overview where there are too many for names.

    `ranked`: how many partners are ranked in all, where `lines` are only some of them.
    """
    if not lines:
        return []
    last = max(ranked or 0, len(lines), *(entry.high for entry in lines))
    if len(lines) <= NAMED_AT_MOST:
        return [_rows(part, last, zone_size, interval) for part in _pages(lines)]
    outer = [[entry for entry in lines if entry.zone == zone] for zone in ("top", "bottom")]
    named = [_rows(part, last, zone_size, interval, TIGHT) for sure in outer for part in _pages(sure)]
    return [_overview(lines, last, zone_size, interval), *named]


def _pages(lines: Sequence[RankLine]) -> list[Sequence[RankLine]]:
    pages = -(-len(lines) // ROWS_ON_A_PAGE)
    size = -(-len(lines) // pages) if pages else 1
    return [lines[first : first + size] for first in range(0, len(lines), size)]


def _rows(lines: Sequence[RankLine], last: int, zone_size: int, interval: str, tallest: float = TALLEST) -> Picture:
    row = min(tallest, PAGE / len(lines))
    height, left = TOP + row * len(lines) + 4, NAMES + 10
    step = (PAPER_WIDTH - BOUNDS - left) / max(1, last)
    parts = _zones(left, step, last, zone_size, height)
    parts.append(words(NAMES, 18, "Partner", size=6.5, anchor="end", quiet=True))
    parts.append(words(PAPER_WIDTH, 18, f"rank ({interval})", size=6.5, anchor="end", quiet=True))
    for tick in _ticks(last):
        x = left + (tick - 0.5) * step
        parts.append(words(x, 18, wording.count(tick), size=6.5, anchor="middle", quiet=True))
        parts.append(line(x, TOP - 2, x, height - 2, width=0.5, opacity=FAINT))
    shared = Counter(entry.rank for entry in lines)
    for place, entry in enumerate(lines):
        y = TOP + row * (place + 0.5)
        if shared[entry.rank] > 1:
            ends = (left + (entry.rank - 0.5 + extra) * step for extra in (0, shared[entry.rank] - 1))
            parts.append(line(next(ends), y, next(ends), y, COLOURS[entry.zone], width=0.8))
        parts.append(_row(entry, y, row, left, step))
    return drawing(PAPER_WIDTH, height, parts, "Ranks and how sure we are", _answer(lines, interval))


def _zones(left: float, step: float, last: int, zone_size: int, height: float) -> list[str]:
    """The outer fifths, shaded: the first and the last `zone_size` ranks."""
    if not zone_size:
        return []
    parts, wide = [], zone_size * step
    for x, label in ((left, "top fifth"), (left + (last - zone_size) * step, "bottom fifth")):
        parts.append(bar(x, TOP - 2, wide, height - TOP, "currentColor", SHADE))
        parts.append(words(x + wide / 2, 8, label, size=6.5, anchor="middle", quiet=True))
    return parts


def _row(entry: RankLine, y: float, row: float, left: float, step: float) -> str:
    colour, size = COLOURS[entry.zone], min(7.5, row * 0.72)
    thick = min(5.0, row * 0.42)
    low, high = left + (entry.low - 1) * step, left + entry.high * step
    named = words(NAMES, y + size * 0.36, fitted(entry.name, NAMES, size), size=size, anchor="end")
    beside = f"{wording.count(entry.rank)} ({bounds(entry.low, entry.high)})"
    return (
        named
        + bar(low, y - thick / 2, high - low, thick, colour, 0.38, thick / 2)
        + dot(left + (entry.rank - 0.5) * step, y, thick * 0.58, colour)
        + words(PAPER_WIDTH, y + size * 0.36, beside, size=size * 0.93, anchor="end", quiet=True)
    )


def _overview(lines: Sequence[RankLine], last: int, zone_size: int, interval: str) -> Picture:
    """All partners side by side, best first, without names: how wide are the intervals, where do they leave a zone?"""
    left, right, top, height = 34.0, PAPER_WIDTH, 8.0, 250.0
    across, down = (right - left) / len(lines), (height - top - 18) / last
    parts = []
    for first, label in ((0, "top fifth"), (last - zone_size, "bottom fifth")):
        if zone_size:
            parts.append(bar(left, top + first * down, right - left, zone_size * down, "currentColor", SHADE))
            parts.append(words(right - 3 if not first else left + 3, top + first * down + 9, label, size=6.5,
                               anchor="end" if not first else "start", quiet=True))  # fmt: skip
    for tick in _ticks(last):
        y = top + (tick - 0.5) * down
        parts.append(words(left - 4, y + 2.3, wording.count(tick), size=6.5, anchor="end", quiet=True))
        parts.append(line(left, y, right, y, width=0.5, opacity=FAINT))
    for place, entry in enumerate(lines):
        x, colour = left + (place + 0.5) * across, COLOURS[entry.zone]
        parts.append(line(x, top + (entry.low - 1) * down, x, top + entry.high * down, colour, width=across * 0.7,
                          opacity=0.45))  # fmt: skip
        parts.append(dot(x, top + (entry.rank - 0.5) * down, max(0.5, min(1.5, across * 0.6)), colour))
    note = f"rank and its {interval} interval; partners from best to last"
    parts.append(words((left + right) / 2, height - 5, note, size=6.5, anchor="middle", quiet=True))
    return drawing(PAPER_WIDTH, height, parts, "Ranks and how sure we are", _answer(lines, interval))


def _ticks(last: int) -> list[int]:
    step = next((step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500) if last / step <= 12), 1000)
    return [1, *range(step if step > 1 else 2, last + 1, step)]


def _answer(lines: Sequence[RankLine], interval: str) -> str:
    sure = {zone: [entry.name for entry in lines if entry.zone == zone] for zone in ("top", "bottom")}
    said = [
        f"{wording.several(len(names), 'partner')} surely in the {zone} fifth: {wording.enumeration(names[:8])}"
        f"{' and others' if len(names) > 8 else ''}"
        for zone, names in sure.items()
        if names
    ]
    first = f"Ranks of {wording.several(len(lines), 'partner')} with their {interval} intervals."
    return f"{first} {'; '.join(said) or 'None is surely in an outer fifth'}."
