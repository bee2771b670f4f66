"""Does a partner's standing say which share of the others it surpasses, no surer than the data allow?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from dashboard.domain import NOTHING, Estimate
from dashboard.metrics.intervals import rate
from dashboard.metrics.percentile_rank import Standing, percentile_among, standing
from tests.calibration.differences import standings

RATE = st.integers(0, 60).flatmap(lambda n: st.integers(0, n).map(lambda k: rate(k, n)))


def amount(value: float | None) -> Estimate:
    return Estimate(value, None, None, 1)


def test_amounts_are_only_ranked() -> None:
    """30 surpasses 10 and 20, equals 30 (half), loses to 40; the one without a value does not count: 2.5 of 4."""
    others = [amount(value) for value in (10, 20, 30, 40, None)]
    assert standing(amount(30), others) == Standing(2.5 / 4, None, None, 4)


def test_worked_example_of_draws() -> None:
    """Four draws of an own value and two others: surpasses 2, 1, 1 (equal to one: 1.5) and 0 of them."""
    values = np.array([[3.0, 1.0, 2.0], [2.0, 1.0, 3.0], [2.0, 2.0, 1.0], [0.0, 1.0, 1.0]])
    found = percentile_among(values)
    assert found.percentile == pytest.approx((1 + 0.5 + 0.75 + 0) / 4)
    assert (found.low, found.high, found.among) == pytest.approx((0.075, 0.9625, 2))


def test_against_the_exact_chance_that_one_rate_is_larger() -> None:
    """Two partners are not drawn together, and 400 cases make Wilson's interval and a posterior alike: P(a > b) by
    quadrature over two Beta distributions."""
    found = standing(rate(110, 400), [rate(100, 400)])
    p = np.linspace(0, 1, 20_001)
    exact = np.trapezoid(beta.pdf(p, 111, 291) * beta.cdf(p, 101, 301), p)
    assert found.percentile == pytest.approx(exact, abs=0.03)


def test_many_cases_leave_no_doubt_and_few_leave_all() -> None:
    others = [rate(k, 100_000) for k in range(10_000, 30_000, 1000)]
    sure = standing(rate(25_500, 100_000), others)
    assert (sure.percentile, sure.low, sure.high) == pytest.approx((0.8, 0.8, 0.8), abs=0.01)
    unsure = standing(rate(1, 2), others)
    assert unsure.high - unsure.low > 0.5


@given(RATE, st.lists(RATE, max_size=12))
def test_holds_its_bounds_and_counts_the_known(own: Estimate, others: list[Estimate]) -> None:
    found = standing(own, others, draws=50)
    known = sum(other.value is not None for other in others)
    assert found.among == known
    if own.value is None or not known:
        assert (found.percentile, found.low, found.high) == (None, None, None)
    else:
        assert 0 <= found.low <= found.high <= 1
        assert 0 <= found.percentile <= 1


def test_all_alike_is_the_middle() -> None:
    assert standing(amount(7), [amount(7)] * 9) == Standing(0.5, None, None, 9)
    tied = standing(rate(5, 20), [rate(5, 20)] * 9)
    assert tied.percentile == pytest.approx(0.5, abs=0.03)
    assert tied.low < 0.2 < 0.8 < tied.high


def test_alone_or_without_a_value() -> None:
    assert standing(rate(5, 20), []) == Standing(None, None, None, 0)
    assert standing(rate(5, 20), [NOTHING]) == Standing(None, None, None, 0)
    assert standing(NOTHING, [rate(5, 20)]) == Standing(None, None, None, 1)


def test_same_answer_every_time() -> None:
    others = [rate(k, 30) for k in range(12)]
    assert standing(rate(6, 30), others) == standing(rate(6, 30), others)


def test_interval_covers_what_it_promises() -> None:
    held, _ = standings(20, 10, worlds=50, seed=3, places=3)
    assert held >= 0.85
