"""What would partners rank like if luck were taken out? Thousands of drawn rankings, counted.

Each draw takes the pool's parameters and then every partner's log value; the ranks of all draws give each partner's
rank interval and its chances of the outer fifths. Log values are drawn from a skewed normal that shares mean, variance
and third cumulant with the exact posterior (Cornish & Fisher 1938, doi:10.2307/1400905), in antithetic pairs.
Source for ranks as what is estimated: Lin, Louis, Paddock & Ridgeway 2006, doi:10.1214/06-BA130.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Rank intervals leave out at most 5 % of the draws at each end.
TAIL = 0.05
# So many partners' ranks are counted at once, to bound the memory.
BLOCK = 256
# From every so many draws one is kept to tell the interval of the value itself.
KEEP_EVERY = 4
# The skewed normal turns back beyond 3 / |skewness| standard deviations; stronger skew is cut to stay clear of that.
STEEPEST = 0.9


@dataclass(frozen=True, slots=True)
class LogValues:
    """Posterior of every partner's log value, given each draw of the pool's parameters: (pool draws × partners).

    `mean`, `variance` and `third` (third cumulant) describe all of it but what few cases leave: an exponential tail to
    the left or the right, by its mean; 0 where there is none.
    """

    mean: np.ndarray
    variance: np.ndarray
    third: np.ndarray
    left: np.ndarray
    right: np.ndarray


@dataclass(frozen=True, slots=True)
class DrawnRanks:
    """By partner: rank interval (1 is best), the share of draws inside it, P(top), P(bottom), bounds of the log value.

    `log_value` has the columns low, middle, high: the quantiles 5, 50 and 95 %.
    """

    low: np.ndarray
    high: np.ndarray
    content: np.ndarray
    top: np.ndarray
    bottom: np.ndarray
    log_value: np.ndarray


def drawn_ranks(values: LogValues, group: int, draws: int, seed: int) -> DrawnRanks:
    """Ranks of `draws` rankings, the largest value first; `group` partners make the top, and as many the bottom."""
    pools, partners = values.mean.shape
    each = -(-draws // pools)
    each += each % 2
    rng = np.random.default_rng(seed)
    ranks = np.empty((pools * each, partners), np.uint16 if partners < 2**16 else np.uint32)
    kept = []
    for pool in range(pools):
        drawn = _drawn(values, pool, each, rng)
        kept.append(drawn[: max(1, each // KEEP_EVERY)])
        ranks[pool * each : (pool + 1) * each] = _ranked(drawn)
    low, high, content, top, bottom = _counted(ranks, group)
    sample = np.sort(np.concatenate(kept).T, axis=1)
    places = np.round(np.array([TAIL, 0.5, 1 - TAIL]) * (sample.shape[1] - 1)).astype(int)
    return DrawnRanks(low, high, content, top, bottom, sample[:, places].astype(float))


def _drawn(values: LogValues, pool: int, each: int, rng: np.random.Generator) -> np.ndarray:
    """`each` draws of all partners' log values; neighbours are antithetic."""
    mean, deviation, bend = _shape(values, pool)
    z = rng.standard_normal((each // 2, mean.size), dtype=np.float32)
    drawn = np.empty((each, mean.size), np.float32)
    centre = mean + bend * (z * z - 1)
    z *= deviation
    np.add(centre, z, out=drawn[::2])
    np.subtract(centre, z, out=drawn[1::2])
    for tail, sign in ((values.left[pool], -1), (values.right[pool], 1)):
        few = np.flatnonzero(tail)
        if few.size:
            size = (sign * tail[few]).astype(np.float32)
            drawn[:, few] += size * rng.standard_exponential((each, few.size), dtype=np.float32)
    return drawn


def _shape(values: LogValues, pool: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, standard deviation and weight of the quadratic term of one pool draw, in the order of the partners."""
    variance = values.variance[pool]
    deviation = np.sqrt(variance)
    steepness = np.clip(values.third[pool] / (variance * deviation), -STEEPEST, STEEPEST)
    single = (values.mean[pool], deviation, deviation * steepness / 6)
    mean, deviation, bend = (part.astype(np.float32) for part in single)
    return mean, deviation, bend


def _ranked(drawn: np.ndarray) -> np.ndarray:
    """Rank 0 (largest) … in each row: value and partner share one whole number, so that one plain sort does it all."""
    partners = drawn.shape[1]
    bits = max(1, (partners - 1).bit_length())
    least, most = float(drawn.min()), float(drawn.max())
    scale = (2.0 ** (31 - bits) - 2.0**8) / (most - least) if most > least else 0.0
    packed = ((np.float32(most) - drawn) * np.float32(scale)).astype(np.int32)
    packed <<= bits
    packed |= np.arange(partners, dtype=np.int32)
    packed.sort(axis=1)
    packed &= (1 << bits) - 1
    ranks = np.empty(drawn.size, np.uint32)
    row = np.arange(drawn.shape[0], dtype=np.int64)[:, None] * partners
    ranks[packed + row] = np.arange(partners, dtype=np.uint32)
    return ranks.reshape(drawn.shape)


def _counted(ranks: np.ndarray, group: int) -> tuple[np.ndarray, ...]:
    """Interval, content and chances of the outer groups, from each partner's ranks; a block of partners at a time."""
    parts = [
        _block(ranks[:, start : start + BLOCK], ranks.shape[1], group) for start in range(0, ranks.shape[1], BLOCK)
    ]
    return tuple(np.concatenate(part) for part in zip(*parts, strict=True))


def _block(ranks: np.ndarray, partners: int, group: int) -> tuple[np.ndarray, ...]:
    draws, own = ranks.shape
    keys = ranks + np.arange(own, dtype=np.int64) * partners
    below = np.bincount(keys.ravel(), minlength=own * partners).reshape(own, partners).cumsum(axis=1)
    outside = int(TAIL * draws)
    low = (below <= outside).sum(axis=1)
    high = (below < draws - outside).sum(axis=1)
    row = np.arange(own)
    content = (below[row, high] - np.where(low > 0, below[row, np.maximum(low, 1) - 1], 0)) / draws
    top = below[:, group - 1] / draws if group else np.zeros(own)
    bottom = 1 - below[:, partners - group - 1] / draws if group else np.zeros(own)
    return low + 1, high + 1, content, top, bottom


def pool_draws(partners: int) -> int:
    """How many draws of the pool: more for few partners, where they are cheap and the pool is little known."""
    return 128 if partners <= 128 else 64


def even(rng: np.random.Generator, draws: int) -> np.ndarray:
    """One point at random in each of so many equal parts of (0, 1)."""
    return (np.arange(draws) + rng.random(draws)) / draws
