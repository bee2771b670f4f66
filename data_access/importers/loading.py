"""How do files become rows of the contract tables: all of them in one transaction, or none?"""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

import polars as pl
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import Engine

from dashboard.domain import UserError
from data_access.importers.checking import (
    fill_from_leads,
    keep_last_of_duplicates,
    rename_taken_ids,
    settle_references,
)
from data_access.importers.choosing import Assigned, Choice, choose
from data_access.importers.contract import TABLES
from data_access.importers.converting import NO_DATA, Context, convert_batch
from data_access.importers.lookups import Lookup, read_lookup
from data_access.importers.mapping import FileMapping
from data_access.importers.oddities import (
    Oddity,
    dates_out_of_order,
    file_oddities,
    in_the_future,
    text_oddities,
    without_currency,
)
from data_access.importers.partners import Recogniser
from data_access.importers.staging import Connection, Stage, Staging
from data_access.importers.summary import FileSummary, Reason, Summary
from data_access.importers.writing import Written, cut_merge_cycles, write_aliases, write_all
from data_access.version import SIMULATED

#: Advisory lock of everything that imports or takes back.
IMPORT_LOCK = 4_591_003

Progress = Callable[[str, int, float], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What to import: files or folders, the mapping (None: recognise it), the source (None: the mapping's).

    `max_errors` is the share of a file's rows that may be quarantined before nothing is imported.
    """

    paths: Sequence[Path]
    mapping: str | None = None
    source: str | None = None
    dry_run: bool = False
    max_errors: float = 0.05


class _Refused(Exception):
    """Too many rows of a file cannot be understood."""


# The planner must know the new sizes at once: a page has seconds, and autovacuum comes when it likes.
_STATISTICS = "ANALYZE eql.lead, eql.deal, eql.account, eql.asset, eql.traffic, eql.signal, eql.touch, eql.fx_rate"


def no_progress(name: str, rows: int, share: float) -> None:
    """Shows nothing."""


def import_files(engine: Engine, request: Request, zone: str, progress: Progress = no_progress) -> Summary:
    """Imports files in one transaction; `zone` is the reporting time zone.

    UserError: a file or mapping cannot be read, another import is running, or the database refuses a row.
    """
    if request.source is not None and request.source.strip() in ("", SIMULATED):
        raise UserError(f"A source needs a name other than {SIMULATED}.")
    choice = choose(request.paths, request.mapping, zone)
    with engine.connect() as outer:
        connection = cast("Connection", outer.connection.driver_connection)
        try:
            summary = _Import(connection, request, choice, zone, progress).run()
            if summary.outcome == "imported":
                connection.execute(_STATISTICS)
                connection.commit()
            else:
                connection.rollback()
            return summary
        except psycopg.errors.DataError as error:
            raise UserError(f"The database refused a value: {_first_line(error)}.") from None
        except psycopg.errors.IntegrityError as error:
            raise UserError(f"The database refused a row: {_first_line(error)}.") from None
        finally:
            with suppress(psycopg.Error):
                connection.rollback()


def _first_line(error: psycopg.Error) -> str:
    return (error.diag.message_primary or str(error)).splitlines()[0].rstrip(".")


def begin(connection: Connection) -> None:
    """Opens the transaction of an import: one at a time, moments in UTC, without time-outs."""
    for name, value in (
        ("TimeZone", "UTC"),
        ("statement_timeout", "0"),
        ("idle_in_transaction_session_timeout", "0"),
        ("work_mem", "128MB"),
        ("datestyle", "ISO, YMD"),
    ):
        connection.execute("SELECT set_config(%s, %s, true)", (name, value))
    row = connection.execute("SELECT pg_try_advisory_xact_lock(%s)", (IMPORT_LOCK,)).fetchone()
    if row is None or not row[0]:
        raise UserError("Another import is running: wait until it has ended, then try again.")


class _Import:
    """One import on its way; the transaction is the caller's."""

    def __init__(self, connection: Connection, request: Request, choice: Choice, zone: str, progress: Progress) -> None:
        self.connection, self.request, self.zone, self.progress = connection, request, zone, progress
        self.choice = choice
        self.mapping = choice.mapping
        self.source = request.source or choice.mapping.source
        self.staging = Staging(connection)
        self.stages: dict[str, list[Stage]] = {}
        self.files: list[FileSummary] = []
        self.notes: list[str] = []
        self.warnings: list[Oddity] = []

    def run(self) -> Summary:
        begin(self.connection)
        todo = self._new_files()
        if not todo:
            return self._summary("known")
        self._remove_simulated()
        self.staging.create()
        context = self._context()
        for number, assigned in enumerate(todo):
            self._read(number, assigned, context)
        self._stage_new_partners(context.recogniser)
        self.staging.analyse()
        self._check()
        self._gather_reasons(todo)
        self.warnings += file_oddities(todo) + text_oddities(context)
        try:
            self._refuse_errors()
        except _Refused:
            return self._summary("refused")
        return self._write(context.recogniser)

    def _new_files(self) -> list[Assigned]:
        """Files not imported before, unless something of this source has been imported since."""
        todo = []
        for assigned in self.choice.assigned:
            row = self.connection.execute(
                "SELECT max(batch_id) FILTER (WHERE mapping_sha256 = %s AND files @> %s), max(batch_id)"
                " FROM eql.import_batch WHERE source = %s AND undone_at IS NULL",
                (self.mapping.sha256, Jsonb([{"sha256": assigned.table.sha256}]), self.source),
            ).fetchone()
            if row is not None and row[0] is not None and row[0] == row[1]:
                self.notes.append(f"{assigned.table.name} has been imported before, in batch {row[0]}")
            else:
                todo.append(assigned)
        if self.choice.unused:
            self.notes.append(f"the mapping has no use for {', '.join(self.choice.unused)}")
        return todo

    def _remove_simulated(self) -> None:
        """Own data and the simulated company do not mix."""
        removed = 0
        for name in reversed(list(TABLES)):
            removed += self.connection.execute(_DELETE_SIMULATED[name], (SIMULATED,)).rowcount
        if removed:
            self.notes.append("the simulated company was removed; `python -m dashboard demo` brings it back")

    def _context(self) -> Context:
        run = self.connection.execute
        recogniser = Recogniser.of(
            self.source,
            run("SELECT partner_id, name, source FROM eql.partner ORDER BY partner_id").fetchall(),
            run("SELECT alias_kind, alias, partner_id FROM eql.partner_alias").fetchall(),
        )
        lookups: dict[str, Lookup] = {}
        for lookup in self.mapping.lookups:
            lookups[lookup.name] = read_lookup(lookup, self.choice.lookups)
        return Context(self.zone, recogniser, lookups)

    def _read(self, number: int, assigned: Assigned, context: Context) -> None:
        table, file = assigned.table, assigned.file
        stages = self._stages_of(file)
        summary = FileSummary(
            table.name, file.name, self._group(file), table.sha256, table.size, table.encoding, table.delimiter
        )
        self.files.append(summary)
        for batch in table.batches():
            converted = convert_batch(table, batch, file, context)
            for stage, frame in zip(stages, converted.frames, strict=True):
                self.staging.fill(stage, number, frame)
            if converted.problems:
                self.staging.quarantine(
                    number,
                    ((batch.lines[p.row], p.column, p.code, p.reason, batch.raw(p.row)) for p in converted.problems),
                )
            summary.read += len(batch.lines)
            summary.idle += converted.idle
            self.progress(table.name, summary.read, batch.share)
        if summary.read == 0:
            self.notes.append(f"{table.name} has headings and no rows")

    def _stages_of(self, file: FileMapping) -> list[Stage]:
        if file.name not in self.stages:
            group = self._group(file)
            self.stages[file.name] = [self.staging.add(group, section) for section in file.sections]
        return self.stages[file.name]

    def _group(self, file: FileMapping) -> int:
        return self.mapping.files.index(file)

    def _stage_new_partners(self, recogniser: Recogniser) -> None:
        self.connection.execute(
            "CREATE TEMP TABLE stage_partner_new (partner_id text primary key, name text) ON COMMIT DROP"
        )
        made = recogniser.created.values()
        self.staging.copy(
            "stage_partner_new",
            pl.DataFrame(
                {"partner_id": [p.partner_id for p in made], "name": [p.name for p in made]},
                schema={"partner_id": pl.String, "name": pl.String},
            ),
        )

    def _check(self) -> None:
        self.warnings += rename_taken_ids(self.staging, self.source)
        fill_from_leads(self.staging)
        self.warnings += settle_references(self.staging)
        self.warnings += keep_last_of_duplicates(self.staging)

    def _gather_reasons(self, todo: Sequence[Assigned]) -> None:
        self._fetch_raw(todo)
        found = self.connection.execute(
            "SELECT DISTINCT ON (file_no, code, column_name) file_no, code, coalesce(column_name, ''),"
            " count(*) OVER (PARTITION BY file_no, code, column_name), line, reason"
            " FROM stage_quarantine ORDER BY file_no, code, column_name, line"
        ).fetchall()
        for file_no, code, column, count, line, reason in found:
            file = self.files[file_no]
            file.reasons.append(Reason(code, column, count, line, reason))
            file.quarantined += count
            file.misread += 0 if code in NO_DATA else count
        for file in self.files:
            file.reasons.sort(key=lambda reason: -reason.count)

    def _fetch_raw(self, todo: Sequence[Assigned]) -> None:
        """Rows that were taken out in the database get their raw text from a second reading of the file."""
        for number, assigned in enumerate(todo):
            lines = {
                line
                for (line,) in self.connection.execute(
                    "SELECT line FROM stage_quarantine WHERE file_no = %s AND raw IS NULL", (number,)
                )
            }
            if not lines:
                continue
            self.connection.execute("CREATE TEMP TABLE IF NOT EXISTS stage_raw (line bigint, raw text) ON COMMIT DROP")
            self.connection.execute("TRUNCATE stage_raw")
            with self.connection.cursor() as cursor, cursor.copy("COPY pg_temp.stage_raw FROM STDIN") as copy:
                for batch in assigned.table.batches():
                    for place, line in enumerate(batch.lines):
                        if line in lines:
                            copy.write_row((line, batch.raw(place)))
            self.connection.execute(
                "UPDATE stage_quarantine q SET raw = r.raw FROM stage_raw r"
                " WHERE q.file_no = %s AND q.line = r.line AND q.raw IS NULL",
                (number,),
            )

    def _refuse_errors(self) -> None:
        for file in self.files:
            if file.misread > self.request.max_errors * max(file.read, 1):
                raise _Refused

    def _write(self, recogniser: Recogniser) -> Summary:
        batch_id = self._new_batch()
        written = write_all(self.staging, batch_id, self.source)
        aliases = [(new.alias_kind, new.alias, new.partner_id) for new in recogniser.created.values()]
        aliases += [(kind, alias, partner_id) for (kind, alias), partner_id in recogniser.aliases.items()]
        added = write_aliases(self.connection, aliases, batch_id, self.source)
        if added:
            written.append(Written("partner_alias", -1, added))
        self.warnings += cut_merge_cycles(self.connection, batch_id)
        self.warnings += dates_out_of_order(self.staging, self.zone) + in_the_future(self.staging)
        self.warnings += without_currency(self.staging)
        if not any(row.inserted or row.updated for row in written):
            return self._summary("unchanged", written)
        self._keep_quarantine(batch_id)
        self._close_batch(batch_id, written)
        self.connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        if self.request.dry_run:
            return self._summary("dry_run", written)
        return self._summary("imported", written, batch_id)

    def _new_batch(self) -> int:
        # A sequence is not rolled back: a dry run takes a number that the sequence does not give. Nobody else can
        # take it at the same time, since imports exclude each other.
        number = "(SELECT coalesce(max(batch_id), 0) + 1 FROM eql.import_batch)" if self.request.dry_run else "DEFAULT"
        row = self.connection.execute(
            "INSERT INTO eql.import_batch (batch_id, mapping, mapping_sha256, source, imported_by, files)"
            f" OVERRIDING SYSTEM VALUE VALUES ({number}, %s, %s, %s, %s, '[]') RETURNING batch_id",
            (self.mapping.name, self.mapping.sha256, self.source, _user()),
        ).fetchone()
        assert row is not None
        return int(row[0])

    def _keep_quarantine(self, batch_id: int) -> None:
        for number, file in enumerate(self.files):
            self.connection.execute(
                "INSERT INTO eql.quarantine (batch_id, file, line, column_name, code, reason, raw)"
                " SELECT %s, %s, line, column_name, code, reason, coalesce(raw, '') FROM stage_quarantine"
                " WHERE file_no = %s ORDER BY line",
                (batch_id, file.name, number),
            )

    def _close_batch(self, batch_id: int, written: Sequence[Written]) -> None:
        files = []
        for file in self.files:
            told = {name: getattr(file, name) for name in _TOLD}
            told["tables"] = [asdict(row) for row in written if row.group == file.group]
            files.append(told)
        warnings = [
            {**asdict(w), "file": self.files[w.file_no].name if w.file_no is not None else None} for w in self.warnings
        ]
        self.connection.execute(
            "UPDATE eql.import_batch SET rows_read = %s, rows_accepted = %s, rows_quarantined = %s, files = %s,"
            " warnings = %s WHERE batch_id = %s",
            (
                sum(file.read for file in self.files),
                sum(file.accepted for file in self.files),
                sum(file.quarantined for file in self.files),
                Jsonb(files, dumps=_dumps),
                Jsonb(warnings, dumps=_dumps),
                batch_id,
            ),
        )

    def _summary(self, outcome: str, written: Sequence[Written] = (), batch_id: int | None = None) -> Summary:
        return Summary(
            outcome=outcome,
            mapping=self.mapping.name,
            source=self.source,
            batch_id=batch_id,
            files=tuple(self.files),
            written=tuple(written),
            warnings=tuple(self.warnings),
            notes=tuple(self.notes),
            limit=self.request.max_errors,
        )


_TOLD = ("name", "part", "sha256", "bytes", "encoding", "delimiter", "read", "accepted", "quarantined")
_DELETE_SIMULATED = {
    name: sql.SQL("DELETE FROM {} WHERE source = %s").format(sql.Identifier("eql", name)) for name in TABLES
}


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
