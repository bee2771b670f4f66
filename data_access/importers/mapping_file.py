"""Is this TOML file a mapping, and if not, where is it wrong?"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
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

SHIPPED = Path(__file__).parent / "mappings"

_READING = ("blanks", "date_formats", "time_zone", "decimal", "true", "false")
_TOP = ("name", "title", "source", "currency", "file", "lookup", *_READING)
_FILE = ("match", "names", "sheet", "delimiter", "encoding", "header_line", "footer", "unnamed_columns", *_READING)
_SECTION = ("rows", "unknown", "optional", "when", "each")
_SOURCES = ("column", "constant", "template", "lead")
_SHAPING = ("lookup", "translate", "otherwise", "replace", "when", "date_only", "split", "first_piece", "kind")
_VALUE = (*_SOURCES, *_SHAPING, *_READING)
_FIELD = (*_VALUE, "default", "unknown", "new", "recognise", "first_of")
_KINDS = ("name", "lead_source", "utm_source", "partner_key", "domain")


class _Wrong(Exception):
    """Something in the mapping is wrong at a place; becomes a UserError that names the file."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}" if where else what)


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
    except _Wrong as error:
        raise UserError(f"The mapping {name} is wrong at {error}.") from None


def _mapping(content: dict[str, Any], name: str, sha256: str) -> ImportMapping:
    _only(content, _TOP, "")
    name = _text(content, "name", "") or name
    reading = _reading(content, Reading(), "")
    currency = _text(content, "currency", "")
    if currency is not None and not (len(currency) == 3 and currency.isalpha() and currency.isupper()):
        raise _Wrong("currency", f"{currency!r} is no currency code such as EUR")
    lookups = tuple(_lookup(key, _table(body, f"lookup.{key}")) for key, body in _tables(content, "lookup").items())
    files = tuple(
        _file(key, _table(body, f"file.{key}"), reading, currency, {lookup.name for lookup in lookups})
        for key, body in _tables(content, "file").items()
    )
    if not files:
        raise _Wrong("file", "there is no [file.NAME] that says what a file feeds")
    return ImportMapping(
        name=name,
        title=_text(content, "title", "") or name,
        source=_text(content, "source", "") or name,
        sha256=sha256,
        files=files,
        lookups=lookups,
    )


def _lookup(name: str, body: dict[str, Any]) -> LookupMapping:
    where = f"lookup.{name}"
    _only(body, ("key", "value", "match", "names", "when", "sparse"), where)
    key, value = _text(body, "key", where), _text(body, "value", where)
    if not key or not value:
        raise _Wrong(where, "needs key (a column) and value (a column, or a template such as '{First} {Last}')")
    value = value if "{" in value else "{" + value + "}"
    needed = (key, *_template(value, where))
    when = _condition(body.get("when"), f"{where}.when")
    match = _texts(body, "match", where) or needed
    sparse = _flag(body, "sparse", where)
    return LookupMapping(name, key, value, match, _texts(body, "names", where), when, sparse)


def _file(name: str, body: dict[str, Any], reading: Reading, currency: str | None, lookups: set[str]) -> FileMapping:
    where = f"file.{name}"
    _only(body, (*_FILE, *TABLES), where)
    reading = _reading(body, reading, where)
    sections = []
    for table in TABLES.values():
        if table.name in body:
            given = body[table.name]
            for part in given if isinstance(given, list) else [given]:
                spot = f"{where}.{table.name}"
                sections.append(_section(table, _table(part, spot), reading, currency, lookups, spot))
    if not sections:
        raise _Wrong(where, f"feeds no table: add one of {', '.join(f'[{where}.{table}]' for table in TABLES)}")
    header_line = body.get("header_line", 1)
    if not isinstance(header_line, int) or isinstance(header_line, bool) or header_line < 1:
        raise _Wrong(f"{where}.header_line", "must be a whole number from 1 on")
    file = FileMapping(
        name=name,
        sections=tuple(sections),
        match=_texts(body, "match", where),
        names=_texts(body, "names", where),
        sheet=_text(body, "sheet", where),
        delimiter=_text(body, "delimiter", where),
        encoding=_text(body, "encoding", where),
        header_line=header_line,
        footer=_texts(body, "footer", where),
        unnamed_columns=_flag(body, "unnamed_columns", where),
    )
    if file.delimiter is not None and len(file.delimiter) != 1:
        raise _Wrong(f"{where}.delimiter", "must be one character")
    return file if file.match else replace(file, match=file.columns())


