"""Which of many differences are more than chance? Exact and score tests, and the false discovery rate."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np
from scipy.special import gammaln, ndtr

# Below this expected count in any of the four fields the normal approximation is not trusted. Cochran's 5 serves a
# single test at 5 %; among many, p has to be right at a thousandth, and there the normal tail is too thin for longer.
SMALLEST_EXPECTED = 40
# Tables as likely as the observed one up to rounding count as equally extreme, as in R's fisher.test.
TIES = 1 + 1e-7


def benjamini_hochberg(p: Sequence[float | None]) -> tuple[float | None, ...]:
    """Adjusted p-values (q) in the order given; None, a test that was not made, stays None and counts as no test.

    Calling discovered what has q ≤ 5 % keeps the expected share of false ones among the discovered at 5 % or less.
    Source: Benjamini & Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x.
    """
    made = np.array([i for i, own in enumerate(p) if own is not None], dtype=int)
    answers: list[float | None] = [None] * len(p)
    if len(made) == 0:
        return tuple(answers)
    values = np.array([own for own in p if own is not None])
    order = np.argsort(values, kind="stable")
    stepped = values[order] * (len(values) / np.arange(1, len(values) + 1))
    adjusted = np.minimum(np.minimum.accumulate(stepped[::-1])[::-1], 1.0)
    for place, q in zip(made[order], adjusted, strict=True):
        answers[place] = float(q)
    return tuple(answers)


def two_proportions(k_a: int, n_a: int, k_b: int, n_b: int) -> float | None:
    """Two-sided p-value of "both groups have one rate"; None where a group is empty, 1 where all or none happened.

    Fisher's exact test where an expected count is below 40, else the score (chi-square) test without correction.
    Source: Fisher 1935; Agresti 2013, Categorical Data Analysis, 3.2 and 3.5; Cochran 1954, doi:10.2307/3001616.
    """
    if n_a == 0 or n_b == 0:
        return None
    total, events = n_a + n_b, k_a + k_b
    if events in (0, total):
        return 1.0
    if min(n_a, n_b) * min(events, total - events) < SMALLEST_EXPECTED * total:
        return _fisher(k_a, n_a, events, total)
    pooled = events / total
    z = (k_a / n_a - k_b / n_b) / sqrt(pooled * (1 - pooled) * (1 / n_a + 1 / n_b))
    return float(2 * ndtr(-abs(z)))


def _fisher(k_a: int, n_a: int, events: int, total: int) -> float:
    """Probability, given the margins, of all tables that are no likelier than the observed one."""
    lowest, highest = max(0, n_a + events - total), min(n_a, events)
    k = np.arange(lowest, highest + 1)
    log_weight = -sum(gammaln(1 + own) for own in (k, n_a - k, events - k, total - n_a - events + k))
    weight = np.exp(log_weight - log_weight.max())
    return float(min(1.0, weight[weight <= weight[k_a - lowest] * TIES].sum() / weight.sum()))
