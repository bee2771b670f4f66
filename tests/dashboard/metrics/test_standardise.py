"""Are groups compared at one mix of strata, in rates and in speed, and do the intervals hold what they promise?"""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain import NOTHING, Estimate
from dashboard.metrics.intervals import newcombe, rate, rate_ratio, wilson
from dashboard.metrics.speed import ratio_of_medians
from dashboard.metrics.standardise import standardised_rates, standardised_speed
from dashboard.metrics.survival import day_counts, incidence_curve, median_days
from tests.calibration.differences import speed_worlds, standardised_worlds
from tests.dashboard.metrics.oracles import oracle

RATES = {"stratum": pl.String, "group": pl.Boolean, "n": pl.Int64, "k": pl.Int64}
SPEED = {"stratum": pl.String, "group": pl.Boolean, "outcome": pl.String, "days": pl.Int64, "deals": pl.Int64}
BERKELEY = oracle("berkeley")
GROUP = st.integers(0, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))
WORLD = st.lists(st.tuples(GROUP, GROUP), min_size=1, max_size=8)
DEALS = st.lists(
    st.tuples(
        st.sampled_from("ABC"), st.booleans(), st.sampled_from(["won", "won", "lost", "open"]), st.integers(-1, 40)
    ),
    max_size=60,
)


