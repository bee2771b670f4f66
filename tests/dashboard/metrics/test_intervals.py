"""Are the intervals of a rate, a difference and a ratio those of the books?"""

from __future__ import annotations

from math import sqrt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import xlogy
from scipy.stats import binom

from dashboard.domain import NOTHING
from dashboard.metrics.intervals import Z95, Difference, Ratio, newcombe, rate, rate_ratio, ratio, wilson
from tests.calibration.differences import two_groups
from tests.dashboard.metrics.oracles import oracle

COUNTS = st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
DIFFERENCES = oracle("differences")


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


class TestNewcombe:
    def test_worked_example(self) -> None:
        """56 of 70 against 48 of 80. Wilson: 0.8 in (0.6918, 0.8769), 0.6 in (0.4904, 0.7004).

        Difference 0.2; low 0.2 − √((0.8 − 0.6918)² + (0.7004 − 0.6)²) = 0.2 − √(0.01171 + 0.01008) = 0.0524;
        high 0.2 + √((0.8769 − 0.8)² + (0.6 − 0.4904)²) = 0.2 + √(0.00591 + 0.01201) = 0.3339.
        """
        found = newcombe(56, 70, 48, 80)
        assert found.value == pytest.approx(0.2)
        assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)
        assert (found.n_a, found.n_b) == (70, 80)

    @pytest.mark.parametrize("row", DIFFERENCES["newcombe_1998"], ids=lambda row: str(row["table"]))
    def test_against_the_printed_table_of_newcombe_1998(self, row: dict) -> None:
        found = newcombe(*row["table"])
        assert [found.low, found.high] == pytest.approx(row["bounds"], abs=5.1e-5)

    @pytest.mark.parametrize("row", DIFFERENCES["newcombe"], ids=lambda row: str(row["table"]))
    def test_against_statsmodels(self, row: dict) -> None:
        found = newcombe(*row["table"])
        assert [found.low, found.high] == pytest.approx(row["bounds"], abs=1e-12)

    @given(COUNTS, COUNTS)
    def test_holds_the_difference_and_turns_over_with_the_groups(self, a: tuple, b: tuple) -> None:
        found, other = newcombe(*a, *b), newcombe(*b, *a)
        assert -1 - 1e-12 <= found.low <= found.value <= found.high <= 1 + 1e-12
        assert (found.value, found.low, found.high) == pytest.approx((-other.value, -other.high, -other.low), abs=1e-12)

    def test_nothing_without_cases_in_both(self) -> None:
        assert newcombe(0, 0, 3, 9) == Difference(None, None, None, 0, 9)
        assert newcombe(3, 9, 0, 0) == Difference(None, None, None, 9, 0)


def score(theta: float, k_a: int, n_a: int, k_b: int, n_b: int) -> float:
    """Koopman's statistic by searching for the likeliest rates numerically, another way than the closed form."""

    def minus_log_likelihood(p: float) -> float:
        q = theta * p
        return -float(xlogy(k_a, q) + xlogy(n_a - k_a, 1 - q) + xlogy(k_b, p) + xlogy(n_b - k_b, 1 - p))

    highest = min(1.0, 1 / theta)
    p = minimize_scalar(minus_log_likelihood, bounds=(0, highest), method="bounded", options={"xatol": 1e-13}).x
    q = theta * p
    return (k_a / n_a - theta * k_b / n_b) / sqrt(q * (1 - q) / n_a + theta**2 * p * (1 - p) / n_b)


class TestRateRatio:
    def test_worked_example(self) -> None:
        """36 of 40 against 16 of 80: 0.9 ÷ 0.2 = 4.5. At the lower bound 2.9396 the likeliest rates with that ratio are
        p_b = 0.2868 and p_a = 0.8432: (0.9 − 2.9396 × 0.2) / √(0.8432 × 0.1568 / 40 + 2.9396² × 0.2868 × 0.7132 / 80)
        = 0.3121 / √(0.003305 + 0.022096) = 1.958, but for rounding 1.96."""
        found = rate_ratio(36, 40, 16, 80)
        assert found.value == pytest.approx(4.5)
        assert (round(found.low, 4), round(found.high, 4)) == (2.9396, 7.1522)

    @pytest.mark.parametrize("row", DIFFERENCES["koopman"], ids=lambda row: str(row["table"]))
    def test_against_statsmodels(self, row: dict) -> None:
        found = rate_ratio(*row["table"])
        assert [found.low, found.high] == pytest.approx(row["bounds"], rel=1e-7)

    @pytest.mark.parametrize(
        "table", [(36, 40, 16, 80), (3, 10, 10, 10), (10, 10, 3, 10), (0, 10, 5, 10), (5, 9, 0, 7)]
    )
    def test_the_bounds_are_where_the_score_is_critical(self, table: tuple[int, int, int, int]) -> None:
        found = rate_ratio(*table)
        if found.low:
            assert score(found.low, *table) == pytest.approx(Z95, abs=1e-3)
        if found.high is not None:
            assert score(found.high, *table) == pytest.approx(-Z95, abs=1e-3)

    @given(COUNTS, COUNTS)
    @example((7, 7), (7, 7))
    @example((1, 1), (1, 100_000))
    @example((99_999, 100_000), (1, 1))
    def test_holds_the_ratio_and_turns_over_with_the_groups(self, a: tuple, b: tuple) -> None:
        found, other = rate_ratio(*a, *b), rate_ratio(*b, *a)
        if a[0] and b[0]:
            assert 0 < found.low <= found.value * (1 + 1e-9)
            assert found.value <= found.high * (1 + 1e-9)
            assert other.low == pytest.approx(1 / found.high, rel=1e-6)
            assert other.high == pytest.approx(1 / found.low, rel=1e-6)

    def test_borders(self) -> None:
        assert rate_ratio(0, 0, 3, 9) == Ratio(None, None, None, 0, 9)
        assert rate_ratio(0, 5, 0, 9) == Ratio(None, None, None, 5, 9)
        nothing_in_a, nothing_in_b = rate_ratio(0, 10, 5, 10), rate_ratio(5, 10, 0, 10)
        assert (nothing_in_a.value, nothing_in_a.low) == (0, 0)
        assert 0 < nothing_in_a.high < 1
        assert (nothing_in_b.value, nothing_in_b.high) == (None, None)
        assert nothing_in_b.low == pytest.approx(1 / nothing_in_a.high)


def test_differences_and_ratios_cover_what_they_promise() -> None:
    for n, p in (((60, 240), (0.3, 0.3)), ((15, 150), (0.1, 0.25))):
        assert all(0.925 <= covered <= 0.985 for covered in two_groups(p, n, worlds=800, seed=3))
