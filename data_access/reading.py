"""Everything that the numbers of one period need, read at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Engine

from dashboard.metrics.cells import Cells, Reading
from dashboard.window import Window
from data_access.costs import cost_cells
from data_access.deals import CLOSING, CURVE, CURVE_AGES, DEALS
from data_access.leads import COHORT, DEAL_DELAYS, age_cells, channel_cells, delay_cells, moment_cells
from data_access.live import DEAL
from data_access.partners import page_cells, partners
from data_access.questions import ask_together

# As many reads at a time as a small database server has cores to answer them.
AT_A_TIME = 2
Frames = dict[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class PeriodFrames:
    """What is read for a period: cells, referring pages and costs.

    `closing` and `deal_delays` (how long deals take to be won, and leads to get one) depend on `as_of` alone. They are
    asked with the period's deals, for a pass over the deals of their own would take three times as long.
    """

    cells: Cells
    pages: pl.DataFrame
    costs: pl.DataFrame
    closing: pl.DataFrame
    deal_delays: pl.DataFrame


def read_period(engine: Engine, window: Window) -> PeriodFrames:
    """Reads the cells of a window, and what its deals tell of every period."""
    questions = {"deals": DEALS, "curve": CURVE, "curve_ages": CURVE_AGES, "cohort": COHORT}
    questions |= {"closing": CLOSING, "deal_delays": DEAL_DELAYS}
    found = _at_once(
        {
            "deals": lambda: ask_together(engine, DEAL, questions, window.parameters),
            "pages": lambda: {"pages": page_cells(engine, window)},
            "ages": lambda: {"ages": age_cells(engine, window)},
            "moments": lambda: {"moments": moment_cells(engine, window)},
            "costs": lambda: {"costs": cost_cells(engine, window)},
        }
    )
    beside = {name: found.pop(name) for name in ("pages", "costs", "closing", "deal_delays")}
    return PeriodFrames(Cells(**found), **beside)


def joined(period: PeriodFrames, lead_delays: pl.DataFrame, channels: pl.DataFrame, everyone: pl.DataFrame) -> Reading:
    """One reading from its parts, the last three as `delay_cells`, `channel_cells` and `partners` read them."""
    delays = pl.concat([lead_delays, period.deal_delays])
    return Reading(period.cells, delays, period.closing, channels, everyone, period.pages, period.costs)


def read_performance(engine: Engine, window: Window) -> Reading:
    """Everything for one period; raises what the first failing read raises."""
    return joined(
        read_period(engine, window),
        delay_cells(engine, window),
        channel_cells(engine, window),
        partners(engine),
    )


def _at_once(reads: Mapping[str, Callable[[], Frames]]) -> Frames:
    """The frames of all reads, by name, a few of them read at a time."""
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        futures = [pool.submit(read) for read in reads.values()]
        return {name: frame for future in futures for name, frame in future.result().items()}
