"""`demo`: fills the database with a simulated company whose truth is known."""

from __future__ import annotations

import argparse
import sys
from datetime import date

from dashboard.domain import UserError
from dashboard.settings import settings
from data_access.demo import DemoOptions, load
from data_access.demonstration.options import today
from data_access.engine import open_database
from data_access.schema import migrate


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `demo`."""
    usual = DemoOptions()
    parser = subparsers.add_parser("demo", help="load a simulated company in place of an earlier one")
    parser.add_argument("--leads", type=int, default=usual.leads, help="leads to simulate (default: %(default)s)")
    parser.add_argument("--partners", type=int, default=usual.partners, help="partners (default: %(default)s)")
    parser.add_argument("--months", type=int, default=usual.months, help="months up to --until (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=usual.seed, help="another seed, another company; equal, the same")
    parser.add_argument("--until", metavar="DATE", help="day (YYYY-MM-DD) before which all happened (default: today)")
    parser.set_defaults(run=demo)


def demo(args: argparse.Namespace) -> int:
    """Loads the simulated company; UserError where the database holds data that were not simulated."""
    options = DemoOptions(args.leads, args.seed, _day(args.until), args.partners, args.months)
    with open_database(settings()) as database:
        migrate(database)
        truth = load(database, options, _show if sys.stderr.isatty() else None)
    worked = int(truth.leads["worked"].sum())
    print(
        f"A simulated company with {options.partners:,} partners and {options.leads:,} leads "
        f"({worked:,} worked by sales) from {options.start} to {options.until} is in the database."
    )
    return 0


def _day(text: str | None) -> date:
    if text is None:
        return today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(f"{text!r} is no day: write it as YYYY-MM-DD.") from None


def _show(table: str, written: int, total: int) -> None:
    end = "\n" if written == total else ""
    print(f"\r{table}: {written:,} of {total:,} rows", end=end, file=sys.stderr, flush=True)
