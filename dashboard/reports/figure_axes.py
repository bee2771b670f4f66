"""Where does a value of a chart lie on paper, and which values are marked on its axis?

Reads the plain dict of a Plotly figure: a chart on paper comes from the same figure as on screen, without a browser.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from dashboard import wording
from dashboard.reports.pictures import round_ticks

Spec = Mapping[str, Any]
DAY = 86_400.0
WANTED_TICKS = 5


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis: the numbers at its ends, where these lie (from `start` to `end`, in pixels), and what it is marked with.

    `places` holds the positions of names where the axis is one of categories; `dated` axes count seconds since 1970.
    """

    low: float
    high: float
    start: float
    end: float
    places: Mapping[str, float]
    dated: bool
    ticks: Sequence[tuple[float, str]]
    grid: bool

    def at(self, value: Any) -> float | None:
        """The position of a value; None where there is none."""
        found = numeric(value, self.places, self.dated)
        if found is None or self.high == self.low:
            return None
        return self.start + (found - self.low) / (self.high - self.low) * (self.end - self.start)


def listed(values: Any) -> list[Any]:
    """The values of a property that may be a list, an array, or one value."""
    if values is None:
        return []
    if isinstance(values, Mapping) and "bdata" in values:  # as Plotly writes arrays of numbers
        return list(np.frombuffer(base64.b64decode(values["bdata"]), dtype=np.dtype(values["dtype"])).tolist())
    if isinstance(values, np.ndarray):
        return list(np.atleast_1d(values).tolist())
    if isinstance(values, str) or not isinstance(values, Sequence):
        return [values]
    return list(values)


def numeric(value: Any, places: Mapping[str, float], dated: bool) -> float | None:
    """A value as the axis counts: a category's place, seconds since 1970, or the number itself."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if dated:
        return _seconds(value)
    if isinstance(value, str):
        return places.get(value, _float(value))
    return float(value)


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _seconds(value: Any) -> float | None:
    """A day or a moment; NumPy gives nanoseconds as whole numbers."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp()
    return float(value) / (1e9 if abs(value) > 1e14 else 1e3)


def make_axis(spec: Spec, values: Sequence[Any], start: float, end: float) -> Axis:
    """The axis of a figure for the values that are drawn on it; `start` and `end`: pixels of its domain."""
    dated = _is_dated(spec, values)
    places = {} if dated else _places(spec, values)
    found = [n for n in (numeric(value, places, dated) for value in values) if n is not None]
    low, high = _range(spec, found, places, dated)
    if spec.get("autorange") == "reversed":
        low, high = high, low
    bare = Axis(low, high, start, end, places, dated, (), False)
    marked = spec.get("visible") is not False and spec.get("showticklabels") is not False
    marks = _ticks(spec, bare) if marked else []
    inside = [(value, text) for value, text in marks if min(low, high) - 1e-9 <= value <= max(low, high) + 1e-9]
    grid = spec.get("showgrid", True) is not False and spec.get("visible") is not False
    return Axis(low, high, start, end, places, dated, tuple(inside), grid)


def _is_dated(spec: Spec, values: Sequence[Any]) -> bool:
    if spec.get("type"):
        return bool(spec["type"] == "date")
    first = next((value for value in values if value is not None), None)
    if isinstance(first, str):
        try:
            datetime.fromisoformat(first)
        except ValueError:
            return False
        return len(first) >= len("2026-01-01")
    return isinstance(first, date)


def _places(spec: Spec, values: Sequence[Any]) -> dict[str, float]:
    named = [value for value in values if isinstance(value, str)]
    if not named and spec.get("type") != "category":
        return {}
    order = [str(name) for name in listed(spec.get("categoryarray"))]
    order += [name for name in dict.fromkeys(named) if name not in order]
    return {name: float(place) for place, name in enumerate(order)}


