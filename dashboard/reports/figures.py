"""How is a figure written on paper and in a spreadsheet? Its kind, its column, and the text that people read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dashboard import wording
from dashboard.domain import Estimate


class Kind(StrEnum):
    """What a number measures, hence how it is written."""

    TEXT = "text"
    COUNT = "count"
    NUMBER = "number"
    MONEY = "money"
    RATE = "rate"
    PROBABILITY = "probability"
    MULTIPLE = "multiple"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its name in files (docs/glossary.md), its heading for people, and its kind."""

    name: str
    heading: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Card:
    """A key figure, worded: `$1.2 M`, `+18 % on Q2`, `median of integrations: $0.4 M`; `detail`: its interval."""

    label: str
    value: str
    change: str = ""
    versus: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as SVG, its size in points, and its answer in words for those who do not see it."""

    svg: str
    width: float
    height: float
    alt: str


def written(value: Any, kind: Kind, currency: str) -> str:
    """The figure as people read it, with the same words as on screen; "–" where there is none."""
    if kind is Kind.TEXT:
        return value or ""
    if value is None:
        return wording.NOTHING
    if kind is Kind.MONEY:
        return wording.money(value, currency)
    if kind is Kind.PROBABILITY:
        return probability(value)
    if kind is Kind.RATE:
        return wording.rate(value)
    if kind is Kind.NUMBER:
        return f"{value:.3g}".replace("-", wording.MINUS)
    if kind is Kind.MULTIPLE:
        return wording.multiple(value)
    return wording.days(value) if kind is Kind.DAYS else wording.count(value)


def probability(value: float | None) -> str:
    """A probability: `87 %`; what is simulated is never certain: `> 99 %`, `< 1 %`."""
    if value is not None and value > 0.99:
        return f">{wording.THIN}{wording.rate(0.99, 0)}"
    return f"<{wording.THIN}{wording.rate(0.01, 0)}" if value is not None and value < 0.01 else wording.rate(value, 0)


def bounds(low: float | None, high: float | None) -> str:
    """The bounds of a rank: `8–17`, `8` where they are one; "–" where there are none."""
    if low is None or high is None:
        return wording.NOTHING
    return wording.count(low) if low == high else f"{wording.count(low)}–{wording.count(high)}"


def rate_with_doubt(estimate: Estimate) -> str:
    """A rate with its interval and cases: `24.3 % (18.2–31.0 %), n = 120`; "–" where there is none."""
    if estimate.value is None:
        return wording.NOTHING
    return f"{wording.rate(estimate.value)} ({wording.interval(estimate)}), n = {wording.count(estimate.n)}"
