"""Is the AUC the share of pairs in order, and its interval that of DeLong, from leads and from cells alike?"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain import NOTHING
from dashboard.scoring.cells import Work
from dashboard.scoring.discrimination import auc, auc_difference, worked_outcomes
from tests.dashboard.scoring.quality_worlds import world

ORACLE = json.loads((Path(__file__).parents[2] / "reference" / "oracles" / "discrimination.json").read_text())


def test_worked_by_hand() -> None:
    """Winners at 80, 60; others at 60, 40, 40.

    Of the 2 · 3 pairs, 80 beats all three, 60 beats two and ties with one: (3 + 2.5) / 6 = 11/12.
    Placements of the winners 1 and 5/6: variance (1/12)² · 2 / 1 = 1/72. Of the others 3/4 (below 80, tied with 60), 1,
    1: variance ((1/6)² + 2 (1/12)²) / 2 = 1/48. DeLong's: 1/72 / 2 + 1/48 / 3 = 1/144 + 1/144 = 1/72.
    On the logit: ln 11 ± 1.96 · √(1/72) / (11/12 · 1/12) = 2.398 ± 3.024, which is 0.349 and 0.996.
    """
    found = auc(np.array([80, 60, 60, 40]), np.array([1, 1, 0, 0]), np.array([0, 0, 1, 2]))
    assert found.n == 5
    assert found.value == pytest.approx(11 / 12)
    assert (found.low, found.high) == pytest.approx((0.348, 0.996), abs=0.001)


def test_published_ratings() -> None:
    """Hanley & McNeil 1982, doi:10.1148/radiology.143.1.7063747, table I: 109 pictures in five classes, area 0.893."""
    normal, abnormal = np.array([33, 6, 6, 11, 2]), np.array([3, 2, 2, 11, 33])
    assert auc(np.arange(5), abnormal, normal).value == pytest.approx(0.893, abs=0.0005)


@pytest.mark.parametrize("case", ORACLE["cases"])
def test_r_says_the_same(case: dict) -> None:
    won = np.array(case["won"])
    found = auc_difference(np.array(case["first"]), np.array(case["second"]), won, 1 - won)
    assert (found.first.value, found.second.value) == pytest.approx(tuple(case["auc"]), rel=1e-12)
    assert (found.difference.low, found.difference.high) == pytest.approx(tuple(case["difference"]), abs=1e-9)
    for own, variance in zip((found.first, found.second), case["variance"], strict=True):
        assert own.value is not None and own.low is not None and own.high is not None
        logit = np.log([bound / (1 - bound) for bound in (own.low, own.high)])
        error = (logit[1] - logit[0]) / 2 / 1.959963984540054 * own.value * (1 - own.value)
        assert error**2 == pytest.approx(variance, rel=1e-9)


@st.composite
def leads(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    count = draw(st.integers(2, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    steps = draw(st.integers(1, 10))
    return rng.integers(0, steps, count), rng.integers(0, steps, count), rng.integers(0, 2, count)


@given(leads())
def test_cells_say_the_same_as_leads(drawn: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    first, second, won = drawn
    rows = auc_difference(first, second, won, 1 - won)
    pairs, cell = np.unique(first * 100 + second, return_inverse=True)
    counts = [np.bincount(cell, own, len(pairs)).astype(np.int64) for own in (won, 1 - won)]
    cells = auc_difference(pairs // 100, pairs % 100, *counts)
    for one, other in zip(
        (rows.first, rows.second, rows.difference), (cells.first, cells.second, cells.difference), strict=True
    ):
        assert (one.value, one.n) == pytest.approx((other.value, other.n), abs=1e-12)
        if one.low is not None and min(won.sum(), len(won) - won.sum()) >= 2:
            assert (one.low, one.high) == pytest.approx((other.low, other.high), abs=1e-6)


@given(leads())
def test_it_is_the_share_of_pairs_in_order(drawn: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    score, _, won = drawn
    found = auc(score, won, 1 - won)
    pairs = [(a > b) + (a == b) / 2 for a in score[won == 1] for b in score[won == 0]]
    if not pairs:
        assert found == NOTHING
        return
    assert found.value == pytest.approx(np.mean(pairs))
    assert found.low is not None and found.high is not None
    assert 0 <= found.low <= found.value <= found.high <= 1
    turned = auc(-score, won, 1 - won)
    assert turned.value == pytest.approx(1 - found.value)
    assert turned.low == pytest.approx(1 - found.high, abs=1e-9)


def test_perfect_order_and_ties_are_not_certain() -> None:
    won, others = np.array([0, 3]), np.array([4, 0])
    perfect = auc(np.array([1, 2]), won, others)
    assert (perfect.value, perfect.high) == (1, 1) and perfect.low is not None and 0.3 < perfect.low < 0.6
    tied = auc(np.array([1, 1]), won, others)
    assert tied.value == 0.5 and tied.low is not None and tied.low < 0.2
    single = auc(np.array([1, 2]), np.array([0, 1]), others)
    assert single.value == 1 and single.low is not None and single.low < 0.3


def test_the_same_order_differs_by_nothing() -> None:
    score, won = np.array([3, 1, 2, 2, 5]), np.array([2, 0, 1, 3, 4])
    found = auc_difference(score, 7 * score + 1, won, won[::-1]).difference
    assert (found.value, found.low, found.high) == pytest.approx((0, 0, 0), abs=1e-7)


def test_only_known_work_counts() -> None:
    cells = world(1).cells(4000, np.random.default_rng(1))
    found = worked_outcomes(cells)
    known = np.isin(cells.work, (Work.WORKED, Work.EXPERIMENT))
    assert 0 < found.leads == cells.measure("leads")[known].sum() < cells.measure("leads").sum()
    assert 0 < found.wins == cells.measure("won")[known].sum()
    by_result = np.where(known, Work.BY_RESULT, cells.work).astype(np.uint8)
    cells.work[:] = by_result
    assert worked_outcomes(cells).leads == 0
