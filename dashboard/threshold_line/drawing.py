"""What does the browser need to draw the scores and to look up the numbers at every threshold?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from dashboard import wording

NO_BARS = "No lead of this period passes the other gates."


@dataclass(frozen=True, slots=True)
class Bar:
    """Leads of one score (or of a band that begins with it) whose other gates are open."""

    score: int
    won: int
    worked: int  # worked, but not won
    never: int  # never worked

    @property
    def leads(self) -> int:
        return self.won + self.worked + self.never


@dataclass(frozen=True, slots=True)
class Number:
    """One line beside the histogram: a label and, for each threshold 0..top, what stands behind it."""

    key: str
    label: str
    texts: tuple[str, ...]
    changes: tuple[str, ...] | None = None  # against the active model; "" where there is none
    help: str = ""


def drawn(
    value: int,
    top: int,
    active: int | None,
    bars: Sequence[Bar],
    numbers: Sequence[Number],
    spoken: Sequence[str],
    best: tuple[int, int] | None,
) -> dict[str, Any]:
    """All of it as plain JSON: places and sizes in per cent of the drawing, texts ready to be shown.

    Raises ValueError where something does not fit the thresholds 0..top.
    """
    _check(value, top, active, bars, numbers, spoken, best)
    most = _nice_most(max((bar.leads for bar in bars), default=0))
    return {
        "value": value,
        "top": top,
        "active": None if active is None else {"at": active, "text": f"{active} active"},
        "best": None if best is None else {"from": best[0], "to": best[1], "text": _best_text(*best)},
        "bars": _columns(bars, top, most),
        "scale": [[round(100 * tick / most, 3), wording.count(tick)] for tick in _scale(most)],
        "ticks": _ticks(top),
        "note": "" if any(bar.leads for bar in bars) else NO_BARS,
        "numbers": [
            {"key": one.key, "label": one.label, "help": one.help, "texts": one.texts, "changes": one.changes}
            for one in numbers
        ],
        "spoken": list(spoken),
    }


def _check(
    value: int,
    top: int,
    active: int | None,
    bars: Sequence[Bar],
    numbers: Sequence[Number],
    spoken: Sequence[str],
    best: tuple[int, int] | None,
) -> None:
    thresholds = [value, *([] if active is None else [active]), *(best or ())]
    if top < 1 or not all(0 <= one <= top for one in thresholds):
        raise ValueError(f"thresholds {thresholds} do not lie in 0..{top}")
    if best and best[0] > best[1]:
        raise ValueError(f"the best range ends before it begins: {best}")
    if any(not 0 <= bar.score <= top for bar in bars) or any(a.score >= b.score for a, b in pairwise(bars)):
        raise ValueError(f"bars must ascend within 0..{top}")
    lists = {"spoken": spoken} | {one.key: one.texts for one in numbers}
    lists |= {f"{one.key} (changes)": one.changes for one in numbers if one.changes is not None}
    wrong = [name for name, texts in lists.items() if len(texts) != top + 1]
    if wrong:
        raise ValueError(f"one text for each threshold 0..{top} is needed: {', '.join(wrong)}")


def _columns(bars: Sequence[Bar], top: int, most: int) -> list[list[Any]]:
    """Left edge and width, heights of won, worked and never worked, and the exact numbers in words.

    A score takes the place from itself up to the next score, so that all that lies right of the line at a threshold
    counts in: a score on the threshold does.
    """
    width = min((b.score - a.score for a, b in pairwise(bars)), default=1)
    return [
        [
            _percent(bar.score, top + 1),
            _percent(min(width, top + 1 - bar.score), top + 1),
            *(_percent(leads, most) for leads in (bar.won, bar.worked, bar.never)),
            _words(bar, width),
        ]
        for bar in bars
        if bar.leads
    ]


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 3)


def _words(bar: Bar, width: int) -> str:
    score = f"Score {bar.score}" if width == 1 else f"Scores {bar.score} to {bar.score + width - 1}"
    won, worked, never = (wording.count(leads) for leads in (bar.won, bar.worked, bar.never))
    return f"{score}: {won} won, {worked} worked but not won, {never} never worked"


def _best_text(first: int, last: int) -> str:
    return f"best {first}" if first == last else f"best {first} to {last}"


def _nice_most(leads: int) -> int:
    """The least round number (1, 2 or 5 and zeros) that, taken up to four times, reaches the highest bar."""
    step = _step(leads)
    return step * max(1, -(-leads // step))


def _scale(most: int) -> list[int]:
    return list(range(0, most + 1, _step(most)))


def _step(leads: int) -> int:
    tens = 1
    while True:
        for factor in (1, 2, 5):
            if leads <= 4 * factor * tens:
                return factor * tens
        tens *= 10


def _ticks(top: int) -> list[list[Any]]:
    """Where scores are written below the bars; the last value says whether there is room for it on a phone."""
    step = next((step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500) if top <= 10 * step), top)
    return [
        [_percent(score, top + 1), str(score), not index % 2] for index, score in enumerate(range(0, top + 1, step))
    ]
