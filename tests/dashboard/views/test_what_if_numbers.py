"""Are the numbers beside the line those of each threshold, seen apart from estimated?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from dashboard.period import Period
from dashboard.scoring.cells import Work
from dashboard.scoring.expected import ExpectedCurve, Ranges
from dashboard.threshold_line import Bar
from dashboard.threshold_line.drawing import drawn
from dashboard.views import what_if_numbers as numbers
from tests.dashboard.views.toy_scores import Leads, basis, found_of

LEADS = (
    Leads((40, 45), 100, Work.WORKED, won=20, sqls=50, arr=200_000_00, old=80, old_won=16),
    Leads((40, 45), 10),
    Leads((40, 30), 50, Work.WORKED, won=1, sqls=5, arr=50_000_00),
    Leads((20, 45), 30),
)
TOP = 100


def texts(key: str, found=None) -> tuple[str, ...]:
    (line,) = [line for line in numbers.numbers(found or found_of(LEADS), basis()) if line.key == key]
    return tuple(text.replace("\u202f", " ") for text in line.texts)


def test_every_line_has_a_text_for_every_threshold_that_the_component_takes() -> None:
    found = found_of(LEADS)
    lines = numbers.numbers(found, basis())
    spoken = numbers.spoken(found, lines)
    data = drawn(70, TOP, 70, numbers.bars(found.curves), lines, spoken, None)
    assert len(data["spoken"]) == TOP + 1 and len({line.key for line in lines}) == len(lines)
    assert all(line.help for line in lines)


def test_a_score_on_the_threshold_counts_in() -> None:
    # 110 leads of 85 points, 50 of 70, 30 of 65.
    assert [texts("eqls")[at] for at in (64, 65, 66, 70, 71, 85, 86)] == ["190", "190", "160", "160", "110", "110", "0"]
    (line,) = [line for line in numbers.numbers(found_of(LEADS), basis()) if line.key == "eqls"]
    assert line.changes is not None
    assert [line.changes[at] for at in (65, 70, 85)] == ["+30", "", "−50"]


def test_bars_are_leads_of_one_score() -> None:
    assert numbers.bars(found_of(LEADS).curves) == [Bar(65, 0, 0, 30), Bar(70, 1, 49, 0), Bar(85, 20, 80, 10)]


def test_rates_and_loads() -> None:
    # 16 of the 80 old worked leads with 85 points were won; 250 k of 250 k ARR at 70, 200 k at 85.
    assert texts("precision")[70] == "20.0 % (13–30 %)" and texts("precision")[86] == "–"
    assert texts("recall")[70] == "100.0 %" and texts("recall")[85] == "80.0 %"
    # 160 leads in 13 weeks, 100 a week: 12 %. 6,500 $ ÷ 160 leads = $41.
    assert texts("load")[70] == "12 %" and texts("cost")[70] == "$41" and texts("cost")[86] == "–"
    assert texts("both")[70] == "100 % (goal 80 %)"


def curve(value: float, *, refused_below: int) -> ExpectedCurve:
    at = np.arange(TOP + 1)
    whole = np.full(TOP + 1, value)
    refused = at < refused_below
    shown = Ranges(*(np.where(refused, np.nan, whole * factor) for factor in (1, 0.5, 2)))
    all_of_it = Ranges(whole, whole * 0.5, whole * 2)
    return ExpectedCurve(
        whole, shown, shown, shown, whole, refused, np.full(TOP + 1, 9.0), np.full(TOP + 1, np.nan), all_of_it,
        all_of_it, all_of_it,
    )  # fmt: skip


def test_seen_and_estimated_are_never_one_number() -> None:
    found = found_of(LEADS)
    found = replace(found, curves=replace(found.curves, expected=curve(4.0, refused_below=70)))
    assert texts("won", found)[70] == "21 seen + 4 est."
    assert texts("won", found)[65] == "21 seen + ≤ 9"
    assert texts("arr", found)[65] == "$250 k seen + unknown"
    nothing = replace(found, curves=replace(found.curves, expected=curve(0.0, refused_below=0)))
    assert texts("won", nothing)[70] == "21 seen"
    assert texts("won")[70] == "21 seen"


def test_the_screen_reader_hears_change_wins_and_load() -> None:
    found = found_of(LEADS)
    said = [text.replace("\u202f", " ") for text in numbers.spoken(found, numbers.numbers(found, basis()))]
    assert said[65] == "65 points: 190 EQLs, 30 more than now; wins 21 seen; sales load 15 %"
    assert "50 fewer than now" in said[85] and "as many as now" in said[70]


@pytest.mark.parametrize(
    ("as_of", "weeks"), [("2026-06-01", 0.0), ("2026-07-15", 2.0), ("2026-10-01", 92 / 7), ("2027-01-01", 92 / 7)]
)
def test_weeks_so_far(as_of: str, weeks: float) -> None:
    period = Period("2026-Q3", datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC))
    assert numbers.weeks_of(period, datetime.fromisoformat(f"{as_of}T00:00+00:00")) == pytest.approx(weeks)


def test_before_the_period_there_is_no_load() -> None:
    assert basis(weeks=0.0).load(10) is None and basis(cost=None).cost_per(10) is None
