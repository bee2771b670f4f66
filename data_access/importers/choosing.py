"""Which mapping fits these files, and which part of it reads which file?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from dashboard.domain import UserError
from data_access.importers import mapping_file
from data_access.importers.contract import TABLES
from data_access.importers.converting import NO_DATA, Context, convert_batch
from data_access.importers.lookups import fits, read_lookup
from data_access.importers.mapping import FileMapping, ImportMapping
from data_access.importers.partners import Recogniser
from data_access.importers.reading import Batch, Layout, OpenTable, open_table
from data_access.importers.rows import position_of

SUFFIXES = (".csv", ".tsv", ".txt", ".tab", ".xlsx", ".gz")
_PROBED_ROWS = 500


@dataclass(frozen=True, slots=True)
class Assigned:
    """A file and the part of the mapping that reads it."""

    table: OpenTable
    file: FileMapping


@dataclass(frozen=True, slots=True)
class Choice:
    """The mapping, what it reads, the files it only looks things up in, and those it has no use for."""

    mapping: ImportMapping
    assigned: tuple[Assigned, ...]
    lookups: tuple[OpenTable, ...]
    unused: tuple[str, ...]


def expand(paths: Sequence[Path]) -> list[Path]:
    """The files named, and those in the folders named; raises UserError where there is none."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.is_file() and p.suffix.lower() in SUFFIXES)
            if not inside:
                raise UserError(f"The folder {path} holds no .csv, .tsv, .xlsx or .gz file.")
            files += inside
        elif path.is_file():
            files.append(path)
        else:
            raise UserError(f"There is no file or folder {path}.")
    return list(dict.fromkeys(file.resolve() for file in files))


def choose(paths: Sequence[Path], mapping: str | None, zone: str) -> Choice:
    """The mapping named, else the shipped one that fits best; UserError where none or several fit."""
    files = expand(paths)
    named = {path.resolve() for path in paths if not path.is_dir()}
    opener = _Opener()
    if mapping is not None:
        choice = _assign(mapping_file.find_mapping(mapping), files, opener)
        _refuse_unreadable(choice, files, opener)
        _refuse_unread(choice, files, named, opener)
        return choice
    return _recognise(files, named, opener, zone)


class _Opener:
    """Opens a file once for each layout; remembers refusals too."""

    def __init__(self) -> None:
        self._opened: dict[tuple[Path, Layout], OpenTable | UserError] = {}

    def open(self, path: Path, layout: Layout) -> OpenTable:
        key = (path, layout)
        if key not in self._opened:
            try:
                self._opened[key] = open_table(path, layout)
            except UserError as error:
                self._opened[key] = error
        found = self._opened[key]
        if isinstance(found, UserError):
            raise found
        return found


def layout_of(file: FileMapping) -> Layout:
    """How a part of a mapping wants its file read."""
    return Layout(file.sheet, file.delimiter, file.encoding, file.header_line, file.unnamed_columns)


def _assign(mapping: ImportMapping, files: Iterable[Path], opener: _Opener) -> Choice:
    assigned: list[Assigned] = []
    lookups: list[OpenTable] = []
    unused: list[str] = []
    for path in files:
        best = _best_part(mapping, path, opener)
        if best is not None:
            assigned.append(best)
        plain = _plain(path, opener)
        if plain is not None and any(fits(lookup, plain) for lookup in mapping.lookups):
            lookups.append(plain)
        elif best is None:
            unused.append(path.name)
    rank = {name: number for number, name in enumerate(TABLES)}
    assigned.sort(key=lambda a: min(rank[section.table.name] for section in a.file.sections))
    return Choice(mapping, tuple(assigned), tuple(lookups), tuple(unused))


def _plain(path: Path, opener: _Opener) -> OpenTable | None:
    try:
        return opener.open(path, Layout())
    except UserError:
        return None


def _best_part(mapping: ImportMapping, path: Path, opener: _Opener) -> Assigned | None:
    """Of the parts whose headings the file has, the one named for such files, then the one that asks for the most."""
    fitting = []
    for file in mapping.files:
        try:
            table = opener.open(path, layout_of(file))
        except UserError:
            continue
        if not missing(table, file):
            named = any(fnmatch(path.name.lower(), name.lower()) for name in file.names)
            fitting.append((named, len(file.match), Assigned(table, file)))
    if not fitting:
        return None
    return max(fitting, key=lambda found: found[:2])[2]


