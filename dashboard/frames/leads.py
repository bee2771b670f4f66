"""Which leads are behind a number? Pages of the list, and how many there are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import polars as pl
from sqlalchemy import Engine

from dashboard.answers import answer, engine, freshness
from dashboard.frames.performance import window
from dashboard.frames.qualification import active_model, gate_cells
from dashboard.period import Period
from data_access import lead_list
from data_access.lead_list import LeadQuery, Place

MOST_EXPORTED = 200_000


def count(period: Period, query: LeadQuery) -> int:
    """How many leads of the period meet the query."""

    def compute(engine: Engine, instant: datetime) -> int:
        model = active_model().model
        if query.passes or query.fails:  # the waterfall has counted them already
            found = lead_list.count_in_cells(gate_cells(period, sourced=query.sourced), query, model)
            if found is not None:
                return found
        return lead_list.count_leads(engine, window(period, instant), query, model)

    return answer(("lead count", period, query), compute)


def page(period: Period, query: LeadQuery, after: Place | None = None, before: Place | None = None) -> pl.DataFrame:
    """One page of the list: what follows `after`, or the last leads that precede `before`."""

    def compute(engine: Engine, instant: datetime) -> pl.DataFrame:
        seen, model = window(period, instant), active_model().model
        return lead_list.page_of_leads(engine, seen, query, model, after=after, before=before)

    return answer(("leads", period, query, after, before), compute)


def batches(period: Period, query: LeadQuery) -> Iterator[pl.DataFrame]:
    """The whole list in batches, for an export; nothing of it is kept."""
    seen = window(period, freshness().as_of)
    return lead_list.all_leads(engine(), seen, query, active_model().model, MOST_EXPORTED)
