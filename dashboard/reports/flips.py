"""Which leads flip under a scenario, as a file? Rows as CSV, made harmless for spreadsheets, batch by batch."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from dashboard.reports.lead_csv import exactly, lead_csv
from dashboard.scoring.cells import Work

WORKED = {
    Work.NEVER.value: "never worked",
    Work.WORKED.value: "worked",
    Work.EXPERIMENT.value: "worked as an experiment",
    Work.BY_RESULT.value: "worked, by its result",
}
FLIPS = (
    "lead_id", "company", "email_domain", "partner", "channel", "owner", "created_at", "flips", "score_now",
    "score_scenario", "worked", "experiment", "sqls", "outcome", "pipeline", "arr",
)  # fmt: skip
DRAWN = ("lead_id", "company", "email_domain", "partner", "channel", "created_at", "score_now", "experiment")


def outcome() -> pl.Expr:
    """Won, open, lost, or empty where the lead has no deal of which that is known."""
    return (
        pl.when(pl.col("won") == 1).then(pl.lit("won")).when(pl.col("open") == 1).then(pl.lit("open"))
        .when(pl.col("lost") == 1).then(pl.lit("lost")).otherwise(pl.lit(None, dtype=pl.String))
    )  # fmt: skip


def worked() -> pl.Expr:
    """Whether sales worked the lead, in words."""
    return pl.col("work").replace_strict(WORKED, return_dtype=pl.String)


def flips_csv(batches: Iterable[pl.DataFrame]) -> bytes:
    """The list of leads that flip: instants in UTC, money to the cent; with a byte order mark."""
    return lead_csv((_flips(rows) for rows in batches), FLIPS)


def drawn_csv(rows: pl.DataFrame) -> bytes:
    """Leads drawn at random, flagged as an experiment, to be handed to sales and imported again with the flag."""
    return lead_csv([rows.with_columns(experiment=pl.lit("true"), score_now="now")], DRAWN)


def _flips(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(
        flips=pl.when("gained").then(pl.lit("gained")).otherwise(pl.lit("dropped")),
        score_now="now",
        score_scenario="then",
        worked=worked(),
        outcome=outcome(),
        pipeline=exactly("pipeline"),
        arr=exactly("arr"),
    )
