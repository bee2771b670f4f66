"""When does the sales desk work? Monday to Friday, 09:00 to 17:00 UTC, in whole-array arithmetic."""

from __future__ import annotations

import numpy as np

from .arrays import Floats, Ints
from .options import DAY

OPENS, CLOSES = 9 * 3600, 17 * 3600
_DAY_LENGTH = CLOSES - OPENS
_MONDAY = 4  # 1970-01-05 was a Monday


def worked_seconds(instants: Ints) -> Ints:
    """Office seconds since Monday, 1970-01-05: between two instants their difference is business time."""
    day, second = np.divmod(instants - _MONDAY * DAY, DAY)
    week, weekday = np.divmod(day, 7)
    within = np.where(weekday < 5, np.clip(second - OPENS, 0, _DAY_LENGTH), 0)
    return np.asarray((week * 5 + np.minimum(weekday, 5)) * _DAY_LENGTH + within, dtype=np.int64)


def after_hours(instants: Ints, hours: Floats | float) -> Ints:
    """The instant, inside office hours, that lies so many business hours later."""
    target = worked_seconds(instants) + np.maximum(np.asarray(hours) * 3600, 60).astype(np.int64)
    day, second = np.divmod(target, _DAY_LENGTH)
    return np.asarray(((day // 5) * 7 + day % 5 + _MONDAY) * DAY + OPENS + second, dtype=np.int64)


def on_workday(instants: Ints, stream: np.random.Generator) -> Ints:
    """The same day at a random office hour; a Saturday moves to Friday, a Sunday to Monday, so that means stay."""
    day = instants // DAY
    weekday = (day - _MONDAY) % 7
    day = day - (weekday == 5) + (weekday == 6)
    return np.asarray(day * DAY + stream.integers(OPENS, CLOSES, len(instants)), dtype=np.int64)
