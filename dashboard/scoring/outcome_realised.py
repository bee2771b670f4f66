"""What would have come of it in fact, luck included? Wider than what was to be expected: fewer leads, more luck.

The mean rate is drawn from its interval (normal on the logit, both halves by themselves), wins are binomial given the
rate, and ARR is a sum of gamma amounts given the wins. Seeded: the same question gets the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from dashboard.metrics.intervals import Z95
from dashboard.scoring.expected import UNKNOWN, Expected, Part, Range
from dashboard.scoring.outcome_features import Floats

DRAWS = 4000
SEED = 4


@dataclass(frozen=True, slots=True)
class Realised:
    """Median and 95 % interval of what never-worked leads would have brought, gained minus dropped; ARR in cents."""

    wins: Range
    sqls: Range
    arr: Range


def realised(expected: Expected, dispersion: float | None) -> Realised:
    """All unknown where the estimate is refused. `dispersion`: `OutcomeModel.dispersion`, that of one lead's ARR."""
    if expected.refused:
        return Realised(UNKNOWN, UNKNOWN, UNKNOWN)
    random = np.random.default_rng(SEED)
    gained, dropped = expected.continued.gained, expected.continued.dropped
    correlation = expected.continued.correlation
    first = random.standard_normal(DRAWS)
    second = correlation * first + np.sqrt(1 - correlation**2) * random.standard_normal(DRAWS)
    wins = [_count(part.wins, part.leads, z, random) for part, z in ((gained, first), (dropped, second))]
    sqls = [_count(part.sqls, part.leads, z, random) for part, z in ((gained, first), (dropped, second))]
    arr = UNKNOWN
    if dispersion is not None and gained.arr.value is not None:
        own = [_arr(part, count, dispersion, random) for part, count in zip((gained, dropped), wins, strict=True)]
        arr = _range(own[0] - own[1])
    return Realised(_range(wins[0] - wins[1]), _range(sqls[0] - sqls[1]), arr)


def _range(draws: Floats) -> Range:
    low, middle, high = np.quantile(draws, (0.025, 0.5, 0.975))
    return Range(float(middle), float(low), float(high))


def _count(found: Range, leads: float, z: Floats, random: np.random.Generator) -> Floats:
    """How many of the leads have it."""
    if not found.value or found.low is None or found.high is None:
        return np.zeros(len(z))
    low, middle, high = logit(np.clip(np.array([found.low, found.value, found.high]) / leads, 1e-12, 1 - 1e-12))
    rate = expit(middle + z / Z95 * np.where(z < 0, middle - low, high - middle))
    return np.asarray(random.binomial(round(leads), rate), dtype=np.float64)


def _arr(part: Part, wins: Floats, dispersion: float, random: np.random.Generator) -> Floats:
    """Amounts of so many wins; their mean is as uncertain as ARR is beyond the wins."""
    if not part.wins.value or not part.arr.value or not part.arr.high or not part.wins.high:
        return np.zeros(len(wins))
    spread = np.log(part.arr.high / part.arr.value) ** 2 - np.log(part.wins.high / part.wins.value) ** 2
    mean = (
        part.arr.value / part.wins.value * np.exp(np.sqrt(max(spread, 0.0)) / Z95 * random.standard_normal(len(wins)))
    )
    shape = np.maximum(wins, 1e-9) / dispersion
    return np.where(wins > 0, random.gamma(shape, dispersion * mean), 0.0)
