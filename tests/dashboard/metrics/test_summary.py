"""Are the numbers of one group those that a person would compute by hand?"""

from __future__ import annotations

import pytest

from dashboard.domain import Stage
from dashboard.metrics.intervals import rate
from dashboard.metrics.summary import Charge, Norms, Summary, summarise
from tests.dashboard.metrics.synthetic import cells

NORMS = Norms(tuple(Stage), dict.fromkeys(list(Stage)[1:], 30.0), 60.0, 92)
DEALS = {"opened": 4, "pipeline_cents": 100_000_00, "won": 2, "lost": 3, "arr_cents": 30_000_00, "won_with_arr": 1}
DEALS |= {"won_amount_cents": 50_000_00, "won_with_amount": 2, "open": 6, "open_pipeline_cents": 70_000_00}


def group(charge: Charge | None = None, norms: Norms = NORMS) -> Summary:
    return summarise(
        cells(
            cohort=[
                {"leads": 30, "pipeline_cents": 5_000_00},
                {"leads": 8, "eql": True, "pipeline_cents": 40_000_00},
                {"leads": 2, "eql": True, "won": True, "pipeline_cents": 20_000_00},
            ],
            ages=[{"age_days": 31, "leads": 36}, {"age_days": 30, "leads": 4}],
            moments=[{"eqls": 20, "sqls": 5}, {"channel": "email", "eqls": 5}],
            deals=[DEALS],
            curve=[
                {"outcome": "won", "days": 20, "deals": 2},
                {"outcome": "lost", "days": 10, "deals": 3},
                {"outcome": "won", "days": -4, "deals": 1},
            ],
            curve_ages=[{"age_days": 60, "deals": 5}],
        ).whole(),
        norms,
        charge or Charge(20_000.0, 3, 8),
    )


def test_money_per_case_worked_by_hand() -> None:
    """Mean won amount 50,000 ÷ 2; ACV 30,000 ÷ the one deal with ARR; pipeline per EQL (40,000 + 20,000) ÷ 10;
    per page 100,000 ÷ 8 pages of 12 months; cost 20,000 ÷ 25 EQLs, ÷ 5 SQLs; multiple 100,000 ÷ 20,000."""
    found = group()
    assert found.mean_won_amount == 25_000
    assert found.average_contract_value == 30_000
    assert found.pipeline_per_eql == 6_000
    assert found.pipeline_per_referring_page == 12_500
    assert (found.cost_per_eql, found.cost_per_sql, found.pipeline_multiple) == (800, 4_000, 5)
    assert (found.arr, found.pipeline_created, found.open_pipeline) == (30_000, 100_000, 70_000)


def test_cohort_and_period_are_told_apart() -> None:
    found = group()
    assert (found.leads, found.eqls, found.eqls_in_period, found.sqls_in_period) == (40, 10, 25, 5)
    assert (found.won, found.won_deals, found.lost_deals, found.open_deals) == (2, 2, 3, 6)
    assert found.win_rate == rate(2, 5)
    assert found.step_conversion["eql_to_won"] == rate(2, 10)


def test_velocity_is_per_day_of_a_quarter() -> None:
    """4 opportunities × 2/5 × 25,000 ÷ 20 days = 2,000; a period of 92 days: × 91.25 ÷ 92."""
    assert group().sales_velocity == pytest.approx(2_000 * 91.25 / 92)
    year = Norms(NORMS.stages, NORMS.p90_days, NORMS.p90_closing, 365)
    assert group(norms=year).sales_velocity == pytest.approx(2_000 / 4)


def test_curve_leaves_negative_days_out_and_counts_them() -> None:
    found = group()
    assert found.negative_durations == 1
    assert found.eventual_win_rate[90].value == pytest.approx(2 / 5)
    assert found.eventual_win_rate[90].n == 5
    assert (found.median_days_to_close, found.plain_median_days_to_close) == (20, 20)
    assert found.median_days_to_close_mature is True


def test_maturity_nine_in_ten_are_older() -> None:
    assert group().maturity[Stage.EQL].mature is True


@pytest.mark.parametrize(("eqls", "too_few"), [(49, True), (50, False)])
def test_badge_of_too_few_eqls(eqls: int, too_few: bool) -> None:
    own = cells(moments=[{"eqls": eqls}], deals=[DEALS])
    assert summarise(own.whole(), NORMS, Charge(None, None, None)).too_few_eqls is too_few


def test_nothing_to_divide_by_is_no_zero() -> None:
    found = summarise(cells().whole(), NORMS, Charge(0.0, 0, 0))
    for name in ("mean_won_amount", "average_contract_value", "pipeline_per_eql", "pipeline_per_referring_page"):
        assert getattr(found, name) is None
    assert (found.cost_per_eql, found.pipeline_multiple, found.sales_velocity) == (None, None, None)
    assert (found.win_rate.value, found.eventual_win_rate[90].value, found.median_days_to_close) == (None, None, None)
    assert (found.leads, found.arr, found.pipeline_created) == (0, 0.0, 0.0)


def test_equal_quotients_are_equal_floats() -> None:
    """0.10 a page and 0.30 for three pages: 0.3 / 3 would be 0.09999999999999999 and lose the tie."""
    values = {
        summarise(
            cells(deals=[{"pipeline_cents": 10 * pages}]).whole(), NORMS, Charge(None, pages, pages)
        ).pipeline_per_referring_page
        for pages in range(1, 50)
    }
    assert values == {0.1}


def test_incomplete_where_a_rate_is_missing() -> None:
    assert not group().incomplete
    assert group(Charge(1.0, 1, 1, unconverted=True)).incomplete
    assert summarise(cells(deals=[{"unconverted": 1}]).whole(), NORMS, Charge(None, None, None)).incomplete
