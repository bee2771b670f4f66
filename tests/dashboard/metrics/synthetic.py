"""How do tests of the metrics get cells? From a handful of rows, or from a company drawn at random."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import polars as pl

from dashboard.metrics.cells import Cells, Reading
from dashboard.metrics.survival import DayCounts
from dashboard.period import Period
from dashboard.window import Window

KEYS = {"partner_id": pl.String, "channel": pl.String}
COHORT = KEYS | dict.fromkeys(("mql", "eql", "sql", "opportunity", "won"), pl.Boolean)
COHORT |= {"leads": pl.Int64, "pipeline_cents": pl.Int64}
AGES = KEYS | {"age_days": pl.Int64, "leads": pl.Int64}
MOMENTS = KEYS | {"eqls": pl.Int64, "sqls": pl.Int64}
DEAL_COUNTS = (
    "opened",
    "pipeline_cents",
    "won",
    "lost",
    "arr_cents",
    "won_with_arr",
    "won_amount_cents",
    "won_with_amount",
    "open",
    "open_pipeline_cents",
    "unconverted",
    "of_live_leads",
    "won_of_live_leads",
)
DEALS = KEYS | {"has_lead": pl.Boolean} | dict.fromkeys(DEAL_COUNTS, pl.Int64)
CURVE = KEYS | {
    "has_lead": pl.Boolean,
    "eql_before": pl.Boolean,
    "outcome": pl.String,
    "days": pl.Int64,
    "deals": pl.Int64,
}
CURVE_AGES = KEYS | {"has_lead": pl.Boolean, "age_days": pl.Int64, "deals": pl.Int64}
DELAYS = {"stage": pl.String, "days": pl.Int64, "leads": pl.Int64}
CLOSING = {"days": pl.Int64, "deals": pl.Int64}
CENSUS = {"channel": pl.String, "live": pl.Int64, "mql": pl.Boolean, "eql": pl.Boolean, "sql": pl.Boolean}
PARTNERS = dict.fromkeys(("partner_id", "name", "partner_type", "tier", "region", "manager", "status"), pl.String)
PARTNERS |= {"joined_on": pl.Date}
PAGES = {"partner_id": pl.String, "pages": pl.Int64, "pages_12_months": pl.Int64}
COSTS = KEYS | {"cost": pl.Float64, "unconverted": pl.Int64}

QUARTER = Period("2025-Q3", datetime(2025, 7, 1, tzinfo=UTC), datetime(2025, 10, 1, tzinfo=UTC))
AFTERWARDS = datetime(2025, 11, 5, 12, tzinfo=UTC)
WINDOW = Window(QUARTER, AFTERWARDS)

Rows = Iterable[Mapping[str, Any]]


def frame(schema: Mapping[str, Any], rows: Rows) -> pl.DataFrame:
    """Rows with what they leave out filled in: no partner, no channel, a lead, one of what is counted, else nothing."""
    full = []
    for row in rows:
        defaults: dict[str, Any] = {name: None if kind == pl.String else 0 for name, kind in schema.items()}
        defaults |= {name: False for name, kind in schema.items() if kind == pl.Boolean}
        defaults |= {name: 1 for name in ("leads", "live") if name in schema}
        defaults |= {"deals": 1} if "deals" in schema else {}
        defaults |= {"has_lead": True} if "has_lead" in schema else {}
        full.append(defaults | dict(row))
    return pl.DataFrame(full, schema=dict(schema), orient="row")


def cells(
    cohort: Rows = (),
    ages: Rows = (),
    moments: Rows = (),
    deals: Rows = (),
    curve: Rows = (),
    curve_ages: Rows = (),
) -> Cells:
    """Cells from rows."""
    return Cells(
        frame(COHORT, cohort),
        frame(AGES, ages),
        frame(MOMENTS, moments),
        frame(DEALS, deals),
        frame(CURVE, curve),
        frame(CURVE_AGES, curve_ages),
    )


def reading(cells: Cells, partners: Rows, **frames: Rows) -> Reading:
    """A reading of these cells; `frames` holds rows of delays, closing, census, pages and costs."""
    joined = {"partner_type": "other", "status": "active", "joined_on": date(2020, 1, 1)}
    return Reading(
        cells,
        frame(DELAYS, frames.get("delays", ())),
        frame(CLOSING, frames.get("closing", ())),
        frame(CENSUS, frames.get("census", ({"mql": True, "eql": True, "sql": True},))),
        frame(PARTNERS, [joined | {"name": row["partner_id"]} | dict(row) for row in partners]),
        frame(PAGES, frames.get("pages", ())),
        frame(COSTS, frames.get("costs", ())),
    )


def counts(won: Sequence[int] = (), lost: Sequence[int] = (), waiting: Sequence[int] = ()) -> DayCounts:
    """The histogram of deals given one by one, by their days."""
    days = np.unique(np.array([*won, *lost, *waiting], dtype=int))
    return DayCounts(days, *(np.array([list(own).count(day) for day in days], float) for own in (won, lost, waiting)))


def random_reading(partners: int, leads: int, seed: int = 1) -> Reading:
    """A company whose partners differ in size and quality; every cell is counted from single leads and deals."""
    rng = np.random.default_rng(seed)
    names = np.array([f"P{i:03d}" for i in range(partners)])
    share = rng.lognormal(0, 1, partners)
    who = rng.choice(partners + 1, leads, p=np.append(0.7 * share / share.sum(), 0.3))
    channels = np.array(["partner", "direct", "email", None], dtype=object)
    rows = pl.DataFrame(
        {
            "partner_id": np.append(names.astype(object), None)[who].tolist(),
            "channel": channels[np.where(who < partners, 0, rng.integers(0, 4, leads))].tolist(),
            "age_days": rng.integers(36, 128, leads),
            "mql": rng.random(leads) < 0.6,
        },
        schema_overrides=KEYS,
    )
    rows = rows.with_columns(eql=pl.col("mql") & pl.Series(rng.random(leads) < 0.5))
    rows = rows.with_columns(sql=pl.col("eql") & pl.Series(rng.random(leads) < 0.6))
    opens = pl.col("sql") & pl.Series(rng.random(leads) < 0.8)
    rows = rows.with_columns(opportunity=opens, won=opens & pl.Series(rng.random(leads) < 0.3))
    return _counted(rows, names, rng)


def _counted(rows: pl.DataFrame, names: np.ndarray, rng: np.random.Generator) -> Reading:
    worth = rng.lognormal(9, 1, rows.height) * 100
    cents = pl.Series(worth.astype(int)) * rows["opportunity"].cast(pl.Int64)
    rows = rows.with_columns(pipeline_cents=cents)
    stages = ("mql", "eql", "sql", "opportunity", "won")
    cohort = rows.group_by(*KEYS, *stages).agg(leads=pl.len(), pipeline_cents=pl.col("pipeline_cents").sum())
    ages = rows.group_by(*KEYS, "age_days").agg(leads=pl.len())
    moments = rows.group_by(*KEYS).agg(eqls=pl.col("eql").sum(), sqls=pl.col("sql").sum())
    deals = _deal_rows(rows.filter("opportunity"), rng)
    parts = (
        cohort.pipe(_typed, COHORT),
        ages.pipe(_typed, AGES),
        moments.pipe(_typed, MOMENTS),
        deals.group_by(*KEYS, "has_lead").agg(pl.col(DEAL_COUNTS).sum()).pipe(_typed, DEALS),
        deals.group_by(*KEYS, "has_lead", "eql_before", "outcome", "days").agg(deals=pl.len()).pipe(_typed, CURVE),
        deals.group_by(*KEYS, "has_lead", "age_days").agg(deals=pl.len()).pipe(_typed, CURVE_AGES),
    )
    return reading(
        Cells(*parts),
        [{"partner_id": str(name)} for name in names],
        delays=[{"stage": s, "days": int(d)} for s in stages for d in rng.integers(0, 90, 40)],
        closing=[{"days": int(d), "deals": 2} for d in np.unique(rng.integers(5, 200, 60))],
        census=[{"channel": c, "mql": True, "eql": True, "sql": True} for c in rows["channel"].unique()],
        pages=[
            {"partner_id": str(n), "pages": int(p), "pages_12_months": int(p) + 3}
            for n, p in zip(names, rng.integers(0, 30, len(names)), strict=True)
        ],
        costs=[
            {"partner_id": str(n), "cost": float(c)}
            for n, c in zip(names, rng.uniform(0, 9e3, len(names)), strict=True)
        ]
        + [{"cost": 1e4}, {"channel": "email", "cost": 500.0}],
    )


def _typed(cells: pl.DataFrame, schema: Mapping[str, Any]) -> pl.DataFrame:
    return cells.select(*schema).cast(dict(schema))


def _deal_rows(leads: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Three deals for each opportunity of the quarter, as if earlier quarters were alike; a few without a lead."""
    deals = pl.concat([leads] * 3)
    n = deals.height
    age = rng.integers(36, 760, n)
    took, ends = rng.geometric(1 / 70, n), rng.random(n) < 0.95
    closed = ends & (took <= age)
    outcome = np.where(closed, np.where(rng.random(n) < 0.35, "won", "lost"), "open")
    alone = rng.random(n) < 0.02
    won = outcome == "won"
    return deals.select(
        partner_id=pl.when(pl.Series(~alone)).then("partner_id"),
        channel=pl.when(pl.Series(~alone)).then("channel"),
        has_lead=pl.Series(~alone),
        eql_before=pl.Series(rng.random(n) < 0.5),
        outcome=pl.Series(outcome),
        days=pl.Series(np.where(closed, took, age)),
        age_days=pl.Series(age),
        opened=pl.Series(age < 128).cast(pl.Int64),
        pipeline_cents=pl.col("pipeline_cents") * pl.Series(age < 128).cast(pl.Int64),
        won=pl.Series(won).cast(pl.Int64),
        lost=pl.Series(outcome == "lost").cast(pl.Int64),
        arr_cents=pl.col("pipeline_cents") * pl.Series(won).cast(pl.Int64) // 2,
        won_with_arr=pl.Series(won).cast(pl.Int64),
        won_amount_cents=pl.col("pipeline_cents") * pl.Series(won).cast(pl.Int64),
        won_with_amount=pl.Series(won).cast(pl.Int64),
        open=pl.Series(outcome == "open").cast(pl.Int64),
        open_pipeline_cents=pl.col("pipeline_cents") * pl.Series(outcome == "open").cast(pl.Int64),
        unconverted=pl.lit(0),
        of_live_leads=pl.Series(~alone).cast(pl.Int64),
        won_of_live_leads=pl.Series(won & ~alone).cast(pl.Int64),
    )
