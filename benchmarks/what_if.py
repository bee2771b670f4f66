"""A move of a slider from cells, against pandas over rows, SQL over rows and SQL over the same cells.

`python -m benchmarks.what_if [--leads N …]`. The leads are drawn as in the simulated company, with 300 partners, but
none of its tables is made (`benchmarks.lead_rows`), so that ten million take two minutes. The rows go to an embedded
Postgres of their own with one narrow column a level, which is kinder to SQL than joining accounts and signals.
Python is measured in processor time, which others on the machine do not lengthen; SQL by the clock, since its work is
done in other processes, two of them at a time.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from benchmarks.lead_rows import cells_of, lead_rows, merged, score_cells_of
from benchmarks.own_postgres import own_postgres
from benchmarks.stopwatch import median_seconds
from benchmarks.what_if_rivals import SUMS, sql_over_cells, sql_over_rows, with_pandas
from dashboard.scoring.cells import ScoreCells
from dashboard.scoring.model import Gate, Group, ScoringModel
from dashboard.scoring.outcome_model import fit
from dashboard.scoring.scorecard_file import default_model
from dashboard.scoring.what_if import WhatIf, what_if
from data_access.engine import owner_engine

# What a move may take on two quiet cores, in milliseconds, and of what the others take.
GOALS_MS = {1_000_000: 5.0, 10_000_000: 15.0}
GOALS = {"pandas over rows": 1 / 15, "SQL over rows": 1 / 100, "SQL over cells": 1 / 8, "np.sum": 8.0}
REPEATS, SLOW_REPEATS = 21, 3
COMPARED = ("threshold 65", "demo request 12 → 9", "five points to fit")


def moves() -> dict[str, ScoringModel]:
    """What a person at the page may do to the default model."""
    model = default_model()
    return {
        "threshold 65": replace(model, threshold=65),
        "threshold 72": replace(model, threshold=72),
        "threshold 50": replace(model, threshold=50),
        "demo request 12 → 9": _with_points(model, "demo request", 9),
        "partner referral 12 → 8": _with_points(model, "partner referral", 8),
        "five points to fit": _to_fit(model),
        "three triggers": replace(model, min_triggers=3),
        "no ecosystem signal": replace(model, requires=Gate.BUYING),
        "confirmed as well": replace(model, requires=model.requires | Gate.CONFIRMED),
        "no gates, threshold 50": replace(model, requires=Gate(0), threshold=50),
    }


def _with_points(model: ScoringModel, name: str, points: int) -> ScoringModel:
    criteria = tuple(
        replace(each, levels=(replace(each.levels[0], points=points), *each.levels[1:])) if each.name == name else each
        for each in model.criteria
    )
    return replace(model, criteria=criteria)


def _to_fit(model: ScoringModel) -> ScoringModel:
    factor = {Group.FIT: 45 / 40, Group.INTENT: 55 / 60}
    criteria = tuple(
        replace(
            each,
            levels=tuple(replace(level, points=int(level.points * factor[each.group])) for level in each.levels),
        )
        for each in model.criteria
    )
    return replace(model, criteria=criteria, fit_total=45, intent_total=55)


@dataclass(frozen=True)
class Measured:
    """Milliseconds, medians: each move from cells, a move by each rival, the first answer and one with expectations."""

    leads: int
    cells: int
    codes: int
    moves: dict[str, float]
    rivals: dict[str, float]
    first_ms: float
    expecting_ms: float


def measure(leads: int) -> Measured:
    """Everything in one run; AssertionError where the ways do not agree."""
    with _postgres() as connection:
        rows, cells = _prepared(connection, leads)
        structure, active = cells.structure, default_model()
        scenarios = moves()
        compared = [scenarios[name] for name in COMPARED]
        first = _ms(partial(what_if, cells, compared[0], active), 1)
        own = {name: _ms(partial(what_if, cells, model, active), REPEATS) for name, model in scenarios.items()}
        for model in compared:
            found = what_if(cells, model, active)
            _agree(found, connection.execute(sql_over_rows(structure, model)).fetchall())
            _agree(found, connection.execute(sql_over_cells(structure, model)).fetchall())
            _agree_with_pandas(found, *with_pandas(rows, structure, model))
        everything = (cells.counts, cells.owner, cells.code, cells.work, cells.arr_squares)
        rivals: dict[str, Callable[[ScoringModel], object]] = {
            "pandas over rows": lambda model: with_pandas(rows, structure, model),
            "SQL over rows": lambda model: connection.execute(sql_over_rows(structure, model)).fetchall(),
            "SQL over cells": lambda model: connection.execute(sql_over_cells(structure, model)).fetchall(),
            "np.sum": lambda _: [array.sum() for array in everything],
        }
        theirs = {name: _of_all(work, compared, name) for name, work in rivals.items()}
    return Measured(leads, len(cells.code), len(cells.codes), own, theirs, first, _expecting(cells, compared[0]))


def _of_all(work: Callable[[ScoringModel], object], models: Sequence[ScoringModel], name: str) -> float:
    repeats = REPEATS if name == "np.sum" else SLOW_REPEATS
    clock = time.perf_counter if name.startswith("SQL") else time.process_time
    return median(_ms(partial(work, model), repeats, clock) for model in models)


def _expecting(cells: ScoreCells, model: ScoringModel) -> float:
    outcomes = fit(cells, default_model())
    what_if(cells, model, default_model(), outcomes)
    return _ms(lambda: what_if(cells, model, default_model(), outcomes), SLOW_REPEATS)


def _ms(work: Callable[[], object], repeats: int, clock: Callable[[], float] = time.process_time) -> float:
    return median_seconds(work, repeats, clock) * 1000


@contextmanager
def _postgres() -> Iterator[Any]:
    """A connection to a Postgres of its own, gone afterwards."""
    with own_postgres() as (database, _), owner_engine(database).connect() as outer:
        connection = outer.connection.driver_connection
        if connection is None:
            raise RuntimeError("no connection")
        yield connection


def _prepared(connection: Any, leads: int) -> tuple[pd.DataFrame, ScoreCells]:
    """Rows in memory and in the table `lead`, cells in memory and in the table `cell`."""
    parts, counted = [], []
    for part in lead_rows(leads):
        counted.append(cells_of(part))
        _store(connection, "lead", part)
        parts.append(part.to_pandas())
    cells = merged(counted)
    _store(connection, "cell", _as_stored(cells))
    connection.commit()
    connection.execute("ANALYZE lead, cell")
    connection.commit()
    rows = pd.concat(parts, ignore_index=True)
    return rows, score_cells_of(cells)


def _as_stored(cells: pl.DataFrame) -> pl.DataFrame:
    worked = pl.when(pl.col("work") > 0).then(pl.col("leads")).otherwise(0)
    return cells.with_columns(partner=(pl.col("owner") // 16 - 1).cast(pl.Int16), worked=worked)


def _store(connection: Any, table: str, frame: pl.DataFrame) -> None:
    types = {pl.Boolean: "boolean", pl.Int32: "integer", pl.Int64: "bigint", pl.Float64: "double precision"}
    columns = ", ".join(f"{name} {types.get(type(kind), 'smallint')}" for name, kind in frame.schema.items())
    connection.execute(f"CREATE UNLOGGED TABLE IF NOT EXISTS {table} ({columns})")
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN (FORMAT csv)") as copy:
        copy.write(frame.write_csv(include_header=False).encode())


def _agree(found: WhatIf, answer: Sequence[tuple[Any, ...]]) -> None:
    """SQL and cells must find the same, or the comparison means nothing."""
    own = {f"P{row[0]:03d}" if row[0] >= 0 else None: row for row in answer if row[1] is None}
    for change in (*found.partners, found.without_partner):
        partner = own.get(change.partner_id, (None, None, 0, 0, *(0 for _ in SUMS)))
        theirs = dict(zip(("leads", "gained", *SUMS), map(int, partner[2:]), strict=True))
        _same(theirs["leads"], change.qualified, theirs["gained"], change.gained)
        _same(theirs["won"], change.won, theirs["arr"], change.arr, theirs["pipeline"], change.pipeline)
    scores = sorted((row for row in answer if row[1] is not None), key=lambda row: -row[1])
    leads = np.cumsum([int(row[2]) for row in scores])
    _same(leads.tolist(), found.curves.qualified[[row[1] for row in scores]].tolist())


def _agree_with_pandas(found: WhatIf, by_partner: pd.DataFrame, by_score: pd.DataFrame) -> None:
    own = {f"P{partner:03d}" if partner >= 0 else None: row for partner, row in by_partner.to_dict("index").items()}
    for change in (*found.partners, found.without_partner):
        row = own.get(change.partner_id, dict.fromkeys(by_partner.columns, 0))
        _same(row["leads"], change.qualified, row["gained"], change.gained, row["arr"], change.arr)
    scores = by_score.index.to_numpy()
    _same(by_score.leads.tolist(), found.curves.qualified[scores].tolist())
    _same(by_score.arr.tolist(), found.curves.arr[scores].tolist())


def _same(*pairs: object) -> None:
    if pairs[::2] != pairs[1::2]:
        raise AssertionError(f"{pairs[::2]} against {pairs[1::2]}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures, ratios first; nothing is kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.what_if", description=__doc__)
    parser.add_argument("--leads", type=int, nargs="+", default=[1_000_000])
    for leads in parser.parse_args(arguments).leads:
        _print(measure(leads))
    return 0


def _print(found: Measured) -> None:
    own = median(found.moves.values())
    print(f"\nWhat-if over {found.leads:,} leads ({found.cells:,} cells, {found.codes:,} codes)")
    for name, ms in found.rivals.items():
        goal = f"(goal: at most {GOALS[name]:.3g})" if found.leads in GOALS_MS else ""
        print(f"  a move takes {own / ms:8.5f} × {name:<17} {ms:9.1f} ms  {goal}")
    goal = f"(goal: at most {GOALS_MS[found.leads]:g} ms)" if found.leads in GOALS_MS else ""
    print(f"  a move, median of {len(found.moves)} kinds    {own:6.2f} ms  {goal}")
    for name, ms in found.moves.items():
        print(f"    {name:<28} {ms:6.2f} ms")
    print(f"  the first answer of new data  {found.first_ms:6.0f} ms")
    print(f"  with estimates of outcomes    {found.expecting_ms:6.1f} ms")


if __name__ == "__main__":
    sys.exit(main())
