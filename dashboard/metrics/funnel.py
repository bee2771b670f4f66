"""How many leads of a cohort reached each stage, and what share went on from one to the next?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import polars as pl

from dashboard.domain import Estimate, Stage
from dashboard.metrics.intervals import rate

LONG_STEPS = ((Stage.EQL, Stage.WON), (Stage.LEAD, Stage.WON))


def stages_present(reached: dict[Stage, bool]) -> tuple[Stage, ...]:
    """The stages that the data know at all, in order; every lead is a lead."""
    return tuple(stage for stage in Stage if stage is Stage.LEAD or reached.get(stage, False))


def steps(present: Sequence[Stage]) -> list[tuple[Stage, Stage]]:
    """Each adjacent pair of the stages present, then EQL→won and lead→won where both ends are present."""
    pairs = list(pairwise(present))
    return pairs + [pair for pair in LONG_STEPS if pair not in pairs and set(pair) <= set(present)]


def stage_counts(cohort: pl.DataFrame) -> dict[Stage, int]:
    """Leads of the cohort that reached each stage; `cohort` as `cohort_cells` reads it. A skipped stage counts not."""
    leads = cohort["leads"]
    return {
        stage: int(leads.sum()) if stage is Stage.LEAD else int(leads.filter(cohort[stage.value]).sum())
        for stage in Stage
    }


def step_conversion(cohort: pl.DataFrame, present: Sequence[Stage]) -> dict[str, Estimate]:
    """Leads that reached both stages ÷ leads that reached the first, with 95 % Wilson intervals, by `k_to_l`."""
    leads = cohort["leads"]
    reached = {
        stage: pl.repeat(True, cohort.height, eager=True) if stage is Stage.LEAD else cohort[stage.value]
        for stage in Stage
    }
    result = {}
    for first, second in steps(present):
        n = int(leads.filter(reached[first]).sum())
        both = int(leads.filter(reached[first] & reached[second]).sum())
        result[f"{first}_to_{second}"] = rate(both, n)
    return result
