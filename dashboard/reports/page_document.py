"""What does a page hand to somebody who was not there? Its answer, cards, tables and pictures, in every file format.

A page makes one `PageDocument` from the results that it shows; all formats are written from it, so that no number can
differ between them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.reports.figures import Card, Column


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table: `name` (a sheet and a file, at most 31 signs), the question that it answers, columns, rows of numbers.

    Cells are raw (money in the reporting currency, rates from 0 to 1, None where there is nothing), so that a
    spreadsheet can go on computing.
    """

    name: str
    question: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A chart of the page: `name` (a file), question, basis, the figure as Plotly's plain dict, its answer in words."""

    name: str
    question: str
    basis: str
    figure: Mapping[str, Any]
    alt: str


@dataclass(frozen=True, slots=True)
class PageDocument:
    """All that a page says. `stem` begins the names of files (`arr-2026-Q3`); `filters` says what was chosen, if
    anything; `second` holds further sentences below the answer."""

    stem: str
    title: str
    period: str
    answer: str
    second: Sequence[str]
    cards: Sequence[Card]
    tables: Sequence[PageTable]
    pictures: Sequence[PagePicture]
    filters: str
    currency: str
    zone: str
    as_of: datetime
