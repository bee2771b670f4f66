"""How sure is it what a line is credited with, and that one line is ahead of another?

Which deals come and how large they are is chance: what they give to a line is a compound Poisson sum, and its interval
that of a gamma distribution with the same mean and variance. Few deals have not shown how large a deal can be, so how
unequal sizes are is learned from all lines of the kind. The rule, and for the data-driven one its weights, are taken as
they are. Source: Fay & Feuer 1997, doi:10.1002/(SICI)1097-0258(19970415)16:7<791; Zou & Donner 2008,
doi:10.1002/sim.3095 (MOVER).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log

import polars as pl

from dashboard.domain import Estimate
from dashboard.metrics.attribution import Line
from dashboard.metrics.attribution_rules import Base, Kind, Rule
from dashboard.metrics.intervals import combined
from dashboard.metrics.money_intervals import TAIL, DealSum, gamma_bound

Place = tuple[Kind, str | None, bool]
# The mean size of a line's deals is drawn to that of all lines as if so many deals of theirs were its own.
BORROWED = 5


@dataclass(frozen=True, slots=True)
class Certainty:
    """What single deals give to every line of one base by each rule, and to all lines of a kind that have a key."""

    spreads: Mapping[Place, Mapping[Rule, DealSum]]
    pools: Mapping[tuple[Kind, Rule], DealSum]

    def credit(self, line: Line, rule: Rule) -> Estimate:
        """What the line is credited with in currency, its 95 % interval, and the deals behind it.

        No bounds where no deal gives anything.
        """
        own = self._own(line, rule)
        if own.total <= 0:
            return Estimate(line.cents[rule] / 100, None, None, 0)
        low, high = bounds(own, self.pools.get((line.kind, rule), own))
        return Estimate(own.total, low, high, own.n)

    def ahead(self, line: Line, other: Line, rule: Rule) -> bool:
        """Whether a line with more credit than the other would surely (95 %) have more again."""
        mine, theirs = self.credit(line, rule), self.credit(other, rule)
        if not mine.low or not mine.high or not theirs.low or not theirs.high:
            return False
        ours, yours = (log(own.value or 1.0) for own in (mine, theirs))
        _, low, _ = combined(ours, (log(mine.low), log(mine.high)), yours, (log(theirs.low), log(theirs.high)))
        return low > 0

    def _own(self, line: Line, rule: Rule) -> DealSum:
        return self.spreads.get((line.kind, line.key, line.touched), {}).get(rule, DealSum())


def bounds(own: DealSum, pool: DealSum) -> tuple[float, float]:
    """Bounds of the expected sum of what deals give to a line.

    `pool`: the same of all lines. Its E[g²] ÷ E[g]² tells how unequal deals are; with that the line's variance is at
    least what its own mean size lets expect, and above, a deal once more counts as at least the size-biased mean.
    """
    unequal = pool.squares * pool.n / pool.total**2 if pool.total > 0 else 1.0
    usual = pool.total / pool.n if pool.n else 0.0
    size = (own.total + BORROWED * usual) / (own.n + BORROWED)
    variance = max(own.squares, own.n * unequal * size**2)
    another = max(own.largest, unequal * size)
    return gamma_bound(own.total, variance, TAIL), gamma_bound(own.total + another, variance + another**2, 1 - TAIL)


def certainty_of(spread: pl.DataFrame, base: Base) -> Certainty:
    """From the frame that `data_access.attribution_spread.attribution_spread` reads."""
    rows = list(spread.filter(pl.col("base") == base.value).iter_rows(named=True))
    spreads = {(Kind(row["kind"]), row["key"], row["touched"]): _by_rule(row) for row in rows}
    return Certainty(spreads, {(kind, rule): _pool(spreads, kind, rule) for kind in Kind for rule in Rule})


def _pool(spreads: Mapping[Place, Mapping[Rule, DealSum]], kind: Kind, rule: Rule) -> DealSum:
    own = [found[rule] for place, found in spreads.items() if place[0] is kind and place[1] is not None]
    return DealSum(
        sum(each.n for each in own),
        sum(each.total for each in own),
        sum(each.squares for each in own),
        max((each.largest for each in own), default=0.0),
    )


def _by_rule(row: Mapping[str, float]) -> dict[Rule, DealSum]:
    def of(rule: Rule) -> DealSum:
        deals, total, squares, largest = (
            row[f"{rule.value}_{part}"] for part in ("deals", "sum", "squares", "largest")
        )
        return DealSum(int(deals), total / 100, squares / 100**2, largest / 100)

    return {rule: of(rule) for rule in Rule}
