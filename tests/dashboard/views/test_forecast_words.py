"""Are the sentences about what is coming right, also where it is too early to say?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from dashboard.metrics.back_test import BackTest, back_test
from dashboard.metrics.forecast import Forecast, forecast
from dashboard.period import parse_period
from dashboard.settings import Settings
from dashboard.views import forecast_words as words
from tests.dashboard.metrics.test_forecast import PLAIN, QUARTERS, cells, opened

ARRIVALS = {date(2025, 6, 30) - timedelta(3 * step): 1 for step in range(200)}


@pytest.fixture(scope="module")
def told() -> Forecast:
    return forecast(cells(PLAIN, [opened("<b>A</b>", 30, 2, 8_000)], arrivals=ARRIVALS), QUARTERS)


@pytest.fixture(scope="module")
def early() -> Forecast:
    return forecast(cells([(None, None, "won", 10, 1)], []), QUARTERS)


def back_tested(*found: Forecast) -> BackTest:
    quarter = parse_period("2025-Q3", Settings())
    seen = cells(PLAIN, [], months=[(date(2025, 8, 1), 2, 1_200_000, 0)])
    return back_test([quarter] * len(found), list(found), [cells([], [])] * len(found), seen)


def test_the_sentence_names_both_quarters_with_their_intervals(told: Forecast) -> None:
    said = words.sentence(told, "USD", 1)
    assert said.startswith("Q3 2025 should bring $")
    assert "Q4 2025 about $" in said
    assert said.count(" to ") == 2 and "(80 % interval $" in said


def test_what_is_won_already_is_said(told: Forecast) -> None:
    won = replace(told, quarters=(replace(told.quarters[0], won_so_far=5_000.0), told.quarters[1]))
    assert "of which $5.0\u202fk is won already" in words.sentence(won, "USD", 1)


def test_too_early_says_why(early: Forecast) -> None:
    assert words.sentence(early, "USD", 1) == (
        "Too early to say what is coming: 1 partner-sourced deal opened in the last 24 months has closed, and a "
        "forecast needs 20."
    )
    assert "no won deal" in words.too_early(replace(early, closed=20))
    assert "1 deal opened" in words.too_early(replace(early, everybody=True))


def test_the_test_is_told_as_k_of_n(told: Forecast, early: Forecast) -> None:
    found = back_tested(told, early)
    assert f"**{found.held} of 1 held**, that is, what came lay inside" in words.tested_sentence(found)
    assert words.tested_sentence(back_tested(early)).startswith("Too early to tell")


def test_bars_stack_to_the_forecast(told: Forecast) -> None:
    drawn = words.bars(told, back_tested(early_of(told)), "USD", 1)
    assert [bar.label for bar in drawn] == ["Q3<br>2025", "Q3<br>2025", "Q4<br>2025"]
    for bar, own in zip(drawn[1:], told.quarters, strict=True):
        assert bar.seen + bar.open + bar.new == pytest.approx(own.total.value)


def early_of(found: Forecast) -> Forecast:
    return replace(found, quarters=(), groups=())


def test_rows_add_up_and_name_stages_only_where_they_are_used(told: Forecast) -> None:
    rows = words.columns(told, 1)
    assert rows["Open deals"] == [2]
    assert sum(map(float, map(str, rows["Expected in Q3 2025"]))) == pytest.approx(told.quarters[0].open.value)
    assert "Stage" in rows
    assert "Stage" not in words.columns(replace(told, by_stage=False), 1)


def test_gaps_are_named(told: Forecast) -> None:
    assert words.gaps(told) == ""
    said = words.gaps(replace(told, unvalued=1, unconverted=2))
    assert "1 open deal without amount" in said
    assert "2 open deals without an exchange rate" in said


def test_charts_in_words(told: Forecast) -> None:
    assert "Q3 2025: won so far $0" in words.bars_in_words(told, "USD", 1)
    assert "came $12.0\u202fk" in words.tested_in_words(back_tested(told), "USD", 1)
