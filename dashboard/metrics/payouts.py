"""Were the partners paid what they are owed? Credited ARR at the agreed rate against payouts, by quarter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import polars as pl

from dashboard.metrics.attribution_rules import Rule
from dashboard.period import Period, previous, quarter_of
from dashboard.settings import Settings

QUARTERS = 4


@dataclass(frozen=True, slots=True)
class Payout:
    """One partner in one quarter; money in cents of the reporting currency.

    `credited`: ARR of the deals won in the quarter, by the rule. `rate`: the agreed one; where it changed within the
    quarter, its mean over the credited ARR; None where no credit has one. `owed`: each deal's credit × the rate that
    held on its closing day; None where no rate was agreed with the partner by the quarter's end. `paid`: payouts, by
    the share of their days in the quarter. `difference` = paid − owed; None where owed is. `unrated`: the part of
    `credited` on whose closing days no rate was agreed. `incomplete`: a deal or a payout has no rate of exchange.
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
    def paid_with_rate(self) -> int:
        """Cents paid where a rate is agreed; what `owed` is held against."""
        return sum(line.paid for line in self.lines if line.owed is not None)

    @property
    def compared(self) -> int:
        """Cents by which payouts exceed what is owed, where a rate is agreed."""
        return sum(line.difference or 0 for line in self.lines)


@dataclass(frozen=True, slots=True)
class PayoutCells:
    """The frames that `data_access.payouts` reads: credits by a rule, payouts, and where a rate was agreed."""

    credits: pl.DataFrame
    paid: pl.DataFrame
    agreed: pl.DataFrame


def quarters_up_to(period: Period, settings: Settings) -> tuple[Period, ...]:
    """The four fiscal quarters up to the one in which the period's last day lies."""
    quarters = [quarter_of(period.end.date() - timedelta(days=1), settings)]
    while len(quarters) < QUARTERS:
        quarters.insert(0, previous(quarters[0], settings))
    return tuple(quarters)


def reconciliation(cells: PayoutCells, names: Mapping[str, str], quarters: Sequence[str], rule: Rule) -> Reconciliation:
    """All partners' lines from the cells of the rule; `names` by partner, `quarters` in order."""
    owed = _by_place(cells.credits)
    out = _by_place(cells.paid)
    agreed = set(cells.agreed.iter_rows())
    lines = [
        _line(names.get(place[0], place[0]), place, owed.get(place, {}), out.get(place, {}), place in agreed)
        for place in sorted({*owed, *out})
    ]
    lines = [line for line in lines if line.credited or line.paid or line.owed or line.incomplete]
    order = {label: number for number, label in enumerate(quarters)}
    lines.sort(key=lambda line: (line.difference is None, -abs(line.difference or line.paid), -order[line.quarter]))
    return Reconciliation(rule, tuple(quarters), tuple(lines), *_named(lines))


def _by_place(frame: pl.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["partner_id"], row["quarter"]): row for row in frame.iter_rows(named=True)}


def _line(
    name: str, place: tuple[str, str], credit: Mapping[str, Any], payout: Mapping[str, Any], agreed: bool
) -> Payout:
    credited, rated = credit.get("cents", 0), credit.get("rated_cents", 0)
    owed = credit.get("owed_cents", 0) if agreed else None
    paid = payout.get("cents", 0)
    return Payout(
        partner_id=place[0],
        name=name,
        quarter=place[1],
        credited=credited,
        rate=credit.get("rate"),
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
