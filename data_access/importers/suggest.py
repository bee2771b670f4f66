"""What might the columns of an unknown file mean? A draft mapping, for a person to edit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import polars as pl

from data_access.importers.contract import TABLES, Field, Kind
from data_access.importers.date_forms import GOOD_SHARE, Column, DateForms, date_readings, listed, quoted, shown
from data_access.importers.mapping_file import parse_mapping
from data_access.importers.reading import Batch, OpenTable, open_table
from data_access.importers.rows import rows_of
from data_access.importers.synonyms import BLANK_WORDS, STATUS_WORDS, SYNONYMS, TABLE_WORDS
from data_access.importers.values import plain_numbers

_SAMPLE = 5_000


def suggest_mapping(path: Path) -> str:
    """A draft mapping in TOML, with a comment wherever a person must decide; UserError where the file is unreadable."""
    table = open_table(path)
    columns = _columns(table)
    target = _table_of(table, columns)
    chosen = dict(_matches(columns, target))
    if target == "deal" and "stage" in chosen:
        chosen.setdefault("status", chosen["stage"])
    text = "\n".join(_lines(table, columns, target, chosen)) + "\n"
    if _complete(target, chosen):
        parse_mapping(text, path.stem)  # a draft that cannot be read back would be a fault of this program
    return text


def _columns(table: OpenTable) -> list[Column]:
    batch = next(table.batches(), None)
    if batch is None:
        return [Column(heading, pl.Series([], dtype=pl.String), 0, False) for heading in table.headings]
    sample = Batch(batch.lines[:_SAMPLE], batch.cells[:_SAMPLE], batch.raw)
    rows = rows_of(table, sample, table.headings)
    return [_inspect(heading, rows.column(heading, BLANK_WORDS)) for heading in table.headings]


def _inspect(heading: str, texts: pl.Series) -> Column:
    filled = texts.drop_nulls()
    share = len(filled) / max(len(texts), 1)
    if filled.is_empty():
        return Column(heading, texts, 0, False)
    unique = filled.n_unique() == len(texts)
    return Column(heading, texts, share, unique, tuple(date_readings(filled)), _decimal(filled))


def _decimal(texts: pl.Series) -> str | None:
    if not texts.str.contains(r"\d").all():
        return None
    for mark in (".", ","):
        if plain_numbers(texts, mark).null_count() <= (1 - GOOD_SHARE) * len(texts):
            return mark
    return None


# Which column means which field?


def _words(heading: str) -> str:
    """A heading in lower case, its words apart: `Lead_ID` and `leadId` become `lead id`."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", heading)
    return " ".join(re.findall(r"[^\W_]+", spaced.lower()))


def _run_together(heading: str) -> str:
    return "".join(re.findall(r"[^\W_]+", heading.lower()))


def _table_of(table: OpenTable, columns: Sequence[Column]) -> str:
    """The table that most columns seem made for; the file's name counts too."""
    scores = {}
    for name, words in TABLE_WORDS.items():
        hits = sum(bool(_field_score(name, field, column)) for field in TABLES[name].fields for column in columns)
        named = any(word in _words(table.path.stem) for word in words)
        signs = sum(any(word in f" {_words(column.heading)} " for word in words) for column in columns)
        scores[name] = hits + 2 * signs + (4 if named else 0)
    return max(scores, key=lambda name: scores[name])


def _field_score(table: str, field: str, column: Column) -> int:
    """How well a column suits a field: by its name in several languages, and by what it holds."""
    spec = TABLES[table].fields[field]
    heading = _run_together(column.heading)
    listed = [*SYNONYMS.get(f"{table}.{field}", ()), *SYNONYMS.get(field, ()), field]
    listed = [_run_together(word) for word in listed]
    if heading not in listed:
        return 0
    if column.filled and not _suits(spec, column):
        return 0
    return 100 - listed.index(heading) + (10 if column.filled else 0)


def _suits(spec: Field, column: Column) -> bool:
    if spec.kind in (Kind.DATE, Kind.MOMENT):
        return bool(column.dates)
    if spec.kind in (Kind.MONEY, Kind.REAL, Kind.INTEGER):
        return column.decimal is not None
    return True


