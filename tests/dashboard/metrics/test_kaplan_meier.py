"""Is the survival curve from day histograms the one of Kaplan and Meier, with Greenwood's variance?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from dashboard.metrics.intervals import wilson
from dashboard.metrics.kaplan_meier import KaplanMeier, kaplan_meier
from dashboard.metrics.survival import incidence_curve
from tests.calibration.differences import survival_coverage
from tests.dashboard.metrics.oracles import oracle
from tests.dashboard.metrics.synthetic import counts

CASES = st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=60)


def of_rows(rows: list[tuple[int, bool]]) -> KaplanMeier:
    """Rows (day, ended) one by one: a histogram of repeated days."""
    return kaplan_meier([day for day, _ in rows], [int(e) for _, e in rows], [int(not e) for _, e in rows])


def test_worked_example() -> None:
    """Ends on days 1 and 3 (two), open since 1, 2 and 5.

    Day 1: 6 at risk, S = 5/6. Day 2: 4 at risk, nobody ends. Day 3: 3 at risk, two end: S = 5/6 × 1/3 = 5/18.
    Greenwood at day 3: 1/(6×5) + 2/(3×1) = 0.7; log-log half-width 1.96 × √0.7 / |ln(5/18)| = 1.6398/1.2809 = 1.2802;
    low (5/18)^(e^1.2802) = 0.2778^3.5973 = 0.00998, high 0.2778^0.27799 = 0.70042.
    """
    found = kaplan_meier([1, 2, 3, 5], [1, 0, 2, 0], [1, 1, 0, 1])
    assert found.at_risk.tolist() == [6, 4, 3, 1]
    assert found.survival == pytest.approx([5 / 6, 5 / 6, 5 / 18, 5 / 18])
    assert (found.low[2], found.high[2]) == pytest.approx((0.00998, 0.70042), abs=2e-5)
    assert found.n == 6


@pytest.mark.parametrize("case", oracle("survival")["cases"], ids=lambda case: f"{len(case['days'])} cases")
def test_against_survival_of_r(case: dict) -> None:
    found = of_rows([(day, outcome > 0) for day, outcome in zip(case["days"], case["outcome"], strict=True)])
    assert len(found.days) == len(case["kaplan_meier"])
    for place, row in enumerate(case["kaplan_meier"]):
        assert (found.days[place], found.at_risk[place]) == (row["day"], row["at_risk"])
        assert found.survival[place] == pytest.approx(row["survival"], abs=1e-12)
        if 1e-12 < row["survival"] < 1 - 1e-12:
            assert (found.low[place], found.high[place]) == pytest.approx((row["low"], row["high"]), abs=1e-12)


@given(CASES)
def test_against_scipy(rows: list[tuple[int, bool]]) -> None:
    data = CensoredData(uncensored=[d for d, ended in rows if ended], right=[d for d, ended in rows if not ended])
    expected, found = ecdf(data).sf, of_rows(rows)
    assert found.survival == pytest.approx(expected.evaluate(found.days), abs=1e-12)


@given(CASES)
def test_is_one_minus_the_incidence_without_a_competing_risk(rows: list[tuple[int, bool]]) -> None:
    found = of_rows(rows)
    curve = incidence_curve(counts([d for d, e in rows if e], (), [d for d, e in rows if not e]))
    assert found.survival == pytest.approx(1 - curve.incidence, abs=1e-12)
    assert found.at_risk.tolist() == curve.at_risk.tolist()


@given(CASES)
def test_falls_within_its_bounds(rows: list[tuple[int, bool]]) -> None:
    found = of_rows(rows)
    assert (np.diff(found.survival) <= 0).all()
    assert ((found.low >= 0) & (found.low <= found.survival + 1e-12)).all()
    assert ((found.high <= 1) & (found.survival <= found.high + 1e-12)).all()


def test_borders() -> None:
    everybody = kaplan_meier([4, -2], [3, 9], [0, 9])
    assert (everybody.n, everybody.survival.tolist(), everybody.high[0]) == (3, [0], wilson(0, 3)[1])
    nobody = kaplan_meier([4], [0], [3])
    assert (nobody.survival.tolist(), nobody.low[0], nobody.high[0]) == ([1], wilson(3, 3)[0], 1)
    nothing = kaplan_meier([], [], [])
    assert (nothing.n, len(nothing.days), len(nothing.low)) == (0, 0, 0)


def test_interval_covers_what_it_promises() -> None:
    assert 0.92 <= survival_coverage(100, worlds=500, seed=3) <= 0.98
