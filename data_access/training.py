"""Which leads does an outcome model learn from? The cells of leads old enough, and how that age was measured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine

from dashboard.period import Period
from dashboard.scoring.training import days_to_won, last_year, training_period
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.leads import DEAL_DELAYS
from data_access.live import DEAL
from data_access.questions import ask_together


@dataclass(frozen=True, slots=True)
class Maturity:
    """The months whose leads are old enough.

    `days`: the 95th percentile of the days from creation to won, over leads won in the last 12 months; None where too
    few were won to measure it, so that the usual time was taken.
    """

    period: Period
    days: float | None


def maturity(engine: Engine, window: Window, settings: Settings) -> Maturity:
    """How old a lead must be for its outcome to be known, as seen at the window's `as_of`."""
    day: date = window.as_of_day
    asked = Window(last_year(day, settings), window.as_of, window.zone, window.currency)
    delays = ask_together(engine, DEAL, {"delays": DEAL_DELAYS}, asked.parameters)
    days = days_to_won(delays["delays"])
    return Maturity(training_period(day, days, settings), days)
