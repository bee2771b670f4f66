"""What would the dashboard show for a company whose truth is known? The way into the simulated company."""

from __future__ import annotations

from data_access.demonstration.company import Company, generate
from data_access.demonstration.options import DemoOptions, Selection
from data_access.demonstration.store import Progress, store
from data_access.demonstration.truth import ChannelTruth, PartnerTruth, Truth
from data_access.engine import Database

__all__ = [
    "ChannelTruth",
    "Company",
    "DemoOptions",
    "PartnerTruth",
    "Selection",
    "Truth",
    "generate",
    "load",
]


def load(database: Database, options: DemoOptions, progress: Progress | None = None) -> Truth:
    """Writes the simulated company in one transaction, in place of an earlier one; gives the truth behind it.

    The same truth comes again from `generate(options).truth`. `progress` is told table, rows written, rows in all.
    Raises UserError, and changes nothing, where the database holds data that were not simulated.
    """
    company = generate(options)
    store(database, company, progress)
    return company.truth
