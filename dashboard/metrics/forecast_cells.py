"""What may a forecast know? Cells of how deals went on, what is open, how many open, and what won deals brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl


@dataclass(frozen=True, slots=True)
class ForecastCells:
    """What was known when `last_day`, the last calendar day of which something has been seen, had been seen.

    `moves`: stage, following, outcome (move, won, lost, open), day, deals: how deals of the kind that is forecast and
    that opened in the last 24 months went on. `known`: deals, closed, staged (of the same), everybody.
    `open`: stage, age, deals,
    with_arr, arr_cents, arr_2, with_amount, amount_cents, amount_2, unconverted (the chosen open deals). `arrivals`:
    day, deals (the chosen deals by opening day). `won`: own (chosen), recent (12 months), won, valued, arr_cents,
    arr_2, largest_cents, second_cents (ARR of the two largest), both_arr_cents, both_amount_cents. `months`: month,
    won, arr_cents, unconverted (the chosen, by closing).
    """

    last_day: date
    moves: pl.DataFrame
    known: pl.DataFrame
    open: pl.DataFrame
    arrivals: pl.DataFrame
    won: pl.DataFrame
    months: pl.DataFrame

    def arr_between(self, start: date, end: date) -> int:
        """ARR in cents of deals won in the months from `start` to before `end`, as far as seen."""
        return int(self._months(start, end)["arr_cents"].sum())

    def won_between(self, start: date, end: date) -> int:
        """Deals won in these months, as far as seen."""
        return int(self._months(start, end)["won"].sum())

    def unconverted_between(self, start: date, end: date) -> int:
        """Of these, the deals whose ARR could not be converted."""
        return int(self._months(start, end)["unconverted"].sum())

    def _months(self, start: date, end: date) -> pl.DataFrame:
        return self.months.filter((pl.col("month") >= start) & (pl.col("month") < end))
