"""Are chances by age and stage those of the product-limit by hand, of R's survival package, and of plain counting?"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.metrics.deal_stage import (
    WEEK,
    chances,
    drawn_weeks,
    expected_weeks,
    from_opening,
    hazards,
    stage_counts,
)
from dashboard.metrics.survival import day_counts, incidence_at, incidence_curve

ORACLE = json.loads((Path(__file__).parents[2] / "reference" / "oracles" / "deal_stage.json").read_text())
SCHEMA = {"stage": pl.String, "following": pl.String, "outcome": pl.String, "day": pl.Int64, "deals": pl.Int64}


def cells(*rows: tuple[str | None, str | None, str, int, int]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SCHEMA, orient="row")


def plain(won: dict[int, int], lost: dict[int, int], waiting: dict[int, int]) -> pl.DataFrame:
    named = (("won", won), ("lost", lost), ("open", waiting))
    return cells(*((None, None, name, day, n) for name, days in named for day, n in days.items()))


def test_conditional_incidence_worked_by_hand() -> None:
    """Ten deals: day 2: 1 won of 10; day 4: 1 lost of 9, 2 open leave after; day 6: 2 won of 6; day 9: 1 lost of 4.

    Open at the end of day 4, won by day 9: 2/6 = 1/3. From opening by day 6: 1/10 + 9/10 · 8/9 · 2/6 = 11/30.
    """
    counts = stage_counts(plain({2: 1, 6: 2}, {4: 1, 9: 1}, {4: 2, 9: 3}), by_stage=False)
    found = chances(hazards(counts), np.array([4, 6]), 5)
    assert found[:, 0] == pytest.approx([1 / 3, 0])
    assert from_opening(hazards(counts), 7)[[0, 3, 7]] == pytest.approx([0, 1 / 10, 11 / 30])


def test_stages_worked_by_hand() -> None:
    """Six deals enter A on day 0. Day 1: 3 of 6 move to B, 1 is lost. Day 2: of 3 in B 2 are won; of 2 in A 1 is won.

    In A at the end of day 0, won by the end of day 2: 3/6 · 2/3 + 2/6 · 1/2 = 1/2; in B at the end of day 1: 2/3.
    """
    moves = cells(
        (None, "A", "move", 0, 6), ("A", "B", "move", 1, 3), ("A", None, "lost", 1, 1),
        ("B", None, "won", 2, 2), ("B", None, "open", 2, 1), ("A", None, "won", 2, 1), ("A", None, "open", 2, 1),
    )  # fmt: skip
    counts = stage_counts(moves, by_stage=True)
    assert counts.states == (None, "A", "B")
    assert counts.at_risk.tolist() == [[6, 0, 0], [0, 6, 0], [0, 2, 3]]
    matrices = hazards(counts)
    assert chances(matrices, np.array([0]), 2)[0, counts.place("A")] == pytest.approx(1 / 2)
    assert chances(matrices, np.array([1]), 1)[0, counts.place("B")] == pytest.approx(2 / 3)
    assert chances(matrices, np.array([-1]), 3)[0, 0] == pytest.approx(1 / 2)
    assert counts.place("never seen") == 0


@pytest.mark.parametrize("case", ORACLE["cases"], ids=["15 deals", "120 deals", "400 deals"])
def test_as_r_says(case: dict[str, list[dict[str, object]]]) -> None:
    state = {"none": None}
    rows = [
        (
            state.get(str(stay["from"]), str(stay["from"])),
            None if stay["to"] in ("open", "won", "lost") else str(stay["to"]),
            str(stay["to"]) if stay["to"] in ("open", "won", "lost") else "move",
            int(str(stay["day"])),
            1,
        )
        for stay in case["stays"]
    ]
    counts = stage_counts(cells(*rows), by_stage=True)
    matrices = hazards(counts)
    for asked in case["asked"]:
        stage = state.get(str(asked["stage"]), str(asked["stage"]))
        found = chances(matrices, np.array([asked["age"]]), int(str(asked["horizon"])))[0, counts.place(stage)]
        assert found == pytest.approx(asked["chance"], abs=1e-12), asked


deals = st.dictionaries(st.integers(0, 40), st.integers(1, 30), min_size=1, max_size=12)


@given(deals, deals, deals, st.integers(0, 60))
def test_one_state_is_the_cumulative_incidence(
    won: dict[int, int], lost: dict[int, int], waiting: dict[int, int], day: int
) -> None:
    moves = plain(won, lost, waiting)
    found = from_opening(hazards(stage_counts(moves, by_stage=False)), 61)
    assert found[day + 1] == pytest.approx(
        incidence_at(incidence_curve(day_counts(moves.rename({"day": "days"}))), day), abs=1e-9
    )


@given(deals, deals, deals)
def test_chances_grow_with_the_horizon_and_stay_below_one(
    won: dict[int, int], lost: dict[int, int], waiting: dict[int, int]
) -> None:
    matrices = hazards(stage_counts(plain(won, lost, waiting), by_stage=False))
    found = np.stack([chances(matrices, np.arange(-1, 45), days)[:, 0] for days in range(0, 50, 7)])
    assert (np.diff(found, axis=0) >= -1e-12).all()
    assert found.min() >= 0
    assert found.max() <= 1 + 1e-9


def test_without_stages_the_stages_of_the_cells_are_left_out() -> None:
    moves = cells((None, "A", "move", 0, 4), ("A", None, "won", 3, 1), ("A", None, "open", 5, 3))
    counts = stage_counts(moves, by_stage=False)
    assert counts.states == (None,)
    assert from_opening(hazards(counts), 6)[-1] == pytest.approx(1 / 4)


def test_no_deals_no_chances() -> None:
    counts = stage_counts(cells(), by_stage=True)
    assert counts.days == 0
    assert counts.states == (None,)


def test_drawn_curves_scatter_about_the_estimate_and_less_with_more_deals() -> None:
    few = plain({20: 6, 50: 5, 80: 3}, {30: 8, 60: 10}, {90: 8})
    spreads = []
    for times in (1, 25):
        counts = stage_counts(few.with_columns(pl.col("deals") * times), by_stage=False)
        drawn = from_opening(drawn_weeks(counts, 400, np.random.default_rng(1)), 13)[:, -1]
        usual = from_opening(expected_weeks(counts), 13)[-1]
        assert abs(drawn.mean() - usual) < 0.03
        spreads.append(drawn.std())
    # Of 40 deals 14 are won: the standard deviation is near that of a binomial share, √(0.35 · 0.65 / 40) = 0.075.
    assert spreads[0] == pytest.approx(0.075, rel=0.3)
    assert spreads[1] == pytest.approx(spreads[0] / 5, rel=0.2)


def test_weeks_follow_the_days() -> None:
    counts = stage_counts(plain(dict.fromkeys(range(1, 70, 3), 5), dict.fromkeys(range(2, 70, 4), 6), {69: 40}), False)
    daily, weekly = from_opening(hazards(counts), 70), from_opening(expected_weeks(counts), 10)
    assert weekly == pytest.approx(daily[::WEEK], abs=0.02)
