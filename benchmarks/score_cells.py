"""How long do score cells take: made, read, and brought up to date, against grouping the leads anew each time?"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from statistics import median

from sqlalchemy import Engine, text

from benchmarks.company import simulated
from benchmarks.stopwatch import median_seconds
from dashboard.period import Period
from dashboard.scoring.cells import ScoreCells
from dashboard.scoring.scorecard_file import default_model
from dashboard.scoring.structure import structure_of
from dashboard.window import Window
from data_access.engine import Database, app_engine, owner_engine
from data_access.score_cells import cells_from_rows, read_cells
from data_access.score_rollup import Refreshed, refresh

REPEATS = 5
CHANGED = 10_000
TIMEOUT_MS = 900_000
ZONE, CURRENCY = "UTC", "USD"

# Grouping the leads' kept states, as one would without cells.
_GROUP_BY = """
SELECT count(*) FROM (
    SELECT owner_no, code, work, count(*), sum(sqls), sum(won), sum(lost), sum(open), sum(pipeline), sum(arr)
    FROM eql.lead_score WHERE code IS NOT NULL GROUP BY owner_no, code, work OFFSET 0
) AS c
"""
_NEW_SIGNALS = """
INSERT INTO eql.signal (lead_id, signal, occurred_at)
SELECT lead_id, 'pricing_page_view', created_at + make_interval(mins => :minute) FROM (
    SELECT lead_id, created_at FROM eql.lead WHERE created_at <= :as_of ORDER BY {order} LIMIT :many
) AS l ON CONFLICT DO NOTHING
"""
ORDERS = {"recent": "created_at DESC", "scattered": "md5(lead_id)"}


def measure(database: Database) -> dict[str, float]:
    """Seconds, medians where something is repeated; cells and leads are counted.

    `rebuild_s`: all leads counted anew. `load_s`: the cells of all leads, `load_quarter_s`: of the last 91 days.
    `group_by_s`: SQL over each lead's kept state; `rows_s`: the same cells straight from the rows. `fold_recent_s` and
    `fold_scattered_s`: 10,000 changed leads (a tenth of a smaller company), the newest or any. `noting`: times that a
    load of signals takes because changes are noted.
    """
    engine, now = app_engine(database, TIMEOUT_MS), datetime.now(UTC)
    model, everything = default_model(), Period("all", now - timedelta(days=36_500), now + timedelta(days=1))
    structure = structure_of(model)
    quarter = Period("91 days", now - timedelta(days=91), now)

    def read(period: Period) -> ScoreCells:
        return read_cells(engine, Window(period, now, ZONE, CURRENCY), structure, sourced=False)

    noting = _noting(database)
    made = refresh(engine, model, now, ZONE, CURRENCY)
    cells = read(everything)
    found = {
        "leads": float(cells.measure("leads").sum()),
        "cells": float(len(cells.code)),
        "codes": float(len(cells.codes)),
        "rebuild_s": made.seconds,
        "load_s": median_seconds(lambda: read(everything), REPEATS),
        "load_quarter_s": median_seconds(lambda: read(quarter), REPEATS),
        "group_by_s": median_seconds(lambda: _ask(engine, _GROUP_BY), REPEATS),
        "noting": noting,
    }
    window = Window(everything, now, ZONE, CURRENCY)
    begin = time.perf_counter()
    rows = cells_from_rows(engine, window, structure, model.window_days, sourced=False)
    found["rows_s"] = time.perf_counter() - begin
    if (rows.counts.sum(axis=1) != cells.counts.sum(axis=1)).any() or len(rows.code) != len(cells.code):
        raise AssertionError("the rollup's cells are not those of the rows")
    many = min(CHANGED, int(found["leads"]) // 10)
    for name, order in ORDERS.items():
        folds = [_fold(database, engine, now, order, minute, many) for minute in range(1, 4)]
        found[f"fold_{name}_s"] = median(done.seconds for done in folds)
    return found


def _fold(database: Database, engine: Engine, now: datetime, order: str, minute: int, many: int) -> Refreshed:
    with owner_engine(database).begin() as connection:
        values = {"minute": minute, "as_of": now, "many": many}
        connection.execute(text(_NEW_SIGNALS.format(order=order)), values)
    done = refresh(engine, default_model(), now, ZONE, CURRENCY)
    if done.rebuilt:
        raise AssertionError("so few changes must not make everything anew")
    return done


def _noting(database: Database) -> float:
    """How many times as long half a million signals take to be written with the triggers as without."""
    insert = """INSERT INTO eql.signal (lead_id, signal, occurred_at)
                SELECT lead_id, 'noted', occurred_at FROM eql.signal LIMIT 500000 ON CONFLICT DO NOTHING"""
    seconds: dict[str, list[float]] = {"ENABLE": [], "DISABLE": []}
    for _ in range(3):
        for state, taken in seconds.items():
            with owner_engine(database).connect() as connection:
                connection.execute(text(f"ALTER TABLE eql.signal {state} TRIGGER note_score_insert"))
                begin = time.perf_counter()
                connection.execute(text(insert))
                taken.append(time.perf_counter() - begin)
                connection.rollback()
    return median(seconds["ENABLE"]) / median(seconds["DISABLE"])


def _ask(engine: Engine, sql: str) -> None:
    with engine.connect() as connection:
        connection.execute(text(sql)).all()


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the figures for a simulated company."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.score_cells", description=__doc__)
    parser.add_argument("--leads", type=int, default=1_000_000)
    with simulated(parser.parse_args(arguments).leads) as company:
        for name, value in measure(company.database).items():
            print(f"{name:18} {value:14,.3f}")


if __name__ == "__main__":
    main()
