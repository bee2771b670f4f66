"""Which leads flip under a scenario, as a file? Rows as CSV, made harmless for spreadsheets, batch by batch."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from dashboard.reports.tables import FORMULA_STARTS
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
    return _joined((_flips(rows) for rows in batches), FLIPS)


def drawn_csv(rows: pl.DataFrame) -> bytes:
    """Leads drawn at random, flagged as an experiment, to be handed to sales and imported again with the flag."""
    return _joined([rows.with_columns(experiment=pl.lit("true"), score_now="now")], DRAWN)


def _flips(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(
        flips=pl.when("gained").then(pl.lit("gained")).otherwise(pl.lit("dropped")),
        score_now="now",
        score_scenario="then",
        worked=worked(),
        outcome=outcome(),
        pipeline=_exactly("pipeline"),
        arr=_exactly("arr"),
    )


def _joined(batches: Iterable[pl.DataFrame], columns: Sequence[str]) -> bytes:
    out = io.BytesIO(b"\xef\xbb\xbf")
    out.seek(0, io.SEEK_END)
    for part in _parts(batches, columns):
        out.write(part)
    return out.getvalue()


def _parts(batches: Iterable[pl.DataFrame], columns: Sequence[str]) -> Iterator[bytes]:
    header = True
    for rows in batches:
        ready = rows.with_columns(pl.col(pl.Datetime("us", "UTC")).dt.strftime("%Y-%m-%dT%H:%M:%SZ")).select(columns)
        yield ready.with_columns(_harmless(pl.col(pl.String))).write_csv(include_header=header).encode()
        header = False
    if header:
        yield (",".join(columns) + "\n").encode()


def _exactly(cents: str) -> pl.Expr:
    """Cents as a decimal number in text; amounts of deals are never negative."""
    whole, rest = pl.col(cents) // 100, pl.col(cents) % 100
    return whole.cast(pl.String) + "." + rest.cast(pl.String).str.zfill(2)


def _harmless(text: pl.Expr) -> pl.Expr:
    """What `dashboard.reports.tables.harmless` does to one text, done to a column."""
    return pl.when(text.str.slice(0, 1).is_in(FORMULA_STARTS)).then("'" + text).otherwise(text).name.keep()
