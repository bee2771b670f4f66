"""What did an import do? As figures, and as the text that a person reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from data_access.importers.oddities import Oddity
from data_access.importers.writing import Written


@dataclass(frozen=True, slots=True)
class Reason:
    """Rows of one file that were quarantined for one reason; `line` and `example` are those of the first."""

    code: str
    column: str
    count: int
    line: int
    example: str


@dataclass(slots=True)
class FileSummary:
    """One file: rows read = accepted + quarantined. `misread` leaves out quarantined rows that are no data; `idle`
    rows are accepted and feed nothing, as the mapping has it."""

    name: str
    part: str
    group: int
    sha256: str
    bytes: int
    encoding: str
    delimiter: str
    read: int = 0
    quarantined: int = 0
    misread: int = 0
    idle: int = 0
    reasons: list[Reason] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """Rows that were understood."""
        return self.read - self.quarantined


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole import. `batch_id` is None where nothing was written: `outcome` says why.

    `outcome` is imported, dry_run, unchanged, known (all files have been imported before) or refused (too many
    errors, `limit` being the share allowed).
    """

    outcome: str
    mapping: str
    source: str
    batch_id: int | None = None
    files: tuple[FileSummary, ...] = ()
    written: tuple[Written, ...] = ()
    warnings: tuple[Oddity, ...] = ()
    notes: tuple[str, ...] = ()
    limit: float = 0.05

    @property
    def exit_code(self) -> int:
        """0, or 2 where the import was refused."""
        return 2 if self.outcome == "refused" else 0

    def total(self, table: str) -> Written:
        """What one table gained in all."""
        mine = [written for written in self.written if written.table == table]
        return Written(
            table, -1, *(sum(getattr(w, name) for w in mine) for name in ("inserted", "updated", "unchanged"))
        )


def describe(summary: Summary) -> str:
    """The summary as text of some lines."""
    lines = [f"Mapping {summary.mapping}, source {summary.source}"]
    for file in summary.files:
        lines += _file_lines(file)
    lines += _written_lines(summary.written)
    lines += [f"Warning: {_oddity(oddity, summary.files)}" for oddity in summary.warnings]
    lines += [f"Note: {note}" for note in summary.notes]
    lines.append(_outcome(summary))
    return "\n".join(lines)


def _file_lines(file: FileSummary) -> list[str]:
    lines = [
        f"{file.name} (file.{file.part}): {file.read:,} rows = {file.accepted:,} accepted"
        f" + {file.quarantined:,} quarantined"
    ]
    if file.idle:
        lines.append(f"    {file.idle:,} of them feed nothing, as the mapping has it")
    for reason in file.reasons:
        where = f" in column {reason.column}" if reason.column else ""
        lines.append(f"    {reason.count:,} × {reason.code}{where}, first at line {reason.line}: {reason.example}")
    return lines


def _written_lines(written: Sequence[Written]) -> list[str]:
    tables = dict.fromkeys(row.table for row in written)
    lines = []
    for table in tables:
        mine = [row for row in written if row.table == table]
        counts = [
            f"{sum(getattr(row, name) for row in mine):,} {name}" for name in ("inserted", "updated", "unchanged")
        ]
        lines.append(f"  {table}: {', '.join(counts)}")
    return lines


def _oddity(oddity: Oddity, files: Sequence[FileSummary]) -> str:
    where = ""
    if oddity.line is not None and oddity.file_no is not None:
        where = f" (first: {files[oddity.file_no].name}, line {oddity.line})"
    count = f"{oddity.count:,} " if oddity.count else ""
    return f"{count}{oddity.text}{where} [{oddity.code}]"


def _outcome(summary: Summary) -> str:
    if summary.outcome == "imported":
        number = summary.batch_id
        return f"Imported as batch {number}; `python -m dashboard imports undo {number}` takes it back."
    if summary.outcome == "dry_run":
        return "Dry run: nothing was written."
    if summary.outcome == "known":
        return "Nothing to do: these files have been imported before, with the same mapping and source."
    if summary.outcome == "unchanged":
        return "Nothing was written: every row is in the database already."
    return (
        f"Nothing was imported: more than {summary.limit:.3g} of a file's rows cannot be understood; mend the file or "
        "the mapping, or allow more with --max-errors 0.2."
    )
