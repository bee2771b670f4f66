"""Are partners' win rates drawn towards the pool as Bayes' rule says, and honest about what they do not know?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from dashboard.domain import NOTHING
from dashboard.metrics.intervals import rate
from dashboard.metrics.win_rate import shrunken_win_rates
from tests.calibration.win_rates import DISPERSIONS, coverage
from tests.dashboard.metrics.oracles import oracle

POOLS = st.lists(
    st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=3, max_size=12
)


@pytest.mark.parametrize("pool", oracle("shrinkage")["pools"], ids=lambda pool: f"{len(pool['partners'])} partners")
def test_against_brute_force(pool: dict) -> None:
    rows = pool["partners"]
    found = shrunken_win_rates([row["k"] for row in rows], [row["n"] for row in rows]).estimates
    for row, estimate in zip(rows, found, strict=True):
        mean, variance = row["mean"], row["variance"]
        strength = mean * (1 - mean) / variance - 1
        bounds = beta.ppf([0.025, 0.975], mean * strength, (1 - mean) * strength)
        assert estimate.value == pytest.approx(mean, abs=1e-6)
        assert (estimate.low, estimate.high) == pytest.approx(tuple(bounds), abs=1e-5)
        assert estimate.n == row["n"]


def test_fewer_than_three_partners_are_left_as_they_are() -> None:
    pool = shrunken_win_rates([3, 0, 5], [10, 0, 9])
    assert pool.estimates == (rate(3, 10), NOTHING, rate(5, 9))
    assert pool.prior.partners == 2
    assert "fewer than 3" in pool.prior.boundary


def test_a_partner_without_a_closed_deal_changes_nothing() -> None:
    with_it, without = shrunken_win_rates([3, 0, 5, 2], [10, 0, 9, 9]), shrunken_win_rates([3, 5, 2], [10, 9, 9])
    assert with_it.estimates[1] == NOTHING
    assert [e for e in with_it.estimates if e.n] == list(without.estimates)


def test_nobody_has_closed_a_deal() -> None:
    assert shrunken_win_rates([], []).estimates == ()
    assert shrunken_win_rates([0, 0, 0], [0, 0, 0]).estimates == (NOTHING,) * 3


@settings(max_examples=40)
@given(POOLS)
def test_estimates_lie_between_nothing_and_certainty(pool: list[tuple[int, int]]) -> None:
    for (_, n), estimate in zip(pool, shrunken_win_rates(*zip(*pool, strict=True)).estimates, strict=True):
        if n == 0:
            assert estimate.value is None
        else:
            assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1
            assert estimate.low < estimate.high


@settings(max_examples=40)
@given(POOLS, st.randoms())
def test_order_of_the_partners_does_not_matter(pool: list[tuple[int, int]], random: object) -> None:
    shuffled = list(range(len(pool)))
    random.shuffle(shuffled)
    straight = shrunken_win_rates(*zip(*pool, strict=True)).estimates
    other = shrunken_win_rates(*zip(*(pool[i] for i in shuffled), strict=True)).estimates
    assert [straight[i] for i in shuffled] == list(other)


@settings(max_examples=40, deadline=None)
@given(POOLS)
def test_wins_and_losses_mirror(pool: list[tuple[int, int]]) -> None:
    wins = shrunken_win_rates(*zip(*pool, strict=True)).estimates
    losses = shrunken_win_rates([n - k for k, n in pool], [n for _, n in pool]).estimates
    for win, loss in zip(wins, losses, strict=True):
        if win.n:
            assert win.value == pytest.approx(1 - loss.value, abs=1e-7)
            assert win.low == pytest.approx(1 - loss.high, abs=1e-5)


def test_less_data_are_drawn_further() -> None:
    """Two of two and 40 of 40 are both 100 %, among partners that win 30 %: the smaller one is believed less."""
    pool = shrunken_win_rates([2, 40, 30, 31, 29, 15], [2, 40, 100, 100, 100, 50])
    assert pool.estimates[0].value < pool.estimates[1].value
    assert pool.estimates[1].value > 0.85


@pytest.mark.parametrize("wins", [0, 5000])
def test_identical_partners_at_a_border(wins: int) -> None:
    for estimate in shrunken_win_rates([wins] * 30, [5000] * 30).estimates:
        assert abs(estimate.value - wins / 5000) < 1e-3


@pytest.mark.slow
def test_intervals_cover_what_they_promise() -> None:
    """93–97 % on average over true dispersions, at least 92.5 % at each; the long form is tests/calibration."""
    covered = {strength: coverage(60, strength, worlds=60, seed=11) for strength in DISPERSIONS}
    assert 0.93 <= np.mean(list(covered.values())) <= 0.97
    assert min(covered.values()) >= 0.925 - 0.01, covered
