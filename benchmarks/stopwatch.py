"""How long does a piece of work take, in the middle of a few tries?"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median


def median_seconds(
    work: Callable[[], object], repeats: int = 3, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Median seconds by the clock; `time.process_time` counts this process alone, which others cannot lengthen."""
    seconds = []
    for _ in range(repeats):
        begin = clock()
        work()
        seconds.append(clock() - begin)
    return median(seconds)