def _section(
    table: Table, body: dict[str, Any], reading: Reading, currency: str | None, lookups: set[str], where: str
) -> Section:
    _only(body, (*_SECTION, *table.fields), where)
    rows = _choice(body, "rows", ("upsert", "update"), where) or "upsert"
    fields = [
        _field(name, table.fields[name], body[name], reading, lookups, f"{where}.{name}")
        for name in table.fields
        if name in body
    ]
    given = {mapped.name for mapped in fields}
    for mapped in fields:
        for value in mapped.values:
            if value.when is not None and value.when.of_field and value.when.column not in given - {mapped.name}:
                raise _Wrong(f"{where}.{mapped.name}.when", f"{value.when.column!r} is no other field mapped here")
    needed = [
        name
        for name, spec in table.fields.items()
        if (name in table.key and spec.required) or (rows == "upsert" and spec.required and spec.default is None)
    ]
    missing = [name for name in needed if name not in given]
    if missing:
        raise _Wrong(where, f"does not say what feeds {' and '.join(missing)}")
    if "currency" in table.fields and "currency" not in given and currency and "amount" in table.fields:
        fields.append(FieldMapping("currency", (Value(constant=currency, reading=reading),)))
    unknown = _choice(body, "unknown", ("quarantine", "skip"), where)
    if unknown and rows != "update":
        raise _Wrong(f"{where}.unknown", 'belongs to rows = "update"')
    return Section(
        table=table,
        fields=tuple(fields),
        update_only=rows == "update",
        skip_unknown=unknown == "skip",
        optional=_flag(body, "optional", where),
        when=_condition(body.get("when"), f"{where}.when"),
        each=_each(body.get("each"), f"{where}.each"),
    )


def _each(given: Any, where: str) -> Each | None:
    if given is None:
        return None
    body = _table(given, where)
    _only(body, ("column", "split"), where)
    column, split = _text(body, "column", where), _text(body, "split", where)
    if not column or not split:
        raise _Wrong(where, "needs column and split (the sign between the pieces)")
    return Each(column, split)


def _field(name: str, spec: Field, given: Any, reading: Reading, lookups: set[str], where: str) -> FieldMapping:
    body = given if isinstance(given, dict) else {}
    parts = _parts(given, body, where)
    if body:
        _only(body, _FIELD, where)
    unknown = _choice(body, "unknown", ("quarantine", "blank", "create"), where)
    if unknown and spec.refers is None:
        raise _Wrong(f"{where}.unknown", "belongs to fields that refer to another table")
    if unknown == "create" and spec.refers not in ("partner", "account", "asset"):
        raise _Wrong(f"{where}.unknown", f"a missing {spec.refers} cannot be created from its id alone")
    if "recognise" in body and spec.refers != "partner":
        raise _Wrong(f"{where}.recognise", "belongs to fields that name a partner")
    values = tuple(_value(part, spec, reading, lookups, where) for part in parts)
    default = _word(body["default"], f"{where}.default") if "default" in body else None
    for word in [default, *(value.constant for value in values)]:
        if spec.choices and word is not None and word not in spec.choices:
            raise _Wrong(where, f"{word!r} is none of {', '.join(spec.choices)}")
    for value in values:
        wrong = [word for word in value.translate.values() if spec.choices and word and word not in spec.choices]
        if wrong:
            raise _Wrong(f"{where}.translate", f"{wrong[0]!r} is none of {', '.join(spec.choices)}")
    return FieldMapping(name, values, default, unknown, _new(body, spec, where), "recognise" in body)


def _parts(given: Any, body: dict[str, Any], where: str) -> Sequence[Any]:
    """The ways given for one field: a column, a table, or a list of either (the first that is filled in counts)."""
    for key in ("recognise", "first_of"):
        if key in body:
            listed = body[key]
            if not isinstance(listed, list) or not listed:
                raise _Wrong(f"{where}.{key}", "must be a list of columns or tables")
            shared = {name: value for name, value in body.items() if name in (*_SHAPING, *_READING)}
            return [{"column": part, **shared} if isinstance(part, str) else {**shared, **part} for part in listed]
    if isinstance(given, list):
        if not given:
            raise _Wrong(where, "is an empty list")
        return given
    return [given]


def _new(body: dict[str, Any], spec: Field, where: str) -> dict[str, str]:
    new = {key: _word(value, f"{where}.new") for key, value in _table(body.get("new", {}), f"{where}.new").items()}
    _only(new, tuple(TABLES[spec.refers].fields) if spec.refers else (), f"{where}.new")
    return new