def rates(rows: list[tuple[str | None, bool, int, int]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=RATES, orient="row")


def speed(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    return pl.DataFrame([(*row, 1) if len(row) == 4 else row for row in rows], schema=SPEED, orient="row")


class TestRates:
    def test_worked_example(self) -> None:
        """Small firms: a won 8 of 10, b 30 of 40. Large: a 9 of 30, b 2 of 10. "Huge" is b's alone, 10 cases.

        Raw a 17/40 = 0.425, b 32/60 = 0.533: b looks better. Common strata hold 90 of 100 cases, 50 small, 40 large:
        a 5/9 × 0.8 + 4/9 × 0.3 = 26/45 = 0.578, b 5/9 × 0.75 + 4/9 × 0.2 = 91/180 = 0.506: a is better by 0.0722,
        1.143 times. Group a is worth 1/((25/81)/10 + (16/81)/30) = 26.70 cases, b 1/((25/81)/40 + (16/81)/10) = 36.40.
        """
        found = standardised_rates(
            rates(
                [("s", True, 10, 8), ("s", False, 40, 30), ("l", True, 30, 9), ("l", False, 10, 2), ("h", False, 10, 0)]
            )
        )
        assert (found.raw_a, found.raw_b) == (rate(17, 40), rate(32, 60))
        assert (found.raw_difference, found.raw_ratio) == (newcombe(17, 40, 32, 60), rate_ratio(17, 40, 32, 60))
        assert (found.support, found.strata, found.strata_in_all) == (0.9, 2, 3)
        assert (found.standard_a.value, found.standard_b.value) == pytest.approx((26 / 45, 91 / 180))
        assert (found.difference.value, found.ratio.value) == pytest.approx((0.07222, 1.14286), abs=1e-5)
        assert (found.standard_a.n, found.standard_b.n) == (40, 50)
        size = 1 / ((25 / 81) / 10 + (16 / 81) / 30)
        assert size == pytest.approx(26.70, abs=0.01)
        assert (found.standard_a.low, found.standard_a.high) == pytest.approx(wilson(26 / 45 * size, size))
        assert found.difference.low < 0.0722 < found.difference.high

    def test_against_the_weighted_admission_rates_of_berkeley(self) -> None:
        """Men look favoured by 14 points; standardised to all applicants of each department, women are ahead by 4."""
        found = standardised_rates(rates([tuple(row) for row in BERKELEY["cells"]]))
        assert found.raw_difference.value == pytest.approx(1198 / 2691 - 557 / 1835)
        assert round(100 * found.standard_a.value) == BERKELEY["printed"]["men"]
        assert round(100 * found.standard_b.value) == BERKELEY["printed"]["women"]
        assert found.difference.value == pytest.approx(BERKELEY["statsmodels"]["difference"], abs=1e-9)

    @given(WORLD)
    def test_is_the_mean_of_inverse_weights_over_single_cases(self, world: list) -> None:
        cells = [
            (str(i), side, *own) for i, pair in enumerate(world) for side, own in zip((True, False), pair, strict=True)
        ]
        found = standardised_rates(rates(cells))
        common = [(a, b) for a, b in world if a[0] and b[0]]
        cases = sum(a[0] + b[0] for a, b in common)
        if not common:
            assert (found.standard_a, found.difference.value, found.ratio.value) == (NOTHING, None, None)
            return
        for place, own in enumerate((found.standard_a, found.standard_b)):
            weights = [(pair[place][1], (pair[0][0] + pair[1][0]) / pair[place][0]) for pair in common]
            assert own.value == pytest.approx(sum(k * w for k, w in weights) / cases, abs=1e-12)
            assert 0 <= own.low <= own.value <= own.high <= 1
        assert found.difference.low <= found.difference.value <= found.difference.high
        if found.ratio.value:
            assert found.ratio.low <= found.ratio.value * (1 + 1e-9)
            assert found.ratio.value <= found.ratio.high * (1 + 1e-9)

    @given(GROUP, GROUP)
    def test_one_stratum_is_the_raw_answer(self, a: tuple[int, int], b: tuple[int, int]) -> None:
        found = standardised_rates(rates([(None, True, *a), (None, False, *b)]))
        if a[0] and b[0]:
            assert found.support == 1
            for standard, raw in ((found.difference, found.raw_difference), (found.ratio, found.raw_ratio)):
                for name in ("value", "low", "high"):
                    ours, theirs = getattr(standard, name), getattr(raw, name)
                    assert (ours is None) == (theirs is None)
                    assert ours is None or ours == pytest.approx(theirs, rel=1e-9, abs=1e-12)

    def test_nothing_in_common_and_nothing_at_all(self) -> None:
        apart = standardised_rates(rates([("x", True, 5, 1), ("y", False, 5, 2)]))
        assert (apart.support, apart.strata, apart.strata_in_all) == (0, 0, 2)
        assert (apart.standard_a, apart.ratio.value, apart.raw_a) == (NOTHING, None, rate(1, 5))
        empty = standardised_rates(rates([]))
        assert (empty.support, empty.raw_b, empty.standard_b, empty.strata_in_all) == (None, NOTHING, NOTHING, 0)

    def test_cases_that_cover_each_other_hold_the_truth_where_raw_ones_do_not(self) -> None:
        found = standardised_worlds(12, 1000, worlds=120, seed=3, effect=0.6)
        assert all(found[name] >= 0.91 for name in ("rate", "difference", "ratio"))
        assert found["raw difference"] < 0.6


class TestSpeed:
    def test_worked_example(self) -> None:
        """Small deals close in 10 days (a) and 20 (b), large ones in 40 and 80; a has 1 and 3 of them, b 3 and 1.

        Raw: half of a's wins are in by day 40, half of b's by day 20: a looks half as fast. With four of eight deals
        in each stratum both groups are half small, half large: the half is reached on days 10 and 20, ratio 1/2.
        """
        a = [("s", True, "won", 10)] + [("l", True, "won", 40)] * 3
        b = [("s", False, "won", 20)] * 3 + [("l", False, "won", 80)]
        found = standardised_speed(speed(a + b))
        assert (found.raw.value, found.raw.median_a, found.raw.median_b) == (2, 40, 20)
        assert (found.standard.value, found.standard.median_a, found.standard.median_b) == (0.5, 10, 20)
        assert (found.standard.n_a, found.standard.n_b, found.support) == (4, 4, 1.0)
        assert found.standard.low <= 0.5 <= found.standard.high

    def test_what_only_one_group_has_is_left_out(self) -> None:
        rows = [("s", True, "won", 10), ("s", False, "won", 20)]
        alone = [("x", False, "won", 500)] * 2
        found = standardised_speed(speed(rows + alone))
        assert (found.support, found.strata, found.strata_in_all) == (0.5, 1, 2)
        assert (found.standard.value, found.standard.n_b, found.raw.median_b) == (0.5, 1, 500)

    @given(DEALS)
    def test_medians_are_those_of_deals_weighted_one_by_one(self, deals: list[tuple[str, bool, str, int]]) -> None:
        found = standardised_speed(speed(deals), draws=20)
        timed = [deal for deal in deals if deal[3] >= 0]
        number = {(s, g): sum(d[:2] == (s, g) for d in timed) for s in "ABC" for g in (True, False)}
        common = {s for s in "ABC" if number[s, True] and number[s, False]}
        for group, median in ((True, found.standard.median_a), (False, found.standard.median_b)):
            weighted = [
                (*deal, (number[deal[0], True] + number[deal[0], False]) / number[deal[:2]])
                for deal in timed
                if deal[0] in common and deal[1] is group
            ]
            frame = pl.DataFrame(weighted, schema=SPEED | {"deals": pl.Float64}, orient="row")
            assert median == median_days(incidence_curve(day_counts(frame)))

    @given(DEALS)
    def test_one_stratum_is_the_raw_answer(self, deals: list[tuple[str, bool, str, int]]) -> None:
        rows = speed([("A", *deal[1:]) for deal in deals])
        found = standardised_speed(rows, draws=50)
        if found.support == 1 and found.strata:
            for name in ("value", "median_a", "median_b", "n_a", "n_b", "low", "high"):
                assert getattr(found.standard, name) == getattr(found.raw, name)

    def test_bounds_are_none_where_draws_lack_a_median(self) -> None:
        a = [("s", True, "won", 10)] + [("s", True, "lost", 12)] * 9
        found = standardised_speed(speed(a + [("s", False, "won", 20)] * 5))
        assert found.standard.value == 0.5
        assert (found.standard.low, found.standard.high) == (None, None)

    def test_nothing_at_all(self) -> None:
        found = standardised_speed(speed([]))
        assert (found.raw.value, found.standard.value, found.support, found.strata_in_all) == (None, None, None, 0)

    def test_same_answer_every_time(self) -> None:
        rows = speed([("s", i % 2 == 0, "won", 10 + i % 17) for i in range(60)])
        assert standardised_speed(rows) == standardised_speed(rows)
        raw = standardised_speed(rows).raw
        sides = [day_counts(rows.filter(pl.col("group") == side)) for side in (True, False)]
        assert raw == ratio_of_medians(*sides)

    def test_interval_covers_what_it_promises(self) -> None:
        found = speed_worlds(12, 600, worlds=60, seed=3, faster=1.5, draws=300)
        assert found["standard"] >= 0.9
        assert found["given"] > 0.9


def test_estimates_know_how_many_cases_went_in() -> None:
    found = standardised_rates(rates([("s", True, 4, 4), ("s", False, 6, 0)]))
    assert isinstance(found.standard_a, Estimate)
    assert (found.standard_a.value, found.standard_a.high, found.standard_b.value, found.standard_b.low) == (1, 1, 0, 0)