def _range(spec: Spec, found: Sequence[float], places: Mapping[str, float], dated: bool) -> tuple[float, float]:
    given = listed(spec.get("range"))
    if len(given) == 2 and None not in given:
        low, high = (numeric(end, {} if not isinstance(end, str) else places, dated) for end in given)
        if low is not None and high is not None and low != high:
            return low, high
    if places:
        return -0.6, len(places) - 0.4
    if not found:
        return 0.0, 1.0
    low, high = min(found), max(found)
    room = (high - low) * 0.05 or abs(high) * 0.1 or 1.0
    if spec.get("rangemode") in ("tozero", "nonnegative"):
        return (0.0, high + room) if low >= 0 else (low - room, max(high, 0.0) + room)
    return low - room, high + room


def _ticks(spec: Spec, axis: Axis) -> list[tuple[float, str]]:
    given = listed(spec.get("tickvals"))
    if given:
        words = [str(text) for text in listed(spec.get("ticktext"))]
        pairs = zip(given, words or [_written(spec, axis, value) for value in given], strict=False)
        return [(n, text) for value, text in pairs if (n := numeric(value, axis.places, axis.dated)) is not None]
    if spec.get("tickmode") == "array":
        return []
    if axis.places:
        return [(place, name) for name, place in axis.places.items()]
    if axis.dated:
        return list(_months(axis, str(spec.get("tickformat") or "")))
    step = spec.get("dtick")
    marks = _stepped(axis, float(step)) if isinstance(step, int | float) else _round(axis, int(spec.get("nticks") or 0))
    return [(value, _written(spec, axis, value)) for value in marks]


def _stepped(axis: Axis, step: float) -> list[float]:
    low, high = sorted((axis.low, axis.high))
    first = math.ceil(low / step - 1e-9)
    return [place * step for place in range(first, int(high / step + 1e-9) + 1)]


def _round(axis: Axis, wanted: int) -> list[float]:
    low, high = sorted((axis.low, axis.high))
    steps = round_ticks(high - low, max(2, min(wanted - 1 if wanted else WANTED_TICKS, WANTED_TICKS + 1)))
    return _stepped(axis, steps[1]) if len(steps) > 1 else [low]


def _written(spec: Spec, axis: Axis, value: Any) -> str:
    number = numeric(value, axis.places, axis.dated)
    if number is None:
        return str(value)
    if axis.dated:
        return _day(number, str(spec.get("tickformat") or "%b %Y"))
    form = str(spec.get("tickformat") or "")
    before, after = str(spec.get("tickprefix") or ""), str(spec.get("ticksuffix") or "")
    if form.endswith("%"):
        text = wording.rate(number, 0)
    elif "s" in form:
        text = wording.money(number, "XXX").removeprefix(wording.symbol("XXX")) if number else "0"
    else:
        text = f"{number:,.10g}".replace(",", wording.THIN)
    return f"{before}{text}{after}"


def _months(axis: Axis, form: str) -> Iterator[tuple[float, str]]:
    """The firsts of months (or days, where the axis is short), about six of them."""
    low, high = sorted((axis.low, axis.high))
    first = datetime.fromtimestamp(low, UTC)
    days = (high - low) / DAY
    if days < 2 * 31:
        step = max(1, round(days / WANTED_TICKS))
        for place in range(int(days // step) + 1):
            moment = first.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=place * step)
            yield moment.timestamp(), _day(moment.timestamp(), form or "%-d %b")
        return
    every = next((step for step in (1, 2, 3, 6, 12) if days / 30.4 / step <= WANTED_TICKS + 2), 24)
    month = first.year * 12 + first.month - 1
    for number in range(month, month + int(days / 28) + 2):
        if number % every == 0:
            moment = datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)
            yield moment.timestamp(), _day(moment.timestamp(), form or "%b %Y")


def _day(seconds: float, form: str) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.strftime(form.replace("%-d", str(moment.day)).replace("%e", str(moment.day)).replace("\n", " "))
