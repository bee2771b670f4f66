"""Is the ratio of medians right, and does its interval come from resampled deals?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.metrics.speed import DRAWS, MANY, bootstrap_medians, median_estimate, ratio_of_medians, speed_ratio
from dashboard.metrics.survival import DayCounts, incidence_curve, median_days
from tests.calibration.deals import median_coverage, speed_coverage
from tests.dashboard.metrics.synthetic import CURVE, counts, frame


def deals(days: list[int], eql: bool, outcome: str = "won", **columns: object) -> list[dict]:
    return [{"days": day, "eql_before": eql, "outcome": outcome} | columns for day in days]


def test_worked_example() -> None:
    """EQL deals won after 10, 20, 30 days: half of F = 1 by day 20. Others after 40, 40, 80: day 40. Ratio 1/2."""
    found = speed_ratio(frame(CURVE, deals([10, 20, 30], True) + deals([40, 40, 80], False)))
    assert (found.value, found.median_eql, found.median_other) == (0.5, 20, 40)
    assert (found.n, found.n_eql, found.n_other, found.usable_draws) == (6, 3, 3, DRAWS)
    assert found.low <= 0.5 <= found.high


def test_deals_without_a_lead_belong_to_neither_group() -> None:
    rows = deals([10], True) + deals([40], False)
    assert speed_ratio(frame(CURVE, rows + deals([1], False, has_lead=False))) == speed_ratio(frame(CURVE, rows))


def test_no_ratio_without_wins_on_both_sides_or_by_days_of_zero() -> None:
    for other in ([], deals([9], False, "lost"), deals([0], False)):
        found = speed_ratio(frame(CURVE, deals([10], True) + other))
        assert (found.value, found.low, found.high, found.usable_draws) == (None, None, None, 0)


def test_no_bounds_where_draws_lack_a_median() -> None:
    """One win among ten deals: a resample misses it with 0.9¹⁰ = 35 %, far above 5 %."""
    rows = deals([10], True) + deals(list(range(11, 20)), True, "lost") + deals([20, 30], False)
    found = speed_ratio(frame(CURVE, rows))
    assert found.value is not None
    assert (found.low, found.high) == (None, None)
    assert 0.58 < found.usable_draws / DRAWS < 0.72


def test_seeded() -> None:
    cells = frame(CURVE, deals([10, 20, 30, 70], True) + deals([40, 44, 80], False))
    assert speed_ratio(cells) == speed_ratio(cells)


def test_agrees_with_resampling_row_by_row() -> None:
    rng = np.random.default_rng(5)
    days, kinds = rng.integers(1, 60, 40), rng.choice([0, 1, 2], 40, p=[0.4, 0.3, 0.3])
    by_rows = []
    for _ in range(4000):
        pick = rng.integers(0, 40, 40)
        by_rows.append(median_days(incidence_curve(counts(*(days[pick][kinds[pick] == kind] for kind in range(3))))))
    by_cells = bootstrap_medians(counts(*(days[kinds == kind] for kind in range(3))), 4000, rng)
    assert not np.isnan(by_cells).any()
    assert np.mean(by_cells) == pytest.approx(np.mean(by_rows), abs=0.8)
    for share in (0.1, 0.5, 0.9):
        assert np.mean(by_cells <= np.quantile(by_rows, share)) == pytest.approx(
            np.mean(by_rows <= np.quantile(by_rows, share)), abs=0.04
        )


def test_random_weights_scatter_as_random_draws_do() -> None:
    """From many deals on each gets a weight. The same histogram, resampled both ways, spreads over the same days."""
    rng = np.random.default_rng(6)
    histogram = counts(*rng.geometric(1 / 60, (3, 400)).tolist())
    drawn, weighed = (bootstrap_medians(histogram, 4000, rng, size) for size in (MANY - 1, MANY))
    assert np.mean(weighed) == pytest.approx(np.mean(drawn), abs=0.5)
    assert np.std(weighed) == pytest.approx(np.std(drawn), rel=0.1)
    assert np.quantile(weighed, [0.025, 0.975]) == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=2)


def test_weights_of_less_than_one_deal_scatter_as_much() -> None:
    """The same deals cut into eight cells a day: the sum over cells must not depend on the cut."""
    rng = np.random.default_rng(6)
    days = np.arange(8 * 250)
    fine = DayCounts(days, np.full(len(days), 0.5), np.zeros(len(days)), np.zeros(len(days)))
    coarse = DayCounts(days[7::8], np.full(250, 4.0), np.zeros(250), np.zeros(250))
    first, second = bootstrap_medians(fine, 3000, rng), bootstrap_medians(coarse, 3000, rng)
    assert np.std(first) == pytest.approx(np.std(second), rel=0.1)


@given(st.lists(st.integers(1, 90), min_size=1, max_size=30), st.lists(st.integers(1, 90), min_size=1, max_size=30))
def test_turned_over_the_ratio_is_its_inverse(a: list[int], b: list[int]) -> None:
    found = ratio_of_medians(counts(a), counts(b), draws=50)
    other = ratio_of_medians(counts(b), counts(a), draws=50)
    assert found.value == pytest.approx(1 / other.value)
    assert found.low <= found.high
    assert (found.median_a, found.n_a) == (other.median_b, other.n_b)


@pytest.mark.slow
def test_interval_covers_what_it_promises() -> None:
    """Medians of whole days jump, so the interval is rather too wide than too narrow."""
    covered, reported = speed_coverage(100, worlds=200, seed=3)
    assert 0.92 <= covered <= 1
    assert reported > 0.95


def test_the_median_s_interval_holds_the_truth() -> None:
    covered, reported = median_coverage(100, worlds=200, seed=3)
    assert 0.89 <= covered <= 0.99
    assert reported > 0.99


def test_few_deals_have_a_median_without_bounds() -> None:
    days, one, none = np.arange(1, 20), np.ones(19), np.zeros(19)
    few = median_estimate(DayCounts(days, one, none, none))
    assert (few.value, few.low, few.high, few.n) == (10.0, None, None, 19)
    more = median_estimate(DayCounts(days, 2 * one, none, none))
    assert more.value == 10.0 and more.n == 38
    assert more.low is not None and more.high is not None and 5 <= more.low < 10 < more.high <= 15
