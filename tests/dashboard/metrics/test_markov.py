"""Is the removal effect that of Anderl et al., and does its interval hold?"""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.metrics.markov import LOST, START, WON, Chain, RemovalEffects, chain_of, removal_effects

ORACLE = Path(__file__).parents[2] / "reference" / "oracles" / "removal.json"


def cells(paths: list[tuple[str, str, int]]) -> pl.DataFrame:
    """Transitions of paths such as ("A>B", "won", 3), steps to the same state left out."""
    rows = []
    for path, end, deals in paths:
        states = [START, *path.split(">"), end]
        rows += [(a, b, deals) for a, b in pairwise(states) if a != b]
    schema = {"origin": pl.String, "target": pl.String, "deals": pl.Int64}
    return pl.DataFrame(rows, schema, orient="row").group_by("origin", "target").agg(pl.col("deals").sum())


def effects(paths: list[tuple[str, str, int]]) -> RemovalEffects:
    return removal_effects(chain_of(cells(paths)))


def test_the_three_journeys_by_hand() -> None:
    """C1 > C2 > C3 won, C1 lost, C2 > C3 lost: P(won) = (⅔ · ½ + ⅓) · ½ = ⅓, without C1 ⅓ · ½ = ⅙."""
    found = effects([("C1>C2>C3", WON, 1), ("C1", LOST, 1), ("C2>C3", LOST, 1)])
    assert found.won == pytest.approx(1 / 3)
    assert {name: effect.value for name, effect in found.effects.items()} == pytest.approx(
        {"C1": 0.5, "C2": 1, "C3": 1}
    )
    assert (found.paths, found.won_paths) == (3, 1)
    assert {name: effect.n for name, effect in found.effects.items()} == {"C1": 2, "C2": 2, "C3": 2}


def exact_effects(chain: Chain) -> dict[str, Fraction]:
    """One system of equations for each state removed, in fractions."""
    whole = _won(chain, None)
    return {name: 1 - _won(chain, place) / whole for place, name in enumerate(chain.states)}


def _won(chain: Chain, removed: int | None) -> Fraction:
    size = len(chain.states)
    rows = []
    for i in range(size):
        leaving = int(chain.counts[i].sum() + chain.wins[i] + chain.losses[i])
        row = [Fraction(int(i == j)) - Fraction(int(chain.counts[i, j]), leaving) for j in range(size)]
        gone = i == removed
        rows.append([Fraction(int(i == j)) for j in range(size)] if gone else row)
        rows[-1].append(Fraction(0) if gone else Fraction(int(chain.wins[i]), leaving))
    value = _solve(rows)
    return sum((Fraction(int(n)) * v for n, v in zip(chain.starts, value, strict=True)), Fraction(0)) / int(
        chain.starts.sum()
    )


