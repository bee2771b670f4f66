"""What is the programme meant to reach? Rows of `target`: ARR and EQLs a quarter."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from .arrays import Floats, Ints, frame, pick
from .costs import quarters, won
from .deals import Deals
from .options import DAY, day_number
from .world import World

STEP = {"arr": 10_000, "eqls": 5}
GOLD = 0


def target_table(world: World, deals: Deals) -> pl.DataFrame:
    """Rows of `target` for the programme and for each gold partner: what was reached, give or take; the last quarter's
    goal is set from the one before."""
    stream = world.options.stream("target")
    spans = list(quarters(world.options))
    owners, metrics, values = [], [], []
    for owner in (-1, *np.flatnonzero(world.partners.tier == GOLD)):
        for metric, reached in (("arr", _arr(world, deals, owner)), ("eqls", _eqls(world, owner))):
            for number in range(len(spans)):
                basis = _within(reached, *spans[number - 1 if 0 < number == len(spans) - 1 else number])
                owners.append(int(owner))
                metrics.append(metric)
                values.append(_goal(basis * stream.uniform(0.88, 1.25), STEP[metric]))
    repeats = len(owners) // max(len(spans), 1)
    return frame(
        metric=pl.Series(metrics, dtype=pl.String),
        period_start=pl.Series([first for first, _ in spans] * repeats, dtype=pl.Date),
        period_end=pl.Series([last for _, last in spans] * repeats, dtype=pl.Date),
        partner_id=pick(world.partners.ids, np.asarray(owners, dtype=np.int64)),
        value=pl.Series(values, dtype=pl.Float64),
    )


def _goal(value: float, step: int) -> float:
    return float(max(step, round(value / step) * step))


def _arr(world: World, deals: Deals, owner: int) -> tuple[Ints, Floats]:
    """Days and ARR of the won deals of one partner (-1: of all)."""
    mine, day, value = won(world, deals)
    chosen = mine >= 0 if owner < 0 else mine == owner
    return day[chosen], value[chosen]


def _eqls(world: World, owner: int) -> tuple[Ints, Floats]:
    """Days of the EQLs of one partner (-1: of all), each counting one."""
    at, partner = world.desk.eql_at, world.arrivals.partner
    chosen = world.happened(at) & (partner >= 0 if owner < 0 else partner == owner)
    return at[chosen] // DAY, np.ones(int(chosen.sum()))


def _within(reached: tuple[Ints, Floats], first: date, last: date) -> float:
    day, value = reached
    return float(value[(day >= day_number(first)) & (day <= day_number(last))].sum())
