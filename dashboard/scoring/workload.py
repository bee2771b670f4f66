"""How much work do qualified leads make, and what does each cost? The same for one number and for a curve of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def load(qualified: ArrayLike, weeks: float, per_week: float) -> NDArray[np.float64] | None:
    """Qualified leads a week ÷ the leads that sales can work in a week.

    `weeks` of the period, `per_week` the capacity; None where either is not above 0.
    """
    if weeks <= 0 or per_week <= 0:
        return None
    return np.asarray(qualified, dtype=np.float64) / (weeks * per_week)


def cost_per_lead(qualified: ArrayLike, cost: float | None) -> NDArray[np.float64] | None:
    """Programme cost of the period ÷ qualified leads, in the cost's unit; NaN where there is no lead.

    None where no cost is known, or where it is not above 0 (credits outweigh it).
    """
    if cost is None or cost <= 0:
        return None
    leads = np.asarray(qualified, dtype=np.float64)
    found: NDArray[np.float64] = np.divide(cost, leads, out=np.full(leads.shape, np.nan), where=leads > 0)
    return found
