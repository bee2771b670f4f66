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
class Standing:
    """What depends on `as_of` alone and serves every period: how long stages and closings take."""

    delays: pl.DataFrame
    closing: pl.DataFrame


@dataclass(frozen=True, slots=True)
class PeriodFrames:
    """What depends on the period: cells, referring pages and costs."""

    cells: Cells
    pages: pl.DataFrame
    costs: pl.DataFrame


def read_standing(engine: Engine, window: Window) -> Standing:
    """Reads what all periods share; the window's period plays no part."""
    found = _at_once(
        {
            "deals": lambda: ask_together(engine, DEAL, {"closing": CLOSING, "delays": DEAL_DELAYS}, window.parameters),
            "leads": lambda: {"lead_delays": delay_cells(engine, window)},
        }
    )
    return Standing(pl.concat([found["lead_delays"], found["delays"]]), found["closing"])


def read_period(engine: Engine, window: Window) -> PeriodFrames:
    """Reads the cells of a window."""
    questions = {"deals": DEALS, "curve": CURVE, "curve_ages": CURVE_AGES, "cohort": COHORT}
    found = _at_once(
        {
            "deals": lambda: ask_together(engine, DEAL, questions, window.parameters),
            "pages": lambda: {"pages": page_cells(engine, window)},
            "ages": lambda: {"ages": age_cells(engine, window)},
            "moments": lambda: {"moments": moment_cells(engine, window)},
            "costs": lambda: {"costs": cost_cells(engine, window)},
        }
    )
    pages, costs = found.pop("pages"), found.pop("costs")
    return PeriodFrames(Cells(**found), pages, costs)


def joined(period: PeriodFrames, standing: Standing, channels: pl.DataFrame, everyone: pl.DataFrame) -> Reading:
    """One reading from its parts; `channels` as `channel_cells` and `everyone` as `partners` read them."""
    return Reading(period.cells, standing.delays, standing.closing, channels, everyone, period.pages, period.costs)


def read_performance(engine: Engine, window: Window) -> Reading:
    """Everything for one period; raises what the first failing read raises."""
    return joined(
        read_period(engine, window),
        read_standing(engine, window),
        channel_cells(engine, window),
        partners(engine),
    )


def _at_once(reads: Mapping[str, Callable[[], Frames]]) -> Frames:
    """The frames of all reads, by name, a few of them read at a time."""
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        futures = [pool.submit(read) for read in reads.values()]
        return {name: frame for future in futures for name, frame in future.result().items()}
