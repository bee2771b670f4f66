"""Are the intervals of costs, sums and their quotients right, and do they hold the truth as often as they say?"""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.metrics.money_intervals import (
    DealSum,
    per_count,
    poisson,
    ratio_of_costs,
    ratio_of_sums,
    share_of_sums,
    sum_bounds,
    sum_per_cost,
)
from tests.calibration.vitals import SIZES, arr_share, cac_change, cost_per_eql, growth, multiple
from tests.dashboard.metrics.oracles import oracle

AMOUNTS = st.lists(st.integers(0, 10**8).map(lambda cents: cents / 100), max_size=30)


def deal_sum(amounts: list[float]) -> DealSum:
    return DealSum(len(amounts), sum(amounts), sum(a * a for a in amounts), max(amounts, default=0.0))


@pytest.mark.parametrize("case", oracle("poisson_sums")["poisson"], ids=lambda case: str(case["count"]))
def test_poisson_bounds_are_those_of_r(case: dict) -> None:
    assert poisson(case["count"]) == pytest.approx(case["bounds"], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("case", oracle("poisson_sums")["sums"], ids=lambda case: str(case["total"]))
def test_bounds_of_a_sum_are_those_of_r(case: dict) -> None:
    amounts = case["amounts"] if isinstance(case["amounts"], list) else [case["amounts"]]
    assert sum_bounds(deal_sum(amounts)) == pytest.approx(case["bounds"], rel=1e-9)


@pytest.mark.parametrize("case", oracle("poisson_ratios")["ratios"], ids=lambda case: str(case["case"]))
def test_change_of_cost_is_that_of_statsmodels(case: dict) -> None:
    found = ratio_of_costs(*case["case"])
    assert (found.value + 1, found.low + 1, found.high + 1) == pytest.approx(
        (case["value"], case["low"], case["high"]), rel=1e-6
    )


def test_worked_example() -> None:
    # 4,000 for 20 cases: 200 each; 20 cases have the exact interval 12.2165 to 30.8884
    found = per_count(4_000, 20)
    assert (found.value, found.n) == (200.0, 20)
    assert (found.low, found.high) == pytest.approx((4_000 / 30.8883779, 4_000 / 12.2165196))
    # 3,000 for 30 cases after 2,000 for 10: 100 after 200, half
    change = ratio_of_costs(3_000, 30, 2_000, 10)
    assert (change.value, change.n) == (-0.5, 10)
    # 10 of 40: Wilson (0.25 + 0.04802 ± 1.96 · √(0.0046875 + 0.0006002)) ÷ 1.09604; as odds, × 1.5, − 1
    assert (change.low, change.high) == pytest.approx(
        (0.141871 / 0.858129 * 1.5 - 1, 0.401939 / 0.598061 * 1.5 - 1), abs=2e-5
    )
    # 30,000 of pipeline for 4,000
    assert sum_per_cost(DealSum(3, 30_000, 300e6, 10_000), 4_000).value == 7.5
    assert ratio_of_sums(DealSum(3, 30_000, 300e6, 10_000), DealSum(2, 10_000, 50e6, 5_000)).value == pytest.approx(3)
    assert share_of_sums(DealSum(3, 30_000, 300e6, 10_000), DealSum(2, 10_000, 50e6, 5_000)).value == 0.75


def test_equal_deals_are_as_sure_as_their_number() -> None:
    low, high = sum_bounds(deal_sum([250.0] * 43))
    assert (low / 250, high / 250) == pytest.approx(poisson(43))


def test_nothing_to_divide_by_gives_no_value() -> None:
    for found in (
        per_count(0, 10),
        per_count(100, 0),
        per_count(-5, 10),
        ratio_of_costs(1, 0, 1, 5),
        ratio_of_costs(1, 5, 0, 5),
        sum_per_cost(deal_sum([5.0]), 0),
        ratio_of_sums(deal_sum([5.0]), deal_sum([])),
        share_of_sums(deal_sum([]), deal_sum([])),
        share_of_sums(deal_sum([0.0] * 30), deal_sum([0.0])),
    ):
        assert (found.value, found.low, found.high) == (None, None, None)
    for nothing in ([], [0.0, 0.0]):
        found = sum_per_cost(deal_sum(nothing), 10)
        assert (found.value, found.low, found.high, found.n) == (0.0, None, None, len(nothing))
    assert ratio_of_sums(deal_sum([]), deal_sum([5.0])).value == 0.0


@given(AMOUNTS, AMOUNTS)
def test_intervals_enclose_their_values(own: list[float], other: list[float]) -> None:
    one, two = deal_sum(own), deal_sum(other)
    for found, least, most in (
        (sum_per_cost(one, 1_000), 0.0, inf),
        (ratio_of_sums(one, two), 0.0, inf),
        (share_of_sums(one, two), 0.0, 1.0),
        (per_count(1_000, one.n), 0.0, inf),
        (ratio_of_costs(10, one.n, 20, two.n), -1.0, inf),
    ):
        if found.low is not None and found.high is not None:
            assert found.value is not None
            slack = 1e-9 * max(1.0, abs(found.value))
            assert least - 1e-12 <= found.low <= found.value + slack
            assert found.value - slack <= found.high <= most + 1e-12


@given(AMOUNTS.filter(lambda amounts: sum(amounts) > 1), st.floats(0.01, 100))
def test_the_unit_of_money_makes_no_difference(amounts: list[float], rate: float) -> None:
    converted = deal_sum([amount * rate for amount in amounts])
    assert sum_bounds(converted) == pytest.approx([bound * rate for bound in sum_bounds(deal_sum(amounts))], rel=1e-6)


def test_intervals_hold_the_truth_as_often_as_promised() -> None:
    """A short run of what docs/vitals.md reports; of 600 intervals at 95 %, 93 to 97 % hold in nearly every run."""
    assert 0.925 <= cost_per_eql(150, 600, 1) <= 0.985
    assert 0.925 <= cac_change(60, 40, 600, 1) <= 0.985
    for sizes in (SIZES["lognormal, 0.9"], SIZES["three prices"]):
        assert 0.925 <= multiple(150, sizes, 600, 1) <= 0.99
        assert 0.925 <= growth(150, 300, sizes, 600, 1) <= 0.99
        assert arr_share(20, 80, sizes, 600, 1) >= 0.94
