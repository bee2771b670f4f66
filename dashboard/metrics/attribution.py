"""Who is credited with how much of the deals of a period, by which rule? The lines, two rules beside each other, sums.

All sums are whole cents: for every rule the lines of one kind add up to `total`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import polars as pl

from dashboard.metrics.attribution_rules import Base, Kind, Options, Rule

# A line with fewer deals says more about these deals than about the partner.
FEWEST_DEALS = 10
STANDINGS = ("sourced", "influenced", "untouched")


@dataclass(frozen=True, slots=True)
class Line:
    """What one partner, asset, channel or campaign is credited with, in cents of the reporting currency.

    `key` None: what carries no partner (asset, …); with `touched` false: deals without any touch. `deals`: distinct
    deals in which the line has a part under any rule. `unconverted`: how many of them have no rate and are in no sum.
    `sourced`, `influenced` (partners only, else None): deals of its own leads; deals that it touched while the lead
    is another's or nobody's. The latter overlap between partners and are no part of any sum.
    """

    kind: Kind
    key: str | None
    name: str | None
    touched: bool
    cents: Mapping[Rule, int]
    deals: int
    unconverted: int = 0
    sourced: int | None = None
    influenced: int | None = None

    @property
    def few(self) -> bool:
        """Whether the line rests on so few deals that it may be quite another next time."""
        return self.deals < FEWEST_DEALS


@dataclass(frozen=True, slots=True)
class Deals:
    """So many deals, worth so many cents together."""

    deals: int
    cents: int


@dataclass(frozen=True, slots=True)
class Attribution:
    """The deals of one base, shared out. total = sourced + influenced + untouched in deals and cents.

    `sourced`: the lead has a partner. `influenced`: it has none, but a partner touched the deal. `untouched`: the rest.
    `incomplete`: some deals have no rate; they are counted (`unconverted`) and in no sum.
    """

    base: Base
    options: Options
    lines: tuple[Line, ...]
    sourced: Deals
    influenced: Deals
    untouched: Deals
    total: Deals
    unconverted: int

    @property
    def incomplete(self) -> bool:
        """Whether some deals could not be converted."""
        return self.unconverted > 0

    def of(self, kind: Kind) -> tuple[Line, ...]:
        """The lines of one kind, in their order: most source credit first, what has no key last."""
        return tuple(line for line in self.lines if line.kind is kind)


@dataclass(frozen=True, slots=True)
class Difference:
    """One line by two rules; `difference` is what the second gives beyond the first, in cents."""

    line: Line
    first: int
    second: int

    @property
    def difference(self) -> int:
        """Cents that the second rule gives beyond the first."""
        return self.second - self.first


def side_by_side(found: Attribution, kind: Kind, first: Rule, second: Rule) -> tuple[Difference, ...]:
    """The lines of a kind by two rules, the largest difference first; the differences add up to 0."""
    pairs = [Difference(line, line.cents[first], line.cents[second]) for line in found.of(kind)]
    return tuple(sorted(pairs, key=lambda pair: -abs(pair.difference)))


def moved(found: Attribution, kind: Kind, first: Rule, second: Rule) -> int:
    """Cents that change hands between the lines of a kind if the second rule is taken instead of the first."""
    return sum(max(pair.difference, 0) for pair in side_by_side(found, kind, first, second))


def gaps(found: Attribution) -> dict[tuple[Kind, Rule], int]:
    """Cents by which the lines of a kind miss the total, by kind and rule; empty, or something is wrong."""
    sums = dict.fromkeys(((kind, rule) for kind in Kind for rule in Rule), -found.total.cents)
    for line in found.lines:
        for rule, cents in line.cents.items():
            sums[line.kind, rule] += cents
    return {place: cents for place, cents in sums.items() if cents}


def attribution_of(cells: pl.DataFrame, base: Base, options: Options) -> Attribution:
    """The result of one base from the frame that `data_access.attribution.attribution_cells` reads."""
    mine = cells.filter(pl.col("base") == base.value)
    own = mine.filter(pl.col("kind").is_in(STANDINGS))
    parts = {row["kind"]: row for row in own.iter_rows(named=True)}
    found = {name: _deals(parts.get(name)) for name in STANDINGS}
    total = Deals(sum(part.deals for part in found.values()), sum(part.cents for part in found.values()))
    lines = [_line(row) for row in mine.filter(~pl.col("kind").is_in(STANDINGS)).iter_rows(named=True)]
    return Attribution(
        base=base,
        options=options,
        lines=tuple(_ordered(lines)),
        total=total,
        unconverted=int(own["unconverted"].sum()),
        **found,
    )


def _deals(row: Mapping[str, Any] | None) -> Deals:
    return Deals(row["deals"], row["source"]) if row else Deals(0, 0)


def _line(row: Mapping[str, Any]) -> Line:
    kind, key = Kind(row["kind"]), row["key"]
    own = kind is Kind.PARTNER and key is not None
    return Line(
        kind=kind,
        key=key,
        name=row["name"],
        touched=row["touched"],
        cents=MappingProxyType({rule: row[rule.value] for rule in Rule}),
        deals=row["deals"],
        unconverted=row["unconverted"],
        sourced=row["sourced"] if own else None,
        influenced=row["influenced"] if own else None,
    )


def _ordered(lines: Sequence[Line]) -> list[Line]:
    kinds = list(Kind)

    def place(line: Line) -> tuple[object, ...]:
        return kinds.index(line.kind), not line.touched, line.key is None, -line.cents[Rule.SOURCE], line.key or ""

    return sorted(lines, key=place)