def missing(table: OpenTable, file: FileMapping) -> list[str]:
    """Headings by which a part is recognised and which the file lacks."""
    return [column for column in file.match if position_of(column, table.headings) is None]


def _paths(choice: Choice) -> set[Path]:
    return {a.table.path for a in choice.assigned} | {table.path for table in choice.lookups}


def _refuse_unreadable(choice: Choice, files: list[Path], opener: _Opener) -> None:
    """A file that cannot be read stops the import, in a folder too: what it holds would be missing."""
    for path in files:
        if path not in _paths(choice):
            opener.open(path, Layout())


def _refuse_unread(choice: Choice, files: list[Path], named: set[Path], opener: _Opener) -> None:
    for path in files:
        if path in named and path not in _paths(choice):
            raise UserError(_why_unread(choice.mapping, path, opener))
    if not choice.assigned:
        raise UserError(f"None of these files fits the mapping {choice.mapping.name}.")


def _why_unread(mapping: ImportMapping, path: Path, opener: _Opener) -> str:
    lacks = []
    for file in mapping.files:
        table = opener.open(path, layout_of(file))
        lacks.append((file.name, missing(table, file)))
    name, columns = min(lacks, key=lambda found: len(found[1]))
    listed = ", ".join(repr(column) for column in columns[:5]) + (" …" if len(columns) > 5 else "")
    return f"The file {path.name} does not fit the mapping {mapping.name}: for file.{name} it lacks {listed}."


def _recognise(files: list[Path], named: set[Path], opener: _Opener, zone: str) -> Choice:
    choices = [_assign(mapping, files, opener) for mapping in mapping_file.shipped_mappings()]
    for path in files:
        if not any(path in _paths(choice) for choice in choices):
            opener.open(path, Layout())  # an unreadable file is a better message than "no mapping fits"
    choices = [choice for choice in choices if choice.assigned]
    listed = ", ".join(path.stem for path in sorted(mapping_file.SHIPPED.glob("*.toml")))
    if not choices:
        raise UserError(
            f"No shipped mapping fits: name one with --mapping ({listed}), or draft one with `python -m dashboard "
            f"import --suggest {files[0].name}`."
        )
    most = max(_read(choice) for choice in choices)
    choices = [choice for choice in choices if _read(choice) == most]
    if len(choices) > 1:
        scores = {id(choice): _misread_share(choice, zone) for choice in choices}
        least = min(scores.values())
        choices = [choice for choice in choices if scores[id(choice)] == least]
    if len(choices) > 1:
        widest = max(_recognised_columns(choice) for choice in choices)
        choices = [choice for choice in choices if _recognised_columns(choice) == widest]
    if len(choices) > 1:
        several = " and ".join(choice.mapping.name for choice in choices)
        raise UserError(f"The mappings {several} fit equally well: choose one with --mapping.")
    _refuse_unread(choices[0], files, named, opener)
    return choices[0]


def _read(choice: Choice) -> int:
    return len(_paths(choice))


def _recognised_columns(choice: Choice) -> int:
    return sum(len(assigned.file.match) for assigned in choice.assigned)


def _misread_share(choice: Choice, zone: str) -> float:
    """The share of the first rows that a mapping would quarantine, lookups and the database left aside."""
    without_files = {lookup.name: read_lookup(lookup, ()) for lookup in choice.mapping.lookups}
    bad = read = 0
    for assigned in choice.assigned:
        batch = next(assigned.table.batches(), None)
        if batch is None:
            continue
        first = Batch(batch.lines[:_PROBED_ROWS], batch.cells[:_PROBED_ROWS], batch.raw)
        context = Context(zone, Recogniser(choice.mapping.source), without_files)
        found = convert_batch(assigned.table, first, assigned.file, context)
        bad += sum(problem.code not in NO_DATA for problem in found.problems)
        read += len(first.lines)
    return bad / max(read, 1)
