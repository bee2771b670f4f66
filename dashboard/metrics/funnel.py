"""How many leads of a cohort reached each stage, and what share went on from one to the next?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import polars as pl

from dashboard.domain import Estimate, Stage
from dashboard.metrics.cells import Columns
from dashboard.metrics.intervals import rate

_STAGES = tuple(stage.value for stage in Stage)
_PLACE = {stage: place for place, stage in enumerate(Stage)}

LONG_STEPS = (
    (Stage.EQL, Stage.WON),
    (Stage.LEAD, Stage.WON),
    (Stage.MQL, Stage.SQL),
    (Stage.MQL, Stage.WON),
)


def stages_present(reached: dict[Stage, bool]) -> tuple[Stage, ...]:
    """The stages that the data know at all, in order."""
    return tuple(stage for stage in Stage if reached.get(stage, False))


def steps(present: Sequence[Stage]) -> list[tuple[Stage, Stage]]:
    """Each adjacent pair of the stages present, then EQL→won and lead→won where both ends are present."""
    pairs = list(pairwise(present))
    return pairs + [pair for pair in LONG_STEPS if pair not in pairs and set(pair) <= set(present)]


def stage_counts(cohort: pl.DataFrame | Columns) -> dict[Stage, int]:
    """Leads of the cohort that reached each stage; `cohort` as `cohort_cells` reads it. A skipped stage counts not."""
    return counts_of(reached_both(cohort))


def counts_of(both: np.ndarray) -> dict[Stage, int]:
    """Leads that reached each stage, from the counts of every pair."""
    return dict(zip(Stage, both.diagonal().tolist(), strict=True))


def step_conversion(cohort: pl.DataFrame | Columns, present: Sequence[Stage]) -> dict[str, Estimate]:
    """Leads that reached both stages ÷ leads that reached the first, with 95 % Wilson intervals, by `k_to_l`."""
    return rates_of(reached_both(cohort), present)


def rates_of(both: np.ndarray, present: Sequence[Stage]) -> dict[str, Estimate]:
    """The step conversions, from the counts of every pair of stages."""
    counted = both.tolist()
    return {
        f"{first}_to_{second}": rate(counted[_PLACE[first]][_PLACE[second]], counted[_PLACE[first]][_PLACE[first]])
        for first, second in steps(present)
    }


def reached_both(cohort: pl.DataFrame | Columns) -> np.ndarray:
    """Leads that reached stage i and stage j, for every pair of stages."""
    leads = np.asarray(cohort["leads"])
    reached = np.ones((len(_STAGES), len(leads)), dtype=np.int64)
    for place, stage in enumerate(_STAGES[1:], start=1):
        reached[place] = cohort[stage]
    both: np.ndarray = (reached * leads) @ reached.T
    return both
