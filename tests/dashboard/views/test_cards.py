"""Do the cards say what changed, and why a number is missing?"""

from __future__ import annotations

from datetime import UTC, datetime

from dashboard.metrics.intervals import rate
from dashboard.period import Period
from dashboard.views.cards import Card, Pair, overview
from dashboard.views.comparison import Versus
from dashboard.views.known import Known
from tests.dashboard.summaries import summary

SPAN = Period("2026-Q2", datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))
Q2 = Versus(SPAN, "Q2 2026", "Q2 2026")


def cards(now, before=None, series=None) -> dict[str, Card]:
    return {card.term: card for card in overview(Pair(now, before, Q2 if before else None), "USD", series or {})}


def test_amounts_change_in_percent_and_rates_in_points() -> None:
    now = summary(arr=118.0, won_of_eqls=(30, 100), eqls_in_period=60, median_days_to_close=37.0)
    before = summary(arr=100.0, won_of_eqls=(25, 100), eqls_in_period=75, median_days_to_close=41.0)
    found = cards(now, before)
    assert (found["arr"].change, found["arr"].rises, found["arr"].note) == ("+18\u202f%", True, "vs Q2 2026")
    assert (found["eql_to_won"].change, found["eql_to_won"].detail) == ("+5.0\u202fpts", "22–40\u202f%")
    assert (found["eql"].change, found["eql"].rises) == ("−20\u202f%", False)
    assert (found["median_days_to_close"].change, found["median_days_to_close"].rises) == ("−4\u202fdays", False)


def test_missing_numbers_say_why() -> None:
    found = cards(summary())
    assert [
        found[key].value for key in ("eql_to_won", "median_days_to_close", "cost_per_eql", "pipeline_multiple")
    ] == ["–"] * 4
    assert found["cost_per_eql"].note == "no cost in the data"
    assert found["median_days_to_close"].note == "no deal was won yet"
    assert cards(summary(programme_cost=10.0))["cost_per_eql"].note == "no EQL in the period"


def test_marks() -> None:
    early = cards(summary(won_of_eqls=(1, 90), mature=False), summary(won_of_eqls=(20, 90)))["eql_to_won"]
    assert early.mark == "too early" and early.change is None  # a young cohort is not compared with an old one
    assert cards(summary(too_few_eqls=True))["eql"].mark == "too few"
    assert cards(summary(pipeline_multiple=4.9))["pipeline_multiple"].mark == "below gate"
    assert cards(summary(pipeline_multiple=5.0))["pipeline_multiple"].mark == ""
    at_least = cards(summary(median_days_to_close=37.0, median_days_to_close_mature=False))
    assert at_least["median_days_to_close"].value == "≥\u202f37\u202fdays"


def test_open_pipeline_is_compared_with_three_months_ago() -> None:
    found = cards(summary(open_pipeline=150.0), series={"open_pipeline": [80.0, 100.0, 90.0, 95.0, 150.0]})
    assert (found["open_pipeline"].change, found["open_pipeline"].note) == ("+50\u202f%", "in 3 months")  # 150 ÷ 100
    assert cards(summary(open_pipeline=150.0))["open_pipeline"].note == "as of now"


def test_cards_without_data_give_way_to_plainer_ones() -> None:
    now = summary(leads=3343, won=468, won_deals=333, median_days_to_close=19.0, pipeline_created=9.6e6)
    now.step_conversion["lead_to_won"] = rate(468, 3343)
    known = Known(eqls=False, arr=False, costs=False, open_deals=False, lost=False)
    found = overview(Pair(now, None, None), "BRL", {}, known)
    assert [(card.term, card.value.replace("\u202f", " ")) for card in found] == [
        ("won_deals", "333"),
        ("lead", "3 343"),
        ("lead_to_won", "14.0 %"),
        ("pipeline_created", "R$9.6 M"),
        ("median_days_to_close", "19 days"),
    ]


def test_no_card_is_shown_twice_whatever_is_known() -> None:
    names = list(Known.__dataclass_fields__)
    for bits in range(2 ** len(names)):
        known = Known(**{name: bool(bits >> place & 1) for place, name in enumerate(names)})
        terms = [card.term for card in overview(Pair(summary(), None, None), "USD", {}, known)]
        assert 1 <= len(terms) <= 7 and len(set(terms)) == len(terms)
