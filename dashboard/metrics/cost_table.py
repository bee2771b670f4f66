"""What was the money of a period spent on: by category, and by whether a partner, everybody or a channel bears it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

CATEGORIES = ("seat", "tooling", "people", "content", "media", "payout", "other")


class CostKind(StrEnum):
    """Who bears a cost: the partner that it names, everybody, or the channel that it names beside no partner."""

    DIRECT = "direct"
    OVERHEAD = "overhead"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Share:
    """Costs of one category and kind in the period, in the reporting currency.

    `cost` is None where no row has days in the period; of `rows` so many are `unconverted`, which are in no sum.
    """

    cost: float | None = None
    rows: int = 0
    unconverted: int = 0


NO_COST = Share()


@dataclass(frozen=True, slots=True)
class CostTable:
    """Categories × kinds, and the sums of both."""

    cells: Mapping[tuple[str, CostKind], Share]

    def cell(self, category: str, kind: CostKind) -> Share:
        """What was spent on that."""
        return self.cells.get((category, kind), NO_COST)

    def of_category(self, category: str) -> Share:
        """All kinds of one category."""
        return added([self.cell(category, kind) for kind in CostKind])

    def of_kind(self, kind: CostKind) -> Share:
        """All categories of one kind."""
        return added([self.cell(category, kind) for category in CATEGORIES])

    @property
    def programme(self) -> Share:
        """Direct costs and overhead: what the partner programme cost."""
        return added([self.of_kind(CostKind.DIRECT), self.of_kind(CostKind.OVERHEAD)])

    @property
    def total(self) -> Share:
        """All rows: programme cost and the costs of channels."""
        return added([self.of_category(category) for category in CATEGORIES])


def added(shares: Sequence[Share]) -> Share:
    """The sum of shares; without any row there is no cost, not one of 0."""
    known = [share.cost for share in shares if share.cost is not None]
    return Share(sum(known) if known else None, sum(s.rows for s in shares), sum(s.unconverted for s in shares))


def cost_table(cells: pl.DataFrame) -> CostTable:
    """The table from cells category, kind, cost, rows, unconverted, as `category_cells` reads them."""
    return CostTable(
        {
            (category, CostKind(kind)): Share(cost if rows > unconverted else None, rows, unconverted)
            for category, kind, cost, rows, unconverted in cells.select(
                "category", "kind", "cost", "rows", "unconverted"
            ).iter_rows()
        }
    )
