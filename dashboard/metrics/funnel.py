"""How many leads of a cohort reached each stage, and what share went on from one to the next?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import polars as pl

from dashboard.domain import Estimate, Stage
from dashboard.metrics.intervals import rate

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


def stage_counts(cohort: pl.DataFrame) -> dict[Stage, int]:
    """Leads of the cohort that reached each stage; `cohort` as `cohort_cells` reads it. A skipped stage counts not."""
    both = _reached_both(cohort)
    return {stage: int(both[place, place]) for place, stage in enumerate(Stage)}


def step_conversion(cohort: pl.DataFrame, present: Sequence[Stage]) -> dict[str, Estimate]:
    """Leads that reached both stages ÷ leads that reached the first, with 95 % Wilson intervals, by `k_to_l`."""
    both, place = _reached_both(cohort), {stage: place for place, stage in enumerate(Stage)}
    return {
        f"{first}_to_{second}": rate(
            int(both[place[first], place[second]]),
            int(both[place[first], place[first]]),
        )
        for first, second in steps(present)
    }


def _reached_both(cohort: pl.DataFrame) -> np.ndarray:
    """Leads that reached stage i and stage j, for every pair of stages."""
    reached = np.ones((len(Stage), cohort.height), dtype=np.int64)
    for place, stage in enumerate(Stage):
        if stage is not Stage.LEAD:
            reached[place] = cohort[stage.value].to_numpy()
    both: np.ndarray = (reached * cohort["leads"].to_numpy()) @ reached.T
    return both
