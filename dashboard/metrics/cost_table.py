"""What was the money of a period spent on: by category, and by whether a partner, everybody or a channel bears it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, log, sqrt

import polars as pl
from scipy.special import gammaincinv

from dashboard.domain import NOTHING, Estimate
from dashboard.metrics.intervals import Z95

CATEGORIES = ("seat", "tooling", "people", "content", "media", "payout", "other")
# What is supposed of the variance of ln amount where too few deals tell it, as in metrics/deal_value.py.
SPREAD_GUESS, GUESS_DEGREES = 0.8, 4.0
# Upper 95 % bound of a Poisson mean of which nothing was seen: -ln 0.025.
NONE_SEEN = 3.688879454113936


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


def cost_per(cost: float | None, n: int) -> Estimate:
    """Cost ÷ n with the 95 % interval that counting n leaves: the cost over the exact bounds of a Poisson mean.

    Nothing where there is no cost above 0 or nothing to divide by. The cost itself is taken as known.
    Source: Garwood 1936, doi:10.1093/biomet/28.3-4.437.
    """
    if cost is None or cost <= 0 or n == 0:
        return NOTHING
    most, least = float(gammaincinv(n + 1, 0.975)), float(gammaincinv(n, 0.025))
    return Estimate(cost / n, cost / most, cost / least, n)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large deals are: pooled variance of ln amount within partners, and the mean amount of them all."""

    spread: float
    mean: float | None


def sizes(amounts: pl.DataFrame) -> Sizes:
    """From rows (one a partner) with amounts (how many), log_amount (Σ ln), log_amount_sq (Σ ln²), pipeline.

    The variance is drawn to a guess worth 4 degrees of freedom, so that two deals alike are no proof that all are.
    """
    some = amounts.filter(pl.col("amounts") > 0)
    squares = (some["log_amount_sq"] - some["log_amount"] ** 2 / some["amounts"]).clip(lower_bound=0).sum()
    degrees, deals = float((some["amounts"] - 1).sum()), int(some["amounts"].sum())
    spread = (float(squares) + GUESS_DEGREES * SPREAD_GUESS) / (degrees + GUESS_DEGREES)
    return Sizes(spread, float(some["pipeline"].sum()) / deals if deals else None)


def multiple(pipeline: float, cost: float | None, deals: int, pool: Sizes) -> Estimate:
    """Pipeline ÷ cost with a 95 % interval, n = deals that are worth something; nothing without a cost above 0.

    The sum of a Poisson number of lognormal amounts has the relative variance exp(σ²) ÷ deals; the interval is that of
    a lognormal with it. Without any deal the value is 0 and the bound is that of 3.69 deals of the mean size.
    Source: compound Poisson sums, Klugman, Panjer & Willmot, Loss Models (4th ed.), section 9.3.
    """
    if cost is None or cost <= 0:
        return NOTHING
    if deals == 0 or pipeline <= 0:
        return Estimate(0.0, 0.0, None if pool.mean is None else NONE_SEEN * pool.mean / cost, 0)
    half = Z95 * sqrt(log(1 + exp(pool.spread) / deals))
    value = pipeline / cost
    return Estimate(value, value * exp(-half), value * exp(half), deals)
