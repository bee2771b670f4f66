"""Which companies is the forecast held against? Deals with a known future, and the cells that were seen at a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from dashboard.metrics.forecast_cells import ForecastCells
from dashboard.period import add_months
from data_access.demo import DemoOptions
from data_access.demonstration.deals import course_of, strike_deals
from data_access.demonstration.world import build_world

EPOCH = date(1970, 1, 1)
NEVER = 10**9
DAY = 86_400
STAGES = ("discovery", "proposal", "negotiation")
UNTIL = date(2026, 7, 1)


@dataclass(frozen=True, slots=True)
class World:
    """Deals by days since 1970: opened, entering the second and third stage (NEVER: not), closed; won; ARR."""

    opened: np.ndarray
    stages: np.ndarray
    closed: np.ndarray
    won: np.ndarray
    arr: np.ndarray
    first_day: int
    end_day: int
    staged: bool = True


def number(day: date) -> int:
    """Days since 1970."""
    return (day - EPOCH).days


def demonstration(leads: int, seed: int, months: int = 36, until: date = UNTIL) -> World:
    """The partner-sourced deals of a simulated company, in USD."""
    options = DemoOptions(leads=leads, seed=seed, months=months, until=until)
    world = build_world(options)
    deals = strike_deals(world)
    course = course_of(world, deals)
    stages = np.full((len(deals.lead), 2), NEVER)
    for place in (1, 2):
        mine = course.stage == place
        stages[course.deal[mine], place - 1] = course.entered[mine] // DAY
    own = (deals.lead >= 0) & (world.arrivals.partner[deals.lead] >= 0) & (deals.ends >= deals.opened)
    own &= deals.closed >= deals.opened
    return World(
        opened=deals.opened[own] // DAY,
        stages=stages[own],
        closed=deals.ends[own] // DAY,
        won=deals.wins[own],
        arr=deals.usd_arr[own],
        first_day=options.first_day,
        end_day=options.end_day,
    )


def restless(seed: int, until: date = UNTIL) -> World:
    """A company of another make: trend, season, months of their own, a win rate that drifts, heavy-tailed sizes."""
    rng = np.random.default_rng([seed, 20_26])
    months = int(rng.integers(24, 43))
    start = add_months(until, -months)
    days = np.arange(number(start), number(until))
    year = (days - days[0]) / 365.25
    month = days.astype("datetime64[D]").astype("datetime64[M]").astype(int)
    ln_rate = np.log(np.exp(rng.uniform(np.log(5), np.log(90))) / 30.4) + rng.normal(0.15, 0.35) * year
    ln_rate += rng.uniform(0, 0.35) * np.sin(2 * np.pi * (year + rng.random()))
    ln_rate += rng.normal(0, rng.uniform(0.02, 0.2), month.max() + 1)[month]
    ln_rate += rng.normal(0, rng.uniform(0.01, 0.07), month.max() + 1).cumsum()[month]
    weekday = (days - 4) % 7
    opened = np.repeat(days, rng.poisson(np.exp(ln_rate) * np.where(weekday < 5, 1.35, 0.12)))
    size, at = len(opened), (opened - days[0]) / 365.25
    logit = np.log(rng.uniform(0.15, 0.5)) + rng.normal(0, 0.2) * at + rng.normal(0, 0.35, size)
    won = rng.random(size) < 1 / (1 + np.exp(-logit))
    median, slower = np.exp(rng.uniform(np.log(20), np.log(110))), np.exp(rng.normal(0.2, 0.2))
    took = np.where(won, median, median * slower) * rng.weibull(rng.uniform(1.0, 2.2), size) / 0.83
    took = np.maximum(took, 0.3)
    sigma = rng.uniform(0.7, 1.25)
    arr = np.exp(rng.normal(9.6, sigma, size) + rng.normal(0.04, 0.08) * at)
    arr *= np.where(rng.random(size) < 0.01, rng.pareto(2.5, size) + 3, 1.0)
    parts = np.where(won[:, None], rng.beta((2, 4), (5, 3), (size, 2)), rng.beta((3, 4), (3, 2), (size, 2)))
    reached = rng.random((size, 2)) < np.where(won[:, None], 0.95, (0.7, 0.5))
    stages = np.where(reached, opened[:, None] + np.sort(parts, axis=1) * took[:, None], NEVER).astype(int)
    return World(
        opened, stages, opened + took.astype(int), won, arr, int(days[0]), number(until), bool(rng.random() < 0.5)
    )


def seen(world: World, today: int) -> ForecastCells:
    """The cells at the first instant of a day, from the deals themselves."""
    last = today - 1
    start = number(add_months(EPOCH + timedelta(today), -24).replace(day=1))
    there = world.opened <= last
    closed = there & (world.closed <= last)
    learned = there & (world.opened >= start)
    days = np.where(closed, world.closed, last) - world.opened
    outcome = np.where(~closed, "open", np.where(world.won, "won", "lost"))
    moves, stage = _moves(world, learned, closed, days, outcome, last)
    own = there & ~closed
    won = closed & world.won
    valued = world.arr
    return ForecastCells(
        last_day=EPOCH + timedelta(last),
        moves=moves,
        known=pl.DataFrame(
            {"deals": [learned.sum()], "closed": [(learned & closed).sum()],
             "staged": [learned.sum() if world.staged else 0], "everybody": [False]}
        ),
        open=pl.DataFrame(
            {"stage": stage[own], "age": days[own], "arr_cents": np.round(100 * valued[own]).astype(int),
             "arr_2": valued[own] ** 2}, schema_overrides={"stage": pl.String},
        ).group_by("stage", "age").agg(
            deals=pl.len().cast(pl.Int64), with_arr=pl.len().cast(pl.Int64), arr_cents=pl.col("arr_cents").sum(),
            arr_2=pl.col("arr_2").sum(), with_amount=pl.lit(0), amount_cents=pl.lit(0), amount_2=pl.lit(0.0),
            unconverted=pl.lit(0),
        ).sort("stage", "age"),
        arrivals=_by_day(world.opened[learned]),
        won=_won(world, won & (world.closed >= start), last),
        months=_months(world, won),
    )  # fmt: skip


def _moves(
    world: World, learned: np.ndarray, closed: np.ndarray, days: np.ndarray, outcome: np.ndarray, last: int
) -> tuple[pl.DataFrame, np.ndarray]:
    """Cells of moves, and the stage in which each deal was last seen (None without stages)."""
    current = np.full(len(days), None, dtype=object)
    rows: list[tuple[str | None, str | None, str, int]] = []
    if world.staged:
        entries = np.column_stack([np.zeros(len(days), dtype=int), world.stages - world.opened[:, None]])
        for deal in np.flatnonzero(world.opened <= last):
            for place, day in enumerate(entries[deal]):
                late = day >= days[deal] if closed[deal] else day > days[deal]
                if late:
                    continue
                # Of several stages on one day the last one counts.
                if any(day == other for other in entries[deal][place + 1 :]):
                    continue
                if learned[deal]:
                    rows.append((current[deal], STAGES[place], "move", int(day)))
                current[deal] = STAGES[place]
    rows += [(current[deal], None, str(outcome[deal]), int(days[deal])) for deal in np.flatnonzero(learned)]
    frame = pl.DataFrame(
        rows,
        schema={"stage": pl.String, "following": pl.String, "outcome": pl.String, "day": pl.Int64},
        orient="row",
    )
    return frame.group_by(pl.all()).agg(deals=pl.len().cast(pl.Int64)), current


def _by_day(days: np.ndarray) -> pl.DataFrame:
    day, deals = np.unique(days, return_counts=True)
    return pl.DataFrame({"day": [EPOCH + timedelta(int(d)) for d in day], "deals": deals.astype(int)})


def _won(world: World, won: np.ndarray, last: int) -> pl.DataFrame:
    recent = world.closed[won] > last - 365
    cents = np.round(100 * world.arr[won]).astype(int)
    rows = pl.DataFrame({"recent": recent, "arr_cents": cents, "arr_2": (cents / 100) ** 2})
    return rows.group_by("recent").agg(
        own=pl.lit(True), won=pl.len().cast(pl.Int64), valued=pl.len().cast(pl.Int64),
        arr_cents=pl.col("arr_cents").sum(),
        arr_2=pl.col("arr_2").sum(), largest_cents=pl.col("arr_cents").max(),
        second_cents=pl.col("arr_cents").sort(descending=True).get(1, null_on_oob=True),
        both_arr_cents=pl.col("arr_cents").sum(),
        both_amount_cents=pl.col("arr_cents").sum(),
    )  # fmt: skip


def _months(world: World, won: np.ndarray) -> pl.DataFrame:
    frame = pl.DataFrame(
        {"month": [(EPOCH + timedelta(int(d))).replace(day=1) for d in world.closed[won]],
         "arr_cents": np.round(100 * world.arr[won]).astype(int)},
        schema={"month": pl.Date, "arr_cents": pl.Int64},
    )  # fmt: skip
    return frame.group_by("month").agg(
        won=pl.len().cast(pl.Int64), arr_cents=pl.col("arr_cents").sum(), unconverted=pl.lit(0)
    )


def brought(world: World, start: date, end: date) -> float:
    """ARR that the quarter really brought."""
    own = world.won & (world.closed >= number(start)) & (world.closed < number(end))
    return float(world.arr[own].sum())


def brought_by(world: World, today: int, start: date, end: date) -> tuple[float, float]:
    """What came in the quarter from the day `today` on: of deals that were open when it began, of others."""
    own = world.won & (world.closed >= max(number(start), today)) & (world.closed < number(end))
    before = world.opened < today
    return float(world.arr[own & before].sum()), float(world.arr[own & ~before].sum())
