"""Is the incidence of won that of Aalen and Johansen, with its variance, interval, median and percentiles?"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.metrics.intervals import wilson
from dashboard.metrics.survival import (
    DayCounts,
    at_risk_at,
    band,
    day_counts,
    eventual_win_rate,
    incidence_at,
    incidence_curve,
    incidence_variance,
    log_log_interval,
    median_days,
    percentile,
    plain_median_days,
    variances,
)
from tests.dashboard.metrics.oracles import oracle
from tests.dashboard.metrics.synthetic import CURVE, counts, frame

CASES = oracle("incidence")["cases"]
OUTCOMES = ("open", "won", "lost")
DEALS = st.lists(st.tuples(st.integers(0, 40), st.sampled_from(OUTCOMES)), min_size=1, max_size=60)


def from_deals(deals: list[tuple[int, str]]) -> DayCounts:
    won, lost, waiting = ([day for day, what in deals if what == name] for name in ("won", "lost", "open"))
    return counts(won, lost, waiting)


def of_case(case: dict) -> DayCounts:
    return from_deals([(day, OUTCOMES[code]) for day, code in zip(case["days"], case["outcome"], strict=True)])


def test_worked_example() -> None:
    """Five deals: won on day 10, lost on 20, open since 20, won on 30, open since 40.

    Day 10: 5 at risk, F = 1/5. Day 20: 4 at risk, S = 4/5 × 3/4 = 3/5 (the open one leaves after the lost one).
    Day 30: 2 at risk, F = 1/5 + 3/5 × 1/2 = 1/2; S = 3/10. Half of F is 1/4, reached on day 30.
    """
    curve = incidence_curve(counts(won=[10, 30], lost=[20], waiting=[20, 40]))
    assert curve.at_risk.tolist() == [5, 4, 2, 1]
    assert curve.incidence == pytest.approx([0.2, 0.2, 0.5, 0.5])
    assert median_days(curve) == 30
    assert incidence_at(curve, 9.9) == 0
    assert incidence_at(curve, 29) == pytest.approx(0.2)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{len(case['days'])} deals")
def test_against_statsmodels(case: dict) -> None:
    """Ties included. Its variance differs from the last step on where nobody is left at risk: it divides by 0 there."""
    curve = incidence_curve(of_case(case))
    for row in case["statsmodels"]:
        assert incidence_at(curve, row["day"]) == pytest.approx(row["value"], abs=1e-12)
        if np.isfinite(row["variance"]):
            assert incidence_variance(curve, row["day"]) == pytest.approx(row["variance"], rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("case", [c for c in CASES if "lifelines" in c], ids=lambda case: f"{len(case['days'])} deals")
def test_against_lifelines(case: dict) -> None:
    curve, n = incidence_curve(of_case(case)), len(case["days"])
    checked = 0
    for row in case["lifelines"]:
        value, variance = incidence_at(curve, row["day"]), incidence_variance(curve, row["day"])
        assert value == pytest.approx(row["value"], abs=1e-12)
        if np.isfinite(row["variance"]):
            assert variance == pytest.approx(row["variance"], rel=1e-9, abs=1e-15)
        if 0 < value < 1 and np.isfinite(row["bounds"]).all():
            assert sorted(log_log_interval(value, variance, n)) == pytest.approx(sorted(row["bounds"]), abs=1e-9)
            checked += 1
    assert checked >= 5


@given(DEALS)
def test_agrees_with_redistribution_to_the_right(deals: list[tuple[int, str]]) -> None:
    """Another road to the same estimate (Efron 1967): each open deal hands its weight to those that lasted longer."""
    curve = incidence_curve(from_deals(deals))
    order = sorted(deals, key=lambda deal: (deal[0], deal[1] == "open"))
    weight = [Fraction(1, len(order))] * len(order)
    for place, (_, outcome) in enumerate(order):
        later = len(order) - place - 1
        if outcome == "open" and later:
            for other in range(place + 1, len(order)):
                weight[other] += weight[place] / later
            weight[place] = Fraction(0)
    for day in {day for day, _ in deals}:
        expected = sum(w for w, (d, outcome) in zip(weight, order, strict=True) if outcome == "won" and d <= day)
        assert incidence_at(curve, day) == pytest.approx(float(expected), abs=1e-12)


@given(DEALS, st.integers(0, 60))
def test_incidence_rises_to_at_most_one_and_the_interval_holds_it(deals: list[tuple[int, str]], day: int) -> None:
    curve = incidence_curve(from_deals(deals))
    assert (np.diff(curve.incidence) >= 0).all()
    assert curve.incidence[-1] <= 1 + 1e-12
    result = eventual_win_rate(curve, day)
    if result.value is not None:
        assert 0 <= result.low <= result.value <= result.high <= 1


@given(DEALS)
def test_won_and_lost_share_out_what_has_ended(deals: list[tuple[int, str]]) -> None:
    swapped = [(day, {"won": "lost", "lost": "won"}.get(outcome, outcome)) for day, outcome in deals]
    won, lost = incidence_curve(from_deals(deals)), incidence_curve(from_deals(swapped))
    survival = won.survival_before[-1] * (1 - won.events[-1] / won.at_risk[-1])
    assert won.incidence[-1] + lost.incidence[-1] + survival == pytest.approx(1, abs=1e-12)


@given(DEALS)
def test_without_open_deals_it_is_the_plain_share_with_its_binomial_variance(deals: list[tuple[int, str]]) -> None:
    ended = [(day, "lost" if outcome == "open" else outcome) for day, outcome in deals]
    curve, n = incidence_curve(from_deals(ended)), len(ended)
    for day in (5, 20, 100):
        share = sum(outcome == "won" and d <= day for d, outcome in ended) / n
        assert incidence_at(curve, day) == pytest.approx(share, abs=1e-12)
        assert incidence_variance(curve, day) == pytest.approx(share * (1 - share) / n, abs=1e-12)


@given(DEALS)
def test_cells_in_any_order_and_cut_give_the_same_histogram(deals: list[tuple[int, str]]) -> None:
    rows = [{"days": day, "outcome": outcome} for day, outcome in [*deals, (-3, "won")]]
    read, expected = day_counts(frame(CURVE, reversed(rows))), from_deals(deals)
    assert read.n == len(deals)
    for name in ("days", "won", "lost", "open"):
        assert getattr(read, name).tolist() == getattr(expected, name).tolist()


@given(DEALS)
def test_all_days_at_once_are_each_day_by_itself(deals: list[tuple[int, str]]) -> None:
    curve = incidence_curve(from_deals(deals))
    low, high = band(curve)
    for place, day in enumerate(curve.days):
        variance = incidence_variance(curve, day)
        assert variances(curve)[place] == pytest.approx(variance, abs=1e-14)
        alone = log_log_interval(float(curve.incidence[place]), variance, curve.n)
        assert (low[place], high[place]) == pytest.approx(alone, abs=1e-6)


def test_band_of_many_days_keeps_its_digits() -> None:
    rng = np.random.default_rng(4)
    days = rng.integers(0, 700, (3, 4000))
    curve = incidence_curve(counts(days[0].tolist(), days[1].tolist(), days[2].tolist()))
    alone = [log_log_interval(incidence_at(curve, d), incidence_variance(curve, d), curve.n) for d in curve.days]
    assert np.column_stack(band(curve)) == pytest.approx(np.array(alone), abs=1e-12)


def test_band_of_nothing_is_empty() -> None:
    assert [len(side) for side in band(incidence_curve(counts()))] == [0, 0]


def test_numbers_at_risk_are_those_that_lasted_to_the_day() -> None:
    """Won on day 10, open since 20, lost on 30: three at risk until day 10, two until 20, one until 30, then none."""
    curve = incidence_curve(counts(won=[10], lost=[30], waiting=[20]))
    assert at_risk_at(curve, [0, 10, 11, 20, 21, 30, 31]).tolist() == [3, 3, 2, 2, 1, 1, 0]
    assert at_risk_at(incidence_curve(counts()), [0, 9]).tolist() == [0, 0]


R = oracle("survival")


@pytest.mark.parametrize("case", R["cases"], ids=lambda case: f"{len(case['days'])} deals")
def test_against_survival_of_r(case: dict) -> None:
    curve = incidence_curve(of_case(case))
    for row in case["aalen_johansen"]:
        assert incidence_at(curve, row["day"]) == pytest.approx(row["won"], abs=1e-12)
        assert at_risk_at(curve, [row["day"]])[0] == row["at_risk"]


@pytest.mark.parametrize("case", R["weighted"], ids=lambda case: f"{len(case['days'])} deals")
def test_weighted_against_survival_of_r(case: dict) -> None:
    """Also where less than one deal's weight is left at risk."""
    rows = [
        {"days": day, "outcome": OUTCOMES[code], "deals": weight}
        for day, code, weight in zip(case["days"], case["outcome"], case["weights"], strict=True)
    ]
    curve = incidence_curve(day_counts(frame(CURVE | {"deals": pl.Float64}, rows)))
    for row in case["aalen_johansen"]:
        assert incidence_at(curve, row["day"]) == pytest.approx(row["won"], abs=1e-12)


