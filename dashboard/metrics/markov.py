"""How much rarer would wins be without a partner or channel? Removal effects of an absorbing Markov chain.

Anderl, Becker, von Wangenheim and Schumann, "Mapping the customer journey", International Journal of Research in
Marketing 33 (2016) 457–474, doi:10.1016/j.ijresmar.2016.03.001: first order, one state a partner or channel. Removing a
state sends whoever enters it to "lost". All effects come from one matrix: with N the fundamental matrix of the chain
(Kemeny and Snell, Finite Markov Chains, 1960), a path enters state s with probability (a N)_s / N_ss, is won from there
with v_s = (N r)_s, and P(won without s) = P(won) − (a N)_s / N_ss · v_s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dashboard.domain import Estimate

START, WON, LOST = "start", "won", "lost"
DRAWS, SEED = 200, 20251101
# A state on fewer paths says little: its interval is wide, and the line is marked.
FEWEST_PATHS = 30

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


NOTHING_LEARNED = RemovalEffects({}, None, 0, 0)


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


def removal_effects(chain: Chain, *, draws: int = DRAWS, seed: int = SEED) -> RemovalEffects:
    """The removal effect of every state with its interval.

    The interval is of the Bayesian bootstrap (Rubin 1981, doi:10.1214/aos/1176345338) of the transitions: every
    counted transition gets an exponential weight, so every cell a gamma one, and the chain is solved again.
    """
    paths, won_paths = round(chain.starts.sum()), round(chain.wins.sum())
    if not won_paths:
        return RemovalEffects({}, None, paths, 0)
    effects, won = _solved(chain)
    drawn = _drawn(chain, draws, np.random.default_rng(seed))
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    visits = chain.starts + chain.counts.sum(axis=0)
    rows = zip(chain.states, effects.tolist(), low.tolist(), high.tolist(), visits.tolist(), strict=True)
    return RemovalEffects(
        {name: Estimate(value, min(a, value), max(b, value), round(n)) for name, value, a, b, n in rows},
        won,
        paths,
        won_paths,
    )


def _solved(chain: Chain) -> tuple[Floats, float]:
    """Removal effects, and the probability that a path is won."""
    leaving = chain.counts.sum(axis=1) + chain.wins + chain.losses
    # N = (I − Q)^-1 with rows divided by what leaves: the same as (D − C)^-1 D.
    inverse = np.linalg.inv(np.diag(leaving) - chain.counts)
    start = chain.starts / chain.starts.sum()
    value = inverse @ chain.wins
    visits = start @ inverse  # per unit leaving; the factor cancels in the quotient
    won = float(start @ value)
    entered = visits / np.diag(inverse)
    return np.clip(entered * value / won, 0.0, 1.0), won


def _drawn(chain: Chain, draws: int, rng: np.random.Generator) -> Floats:
    """Effects by draw and state."""
    seen = np.nonzero(chain.counts)
    cells = chain.counts[seen]
    found = np.empty((draws, len(chain.states)))
    for draw in range(draws):
        counts = np.zeros_like(chain.counts)
        counts[seen] = rng.standard_gamma(cells)
        ends = [rng.standard_gamma(column) for column in (chain.starts, chain.wins, chain.losses)]
        found[draw] = _solved(Chain(chain.states, counts, *ends))[0]
    return found


def sizeable(effects: RemovalEffects, fewest: int = FEWEST_PATHS) -> Sequence[str]:
    """The states that rest on at least so many visits."""
    return [state for state, effect in effects.effects.items() if effect.n >= fewest]
