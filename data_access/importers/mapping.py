"""What does a mapping say: which column of which file feeds which field of which table, and how is it read?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from data_access.importers.contract import Table

#: Read as dates where a mapping names no formats: ISO 8601 with or without time, fraction and offset.
DEFAULT_DATE_FORMATS = ("iso",)
DEFAULT_TRUE = ("true", "yes", "y", "t", "1", "x", "ja", "sí", "si", "sim", "oui", "wahr", "verdadero", "verdadeiro")
DEFAULT_FALSE = ("false", "no", "n", "f", "0", "nein", "não", "nao", "non", "falsch", "falso")


@dataclass(frozen=True, slots=True)
class Reading:
    """How texts of a file become values: blanks, date formats, zone, decimal mark, words for true and false.

    `time_zone` is None where the reporting zone holds.
    """

    blanks: tuple[str, ...] = ()
    date_formats: tuple[str, ...] = DEFAULT_DATE_FORMATS
    time_zone: str | None = None
    decimal: str = "."
    true: tuple[str, ...] = DEFAULT_TRUE
    false: tuple[str, ...] = DEFAULT_FALSE


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds for rows whose `column` is (or, negated, is not) one of `words`; without words: is filled in.

    With `of_field`, `column` names another field of the same section instead, as it comes out.
    """

    column: str
    words: tuple[str, ...] | None
    negated: bool = False
    of_field: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """One way to come by a value; exactly one of column, constant, template and lead is set.

    `lookup` names a lookup through which the text goes; `kind` the alias kind when a partner is recognised by it (None:
    by id, key or name). `split` cuts a list into pieces; `first_piece` keeps what stands before that sign;
    `end_of` goes to the last day of the month, quarter or year. `lead` is a
    field of the row's lead, from which the value is taken once leads are known.
    """

    column: str | None = None
    constant: str | None = None
    template: str | None = None
    lead: str | None = None
    lookup: str | None = None
    translate: Mapping[str, str] = field(default_factory=dict)
    otherwise: str = "keep"
    replace: Mapping[str, str] = field(default_factory=dict)
    when: Condition | None = None
    date_only: bool = False
    split: str | None = None
    first_piece: str | None = None
    end_of: str | None = None
    kind: str | None = None
    reading: Reading = Reading()

    def columns(self) -> Iterator[str]:
        """The columns of the file that it needs."""
        if self.column is not None:
            yield self.column
        if self.template is not None:
            yield from template_columns(self.template)
        if self.when is not None and not self.when.of_field:
            yield self.when.column


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """What feeds one field: the first of `values` that is not blank, else `default`.

    `unknown` says what happens to a reference that nothing is known of: quarantine, blank or create (None: the
    field's own default); `new` gives fields of rows so created.
    """

    name: str
    values: tuple[Value, ...]
    default: str | None = None
    unknown: str | None = None
    new: Mapping[str, str] = field(default_factory=dict)
    recognise: bool = False


@dataclass(frozen=True, slots=True)
class Each:
    """One row per piece of a column that holds several values; templates and fields see the piece as column `each`."""

    column: str
    split: str


@dataclass(frozen=True, slots=True)
class Section:
    """What one file feeds into one table.

    `update_only` changes rows that exist and never adds any; `skip_unknown` then passes over rows that do not exist.
    `optional` passes over rows whose key is blank.
    """

    table: Table
    fields: tuple[FieldMapping, ...]
    update_only: bool = False
    skip_unknown: bool = False
    optional: bool = False
    when: Condition | None = None
    each: Each | None = None

    def columns(self) -> Iterator[str]:
        """The columns of the file that it needs, `each` left out."""
        conditions = [self.when] if self.when else []
        for mapped in self.fields:
            for value in mapped.values:
                yield from (name for name in value.columns() if not (self.each and name == "each"))
        yield from (condition.column for condition in conditions)
        if self.each:
            yield self.each.column

    def field(self, name: str) -> FieldMapping | None:
        """The mapping of one field, if it is mapped."""
        return next((mapped for mapped in self.fields if mapped.name == name), None)


@dataclass(frozen=True, slots=True)
class FileMapping:
    """One kind of file: how it is recognised (`match` headings, `names` of files), read, and what it feeds."""

    name: str
    sections: tuple[Section, ...]
    match: tuple[str, ...]
    names: tuple[str, ...] = ()
    sheet: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    header_line: int = 1
    footer: tuple[str, ...] = ()
    unnamed_columns: bool = False

    def columns(self) -> tuple[str, ...]:
        """Every column that some section needs, once."""
        return tuple(dict.fromkeys(name for section in self.sections for name in section.columns()))


@dataclass(frozen=True, slots=True)
class LookupMapping:
    """A second file in which a text is looked up: the row whose `key` equals it gives `value` (a template).

    A `sparse` one is expected to lack most keys: nothing is said of those.
    """

    name: str
    key: str
    value: str
    match: tuple[str, ...]
    names: tuple[str, ...] = ()
    when: Condition | None = None
    sparse: bool = False


@dataclass(frozen=True, slots=True)
class ImportMapping:
    """A whole mapping. `sha256` is the fingerprint of its text."""

    name: str
    title: str
    source: str
    sha256: str
    files: tuple[FileMapping, ...]
    lookups: tuple[LookupMapping, ...] = ()


def template_parts(template: str) -> list[tuple[str, str]]:
    """A template as pairs of literal text and the name in braces after it, which is empty at the end."""
    pieces = re.split(r"\{([^{}]+)\}", template)
    return list(zip(pieces[::2], [*pieces[1::2], ""], strict=True))


def template_columns(template: str) -> tuple[str, ...]:
    """The columns named in a template such as `{First name} {Last name}`; `line` and `file` are no columns."""
    return tuple(name for _, name in template_parts(template) if name not in ("line", "file", ""))
