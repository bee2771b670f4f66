"""What is an amount worth in the reporting currency? Exact fractions; deals rounded half-even to cents, costs not."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction

OLDEST_RATE_DAYS = 7


class Rates:
    """Rates into one base currency: the latest on or before a day, at most seven days old."""

    def __init__(self, rows: Iterable[dict], base: str) -> None:
        self.base = base
        self._rates: dict[str, list[tuple[date, Fraction]]] = defaultdict(list)
        for row in rows:
            if row["base"] == base:
                self._rates[row["currency"]].append((row["day"], Fraction(row["rate"])))
        for rates in self._rates.values():
            rates.sort()

    def rate(self, currency: str | None, day: date) -> Fraction | None:
        """Units of base per unit of currency, or None where there is no currency or no fresh rate."""
        if currency is None:
            return None
        if currency == self.base:
            return Fraction(1)
        rates = self._rates.get(currency, [])
        position = bisect_right([rate_day for rate_day, _ in rates], day)
        if not position:
            return None
        rate_day, rate = rates[position - 1]
        return rate if (day - rate_day).days <= OLDEST_RATE_DAYS else None

    def convert(self, amount: Decimal | None, currency: str | None, day: date) -> Fraction | None:
        """The amount in base currency, unrounded; None where there is no amount or no rate."""
        rate = self.rate(currency, day)
        return None if amount is None or rate is None else Fraction(amount) * rate

    def convert_to_cents(self, amount: Decimal | None, currency: str | None, day: date) -> Fraction | None:
        """The amount in base currency, rounded half-even to whole cents."""
        exact = self.convert(amount, currency, day)
        return None if exact is None else Fraction(round(exact * 100), 100)


def ratio(numerator: float | Fraction | None, denominator: float | Fraction | None) -> Fraction | float | None:
    """The quotient; None where a part is missing or there is nothing to divide by."""
    return None if numerator is None or not denominator else numerator / denominator