def _matches(columns: Sequence[Column], table: str) -> Iterator[tuple[str, Column]]:
    """The best pairs of field and column; a column feeds one field, save the key."""
    pairs = sorted(
        (
            (_field_score(table, field, column), -number, field, column)
            for number, column in enumerate(columns)
            for field in TABLES[table].fields
        ),
        key=lambda pair: (-pair[0], -pair[1]),
    )
    fields: set[str] = set()
    used: set[str] = set()
    for score, _, field, column in pairs:
        if score and field not in fields and column.heading not in used:
            fields.add(field)
            used.add(column.heading)
            yield field, column
    yield from _fallbacks(columns, table, fields, used)


def _fallbacks(columns: Sequence[Column], table: str, fields: set[str], used: set[str]) -> Iterator[tuple[str, Column]]:
    """Needed fields that no name gave away: a column of different ids, the first column of dates."""
    free = [column for column in columns if column.heading not in used and column.filled]
    key = TABLES[table].own_id
    if key is not None and key not in fields:
        ids = [column for column in free if column.unique and not column.dates]
        if ids:
            yield key, ids[0]
            free.remove(ids[0])
    if table == "lead" and "created_at" not in fields:
        dated = [column for column in free if column.dates and column.filled > GOOD_SHARE]
        if dated:
            yield "created_at", dated[0]
    if table == "lead" and "email_domain" not in fields:
        addresses = [c for c in free if c.texts.drop_nulls().str.contains(r"^[^@\s]+@[^@\s]+\.[^@\s]+$").mean() == 1]
        if addresses:
            yield "email_domain", addresses[0]


def _complete(table: str, chosen: Mapping[str, Column]) -> bool:
    return all(
        name in chosen or not spec.required or spec.default is not None for name, spec in TABLES[table].fields.items()
    )


# The text


def _lines(table: OpenTable, columns: Sequence[Column], target: str, chosen: Mapping[str, Column]) -> Iterator[str]:
    name = re.sub(r"[^a-z0-9]+", "_", table.path.stem.lower()).strip("_") or "draft"
    yield f"# A draft for {table.name} ({table.encoding}, {len(columns)} columns)."
    yield f"# Edit it, save it as {name}.toml, then:"
    yield f"#   python -m dashboard import {table.name} --mapping {name}.toml --dry-run"
    yield "# docs/importing.md explains every key."
    yield ""
    yield f"source = {quoted(name)}             # name of the system that the file comes from"
    yield '# time_zone = "Europe/Berlin"      # zone of the file\'s moments; without it the reporting zone'
    forms = DateForms.of(columns)
    yield from forms.lines()
    yield from _number_lines(chosen)
    yield from _blank_lines(columns, table)
    if "currency" in TABLES[target].fields and "currency" not in chosen:
        yield '# currency = "USD"                # currency of every amount, where no column says it'
    yield ""
    yield f"[file.{name}]"
    yield "# Headings by which the file is recognised:"
    match = list(dict.fromkeys(column.heading for column in chosen.values())) or [columns[0].heading]
    yield f"match = [{', '.join(quoted(heading) for heading in match)}]"
    yield ""
    yield f"[file.{name}.{target}]"
    lead = _lead_of_deal(columns, chosen) if target == "deal" else {}
    yield from _field_lines(target, chosen, forms)
    yield from _missing_lines(target, chosen)
    if target == "deal":
        yield from _lead_lines(name, chosen, lead, forms)
    yield from _unused_lines(columns, {**lead, **chosen})


def _number_lines(chosen: Mapping[str, Column]) -> Iterator[str]:
    if any(column.decimal == "," for name, column in chosen.items() if not column.dates):
        yield 'decimal = ","'


def _blank_lines(columns: Sequence[Column], table: OpenTable) -> Iterator[str]:
    batch = next(table.batches(), None)
    if batch is None:
        return
    seen = {cell.strip() for row in islice(batch.cells, _SAMPLE) for cell in row}
    words = sorted(word for word in seen if word.lower() in BLANK_WORDS and word)
    if words:
        yield f"blanks = [{', '.join(quoted(word) for word in words)}]    # words in the file that mean nothing"


