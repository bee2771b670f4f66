"""`import` and `imports`: brings a company's own files in, lists what came in, and takes it back."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import polars as pl

from dashboard import wording
from dashboard.domain import UserError
from dashboard.formulas import harmless
from dashboard.settings import settings
from data_access.engine import Database, open_database, owner_engine
from data_access.importers.batches import (
    QUARANTINE_COLUMNS,
    list_batches,
    quarantine_rows,
    show_batch,
    undo_batch,
)
from data_access.importers.loading import Request, import_files
from data_access.importers.suggest import suggest_mapping
from data_access.importers.summary import describe
from data_access.schema import migrate

_PAGE = 10_000
_BAR = 24


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `import` and `imports`."""
    _add_import(subparsers.add_parser("import", help="import files (.csv, .tsv, .xlsx, gzip) through a mapping"))
    _add_imports(subparsers.add_parser("imports", help="list imports, see what was set aside, take one back"))


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="a file, or a folder of files")
    parser.add_argument("--mapping", metavar="NAME|FILE.toml", help="default: the shipped mapping that fits")
    parser.add_argument(
        "--source", metavar="NAME", help="name of the system the files come from; default: the mapping's"
    )
    parser.add_argument("--dry-run", action="store_true", help="do everything, then write nothing")
    parser.add_argument(
        "--max-errors", type=_share, default=0.05, metavar="SHARE", help="share of a file's rows that may be set aside"
    )
    parser.add_argument("--suggest", type=Path, metavar="FILE", help="print a draft mapping for an unknown file")
    parser.set_defaults(run=run_import)


def _add_imports(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=run_list)
    actions = parser.add_subparsers(metavar="ACTION")
    show = actions.add_parser("show", help="what one batch brought")
    show.add_argument("batch_id", type=int, metavar="ID")
    show.set_defaults(run=run_show)
    quarantine = actions.add_parser("quarantine", help="the rows that one batch set aside")
    quarantine.add_argument("batch_id", type=int, metavar="ID")
    quarantine.add_argument("--out", type=Path, metavar="FILE.csv", help="write them to a file")
    quarantine.set_defaults(run=run_quarantine)
    undo = actions.add_parser("undo", help="take one batch back")
    undo.add_argument("batch_id", type=int, metavar="ID")
    undo.set_defaults(run=run_undo)


def _share(text: str) -> float:
    value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("must lie between 0 and 1")
    return value


def run_import(args: argparse.Namespace) -> int:
    """Imports, or drafts a mapping; exit code 2 where more rows than allowed could not be understood."""
    if args.suggest is not None:
        if args.paths:
            raise UserError("--suggest takes one file and imports nothing: leave the other paths out.")
        print(suggest_mapping(args.suggest), end="")
        return 0
    if not args.paths:
        raise UserError("Name a file or a folder to import, or draft a mapping with --suggest FILE.")
    request = Request(args.paths, args.mapping, args.source, args.dry_run, args.max_errors)

    def work(database: Database) -> int:
        bar = _ProgressBar()
        try:
            summary = import_files(owner_engine(database), request, settings().time_zone, bar.show)
        finally:
            bar.clear()
        print(describe(summary))
        return summary.exit_code

    return _with_database(work)


def run_list(args: argparse.Namespace) -> int:
    """Lists the batches, newest first; moments in the reporting zone."""

    def work(database: Database) -> int:
        batches = list_batches(owner_engine(database))
        if batches.is_empty():
            print("Nothing has been imported yet.")
        for row in batches.iter_rows(named=True):
            undone = f", taken back {_moment(row['undone_at'])}" if row["undone_at"] else ""
            print(
                f"{row['batch_id']:>5}  {_moment(row['imported_at']):>22}  {row['mapping']} ({row['source']})"
                f"  {row['rows_accepted']:,} rows, {row['rows_quarantined']:,} set aside{undone}  {row['files']}"
            )
        return 0

    return _with_database(work)


def run_show(args: argparse.Namespace) -> int:
    """Shows one batch in full; moments in the reporting zone."""

    def work(database: Database) -> int:
        detail = show_batch(owner_engine(database), args.batch_id)
        for name, value in detail.row.items():
            if name not in ("files", "warnings"):
                shown = _moment(value) if isinstance(value, datetime) else value
                print(f"{name:<18}{shown if shown is not None else ''}")
        for file in detail.files:
            print(f"file              {file['name']}: {file['accepted']:,} accepted, {file['quarantined']:,} set aside")
            for table in file["tables"]:
                print(
                    f"                  {table['table']}: {table['inserted']:,} inserted, {table['updated']:,} updated"
                )
        for warning in detail.warnings:
            print(f"warning           {warning['count'] or ''} {warning['text']}".rstrip())
        return 0

    return _with_database(work)


def run_quarantine(args: argparse.Namespace) -> int:
    """Prints the rows that a batch set aside as CSV, or writes them to a file."""

    def work(database: Database) -> int:
        engine = owner_engine(database)
        show_batch(engine, args.batch_id)
        if args.out is None:
            _write_quarantine(lambda after: quarantine_rows(engine, args.batch_id, _PAGE, after), sys.stdout)
            return 0
        # utf-8-sig: spreadsheets take plain UTF-8 for something else.
        with args.out.open("w", encoding="utf-8-sig", newline="") as file:
            count = _write_quarantine(lambda after: quarantine_rows(engine, args.batch_id, _PAGE, after), file)
        print(f"{count:,} rows written to {args.out}.")
        return 0

    return _with_database(work)


def _write_quarantine(page: Callable[[int], pl.DataFrame], file: object) -> int:
    writer = csv.writer(file)  # type: ignore[arg-type]
    writer.writerow(QUARANTINE_COLUMNS)
    after = count = 0
    while not (rows := page(after)).is_empty():
        for row in rows.iter_rows():
            writer.writerow([harmless(cell) for cell in row])
        count += rows.height
        after = rows["quarantine_id"][-1]
    return count


def run_undo(args: argparse.Namespace) -> int:
    """Takes one batch back."""

    def work(database: Database) -> int:
        done = undo_batch(owner_engine(database), args.batch_id)
        for verb, counts in (("deleted", done.deleted), ("restored", done.restored)):
            for table, count in counts.items():
                print(f"  {table}: {count:,} {verb}")
        print(f"Batch {done.batch_id} has been taken back.")
        return 0

    return _with_database(work)


def _moment(at: datetime) -> str:
    return wording.moment(at, settings().time_zone)


def _with_database(work: Callable[[Database], int]) -> int:
    with open_database(settings()) as database:
        migrate(database)
        return work(database)


class _ProgressBar:
    """A bar on the terminal's error stream; nothing where that is no terminal."""

    def __init__(self) -> None:
        self.on = sys.stderr.isatty()

    def show(self, name: str, rows: int, share: float) -> None:
        """Draws the state of one file."""
        if self.on:
            full = round(share * _BAR)
            bar = "█" * full + "░" * (_BAR - full)
            print(f"\r{bar} {share:4.0%}  {name}  {rows:,} rows\x1b[K", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Wipes the line."""
        if self.on:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
