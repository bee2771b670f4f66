"""Everything that the numbers of one period need, read at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import polars as pl
from sqlalchemy import Engine

from dashboard.metrics.cells import Cells, Reading
from dashboard.window import Window
from data_access.costs import cost_cells
from data_access.deals import closing_days, curve_age_cells, curve_cells, deal_cells
from data_access.leads import age_cells, cohort_cells, delay_cells, lead_census, moment_cells
from data_access.partners import page_cells, partners

# As many reads at a time as a small database server has cores to answer them.
AT_A_TIME = 4


def read_performance(engine: Engine, window: Window) -> Reading:
    """Reads the cells of a window, a few questions at a time; raises what the first failing read raises."""
    questions: dict[str, Callable[[], pl.DataFrame]] = {
        "delays": lambda: delay_cells(engine, window),
        "census": lambda: lead_census(engine, window),
        "cohort": lambda: cohort_cells(engine, window),
        "pages": lambda: page_cells(engine, window),
        "deals": lambda: deal_cells(engine, window),
        "curve": lambda: curve_cells(engine, window),
        "curve_ages": lambda: curve_age_cells(engine, window),
        "closing": lambda: closing_days(engine, window),
        "ages": lambda: age_cells(engine, window),
        "moments": lambda: moment_cells(engine, window),
        "partners": lambda: partners(engine),
        "costs": lambda: cost_cells(engine, window),
    }
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        futures = {name: pool.submit(ask) for name, ask in questions.items()}
        answer = {name: future.result() for name, future in futures.items()}
    cells = Cells(**{name: answer.pop(name) for name in ("cohort", "ages", "moments", "deals", "curve", "curve_ages")})
    return Reading(cells=cells, **answer)
