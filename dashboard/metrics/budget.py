"""What do the decisions of a review free, what do they need, and does it balance?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.metrics.suggestion import Suggestion


@dataclass(frozen=True, slots=True)
class Spending:
    """A partner that was decided on: its direct cost in the reviewed period, and the budget that was named, if any."""

    partner_id: str
    decision: Suggestion
    current: float
    budget: float | None = None


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """What one decision moves; `after` is None where doubling nothing needs a budget that nobody has named."""

    partner_id: str
    decision: Suggestion
    before: float
    after: float | None

    @property
    def freed(self) -> float:
        """What is no longer spent; 0 where more is spent."""
        return 0.0 if self.after is None else max(0.0, self.before - self.after)

    @property
    def needed(self) -> float:
        """What is spent in addition; 0 where less is spent."""
        return 0.0 if self.after is None else max(0.0, self.after - self.before)


@dataclass(frozen=True, slots=True)
class Budget:
    """All lines in the order given, their sums, and `balance` = freed − needed; `unnamed`: lines without an amount."""

    lines: tuple[BudgetLine, ...]
    freed: float
    needed: float
    balance: float
    unnamed: int


def budget_of(spendings: Iterable[Spending]) -> Budget:
    """The budget for a period as long as the reviewed one, in the reporting currency.

    A budget that was named holds. Else ending frees the whole direct cost, doubling needs it once more, keeping and
    waiting change nothing. Shares of the overhead do not move: they are spent whichever partner stays.
    """
    lines = tuple(BudgetLine(own.partner_id, own.decision, own.current, _after(own)) for own in spendings)
    freed, needed = sum(line.freed for line in lines), sum(line.needed for line in lines)
    return Budget(lines, freed, needed, freed - needed, sum(line.after is None for line in lines))


def _after(own: Spending) -> float | None:
    if own.budget is not None:
        return own.budget
    if own.decision is Suggestion.END:
        return 0.0
    if own.decision is Suggestion.DOUBLE:
        return 2 * own.current if own.current > 0 else None
    return own.current
