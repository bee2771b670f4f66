"""Were the partners paid what they are owed? Credited ARR at the agreed rate against payouts, by partner and quarter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from dashboard.metrics.attribution_rules import Rule


@dataclass(frozen=True, slots=True)
class Payout:
    """One partner in one quarter; money in cents of the reporting currency.

    `credited`: ARR of the deals won in the quarter by the rule. `rate`: owed ÷ ARR credited with a rate agreed, which
    is the agreed rate where it did not change within the quarter. `owed`: each deal's credit × the rate that held on
    its closing day; None where the partner had none agreed on any of these days. `paid`: payouts, by the share of
    their days in the quarter. `difference` = paid − owed; None where owed is. `unrated`: the part of `credited` on
    whose closing days no rate was agreed. `incomplete`: a deal or a payout has no rate of exchange.
    """

    partner_id: str
    name: str
    quarter: str
    credited: int
    rate: float | None
    owed: int | None
    paid: int
    difference: int | None
    unrated: int = 0
    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The four quarters up to the period, by one rule: every partner and quarter with a credit or a payout.

    `lines`: the largest difference first, those without one last. `paid_without_rate`: partners that were paid in
    these quarters though no rate is agreed; `rate_without_payout`: partners that are owed something and got nothing.
    Both by name.
    """

    rule: Rule
    quarters: tuple[str, ...]
    lines: tuple[Payout, ...]
    paid_without_rate: tuple[str, ...]
    rate_without_payout: tuple[str, ...]

    @property
    def owed(self) -> int:
        """Cents owed to all partners."""
        return sum(line.owed or 0 for line in self.lines)

    @property
    def paid(self) -> int:
        """Cents paid to all partners, whether a rate is agreed or not."""
        return sum(line.paid for line in self.lines)

    @property
    def compared(self) -> int:
        """Cents by which payouts exceed what is owed, where a rate is agreed."""
        return sum(line.difference or 0 for line in self.lines)


def reconciliation(
    credits: pl.DataFrame, paid: pl.DataFrame, names: Mapping[str, str], quarters: Sequence[str], rule: Rule
) -> Reconciliation:
    """From the frames of `data_access.payouts`; `names` by partner."""
    mine = credits.filter(pl.col("rule") == rule.value)
    owed = {(row["partner_id"], row["quarter"]): row for row in mine.iter_rows(named=True)}
    out = {(row["partner_id"], row["quarter"]): row for row in paid.iter_rows(named=True)}
    lines = [
        _line(names.get(place[0], place[0]), place, owed.get(place, {}), out.get(place, {}))
        for place in sorted({*owed, *out})
    ]
    lines = [line for line in lines if line.credited or line.paid or line.owed or line.incomplete]
    order = {label: number for number, label in enumerate(quarters)}
    lines.sort(key=lambda line: (line.difference is None, -abs(line.difference or line.paid), -order[line.quarter]))
    return Reconciliation(rule, tuple(quarters), tuple(lines), *_named(lines))


def _line(name: str, place: tuple[str, str], credit: Mapping[str, int], payout: Mapping[str, int]) -> Payout:
    credited, rated = credit.get("cents", 0), credit.get("rated_cents", 0)
    agreed = bool(credit.get("agreed") or payout.get("agreed"))
    owed = credit.get("owed_cents", 0) if agreed else None
    paid = payout.get("cents", 0)
    return Payout(
        partner_id=place[0],
        name=name,
        quarter=place[1],
        credited=credited,
        rate=credit.get("owed_cents", 0) / rated if rated else None,
        owed=owed,
        paid=paid,
        difference=None if owed is None else paid - owed,
        unrated=credited - rated,
        incomplete=bool(credit.get("unconverted") or payout.get("unconverted")),
    )


def _named(lines: Sequence[Payout]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    rated = {line.partner_id for line in lines if line.owed is not None}
    owed = {line.partner_id for line in lines if line.owed}
    paid = {line.partner_id for line in lines if line.paid}
    names = {line.partner_id: line.name for line in lines}

    def by_name(partners: set[str]) -> tuple[str, ...]:
        return tuple(sorted((names[each] for each in partners), key=lambda name: (name.casefold(), name)))

    return by_name(paid - rated), by_name(owed - paid)
