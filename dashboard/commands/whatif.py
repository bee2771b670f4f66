"""`python -m dashboard whatif`: what another scorecard would have done, without a browser."""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from dashboard.commands.report import parse_as_of
from dashboard.domain import UserError
from dashboard.formulas import harmless
from dashboard.period import last_full_quarter, parse_period
from dashboard.reports.tables import as_json
from dashboard.reports.what_if import Asked, what_if_document
from dashboard.scoring.edits import gates_named, with_changes
from dashboard.scoring.expected import SENSITIVITY
from dashboard.scoring.model import ScoringModel
from dashboard.scoring.scorecard_file import parse
from dashboard.settings import Settings, settings
from dashboard.window import Window
from data_access.engine import REPORT_TIMEOUT_MS, app_engine, open_database
from data_access.schema import migrate
from data_access.scoring_models import active_model


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "whatif",
        help="print what another scorecard would have done",
        description="Changes the active scoring model and prints, as the what-if page shows it, which leads of a "
        "period would have qualified and what came, or would have come, of them.",
    )
    parser.add_argument("--threshold", type=int, help="points from which on a lead qualifies")
    parser.add_argument(
        "--points",
        action="append",
        default=[],
        metavar="CRITERION=POINTS",
        help="company_size=10 (its best level, the others in proportion) or company_size=2,8,12,10,6; may be repeated",
    )
    parser.add_argument("--totals", metavar="FIT/INTENT", help="the most points of both groups, for instance 45/55")
    parser.add_argument("--min-triggers", type=int, help="how many different triggers a lead needs")
    parser.add_argument(
        "--gates", metavar="GATES", help="the required gates, for instance ecosystem,buying; an empty text for none"
    )
    parser.add_argument("--model", type=Path, help="another scoring model from a JSON file, changed by the options")
    parser.add_argument("--period", help="2025-Q3, 2025, 2025-07 or 2025-01-01..2025-07-01; default: last full quarter")
    parser.add_argument("--as-of", help="see the data as they were then: 2025-10-15 or 2025-10-15T09:00+00:00")
    parser.add_argument(
        "--sensitivity",
        type=float,
        default=SENSITIVITY,
        help="by what factor the odds of leads that sales chose by hunch may be better, 1 to 3 (default %(default)s)",
    )
    parser.add_argument("--format", choices=("json", "csv"), default="json")
    parser.add_argument("--out", type=Path, help="write to this file instead of the screen")
    parser.set_defaults(run=whatif)


def whatif(args: argparse.Namespace) -> int:
    """Prints the answer; UserError where an option, the period, the instant or the model cannot be read."""
    if not 1 <= args.sensitivity <= 3:
        raise UserError("--sensitivity is a factor from 1 to 3.")
    chosen = settings()
    as_of = parse_as_of(args.as_of, chosen.time_zone)
    with open_database(chosen) as database:
        migrate(database)
        engine = app_engine(database, REPORT_TIMEOUT_MS)
        active = active_model(engine, as_of)
        asked = Asked(_window(args, chosen, as_of), scenario(args, active.model), active, args.sensitivity)
        document = what_if_document(engine, asked, chosen)
    text = as_json(document) if args.format == "json" else as_csv(document)
    if args.out:
        args.out.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
    return 0


def _window(args: argparse.Namespace, chosen: Settings, as_of: datetime) -> Window:
    period = parse_period(args.period, chosen) if args.period else last_full_quarter(as_of, chosen)
    return Window(period, as_of, chosen.time_zone, chosen.currency)


def scenario(args: argparse.Namespace, active: ScoringModel) -> ScoringModel:
    """The model that the options describe: the active one or a file's, with what they change."""
    return with_changes(
        parse(_read(args.model), active) if args.model else active,
        points=args.points,
        totals=_totals(args.totals) if args.totals else None,
        threshold=args.threshold,
        triggers=args.min_triggers,
        gates=gates_named(_names(args.gates)) if args.gates is not None else None,
    )


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name.strip()]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"The scoring model {path} cannot be read: {error}.") from None


def _totals(text: str) -> tuple[int, int]:
    fit, _, intent = text.partition("/")
    try:
        return int(fit), int(intent)
    except ValueError:
        raise UserError(f"--totals {text!r} is not two numbers: write 45/55.") from None


def as_csv(document: dict[str, Any]) -> str:
    """Totals, thresholds and partners in long form: scope, id, name, measure (dotted), value."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["scope", "id", "name", "measure", "value"])
    for row in _rows(document):
        writer.writerow([harmless(cell) for cell in row])
    return out.getvalue()


def _rows(document: dict[str, Any]) -> Iterable[tuple[str, object, object, str, object]]:
    listed = ("thresholds", "partners")
    for measure, value in _leaves({key: value for key, value in document.items() if key not in listed}):
        yield "answer", "", "", measure, value
    for row in document["thresholds"]:
        for measure, value in _leaves(row):
            yield "threshold", row["threshold"], "", measure, value
    for row in document["partners"]:
        for measure, value in _leaves(row):
            yield "partner", row["partner_id"], row["name"], measure, value


def _leaves(value: object, path: str = "") -> Iterable[tuple[str, object]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else key)
    else:
        yield path, "; ".join(map(str, value)) if isinstance(value, list) else value
