"""Did a partner's pipeline cover its cost five times in its first full quarter?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dashboard.period import Period

GATE = 5.0


class Verdict(StrEnum):
    """What the gate says."""

    CONTINUE = "continue"
    PAUSE_OR_PIVOT = "pause or pivot"


@dataclass(frozen=True, slots=True)
class Gate:
    """`first_full_quarter` by its label; `applies` where the period is that quarter; verdict once it is over."""

    first_full_quarter: str | None
    applies: bool
    verdict: Verdict | None


def first_full_quarter(joined_on: date, quarter: Period, following: Period) -> Period:
    """The quarter in which the partner joined where it joined on its first day, else the following one."""
    return quarter if joined_on == quarter.start.date() else following


def gate(first_full: Period | None, period: Period, over: bool, multiple: float | None) -> Gate:
    """The verdict on `multiple` (pipeline created ÷ programme cost) against the gate of 5."""
    if first_full is None:
        return Gate(None, False, None)
    applies = (first_full.start, first_full.end) == (period.start, period.end)
    if not applies or not over or multiple is None:
        return Gate(first_full.label, applies, None)
    return Gate(first_full.label, applies, Verdict.CONTINUE if multiple >= GATE else Verdict.PAUSE_OR_PIVOT)
