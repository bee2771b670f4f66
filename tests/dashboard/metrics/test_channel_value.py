"""Are costs per case, sums of deals and their intervals what they say they are?"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.metrics.channel_value import (
    Pool,
    Worth,
    mean_draws,
    quotient,
    sum_draws,
    sum_per,
    worth,
)
from tests.calibration.channels import EXPECTED, SIZES, cases, moves, ratios, sums, worth_of

POOL = Pool(10.0, 0.8)


def test_worth_adds_cells_and_leaves_worthless_deals_out() -> None:
    values = np.array([100.0, 400.0])
    cells = pl.DataFrame(
        {
            "arr_cents": [10_000, 40_000, 0],
            "arr_logs": [1, 1, 0],
            "arr_2": [1e4, 16e4, 0.0],
            "log_arr": [np.log(100), np.log(400), 0.0],
            "log_arr_sq": [np.log(100) ** 2, np.log(400) ** 2, 0.0],
        }
    )
    own, by_hand = worth(cells, "arr"), worth_of(values)
    assert (own.deals, own.total, own.squares) == (2, 500.0, 170_000.0)
    assert (own.logs, own.log_squares) == pytest.approx((by_hand.logs, by_hand.log_squares))


def test_many_equal_deals_are_as_sure_as_their_count() -> None:
    # 400 deals of 1,000 each: the sum is as uncertain as a Poisson count of 400, ± 1.96 √400 ÷ 400 = 9.8 %.
    own = worth_of(np.full(400, 1000.0))
    found = sum_per(own, Pool.of(own), 100_000.0)
    assert found.value == 4.0 and found.n == 400
    assert found.low is not None and found.high is not None
    assert (found.low, found.high) == pytest.approx((4 * 0.905, 4 * 1.1), rel=0.02)


def test_nothing_won_is_nought_with_an_upper_bound() -> None:
    found = sum_per(Worth(), POOL, 1000.0)
    assert found.value == 0 and found.low == 0
    # Half a deal is what Jeffreys' prior supposes; 2.5 deals are its 97.5 % quantile.
    assert found.high is not None and 0.5 * np.exp(10) / 1000 < found.high < 25 * np.exp(10) / 1000


@pytest.mark.parametrize("divisor", [None, 0.0, -5.0])
def test_no_quotient_without_a_divisor(divisor: float | None) -> None:
    found = sum_per(worth_of(np.array([5.0, 7.0])), POOL, divisor)
    assert (found.value, found.low, found.high, found.n) == (None, None, None, 2)


def test_a_campaign_without_arr_leaves_a_lower_bound() -> None:
    found = quotient(worth_of(np.full(50, 20_000.0)), Worth(), POOL)
    assert found.value is None and found.high is None and found.low is not None and found.low > 1


def test_two_equal_groups_are_about_as_much() -> None:
    own = worth_of(np.exp(10 + 0.5 * np.random.default_rng(1).standard_normal(40)))
    found = quotient(own, own, Pool.of(own))
    assert found.value == 1 and found.low is not None and found.high is not None and found.low < 1 < found.high


def test_dispersion_widens_the_draws() -> None:
    own, rng = worth_of(np.full(60, 1000.0)), np.random.default_rng(3)
    spread = [float(np.log(sum_draws(own, Pool.of(own), rng, scatter)).std()) for scatter in (1.0, 4.0)]
    assert spread[1] > 1.5 * spread[0]


@given(
    st.lists(st.floats(100, 1e6), min_size=0, max_size=30), st.floats(10, 1e6), st.floats(0.01, 100), st.integers(0, 99)
)
def test_the_unit_of_money_changes_nothing(values: list[float], cost: float, scale: float, seed: int) -> None:
    one = sum_per(worth_of(np.array(values)), POOL, cost, seed)
    pool = Pool(POOL.log_mean + float(np.log(scale)), POOL.log_variance)
    other = sum_per(worth_of(np.array(values) * scale), pool, cost * scale, seed)
    assert one.low is not None and one.value is not None and one.high is not None
    assert one.low <= one.value <= one.high
    assert (other.low, other.value, other.high) == pytest.approx((one.low, one.value, one.high), rel=1e-6)


def test_draws_of_next_to_nothing_do_not_overflow() -> None:
    tiny = worth_of(np.array([0.01]))
    assert np.isfinite(mean_draws(tiny, Pool(30.0, 5.0), np.random.default_rng(1))).all()


def test_pool_of_few_deals_is_the_guess() -> None:
    assert Pool.of(Worth()) == Pool() and Pool.of(Worth(2, 3.0, 5.0, 1.0, 0.6)).log_variance == Pool().log_variance


@pytest.mark.parametrize("size", SIZES)
def test_sums_hold_the_truth_often_enough(size: str) -> None:
    # docs/channels.md has the whole table; a short look at its corners, 150 worlds each.
    assert all(sums(size, expected, 150, 3) > 0.82 for expected in (EXPECTED[0], EXPECTED[-2]))


def test_ratios_costs_and_moves_hold_the_truth_often_enough() -> None:
    assert ratios("lognormal, σ 0.9", (10, 3), 200, 4) > 0.88
    assert cases(15, 2000, 5) > 0.94
    assert moves("lognormal, σ 0.9", (8, 8), 2.0, 40, 6) > 0.8