class TestEventualWinRate:
    def test_reported_where_a_deal_is_at_risk_on_that_very_day(self) -> None:
        result = eventual_win_rate(incidence_curve(counts(won=[10], waiting=[90])), 90)
        assert (result.value, result.n, result.at_risk) == (0.5, 2, 1)

    def test_not_reported_beyond_the_last_open_deal(self) -> None:
        result = eventual_win_rate(incidence_curve(counts(won=[10], waiting=[89])), 90)
        assert (result.value, result.low, result.high, result.n, result.at_risk) == (None, None, None, 2, 0)

    def test_reported_for_ever_where_no_deal_is_open(self) -> None:
        result = eventual_win_rate(incidence_curve(counts(won=[10], lost=[11, 12])), 365)
        assert result.value == pytest.approx(1 / 3)
        assert result.at_risk == 0

    def test_nothing_without_deals(self) -> None:
        result = eventual_win_rate(incidence_curve(counts()), 90)
        assert (result.value, result.n) == (None, 0)

    @pytest.mark.parametrize(("won", "lost", "bounds"), [((3, 4), (), wilson(2, 2)), ((), (3, 4, 5), wilson(0, 3))])
    def test_at_the_borders_the_wilson_bounds(self, won: tuple, lost: tuple, bounds: tuple) -> None:
        result = eventual_win_rate(incidence_curve(counts(won, lost)), 365)
        assert (result.low, result.high) == bounds

    @given(st.lists(st.integers(0, 60), min_size=1, max_size=60))
    def test_all_won_is_exactly_one_whatever_the_floats_add_up_to(self, won: list[int]) -> None:
        result = eventual_win_rate(incidence_curve(counts(won)), 90)
        assert (result.value, result.low, result.high) == (1.0, *wilson(len(won), len(won)))


