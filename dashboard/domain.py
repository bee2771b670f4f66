"""The words that every room shares: stages, outcomes, an uncertain value, and the error that a person may read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """Stages of the funnel, in order. `SQL` is the sales-qualified lead, not the language."""

    LEAD = "lead"
    MQL = "mql"
    EQL = "eql"
    SQL = "sql"
    OPPORTUNITY = "opportunity"
    WON = "won"


class Outcome(StrEnum):
    """What became of a deal."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Estimate:
    """An uncertain value with its 95 % interval and the number of cases that it rests on.

    `value`, `low` and `high` are None where there is nothing to divide by; that is never the same as 0.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int


NOTHING = Estimate(None, None, None, 0)


class UserError(Exception):
    """Something that the person at the keyboard can mend; its text is one sentence that says how."""
