"""What ARR will this quarter and the next bring: seen already, from open deals, from deals that are still to come?

Expected values are sums of chances times ARR; intervals come from seeded draws that carry which deals win, how unsure
the curve of chances is, how many deals are to come and how large they are, and a drift of all of it with time.
docs/forecast.md has the method, its sources and how often its intervals held.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from dashboard.domain import Estimate
from dashboard.metrics.deal_stage import (
    WEEK,
    StageCounts,
    State,
    chances,
    drawn_weeks,
    expected_weeks,
    from_opening,
    hazards,
    stage_counts,
)
from dashboard.metrics.forecast_arrivals import Arrivals, arrivals
from dashboard.metrics.forecast_cells import ForecastCells
from dashboard.period import Period

# Under so many closed deals of the kind it is too early to say anything.
FEWEST_CLOSED = 20
# Stages are used where so many of the deals have any.
STAGED_SHARE = 0.9
# The sizes of fewer won deals than these say too little by themselves.
FEWEST_VALUED = 20
# One deal of another order says little about the next ones: the largest counts as at most so many times the second.
LARGEST = 2
CURVES, DRAWS, SEED = 50, 4_000, 20_260_401
TAIL = 0.1
# Standard deviation of the ln of what open and new deals bring, a quarter ahead: conversion and sizes drift.
DRIFT = 0.10
QUARTER = 91


@dataclass(frozen=True, slots=True)
class QuarterForecast:
    """ARR of a quarter, in the reporting currency: won so far is seen, the rest is estimated, with 80 % intervals.

    `wins`: wins expected of the deals open now; `arriving`: deals expected to open until the quarter's end, from the
    day after the last one seen; `new_wins`: wins expected of these within the quarter.
    """

    label: str
    start: date
    end: date
    won_so_far: float
    won_deals: int
    unconverted: int
    open: Estimate
    new: Estimate
    total: Estimate
    wins: float
    arriving: float
    new_wins: float


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """Open deals of one age band and stage, and what they are expected to bring in each quarter.

    `first` and `last`: ages in days (last None: and older; both None: opening unknown); `stage` None: none recorded, or
    stages are not used.
    """

    first: int | None
    last: int | None
    stage: State
    deals: int
    arr: float
    expected: tuple[float, ...]
    wins: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """The forecast as it could be made when `last_day` had been seen; `quarters` is empty where it is too early.

    `deals`, `closed`, `staged`: what chances are learned from. `valued_at`: ARR per unit of amount, for open deals
    that have no ARR of their own; `unvalued` open deals have neither, `unconverted` ones no rate. `everybody`: no deal
    names a partner, so all deals are forecast.
    """

    last_day: date
    deals: int
    closed: int
    staged: int
    by_stage: bool
    everybody: bool
    open_deals: int
    open_arr: float
    unvalued: int
    unconverted: int
    valued_at: float | None
    quarters: tuple[QuarterForecast, ...]
    groups: tuple[OpenGroup, ...]

    @property
    def too_early(self) -> bool:
        """Whether there is too little to forecast from."""
        return not self.quarters

    @property
    def incomplete(self) -> bool:
        """Whether a sum lacks money that could not be converted."""
        return self.unconverted > 0 or any(quarter.unconverted for quarter in self.quarters)


@dataclass(frozen=True, slots=True)
class _Sizes:
    """ARR of a won deal: mean over all won deals, coefficient of variation, won deals behind it."""

    mean: float
    variation: float
    n: int


@dataclass(frozen=True, slots=True)
class _Open:
    """Open deals of known age, cell by cell: age, place of the stage, ARR and sum of its squares."""

    age: np.ndarray
    place: np.ndarray
    deals: np.ndarray
    arr: np.ndarray
    square: np.ndarray


AGE_BANDS = ((0, 13), (14, 29), (30, 59), (60, 89), (90, 179), (180, None))


def forecast(cells: ForecastCells, quarters: Sequence[Period]) -> Forecast:
    """The forecast for consecutive quarters, the first being the one that runs when the cells were seen."""
    deals, closed, staged = (int(cells.known[name].sum()) for name in ("deals", "closed", "staged"))
    by_stage = deals > 0 and staged >= STAGED_SHARE * deals
    ratio = _valued_at(cells.won)
    valued = _with_arr(cells.open, ratio)
    shared = {
        "last_day": cells.last_day,
        "deals": deals,
        "closed": closed,
        "staged": staged,
        "by_stage": by_stage,
        "everybody": bool(cells.known["everybody"].any()),
        "open_deals": int(valued["deals"].sum()),
        "open_arr": float(valued["arr"].sum()),
        "unvalued": int(valued["unvalued"].sum()),
        "unconverted": int(valued["unconverted"].sum()),
        "valued_at": ratio,
    }
    sizes = _sizes(cells.won)
    if closed < FEWEST_CLOSED or sizes is None:
        return Forecast(**shared, quarters=(), groups=())  # type: ignore[arg-type]
    counts = stage_counts(cells.moves, by_stage)
    own = _open(valued, counts)
    ends = [(quarter.end.date() - cells.last_day).days - 1 for quarter in quarters]
    matrices = hazards(counts)
    chance = _within(chances(matrices, own.age, end)[np.arange(len(own.age)), own.place] for end in ends)
    draw = _Draws(cells, counts, own, sizes, quarters[-1].end.date(), ends, chance, matrices)
    found = tuple(draw.quarter(number, quarter) for number, quarter in enumerate(quarters))
    return Forecast(**shared, quarters=found, groups=_groups(valued, own, counts, chance))  # type: ignore[arg-type]


def _valued_at(won: pl.DataFrame) -> float | None:
    amount = int(won["both_amount_cents"].sum())
    return int(won["both_arr_cents"].sum()) / amount if amount else None


def _with_arr(open_cells: pl.DataFrame, ratio: float | None) -> pl.DataFrame:
    """The open cells with `arr`, `square` (both in currency) and `unvalued`."""
    times = ratio or 0.0
    known = pl.col("with_arr") + (pl.col("with_amount") if ratio is not None else 0)
    return open_cells.with_columns(
        arr=(pl.col("arr_cents") + times * pl.col("amount_cents")) / 100,
        square=pl.col("arr_2") + times**2 * pl.col("amount_2"),
        unvalued=pl.col("deals") - known - pl.col("unconverted"),
    )


def _sizes(won: pl.DataFrame) -> _Sizes | None:
    """From the chosen deals of the last 12 months; from 24, or from all deals of the kind, where these are few."""
    own, recent = won.filter("own"), won.filter("recent")
    for part in (own.filter("recent"), own, recent, won):
        if part["valued"].sum() >= FEWEST_VALUED:
            break
    valued, total = int(part["valued"].sum()), int(part["won"].sum())
    mean = int(part["arr_cents"].sum()) / 100 / valued if valued else 0.0
    if mean <= 0:
        return None
    variance = max(0.0, float(part["arr_2"].sum()) / valued - mean**2) * valued / max(valued - 1, 1)
    usual = mean - _beyond(part) / valued
    return _Sizes(usual * valued / total, float(np.sqrt(variance)) / mean, valued)


def _beyond(won: pl.DataFrame) -> float:
    """What the largest deal brought beyond so many times the second (one value winsorised: Rivest 1994)."""
    top = pl.concat([won["largest_cents"], won["second_cents"]]).drop_nulls().sort(descending=True).head(2).to_list()
    return max(0, top[0] - LARGEST * max(0, top[1])) / 100 if len(top) == 2 else 0.0


def _open(valued: pl.DataFrame, counts: StageCounts) -> _Open:
    aged = valued.filter(pl.col("age").is_not_null())
    return _Open(
        aged["age"].to_numpy(),
        np.array([counts.place(stage) for stage in aged["stage"]], dtype=int),
        aged["deals"].to_numpy(),
        aged["arr"].to_numpy(),
        aged["square"].to_numpy(),
    )


def _within(until: Iterable[np.ndarray]) -> list[np.ndarray]:
    """Chances within each quarter from chances until its end."""
    found = list(until)
    return [later - (found[number - 1] if number else 0.0) for number, later in enumerate(found)]


class _Draws:
    """Draws of what open and new deals bring, the same curves, rates and drift for all quarters."""

    def __init__(
        self,
        cells: ForecastCells,
        counts: StageCounts,
        own: _Open,
        sizes: _Sizes,
        until: date,
        ends: Sequence[int],
        chance: Sequence[np.ndarray],
        matrices: np.ndarray,
    ) -> None:
        self.cells, self.own, self.sizes, self.ends, self.chance = cells, own, sizes, ends, chance
        self.rng = np.random.default_rng(SEED)
        self.curve = np.arange(DRAWS) % CURVES
        weeks, usual = drawn_weeks(counts, CURVES, self.rng), expected_weeks(counts)
        at, places = (own.age + 1) // WEEK - 1, np.arange(len(own.age))
        self.off = _within(
            [_weekly(weeks, at, end)[:, places, own.place] - _weekly(usual, at, end)[places, own.place] for end in ends]
        )
        self.arriving = self._arrivals(until)
        longest = max(ends)
        self.usual_new = from_opening(matrices, longest)
        off = _daily(from_opening(weeks, longest // WEEK + 1) - from_opening(usual, longest // WEEK + 1), longest)
        self.drawn_new = np.maximum.accumulate(np.clip(self.usual_new + off, 0, 1), axis=-1)
        self.mean = sizes.mean * np.exp(self._normal() * sizes.variation / np.sqrt(sizes.n))
        self.drift = self._normal()

    def _normal(self) -> np.ndarray:
        return self.rng.standard_normal(DRAWS)

    def _arrivals(self, until: date) -> Arrivals:
        seen: dict[date, int] = dict(self.cells.arrivals.iter_rows())
        first = min(seen, default=self.cells.last_day - timedelta(days=QUARTER))
        return arrivals(seen, first, self.cells.last_day, until, DRAWS, self.rng)

    def quarter(self, number: int, period: Period) -> QuarterForecast:
        """What the quarter of this number brings."""
        start, end, seen = period.start.date(), period.end.date(), self.cells
        ahead = self.ends[number] - (end - max(start, seen.last_day + timedelta(days=1))).days / 2
        drift = np.exp(self.drift * DRIFT * np.sqrt(ahead / QUARTER))
        of_open, of_new = self._of_open(number) * drift, self._of_new(number) * drift
        won = seen.arr_between(start, end) / 100
        opened, coming = self._chance_of_new(number, self.usual_new)
        expected = float(self.chance[number] @ self.own.arr)
        new_wins = float(self.arriving.expected @ coming)
        new = new_wins * self.sizes.mean
        return QuarterForecast(
            label=period.label,
            start=start,
            end=end,
            won_so_far=won,
            won_deals=seen.won_between(start, end),
            unconverted=seen.unconverted_between(start, end),
            open=_estimate(expected, of_open, int(self.own.deals.sum())),
            new=_estimate(new, of_new, self.sizes.n),
            total=_estimate(won + expected + new, won + of_open + of_new, int(seen.known["closed"].sum())),
            wins=float(self.chance[number] @ self.own.deals),
            arriving=float(self.arriving.expected @ opened),
            new_wins=new_wins,
        )

    def _of_open(self, number: int) -> np.ndarray:
        """Wins are many independent ones of unequal chance; the ARR of so many is taken as a gamma."""
        chance = np.clip(self.chance[number] + self.off[number], 0, 1)
        mean, variance = chance @ self.own.deals, (chance * (1 - chance)) @ self.own.deals
        wins = _wins(self.rng, mean[self.curve], variance[self.curve])
        some = np.where(mean > 0, mean, 1.0)
        size = chance @ self.own.arr / some
        spread = np.maximum(chance @ self.own.square / some - size**2, 0.0)
        return _gamma(self.rng, wins * size[self.curve], wins * spread[self.curve])

    def _of_new(self, number: int) -> np.ndarray:
        _, coming = self._chance_of_new(number, self.drawn_new)
        wins = self.rng.poisson((self.arriving.drawn * coming[self.curve]).sum(axis=1))
        return _gamma(self.rng, wins * self.mean, wins * (self.sizes.variation * self.sizes.mean) ** 2)

    def _chance_of_new(self, number: int, curve: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of deals that open on each day to come: whether that is before the quarter's end, and P(won within it)."""
        days = np.arange(len(self.arriving.days))
        left = np.maximum(self.ends[number] - days, 0)
        gone = np.maximum(self.ends[number - 1] - days, 0) if number else np.zeros(len(days), dtype=int)
        return (left > 0).astype(float), np.maximum(curve[..., left] - curve[..., gone], 0)


