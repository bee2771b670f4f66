"""`doctor`: is everything in order, and if not, what mends it?"""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version as package_version

from sqlalchemy.exc import DBAPIError

from dashboard import wording
from dashboard.commands import version
from dashboard.domain import UserError
from dashboard.settings import Settings, settings
from data_access import checkup
from data_access.engine import (
    Database,
    DatabaseUnavailable,
    app_engine,
    open_database,
    owner_engine,
)
from data_access.schema import current, head, knows, row_counts
from data_access.version import Newest, data_version, newest, sources

RUN = "python -m dashboard run"
STALE_DAYS = 35
UNCONVERTED_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know, and what mends it."""

    what: str
    remedy: str


@dataclass(slots=True)
class Examination:
    """What was found: facts by section, problems (something is wrong) and notes (worth knowing, nothing is broken).

    `zone` is the reporting zone, in which a person reads moments; programs read them in UTC.
    """

    facts: dict[str, dict[str, object]] = field(default_factory=dict)
    problems: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    zone: str = "UTC"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `doctor`."""
    parser = subparsers.add_parser("doctor", help="check versions, database, rights and data; exit code 1 on a problem")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print it (default: text)")
    parser.set_defaults(run=doctor)


def doctor(args: argparse.Namespace) -> int:
    """Prints what was found; 1 where there is a problem, else 0."""
    found = Examination()
    found.facts["versions"] = {
        "dashboard": version(),
        "python": platform.python_version(),
        **{name: package_version(name) for name in ("streamlit", "plotly", "polars", "sqlalchemy", "psycopg")},
    }
    try:
        _examine(found, settings())
    except DatabaseUnavailable as error:
        found.problems.append(Finding(str(error), "start the database, or set DATABASE_URL to one that runs"))
    except UserError as error:
        found.problems.append(Finding(str(error), "see docs/configuration.md"))
    except DBAPIError as error:
        reason = type(error.orig).__name__
        found.problems.append(Finding(f"The database broke the examination off ({reason}).", "see the server's log"))
    print(_as_json(found) if args.format == "json" else "\n".join(_as_text(found)))
    return 1 if found.problems else 0


def _examine(found: Examination, config: Settings) -> None:
    found.zone = config.time_zone
    external = bool(config.database_url and config.database_url.get_secret_value().strip())
    found.facts["connection"] = {"kind": "DATABASE_URL" if external else "embedded Postgres"}
    with open_database(config) as database:
        if database.server is not None:
            found.facts["connection"]["folder"] = str(database.server.home)
        found.facts["connection"]["postgres"] = checkup.server_version(owner_engine(database))
        if _schema_in_order(found, database):
            _examine_rights(found, database)
            _examine_data(found, database, config)


def _schema_in_order(found: Examination, database: Database) -> bool:
    at = current(database)
    found.facts["schema"] = {"current": at or "none", "expected": head()}
    if at is None:
        found.problems.append(Finding("The database holds no schema eql yet.", f"{RUN} makes it"))
    elif not knows(at):
        found.problems.append(Finding(f"Schema {at} is newer than this program.", "update the program"))
    elif at != head():
        found.problems.append(Finding(f"Schema {at} is older than this program needs.", f"{RUN} brings it up to date"))
    return at == head()


def _examine_rights(found: Examination, database: Database) -> None:
    rights = checkup.app_rights(app_engine(database))
    found.facts["app_rights"] = {"user": rights.user, "in order": not (rights.missing or rights.excessive)}
    if rights.excessive:
        found.problems.append(
            Finding(
                f"As {rights.user} the dashboard may change what it should only read: {_some(rights.excessive)}.",
                "let an administrator run: CREATE ROLE eql_app NOLOGIN; GRANT eql_app TO the user of DATABASE_URL; "
                f"then {RUN}",
            )
        )
    if rights.missing:
        found.problems.append(
            Finding(
                f"The dashboard works as {rights.user} and lacks rights on {_some(rights.missing)}.",
                f"{RUN} grants them where DATABASE_URL names the owner of schema eql",
            )
        )


def _some(names: Sequence[str], shown: int = 4) -> str:
    more = [f"{len(names) - shown} more"] if len(names) > shown else []
    return ", ".join([*names[:shown], *more])


def _examine_data(found: Examination, database: Database, config: Settings) -> None:
    engine = owner_engine(database)  # counts even where the app may not read
    rows = row_counts(engine)
    found.facts["rows"] = dict(rows)
    if rows["data_version"]:
        found.facts["data_version"] = asdict(data_version(engine))
    else:
        insert = "INSERT INTO eql.data_version VALUES (true, 1, now(), 'restored')"
        found.problems.append(Finding("The row of eql.data_version is missing.", insert))
    batch = checkup.last_import(engine)
    found.facts["last_import"] = asdict(batch) if batch else {"batch_id": "none yet"}
    found.facts["last_import"] |= {"sources": ", ".join(sources(engine)) or "none"}
    _examine_freshness(found, newest(engine), datetime.now(UTC))
    _judge_money(found, checkup.currencies_without_rate(engine, config.currency), config.currency)
    if undated := checkup.closed_without_date(engine):
        found.notes.append(
            Finding(f"{undated} deals are closed without a date and count in no period.", "add their close dates")
        )


def _examine_freshness(found: Examination, newest_of: Newest, now: datetime) -> None:
    found.facts["freshness"] = {
        f"newest_{name}": getattr(newest_of, name) or "none" for name in ("lead", "deal", "activity", "traffic")
    }
    if newest_of.lead is None:
        found.notes.append(Finding("There are no leads.", f"python -m dashboard import PATH, or {RUN} for a demo"))
    elif (age := (now - newest_of.lead).days) > STALE_DAYS:
        found.notes.append(Finding(f"The newest lead is {age} days old.", "python -m dashboard import newer files"))


def _judge_money(found: Examination, currencies: Mapping[str, float], reporting: str) -> None:
    """A problem where more than one in a hundred deals and costs is lost to the sums, else a note."""
    if currencies:
        missed = sum(currencies.values()) > UNCONVERTED_SHARE
        (found.problems if missed else found.notes).append(
            Finding(
                f"Amounts in {', '.join(currencies)} are in no sum: no rate to {reporting} is known.",
                "load rates into eql.fx_rate, or set EQL_CURRENCY",
            )
        )


def _as_json(found: Examination) -> str:
    document = {**found.facts, "problems": found.problems, "notes": found.notes, "in order": not found.problems}
    return json.dumps(document, default=_plain, ensure_ascii=False, indent=2)


def _plain(value: object) -> object:
    if isinstance(value, Finding):
        return asdict(value)
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _as_text(found: Examination) -> Iterator[str]:
    for section, facts in found.facts.items():
        yield section.replace("_", " ").capitalize()
        yield from _aligned(facts, found.zone)
        yield ""
    for title, findings in (("Problems", found.problems), ("Notes", found.notes)):
        if findings:
            yield title
            for finding in findings:
                yield f"  • {finding.what}"
                yield f"    → {finding.remedy}"
            yield ""
    yield "Something is wrong." if found.problems else "Everything is in order."


def _aligned(facts: Mapping[str, object], zone: str) -> Iterator[str]:
    width = max(map(len, facts), default=0)
    for name, value in facts.items():
        if isinstance(value, datetime):
            shown = wording.moment(value, zone)
        else:
            shown = f"{value:,}" if type(value) is int else str(value)
        yield f"  {name:<{width}}  {shown}"
