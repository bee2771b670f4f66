"""How does a price a month, or a share of a person, become cost rows? Templates to begin with, and rows by month."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from dashboard.domain import UserError
from dashboard.period import add_months
from data_access.cost_entry import ENTERED, Entry

MOST_MONTHS = 120
_CENT = Decimal("0.01")


class Per(StrEnum):
    """What a price is for."""

    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of cost: its name, category, what is counted (`users`, `FTE`) and how many, and the price of one.

    `price` is the middle of the `reference` that one source gives in US dollars, in words; None: it gives none.
    """

    key: str
    name: str
    category: str
    counted: str
    quantity: Decimal
    per: Per
    price: Decimal | None
    reference: str


TEMPLATES = (
    Template("fte", "People, as FTE", "people", "FTE", Decimal("0.5"), Per.YEAR, None, ""),
    Template("seats", "CRM seats", "seat", "users", Decimal(5), Per.MONTH, Decimal("112.50"),
             "reference: $75–150 a user and month"),
    Template("attribution", "Attribution add-on", "tooling", "add-ons", Decimal(1), Per.MONTH, Decimal(750),
             "reference: $500–1 000 a month"),
    Template("middleware", "Integration middleware", "tooling", "tools", Decimal(1), Per.MONTH, Decimal(60),
             "reference: $20–100 a month"),
    Template("manager", "Partner manager, half a person", "people", "FTE", Decimal("0.5"), Per.YEAR, None,
             "reference: 0.5 FTE; the yearly cost is yours to fill in"),
    Template("analyst", "RevOps analyst, a quarter of a person", "people", "FTE", Decimal("0.25"), Per.YEAR, None,
             "reference: 0.25 FTE; the yearly cost is yours to fill in"),
    Template("copy", "Copy and design", "content", "times", Decimal(1), Per.MONTH, None,
             "reference: a copywriter and a designer, as needed; no amount is given"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """What is to become rows: so much of `template` at this price, from the first day to the last, both included."""

    template: Template
    quantity: Decimal
    price: Decimal
    first: date
    last: date
    partner_id: str | None
    currency: str


def rows_of(order: Order, key: Callable[[], str]) -> list[Entry]:
    """One row for each calendar month that the order touches; a month in part costs the share of its days.

    The rows sum to the exact cost, rounded half-even to cents: each is the difference of two rounded running totals.
    UserError: no days, too many months, or nothing to pay for.
    """
    if order.last < order.first:
        raise UserError("The last day lies before the first.")
    if order.quantity <= 0 or order.price <= 0:
        raise UserError(f"Fill in how many {order.template.counted} and what one costs a {order.template.per.value}.")
    months = list(_months(order.first, order.last))
    if len(months) > MOST_MONTHS:
        raise UserError(f"That are {len(months)} months: {MOST_MONTHS} at a time are the most.")
    monthly = order.quantity * order.price / (12 if order.template.per is Per.YEAR else 1)
    rows, exact, rounded = [], Decimal(0), Decimal(0)
    for first, last in months:
        exact += monthly * ((last - first).days + 1) / monthrange(first.year, first.month)[1]
        amount = exact.quantize(_CENT, ROUND_HALF_EVEN) - rounded
        rounded += amount
        rows.append(
            Entry(
                f"{ENTERED}-{key()}", order.partner_id, None, order.template.category, first, last, amount,
                order.currency,
            )
        )  # fmt: skip
    return rows


def _months(first: date, last: date) -> Iterator[tuple[date, date]]:
    while first <= last:
        end = add_months(first, 1) - timedelta(days=1)
        yield first, min(end, last)
        first = end + timedelta(days=1)