def _weekly(matrices: np.ndarray, at: np.ndarray, days: int) -> np.ndarray:
    """Chances within so many days by weekly matrices, linear between whole weeks."""
    whole, rest = divmod(days, WEEK)
    low = chances(matrices, at, whole)
    return low + (chances(matrices, at, whole + 1) - low) * rest / WEEK if rest else low


def _daily(by_week: np.ndarray, longest: int) -> np.ndarray:
    """Values of whole weeks, for 0 … `longest` days: linear between the weeks."""
    week, rest = np.divmod(np.arange(longest + 1), WEEK)
    return np.asarray(by_week[..., week] + (by_week[..., week + 1] - by_week[..., week]) * rest / WEEK)


def _wins(rng: np.random.Generator, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Draws of how many of many unequal chances come true: a binomial of the same mean and about the same variance."""
    share = np.where(mean > 0, 1 - variance / np.where(mean > 0, mean, 1.0), 1.0)
    tries = np.maximum(np.ceil(mean), np.rint(mean / np.maximum(share, 1e-6))).astype(int)
    return np.asarray(rng.binomial(tries, np.where(tries > 0, mean / np.maximum(tries, 1), 0.0)))


def _gamma(rng: np.random.Generator, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Draws of gamma distributions with these means and variances; the mean itself where nothing varies."""
    some = (mean > 0) & (variance > 0)
    shape = np.where(some, mean, 1.0) ** 2 / np.where(some, variance, 1.0)
    drawn = rng.gamma(shape) * np.where(some, variance / np.where(mean > 0, mean, 1.0), 0.0)
    return np.where(some, drawn, mean)


def _estimate(value: float, drawn: np.ndarray, n: int) -> Estimate:
    low, high = np.quantile(drawn, (TAIL, 1 - TAIL))
    return Estimate(value, min(float(low), value), max(float(high), value), n)


def _groups(
    valued: pl.DataFrame, own: _Open, counts: StageCounts, chance: Sequence[np.ndarray]
) -> tuple[OpenGroup, ...]:
    """The open deals by stage, in the order in which deals reach them, and age band; those of unknown age last."""
    found = []
    for place in _in_order(counts):
        stage = counts.states[place]
        for first, last in AGE_BANDS:
            mine = (own.place == place) & (own.age >= first) & (own.age <= (10**6 if last is None else last))
            if mine.any():
                found.append(
                    OpenGroup(
                        first, last, stage, int(own.deals[mine].sum()), float(own.arr[mine].sum()),
                        tuple(float(part[mine] @ own.arr[mine]) for part in chance),
                        tuple(float(part[mine] @ own.deals[mine]) for part in chance),
                    )
                )  # fmt: skip
    rest = valued.filter(pl.col("age").is_null())
    if rest.height:
        nothing = (0.0,) * len(chance)
        found.append(OpenGroup(None, None, None, int(rest["deals"].sum()), float(rest["arr"].sum()), nothing, nothing))
    return tuple(found)


def _in_order(counts: StageCounts) -> list[int]:
    """The states by the mean day on which deals enter them; the one in which all begin comes first."""
    entered = counts.moved.sum(axis=1)[:, : len(counts.states)]
    total = entered.sum(axis=0)
    mean = np.arange(counts.days) @ entered / np.where(total > 0, total, 1)
    mean[0] = -1
    return [int(place) for place in np.argsort(mean, kind="stable")]
