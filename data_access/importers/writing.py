"""How do checked rows reach the contract tables, so that nothing is written twice and everything can be taken back?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import sql

from data_access.importers.contract import TABLES
from data_access.importers.oddities import Oddity
from data_access.importers.staging import Connection, Stage, Staging, matching, names


@dataclass(slots=True)
class Written:
    """What one table gained from one section of a kind of file."""

    table: str
    group: int
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0


def write_all(staging: Staging, batch_id: int, source: str) -> list[Written]:
    """Writes every stage, referred tables first; only rows that differ, and of them only the mapped columns."""
    order = list(TABLES)
    stages = sorted(staging.stages, key=lambda s: (order.index(s.section.table.name), s.section.update_only))
    written = create_partners(staging, batch_id, source)
    for name in order:
        written += [_write(staging.connection, s, batch_id, source) for s in stages if s.section.table.name == name]
        if name == "asset":
            written += create_stubs(staging, batch_id, source)
    return written


def create_partners(staging: Staging, batch_id: int, source: str) -> list[Written]:
    """Adds partners that were recognised as new, if a row needs them."""
    needed = [
        sql.SQL("EXISTS (SELECT FROM {} s WHERE s.{} = n.partner_id)").format(stage.table, sql.Identifier(name))
        for stage in staging.stages
        for name in stage.fields
        if stage.section.table.fields[name].refers == "partner"
    ]
    if not needed:
        return []
    inserted = staging.connection.execute(
        sql.SQL(
            "INSERT INTO eql.partner (partner_id, name, source, batch_id) SELECT partner_id, name, {}, {}"
            " FROM stage_partner_new n WHERE {} ON CONFLICT DO NOTHING"
        ).format(sql.Literal(source), sql.Literal(batch_id), sql.SQL(" OR ").join(needed))
    ).rowcount
    return [Written("partner", -1, inserted)] if inserted else []


def create_stubs(staging: Staging, batch_id: int, source: str) -> list[Written]:
    """Adds accounts and assets that rows refer to and nobody describes, where the mapping says `create`."""
    written = []
    for stage in staging.stages:
        for mapped in stage.section.fields:
            table = stage.section.table.fields[mapped.name].refers
            if mapped.unknown != "create" or table not in ("account", "asset"):
                continue
            given = {"source": source, "batch_id": batch_id, **mapped.new}
            inserted = staging.connection.execute(
                sql.SQL(
                    "INSERT INTO {target} ({key}, {others}) SELECT DISTINCT s.{ref}, {values} FROM {stage} s"
                    " WHERE s.{ref} IS NOT NULL ON CONFLICT DO NOTHING"
                ).format(
                    target=sql.Identifier("eql", table),
                    key=sql.Identifier(TABLES[table].key[0]),
                    others=names(given),
                    ref=sql.Identifier(mapped.name),
                    values=sql.SQL(", ").join(sql.Literal(value) for value in given.values()),
                    stage=stage.table,
                )
            ).rowcount
            if inserted:
                written.append(Written(table, stage.group, inserted))
    return written


def _write(connection: Connection, stage: Stage, batch_id: int, source: str) -> Written:
    run = connection.execute
    staged = _one(run(sql.SQL("SELECT count(*) FROM {}").format(stage.table)))
    updated = _update(connection, stage, batch_id)
    inserted = 0 if stage.section.update_only else _insert(connection, stage, batch_id, source)
    return Written(stage.section.table.name, stage.group, inserted, updated, staged - inserted - updated)


def _update(connection: Connection, stage: Stage, batch_id: int) -> int:
    """Rows that are there and differ in a mapped column, their former selves kept."""
    columns = [name for name in stage.fields if name not in stage.key]
    if not columns:
        return 0
    table = stage.section.table
    parts = {
        "target": stage.target,
        "stage": stage.table,
        "same": matching(stage.key, "t", "s", table),
        "old": names(columns, "t"),
        "new": sql.SQL(", ").join(stage.value(name) for name in columns),
        "batch": sql.Literal(batch_id),
        "table": sql.Literal(table.name),
        "key": row_key(stage.key, "t"),
        "assignments": sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(name), stage.value(name)) for name in columns
        ),
    }
    # Rows that this batch has written before have their former self on record, or had none.
    connection.execute(
        sql.SQL(
            "INSERT INTO eql.import_before (batch_id, table_name, row_key, row_before)"
            " SELECT {batch}, {table}, {key}, to_jsonb(t) FROM {target} t JOIN {stage} s ON {same}"
            " WHERE ROW({old}) IS DISTINCT FROM ROW({new}) AND t.batch_id IS DISTINCT FROM {batch}"
            " ON CONFLICT DO NOTHING"
        ).format(**parts)
    )
    return connection.execute(
        sql.SQL(
            "UPDATE {target} t SET {assignments}, batch_id = {batch} FROM {stage} s"
            " WHERE {same} AND ROW({old}) IS DISTINCT FROM ROW({new})"
        ).format(**parts)
    ).rowcount


def _insert(connection: Connection, stage: Stage, batch_id: int, source: str) -> int:
    return connection.execute(
        sql.SQL(
            "INSERT INTO {target} ({columns}, source, batch_id) SELECT {values}, {source}, {batch} FROM {stage} s"
            " WHERE NOT EXISTS (SELECT FROM {target} t WHERE {same}) ON CONFLICT DO NOTHING"
        ).format(
            target=stage.target,
            columns=names(stage.fields),
            values=sql.SQL(", ").join(stage.value(name) for name in stage.fields),
            source=sql.Literal(source),
            batch=sql.Literal(batch_id),
            stage=stage.table,
            same=matching(stage.key, "t", "s", stage.section.table),
        )
    ).rowcount


def write_aliases(connection: Connection, aliases: list[tuple[str, str, str]], batch_id: int, source: str) -> int:
    """Adds aliases (kind, alias, partner_id) of partners that are there by now; an alias keeps its first meaning."""
    if not aliases:
        return 0
    return connection.execute(
        "INSERT INTO eql.partner_alias (alias_kind, alias, partner_id, source, batch_id)"
        " SELECT a.kind, a.alias, a.partner_id, %s, %s"
        " FROM unnest(%s::text[], %s::text[], %s::text[]) AS a (kind, alias, partner_id)"
        " JOIN eql.partner p ON p.partner_id = a.partner_id ON CONFLICT DO NOTHING",
        (source, batch_id, *(list(column) for column in zip(*aliases, strict=True))),
    ).rowcount


def cut_merge_cycles(connection: Connection, batch_id: int) -> list[Oddity]:
    """Leads that are, in the end, merged into themselves: nobody could tell where they belong, so they stay apart."""
    cut = connection.execute(
        "WITH RECURSIVE walk (start, place, steps) AS ("
        " SELECT lead_id, merged_into, 1 FROM eql.lead WHERE batch_id = %s AND merged_into IS NOT NULL"
        " UNION ALL SELECT w.start, l.merged_into, w.steps + 1 FROM walk w JOIN eql.lead l ON l.lead_id = w.place"
        " WHERE l.merged_into IS NOT NULL AND w.place <> w.start AND w.steps < 1000)"
        " UPDATE eql.lead SET merged_into = NULL, merged_at = NULL"
        " WHERE lead_id IN (SELECT start FROM walk WHERE place = start)",
        (batch_id,),
    ).rowcount
    text = "leads are merged into each other in a circle; they were left unmerged"
    return [Oddity("merged_in_a_circle", cut, text)] if cut else []


def row_key(key: tuple[str, ...], alias: str) -> sql.Composed:
    """The key columns of a row as jsonb."""
    pairs = [sql.SQL("{}, {}").format(sql.Literal(name), sql.Identifier(alias, name)) for name in key]
    return sql.SQL("jsonb_build_object({})").format(sql.SQL(", ").join(pairs))


def _one(cursor: Any) -> int:
    row = cursor.fetchone()
    return int(row[0])
