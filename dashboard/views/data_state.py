"""How do the data look, in sentences and small tables? What the Data page says; nothing is drawn here."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from dashboard import wording
from dashboard.formulas import harmless
from dashboard.frames import DataHealth
from data_access.schema import Table

DOWNLOAD_PAGE = 5_000
QUARANTINE_COLUMNS = ("batch_id", "file", "line", "column_name", "code", "reason", "raw")


@dataclass(frozen=True, slots=True)
class Oddity:
    """One line of the data health: what is odd, how many of it, what is done with them, and the first keys."""

    what: str
    number: int
    treatment: str
    keys: Sequence[str] = ()


def answer(health: DataHealth, batches: pl.DataFrame, now: datetime) -> str:
    """The first sentence: how fresh, and how much had to be set aside."""
    newest = max((at for at in (health.newest.lead, health.newest.deal) if at is not None), default=None)
    if newest is None:
        return "There are no leads and no deals in the database yet."
    fresh = f"The newest lead or deal is {wording.age(now - newest)} old"
    read, aside = _sums(batches)
    if not read:
        return f"{fresh}; nothing was imported from files."
    if not aside:
        return f"{fresh}; every one of the {wording.count(read)} imported rows was understood."
    share = wording.rate(aside / read) if aside / read >= 0.001 else f"less than 0.1{wording.THIN}%"
    return f"{fresh}; {wording.count(aside)} of {wording.count(read)} imported rows ({share}) were set aside."


def ages(health: DataHealth, now: datetime) -> list[tuple[str, str, datetime | None]]:
    """What is newest of each kind: its name, its age in words, and when it was."""
    newest = health.newest
    rows = (
        ("Newest lead", newest.lead),
        ("Newest deal", newest.deal),
        ("Last activity", newest.activity),
        ("Newest traffic", newest.traffic),
        ("Last import", newest.last_import),
    )
    return [(name, wording.age(now - at) if at else wording.NOTHING, at) for name, at in rows]


def oddities(health: DataHealth) -> list[Oddity]:
    """Everything that the numbers leave out or mark, also where there is none of it."""
    odd = health.oddities
    return [
        Oddity("Test leads", odd.test_leads, "counted nowhere, with all that hangs on them"),
        Oddity("Deleted leads", odd.deleted_leads, "not counted; their deals stay"),
        Oddity("Merged leads", odd.merged_leads, "not counted; what hangs on them belongs to the lead that remained"),
        Oddity("Leads of the future", odd.leads_after_as_of, "not counted until their day has come"),
        *(
            Oddity(what, len(odd.deals[flag]), treatment, odd.deals[flag])
            for what, flag, treatment in (
                ("Deals without a lead", "unattributed_deals", "unattributed: in the totals only"),
                ("Deals not converted", "unconverted_deals", "in no sum: no currency, or no rate for the day"),
                ("Closed deals without a date", "closed_without_date", "in pipeline created only"),
                ("Deals closed before they opened", "negative_durations", "counted; left out of timing"),
                ("Deals closed before their lead came", "closed_before_lead", "counted, and marked here"),
            )
        ),
        Oddity("Costs not converted", len(odd.unconverted_costs), "in no sum", odd.unconverted_costs),
    ]


def dictionary(tables: Sequence[Table], wanted: str) -> pl.DataFrame:
    """Columns whose table, name or meaning holds the wanted text, one row each."""
    text = wanted.strip().casefold()
    rows = [
        (table.name, column.name, column.type, "yes" if column.nullable else "no", column.comment)
        for table in tables
        for column in table.columns
        if text in f"{table.name}.{column.name} {column.comment}".casefold()
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(("table", "column", "type", "may be empty", "meaning"), pl.String),
                        orient="row")  # fmt: skip


def batch_name(batch: dict[str, object]) -> str:
    """An import as the filter names it: `3 · hubspot · 22 Nov 2026`."""
    at = batch["imported_at"]
    return f"{batch['batch_id']} · {batch['source']}" + (f" · {wording.day(at)}" if isinstance(at, datetime) else "")


def quarantine_csv(page: Callable[[int, int], pl.DataFrame], code: str | None) -> bytes:
    """All rows that were set aside, as CSV with a byte order mark; `page` gives rows by limit and the last number.

    A cell that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(QUARANTINE_COLUMNS)
    after = 0
    while not (rows := page(DOWNLOAD_PAGE, after)).is_empty():
        after = int(rows["quarantine_id"].max())  # type: ignore[arg-type]
        kept = rows if code is None else rows.filter(pl.col("code") == code)
        writer.writerows([harmless(cell) for cell in row] for row in kept.select(QUARANTINE_COLUMNS).iter_rows())
    return out.getvalue().encode("utf-8-sig")


def _sums(batches: pl.DataFrame) -> tuple[int, int]:
    kept = batches.filter(pl.col("undone_at").is_null()) if "undone_at" in batches.columns else batches
    return int(kept["rows_read"].sum()), int(kept["rows_quarantined"].sum())
