"""How sure is it what a line is credited with, and that one line is ahead of another?

Which deals come and how large they are is chance: what they give to a line is a compound Poisson sum. The rule, and for
the data-driven one its weights, are taken as they are. Source: Fay & Feuer 1997,
doi:10.1002/(SICI)1097-0258(19970415)16:7<791; Zou & Donner 2008, doi:10.1002/sim.3095 (MOVER).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from dashboard.domain import Estimate
from dashboard.metrics.attribution import Line
from dashboard.metrics.attribution_rules import Base, Kind, Rule
from dashboard.metrics.money_intervals import DealSum, ratio_of_sums, sum_bounds

Place = tuple[Kind, str | None, bool]


@dataclass(frozen=True, slots=True)
class Spread:
    """What single deals give to a line by a rule: how many give anything, squares (currency²), the most (currency)."""

    deals: int
    squares: float
    largest: float


@dataclass(frozen=True, slots=True)
class Certainty:
    """The spread behind every line of one base."""

    spreads: Mapping[Place, Mapping[Rule, Spread]]

    def credit(self, line: Line, rule: Rule) -> Estimate:
        """What the line is credited with in currency, its 95 % interval, and the deals behind it.

        No bounds where no deal gives anything.
        """
        given = self._given(line, rule)
        if not given.n or given.total <= 0:
            return Estimate(given.total, None, None, 0)
        low, high = sum_bounds(given)
        return Estimate(given.total, low, high, given.n)

    def ahead(self, line: Line, other: Line, rule: Rule) -> bool:
        """Whether a line with more credit than the other would surely (95 %) have more again."""
        return (ratio_of_sums(self._given(line, rule), self._given(other, rule)).low or 0.0) > 1

    def _given(self, line: Line, rule: Rule) -> DealSum:
        own = self.spreads.get((line.kind, line.key, line.touched), {}).get(rule, Spread(0, 0.0, 0.0))
        return DealSum(own.deals, line.cents[rule] / 100, own.squares, own.largest)


def certainty_of(spread: pl.DataFrame, base: Base) -> Certainty:
    """From the frame that `data_access.attribution_spread.attribution_spread` reads."""
    rows = spread.filter(pl.col("base") == base.value).iter_rows(named=True)
    return Certainty({(Kind(row["kind"]), row["key"], row["touched"]): _by_rule(row) for row in rows})


def _by_rule(row: Mapping[str, object]) -> dict[Rule, Spread]:
    return {rule: _one(*(row[f"{rule.value}_{part}"] for part in ("deals", "squares", "largest"))) for rule in Rule}


def _one(deals: object, squares: object, largest: object) -> Spread:
    return Spread(int(str(deals)), float(str(squares)) / 100**2, int(str(largest)) / 100)
