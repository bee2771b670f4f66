"""Do lines add up, are rates those of live assets, and are due and silent assets found and ordered?"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.metrics.content import QUARTER_LONG, Brought, content
from dashboard.metrics.content_rates import Group, Past, group_rates, silence
from data_access.content import ASSET_SCHEMA, COST_SCHEMA

BASE = {
    "has_lead": True, "partner_id": "a", "prospect": False, "kind": "page", "origin": "new", "domain_rating": 50.0,
    "days_live": 92, "live_at_end": True, "live_now": True, "days_since_published": 400, "age_band": "12-23",
    "overdue_days": -5, "days_before": 365, "leads": 0, "eqls": 0, "eqls_before": 0, "won": 0, "pipeline_cents": 0,
    "arr_cents": 0, "unconverted": 0, "amounts": 0, "log_amount": 0.0, "log_amount_sq": 0.0,
}  # fmt: skip
NO_COST = pl.DataFrame(schema=COST_SCHEMA)


def cells(*rows: dict[str, Any]) -> pl.DataFrame:
    named = [BASE | {"asset_id": f"s{number}"} | row for number, row in enumerate(rows)]
    return pl.DataFrame([{name: row[name] for name in ASSET_SCHEMA} for row in named], schema=ASSET_SCHEMA)


def test_worked_example() -> None:
    found = content(
        cells(
            {"eqls": 6, "leads": 20, "pipeline_cents": 500_00, "arr_cents": 100_00, "won": 2},
            {"eqls": 2, "leads": 9, "days_live": 46, "unconverted": 1, "kind": "webinar"},
            {"eqls": 1, "days_live": 0, "live_now": False},  # gone before the period; its EQL came late
            {"origin": "syndicated", "eqls": 4, "partner_id": "b"},
            {"origin": None, "partner_id": None, "age_band": None},
            {"prospect": True, "partner_id": "p", "eqls": 3},
            {"asset_id": "", "partner_id": None, "leads": 5, "kind": None, "origin": None, "days_live": 0},
            {"asset_id": "", "partner_id": None, "has_lead": False, "won": 1, "kind": None, "days_live": 0},
        ),
        pl.DataFrame([("a", 60.0, 0), (None, 70.0, 1)], COST_SCHEMA, orient="row"),
        92,
    )
    new, syndicated, unknown = found.origin
    # New: two live assets with 6 + 2 EQLs in 92 + 46 days; the late EQL counts as brought, not in the rate.
    assert (new.assets, new.live_eqls, new.brought.eqls_in_period) == (2, 8, 9)
    assert new.asset_quarters == pytest.approx(138 / 91.25)
    assert new.eqls_per_asset_quarter == pytest.approx(8 * 91.25 / 138)
    assert new.eqls_per_asset == 4.0
    assert new.brought == Brought(29, 9, 2, 500.0, 100.0, True)
    assert (syndicated.assets, unknown.assets) == (1, 1)
    assert found.share_new.value == pytest.approx(2 / 3)
    assert found.without_asset == Brought(5, 0, 0, 0.0, 0.0, False)
    assert found.of_prospects == Brought(0, 3, 0, 0.0, 0.0, False)
    assert found.without_lead == Brought(0, 0, 1, 0.0, 0.0, False)
    # 130 of cost for the 13 EQLs that came through an asset of ours.
    assert found.content_cost_per_eql.value == pytest.approx(10.0)
    # Garwood's interval of 13: 6.92 to 22.23.
    assert found.content_cost_per_eql.low == pytest.approx(130 / 22.2304, rel=1e-4)
    assert found.content_cost_per_eql.high == pytest.approx(130 / 6.92195, rel=1e-4)
    assert found.cost_incomplete


def test_chosen_partners_see_their_assets_alone() -> None:
    every = cells({"eqls": 6}, {"partner_id": "b", "eqls": 3}, {"partner_id": None, "eqls": 2}, {"asset_id": ""})
    costs = pl.DataFrame([("a", 60.0, 0), (None, 70.0, 1)], COST_SCHEMA, orient="row")
    found = content(every, costs, 92, frozenset({"a"}))
    assert (found.total.assets, found.total.live_eqls, found.content_cost) == (1, 6, 60.0)
    assert found.without_asset is found.of_prospects is found.without_lead is None


def test_due_assets_stand_in_order_of_what_they_bring() -> None:
    found = content(
        cells(
            {"asset_id": "late", "overdue_days": 300},
            {"asset_id": "rich", "overdue_days": 0, "pipeline_cents": 9_00},
            {"asset_id": "fresh", "overdue_days": -1},
            {"asset_id": "undated", "overdue_days": None},
            {"asset_id": "gone", "overdue_days": 900, "live_now": False},
            {"asset_id": "with_eql", "overdue_days": 1, "eqls": 1},
        ),
        NO_COST,
        92,
    ).due
    assert found.assets["asset_id"].to_list() == ["rich", "with_eql", "late"]
    assert (found.live, found.unknown_date) == (5, 1)


def test_silent_assets_are_old_enough_live_and_without_an_eql() -> None:
    rows: tuple[dict[str, Any], ...] = (
        {"asset_id": "quiet"},
        {"asset_id": "stopped", "eqls_before": 40},
        {"asset_id": "short", "days_live": 3},
        {"asset_id": "young", "days_since_published": 89},
        {"asset_id": "undated", "days_since_published": None},
        {"asset_id": "retired", "live_at_end": False},
        *({"asset_id": f"busy{n}", "eqls": 3 + n % 5, "partner_id": f"p{n}"} for n in range(30)),
    )
    found = content(cells(*rows), NO_COST, 92).silent
    assert found is not None
    assert found.assets["asset_id"].to_list() == ["stopped", "quiet", "short"]
    chance = dict(found.assets.select("asset_id", "p_silence").iter_rows())
    assert chance["stopped"] == chance["quiet"] < chance["short"]
    assert found.judged == 33
    assert content(cells(*rows), NO_COST, QUARTER_LONG - 1).silent is None


def test_nothing_at_all() -> None:
    found = content(cells(), NO_COST, 92)
    assert found.total.assets == 0
    assert found.total.eqls_per_asset is None
    assert found.total.expected_eqls_per_asset.value is None
    assert found.content_cost is None
    assert found.content_cost_per_eql.value is None
    assert found.due.assets.is_empty()
    assert found.silent is not None
    assert found.silent.assets.is_empty()


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "asset_id": st.sampled_from(["", "x"]),
            "partner_id": st.sampled_from(["a", "b", None]),
            "prospect": st.booleans(),
            "kind": st.sampled_from(["page", "webinar"]),
            "origin": st.sampled_from(["new", "syndicated", None]),
            "age_band": st.sampled_from(["0-2", "3-5", "6-11", "12-23", "24+", None]),
            "days_live": st.integers(0, 92),
            "eqls": st.integers(0, 40),
            "leads": st.integers(0, 400),
            "pipeline_cents": st.integers(0, 10**12),
            "arr_cents": st.integers(0, 10**12),
            "has_lead": st.booleans(),
        }
    ),
    max_size=12,
)


@settings(max_examples=300)
@given(ROWS)
def test_every_grouping_adds_up_with_the_remainders(rows: list[dict[str, Any]]) -> None:
    every = cells(*({**row, "prospect": row["prospect"] and row["asset_id"] != ""} for row in rows))
    found = content(every, NO_COST, 92)
    rest = (found.without_asset, found.of_prospects, found.without_lead)
    for lines in (found.origin, found.kinds, found.ages):
        parts = [line.brought for line in lines] + [own for own in rest if own]
        assert sum(own.leads for own in parts) == every["leads"].sum()
        assert sum(own.eqls_in_period for own in parts) == every["eqls"].sum()
        assert sum(round(100 * own.pipeline_created) for own in parts) == every["pipeline_cents"].sum()
        assert sum(round(100 * own.arr) for own in parts) == every["arr_cents"].sum()
        assert sum(line.assets for line in lines) == found.total.assets
    for line in (*found.origin, *found.kinds, *found.ages):
        own = line.expected_eqls_per_asset_quarter
        assert own.value is None or 0 < (own.low or 0) <= own.value <= (own.high or 0)


def test_one_partner_a_group_says_nothing_of_how_partners_differ() -> None:
    """Days for which the squares that should cancel leave a rounding: the counts alone are unsure then, not all."""
    groups = {
        "young": Group(np.array([0.0]), np.array([13 / 91.25]), 1),
        "older": Group(np.array([1.0]), np.array([1 / 91.25]), 1),
    }
    found = group_rates(groups)
    # Half an EQL at the pooled rate of 1 in 14 days is added: 0.5 ÷ (13 + 7) days and 1.5 ÷ (1 + 7) days, by which
    # 0.325 and 0.1875 EQLs were to be expected; the log of a count's rate has the variance 1 ÷ these.
    assert found["young"].value == pytest.approx(91.25 * 0.5 / 20)
    assert found["young"].high == pytest.approx(91.25 * 0.5 / 20 * np.exp(1.959964 / 0.325**0.5), rel=1e-5)
    assert found["older"].value == pytest.approx(91.25 * 1.5 / 8)
    assert found["older"].high == pytest.approx(91.25 * 1.5 / 8 * np.exp(1.959964 / 0.1875**0.5), rel=1e-5)


def test_rates_know_that_a_partner_stands_behind_many_assets() -> None:
    """Forty assets with two EQLs each: of one partner each they are known well, all of four partners badly."""
    apart = Group(np.repeat([0.0, 4.0], 20), np.ones(40), 40)
    few = Group(np.array([0.0, 0.0, 80.0, 0.0]), np.full(4, 10.0), 40)
    sure, unsure = group_rates({"x": apart})["x"], group_rates({"x": few})["x"]
    assert sure.value == pytest.approx(2.0, rel=0.01)
    assert (unsure.high or 0) / (unsure.low or 1) > 4 * (sure.high or 0) / (sure.low or 1)


def test_small_groups_lean_on_the_others() -> None:
    rng = np.random.default_rng(4)
    large = {name: Group(rng.poisson(20, 30).astype(float), np.full(30, 10.0), 30) for name in "abcd"}
    found = group_rates(large | {"tiny": Group(np.array([0.0]), np.array([0.5]), 1)})
    assert found["tiny"].value == pytest.approx(2.0, rel=0.15)
    assert found["a"].value == pytest.approx(float(large["a"].eqls.sum()) / 300, rel=0.02)


def test_rates_hold_the_truth_for_partners_unlike_each_other() -> None:
    """95 % intervals over 200 drawn worlds of five kinds and 40 partners hold at least 90 % of the true rates."""
    rng, held = np.random.default_rng(11), []
    for _ in range(200):
        truth = np.exp(0.3 * rng.standard_normal(5))
        quarters = rng.uniform(0.5, 8.0, (5, 40))
        eqls = rng.poisson(truth[:, None] * quarters * rng.gamma(1.0, 1.0, (5, 40)))
        groups = {str(kind): Group(eqls[kind].astype(float), quarters[kind], 40) for kind in range(5)}
        found = group_rates(groups)
        held += [(found[str(k)].low or 0) <= truth[k] <= (found[str(k)].high or 0) for k in range(5)]
    assert 0.90 <= np.mean(held) <= 0.99


def test_silence_is_as_frequent_as_it_is_said_to_be() -> None:
    rng = np.random.default_rng(5)
    expected = rng.uniform(0.2, 6.0, 4_000)
    eqls = rng.poisson(expected * rng.gamma(0.7, 1 / 0.7, expected.size)).astype(float)
    chance = silence(eqls, expected)
    for low, high in ((0, 1.5), (1.5, 4), (4, 6)):
        some = (expected >= low) & (expected < high)
        assert chance[some].mean() == pytest.approx((eqls[some] == 0).mean(), abs=0.025)


def test_silence_given_the_past_is_as_frequent_as_it_is_said_to_be() -> None:
    rng = np.random.default_rng(6)
    own = rng.gamma(0.7, 1 / 0.7, 6_000)
    before, now = (rng.poisson(mean * own).astype(float) for mean in (6.0, 1.5))
    chance = silence(now, np.full(own.size, 1.5), Past(before, np.full(own.size, 6.0)))
    for some in (before == 0, (before > 0) & (before < 6), before >= 6):
        assert chance[some].mean() == pytest.approx((now[some] == 0).mean(), abs=0.03)
