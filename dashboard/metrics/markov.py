"""How much rarer would wins be without a partner or channel? Removal effects of an absorbing Markov chain.

Anderl, Becker, von Wangenheim and Schumann, "Mapping the customer journey", International Journal of Research in
Marketing 33 (2016) 457–474, doi:10.1016/j.ijresmar.2016.03.001: first order, one state a partner or channel. Removing a
state sends whoever enters it to "lost". All effects come from one matrix: with N the fundamental matrix of the chain
(Kemeny and Snell, Finite Markov Chains, 1960), a path enters state s with probability (a N)_s / N_ss, is won from there
with v_s = (N r)_s, and P(won without s) = P(won) − (a N)_s / N_ss · v_s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dashboard.domain import Estimate
from dashboard.metrics.intervals import Z95

START, WON, LOST = "start", "won", "lost"

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Chain:
    """Transition counts: `counts` between states, `starts` into them, `wins` and `losses` out of them."""

    states: tuple[str, ...]
    counts: Floats
    starts: Floats
    wins: Floats
    losses: Floats


@dataclass(frozen=True, slots=True)
class RemovalEffects:
    """What wins would lose without a state, as a share of all wins on paths: 0 nothing, 1 all of them.

    `effects`: with 95 % interval, n = visits of the state. `won`: probability that a path is won. `paths`, `won_paths`:
    how many were learned from. Without a won path, nothing is known: `effects` is empty and `won` None.
    """

    effects: Mapping[str, Estimate]
    won: float | None
    paths: int
    won_paths: int

    @property
    def weights(self) -> dict[str, float]:
        """The effect of each state, for the shares of touches."""
        return {state: effect.value for state, effect in self.effects.items() if effect.value}


def chain_of(cells: pl.DataFrame) -> Chain:
    """The chain from transition counts (`origin`, `target`, `deals`), as `data_access.markov` reads them."""
    names = {*cells["origin"], *cells["target"]} - {START, WON, LOST}
    states = tuple(sorted(names))
    place = {name: number for number, name in enumerate((*states, START, WON, LOST))}
    size = len(states)
    table = np.zeros((size + 3, size + 3))
    for origin, target, deals in cells.iter_rows():
        table[place[origin], place[target]] += deals
    return Chain(states, table[:size, :size], table[size, :size], table[:size, size + 1], table[:size, size + 2])


def removal_effects(chain: Chain) -> RemovalEffects:
    """The removal effect of every state with its 95 % interval: symmetric on the log, by the delta method.

    The counted transitions are taken as independent Poisson counts (the infinitesimal form of the bootstrap of
    transitions). Where a state was never won from, the effect is 0 and its upper bound that of no win in n visits;
    where nothing was won without it, the lower bound is that of all won paths (Clopper and Pearson 1934).
    """
    paths, won_paths = round(chain.starts.sum()), round(chain.wins.sum())
    if not won_paths:
        return RemovalEffects({}, None, paths, 0)
    solved = _solved(chain)
    visits = chain.starts + chain.counts.sum(axis=0)
    never = solved.value == 0
    spread = np.exp(Z95 * _log_error(chain, solved))
    most = np.minimum(solved.entered * -np.expm1(np.log(0.025) / visits) / solved.won, 1.0)
    low = np.where(never, 0.0, solved.effects / spread)
    low = np.where(solved.effects > 1 - 1e-9, np.minimum(low, 0.025 ** (1 / won_paths)), low)
    high = np.where(never, most, np.minimum(solved.effects * spread, 1.0))
    rows = zip(chain.states, solved.effects.tolist(), low.tolist(), high.tolist(), visits.tolist(), strict=True)
    effects = {name: Estimate(value, a, max(b, value), round(n)) for name, value, a, b, n in rows}
    return RemovalEffects(effects, solved.won, paths, won_paths)


@dataclass(frozen=True, slots=True)
class _Solved:
    """`inverse` = (D − C)^-1 with D what leaves each state; `value`: chance to be won from a state; `entered`: share of
    paths that visit it; `visits`: the same per unit leaving, with its repetitions; `won`: share of paths that are won.
    """

    inverse: Floats
    value: Floats
    visits: Floats
    entered: Floats
    won: float

    @property
    def effects(self) -> Floats:
        return np.minimum(self.entered * self.value / self.won, 1.0)


def _solved(chain: Chain) -> _Solved:
    leaving = chain.counts.sum(axis=1) + chain.wins + chain.losses
    # N = (I − Q)^-1 with the rows of Q divided by what leaves: the same as (D − C)^-1 D.
    inverse = np.asarray(np.linalg.inv(np.diag(leaving) - chain.counts), dtype=np.float64)
    start = chain.starts / chain.starts.sum()
    value, visits = inverse @ chain.wins, start @ inverse
    return _Solved(inverse, value, visits, visits / np.diag(inverse), float(start @ value))


def _log_error(chain: Chain, solved: _Solved) -> Floats:
    """Standard error of the logarithm of each effect; meaningless where the effect is 0.

    With M = D − C and K its inverse, a further transition from i to j changes K by −K dM K, dM = e_i (e_i − e_j)ᵀ. The
    log effect u_s v_s ÷ (K_ss P) of s then changes by a_is (K_is − K_js) + b_is (v_i − v_j); squares of these, times
    the counts, add up to the variance. An end counts as a target with K = 0 and v = 1 (won) or 0 (lost).
    """
    inverse, value, visits, own = solved.inverse, solved.value, solved.visits, np.diag(solved.inverse)
    with np.errstate(divide="ignore", invalid="ignore"):
        a = inverse.T / own - visits[:, None] / visits
        b = visits[:, None] / solved.won - inverse.T / value
        begin = (inverse / visits - 1 - (value[:, None] / solved.won - 1)) / chain.starts.sum()
        variance = chain.starts @ begin**2
        for counts, won in ((chain.wins, 1.0), (chain.losses, 0.0)):
            variance += counts @ (a * inverse + b * (value - won)[:, None]) ** 2
        variance += (_between(chain.counts, inverse, value, a, b)).sum(axis=0)
        return np.where(value > 0, np.sqrt(np.maximum(variance, 0.0)), 0.0)


def _between(counts: Floats, inverse: Floats, value: Floats, a: Floats, b: Floats) -> Floats:
    """Σ over j of counts_ij (a_is (K_is − K_js) + b_is (v_i − v_j))², by products of whole matrices."""
    each, reached, mean = counts.sum(axis=1)[:, None], counts @ inverse, (counts @ value)[:, None]
    v = value[:, None]
    squares = each * inverse**2 - 2 * inverse * reached + counts @ inverse**2
    crossed = inverse * (each * v - mean) - v * reached + counts @ (v * inverse)
    values = each * v**2 - 2 * v * mean + (counts @ value**2)[:, None]
    return np.asarray(a**2 * squares + 2 * a * b * crossed + b**2 * values)
