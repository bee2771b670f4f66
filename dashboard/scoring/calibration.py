"""Do worked leads win as often as was predicted, band of scores by band of scores?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from dashboard.domain import NOTHING, Estimate
from dashboard.metrics.intervals import Z95, rate
from dashboard.scoring.cells import ScoreCells, Work
from dashboard.scoring.logistic_fit import logistic_fit
from dashboard.scoring.outcome_model import OutcomeModel
from dashboard.scoring.outcome_totals import prospects

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]

WIDTH = 5  # points of a band
FEWEST = 50  # worked leads of a band; smaller neighbours are put together
EDGE = 1e-9  # chances of 0 and 1 have no logit


@dataclass(frozen=True, slots=True)
class Band:
    """Worked leads with scores from `low` to `high`, both included; `observed` is their conversion (Wilson)."""

    low: int
    high: int
    won: int
    observed: Estimate
    predicted: float | None

    @property
    def off(self) -> bool:
        """Whether the prediction lies outside the interval of what was observed."""
        if self.predicted is None or self.observed.low is None or self.observed.high is None:
            return False
        return not self.observed.low <= self.predicted <= self.observed.high


@dataclass(frozen=True, slots=True)
class Calibration:
    """Bands from low to high scores, and how predictions do on the whole.

    `won` of `leads` were won, `expected` were predicted. `shift`: by how much the logit of all predictions is off
    (0: right on the whole; the intercept where the slope is held at 1). `slope`: 1 where predictions spread as much
    as outcomes, less where they are too extreme. Both with 95 % Wald intervals; no value where nothing tells them.
    Source: Cox 1958, doi:10.1093/biomet/45.3-4.562; Van Calster et al. 2019, doi:10.1186/s12916-019-1466-7.
    """

    bands: tuple[Band, ...]
    leads: int
    won: int
    expected: float | None
    shift: Estimate
    slope: Estimate


def calibration(
    score: NDArray[np.integer], won: Counts, leads: Counts, predicted: Floats | None, top: int = 100
) -> Calibration:
    """Counts of worked leads against the chance to win predicted for each entry; None: nothing predicts them.

    Bands are `WIDTH` points wide and begin at multiples of it; from the top of the scale downwards, and then from the
    bottom up, a band with fewer than `FEWEST` leads is put together with the next.
    """
    whole = int(leads.sum())
    bands = tuple(_band(low, high, score, won, leads, predicted) for low, high in _borders(score, leads, top))
    if predicted is None or not whole:
        return Calibration(bands, whole, int(won.sum()), None, NOTHING, NOTHING)
    seen = leads > 0
    shift, slope = _recalibration(won[seen], leads[seen], predicted[seen])
    return Calibration(bands, whole, int(won.sum()), float(leads @ predicted), shift, slope)


def pooled(won: Counts, leads: Counts) -> float | None:
    """The conversion of all worked leads, the prediction of those who know nothing better."""
    return float(won.sum() / leads.sum()) if leads.sum() else None


def predicted_chances(outcomes: OutcomeModel, cells: ScoreCells) -> Floats:
    """Each code's mean chance to win over its worked leads, under a model that was fitted to other leads.

    Leads that somebody chose below the threshold are predicted as if nobody had. 0 for codes without worked leads.
    """
    known = np.isin(cells.work, (Work.WORKED, Work.EXPERIMENT))
    # The model answers for leads never worked, so these are shown to it as such, and the others not at all.
    asked = replace(cells, work=np.where(known, Work.NEVER, Work.WORKED).astype(np.uint8))
    wins = prospects(outcomes, asked).win.by_code
    leads = np.bincount(cells.code[known], cells.measure("leads")[known], len(cells.codes))
    return np.asarray(np.divide(wins, leads, out=np.zeros(len(leads)), where=leads > 0))


def _borders(score: NDArray[np.integer], leads: Counts, top: int) -> list[tuple[int, int]]:
    """First and last score of each band, from low to high."""
    inside = np.bincount(np.clip(score, 0, top), leads, top + 1)
    found: list[tuple[int, int]] = []
    high = top
    for low in range(top - top % WIDTH, -1, -WIDTH):
        if inside[low : high + 1].sum() >= FEWEST:
            found.append((low, high))
            high = low - 1
    if high >= 0 and inside[: high + 1].sum():
        found = [*found[:-1], (0, found[-1][1])] if found else [(0, high)]
    return found[::-1]


def _band(
    low: int, high: int, score: NDArray[np.integer], won: Counts, leads: Counts, predicted: Floats | None
) -> Band:
    own = (score >= low) & (score <= high)
    wins, count = int(won[own].sum()), int(leads[own].sum())
    mean = None if predicted is None else float(leads[own] @ predicted[own] / count)
    return Band(low, high, wins, rate(wins, count), mean)


def _recalibration(won: Counts, leads: Counts, predicted: Floats) -> tuple[Estimate, Estimate]:
    lines, count = logit(np.clip(predicted, EDGE, 1 - EDGE)), int(leads.sum())
    ones = np.ones_like(lines)
    shift = logistic_fit(ones[:, None], won, leads, lines)
    slope = logistic_fit(np.column_stack([ones, lines]), won, leads) if np.ptp(lines) > EDGE else None
    return (
        NOTHING if shift is None else _wald(shift.coefficients[0], shift.covariance[0, 0], count),
        NOTHING if slope is None else _wald(slope.coefficients[1], slope.covariance[1, 1], count),
    )


def _wald(value: float, variance: float, n: int) -> Estimate:
    half = Z95 * float(np.sqrt(variance))
    return Estimate(float(value), float(value) - half, float(value) + half, n)
