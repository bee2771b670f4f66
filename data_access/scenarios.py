"""Which what-if scenarios were saved, by whom, and why? Each save is a row of its own; nobody overwrites anybody.

The column `definition` holds the scorecard as docs/scoring-model.md describes it under `model`, the number of the
scenario that it was made from under `parent`, and the version that was active then under `active`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine, text

from dashboard.domain import UserError
from dashboard.scoring.model import ScoringModel
from dashboard.scoring.scorecard_file import as_document, parse
from data_access.engine import read_frame
from data_access.questions import Schema
from data_access.signed_writes import LONGEST_NAME, SCENARIO_LOCK, audit, noted, signed, titled, writing

MOST_LISTED = 500


@dataclass(frozen=True, slots=True)
class Scenario:
    """A saved scenario. `parent`: the scenario that it was made from; `active`: the version active when it was saved.

    `model` is None where the row cannot be read; `trouble` then says why.
    """

    scenario_id: int
    name: str
    model: ScoringModel | None
    author: str
    created_at: datetime
    note: str | None
    parent: int | None
    active: int | None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a save.

    `renamed`: the name was taken, so that the scenario got a number behind it. `meanwhile`: what others made from the
    same parent since it was loaded, the newest first; all of it stays beside this one.
    """

    scenario: Scenario
    renamed: bool
    meanwhile: tuple[Scenario, ...]


_COLUMNS = "scenario_id, name, definition::text AS definition, author, created_at, note"
_SCHEMA: Schema = {
    "scenario_id": pl.Int64,
    "name": pl.String,
    "definition": pl.String,
    "author": pl.String,
    "created_at": pl.Datetime("us", "UTC"),
    "note": pl.String,
}
_LIST = f"SELECT {_COLUMNS} FROM eql.scenario ORDER BY scenario_id DESC LIMIT :most"
_ONE = f"SELECT {_COLUMNS} FROM eql.scenario WHERE scenario_id = :scenario"
_CHILDREN = f"""
SELECT {_COLUMNS} FROM eql.scenario
WHERE definition -> 'parent' = to_jsonb(CAST(:parent AS bigint)) AND author <> :author ORDER BY scenario_id DESC
"""
_SAME = f"""
SELECT {_COLUMNS} FROM eql.scenario
WHERE definition = CAST(:definition AS jsonb) AND author = :author AND lower(name) = lower(:name)
  AND note IS NOT DISTINCT FROM :note LIMIT 1
"""
_INSERT = f"""
INSERT INTO eql.scenario (name, definition, author, note)
VALUES (:name, CAST(:definition AS jsonb), :author, :note) RETURNING {_COLUMNS}
"""
_RESTORE = """
INSERT INTO eql.scenario (scenario_id, name, definition, author, created_at, note) OVERRIDING SYSTEM VALUE
SELECT (detail ->> 'scenario_id')::bigint, detail ->> 'name', detail -> 'definition', detail ->> 'author',
       (detail ->> 'created_at')::timestamptz, detail ->> 'note'
FROM eql.audit_log WHERE action = 'delete scenario' AND subject = :subject ORDER BY entry_id DESC LIMIT 1
ON CONFLICT DO NOTHING
"""
_GONE = """
SELECT actor, at FROM eql.audit_log WHERE action = 'delete scenario' AND subject = :subject
ORDER BY entry_id DESC LIMIT 1
"""


def scenarios(engine: Engine) -> list[Scenario]:
    """The saved scenarios, the newest first, at most MOST_LISTED."""
    frame = read_frame(engine, _LIST, {"most": MOST_LISTED}, _SCHEMA)
    return [_scenario(row) for row in frame.iter_rows(named=True)]


def scenario(engine: Engine, scenario_id: int) -> Scenario:
    """One scenario by its number; UserError where there is none, naming who deleted it."""
    frame = read_frame(engine, _ONE, {"scenario": scenario_id}, _SCHEMA)
    if frame.height:
        return _scenario(frame.row(0, named=True))
    schema: Schema = {"actor": pl.String, "at": pl.Datetime("us", "UTC")}
    gone = read_frame(engine, _GONE, {"subject": _subject(scenario_id)}, schema)
    if gone.is_empty():
        raise UserError(f"There is no scenario {scenario_id}.")
    actor, at = gone.row(0)
    raise UserError(f"{actor} deleted scenario {scenario_id} on {at.day} {at:%b %Y}.")


