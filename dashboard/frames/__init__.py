"""What do the pages look at? Every question that a page may ask, answered once per data version; one noun a file."""

from dashboard.answers import freshness
from dashboard.frames.data_state import (
    DataHealth,
    Origin,
    dictionary,
    health,
    import_batches,
    origin,
    quarantine,
    row_counts,
)
from dashboard.frames.performance import Choices, choices, performance, selection
from dashboard.frames.trend import known, months, of_everybody, partner_weeks, prepare, quarters, trend, won_quarters

__all__ = [
    "Choices",
    "DataHealth",
    "Origin",
    "choices",
    "dictionary",
    "freshness",
    "health",
    "import_batches",
    "known",
    "months",
    "of_everybody",
    "origin",
    "partner_weeks",
    "performance",
    "prepare",
    "quarantine",
    "quarters",
    "row_counts",
    "selection",
    "trend",
    "won_quarters",
]
