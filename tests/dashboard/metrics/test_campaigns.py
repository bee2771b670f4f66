"""Which campaign is the largest, and who made more than it?"""

from __future__ import annotations

import polars as pl

from dashboard.metrics.campaigns import campaigns, rivalry
from dashboard.metrics.channel_value import MoneyCells, Pool
from dashboard.metrics.performance import ALL, Selection

Deal = tuple[str | None, str | None, bool, str | None, int, int]


def cells(deals: list[Deal], leads: list[tuple[str, str | None, int]], paid: set[str]) -> MoneyCells:
    """`deals`: partner, channel, ai, campaign, won, ARR in whole units."""
    columns = list(zip(*deals, strict=True)) if deals else [()] * 6
    names = ("partner_id", "channel", "ai", "campaign", "won", "arr")
    kinds = {"partner_id": pl.String, "channel": pl.String, "ai": pl.Boolean, "campaign": pl.String, "won": pl.Int64,
             "arr": pl.Float64}  # fmt: skip
    period = pl.DataFrame(dict(zip(names, columns, strict=True)), schema=kinds).select(
        "partner_id",
        "channel",
        "ai",
        "campaign",
        "won",
        arr_cents=(pl.col("arr") * 100).cast(pl.Int64),
        arr_logs=pl.when(pl.col("arr") > 0).then("won").otherwise(0),
        arr_2=pl.when(pl.col("won") > 0).then(pl.col("arr") ** 2 / pl.col("won")).otherwise(0.0),
        log_arr=pl.when(pl.col("arr") > 0).then(pl.col("won") * (pl.col("arr") / pl.col("won")).log()).otherwise(0.0),
        log_arr_sq=pl.when(pl.col("arr") > 0)
        .then(pl.col("won") * (pl.col("arr") / pl.col("won")).log() ** 2)
        .otherwise(0.0),
    )
    counted = pl.DataFrame(leads, schema={"channel": pl.String, "campaign": pl.String, "leads": pl.Int64}, orient="row")
    return MoneyCells(period, period.clear(), pl.DataFrame(), counted, frozenset(paid))


DEALS: list[Deal] = [
    ("P1", "partner", False, None, 4, 900),
    ("P2", "paid_search", False, None, 3, 600),
    ("P3", "partner", False, None, 1, 100),
    (None, "paid_search", False, "spring", 2, 500),
    (None, "paid_search", True, "spring", 1, 5000),
    (None, "organic", False, "spring", 9, 9000),
    (None, "paid_social", False, "spring", 1, 50),
]
LEADS: list[tuple[str, str | None, int]] = [
    ("paid_search", "spring", 60),
    ("paid_search", "autumn", 20),
    ("paid_search", None, 120),
    ("paid_social", "spring", 10),
    ("organic", "spring", 500),
]
COSTS = {"paid_search": 1000.0, "paid_social": 200.0, "organic": 9999.0}


def test_spend_is_the_channels_cost_by_share_of_leads() -> None:
    found = campaigns(cells(DEALS, LEADS, {"paid_search", "paid_social"}), COSTS)
    # Paid search: 60, 20 and 120 of 200 leads share 1,000; paid social has one campaign alone.
    assert [(own.channel, own.name, own.spend, own.arr, own.won_deals) for own in found] == [
        ("paid_search", None, 600.0, 0.0, 0),
        ("paid_search", "spring", 300.0, 500.0, 2),
        ("paid_social", "spring", 200.0, 50.0, 1),
        ("paid_search", "autumn", 100.0, 0.0, 0),
    ]
    assert sum(own.spend for own in found) == 1200.0


def test_partners_above_the_largest_campaign() -> None:
    found = rivalry(cells(DEALS, LEADS, {"paid_search", "paid_social"}), COSTS, Pool(), ALL)
    assert found.largest is not None and (found.largest.name, found.largest_arr.value) == ("spring", 500.0)
    assert [(own.partner_id, own.arr.value, own.times.value) for own in found.above] == [
        ("P1", 900.0, 1.8),
        ("P2", 600.0, 1.2),
    ]
    assert [own.value for own in found.together] == [1.8, 3.0, 3.2]
    assert all((own.low or 0) < (own.value or 0) < (own.high or 0) for own in found.together)


def test_filters_narrow_partners_and_channels() -> None:
    money = cells(DEALS, LEADS, {"paid_search", "paid_social"})
    own = rivalry(money, COSTS, Pool(), Selection(partners=frozenset({"P2"})))
    assert [rival.partner_id for rival in own.above] == ["P2"]
    social = rivalry(money, COSTS, Pool(), Selection(channels=frozenset({"paid_social"})))
    assert social.largest is not None and social.largest.channel == "paid_social"
    assert social.above[0].partner_id == "P1" and social.above[0].arr.value == 900  # partners stay whole


def test_ties_go_by_arr_then_by_name() -> None:
    leads: list[tuple[str, str | None, int]] = [("paid", "b", 5), ("paid", "a", 5)]
    found = campaigns(cells([], leads, {"paid"}), {"paid": 10.0})
    assert [own.name for own in found] == ["a", "b"]
    deals: list[Deal] = [(None, "paid", False, "b", 1, 10)]
    assert campaigns(cells(deals, leads, {"paid"}), {"paid": 10.0})[0].name == "b"


def test_without_a_named_paid_campaign_there_is_no_rival() -> None:
    assert rivalry(cells(DEALS, LEADS, set()), COSTS, Pool(), ALL).largest is None
    nameless = rivalry(cells([], [("paid", None, 9)], {"paid"}), {"paid": 10.0}, Pool(), ALL)
    assert nameless.largest is None and len(nameless.campaigns) == 1
    assert rivalry(cells(DEALS, LEADS, {"paid_search"}), {}, Pool(), ALL).largest is None


def test_a_campaign_that_won_nothing_leaves_only_a_lower_bound() -> None:
    found = rivalry(cells([("P1", "partner", False, None, 30, 9000)], [("paid", "a", 9)], {"paid"}), {"paid": 10.0},
                    Pool(5.7, 0.5), ALL)  # fmt: skip
    (rival,) = found.above
    assert rival.times.value is None and rival.times.low is not None and rival.surely
