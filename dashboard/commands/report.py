"""`python -m dashboard report`: the numbers of a period without a browser."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from dashboard.domain import UserError
from dashboard.period import last_full_quarter, parse_period
from dashboard.reports import review_pack
from dashboard.reports.document import report_document
from dashboard.reports.review import read_review_document
from dashboard.reports.tables import as_csv, as_html, as_json
from dashboard.settings import settings
from data_access.engine import REPORT_TIMEOUT_MS, app_engine, open_database
from data_access.schema import migrate

TEXTS = {"json": as_json, "csv": as_csv, "html": as_html}
# The quarterly review alone, as it is sent to a board.
REVIEWS = {"pdf": review_pack.as_pdf, "xlsx": review_pack.as_xlsx}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "report",
        help="print the numbers of a period as JSON, CSV or HTML; the quarterly review as PDF or XLSX",
        description="Prints every number of a period under the names of the glossary. As PDF or XLSX: the quarterly "
        "review with the decisions that hold, for a board.",
    )
    parser.add_argument("--period", help="2025-Q3, 2025, 2025-07 or 2025-01-01..2025-07-01; default: last full quarter")
    parser.add_argument(
        "--as-of",
        help="see the data as they were then: 2025-10-15 (its first instant) or 2025-10-15T09:00+00:00",
    )
    parser.add_argument("--format", choices=sorted({*TEXTS, *REVIEWS}), default="json")
    parser.add_argument("--out", type=Path, help="write to this file instead of the screen")
    parser.set_defaults(run=report)


def report(args: argparse.Namespace) -> int:
    """Prints the report; UserError where the period or the instant cannot be read, or a file is not named."""
    if args.format in REVIEWS and not args.out:
        raise UserError(f"A {args.format.upper()} goes into a file: name it with --out.")
    chosen = settings()
    as_of = parse_as_of(args.as_of, chosen.time_zone)
    period = parse_period(args.period, chosen) if args.period else last_full_quarter(as_of, chosen)
    with open_database(chosen) as database:
        migrate(database)
        engine = app_engine(database, REPORT_TIMEOUT_MS)
        if args.format in REVIEWS:
            args.out.write_bytes(REVIEWS[args.format](read_review_document(engine, period, as_of, chosen)))
            return 0
        text = TEXTS[args.format](report_document(engine, period, as_of, chosen))
    if args.out:
        args.out.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
    return 0


def parse_as_of(text: str | None, zone: str) -> datetime:
    """An instant; now where none is given; without an offset it is taken in the reporting time zone."""
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UserError(f"{text!r} is no moment: write 2025-10-15 or 2025-10-15T09:00+00:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
