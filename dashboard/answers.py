"""What was answered already? Kept by data version and question; the only place that caches.

When the database does not answer, the last good answer is given again; `freshness()` says so and how old it is.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Engine

from dashboard.settings import settings
from data_access import version
from data_access.engine import DatabaseUnavailable, app_engine, open_database
from data_access.version import DataVersion

# In a module, not in Streamlit's cache, which any visitor may clear: the engine and the answers.
_lock = threading.Lock()
_open = ExitStack()
atexit.register(_open.close)
_engine: Engine | None = None
_seen: tuple[float, DataVersion] | None = None
_good_at: datetime | None = None
# Per question the state of the data that it was answered from, and the answer; the least used go first.
_answers: OrderedDict[Hashable, tuple[Hashable, Any]] = OrderedDict()
_locks: dict[Hashable, threading.RLock] = {}
ANSWERS_KEPT = 256
# Pages of one click ask for the version several times; within this time the answer stands.
VERSION_HOLDS_S = 0.5

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Freshness:
    """As of when the numbers are; `stale` while the database does not answer, with the age of the last good ones."""

    as_of: datetime
    stale: bool
    age: timedelta


def engine() -> Engine:
    """The app's engine; opens the database at the first call and keeps it until the process ends."""
    global _engine
    with _lock:
        if _engine is None:
            _engine = app_engine(_open.enter_context(open_database(settings())))
        return _engine


def forget() -> None:
    """Forgets every answer, as a change of all data would; for tests and benchmarks."""
    global _seen
    with _lock:
        _answers.clear()
        _locks.clear()
    _seen = None


def look_again() -> None:
    """The next question asks for the data's version anew: this process has just written something."""
    global _seen
    _seen = None


def data_version() -> DataVersion:
    """The version of the data now; DatabaseUnavailable where nobody answers."""
    global _seen
    if _seen is None or time.monotonic() - _seen[0] > VERSION_HOLDS_S:
        _seen = (time.monotonic(), version.data_version(engine()))
    return _seen[1]


def freshness() -> Freshness:
    """Whether the numbers are of now; DatabaseUnavailable where there were never any."""
    global _good_at
    now = datetime.now(UTC)
    try:
        found = data_version()
    except DatabaseUnavailable:
        if _good_at is None:
            raise
        return Freshness(_good_at, True, now - _good_at)
    _good_at = as_of(found, now)
    return Freshness(_good_at, False, now - _good_at)


def as_of(found: DataVersion, now: datetime) -> datetime:
    """The instant at which the data are looked at: the last full hour, or the last change where that is younger.

    "Now" itself would make every click a new question.
    """
    return max(found.changed_at, now.replace(minute=0, second=0, microsecond=0))


def answer(key: Hashable, compute: Callable[[Engine, datetime], Answer]) -> Answer:
    """The answer to a question at this data version, computed once; the last good one where the database is away.

    Answers are shared between sessions and never changed: frozen results and Polars frames.
    """
    try:
        return current(key, compute)
    except DatabaseUnavailable:
        with _lock:
            kept = _answers.get(key)
        if kept is None:
            raise
        last_good: Answer = kept[1]
        return last_good


def current(key: Hashable, compute: Callable[[Engine, datetime], Answer]) -> Answer:
    """The answer to a question at this data version and no other."""
    found = data_version()
    state = (found.number, as_of(found, datetime.now(UTC)))
    with _lock_of(key):
        kept = _answers.get(key)
        if kept is None or kept[0] != state:
            kept = (state, compute(engine(), state[1]))
    _keep(key, kept)
    found_answer: Answer = kept[1]
    return found_answer


def _lock_of(key: Hashable) -> threading.RLock:
    """One lock a question: of many visitors who ask it at once, one computes."""
    with _lock:
        return _locks.setdefault(key, threading.RLock())


def _keep(key: Hashable, kept: tuple[Hashable, Any]) -> None:
    with _lock:
        _answers[key] = kept
        _answers.move_to_end(key)
        while len(_answers) > ANSWERS_KEPT:
            _locks.pop(_answers.popitem(last=False)[0], None)