def _solve(rows: list[list[Fraction]]) -> list[Fraction]:
    size = len(rows)
    for i in range(size):
        pivot = next(k for k in range(i, size) if rows[k][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [each / rows[i][i] for each in rows[i]]
        for k in range(size):
            if k != i and rows[k][i]:
                rows[k] = [a - rows[k][i] * b for a, b in zip(rows[k], rows[i], strict=True)]
    return [row[-1] for row in rows]


journeys = st.lists(
    st.tuples(
        st.lists(st.sampled_from("ABCDE"), min_size=1, max_size=6).map(">".join),
        st.sampled_from([WON, LOST]),
        st.integers(1, 40),
    ),
    min_size=1,
    max_size=12,
)


@given(journeys)
def test_effects_are_those_of_solving_the_chain_without_each_state(paths: list[tuple[str, str, int]]) -> None:
    found, chain = effects(paths), chain_of(cells(paths))
    if not any(end == WON for _, end, _ in paths):
        assert (found.effects, found.won, found.won_paths, found.weights) == ({}, None, 0, {})
        return
    for name, exact in exact_effects(chain).items():
        effect = found.effects[name]
        assert effect.value == pytest.approx(float(exact), abs=1e-9)
        assert effect.low is not None and effect.high is not None
        assert 0 <= effect.low <= effect.value <= effect.high <= 1
    assert found.won == pytest.approx(sum(n for _, end, n in paths if end == WON) / sum(n for *_, n in paths))


@given(journeys, st.integers(2, 5))
def test_more_of_the_same_paths_only_narrow_the_interval(paths: list[tuple[str, str, int]], times: int) -> None:
    few, many = effects(paths), effects([(path, end, n * times) for path, end, n in paths])
    for name, effect in few.effects.items():
        other = many.effects[name]
        assert other.value == pytest.approx(effect.value)
        assert other.n == effect.n * times
        assert other.high <= effect.high + 1e-6 and other.low >= effect.low - 1e-6


def test_a_state_that_nothing_was_won_from_is_not_known_to_be_worthless() -> None:
    found = effects([("A", WON, 50), ("B", LOST, 4)])
    never = found.effects["B"]
    assert (never.value, never.low, never.n) == (0, 0, 4)
    # No win in 4 has the upper bound 1 − 0.025^¼ = 0.602; 4 of 54 paths meet B, 50 of 54 are won.
    assert never.high == pytest.approx(4 / 54 * 0.6024 / (50 / 54), rel=1e-3)
    assert "B" not in found.weights


def test_a_state_on_every_won_path_is_not_known_to_be_needed() -> None:
    found = effects([("A", WON, 4), ("A", LOST, 4)]).effects["A"]
    assert (found.value, found.high) == (1, 1)
    assert found.low == pytest.approx(0.025**0.25)


def oracle() -> dict[str, Any]:
    return json.loads(ORACLE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", oracle()["cases"], ids=lambda case: case["name"])
def test_effects_against_r(case: dict[str, Any]) -> None:
    """removal.json: effects by make_removal.R, which removes states one by one, and by walking the chain at random."""
    found = effects([(path, end, n) for path, end, n in case["paths"]])
    for name, expected in case["effects"].items():
        assert found.effects[name].value == pytest.approx(expected, abs=1e-9)
        assert found.effects[name].value == pytest.approx(case["walked"][name], abs=case["tolerance"])


def test_the_interval_holds_the_truth() -> None:
    """Chains drawn from a known one: 95 % intervals hold its effects in 90 to 99 % of 250 runs, state by state."""
    rng, size = np.random.default_rng(5), 5
    steps = rng.dirichlet(np.r_[np.full(size, 0.6), 0.8, 0.9], size=size + 1)
    steps[np.arange(size), np.arange(size)] = 0
    steps[size, size:] = 0
    steps /= steps.sum(axis=1, keepdims=True)
    names = tuple("ABCDE")
    truth = removal_effects(
        Chain(
            names, 1e6 * steps[:size, :size], 1e6 * steps[size, :size], 1e6 * steps[:size, size], 1e6 * steps[:size, -1]
        )
    )
    held = np.zeros(size)
    for _ in range(250):
        found = removal_effects(_walked(rng, steps, names, 200))
        held += [found.effects[name].low <= truth.effects[name].value <= found.effects[name].high for name in names]
    assert (held / 250 >= 0.90).all() and (held / 250 <= 0.99).all(), held / 250


def _walked(rng: np.random.Generator, steps: np.ndarray, names: tuple[str, ...], paths: int) -> Chain:
    size = len(names)
    table, at, cumulative = np.zeros((size + 1, size + 2)), np.full(paths, size), steps.cumsum(axis=1)
    while len(at):
        following = (rng.random(len(at))[:, None] > cumulative[at]).sum(axis=1)
        np.add.at(table, (at, following), 1)
        at = following[following < size]
    return Chain(names, table[:size, :size], table[size, :size], table[:size, size], table[:size, size + 1])


def test_five_hundred_partners_are_quick() -> None:
    rng, size = np.random.default_rng(1), 500
    counts = rng.poisson(0.1, (size, size)).astype(float)
    ends = [rng.poisson(8, size) + 1.0 for _ in range(3)]
    found = removal_effects(Chain(tuple(map(str, range(size))), counts, *ends))
    assert len(found.effects) == size and all(e.low < e.value < e.high for e in found.effects.values() if e.value)
