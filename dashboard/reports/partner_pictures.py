"""Which pictures tell a partner how its quarter went? Funnel, speed of winning, twelve months, place among its type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from dashboard import palette, wording
from dashboard.reports.figures import Kind, Picture, rate_with_doubt, written
from dashboard.reports.pictures import (
    FAINT,
    band,
    bar,
    dot,
    drawing,
    fitted,
    line,
    path,
    percent,
    round_ticks,
    words,
)

if TYPE_CHECKING:
    from dashboard.reports.partner_pack import Compared, CurvePoint, FunnelStep, Month

HALF = 232.0  # half of the text width, less the gutter
SMALL, STRIP = 107.0, 118.0
MEASURES = (
    ("traffic", "Sessions", Kind.COUNT),
    ("leads", "Leads", Kind.COUNT),
    ("eqls", "EQLs", Kind.COUNT),
    ("sqls", "SQLs", Kind.COUNT),
    ("won", "Won deals", Kind.COUNT),
    ("pipeline", "Pipeline created", Kind.MONEY),
    ("arr", "ARR won", Kind.MONEY),
)


def funnel_bars(steps: Sequence[FunnelStep]) -> Picture | None:
    """One bar a stage with its count, and between two bars the rate with its interval."""
    if not steps:
        return None
    left, row, high = 64.0, 30.0, 13.0
    scale = (HALF - left - 40) / max(1, max(step.count for step in steps))
    parts = []
    for place, step in enumerate(steps):
        y = row * place
        parts.append(words(left - 8, y + 10, fitted(step.stage, left - 8, 7.5), anchor="end"))
        parts.append(bar(left, y, max(1, step.count * scale), high, palette.PARTNER, 0.85, 1.5))
        parts.append(words(left + step.count * scale + 5, y + 9.6, wording.count(step.count), size=8, bold=True))
        if place + 1 < len(steps):
            parts.append(words(left, y + 23, _onward(step), size=6.6, quiet=True))
    said = [f"{step.stage}: {wording.count(step.count)}" for step in steps]
    return drawing(HALF, row * len(steps) - 12, parts, "Funnel", f"Leads of the period by stage. {', '.join(said)}.")


def _onward(step: FunnelStep) -> str:
    early = ", too early to say" if step.immature else ""
    return f"↓ {rate_with_doubt(step.to_next)}{early}"


def incidence_curve(points: Sequence[CurvePoint], type_name: str, basis: str) -> Picture | None:
    """Share won by days since `basis`, with its band; the type as a grey dashed reference."""
    points = [p for p in points if p.value is not None or p.typical is not None]
    known = [p for p in points if p.value is not None]
    if not known:
        return None
    left, top, right, bottom = 30.0, 12.0, HALF - 46, 128.0
    tops = [v for p in points for v in (p.value, p.high, p.typical, p.typical_high) if v is not None]
    highest, longest = max(*tops, 0.001) * 1.04, max(p.days for p in points) or 1.0

    def place(days: float, value: float) -> tuple[float, float]:
        return left + days / longest * (right - left), bottom - min(value, highest) / highest * (bottom - top)

    parts = [*_frame(place, highest, longest, (left, right), basis)]
    typical = [(p.days, p.typical, p.typical_low, p.typical_high) for p in points]
    for curve, colour, dashed, opacity in (
        (typical, palette.REFERENCE, True, 0.14),
        ([(p.days, p.value, p.low, p.high) for p in points], palette.WON, False, 0.18),
    ):
        parts += _curve(curve, place, colour, dashed, opacity)
    ends = [(known[-1].value or 0.0, "this partner", True)]
    if type_end := next((p.typical for p in reversed(points) if p.typical is not None), None):
        ends.append((type_end, type_name or "its type", False))
    parts += _direct_labels(ends, place, longest, right)
    alt = "; ".join(f"{name}: {wording.rate(value)} won within {wording.days(longest)}" for value, name, _ in ends)
    return drawing(HALF, bottom + 24, parts, "How fast are its deals won?", f"{alt}.")


def _frame(
    place: Callable[[float, float], tuple[float, float]],
    highest: float,
    longest: float,
    sides: tuple[float, float],
    basis: str,
) -> list[str]:
    left, right = sides
    parts = []
    for tick in round_ticks(highest):
        y = place(0, tick)[1]
        parts.append(line(left, y, right, y, width=0.5, opacity=FAINT if tick else 0.5))
        parts.append(words(left - 4, y + 2.3, percent(tick), size=6.5, anchor="end", quiet=True))
    bottom = place(0, 0)[1]
    for tick in round_ticks(longest):
        parts.append(words(place(tick, 0)[0], bottom + 10, wording.count(tick), size=6.5, anchor="middle", quiet=True))
    parts.append(words((left + right) / 2, bottom + 20, basis, size=6.5, anchor="middle", quiet=True))
    parts.append(words(left - 26, 6, "share won", size=6.5, quiet=True))
    return parts


def _curve(
    points: Sequence[tuple[float, float | None, float | None, float | None]],
    place: Callable[[float, float], tuple[float, float]],
    colour: str,
    dashed: bool,
    opacity: float,
) -> list[str]:
    middle = [place(days, value) for days, value, _, _ in points if value is not None]
    lows = [place(days, low) for days, _, low, high in points if low is not None and high is not None]
    highs = [place(days, high) for days, _, low, high in points if low is not None and high is not None]
    parts = [band(lows, highs, colour, opacity)] if lows else []
    return [*parts, path(middle, colour, dashed=dashed, width=1.1 if dashed else 1.6)] if middle else parts


def _direct_labels(
    ends: Sequence[tuple[float, str, bool]],
    place: Callable[[float, float], tuple[float, float]],
    longest: float,
    right: float,
) -> list[str]:
    """The names of the curves at their ends, moved apart where they would lie on each other."""
    spots = sorted((place(longest, value)[1], value, name, own) for value, name, own in ends)
    parts, lowest = [], -99.0
    for y, value, name, own in spots:
        y = max(y + 2.4, lowest + 15)
        parts.append(words(right + 4, y, percent(value), size=7.5, bold=own, quiet=not own))
        parts.append(words(right + 4, y + 7.5, fitted(name, 44, 6.3), size=6.3, quiet=True))
        lowest = y
    return parts


def twelve_months(months: Sequence[Month], currency: str) -> list[Picture]:
    """Small bars of each measure with its sum, each on its own scale; months without a value stay empty."""
    return [
        _measured([getattr(month, key) for month in months], heading, kind, currency)
        for key, heading, kind in MEASURES
        if any(getattr(month, key) is not None for month in months)
    ]


def span(months: Sequence[Month]) -> str:
    """From when to when: `Oct 2025 to Sep 2026`."""
    return f"{months[0].month:%b %Y} to {months[-1].month:%b %Y}" if months else ""


def _measured(values: Sequence[float | None], heading: str, kind: Kind, currency: str) -> Picture:
    total = written(sum(v for v in values if v is not None), kind, currency)
    parts = [words(0, 8, heading, size=7, quiet=True), words(SMALL, 8, total, size=7.5, anchor="end", bold=True)]
    each = ", ".join(written(value, kind, currency) for value in values)
    return drawing(
        SMALL, 48, [*parts, *_small_bars(values, 0, 12, SMALL, 34)], heading, f"{heading}, by month: {each}."
    )


def _small_bars(values: Sequence[float | None], x: float, y: float, width: float, high: float) -> list[str]:
    step = width / max(1, len(values))
    top = max((v for v in values if v is not None), default=0) or 1
    parts = [line(x, y + high, x + width, y + high, width=0.5, opacity=0.4)]
    for place, value in enumerate(values):
        if value is not None and value > 0:
            tall = value / top * high
            parts.append(bar(x + step * (place + 0.12), y + high - tall, step * 0.76, tall, palette.PARTNER, 0.85))
    return parts


def percentile_strip(entry: Compared) -> Picture | None:
    """Where the partner stands among its type, 0 to 100: a dot with its interval, the median as a grey dashed line."""
    if entry.percentile is None:
        return None
    high = 10.0
    scale = (STRIP - 8) / 100
    at = 4 + entry.percentile * scale
    parts = [
        line(4, high / 2, STRIP - 4, high / 2, width=0.6, opacity=0.25),
        line(STRIP / 2, 0, STRIP / 2, high, palette.REFERENCE, width=0.8, dashed=True),
    ]
    if entry.low is not None and entry.high is not None:
        parts.append(bar(4 + entry.low * scale, 3.2, (entry.high - entry.low) * scale, 3.6, palette.PARTNER, 0.35, 1.8))
    parts.append(dot(at, high / 2, 2.6, palette.PARTNER))
    return drawing(STRIP, high, parts, entry.measure, f"{entry.measure}: {percentile(entry)}.")


def percentile(entry: Compared) -> str:
    """The percentile in words: `88 (70–97)`; "–" where there is none."""
    if entry.percentile is None:
        return wording.NOTHING
    if entry.low is None or entry.high is None:
        return f"{entry.percentile:.0f}"
    return f"{entry.percentile:.0f} ({entry.low:.0f}–{entry.high:.0f})"
