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


def alike(*known: np.ndarray) -> np.ndarray:
    """Numbers of groups, one for each partner: those of whom exactly the same is known share one."""
    rows = np.column_stack([np.round(column.astype(float), 6) for column in known])
    return np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1)


def levelled(found: DrawnRanks, group: np.ndarray) -> DrawnRanks:
    """The same for partners of one group: of whom the same is known, the same is said, whatever the lot drew."""
    size = np.bincount(group)

    def mean(own: np.ndarray) -> np.ndarray:
        return np.asarray((np.bincount(group, weights=own) / size)[group])

    return DrawnRanks(
        np.floor(mean(found.low)).astype(int),
        np.ceil(mean(found.high)).astype(int),
        mean(found.content),
        mean(found.top),
        mean(found.bottom),
        np.column_stack([mean(column) for column in found.log_value.T]),
    )


def drawn_ranks(values: LogValues, group: int, draws: int, seed: int) -> DrawnRanks:
    """Ranks of `draws` rankings, the largest value first; `group` partners make the top, and as many the bottom."""
    pools, partners = values.mean.shape
    each = -(-draws // pools)
    each += each % 2
    rng = np.random.default_rng(seed)
    ranks = np.empty((pools, each, partners), np.uint16 if partners < 2**16 else np.uint32)
    bent, kept = _bent(values), []
    for pool in range(pools):
        drawn = _drawn(bent, pool, each, rng)
        kept.append(drawn[: max(1, each // KEEP_EVERY)])
        _rank(drawn, ranks[pool])
    low, high, content, top, bottom = _counted(ranks.reshape(-1, partners), group)
    sample = np.sort(np.ascontiguousarray(np.concatenate(kept).T), axis=1)
    places = np.round(np.array([TAIL, 0.5, 1 - TAIL]) * (sample.shape[1] - 1)).astype(int)
    return DrawnRanks(low, high, content, top, bottom, sample[:, places].astype(float))


@dataclass(frozen=True, slots=True)
class _Bent:
    """What draws are made of, in single precision: (pool draws × partners).

    `tails`: the partners that have an exponential tail, and its signed mean for these alone.
    """

    mean: np.ndarray
    deviation: np.ndarray
    bend: np.ndarray
    tails: tuple[tuple[np.ndarray, np.ndarray], ...]


def _bent(values: LogValues) -> _Bent:
    """The weight of the quadratic term follows from the skewness."""
    deviation = np.sqrt(values.variance)
    steepness = np.clip(values.third / (values.variance * deviation), -STEEPEST, STEEPEST)
    tails = []
    for tail in (-values.left, values.right):
        few = np.flatnonzero(tail.any(axis=0))
        if few.size:
            tails.append((few, tail[:, few].astype(np.float32)))
    bend = (deviation * steepness / 6).astype(np.float32)
    return _Bent(values.mean.astype(np.float32), deviation.astype(np.float32), bend, tuple(tails))


def _drawn(bent: _Bent, pool: int, each: int, rng: np.random.Generator) -> np.ndarray:
    """`each` draws of all partners' log values; neighbours are antithetic."""
    partners = bent.mean.shape[1]
    z = rng.standard_normal((each // 2, partners), dtype=np.float32)
    centre = z * z
    centre -= 1
    centre *= bent.bend[pool]
    centre += bent.mean[pool]
    z *= bent.deviation[pool]
    drawn = np.empty((each, partners), np.float32)
    np.add(centre, z, out=drawn[::2])
    np.subtract(centre, z, out=drawn[1::2])
    for few, tail in bent.tails:
        drawn[:, few] += tail[pool] * rng.standard_exponential((each, few.size), dtype=np.float32)
    return drawn


def _rank(drawn: np.ndarray, ranks: np.ndarray) -> None:
    """Writes rank 0 (largest) … of each row: one plain sort of whole numbers that hold value and partner does it."""
    partners = drawn.shape[1]
    bits = max(1, (partners - 1).bit_length())
    least, most = float(drawn.min()), float(drawn.max())
    scale = (2.0 ** (31 - bits) - 2.0**8) / (most - least) if most > least else 0.0
    distance = np.float32(most) - drawn
    distance *= np.float32(scale)
    packed = distance.astype(np.int32)
    packed <<= bits
    packed |= np.arange(partners, dtype=np.int32)
    packed.sort(axis=1)
    packed &= (1 << bits) - 1
    row = np.arange(drawn.shape[0], dtype=np.int64)[:, None] * partners
    ranks.reshape(-1)[packed + row] = np.arange(partners, dtype=ranks.dtype)


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