def _field_lines(target: str, chosen: Mapping[str, Column], forms: DateForms) -> Iterator[str]:
    for name, spec in TABLES[target].fields.items():
        if name not in chosen:
            continue
        column = chosen[name]
        if spec.choices:
            yield from _translation(name, spec, column)
            continue
        keys = [f"column = {quoted(column.heading)}"]
        if column.heading in forms.own and spec.kind in (Kind.DATE, Kind.MOMENT):
            keys.append(f"date_formats = [{listed(forms.own[column.heading])}]")
        if spec.refers in ("account", "asset", "lead"):
            keys.append('unknown = "blank"' if spec.refers == "lead" else 'unknown = "create"')
        if (target, name) == ("deal", "closed_at") and "status" in chosen:
            keys.append('when = { field = "status", is = ["won", "lost"] }')
        value = quoted(column.heading) if len(keys) == 1 else "{ " + ", ".join(keys) + " }"
        yield f"{name} = {value}    # e.g. {shown(', '.join(column.examples)) or 'blank in the sample'}"


def _translation(name: str, spec: Field, column: Column) -> Iterator[str]:
    """Each word of the sample with a guess; what is not guessed falls to the default, marked for a person."""
    words = column.texts.drop_nulls().value_counts(sort=True).head(30).to_series().to_list()
    pairs = []
    for word in words:
        meaning = next((m for m, known in STATUS_WORDS.items() if m in spec.choices and _words(word) in known), None)
        if meaning is None and word.lower() in spec.choices:
            meaning = word.lower()
        pairs.append((word, meaning or spec.default or spec.choices[-1], meaning is not None))
    unsure = [word for word, _, sure in pairs if not sure]
    if unsure:
        yield f"# Check these, the names did not say what they mean: {shown(', '.join(unsure))}"
    inside = ", ".join(f"{quoted(word)} = {quoted(meaning)}" for word, meaning, _ in pairs)
    yield f'{name} = {{ column = {quoted(column.heading)}, translate = {{ {inside} }}, otherwise = "quarantine" }}'


def _missing_lines(target: str, chosen: Mapping[str, Column]) -> Iterator[str]:
    for name, spec in TABLES[target].fields.items():
        if name in chosen or not spec.required or spec.default is not None:
            continue
        if name == TABLES[target].own_id:
            yield "# The file seems to have no key; its lines stand in. Better: a column that stays the same."
            yield f'{name} = {{ template = "{{file}}-{{line}}" }}'
        elif spec.kind is Kind.MOMENT:
            yield f"# No column was recognised as {name}, which is needed: name one, or a constant date."
            yield f'{name} = {{ constant = "2025-01-01" }}'
        else:
            yield f"# {name} is needed: name its column, or a constant."
            yield f'# {name} = "…"'


def _lead_of_deal(columns: Sequence[Column], chosen: Mapping[str, Column]) -> dict[str, Column]:
    """Columns of a deal file that say where the deal came from; they belong to a lead."""
    if "lead_id" in chosen:
        return {}
    used = {column.heading for column in chosen.values()}
    free = [column for column in columns if column.heading not in used]
    fields = ("partner_id", "channel", "utm_source", "utm_medium", "utm_campaign", "product_line")
    found = {}
    for field in fields:
        best = max(free, key=lambda column: _field_score("lead", field, column), default=None)
        if best is not None and _field_score("lead", field, best):
            found[field] = best
            free.remove(best)
    return found


def _lead_lines(name: str, chosen: Mapping[str, Column], lead: Mapping[str, Column], forms: DateForms) -> Iterator[str]:
    """A deal belongs to its lead's partner and channel; a file of deals alone makes a lead of each."""
    key, opened = chosen.get("deal_id"), chosen.get("opened_at")
    if "lead_id" in chosen or key is None or opened is None:
        return
    lead_id = f"{{ template = {quoted('deal {' + key.heading + '}')} }}"
    yield f"lead_id = {lead_id}"
    yield ""
    yield "# A deal belongs to the partner and the channel of its lead: this makes a lead of each deal. Where your"
    yield "# leads have a file of their own, take this part out and let lead_id above name the column of the lead's id."
    yield f"[file.{name}.lead]"
    yield f"lead_id = {lead_id}"
    yield from _field_lines("lead", {"created_at": opened, **lead}, forms)
    if "partner_id" not in lead:
        yield '# partner_id = "…"                # the column that names the partner, if there is one'


def _unused_lines(columns: Sequence[Column], chosen: Mapping[str, Column]) -> Iterator[str]:
    used = {column.heading for column in chosen.values()}
    left = [column for column in columns if column.heading not in used]
    if left:
        yield ""
        yield "# Not used:"
        for column in left:
            yield f"#   {shown(column.heading)}: {shown(', '.join(column.examples)) or 'blank in the sample'}"
