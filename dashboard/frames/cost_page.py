"""What did the programme cost and return? The questions of the page "Costs and return"."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl
from sqlalchemy import Engine

from dashboard import period as periods
from dashboard.answers import answer
from dashboard.frames.performance import choices, performance_of_selection, selection, window
from dashboard.metrics.cost_page import CostPage, without_prospects
from dashboard.metrics.cost_page import cost_page as page_of
from dashboard.metrics.cost_table import CostTable
from dashboard.metrics.cost_table import cost_table as table_of
from dashboard.metrics.gates import PartnerGate, first_quarters, partner_gates
from dashboard.metrics.performance import Selection
from dashboard.metrics.pilots import Pilot
from dashboard.metrics.pilots import pilots as pilots_of
from dashboard.period import Period
from dashboard.settings import settings
from dashboard.window import Window
from data_access.cost_page import deal_sums
from data_access.cost_table import category_cells
from data_access.gates import gate_cells
from data_access.pilots import pilot_cells

if TYPE_CHECKING:
    from dashboard.filters import Filters


def cost_page(period: Period, filters: Filters) -> CostPage:
    """Cost and return of a period for the chosen partners; a partner's cost has no channel, so channels narrow nothing.

    Prospects that never joined are set apart. Money in the reporting currency; DatabaseUnavailable where nobody answers
    and nothing was answered before.
    """
    chosen = Selection(selection(filters).partners)

    def compute(engine: Engine, instant: datetime) -> CostPage:
        result = performance_of_selection(period, chosen)
        return without_prospects(page_of(result, deals(period), cost_table(period), gates(), pilots()))

    return answer(("cost page", period, chosen), compute)


def deals(period: Period) -> pl.DataFrame:
    """The deals of every partner that were opened in the period, summed."""
    return answer(
        ("deal sums", period),
        lambda engine, instant: deal_sums(engine, window(period, instant)),
    )


def cost_table(period: Period) -> CostTable:
    """What the period's money was spent on, of everybody."""
    return answer(
        ("cost table", period),
        lambda engine, instant: table_of(category_cells(engine, window(period, instant))),
    )


def gates() -> dict[str, PartnerGate]:
    """The gate of every partner in its own first full quarter, whatever the period."""

    def compute(engine: Engine, instant: datetime) -> dict[str, PartnerGate]:
        partners = choices().partners
        cells = gate_cells(engine, _now(instant), first_quarters(partners, settings()))
        return partner_gates(cells, partners, instant, settings())

    return answer("gates", compute)


def pilots() -> list[Pilot]:
    """The pilots of the partners that joined in the last 180 days, whatever the period."""

    def compute(engine: Engine, instant: datetime) -> list[Pilot]:
        return pilots_of(pilot_cells(engine, _now(instant)), choices().partners, _now(instant))

    return answer("pilots", compute)


def _now(instant: datetime) -> Window:
    return window(periods.current_quarter(instant, settings()), instant)
