"""Is it time to audit the scoring model again?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

EVERY_DAYS = 30


@dataclass(frozen=True, slots=True)
class AuditAge:
    """Whole days since the last audit, None where none is on record; `overdue` from the 31st day on, or without any."""

    days: int | None
    overdue: bool


def overdue(last: datetime | None, now: datetime) -> AuditAge:
    """The age at `now` of an audit made at `last` (both with a time zone); one made after `now` is 0 days old."""
    if last is None:
        return AuditAge(None, True)
    days = max(0, (now - last).days)
    return AuditAge(days, days > EVERY_DAYS)
