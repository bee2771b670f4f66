"""Has a cohort had the time to reach a stage, or is it too early to judge it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from dashboard.domain import Stage
from dashboard.metrics.cells import Columns
from dashboard.metrics.survival import percentile

FEWEST_LEADS = 20
MATURE_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Maturity:
    """`p90_days`: 90th percentile of the days from lead to the stage; `older`: share of the cohort older than that."""

    p90_days: float | None
    older: float | None
    mature: bool | None


def p90_days(delays: pl.DataFrame, stage: Stage) -> float | None:
    """From cells stage, days, leads; negative days left out; None under 20 leads, which say too little."""
    own = delays.filter((pl.col("stage") == stage.value) & (pl.col("days") >= 0)).sort("days")
    if own["leads"].sum() < FEWEST_LEADS:
        return None
    return percentile(own["days"].to_numpy(), own["leads"].to_numpy(), 0.9)


def maturity(ages: pl.DataFrame | Columns, p90: Mapping[Stage, float | None]) -> dict[Stage, Maturity]:
    """Whether at least 90 % of the cohort's leads (cells age_days, leads) are older than `p90`, stage by stage."""
    days, leads = np.asarray(ages["age_days"]), np.asarray(ages["leads"])
    total = int(leads.sum())
    return {stage: _judged(days, leads, total, limit) for stage, limit in p90.items()}


def _judged(days: np.ndarray, leads: np.ndarray, total: int, p90: float | None) -> Maturity:
    if p90 is None or total == 0:
        return Maturity(p90, None, None)
    older = int(leads[days > p90].sum()) / total
    return Maturity(p90, older, older >= MATURE_SHARE)


def curve_is_mature(counts_days: np.ndarray, counts: np.ndarray, p90: float | None) -> bool | None:
    """Whether `p90` days have passed for 90 % of the deals of a curve, given their ages in days and counts."""
    if p90 is None or counts.sum() == 0:
        return None
    return bool(counts[counts_days >= p90].sum() / counts.sum() >= MATURE_SHARE)
