"""From which leads can be learned what becomes of leads? From those old enough that it is known."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from dashboard.domain import Stage
from dashboard.metrics.survival import percentile
from dashboard.period import Period, add_months, between
from dashboard.settings import Settings

TRAINING_MONTHS = 36
FEWEST_WON = 20
# How long leads are waited for where too few were won to tell.
USUAL_DAYS = 180.0


def days_to_won(delays: pl.DataFrame) -> float | None:
    """95th percentile of the days from creation to won: from cells stage, days, leads; None under 20 leads."""
    won = delays.filter((pl.col("stage") == Stage.WON.value) & (pl.col("days") >= 0)).sort("days")
    if won["leads"].sum() < FEWEST_WON:
        return None
    return percentile(won["days"].to_numpy(), won["leads"].to_numpy(), 0.95)


def last_year(day: date, settings: Settings) -> Period:
    """The months up to a day in which leads must be won to count for `days_to_won`."""
    return between(add_months(day, -12), add_months(day, 1), settings)


def training_period(day: date, days: float | None, settings: Settings) -> Period:
    """36 whole months, up to the last that is older than the days in which 19 of 20 leads that are won are won."""
    until = (day - timedelta(days=int(USUAL_DAYS if days is None else days) + 1)).replace(day=1)
    return between(add_months(until, -TRAINING_MONTHS), until, settings)