def _value(given: Any, spec: Field, reading: Reading, lookups: set[str], where: str) -> Value:
    if isinstance(given, str):
        return Value(column=given, reading=reading)
    body = _table(given, where)
    _only(body, _FIELD, where)
    sources = [key for key in _SOURCES if key in body]
    if len(sources) != 1:
        raise _Wrong(where, "needs exactly one of column, constant, template and lead")
    template = _text(body, "template", where)
    if template is not None:
        _template(template, where)
    lead = _text(body, "lead", where)
    if lead is not None and lead not in TABLES["lead"].fields:
        raise _Wrong(f"{where}.lead", f"{lead!r} is no field of lead")
    lookup = _text(body, "lookup", where)
    if lookup is not None and lookup not in lookups:
        raise _Wrong(f"{where}.lookup", f"there is no [lookup.{lookup}]")
    if "split" in body and spec.kind is not Kind.LIST:
        raise _Wrong(f"{where}.split", "belongs to fields that hold a list")
    translate = _table(body.get("translate", {}), f"{where}.translate")
    return Value(
        column=_text(body, "column", where),
        constant=_word(body["constant"], f"{where}.constant") if "constant" in body else None,
        template=template,
        lead=lead,
        lookup=lookup,
        translate={str(key): _word(word, f"{where}.translate") for key, word in translate.items()},
        otherwise=_choice(body, "otherwise", ("keep", "blank", "quarantine"), where) or "keep",
        replace={
            str(key): _word(word, where) for key, word in _table(body.get("replace", {}), f"{where}.replace").items()
        },
        when=_condition(body.get("when"), f"{where}.when", of_field=True),
        date_only=_flag(body, "date_only", where),
        split=_text(body, "split", where),
        first_piece=_text(body, "first_piece", where),
        kind=_choice(body, "kind", _KINDS, where),
        reading=_reading(body, reading, where),
    )


def _condition(given: Any, where: str, of_field: bool = False) -> Condition | None:
    if given is None:
        return None
    body = _table(given, where)
    _only(body, ("column", "is", "is_not", "filled", *(("field",) if of_field else ())), where)
    of_field = "field" in body
    column = _text(body, "field" if of_field else "column", where)
    if not column or ("column" in body and of_field) or sum(key in body for key in ("is", "is_not", "filled")) != 1:
        raise _Wrong(where, "needs column and one of is, is_not and filled")
    if "filled" in body:
        return Condition(column, None, not _flag(body, "filled", where), of_field)
    key = "is" if "is" in body else "is_not"
    given_words = body[key] if isinstance(body[key], list) else [body[key]]
    words = tuple(_word(word, where).strip().lower() for word in given_words)
    return Condition(column, words, key == "is_not", of_field)


def _reading(body: Mapping[str, Any], base: Reading, where: str) -> Reading:
    given: dict[str, Any] = {}
    for key in ("blanks", "date_formats", "true", "false"):
        if key in body:
            given[key] = _texts(body, key, where)
    for key in ("blanks", "true", "false"):
        if key in given:
            given[key] = tuple(word.strip().lower() for word in given[key])
    if "time_zone" in body:
        given["time_zone"] = _zone(_text(body, "time_zone", where) or "", where)
    if "decimal" in body:
        given["decimal"] = _choice(body, "decimal", (".", ","), where)
    return replace(base, **given)


def _zone(name: str, where: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise _Wrong(f"{where}.time_zone".strip("."), f"{name!r} is no time zone such as Europe/Berlin") from None
    return name


def _template(template: str, where: str) -> tuple[str, ...]:
    if not template.strip():
        raise _Wrong(where, "the template is empty")
    return template_columns(template)


def _only(body: Mapping[str, Any], allowed: Sequence[str], where: str) -> None:
    for key in body:
        if key not in allowed:
            near = get_close_matches(key, allowed, 1)
            hint = f"; did you mean {near[0]}?" if near else f"; known here: {', '.join(allowed) or 'nothing'}"
            raise _Wrong(f"{where}.{key}".strip("."), f"this key is not known{hint.removesuffix('?')}")


def _table(given: Any, where: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise _Wrong(where, "must be a table")
    return given


def _tables(content: Mapping[str, Any], key: str) -> dict[str, Any]:
    return _table(content.get(key, {}), key)


def _text(body: Mapping[str, Any], key: str, where: str) -> str | None:
    if key in body and not isinstance(body[key], str):
        raise _Wrong(f"{where}.{key}".strip("."), "must be a text in quotation marks")
    return body.get(key)


def _word(given: Any, where: str) -> str:
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, dict | list):
        raise _Wrong(where, "must be a single value")
    return str(given)


def _texts(body: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    given = body.get(key, [])
    given = [given] if isinstance(given, str) else given
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise _Wrong(f"{where}.{key}".strip("."), "must be a list of texts")
    return tuple(given)


def _flag(body: Mapping[str, Any], key: str, where: str) -> bool:
    given = body.get(key, False)
    if not isinstance(given, bool):
        raise _Wrong(f"{where}.{key}".strip("."), "must be true or false")
    return given


def _choice(body: Mapping[str, Any], key: str, choices: tuple[str, ...], where: str) -> str | None:
    given = body.get(key)
    if given is not None and given not in choices:
        raise _Wrong(f"{where}.{key}".strip("."), f"must be one of {', '.join(choices)}")
    return given