class TestMedian:
    def test_open_deals_count_as_waiting(self) -> None:
        """Won on days 1, 2 and 9, two open since day 5: F = 1/5, 2/5, then 2/5 + 3/5 × 1 = 1; half is 1/2: day 9.

        Of the won deals alone the middle one took 2 days.
        """
        histogram = counts(won=[1, 2, 9], waiting=[5, 5])
        assert median_days(incidence_curve(histogram)) == 9
        assert plain_median_days(histogram) == 2

    def test_a_half_that_is_reached_exactly_counts_whatever_the_floats_say(self) -> None:
        """Ten won, one each on days 1 to 10: half of 1 is reached on day 5, where ten tenths do not add up to 1."""
        assert median_days(incidence_curve(counts(won=range(1, 11)))) == 5

    def test_none_without_a_win(self) -> None:
        assert median_days(incidence_curve(counts(lost=[4], waiting=[6]))) is None
        assert median_days(incidence_curve(counts())) is None
        assert plain_median_days(counts(lost=[4])) is None


HISTOGRAMS = st.dictionaries(st.integers(0, 900), st.integers(1, 12), min_size=1, max_size=25)


@given(HISTOGRAMS, st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0]))
def test_percentile_is_linear_as_in_numpy_and_exact(histogram: dict[int, int], share: float) -> None:
    days = np.array(sorted(histogram))
    times = np.array([histogram[day] for day in days])
    values = np.repeat(days, times)
    assert percentile(days, times, share) == pytest.approx(float(np.quantile(values, share)), abs=1e-9)
    place = Fraction(share).limit_denominator(100) * (len(values) - 1)
    low, high = int(values[int(place)]), int(values[min(int(place) + 1, len(values) - 1)])
    assert percentile(days, times, share) == float(low + (high - low) * (place - int(place)))


def test_percentile_of_nothing_is_none() -> None:
    assert percentile(np.array([], int), np.array([], int), 0.9) is None
