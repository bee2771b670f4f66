"""`python -m dashboard scoring`: the scoring model's history, and publishing one, without a browser."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from dashboard import wording
from dashboard.domain import UserError
from dashboard.scoring.edits import difference
from dashboard.scoring.model import ScoringModel
from dashboard.scoring.scorecard_file import as_document, default_model, parse
from dashboard.settings import settings
from data_access.engine import app_engine, open_database
from data_access.publishing import publish, rescoring
from data_access.schema import migrate
from data_access.scoring_models import ActiveModel, Version, active_model, history, unseen_signals, version_of


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command and its actions."""
    parser = subparsers.add_parser(
        "scoring",
        help="list, check, export or publish scoring models",
        description="Scorecards as files (docs/scoring-model.md) and as versions in the database (docs/publishing.md).",
    )
    parser.set_defaults(run=run_history)
    actions = parser.add_subparsers(metavar="ACTION")
    listed = actions.add_parser("history", help="every version: who published it, when and why, and what it changed")
    listed.set_defaults(run=run_history)
    check = actions.add_parser("check", help="say whether a file is a sound scorecard, and how it differs")
    check.add_argument("file", type=Path, metavar="FILE")
    check.set_defaults(run=run_check)
    export = actions.add_parser("export", help="print the active scorecard, or another version, as JSON")
    export.add_argument("--version", type=int, metavar="NUMBER", help="0: the one that comes with the program")
    export.add_argument("--out", type=Path, metavar="FILE", help="write it to a file instead of the screen")
    export.set_defaults(run=run_export)
    _add_publish(actions)


def _add_publish(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = actions.add_parser("publish", help="make a scorecard the active one and rescore all leads")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("file", type=Path, nargs="?", metavar="FILE")
    source.add_argument("--version", type=int, metavar="NUMBER", help="publish a former version again")
    parser.add_argument("--name", help="what the model is called; default: as in the file")
    parser.add_argument("--note", help="why it is published")
    parser.add_argument("--by", default=getpass.getuser(), help="who publishes it (default: %(default)s)")
    parser.add_argument(
        "--replaces", type=int, metavar="NUMBER",
        help="only if this version is still the active one (0: the one that comes with the program)",
    )  # fmt: skip
    parser.set_defaults(run=run_publish)


def run_history(args: argparse.Namespace) -> int:
    """Prints the versions, the newest first."""
    with _database() as engine:
        versions, active = history(engine), _active(engine)
    models = {own.version: own.model for own in versions} | {None: default_model()}
    for own in versions:
        print(_heading(own, active))
        print(f"    {own.trouble or _changes(models.get(own.parent), own.model)}")
        if own.note:
            print(f"    {own.note}")
    if not versions:
        print("Nobody has published a scorecard yet: the one that comes with the program is active.")
    return 0


def _heading(own: Version, active: ActiveModel) -> str:
    made = f"made by {own.author} from {_called(own.parent)}"
    mark = " (active)" if own.version == active.version else ""
    if own.published_at is None:
        return f"{own.version}{mark}: {own.name}, {made}, never published"
    at = wording.moment(own.published_at, settings().time_zone)
    return f"{own.version}{mark}: {own.name}, published {at} by {own.published_by or own.author}, {made}"


def _called(version: int | None) -> str:
    return "the program's own" if version is None else f"version {version}"


def _changes(before: ScoringModel | None, after: ScoringModel | None) -> str:
    if before is None or after is None:
        return "what it changed cannot be said: the version before cannot be read"
    return difference(before, after).words or "the same"


def run_check(args: argparse.Namespace) -> int:
    """Says that the file is sound and how it differs from the active model; UserError where it is not."""
    with _database() as engine:
        active = _active(engine)
        model = _read(args.file, active)
        unseen = unseen_signals(engine, model)
    print(f"“{model.name}” is sound: {len(model.criteria)} criteria, threshold {model.threshold}.")
    print(f"Against the active model ({_called(active.version)}): {_changes(active.model, model)}")
    if unseen:
        print(f"No lead has {wording.enumeration(unseen)}: misspelt, or not imported?")
    return 0


def run_export(args: argparse.Namespace) -> int:
    """Prints a scorecard as a file that `publish` and `check` read back; UserError where there is no such version."""
    with _database() as engine:
        model = _version(engine, args.version) if args.version is not None else _active(engine).model
    text = json.dumps(as_document(model), indent=2, ensure_ascii=False) + "\n"
    if args.out:
        args.out.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


def run_publish(args: argparse.Namespace) -> int:
    """Publishes a file or a former version; UserError where it is not sound or somebody published in the meantime."""
    with _database() as engine:
        active = _active(engine)
        model = _read(args.file, active) if args.file else None
        seen = active.version if args.replaces is None else args.replaces or None
        parent, author = active.version, args.by
        if model is None:
            model, parent = _version(engine, args.version), args.version or None
            author = version_of(engine, args.version).author if args.version else args.by
        model = replace(model, name=args.name.strip() if args.name else model.name)
        rescore = rescoring(settings().time_zone, settings().currency)
        done = publish(engine, model, args.by, seen=seen, parent=parent, note=args.note, author=author, rescore=rescore)
    print(f"Version {done.version} is the active model: {_changes(active.model, model)}")
    if done.rescored is not None:
        print(f"{wording.several(done.rescored, 'lead was', 'leads were')} rescored.")
    return 0


def _read(file: Path, active: ActiveModel) -> ScoringModel:
    try:
        return parse(file.read_text(encoding="utf-8-sig"), active.model)
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UserError(f"{file} is no text in UTF-8, as JSON must be.") from None


def _version(engine: Engine, number: int) -> ScoringModel:
    if number == 0:
        return default_model()
    found = version_of(engine, number)
    if found.model is None:
        raise UserError(f"Version {number} cannot be read. {found.trouble}")
    return found.model


def _active(engine: Engine) -> ActiveModel:
    return active_model(engine, datetime.now(UTC))


@contextmanager
def _database() -> Iterator[Engine]:
    with open_database(settings()) as database:
        migrate(database)
        yield app_engine(database)
