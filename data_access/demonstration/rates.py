"""What was a euro worth? One rate each weekday, both ways, with four decimals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from .arrays import Floats, Ints, dates, frame
from .options import DAY, DemoOptions

LEVEL, PULL, DAILY_SD = 1.09, 0.01, 0.004
DAYS_BEFORE = 14


@dataclass(frozen=True, slots=True)
class Rates:
    """USD per EUR on each weekday, from two weeks before the window to its end; days count from 1970-01-01."""

    day: Ints
    usd_per_eur: Floats

    def at(self, seconds: Ints) -> Floats:
        """The latest rate on or before the day of each instant."""
        place = np.searchsorted(self.day, seconds // DAY, side="right") - 1
        return self.usd_per_eur[np.maximum(place, 0)]


def quote_rates(options: DemoOptions) -> Rates:
    """A random walk that is pulled back to its level."""
    day = np.arange(options.first_day - DAYS_BEFORE, options.end_day)
    day = day[(day - 4) % 7 < 5]
    shocks = options.stream("rate").normal(0, DAILY_SD, len(day))
    value, walk = LEVEL, np.empty(len(day))
    for place, shock in enumerate(shocks):
        value += PULL * (LEVEL - value) + shock
        walk[place] = value
    return Rates(day, np.asarray(np.round(np.clip(walk, 0.9, 1.35), 4), dtype=np.float64))


def rate_table(rates: Rates) -> pl.DataFrame:
    """Rows of `fx_rate`."""
    pairs = (("USD", "EUR", rates.usd_per_eur), ("EUR", "USD", np.round(1 / rates.usd_per_eur, 4)))
    return pl.concat(
        frame(
            base=pl.repeat(base, len(rates.day), eager=True),
            currency=pl.repeat(currency, len(rates.day), eager=True),
            day=dates(rates.day),
            rate=pl.Series(rate),
        )
        for base, currency, rate in pairs
    )
