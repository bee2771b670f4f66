"""How often do the forecast's 80 % intervals hold, how wide are they, and is it better than the last quarter's ARR?

`python -m tests.calibration.forecast [companies]` prints the tables of docs/forecast.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import numpy as np
import polars as pl

from dashboard.metrics.forecast import Forecast, forecast
from dashboard.period import Period, add_months, quarter_of
from dashboard.settings import Settings
from tests.calibration.forecast_worlds import EPOCH, World, brought, brought_by, demonstration, number, restless, seen

SETTINGS = Settings(_env_file=None)
SIZES = (2_000, 5_000, 10_000, 20_000, 40_000)
LEVELS = (0.1, 0.5, 0.9)
MIDDLE = 45
# As little history as the product will meet: its forecasts need 20 closed deals anyway.
FEWEST_DAYS = 180


def moments(world: World) -> Iterator[tuple[str, date, Period, Period]]:
    """Each quarter's first day and one in its middle, with this and the next quarter, as far as the future is known."""
    first = EPOCH + timedelta(world.first_day + FEWEST_DAYS)
    quarter = quarter_of(add_months(first, 3), SETTINGS)
    while True:
        following = quarter_of(quarter.end.date(), SETTINGS)
        if number(following.end.date()) > world.end_day:
            return
        for name, days in (("start", 0), ("middle", MIDDLE)):
            yield name, quarter.start.date() + timedelta(days), quarter, following
        quarter = following


def pinball(value: float, quantile: float, level: float) -> float:
    """Loss of a quantile (Koenker & Bassett 1978)."""
    return max(level * (value - quantile), (level - 1) * (value - quantile))


def naive_spread(history: list[float]) -> float:
    """Standard deviation of the ln ratio of consecutive quarters; 0.5 where fewer than three are known."""
    known = [value for value in history if value > 0]
    steps = np.diff(np.log(known))
    return float(np.sqrt(np.mean(steps**2))) if len(steps) >= 2 else 0.5


def measured(world: World, make: Callable[..., Forecast] = forecast) -> Iterator[dict[str, object]]:
    """A row for each moment and quarter: what was forecast, what came, and what naive forecasts said."""
    for place, today, *quarters in moments(world):
        found = make(seen(world, number(today)), quarters)
        if found.too_early:
            continue
        for ahead, quarter in enumerate(quarters):
            own = found.quarters[ahead]
            start, end = quarter.start.date(), quarter.end.date()
            truth, (of_open, of_new) = brought(world, start, end), brought_by(world, number(today), start, end)
            yield {
                "at": place, "ahead": ahead, "truth": truth, "closed": found.closed, "wins": own.wins + own.new_wins,
                "value": own.total.value, "low": own.total.low, "high": own.total.high,
                "won": own.won_so_far, "open": own.open.value, "new": own.new.value,
                "open_low": own.open.low, "open_high": own.open.high, "open_truth": of_open,
                "new_low": own.new.low, "new_high": own.new.high, "new_truth": of_new,
                "day": today,
            } | _rivals(world, today, quarters[0], quarter)  # fmt: skip


def _rivals(world: World, today: date, current: Period, quarter: Period) -> dict[str, float | None]:
    """The last full quarter, and the quarter a year before, with the spread of quarters seen until then."""
    starts = [add_months(current.start.date(), -3 * step) for step in range(8, 0, -1)]
    starts = [start for start in starts if number(start) >= world.first_day]
    history = [brought(world, start, add_months(start, 3)) for start in starts]
    before = add_months(quarter.start.date(), -12)
    season = brought(world, before, add_months(before, 3)) if number(before) >= world.first_day else None
    return {"last": history[-1] if history else None, "season": season, "spread": naive_spread(history)}


Z80 = 1.2815515655446004


def summary(rows: pl.DataFrame, *by: str) -> pl.DataFrame:
    """Coverage, tails, width, bias and pinball losses (as shares of the mean truth) of groups of rows."""
    found = []
    for keys, part in rows.group_by(*by, maintain_order=True):
        truth, low, high, value = (part[name].to_numpy() for name in ("truth", "low", "high", "value"))
        scale = truth.mean()
        own = np.mean([[pinball(t, q, level) for level, q in zip(LEVELS, (lo, v, hi), strict=True)]
                       for t, lo, v, hi in zip(truth, low, value, high, strict=True)]) / scale  # fmt: skip
        row = dict(zip(by, keys, strict=True)) | {
            "n": len(truth), "held": np.mean((truth >= low) & (truth <= high)), "below": np.mean(truth < low),
            "above": np.mean(truth > high), "width": np.median((high - low) / np.maximum(truth, 0.01)),
            "bias": value.mean() / scale - 1, "loss": own,
        }  # fmt: skip
        for name in ("last", "season"):
            some = part.filter(pl.col(name).is_not_null())
            if some.height:
                losses = [[pinball(t, max(p, 0.01) * np.exp(z * s), level)
                           for level, z in zip(LEVELS, (-Z80, 0, Z80), strict=True)]
                          for t, p, s in some.select("truth", name, "spread").iter_rows()]  # fmt: skip
                row[name] = np.mean(losses) / some["truth"].mean()
                same = [[pinball(t, q, level) for level, q in zip(LEVELS, own_row, strict=True)]
                        for t, *own_row in some.select("truth", "low", "value", "high").iter_rows()]  # fmt: skip
                row[f"loss_{name}"] = np.mean(same) / some["truth"].mean()
        found.append(row)
    return pl.DataFrame(found).sort(*by)


def parts(rows: pl.DataFrame, *by: str) -> pl.DataFrame:
    """Coverage, tails, bias and width of what open and what new deals bring, and their share of the ARR that came."""
    whole = pl.col("truth").mean()
    told = []
    for part in ("open", "new"):
        came, low, high = pl.col(f"{part}_truth"), pl.col(f"{part}_low"), pl.col(f"{part}_high")
        row = rows.group_by(*by).agg(
            n=pl.len(), held=((came >= low) & (came <= high)).mean(), below=(came < low).mean(),
            above=(came > high).mean(), bias=pl.col(part).mean() / came.mean() - 1,
            width=(high - low).mean() / came.mean(), share=came.mean() / whole,
        )  # fmt: skip
        told.append(row.with_columns(part=pl.lit(part)).select("part", *by, pl.exclude("part", *by)))
    return pl.concat(told).sort("part", *by)


def companies(count: int) -> Iterator[tuple[str, World]]:
    """Simulated companies of all sizes in turn, and as many restless ones."""
    for step in range(count):
        size = SIZES[step % len(SIZES)]
        yield f"{size:>6}", demonstration(size, seed=2_000 + step)
        yield "restless", restless(500 + step)


def measure(count: int) -> pl.DataFrame:
    """All rows of so many companies of each kind."""
    rows = [
        {"kind": kind, "company": step} | row
        for step, (kind, world) in enumerate(companies(count))
        for row in measured(world)
    ]
    # Every company weighs alike: money is counted in its own quarters.
    money = pl.col("truth", "value", "low", "high", "won", "last", "season", "^(open|new)(_.*)?$")
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(money / pl.col("truth").mean().over("company"))


def main(count: int = 40) -> None:
    rows = measure(count)
    with pl.Config(tbl_rows=100, tbl_cols=30, tbl_width_chars=220, float_precision=3):
        for by in (("at", "ahead"), ("kind", "at", "ahead")):
            print(summary(rows, *by))
            print(parts(rows, *by))


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:2]))
