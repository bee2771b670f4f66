"""Where does a partner stand among its like: which share of the others does it surpass, and how sure is that?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logit

from dashboard.domain import Estimate
from dashboard.metrics.intervals import Z95
from dashboard.metrics.win_rate import shrunken_win_rates

DRAWS = 2_000
SEED = 20_251_001


@dataclass(frozen=True, slots=True)
class Standing:
    """Share (0–1) of `among` others that are surpassed, equals counting half, with a 90 % interval.

    Without a value of its own, or without others that have one: None. Without intervals of rates: the plain share,
    and no bounds.
    """

    percentile: float | None
    low: float | None
    high: float | None
    among: int


def standing(own: Estimate, others: Sequence[Estimate], draws: int = DRAWS, seed: int = SEED) -> Standing:
    """One partner among the others of its type; larger values surpass.

    Raw rates (each with interval and n) are first drawn towards each other, as win rates are, for the scatter of raw
    rates is partly chance and would make everybody look more extreme than it is; seeded draws then ask how often each
    other is surpassed. Amounts, which come without intervals, are only ranked.
    Source: Goldstein & Spiegelhalter 1996, doi:10.2307/2983325; Gelman et al., Bayesian Data Analysis, ch. 5.
    """
    known = [other for other in others if other.value is not None]
    if own.value is None or not known:
        return Standing(None, None, None, len(known))
    if any(each.low is None or each.n == 0 for each in (own, *known)):
        values = np.array([[each.value for each in (own, *known)]], dtype=float)
        return Standing(float(_surpassed(values)[0]), None, None, len(known))
    return percentile_among(_draws((own, *known), draws, seed))


def percentile_among(values: np.ndarray) -> Standing:
    """From draws of the true values, one row a draw, the partner in question first and the others after it."""
    shares = _surpassed(values)
    low, high = (float(q) for q in np.quantile(shares, [0.05, 0.95]))
    return Standing(float(shares.mean()), low, high, values.shape[1] - 1)


def _surpassed(values: np.ndarray) -> np.ndarray:
    own, others = values[:, :1], values[:, 1:]
    return np.asarray((own > others).mean(axis=1) + (own == others).mean(axis=1) / 2)


def _draws(rates: Sequence[Estimate], draws: int, seed: int) -> np.ndarray:
    """Log-odds of the true rates: normal, with the posterior interval's middle and width."""
    n = [each.n for each in rates]
    k = [round((each.value or 0.0) * each.n) for each in rates]
    posterior = shrunken_win_rates(k, n).estimates
    inside = (1e-9, 1 - 1e-9)
    low, high = (logit(np.clip([getattr(e, side) for e in posterior], *inside)) for side in ("low", "high"))
    noise = np.random.default_rng(seed).standard_normal((draws, len(rates)))
    return np.asarray((low + high) / 2 + noise * (high - low) / (2 * Z95))
