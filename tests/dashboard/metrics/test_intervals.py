"""Is the Wilson interval the one of the books?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from dashboard.domain import NOTHING
from dashboard.metrics.intervals import rate, ratio, wilson
from tests.dashboard.metrics.oracles import oracle

COUNTS = st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_worked_example() -> None:
    """10 of 50: p = 0.2, z²= 3.8415; centre (0.2 + 3.8415/100) / (1 + 3.8415/50) = 0.238415/1.076829 = 0.221405;
    half-width 1.959964/1.076829 × √(0.2×0.8/50 + 3.8415/10000) = 1.820125 × 0.0598674 = 0.108966."""
    low, high = wilson(10, 50)
    assert low == pytest.approx(0.221405 - 0.108966, abs=2e-6)
    assert high == pytest.approx(0.221405 + 0.108966, abs=2e-6)


@pytest.mark.parametrize("row", oracle("wilson")["statsmodels"], ids=str)
def test_against_statsmodels(row: dict) -> None:
    assert wilson(row["k"], row["n"]) == pytest.approx(row["bounds"], abs=1e-12)


@pytest.mark.parametrize("row", oracle("wilson")["newcombe_1998"], ids=str)
def test_against_the_printed_table_of_newcombe_1998(row: dict) -> None:
    assert [round(bound, 4) for bound in wilson(row["k"], row["n"])] == row["bounds"]


@given(COUNTS)
def test_interval_holds_the_rate_and_mirrors(pair: tuple[int, int]) -> None:
    k, n = pair
    low, high = wilson(k, n)
    assert 0 <= low <= k / n <= high <= 1
    assert wilson(n - k, n) == pytest.approx((1 - high, 1 - low), abs=1e-12)


def test_all_or_none_reach_the_border_exactly() -> None:
    assert rate(0, 7).low == 0.0
    assert rate(7, 7).high == 1.0


def test_nothing_to_divide_by_is_no_zero() -> None:
    assert rate(0, 0) == NOTHING
    assert ratio(5.0, 0) is None
    assert ratio(5.0, None) is None
    assert ratio(None, 3) is None
    assert ratio(0.0, 3) == 0.0


@pytest.mark.parametrize("n", [5, 20, 50, 200])
def test_coverage_averaged_over_rates_is_nominal(n: int) -> None:
    """Exact, without simulation: the probability that the interval holds p, averaged over p = 0.05 … 0.95."""
    bounds = [wilson(k, n) for k in range(n + 1)]
    rates = [i / 200 for i in range(10, 191)]
    covered = [sum(binom.pmf(k, n, p) for k, (low, high) in enumerate(bounds) if low <= p <= high) for p in rates]
    assert 0.93 <= sum(covered) / len(covered) <= 0.97
