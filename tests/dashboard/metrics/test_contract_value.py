"""Are mean deal sizes and their difference right, and do their intervals hold the truth for skewed sizes?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dashboard.metrics.contract_value import Sums, difference_of_means, mean_value

AMOUNTS = st.lists(st.integers(1, 10**7).map(lambda cents: cents / 100), min_size=2, max_size=40)


def sums(values: np.ndarray | list[float]) -> Sums:
    values = np.asarray(values, dtype=float)
    return Sums(len(values), float(values.sum()), float((values**2).sum()))


def test_worked_example() -> None:
    # 1, 2, 3, 4, 5: mean 3, variance 2.5, that of the mean 0.5; Student with 4 degrees: 3 ± 2.776 · √0.5
    found = mean_value(sums([1, 2, 3, 4, 5]))
    half = 2.7764451 * 0.5**0.5
    assert (found.value, found.n) == (3.0, 5)
    assert (found.low, found.high) == pytest.approx((3 - half, 3 + half), abs=1e-6)
    # 10, 12, 14: mean 12, variance of the mean 4/3, Student with 2 degrees: ± 4.303 · √(4/3); both halves are combined
    more = difference_of_means(sums([10, 12, 14]), sums([1, 2, 3, 4, 5]))
    both = (half**2 + 4.3026527**2 * 4 / 3) ** 0.5
    assert (more.value, more.n_a, more.n_b) == (9.0, 3, 5)
    assert (more.low, more.high) == pytest.approx((9 - both, 9 + both), abs=1e-6)


@given(AMOUNTS)
def test_mean_is_that_of_scipy(values: list[float]) -> None:
    found, slack = mean_value(sums(values)), 1e-6 * max(values)
    spread = stats.sem(values)
    if spread > 1e-5 * max(values):  # from sums of squares, smaller spreads cannot be told from rounding
        low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), spread)
        assert (found.low, found.high) == pytest.approx((max(0.0, low), high), rel=1e-4, abs=slack)


def test_borders() -> None:
    assert mean_value(sums([])).value is None
    assert mean_value(sums([7.0])) == mean_value(Sums(1, 7.0, 49.0))
    assert (mean_value(sums([7.0])).value, mean_value(sums([7.0])).low) == (7.0, None)
    assert difference_of_means(sums([]), sums([1.0, 2.0])).value is None
    assert difference_of_means(sums([5.0]), sums([1.0, 2.0])).low is None
    same = difference_of_means(sums([1200.0] * 9), sums([1000.0] * 4))
    assert (same.value, same.low, same.high) == (200.0, 200.0, 200.0)


@given(AMOUNTS, AMOUNTS)
def test_interval_holds_the_value_and_turns_with_the_groups(a: list[float], b: list[float]) -> None:
    found, turned = difference_of_means(sums(a), sums(b)), difference_of_means(sums(b), sums(a))
    assert found.low is not None and found.high is not None
    slack = 1e-6 * max(map(abs, [*a, *b]))
    assert found.low - slack <= found.value <= found.high + slack
    assert (-turned.high, -turned.low) == pytest.approx((found.low, found.high), rel=1e-6, abs=slack)


@pytest.mark.parametrize(("n_a", "n_b"), [(30, 30), (150, 60)])
def test_intervals_hold_the_truth_of_lognormal_sizes(n_a: int, n_b: int) -> None:
    rng, held, worlds = np.random.default_rng(17), 0, 1_500
    for _ in range(worlds):
        a, b = rng.lognormal(10.2, 0.8, n_a), rng.lognormal(10.0, 0.8, n_b)
        found = difference_of_means(sums(a), sums(b))
        truth = np.exp(10.2 + 0.32) - np.exp(10.0 + 0.32)
        held += found.low <= truth <= found.high
    assert 0.935 <= held / worlds <= 0.98
