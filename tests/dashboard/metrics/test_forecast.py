"""Does the forecast add up, as worked out by hand, and do its intervals behave?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dashboard.metrics.deal_stage import chances, hazards, stage_counts
from dashboard.metrics.forecast import FEWEST_CLOSED, Forecast, forecast
from dashboard.metrics.forecast_cells import ForecastCells
from dashboard.period import Period, parse_period
from dashboard.settings import Settings
from tests.calibration.forecast import measured as measured_rows
from tests.calibration.forecast import summary
from tests.calibration.forecast_worlds import World, demonstration, number, restless, seen

QUARTERS = [parse_period(label, Settings()) for label in ("2025-Q3", "2025-Q4")]
LAST_DAY = date(2025, 6, 30)
MOVES = {"stage": pl.String, "following": pl.String, "outcome": pl.String, "day": pl.Int64, "deals": pl.Int64}
OPEN = {
    "stage": pl.String, "age": pl.Int64, "deals": pl.Int64, "with_arr": pl.Int64, "arr_cents": pl.Int64,
    "arr_2": pl.Float64, "with_amount": pl.Int64, "amount_cents": pl.Int64, "amount_2": pl.Float64,
    "unconverted": pl.Int64,
}  # fmt: skip
MONTHS = {"month": pl.Date, "won": pl.Int64, "arr_cents": pl.Int64, "unconverted": pl.Int64}


def cells(
    moves: list[tuple[object, ...]],
    opened: list[tuple[object, ...]],
    *,
    staged: float = 1.0,
    won: tuple[int, int, float] = (24, 24, 240_000.0),
    arrivals: dict[date, int] | None = None,
    months: list[tuple[object, ...]] | None = None,
    last_day: date = LAST_DAY,
) -> ForecastCells:
    """Cells of a made-up company; `won`: deals, of these with ARR, and their ARR in currency."""
    frame = pl.DataFrame(moves, schema=MOVES, orient="row")
    ended = frame.filter(pl.col("outcome") != "move")
    deals = int(ended["deals"].sum())
    closed = int(ended.filter(pl.col("outcome") != "open")["deals"].sum())
    number_, valued, arr = won
    return ForecastCells(
        last_day=last_day,
        moves=frame,
        known=pl.DataFrame(
            {"deals": [deals], "closed": [closed], "staged": [round(staged * deals)], "everybody": [False]}
        ),
        open=pl.DataFrame(opened, schema=OPEN, orient="row"),
        arrivals=pl.DataFrame(
            list((arrivals or {}).items()), schema={"day": pl.Date, "deals": pl.Int64}, orient="row"
        ),
        won=pl.DataFrame(
            {
                "own": [True], "recent": [True], "won": [number_], "valued": [valued],
                "arr_cents": [round(100 * arr)], "arr_2": [arr**2 / max(valued, 1) * 1.3],
                "largest_cents": pl.Series([None], dtype=pl.Int64), "second_cents": pl.Series([None], dtype=pl.Int64),
                "both_arr_cents": [round(100 * arr)], "both_amount_cents": [round(125 * arr)],
            }
        ),
        months=pl.DataFrame(months or [], schema=MONTHS, orient="row"),
    )  # fmt: skip


def opened(stage: str | None, age: int | None, deals: int, arr: float) -> tuple[object, ...]:
    return (stage, age, deals, deals, round(100 * arr), arr**2 / deals, 0, 0, 0.0, 0)


# 40 deals reach day 30 in one state: 10 of 40 are won on day 40, 10 of 30 lost on day 60, 5 of 20 won on day 140.
PLAIN = [
    (None, None, "won", 40, 10), (None, None, "lost", 60, 10), (None, None, "won", 140, 5),
    (None, None, "open", 300, 15),
]  # fmt: skip


def test_open_deals_worked_by_hand() -> None:
    """Two deals of age 30, together 8,000, and one of age 50 worth 1,000. The quarter's 92 days reach ages 122 and 142.

    Age 30: won on day 40, 10/40 = 0.25. In Q4 (ages 123–214): 30/40 · 20/30 · 5/20 = 0.125.
    Age 50: this quarter day 60 lost 10 of 30, then day 140 won: 20/30 · 5/20 = 1/6; in Q4 nothing.
    """
    found = forecast(cells(PLAIN, [opened(None, 30, 2, 8_000), opened(None, 50, 1, 1_000)], staged=0), QUARTERS)
    this, following = found.quarters
    assert this.open.value == pytest.approx(8_000 * 0.25 + 1_000 / 6)
    assert following.open.value == pytest.approx(8_000 * 0.125)
    assert this.wins == pytest.approx(2 * 0.25 + 1 / 6)
    assert not found.by_stage
    assert sum(own.expected[0] for own in found.groups) == pytest.approx(this.open.value)


def test_stages_are_used_where_nine_of_ten_deals_have_one() -> None:
    moves = [
        (None, "A", "move", 0, 40), ("A", "B", "move", 10, 20), ("B", None, "won", 50, 15), ("A", None, "lost", 50, 20),
        ("B", None, "open", 90, 5),
    ]  # fmt: skip
    rows = [opened("A", 20, 1, 1_000), opened("B", 20, 1, 1_000)]
    by_stage = forecast(cells(moves, rows, staged=0.9), QUARTERS)
    assert by_stage.by_stage
    assert {own.stage: own.expected[0] for own in by_stage.groups} == {
        "A": pytest.approx(0), "B": pytest.approx(750),
    }  # fmt: skip
    by_age = forecast(cells(moves, rows, staged=0.85), QUARTERS)
    assert not by_age.by_stage
    assert by_age.quarters[0].open.value == pytest.approx(2_000 * 15 / 40)


def test_the_quarter_that_runs_counts_what_is_won_already() -> None:
    months = [(date(2025, 7, 1), 3, 123_456, 0), (date(2025, 4, 1), 9, 999, 0)]
    found = forecast(cells(PLAIN, [opened(None, 30, 2, 8_000)], months=months, last_day=date(2025, 8, 15)), QUARTERS)
    this = found.quarters[0]
    assert (this.won_so_far, this.won_deals) == (1_234.56, 3)
    assert this.total.value == pytest.approx(1_234.56 + (this.open.value or 0) + (this.new.value or 0))
    assert (this.total.low or 0) >= 1_234.56
    assert found.quarters[1].won_so_far == 0


@pytest.mark.filterwarnings("error")
def test_on_a_quarter_s_last_day_only_the_next_is_still_to_come() -> None:
    months: list[tuple[object, ...]] = [(date(2025, 7, 1), 3, 900, 0)]
    made = cells(PLAIN, [opened(None, 30, 2, 8_000)], last_day=date(2025, 9, 30), months=months)
    this, following = forecast(made, QUARTERS).quarters
    assert (this.total.low, this.total.value, this.total.high) == (9.0, 9.0, 9.0)
    assert following.total.low < following.total.value < following.total.high


def test_new_deals_worked_by_hand() -> None:
    """Every deal is won on its tenth day (day 10), for 10,000: of those that open in Q3, the ones of its last ten days
    are won in Q4. With one deal each day, 82 are won in Q3 and 92 in Q4."""
    moves = [(None, None, "won", 10, 60)]
    days = {date(2025, 6, 30) - timedelta(step): 1 for step in range(700)}
    found = forecast(cells(moves, [], arrivals=days), QUARTERS)
    this, following = found.quarters
    assert this.arriving == pytest.approx(92, rel=0.05)
    assert this.new_wins == pytest.approx(82, rel=0.05)
    assert following.new_wins == pytest.approx(92, rel=0.08)
    assert this.new.value == pytest.approx(this.new_wins * 10_000)


def test_a_deal_without_arr_takes_its_amount() -> None:
    """Won deals brought 0.8 of their amounts: an open amount of 5,000 stands for 4,000."""
    row = (None, 30, 1, 0, 0, 0.0, 1, 500_000, 25e6, 0)
    found = forecast(cells(PLAIN, [row], staged=0), QUARTERS)
    assert found.valued_at == pytest.approx(0.8)
    assert found.open_arr == pytest.approx(4_000)
    assert found.quarters[0].open.value == pytest.approx(1_000)


def test_deals_that_say_nothing_are_listed_and_bring_nothing() -> None:
    rows = [
        (None, 30, 4, 0, 0, 0.0, 0, 0, 0.0, 1),
        (None, None, 2, 2, 100_000, 5e5, 0, 0, 0.0, 0),
    ]  # fmt: skip
    found = forecast(cells(PLAIN, rows, staged=0), QUARTERS)
    assert (found.open_deals, found.unvalued, found.unconverted) == (6, 3, 1)
    assert found.incomplete
    assert found.quarters[0].open.value == 0
    assert (found.groups[-1].first, found.groups[-1].deals, found.groups[-1].arr) == (None, 2, 1_000)


@pytest.mark.parametrize("won", [FEWEST_CLOSED - 1, FEWEST_CLOSED])
def test_too_early_under_twenty_closed_deals(won: int) -> None:
    found = forecast(cells([(None, None, "won", 10, won)], [opened(None, 3, 4, 400)]), QUARTERS)
    assert found.too_early is (won < FEWEST_CLOSED)
    assert found.open_deals == 4


def test_too_early_where_no_deal_has_an_arr() -> None:
    assert forecast(cells(PLAIN, [], won=(24, 0, 0.0)), QUARTERS).too_early


def test_nothing_at_all() -> None:
    found = forecast(cells([], []), QUARTERS)
    assert found.too_early
    assert (found.deals, found.open_deals, found.open_arr, found.groups) == (0, 0, 0.0, ())


deal_days = st.dictionaries(st.integers(0, 200), st.integers(1, 20), min_size=1, max_size=8)


@settings(max_examples=12, phases=(Phase.explicit, Phase.generate))
@given(
    deal_days, deal_days, deal_days,
    st.lists(st.tuples(st.integers(0, 300), st.integers(1, 9), st.floats(1, 1e6)), max_size=6),
    st.integers(0, 91),
)  # fmt: skip
def test_parts_add_up_and_bounds_enclose(
    won: dict[int, int],
    lost: dict[int, int],
    waiting: dict[int, int],
    rows: list[tuple[int, int, float]],
    into: int,
) -> None:
    named = (("won", won), ("lost", lost), ("open", waiting))
    moves = [(None, None, name, day, n) for name, days in named for day, n in days.items()]
    today = LAST_DAY + timedelta(into)
    arrivals = {today - timedelta(step * 3): 2 for step in range(100)}
    found = forecast(cells(moves, [opened(None, *row) for row in rows], arrivals=arrivals, last_day=today), QUARTERS)
    if found.too_early:
        assert found.closed < FEWEST_CLOSED
        return
    for place, own in enumerate(found.quarters):
        assert own.total.value == pytest.approx(own.won_so_far + (own.open.value or 0) + (own.new.value or 0))
        assert sum(group.expected[place] for group in found.groups) == pytest.approx(own.open.value, abs=1e-6)
        for part in (own.open, own.new, own.total):
            assert part.low is not None
            assert part.value is not None
            assert part.high is not None
            assert 0 <= part.low <= part.value <= part.high
    assert all(sum(group.wins) <= group.deals + 1e-9 for group in found.groups)
    assert sum(group.deals for group in found.groups) == found.open_deals


def test_the_same_cells_give_the_same_forecast() -> None:
    known = cells(PLAIN, [opened(None, 30, 2, 8_000)], arrivals={LAST_DAY - timedelta(9 * k): 1 for k in range(70)})
    assert forecast(known, QUARTERS) == forecast(known, QUARTERS)


def test_more_spread_in_the_open_deals_means_a_wider_interval() -> None:
    even, uneven = ((None, 30, 20, 20, 20_000_00, square, 0, 0, 0.0, 0) for square in (2e7, 2e8))
    widths = []
    for row in (even, uneven):
        own = forecast(cells(PLAIN, [row], staged=0), QUARTERS).quarters[0].open
        widths.append((own.high or 0) - (own.low or 0))
    assert widths[1] > 1.5 * widths[0]


def test_chosen_deals_too_few_to_tell_their_size_take_that_of_all() -> None:
    known = cells(PLAIN, [], arrivals={LAST_DAY - timedelta(step): 1 for step in range(400)})
    everyone = known.won.with_columns(own=pl.lit(False))
    few = known.won.with_columns(won=pl.lit(2), valued=pl.lit(2), arr_cents=pl.lit(2_000_000), arr_2=pl.lit(2e8))
    both = pl.concat([everyone, few.cast(everyone.schema)])  # type: ignore[arg-type]
    own = forecast(replace(known, won=both), QUARTERS).quarters[0]
    assert (own.new.value or 0) / own.new_wins == pytest.approx((240_000 + 20_000) / 26)


def test_the_largest_deal_counts_as_at_most_twice_the_second() -> None:
    """240,000 of 24 deals; the largest of 90,000 beside one of 15,000 counts as 30,000: 180,000 ÷ 24."""
    known = cells(PLAIN, [], arrivals={LAST_DAY - timedelta(step): 1 for step in range(400)})

    def size(*largest: tuple[int, int]) -> float:
        parts = [
            known.won.with_columns(
                recent=pl.lit(place == 0),
                largest_cents=pl.lit(100 * first, pl.Int64),
                second_cents=pl.lit(100 * second, pl.Int64),
            )
            for place, (first, second) in enumerate(largest)
        ]
        own = forecast(replace(known, won=pl.concat(parts)), QUARTERS).quarters[0]
        return (own.new.value or 0) / own.new_wins

    assert size((90_000, 15_000)) == pytest.approx(180_000 / 24)
    assert size((90_000, 45_000)) == pytest.approx(10_000)
    # Only the last 12 months are looked at where they have 20 deals with an ARR.
    assert size((90_000, 15_000), (80_000, 1)) == pytest.approx(180_000 / 24)


def test_the_two_largest_may_stand_in_different_cells() -> None:
    known = cells(PLAIN, [], arrivals={LAST_DAY - timedelta(step): 1 for step in range(400)}, won=(12, 12, 120_000.0))
    first = known.won.with_columns(largest_cents=pl.lit(9_000_000, pl.Int64), second_cents=pl.lit(100_000, pl.Int64))
    second = known.won.with_columns(
        recent=pl.lit(False), largest_cents=pl.lit(2_000_000, pl.Int64), second_cents=pl.lit(None, pl.Int64)
    )
    own = forecast(replace(known, won=pl.concat([first, second])), QUARTERS).quarters[0]
    assert (own.new.value or 0) / own.new_wins == pytest.approx((240_000 - 50_000) / 24)


# -- calibration, in short ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    """A few companies of each kind; the whole table is made by tests.calibration.forecast."""
    worlds = [demonstration(10_000, 3), *(restless(seed) for seed in range(60, 62))]
    found = [{"company": place} | row for place, world in enumerate(worlds) for row in measured_rows(world)]
    money = pl.col("truth", "value", "low", "high", "last", "season")
    return pl.DataFrame(found, infer_schema_length=None).with_columns(money / pl.col("truth").mean().over("company"))


def test_intervals_hold_about_as_often_as_they_say(rows: pl.DataFrame) -> None:
    held = ((rows["truth"] >= rows["low"]) & (rows["truth"] <= rows["high"])).mean()
    # Outcomes of one company hang together: 3 companies with some 25 moments each leave ±14 points.
    assert 0.62 <= float(str(held)) <= 0.95


def test_it_is_better_than_repeating_the_last_quarter(rows: pl.DataFrame) -> None:
    now = summary(rows.filter(pl.col("ahead") == 0), "at")
    assert (now["loss_last"] < 0.8 * now["last"]).all()


def brier(world: World, today: date, until: date, by_stage: bool) -> float:
    """Mean squared distance between each open deal's chance to be won until a day and what became of it."""
    known, day, end = seen(world, number(today)), number(today), number(until)
    won = (world.opened < day) & (world.closed >= day) & (world.closed < end) & world.won
    those = World(
        *(getattr(world, name)[won] for name in ("opened", "stages", "closed", "won", "arr")),
        world.first_day,
        world.end_day,
    )
    wins = {(stage, age): n for stage, age, n in seen(those, day).open.select("stage", "age", "deals").iter_rows()}
    counts = stage_counts(known.moves, by_stage)
    matrices, total, deals = hazards(counts), 0.0, 0
    for stage, age, n in known.open.select("stage", "age", "deals").iter_rows():
        chance = chances(matrices, np.array([age]), end - day)[0, counts.place(stage)]
        came = wins.get((stage, age), 0)
        total += came * (1 - chance) ** 2 + (n - came) * chance**2
        deals += n
    return float(total) / deals


def test_stages_tell_more_of_a_simulated_deal_than_its_age_does() -> None:
    world, until = demonstration(20_000, 5), date(2026, 1, 1)
    moments = (date(2025, 10, 1), date(2025, 11, 15))
    by_stage, by_age = ([brier(world, today, until, way) for today in moments] for way in (True, False))
    assert sum(by_stage) < 0.95 * sum(by_age)


def test_cells_of_a_world_know_nothing_later() -> None:
    world = demonstration(5_000, 4)
    today = number(date(2025, 7, 1))
    later = replace(world, won=np.where(world.closed < today, world.won, ~world.won), arr=world.arr)
    assert forecast_of(later, today) == forecast_of(world, today)


def forecast_of(world: object, today: int) -> Forecast:
    quarters: list[Period] = QUARTERS
    return forecast(seen(world, today), quarters)  # type: ignore[arg-type]
