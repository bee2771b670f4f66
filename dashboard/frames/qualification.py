"""Which leads qualify, and where do the others fail? The questions of the qualification waterfall."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl
from sqlalchemy import Engine

from dashboard.answers import answer, current
from dashboard.frames.performance import selection, window
from dashboard.frames.trend import of_everybody
from dashboard.metrics.qualification import Qualification, cut, disqualified, qualification
from dashboard.period import Period
from data_access import qualification as reads
from data_access import scoring_models
from data_access.scoring_models import ActiveModel

if TYPE_CHECKING:
    from dashboard.filters import Filters


def active_model() -> ActiveModel:
    """The scoring model that qualifies leads now."""
    return answer("scoring_model", scoring_models.active_model)


def gate_cells(period: Period, *, sourced: bool) -> pl.DataFrame:
    """Leads of the period by partner, channel and gates passed, of everybody."""

    def compute(engine: Engine, instant: datetime) -> pl.DataFrame:
        return reads.gate_cells(engine, window(period, instant), active_model().model, sourced=sourced)

    return current(("gates", period, sourced), compute)


def qualified(period: Period, filters: Filters, *, overlapping: bool = False) -> Qualification:
    """The waterfall of the period's leads that the filters choose; `overlapping`: only those with an account overlap.

    Partner-sourced leads, or all of them where the data name no partner.
    """
    sourced, chosen = not of_everybody(period, filters), selection(filters)

    def compute(engine: Engine, instant: datetime) -> Qualification:
        cells = cut(gate_cells(period, sourced=sourced), chosen, sourced=sourced)
        reasons = cut(reads.reason_cells(engine, window(period, instant), sourced=sourced), chosen, sourced=sourced)
        found = qualification(cells, active_model().model, overlapping=overlapping)
        return found.because(disqualified(reasons)) if not overlapping else found

    return answer(("qualified", period, chosen, sourced, overlapping), compute)
