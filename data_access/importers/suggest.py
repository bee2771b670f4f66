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
from data_access.importers.meanings import Meanings, meanings_of, status_of, words_of
from data_access.importers.reading import Batch, OpenTable, open_table
from data_access.importers.rows import rows_of
from data_access.importers.synonyms import BLANK_WORDS
from data_access.importers.values import plain_numbers

_SAMPLE = 5_000


def suggest_mapping(path: Path) -> str:
    """A draft mapping in TOML, with a comment wherever a person must decide; UserError where the file is unreadable."""
    table = open_table(path)
    columns = _columns(table)
    meanings = meanings_of(table, columns)
    text = "\n".join(_lines(table, columns, meanings)) + "\n"
    if meanings.complete:
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


def _lines(table: OpenTable, columns: Sequence[Column], meanings: Meanings) -> Iterator[str]:
    target, chosen = meanings.target, meanings.chosen
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
    yield from _number_lines({**meanings.deal, **meanings.account, **chosen})
    yield from _blank_lines(columns, table)
    if ("currency" in TABLES[target].fields or meanings.deal) and "currency" not in {**meanings.deal, **chosen}:
        yield '# currency = "USD"                # currency of every amount, where no column says it'
    yield ""
    yield f"[file.{name}]"
    yield "# Headings by which the file is recognised:"
    match = list(dict.fromkeys(column.heading for column in chosen.values())) or [columns[0].heading]
    yield f"match = [{', '.join(quoted(heading) for heading in match)}]"
    yield from _account_lines(name, meanings, forms)
    yield ""
    yield f"[file.{name}.{target}]"
    yield from _field_lines(target, chosen, forms)
    yield from _missing_lines(target, chosen)
    if target == "deal":
        yield from _lead_lines(name, meanings, forms)
    if meanings.deal:
        yield from _deal_lines(name, meanings, forms)
    yield from _unused_lines(columns, meanings.headings)


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
        meaning = status_of(word, spec.choices)
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


def _account_lines(name: str, meanings: Meanings, forms: DateForms) -> Iterator[str]:
    """What the rows tell about companies, each under the column that tells them apart."""
    key = meanings.account_key
    if key is None:
        return
    yield ""
    yield f"[file.{name}.account]"
    yield "optional = true    # rows that name no company feed none"
    fields = {"account_id": key, **meanings.account}
    if not re.search(r"\b(id|key|number|domain|website)$", words_of(key.heading)):
        fields.setdefault("name", key)
    yield from _field_lines("account", fields, forms)


def _lead_lines(name: str, meanings: Meanings, forms: DateForms) -> Iterator[str]:
    """A deal belongs to its lead's partner and channel; a file of deals alone makes a lead of each."""
    chosen, lead = meanings.chosen, meanings.lead
    opened = chosen.get("opened_at")
    if "lead_id" in chosen or opened is None:
        return
    lead_id = _made_of("deal", chosen.get("deal_id"))
    yield f"lead_id = {lead_id}"
    yield ""
    yield "# A deal belongs to the partner and the channel of its lead: this makes a lead of each deal. Where your"
    yield "# leads have a file of their own, take this part out and let lead_id above name the column of the lead's id."
    yield f"[file.{name}.lead]"
    yield f"lead_id = {lead_id}"
    account = {"account_id": chosen["account_id"]} if "account_id" in chosen else {}
    yield from _field_lines("lead", {"created_at": opened, **account, **lead}, forms)
    if "partner_id" not in lead:
        yield '# partner_id = "…"                # the column that names the partner, if there is one'


def _deal_lines(name: str, meanings: Meanings, forms: DateForms) -> Iterator[str]:
    """A file of leads that tells how their deals went feeds both."""
    chosen, deal = meanings.chosen, meanings.deal
    key = chosen.get("lead_id")
    yield ""
    yield f"# A deal is made of each row that has a {shown(deal['status'].heading)}. Where some of them are leads only,"
    yield '# name the words of deals: when = { column = …, is = ["won", "lost"] }.'
    yield f"[file.{name}.deal]"
    yield f"when = {{ column = {quoted(deal['status'].heading)}, filled = true }}"
    yield f"deal_id = {_made_of('deal', key)}"
    yield f"lead_id = {quoted(key.heading) if key else _made_of('', None)}"
    known = {field: chosen[field] for field in ("account_id", "owner") if field in chosen}
    opened = {"opened_at": chosen["created_at"]} if "created_at" in chosen else {}
    yield from _field_lines("deal", {**opened, **known, **deal}, forms)


def _made_of(word: str, key: Column | None) -> str:
    """An id made of a row's key, or of its place where it has none."""
    row = f"{{{key.heading}}}" if key else "{file}-{line}"
    return f"{{ template = {quoted(f'{word} {row}'.strip())} }}"


def _unused_lines(columns: Sequence[Column], used: Sequence[str]) -> Iterator[str]:
    left = [column for column in columns if column.heading not in used]
    if left:
        yield ""
        yield "# Not used:"
        for column in left:
            yield f"#   {shown(column.heading)}: {shown(', '.join(column.examples)) or 'blank in the sample'}"
