"""Who is credited with the deals of a period, and were the partners paid accordingly? Kept answers for the page."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl
from sqlalchemy import Engine

from dashboard.answers import answer, current
from dashboard.frames.performance import selection, window
from dashboard.metrics.attribution import Attribution, attribution_of
from dashboard.metrics.attribution_rules import DEFAULT, Base, Options
from dashboard.metrics.performance import ALL, Selection
from dashboard.period import Period
from data_access.attribution import attribution_cells

if TYPE_CHECKING:
    from dashboard.filters import Filters


def attribution(period: Period, chosen: Filters, options: Options = DEFAULT, base: Base = Base.ARR) -> Attribution:
    """The deals of a period, shared out by all rules; both bases come from one read.

    Filters choose deals by the partner and the channel of their lead, as everywhere: their total is that of the
    other pages. A chosen partner's deals are shared among all who touched them.
    """
    return of_selection(period, selection(chosen), options, base)


def of_selection(
    period: Period, chosen: Selection = ALL, options: Options = DEFAULT, base: Base = Base.ARR
) -> Attribution:
    """The same for a selection."""

    def compute(engine: Engine, instant: datetime) -> Attribution:
        return attribution_of(_cells(period, chosen, options), base, options)

    return answer(("attribution", period, chosen, options, base), compute)


def _cells(period: Period, chosen: Selection, options: Options) -> pl.DataFrame:
    def compute(engine: Engine, instant: datetime) -> pl.DataFrame:
        return attribution_cells(engine, window(period, instant), options, {}, chosen)

    return current(("attribution cells", period, chosen, options), compute)
