"""What do these rows feed into the contract tables, and which of them cannot be understood?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from data_access.importers.contract import Field, Kind
from data_access.importers.lookups import Lookup
from data_access.importers.mapping import FieldMapping, FileMapping, Reading, Section, Value
from data_access.importers.partners import NAMING_KINDS, Recogniser, mapped
from data_access.importers.reading import Batch, OpenTable
from data_access.importers.rows import Problem, Rows, condition_holds, nothing, sorted_out
from data_access.importers.values import LIST_SIGN, Trouble, convert, end_of

#: Codes of rows that were never meant to be data; they do not count towards the share of errors.
NO_DATA = ("empty_row", "footer")

_DTYPES: Mapping[Kind, pl.DataType] = {
    Kind.INTEGER: pl.Int64(),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.DATE: pl.Date(),
    Kind.MOMENT: pl.Datetime("us", "UTC"),
}


@dataclass(slots=True)
class Context:
    """What conversion needs beside the rows: the reporting zone, lookups, partners; unknown partners are gathered."""

    zone: str
    recogniser: Recogniser
    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    unnamed_partners: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConvertedBatch:
    """Per section a frame with column `line` and one column per mapped field; the rows that cannot be understood;
    and how many rows are understood and feed nothing (`idle`), since no condition of the mapping holds for them."""

    frames: tuple[pl.DataFrame, ...]
    problems: tuple[Problem, ...]
    idle: int = 0


def convert_batch(table: OpenTable, batch: Batch, file: FileMapping, context: Context) -> ConvertedBatch:
    """A row goes into the frames only when every section understands it; of several problems the first is named."""
    rows, problems = sorted_out(table, batch, file.columns(), file.footer)
    found = {problem.row: problem for problem in problems}
    frames = []
    for section in file.sections:
        frame, troubles = _section(section, rows, context)
        frames.append(frame)
        for problem in troubles:
            found.setdefault(problem.row, problem)
    bad = pl.Series(list(found), dtype=pl.Int64)
    kept = [frame.filter(~pl.col("place").is_in(bad.implode())) for frame in frames]
    used = pl.concat([frame["place"] for frame in kept]).n_unique()
    problems = [found[row] for row in sorted(found)]
    return ConvertedBatch(
        tuple(frame.drop("place") for frame in kept), tuple(problems), len(batch.lines) - len(problems) - used
    )


def _section(section: Section, rows: Rows, context: Context) -> tuple[pl.DataFrame, list[Problem]]:
    rows = rows.narrowed(section.when)
    if section.each is not None:
        rows = rows.exploded(section.each)
    if section.optional:
        rows = rows.chosen(_keyed(section, rows, context))
    columns: dict[str, pl.Series] = {"place": rows.places, "line": rows.lines}
    problems: list[Problem] = []
    for mapped_field in section.fields:
        spec = section.table.fields[mapped_field.name]
        values, troubles = _field(section, mapped_field, spec, rows, context)
        columns[mapped_field.name] = values
        problems.extend(troubles)
    for mapped_field in section.fields:
        for value in mapped_field.values:
            if value.when is not None and value.when.of_field:
                holds = condition_holds(columns[value.when.column].cast(pl.String), value.when)
                columns[mapped_field.name] = columns[mapped_field.name].set(~holds, None)
    frame = pl.DataFrame([series.alias(name) for name, series in columns.items()])
    problems.extend(_across(section, frame))
    return frame, problems


def _keyed(section: Section, rows: Rows, context: Context) -> pl.Series:
    """Whether a row has all parts of its key."""
    filled = pl.Series([True]).new_from_index(0, len(rows))
    for name in section.table.key:
        mapped_field = section.field(name)
        if mapped_field is None or mapped_field.default is not None or any(v.lead for v in mapped_field.values):
            continue
        texts = [_text(value, section.table.fields[name], rows, context)[0] for value in mapped_field.values]
        filled = filled & pl.select(pl.coalesce(texts)).to_series().is_not_null()
    return filled


def _field(
    section: Section, given: FieldMapping, spec: Field, rows: Rows, context: Context
) -> tuple[pl.Series, list[Problem]]:
    if spec.refers == "partner":
        values, problems = _partner(given, rows, context)
    else:
        values, problems = _first_of(given, spec, rows, context)
    if section.table.name == "partner" and given.name == "partner_id":
        values = _own_partner(section, values, rows, context)
    if spec.kind is Kind.LIST:
        values = _listed(values, given)
    if spec.default is not None and given.default is None:
        values = values.fill_null(spec.default == "true" if spec.kind is Kind.BOOLEAN else spec.default)
    if spec.required and not any(value.lead for value in given.values):
        failed = {problem.row for problem in problems}
        column = _column(given.values[0], given.name)
        problems.extend(
            Problem(place, column, "missing_value", f"{given.name} is blank")
            for place in rows.places.filter(values.is_null())
            if place not in failed
        )
    return values, problems


def _first_of(given: FieldMapping, spec: Field, rows: Rows, context: Context) -> tuple[pl.Series, list[Problem]]:
    """The first way that is filled in counts; a text that is not understood is no blank."""
    dtype = _DTYPES.get(spec.kind, pl.String())
    result = pl.Series([None], dtype=dtype).new_from_index(0, len(rows))
    open_rows = pl.Series([True]).new_from_index(0, len(rows))
    problems: list[Problem] = []
    ways = [*given.values]
    if given.default is not None:
        ways.append(Value(constant=given.default, reading=replace(given.values[0].reading, date_formats=("iso",))))
    for way in ways:
        if way.lead is not None:
            continue
        texts, troubles = _text(way, spec, rows, context)
        texts = texts.set(~open_rows, None)
        if texts.null_count() == len(texts) and not troubles:
            continue
        found = convert(texts, spec, _reading(way, rows), context.zone, way.date_only)
        problems.extend(_problems(way, given.name, (*troubles, *found.troubles), texts, rows, open_rows))
        values = found.values.cast(dtype)
        if way.end_of is not None:
            values = end_of(values, way.end_of)
        result = pl.select(pl.coalesce(result, values)).to_series()
        open_rows = open_rows & texts.is_null()
    return result, problems


def _reading(way: Value, rows: Rows) -> Reading:
    """In a workbook a cell may be a date, which is then read as ISO, whatever forms the texts have."""
    if not rows.workbook or "iso" in way.reading.date_formats:
        return way.reading
    return replace(way.reading, date_formats=(*way.reading.date_formats, "iso"))


def _text(way: Value, spec: Field, rows: Rows, context: Context) -> tuple[pl.Series, tuple[Trouble, ...]]:
    """The text that a way gives for each row: raw, looked up, replaced, translated; null where blank."""
    if way.constant is not None:
        texts = pl.Series([way.constant]).new_from_index(0, len(rows))
    elif way.template is not None:
        texts = rows.template(way.template, way.reading.blanks, whole=spec.kind is Kind.ID)
    elif way.column is not None:
        texts = rows.column(way.column, way.reading.blanks)
    else:
        texts = nothing(len(rows))
    if way.lookup is not None:
        texts = context.lookups[way.lookup].find(texts)
    for old, new in way.replace.items():
        texts = texts.str.replace_all(old, new, literal=True)
    if way.first_piece is not None:
        texts = texts.str.split(way.first_piece).list.first().str.strip_chars()
        texts = texts.set(texts == "", None)
    if way.when is not None and not way.when.of_field:
        texts = texts.set(~rows.holds(way.when), None)
    return _translated(texts, way) if way.translate else (texts, ())


def _translated(texts: pl.Series, way: Value) -> tuple[pl.Series, tuple[Trouble, ...]]:
    words = {key.strip().lower(): word or None for key, word in way.translate.items()}
    old, new = list(words), pl.Series(list(words.values()), dtype=pl.String)
    keys = texts.str.to_lowercase()
    if "" in words:
        keys = keys.fill_null("")
    known = keys.is_in(old).fill_null(False)
    translated = keys.replace_strict(old, new, default=None, return_dtype=pl.String)
    other = texts.set(known, None)
    if way.otherwise == "keep":
        return pl.select(pl.when(known).then(translated).otherwise(texts)).to_series(), ()
    if way.otherwise == "blank":
        return translated, ()
    return translated, (Trouble(other.is_not_null(), "not_translated", "the mapping has no translation for it"),)


def _problems(
    way: Value, name: str, troubles: tuple[Trouble, ...], texts: pl.Series, rows: Rows, considered: pl.Series
) -> Iterator[Problem]:
    for trouble in troubles:
        hit = (trouble.rows & considered).fill_null(False)
        if not hit.any():
            continue
        column = _column(way, name)
        for place, text in zip(rows.places.filter(hit), texts.filter(hit), strict=True):
            shown = repr(text if text is None or len(text) <= 60 else text[:57] + "…")
            yield Problem(place, column, trouble.code, trouble.reason.replace("{}", shown))


def _column(way: Value, name: str) -> str:
    return way.column or next(iter(way.columns()), name)


def _listed(values: pl.Series, given: FieldMapping) -> pl.Series:
    sign = given.values[0].split or ";"
    pieces = values.str.split(sign).list.eval(pl.element().str.strip_chars())
    return pieces.list.eval(pl.element().filter(pl.element() != "")).list.join(LIST_SIGN)


# Partners


def _partner(given: FieldMapping, rows: Rows, context: Context) -> tuple[pl.Series, list[Problem]]:
    """The first way whose text is known counts; else the first that is filled in names an unknown partner."""
    spec = Field(Kind.TEXT)
    result, unknown = nothing(len(rows)), nothing(len(rows))
    naming = nothing(len(rows))
    for number, way in enumerate(given.values):
        texts, _ = _text(way, spec, rows, context)
        if way.kind == "domain":
            texts = convert(texts, Field(Kind.DOMAIN), way.reading, context.zone).values
        result = pl.select(pl.coalesce(result, context.recogniser.recognise(texts, way.kind))).to_series()
        first = unknown.is_null() & texts.is_not_null()
        naming = naming.set(first, str(number))
        unknown = pl.select(pl.coalesce(unknown, texts)).to_series()
    open_rows = result.is_null() & unknown.is_not_null()
    if not open_rows.any():
        return result, []
    problems: list[Problem] = []
    for number, way in enumerate(given.values):
        mine = open_rows & (naming == str(number)).fill_null(False)
        if mine.any():
            result, troubles = _unknown_partner(given, way, mine, unknown, result, rows, context)
            problems.extend(troubles)
    return result, problems


def _unknown_partner(
    given: FieldMapping,
    way: Value,
    mine: pl.Series,
    unknown: pl.Series,
    result: pl.Series,
    rows: Rows,
    context: Context,
) -> tuple[pl.Series, list[Problem]]:
    policy = given.unknown or ("create" if way.kind in NAMING_KINDS else "blank")
    texts = unknown.set(~mine, None)
    if policy == "create":
        made = mapped(texts, lambda text: context.recogniser.partner(text, way.kind) or _created(context, text, way))
        return pl.select(pl.coalesce(result, made)).to_series(), []
    if policy == "blank":
        for text, count in texts.drop_nulls().value_counts().iter_rows():
            context.unnamed_partners[text] = context.unnamed_partners.get(text, 0) + count
        return result, []
    trouble = Trouble(mine, "unknown_partner", "no partner is known by {}")
    return result, list(_problems(way, given.name, (trouble,), texts, rows, mine))


def _created(context: Context, text: str, way: Value) -> str:
    return context.recogniser.create(text, way.kind)


def _own_partner(section: Section, ids: pl.Series, rows: Rows, context: Context) -> pl.Series:
    """Partner rows are kept under the id of the partner that they mean."""
    name_field = section.field("name")
    names = nothing(len(rows))
    if name_field is not None:
        names, _ = _first_of(name_field, section.table.fields["name"], rows, context)
    pairs = pl.DataFrame({"id": ids, "name": names})
    found = {
        (given, name): context.recogniser.own_id(given, name)
        for given, name in pairs.unique(maintain_order=True).iter_rows()
        if given is not None
    }
    return pl.Series([found.get(pair) for pair in pairs.iter_rows()], dtype=pl.String)


# Checks across the fields of a row


def _across(section: Section, frame: pl.DataFrame) -> Iterator[Problem]:
    if {"period_start", "period_end"} <= set(frame.columns):
        for place in frame.filter(pl.col("period_end") < pl.col("period_start"))["place"]:
            yield Problem(place, "period_end", "ends_before_start", "the period ends before it starts")
    if section.table.name == "lead" and "merged_into" in frame.columns:
        for place in frame.filter(pl.col("merged_into") == pl.col("lead_id"))["place"]:
            yield Problem(place, "merged_into", "merged_into_itself", "the lead is said to be merged into itself")
