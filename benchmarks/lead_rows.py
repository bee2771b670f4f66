"""Leads of a simulated company, one row each with levels, gates, sales work and outcomes, without a database.

The simulation's own draws, kept as arrays: levels, signals, partners and outcomes are as frequent and as entangled as
in the simulated company, but none of its tables is made. Ten million leads take two minutes, in parts of a million,
each from a seed of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dashboard.scoring.cells import MEASURES, Owner, ScoreCells, Work, score_cells
from dashboard.scoring.model import Criterion, Gate, Kind
from dashboard.scoring.scorecard_file import default_model
from dashboard.scoring.structure import AnyOf, Flag, HowMany, Question, Structure, score_codes, structure_of
from data_access.demonstration.options import DAY, DemoOptions
from data_access.demonstration.scorecard import SIGNALS
from data_access.demonstration.worked import Queue
from data_access.demonstration.world import World, build_world

PARTNERS = 300
UNTIL = date(2026, 1, 1)
PART = 1_000_000
OLD_DAYS = 180

# The simulation's levels as the default model's: place of a level → its number; 0 is unknown.
LEVELS = MappingProxyType(
    {
        "account.employees": ("company_size", (1, 2, 3, 4, 5)),
        "account.industry": ("industry", (1, 1, 1, 2, 2, 2, 3, 4, 4, 4)),
        "account.tech_stack": ("tech_stack", (3, 2, 1)),
        "account.use_case": ("use_case", (1, 1, 2, 3, 4)),
    }
)


def lead_rows(leads: int, seed: int = 70) -> Iterator[pl.DataFrame]:
    """Rows in parts.

    Columns: `partner` and `channel` (numbers; no partner is −1), `d0`, `d1` … (the answers to the questions of the
    default model's structure), `work` (as in `dashboard.scoring.cells.Work`), `was` (qualified by the default model),
    `worked`, `sqls`, `won`, `lost`, `open`, `old`, `old_won` (0 or 1), `pipeline` and `arr` in cents. Only worked
    leads have outcomes.
    """
    for begin in range(0, leads, PART):
        count = min(PART, leads - begin)
        options = DemoOptions(leads=count, seed=seed + begin // PART, partners=PARTNERS, until=UNTIL)
        yield _rows(build_world(options), structure_of(default_model()))


def _rows(world: World, structure: Structure) -> pl.DataFrame:
    seen = {name: world.signals.seen[:, place] for place, name in enumerate(SIGNALS)}
    digits = np.stack([_answers(world, seen, question) for question in structure.questions]).astype(np.uint8)
    columns = {
        "partner": world.arrivals.partner.astype(np.int16),
        "channel": world.arrivals.channel.astype(np.int16),
        **{f"d{place}": own for place, own in enumerate(digits)},
        "was": score_codes(structure, digits, default_model()).qualified,
        **_outcomes(world),
    }
    return pl.DataFrame(columns)


def _answers(world: World, seen: dict[str, NDArray[Any]], question: Question) -> NDArray[Any]:
    if isinstance(question, AnyOf):
        return np.asarray(np.any([seen[name] for name in question.signals], axis=0), dtype=np.int16)
    if isinstance(question, HowMany):
        return np.asarray(np.sum([seen[name] for name in question.signals], axis=0), dtype=np.int16)
    if isinstance(question, Flag):
        return _flag(world, question.gate).astype(np.int16)
    return _level(world, seen, question).astype(np.int16)


def _level(world: World, seen: dict[str, NDArray[Any]], criterion: Criterion) -> NDArray[Any]:
    if criterion.kind is Kind.SIGNAL:
        return np.where(seen[criterion.looks_at], 1, 2)
    name, numbers = LEVELS[criterion.looks_at]
    known = world.accounts.known[name]
    return np.where(known, np.array(numbers)[world.accounts.level[name]], 0)[world.arrivals.account]


def _flag(world: World, gate: Gate) -> NDArray[Any]:
    confirmed = np.maximum(world.desk.partner_confirmed, world.desk.vendor_confirmed)
    return world.happened(world.desk.eql_at if gate is Gate.RECORDED else confirmed)


def _outcomes(world: World) -> dict[str, NDArray[Any]]:
    """Work and outcomes as seen on the company's last day."""
    happened, outcomes = world.happened, world.outcomes
    worked = happened(world.desk.assigned)
    drawn = worked & (world.desk.queue == Queue.BELOW)
    dealt, closed = happened(outcomes.opened), happened(outcomes.closed)
    won = dealt & closed & outcomes.wins
    old = worked & (world.arrivals.created < world.options.cutoff - OLD_DAYS * DAY)
    flags = {
        "work": np.where(drawn, Work.EXPERIMENT, np.where(worked, Work.WORKED, Work.NEVER)),
        "worked": worked,
        "sqls": happened(outcomes.sql_at),
        "won": won,
        "lost": dealt & closed & ~outcomes.wins,
        "open": dealt & ~closed,
        "old": old,
        "old_won": old & won,
    }
    return {name: flag.astype(np.uint8) for name, flag in flags.items()} | {
        "pipeline": np.where(dealt, np.round(outcomes.amount * 100), 0).astype(np.int64),
        "arr": np.where(won, np.round(outcomes.arr * 100), 0).astype(np.int64),
    }


def cells_of(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows counted by owner, code and work, as the rollup keeps them; `owner` is (partner + 1) × 16 + channel."""
    weights = structure_of(default_model()).weights
    code = pl.sum_horizontal(pl.col(f"d{place}").cast(pl.Int64) * weight for place, weight in enumerate(weights))
    owner = (pl.col("partner").cast(pl.Int32) + 1) * 16 + pl.col("channel")
    return _summed(rows.with_columns(code=code, owner=owner, leads=1, squares=pl.col("arr").cast(pl.Float64) ** 2))


def _summed(cells: pl.DataFrame) -> pl.DataFrame:
    sums = [pl.col(name).cast(pl.Int64).sum() for name in MEASURES]
    return cells.group_by("owner", "code", "work", "was").agg(*sums, pl.col("squares").sum())


def merged(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Cells of several parts added up."""
    return _summed(pl.concat(list(parts)))


def score_cells_of(cells: pl.DataFrame) -> ScoreCells:
    """The same as the arrays that a page computes with."""
    numbers, place = np.unique(cells["owner"].to_numpy(), return_inverse=True)
    owners = tuple(
        Owner(f"P{number // 16 - 1:03d}" if number >= 16 else None, f"channel {number % 16}")
        for number in numbers.tolist()
    )
    return score_cells(
        structure_of(default_model()),
        owners,
        place.astype(np.int32),
        cells["code"].to_numpy(),
        cells["work"].to_numpy(),
        np.stack([cells[name].to_numpy() for name in MEASURES]),
        cells["squares"].to_numpy(),
    )
