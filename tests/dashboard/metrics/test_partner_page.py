"""What is an open deal worth, when is it late, and what did a partner bring?"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.metrics.partner_page import (
    Gap,
    Lack,
    Typical,
    brought,
    chances,
    deals_in_progress,
    gaps_of,
    open_pipeline,
    typical_days,
)
from dashboard.metrics.survival import DayCounts, IncidenceCurve, incidence_curve

CURVE_SCHEMA = {"age_days": pl.Int64, "deals": pl.Int64, "pipeline_cents": pl.Int64}


def curve(won: dict[int, int], lost: dict[int, int], waiting: dict[int, int]) -> IncidenceCurve:
    days = np.array(sorted({*won, *lost, *waiting}), dtype=int)
    counts = (np.array([own.get(int(day), 0) for day in days], dtype=float) for own in (won, lost, waiting))
    return incidence_curve(DayCounts(days, *counts))


def test_chance_of_a_deal_by_hand() -> None:
    """Ten deals: 2 won and 1 lost on day 10, 1 open at 20, 3 won on day 30, 2 lost on day 40, 1 open at 50.

    F(10) = 2/10 = 0.2, S(10) = 7/10. At day 30 six are at risk: F(30) = 0.2 + 0.7 × 3/6 = 0.55, S(30) = 0.35.
    At day 40 three are: S(40) = 0.35 × 1/3. Open at 0: 0.55. Open at 10 and not closed that day: (0.55 − 0.2) ÷ 0.7 =
    0.5. Open at 30: nothing is won later. Older than the curve (51): 0.
    """
    found = chances(curve({10: 2, 30: 3}, {10: 1, 40: 2}, {20: 1, 50: 1}), np.array([0, 10, 29, 30, 51]))
    assert found == pytest.approx([0.55, 0.5, 0.5, 0.0, 0.0])


def test_without_a_curve_nothing_is_known() -> None:
    none = curve({}, {}, {})
    assert chances(none, np.array([3])) is None
    ages = pl.DataFrame([(3, 1, 100)], schema=CURVE_SCHEMA, orient="row")
    found = open_pipeline(ages, none, Typical(None, None, None, 0))
    assert (found.deals, found.amount, found.weighted, found.overdue, found.beyond) == (1, 1.0, None, 0, 0)


HISTOGRAM = st.dictionaries(st.integers(0, 40), st.integers(1, 5), max_size=8)


@given(won=HISTOGRAM, lost=HISTOGRAM, age=st.integers(0, 45))
@settings(max_examples=60, deadline=None)
def test_where_all_deals_are_closed_the_chance_is_the_share_won_later(
    won: dict[int, int], lost: dict[int, int], age: int
) -> None:
    found = chances(curve(won, lost, {}), np.array([age]))
    later_won = sum(n for day, n in won.items() if day > age)
    later = later_won + sum(n for day, n in lost.items() if day > age)
    if not won and not lost:
        assert found is None
    else:
        assert found is not None and found[0] == pytest.approx(later_won / later if later else 0.0)


@given(won=HISTOGRAM, lost=HISTOGRAM, waiting=HISTOGRAM, ages=st.lists(st.integers(0, 60), max_size=6))
@settings(max_examples=60, deadline=None)
def test_weighted_pipeline_lies_between_nothing_and_everything(
    won: dict[int, int], lost: dict[int, int], waiting: dict[int, int], ages: list[int]
) -> None:
    cells = pl.DataFrame([(age, 1, 1_000) for age in ages], schema=CURVE_SCHEMA, orient="row")
    found = open_pipeline(cells, curve(won, lost, waiting), Typical(5.0, 10.0, 20.0, 9))
    assert found.amount == 10.0 * len(ages)
    assert found.weighted is None or -1e-9 <= found.weighted <= found.amount + 1e-9
    assert found.overdue == sum(age > 20 for age in ages)


def test_deals_of_unknown_age_count_but_weigh_nothing() -> None:
    ages = pl.DataFrame([(None, 2, 500), (10, 1, 1_000)], schema=CURVE_SCHEMA, orient="row")
    found = open_pipeline(ages, curve({10: 2, 30: 3}, {10: 1, 40: 2}, {20: 1, 50: 1}), Typical(1.0, 2.0, 10.0, 3))
    assert (found.deals, found.amount, found.weighted, found.overdue) == (3, 15.0, pytest.approx(5.0), 0)


def test_typical_days_interpolate_and_leave_out_negative_ones() -> None:
    """Days 10, 10, 20, 40, 100: median 20, upper quartile 40, 90th percentile 40 + 0.6 × 60 = 76."""
    cells = pl.DataFrame({"days": [100, -3, 10, 20, 40], "deals": [1, 7, 2, 1, 1]})
    assert typical_days(cells) == Typical(20.0, 40.0, 76.0, 5)
    assert typical_days(cells.clear()) == Typical(None, None, None, 0)


def test_a_deal_is_late_only_beyond_nine_in_ten() -> None:
    rows = pl.DataFrame(
        {
            "deal_id": ["a", "b", "c"],
            "name": [None, "B", "C"],
            "stage": [None, "x", "x"],
            "owner": [None, None, None],
            "pipeline_cents": [None, 100, 200],
            "opened_on": [None, date(2025, 1, 1), date(2025, 1, 2)],
            "age_days": [None, 77, 76],
            "expected_close_on": [None, None, None],
        },
        schema_overrides={"owner": pl.String, "expected_close_on": pl.Date},
    )
    found = deals_in_progress(rows, curve({80: 1}, {90: 1}, {}), Typical(20.0, 40.0, 76.0, 5))
    assert [deal.overdue for deal in found] == [False, True, False]
    assert [deal.chance for deal in found] == [None, 0.5, 0.5]
    assert [deal.amount for deal in found] == [None, 1.0, 2.0]


def test_brought_sums_the_half_open_stretch_and_does_not_invent_traffic() -> None:
    names = ("leads", "eqls", "sqls", "opened", "pipeline_cents", "won", "lost", "arr_cents")
    days = pl.DataFrame(
        {"day": [date(2025, 6, 30), date(2025, 7, 1), date(2025, 9, 30), date(2025, 10, 1)], "sessions": [None] * 4}
        | {name: [1, 2, 4, 8] for name in names},
        schema_overrides={"sessions": pl.Int64},
    )  # fmt: skip
    found = brought(days, date(2025, 7, 1), date(2025, 10, 1))
    assert (found.sessions, found.leads, found.won, found.arr, found.pipeline) == (None, 6, 6, 0.06, 0.06)
    known = days.with_columns(sessions=pl.Series([7, None, None, None], dtype=pl.Int64))
    assert brought(known, date(2025, 7, 1), date(2025, 10, 1)).sessions == 0


def test_only_gaps_that_exist_are_named() -> None:
    cells = pl.DataFrame(
        {"partner_id": ["p"], "leads": [10], "no_asset": [2], "no_referral": [0], "eqls": [4], "unconfirmed": [3],
         "untouched": [0], "deals": [5], "no_amount": [0], "unconverted": [1], "undated": [0]}
    )  # fmt: skip
    assert gaps_of(cells) == [Gap(Lack.NO_ASSET, 2, 10), Gap(Lack.UNCONFIRMED, 3, 4), Gap(Lack.UNCONVERTED, 1, 5)]
    assert gaps_of(cells.clear()) == []
