"""What is a cost row, and what keeps one from being saved?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from dashboard.metrics.cost_table import CATEGORIES

ENTERED = "entered"
LONGEST_CHANNEL, LARGEST_AMOUNT, LONGEST_DAYS = 120, Decimal(10) ** 15, 3_660
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class Entry:
    """A cost row; `amount` in its `currency`, both days included. What is None has not been filled in (yet).

    With neither partner nor channel it is overhead. `batch_id`: the import that last wrote it, if one did.
    """

    cost_id: str
    partner_id: str | None = None
    channel: str | None = None
    category: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    amount: Decimal | None = None
    currency: str | None = None
    source: str = ENTERED
    batch_id: int | None = None

    def says_the_same(self, other: Entry | None) -> bool:
        """Whether both say the same of the same cost, wherever they came from."""
        return other is not None and replace(self, source="", batch_id=None) == replace(other, source="", batch_id=None)


@dataclass(frozen=True, slots=True)
class Change:
    """A row as its author saw it (None: to be added) and as it shall be (None: to be deleted)."""

    before: Entry | None
    after: Entry | None

    @property
    def cost_id(self) -> str:
        """The row's key."""
        row = self.after or self.before
        assert row is not None
        return row.cost_id


def entry_of(row: Mapping[str, Any]) -> Entry:
    """A row from the database or from the log, where days and amounts are text."""
    values = {own.name: row[own.name] for own in fields(Entry)}
    for name in ("period_start", "period_end"):
        values[name] = date.fromisoformat(values[name]) if isinstance(values[name], str) else values[name]
    return Entry(**values | {"amount": None if values["amount"] is None else Decimal(values["amount"])})


def trouble(entry: Entry) -> str:
    """What keeps a row from being saved, in one sentence; empty where nothing does."""
    if entry.category not in CATEGORIES:
        return "Choose what the cost was for."
    first, last = entry.period_start, entry.period_end
    if first is None or last is None:
        return unread_days(first, last)
    if min(first, last) < FIRST_DAY or max(first, last) > LAST_DAY:
        return f"Its days lie outside {FIRST_DAY.year} to {LAST_DAY.year}."
    if last < first:
        return f"Its last day, {last}, lies before its first, {first}."
    if (last - first).days >= LONGEST_DAYS:
        return "It covers more than ten years: check its first and last day."
    return _trouble_with_amount(entry) or _trouble_with_channel(entry)


def unread_days(first: date | None, last: date | None) -> str:
    """What to do about days of which at least one is None, in one sentence.

    A field for days gives None for an empty one, and for one that no calendar holds (the year 60801).
    """
    whose = "first and last day" if first is None and last is None else "first day" if first is None else "last day"
    what = "they are empty, cannot be read, or lie" if first is last else "it is empty, cannot be read, or lies"
    return f"Type the {whose} again: {what} outside {FIRST_DAY.year} to {LAST_DAY.year}."


def _trouble_with_amount(entry: Entry) -> str:
    amount, currency = entry.amount, entry.currency
    if amount is None or not amount.is_finite():
        return "Fill in the amount; a refund is negative."
    if abs(amount) > LARGEST_AMOUNT:
        return "Its amount has too many digits."
    if amount != round(amount, 2):
        return "Its amount has fractions of a cent."
    if not currency or len(currency) != 3 or not (currency.isascii() and currency.isalpha() and currency.isupper()):
        return "Name its currency by three capitals, such as USD."
    return ""


def _trouble_with_channel(entry: Entry) -> str:
    channel = entry.channel
    if channel is None:
        return ""
    if not channel.strip() or channel != channel.strip() or not channel.isprintable():
        return "Its channel holds blanks or signs that cannot be seen: type it again."
    return f"A channel's name may have {LONGEST_CHANNEL} signs." if len(channel) > LONGEST_CHANNEL else ""


def plain(entry: Entry | None) -> dict[str, Any] | None:
    """A row as the log keeps it."""
    if entry is None:
        return None
    values: dict[str, Any] = json.loads(json.dumps(asdict(entry), default=str))
    return values
