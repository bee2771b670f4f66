"""Is this TOML file a mapping, and if not, where is it wrong?"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.domain import UserError
from data_access.importers.contract import TABLES, Field, Kind, Table
from data_access.importers.mapping import (
    Condition,
    Each,
    FieldMapping,
    FileMapping,
    ImportMapping,
    LookupMapping,
    Reading,
    Section,
    Value,
    template_columns,
)
from data_access.importers.toml_places import (
    Wrong,
    choice_at,
    flag_at,
    only,
    table_at,
    tables_at,
    text_at,
    texts_at,
    word_of,
)

SHIPPED = Path(__file__).parent / "mappings"

_READING = ("blanks", "date_formats", "time_zone", "decimal", "true", "false")
_TOP = ("name", "title", "source", "currency", "file", "lookup", *_READING)
_FILE = ("match", "names", "sheet", "delimiter", "encoding", "header_line", "footer", "unnamed_columns", *_READING)
_SECTION = ("rows", "unknown", "optional", "when", "each")
_SOURCES = ("column", "constant", "template", "lead")
_SHAPING = (
    "lookup",
    "translate",
    "otherwise",
    "replace",
    "when",
    "date_only",
    "split",
    "first_piece",
    "end_of",
    "kind",
)
_VALUE = (*_SOURCES, *_SHAPING, *_READING)
_FIELD = (*_VALUE, "default", "unknown", "new", "recognise", "first_of")
_KINDS = ("name", "lead_source", "utm_source", "partner_key", "domain")


def shipped_mappings() -> tuple[ImportMapping, ...]:
    """Every mapping that comes with the program, by name."""
    return tuple(read_mapping(path) for path in sorted(SHIPPED.glob("*.toml")))


def find_mapping(name_or_file: str) -> ImportMapping:
    """A shipped mapping by its name, or one from a file; raises UserError where there is neither."""
    shipped = SHIPPED / f"{name_or_file}.toml"
    if shipped.parent == SHIPPED and shipped.is_file():
        return read_mapping(shipped)
    if Path(name_or_file).is_file():
        return read_mapping(Path(name_or_file))
    names = ", ".join(path.stem for path in sorted(SHIPPED.glob("*.toml")))
    raise UserError(f"There is no mapping {name_or_file}: name a TOML file or one of {names}.")


def read_mapping(path: Path) -> ImportMapping:
    """The mapping in a file; raises UserError that names the file and the place in it."""
    try:
        return parse_mapping(path.read_text(encoding="utf-8-sig"), path.stem)
    except (UnicodeDecodeError, OSError):
        raise UserError(f"The mapping {path.name} cannot be read as UTF-8 text.") from None


def parse_mapping(text: str, name: str) -> ImportMapping:
    """The mapping that a TOML text describes; `name` stands in where the text gives none. Raises UserError."""
    try:
        content = tomllib.loads(text)
        return _mapping(content, name, hashlib.sha256(text.encode()).hexdigest())
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"The mapping {name} is no valid TOML: {error}.") from None
    except Wrong as error:
        raise UserError(f"The mapping {name} is wrong at {error}.") from None


def _mapping(content: dict[str, Any], name: str, sha256: str) -> ImportMapping:
    only(content, _TOP, "")
    name = text_at(content, "name", "") or name
    reading = _reading(content, Reading(), "")
    currency = text_at(content, "currency", "")
    if currency is not None and not (len(currency) == 3 and currency.isalpha() and currency.isupper()):
        raise Wrong("currency", f"{currency!r} is no currency code such as EUR")
    lookups = tuple(_lookup(key, table_at(body, f"lookup.{key}")) for key, body in tables_at(content, "lookup").items())
    files = tuple(
        _file(key, table_at(body, f"file.{key}"), reading, currency, {lookup.name for lookup in lookups})
        for key, body in tables_at(content, "file").items()
    )
    if not files:
        raise Wrong("file", "there is no [file.NAME] that says what a file feeds")
    return ImportMapping(
        name=name,
        title=text_at(content, "title", "") or name,
        source=text_at(content, "source", "") or name,
        sha256=sha256,
        files=files,
        lookups=lookups,
    )


def _lookup(name: str, body: dict[str, Any]) -> LookupMapping:
    where = f"lookup.{name}"
    only(body, ("key", "value", "match", "names", "when", "sparse"), where)
    key, value = text_at(body, "key", where), text_at(body, "value", where)
    if not key or not value:
        raise Wrong(where, "needs key (a column) and value (a column, or a template such as '{First} {Last}')")
    value = value if "{" in value else "{" + value + "}"
    needed = (key, *_template(value, where))
    when = _condition(body.get("when"), f"{where}.when")
    match = texts_at(body, "match", where) or needed
    sparse = flag_at(body, "sparse", where)
    return LookupMapping(name, key, value, match, texts_at(body, "names", where), when, sparse)


def _file(name: str, body: dict[str, Any], reading: Reading, currency: str | None, lookups: set[str]) -> FileMapping:
    where = f"file.{name}"
    only(body, (*_FILE, *TABLES), where)
    reading = _reading(body, reading, where)
    sections = []
    for table in TABLES.values():
        if table.name in body:
            given = body[table.name]
            for part in given if isinstance(given, list) else [given]:
                spot = f"{where}.{table.name}"
                sections.append(_section(table, table_at(part, spot), reading, currency, lookups, spot))
    if not sections:
        raise Wrong(where, f"feeds no table: add one of {', '.join(f'[{where}.{table}]' for table in TABLES)}")
    header_line = body.get("header_line", 1)
    if not isinstance(header_line, int) or isinstance(header_line, bool) or header_line < 1:
        raise Wrong(f"{where}.header_line", "must be a whole number from 1 on")
    file = FileMapping(
        name=name,
        sections=tuple(sections),
        match=texts_at(body, "match", where),
        names=texts_at(body, "names", where),
        sheet=text_at(body, "sheet", where),
        delimiter=text_at(body, "delimiter", where),
        encoding=text_at(body, "encoding", where),
        header_line=header_line,
        footer=texts_at(body, "footer", where),
        unnamed_columns=flag_at(body, "unnamed_columns", where),
    )
    if file.delimiter is not None and len(file.delimiter) != 1:
        raise Wrong(f"{where}.delimiter", "must be one character")
    return file if file.match else replace(file, match=file.columns())


def _section(
    table: Table, body: dict[str, Any], reading: Reading, currency: str | None, lookups: set[str], where: str
) -> Section:
    only(body, (*_SECTION, *table.fields), where)
    rows = choice_at(body, "rows", ("upsert", "update"), where) or "upsert"
    fields = [
        _field(name, table.fields[name], body[name], reading, lookups, f"{where}.{name}")
        for name in table.fields
        if name in body
    ]
    given = {mapped.name for mapped in fields}
    for mapped in fields:
        for value in mapped.values:
            if value.when is not None and value.when.of_field and value.when.column not in given - {mapped.name}:
                raise Wrong(f"{where}.{mapped.name}.when", f"{value.when.column!r} is no other field mapped here")
    needed = [
        name
        for name, spec in table.fields.items()
        if (name in table.key and spec.required) or (rows == "upsert" and spec.required and spec.default is None)
    ]
    missing = [name for name in needed if name not in given]
    if missing:
        raise Wrong(where, f"does not say what feeds {' and '.join(missing)}")
    if "currency" in table.fields and "currency" not in given and currency and "amount" in table.fields:
        fields.append(FieldMapping("currency", (Value(constant=currency, reading=reading),)))
    unknown = choice_at(body, "unknown", ("quarantine", "skip"), where)
    if unknown and rows != "update":
        raise Wrong(f"{where}.unknown", 'belongs to rows = "update"')
    return Section(
        table=table,
        fields=tuple(fields),
        update_only=rows == "update",
        skip_unknown=unknown == "skip",
        optional=flag_at(body, "optional", where),
        when=_condition(body.get("when"), f"{where}.when"),
        each=_each(body.get("each"), f"{where}.each"),
    )


def _each(given: Any, where: str) -> Each | None:
    if given is None:
        return None
    body = table_at(given, where)
    only(body, ("column", "split"), where)
    column, split = text_at(body, "column", where), text_at(body, "split", where)
    if not column or not split:
        raise Wrong(where, "needs column and split (the sign between the pieces)")
    return Each(column, split)


def _field(name: str, spec: Field, given: Any, reading: Reading, lookups: set[str], where: str) -> FieldMapping:
    body = given if isinstance(given, dict) else {}
    parts = _parts(given, body, where)
    if body:
        only(body, _FIELD, where)
    unknown = choice_at(body, "unknown", ("quarantine", "blank", "create"), where)
    if unknown and spec.refers is None:
        raise Wrong(f"{where}.unknown", "belongs to fields that refer to another table")
    if unknown == "create" and spec.refers not in ("partner", "account", "asset"):
        raise Wrong(f"{where}.unknown", f"a missing {spec.refers} cannot be created from its id alone")
    if "recognise" in body and spec.refers != "partner":
        raise Wrong(f"{where}.recognise", "belongs to fields that name a partner")
    values = tuple(_value(part, spec, reading, lookups, where) for part in parts)
    default = word_of(body["default"], f"{where}.default") if "default" in body else None
    for word in [default, *(value.constant for value in values)]:
        if spec.choices and word is not None and word not in spec.choices:
            raise Wrong(where, f"{word!r} is none of {', '.join(spec.choices)}")
    for value in values:
        wrong = [word for word in value.translate.values() if spec.choices and word and word not in spec.choices]
        if wrong:
            raise Wrong(f"{where}.translate", f"{wrong[0]!r} is none of {', '.join(spec.choices)}")
    return FieldMapping(name, values, default, unknown, _new(body, spec, where), "recognise" in body)


def _parts(given: Any, body: dict[str, Any], where: str) -> Sequence[Any]:
    """The ways given for one field: a column, a table, or a list of either (the first that is filled in counts)."""
    for key in ("recognise", "first_of"):
        if key in body:
            listed = body[key]
            if not isinstance(listed, list) or not listed:
                raise Wrong(f"{where}.{key}", "must be a list of columns or tables")
            shared = {name: value for name, value in body.items() if name in (*_SHAPING, *_READING)}
            return [{"column": part, **shared} if isinstance(part, str) else {**shared, **part} for part in listed]
    if isinstance(given, list):
        if not given:
            raise Wrong(where, "is an empty list")
        return given
    return [given]


def _new(body: dict[str, Any], spec: Field, where: str) -> dict[str, str]:
    new = {key: word_of(value, f"{where}.new") for key, value in table_at(body.get("new", {}), f"{where}.new").items()}
    only(new, tuple(TABLES[spec.refers].fields) if spec.refers else (), f"{where}.new")
    return new


def _value(given: Any, spec: Field, reading: Reading, lookups: set[str], where: str) -> Value:
    if isinstance(given, str):
        return Value(column=given, reading=reading)
    body = table_at(given, where)
    only(body, _FIELD, where)
    sources = [key for key in _SOURCES if key in body]
    if len(sources) != 1:
        raise Wrong(where, "needs exactly one of column, constant, template and lead")
    template = text_at(body, "template", where)
    if template is not None:
        _template(template, where)
    lead = text_at(body, "lead", where)
    if lead is not None and lead not in TABLES["lead"].fields:
        raise Wrong(f"{where}.lead", f"{lead!r} is no field of lead")
    lookup = text_at(body, "lookup", where)
    if lookup is not None and lookup not in lookups:
        raise Wrong(f"{where}.lookup", f"there is no [lookup.{lookup}]")
    if "split" in body and spec.kind is not Kind.LIST:
        raise Wrong(f"{where}.split", "belongs to fields that hold a list")
    if "end_of" in body and spec.kind is not Kind.DATE:
        raise Wrong(f"{where}.end_of", "belongs to fields that hold a day")
    translate = table_at(body.get("translate", {}), f"{where}.translate")
    return Value(
        column=text_at(body, "column", where),
        constant=word_of(body["constant"], f"{where}.constant") if "constant" in body else None,
        template=template,
        lead=lead,
        lookup=lookup,
        translate={str(key): word_of(word, f"{where}.translate") for key, word in translate.items()},
        otherwise=choice_at(body, "otherwise", ("keep", "blank", "quarantine"), where) or "keep",
        replace={
            str(key): word_of(word, where)
            for key, word in table_at(body.get("replace", {}), f"{where}.replace").items()
        },
        when=_condition(body.get("when"), f"{where}.when", of_field=True),
        date_only=flag_at(body, "date_only", where),
        split=text_at(body, "split", where),
        first_piece=text_at(body, "first_piece", where),
        end_of=choice_at(body, "end_of", ("month", "quarter", "year"), where),
        kind=choice_at(body, "kind", _KINDS, where),
        reading=_reading(body, reading, where),
    )


def _condition(given: Any, where: str, of_field: bool = False) -> Condition | None:
    if given is None:
        return None
    body = table_at(given, where)
    only(body, ("column", "is", "is_not", "filled", *(("field",) if of_field else ())), where)
    of_field = "field" in body
    column = text_at(body, "field" if of_field else "column", where)
    if not column or ("column" in body and of_field) or sum(key in body for key in ("is", "is_not", "filled")) != 1:
        raise Wrong(where, "needs column and one of is, is_not and filled")
    if "filled" in body:
        return Condition(column, None, not flag_at(body, "filled", where), of_field)
    key = "is" if "is" in body else "is_not"
    given_words = body[key] if isinstance(body[key], list) else [body[key]]
    words = tuple(word_of(word, where).strip().lower() for word in given_words)
    return Condition(column, words, key == "is_not", of_field)


def _reading(body: Mapping[str, Any], base: Reading, where: str) -> Reading:
    given: dict[str, Any] = {}
    for key in ("blanks", "date_formats", "true", "false"):
        if key in body:
            given[key] = texts_at(body, key, where)
    for key in ("blanks", "true", "false"):
        if key in given:
            given[key] = tuple(word.strip().lower() for word in given[key])
    if "time_zone" in body:
        given["time_zone"] = _zone(text_at(body, "time_zone", where) or "", where)
    if "decimal" in body:
        given["decimal"] = choice_at(body, "decimal", (".", ","), where)
    return replace(base, **given)


def _zone(name: str, where: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Wrong(f"{where}.time_zone".strip("."), f"{name!r} is no time zone such as Europe/Berlin") from None
    return name


def _template(template: str, where: str) -> tuple[str, ...]:
    if not template.strip():
        raise Wrong(where, "the template is empty")
    return template_columns(template)