def save(
    engine: Engine,
    name: str,
    note: str | None,
    model: ScoringModel,
    author: str,
    *,
    loaded: int | None = None,
    active: int | None = None,
) -> Saved:
    """Adds a scenario made from `loaded` while the version `active` was active; never touches another row.

    A name that is taken gets a number behind it. The same save sent twice (the answer got lost on the way) is one row.
    UserError: no name, no author, too long a note, or a model that is not sound; DatabaseUnavailable: nothing is saved.
    """
    document = sound_document(model)
    values = {
        "name": titled(name),
        "definition": json.dumps({"model": document, "parent": loaded, "active": active}),
        "author": signed(author),
        "note": noted(note),
    }
    with writing(engine, SCENARIO_LOCK) as connection:
        found = connection.execute(text(_SAME), values).mappings().one_or_none()
        if found is not None:
            return Saved(_scenario(dict(found)), False, ())
        meanwhile = _children(connection, loaded, str(values["author"]))
        free = _free_name(connection, str(values["name"]))
        row = connection.execute(text(_INSERT), values | {"name": free}).mappings().one()
        made = _scenario(dict(row))
        audit(connection, made.author, "save scenario", _subject(made.scenario_id), {"name": free, "parent": loaded})
    return Saved(made, free != values["name"], meanwhile)


def delete(engine: Engine, scenario_id: int, author: str) -> Scenario:
    """Takes a scenario out of the list and keeps what it was in the log, for `restore`.

    UserError: it is not there (any more); DatabaseUnavailable: nothing is known deleted.
    """
    actor = signed(author)
    with writing(engine, SCENARIO_LOCK) as connection:
        statement = f"DELETE FROM eql.scenario WHERE scenario_id = :scenario RETURNING {_COLUMNS}"
        row = connection.execute(text(statement), {"scenario": scenario_id}).mappings().one_or_none()
        if row is None:
            raise UserError(f"Scenario {scenario_id} is gone already: somebody else deleted it.")
        kept = dict(row) | {"definition": json.loads(row["definition"]), "created_at": row["created_at"].isoformat()}
        audit(connection, actor, "delete scenario", _subject(scenario_id), kept)
    return _scenario(dict(row))


def restore(engine: Engine, scenario_id: int, author: str) -> None:
    """Brings a deleted scenario back under its old number; does nothing where it is there."""
    actor = signed(author)
    with writing(engine, SCENARIO_LOCK) as connection:
        if connection.execute(text(_RESTORE), {"subject": _subject(scenario_id)}).rowcount:
            audit(connection, actor, "restore scenario", _subject(scenario_id), {})


def sound_document(model: ScoringModel) -> dict[str, Any]:
    """The model as a document; UserError where nobody should keep it, as `scorecard_file.parse` says it."""
    document = as_document(model)
    if parse(document) != model:
        raise UserError("This scorecard cannot be written down: one of its names has blanks around it.")
    return document


def _children(connection: Connection, parent: int | None, author: str) -> tuple[Scenario, ...]:
    if parent is None:
        return ()
    rows = connection.execute(text(_CHILDREN), {"parent": parent, "author": author}).mappings()
    return tuple(_scenario(dict(row)) for row in rows)


def _free_name(connection: Connection, name: str) -> str:
    taken = {row[0].lower() for row in connection.execute(text("SELECT name FROM eql.scenario"))}
    found, number = name, 2
    while found.lower() in taken:
        ending = f" ({number})"
        found = f"{name[: LONGEST_NAME - len(ending)]}{ending}"
        number += 1
    return found


def _scenario(row: Mapping[str, Any]) -> Scenario:
    definition = json.loads(row["definition"])
    found = definition if isinstance(definition, Mapping) else {}
    model, trouble = None, ""
    try:
        model = parse(found.get("model", found))  # a row of somebody's own may hold the bare scorecard
    except UserError as error:
        trouble = str(error)
    kept = {name: row[name] for name in ("scenario_id", "name", "author", "created_at", "note")}
    return Scenario(
        **kept, model=model, parent=_number(found, "parent"), active=_number(found, "active"), trouble=trouble
    )


def _number(found: Mapping[str, Any], name: str) -> int | None:
    value = found.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _subject(scenario_id: int) -> str:
    return f"scenario {scenario_id}"
