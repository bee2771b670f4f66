"""What share is still without the event after d days? Kaplan–Meier from day histograms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dashboard.metrics.survival import log_log_bounds


@dataclass(frozen=True, slots=True)
class KaplanMeier:
    """By whole day (ascending): share without the event at its end, 95 % bounds, cases at risk at its beginning."""

    days: np.ndarray
    survival: np.ndarray
    low: np.ndarray
    high: np.ndarray
    at_risk: np.ndarray
    n: int


def kaplan_meier(days: ArrayLike, events: ArrayLike, censored: ArrayLike) -> KaplanMeier:
    """The estimate from counts of events and of censored cases a day, which is the one from the rows themselves.

    Days may repeat and come in any order; negative ones are left out. Events of a day happen before its censoring.
    The interval is log(−log) with Greenwood's variance; where the estimate is 0 or 1 it is Wilson's with n.
    Source: Kaplan & Meier 1958, doi:10.1080/01621459.1958.10501452; Kalbfleisch & Prentice 2002, 1.4.
    """
    given = np.asarray(days, dtype=int)
    kept = given >= 0
    present, place = np.unique(given[kept], return_inverse=True)
    ended, left = (
        np.bincount(place, weights=np.asarray(own, dtype=float)[kept], minlength=len(present))
        for own in (events, censored)
    )
    at_risk = (ended + left)[::-1].cumsum()[::-1]
    survival = np.cumprod(1 - ended / np.maximum(at_risk, 1))
    staying = at_risk * (at_risk - ended)
    hazard = np.divide(ended, staying, out=np.zeros(len(present)), where=staying > 0).cumsum()
    n = int(ended.sum() + left.sum())
    low, high = log_log_bounds(survival, survival**2 * hazard, n)
    return KaplanMeier(present, survival, low, high, at_risk, n)
