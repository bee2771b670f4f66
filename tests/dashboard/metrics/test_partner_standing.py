"""Whom is a partner compared with, and where does it stand among them?"""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.domain import NOTHING
from dashboard.metrics.cells import Cells
from dashboard.metrics.gate import Gate
from dashboard.metrics.intervals import rate
from dashboard.metrics.partner_standing import Measure, compared, group_standings, median_of, peers_of, took_part
from dashboard.metrics.performance import Partner, PartnerPerformance
from dashboard.metrics.ranking import Place
from data_access.deals import CURVE, DEALS
from data_access.leads import COHORT
from tests.dashboard.summaries import summary

END = date(2025, 10, 1)
CURVE_ROW = {"channel": None, "has_lead": True, "eql_before": True}


def partner(
    key: str, kind: str = "agency", status: str = "active", joined: date = date(2024, 1, 1), **numbers: Any
) -> PartnerPerformance:
    own = Partner(key, key, kind, None, None, None, status, joined)
    steps = {"eql_to_sql": rate(*numbers.pop("sqls_of_eqls"))} if "sqls_of_eqls" in numbers else {}
    s = summary(step_conversion=steps, **numbers)
    return PartnerPerformance(own, s, NOTHING, 0.0, 0.0, Gate(None, False, None), Place(1, None, ()))


def cells(curve: list[dict[str, Any]] | None = None) -> Cells:
    nothing = pl.DataFrame()
    return Cells(
        pl.DataFrame(schema=dict(COHORT.schema)),
        nothing,
        nothing,
        pl.DataFrame(schema=dict(DEALS.schema)),
        pl.DataFrame([CURVE_ROW | row for row in curve or []], schema=dict(CURVE.schema)),
        nothing,
    )


def test_peers_are_the_others_of_the_type_that_took_part() -> None:
    everyone = [partner(f"a{i}") for i in range(5)] + [partner("r", "reseller"), partner("p", status="prospect")]
    everyone += [partner("late", joined=END), partner("gone", status="ended", leads=3)]
    found = peers_of(everyone[0], everyone, END)
    assert found.of_type and found.ids == ("a1", "a2", "a3", "a4", "gone")
    assert not took_part(everyone[6], END) and not took_part(everyone[7], END)


def test_fewer_than_five_of_a_type_are_compared_with_all() -> None:
    everyone = [partner(f"a{i}") for i in range(4)] + [partner("r", "reseller")]
    found = peers_of(everyone[0], everyone, END)
    assert not found.of_type and found.ids == ("a1", "a2", "a3", "r")
    assert peers_of(everyone[0], everyone[:1], END).ids == ()


def test_medians_leave_out_what_is_unknown() -> None:
    assert median_of([3.0, None, 1.0, 2.0]) == 2.0
    assert median_of([None]) is None


def test_clear_differences_are_surely_told_and_luck_is_not() -> None:
    """80 of 100 against 20 of 100 five times over: better than all. 1 of 1: nobody knows."""
    group = [partner("best", won_deals=80, lost_deals=20), partner("lucky", won_deals=1, lost_deals=0)]
    group += [partner(f"a{i}", won_deals=20, lost_deals=80) for i in range(5)]
    found = group_standings(group, cells())[Measure.WIN_RATE]
    best, lucky = found["best"], found["lucky"]
    assert best.low is not None and lucky.low is not None and lucky.high is not None
    assert best.percentile is not None and best.percentile >= 5 / 6 and best.low >= 5 / 6 and best.among == 6
    assert lucky.high - lucky.low > 0.4


def test_all_tied_stand_in_the_middle() -> None:
    group = [partner(f"a{i}", won_deals=5, lost_deals=5) for i in range(5)]
    found = group_standings(group, cells())[Measure.WIN_RATE]
    for own in found.values():
        assert own.low is not None and own.high is not None and own.low < 0.3 and own.high > 0.7


def test_faster_is_better() -> None:
    """Six deals won after 10 days each, against 20, and one deal, of which nothing is told."""
    rows = [
        {"partner_id": key, "outcome": "won", "days": day, "deals": deals}
        for key, day, deals in (("fast", 10, 6), ("slow", 20, 6), ("few", 1, 4))
    ]
    group = [partner(key, median_days_to_close=1.0) for key in ("fast", "slow", "few")]
    found = group_standings(group, cells(rows))[Measure.DAYS_TO_CLOSE]
    assert set(found) == {"fast", "slow"}
    assert (found["fast"].percentile, found["slow"].percentile) == (1.0, 0.0)


def test_too_few_events_leave_the_plain_share_without_bounds() -> None:
    group = [partner("a", won_deals=1, lost_deals=0), partner("b", won_deals=0, lost_deals=1)]
    found = group_standings(group, cells())[Measure.WIN_RATE]
    assert (found["a"].percentile, found["a"].low, found["b"].percentile) == (1.0, None, 0.0)


def test_who_has_no_value_has_no_standing() -> None:
    group = [partner("none"), partner("a", won_deals=9, lost_deals=1), partner("b", won_deals=1, lost_deals=9)]
    rows = compared(group[0], group[1:], group_standings(group, cells()))
    assert [row.measure for row in rows] == list(Measure)
    assert (rows[0].own.value, rows[0].median, rows[0].standing.percentile) == (None, pytest.approx(0.5), None)
    assert rows[0].standing.among == 2


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=2, max_size=8))
@settings(max_examples=25, deadline=None)
def test_a_standing_lies_within_its_bounds(deals: list[tuple[int, int]]) -> None:
    group = [partner(f"p{i}", won_deals=won, lost_deals=lost) for i, (won, lost) in enumerate(deals)]
    for own in group_standings(group, cells())[Measure.WIN_RATE].values():
        assert own.percentile is not None and 0 <= own.percentile <= 1
        assert own.low is None or (own.high is not None and 0 <= own.low <= own.percentile <= own.high <= 1)
