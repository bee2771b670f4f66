"""Are medians of waiting times, and what surrounds them, those of the single cases?"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.metrics.waiting import MONTHS, Waiting, medians_over_time, waiting
from tests.calibration.differences import median_coverage
from tests.dashboard.metrics.oracles import oracle

DAYS = st.lists(st.integers(-5, 300), max_size=80)


def test_worked_example() -> None:
    """Nine leads: 1, 1, 1, 1, 3, 3, 9, 9, 9 days. The fifth, 3, is the median; quartiles at places 3 and 7: 1 and 9.

    P(at most one of nine below the median) = 10/512 = 2.0 %, at most two 46/512 = 9 %: the second smallest and the
    second largest enclose the median, 1 and 9. The lead of −2 days is left out and counted.
    """
    assert waiting([3, 1, -2, 9], [2, 4, 1, 3]) == Waiting(9, 3.0, 1.0, 9.0, 1.0, 9.0, 9.0, 1)


@pytest.mark.parametrize("row", oracle("differences")["median_ranks"], ids=lambda row: f"{row['n']} cases")
def test_bounds_are_the_order_statistics_of_the_binomial(row: dict) -> None:
    n, rank = row["n"], row["rank"]
    found = waiting(np.arange(1, n + 1), np.ones(n, dtype=int))
    assert (found.low, found.high) == (rank, n - rank + 1)


def test_against_the_printed_ranks_of_conover() -> None:
    """Conover 1999 and every table of the sign test: with 20 cases, the 6th smallest to the 6th largest (95.9 %)."""
    found = waiting(np.arange(1, 21), np.ones(20, dtype=int))
    assert (found.low, found.high) == (6, 15)


@given(DAYS)
def test_is_what_the_single_cases_say(days: list[int]) -> None:
    found = waiting(days, np.ones(len(days), dtype=int))
    own = [day for day in days if day >= 0]
    assert (found.n, found.negative) == (len(own), len(days) - len(own))
    if own:
        expected = np.quantile(own, [0.25, 0.5, 0.75, 0.9])
        assert (found.q1, found.median, found.q3, found.p90) == pytest.approx(tuple(expected), abs=1e-9)
    assert (found.low is None) == (len(own) < 6)
    if found.low is not None:
        assert found.low <= found.median <= found.high
        assert {found.low, found.high} <= set(own)


def test_nothing_is_no_zero() -> None:
    assert waiting([], []) == Waiting(0, None, None, None, None, None, None, 0)
    assert waiting([-1], [4]) == Waiting(0, None, None, None, None, None, None, 4)
    assert waiting([7, 8], [5, 0]) == Waiting(5, 7.0, None, None, 7.0, 7.0, 7.0, 0)


def test_months_in_their_order_each_by_itself() -> None:
    may, june = date(2025, 5, 1), date(2025, 6, 1)
    cells = pl.DataFrame({"month": [june, may, may, june], "days": [4, 10, 20, -1], "leads": [2, 3, 3, 1]})
    found = medians_over_time(cells)
    assert dict(found.schema) == MONTHS
    assert found.rows() == [(may, 6, 15.0, 10.0, 20.0, 10.0, 20.0), (june, 2, 4.0, None, None, 4.0, 4.0)]
    assert medians_over_time(cells.clear()).rows() == []


def test_interval_covers_at_least_what_it_promises() -> None:
    assert median_coverage(20, worlds=600, seed=3) >= 0.94
