"""Do the staged rows fit the data that are there: ids of other sources, references, duplicates?"""

from __future__ import annotations

from typing import Any

from psycopg import sql

from data_access.importers.contract import TABLES
from data_access.importers.mapping import FieldMapping
from data_access.importers.oddities import Oddity
from data_access.importers.staging import OWN_COLUMNS, Stage, Staging, matching, names


def rename_taken_ids(staging: Staging, source: str) -> list[Oddity]:
    """Ids that rows of another source hold already get this source's name in front, in references too."""
    warnings = []
    for table in TABLES.values():
        if table.own_id is None or table.name == "partner":
            continue
        stages = staging.feeding(table.name)
        if not stages and not any(_references(stage, table.name) for stage in staging.stages):
            continue
        taken = _taken_ids(staging, table.name, table.own_id, stages, source)
        if taken:
            text = f"ids of {table.name} are in use by another source and were prefixed with {source}:"
            warnings.append(Oddity("id_taken", taken, text))
    return warnings


def _taken_ids(staging: Staging, table: str, own_id: str, stages: list[Stage], source: str) -> int:
    run = staging.connection.execute
    column, target, prefix = sql.Identifier(own_id), sql.Identifier("eql", table), f"{source}:"
    run("DROP TABLE IF EXISTS pg_temp.renamed")
    run("CREATE TEMP TABLE renamed (raw text primary key, final text not null) ON COMMIT DROP")
    run(
        sql.SQL(
            "INSERT INTO renamed SELECT substr({id}, length(%(prefix)s) + 1), {id} FROM {target}"
            " WHERE source = %(source)s AND starts_with({id}, %(prefix)s)"
        ).format(id=column, target=target),
        {"prefix": prefix, "source": source},
    )
    for stage in stages:
        run(
            sql.SQL(
                "INSERT INTO renamed SELECT DISTINCT t.{id}, %s || t.{id} FROM {stage} s JOIN {target} t USING ({id})"
                " WHERE t.source <> %s ON CONFLICT DO NOTHING"
            ).format(id=column, stage=stage.table, target=target),
            (prefix, source),
        )
    if not _count(run("SELECT count(*) FROM renamed")):
        return 0
    changed = 0
    for stage in staging.stages:
        own = [own_id] if stage.section.table.name == table else []
        for name in own + _references(stage, table):
            changed += run(
                sql.SQL("UPDATE {stage} s SET {c} = r.final FROM renamed r WHERE s.{c} = r.raw").format(
                    stage=stage.table, c=sql.Identifier(name)
                )
            ).rowcount
    return changed


def _references(stage: Stage, table: str) -> list[str]:
    return [name for name in stage.fields if stage.section.table.fields[name].refers == table]


def fill_from_leads(staging: Staging) -> None:
    """Fields that take their value from the row's lead: from the leads of this import, else from those there."""
    for stage in staging.stages:
        for mapped in stage.section.fields:
            for value in mapped.values:
                if value.lead is not None and "lead_id" in stage.fields:
                    _fill(staging, stage, mapped.name, value.lead)


def _fill(staging: Staging, stage: Stage, field: str, of_lead: str) -> None:
    leads = [other.table for other in staging.feeding("lead", adding=False) if of_lead in other.fields]
    for table in [*leads, sql.Identifier("eql", "lead")]:
        staging.connection.execute(
            sql.SQL(
                "UPDATE {stage} s SET {c} = l.{v} FROM {leads} l WHERE l.lead_id = s.lead_id AND s.{c} IS NULL"
            ).format(stage=stage.table, c=sql.Identifier(field), v=sql.Identifier(of_lead), leads=table)
        )


def settle_references(staging: Staging) -> list[Oddity]:
    """Quarantines or blanks what refers to nothing, until nothing more changes; a row taken out may leave others
    without what they refer to. Returns what was blanked or passed over."""
    warnings: dict[tuple[str, str], Oddity] = {}
    changed = True
    while changed:
        changed = False
        for stage in staging.stages:
            for mapped in stage.section.fields:
                spec = stage.section.table.fields[mapped.name]
                if any(value.lead for value in mapped.values) and spec.required:
                    changed |= _quarantine_blank(staging, stage, mapped)
                if spec.refers is not None:
                    changed |= _settle(staging, stage, mapped, spec.refers, warnings)
            if stage.section.update_only:
                changed |= _settle_absent(staging, stage, warnings)
    return list(warnings.values())


def _unknown(staging: Staging, table: str, name: str) -> sql.Composed:
    column = sql.Identifier("s", name)
    # NOT … OR … written as one NOT EXISTS each, which Postgres plans as hash anti-joins.
    key = sql.Identifier(TABLES[table].key[0])
    places: list[sql.Composable] = [sql.Identifier("eql", table), *(s.table for s in staging.feeding(table))]
    if table == "partner":
        places.append(sql.Identifier("pg_temp", "stage_partner_new"))
    tests = [sql.SQL("NOT EXISTS (SELECT FROM {} k WHERE k.{} = {})").format(p, key, column) for p in places]
    return sql.SQL("{} IS NOT NULL AND {}").format(column, sql.SQL(" AND ").join(tests))


def _settle(
    staging: Staging, stage: Stage, mapped: FieldMapping, table: str, warnings: dict[tuple[str, str], Oddity]
) -> bool:
    if mapped.unknown == "create" and table != "partner":
        return False
    unknown = _unknown(staging, table, mapped.name)
    column = sql.Identifier(mapped.name)
    if mapped.unknown == "blank" and not stage.section.table.fields[mapped.name].required:
        found = staging.connection.execute(
            sql.SQL("UPDATE {} s SET {} = NULL WHERE {} RETURNING file_no, line").format(stage.table, column, unknown)
        ).fetchall()
        text = f"rows name a {table} that is not known; their {mapped.name} was left blank"
        _count_warning(warnings, f"unknown_{table}", text, found)
        return False
    return _quarantine(
        staging,
        stage,
        unknown,
        _source_column(mapped),
        f"unknown_{table}",
        sql.SQL("'no {} has the id ' || quote_literal(s.{})").format(sql.SQL(table), column),
    )


def _settle_absent(staging: Staging, stage: Stage, warnings: dict[tuple[str, str], Oddity]) -> bool:
    """Rows of a section that only updates, where there is nothing to update."""
    table = stage.section.table
    places: list[sql.Composable] = [stage.target, *(other.table for other in staging.feeding(table.name))]
    absent = sql.SQL(" AND ").join(
        sql.SQL("NOT EXISTS (SELECT FROM {} k WHERE {})").format(place, matching(stage.key, "k", "s", table))
        for place in places
    )
    if stage.section.skip_unknown:
        found = staging.connection.execute(
            sql.SQL("DELETE FROM {} s WHERE {} RETURNING file_no, line").format(stage.table, absent)
        ).fetchall()
        text = f"rows belong to a {table.name} that is not there and were passed over"
        _count_warning(warnings, f"no_such_{table.name}", text, found)
        return False
    reason = sql.SQL("'there is no {} to update with the id ' || quote_literal(s.{})").format(
        sql.SQL(table.name), sql.Identifier(stage.key[0])
    )
    first = stage.section.field(stage.key[0])
    return _quarantine(staging, stage, absent, _source_column(first), f"unknown_{table.name}", reason)


def _quarantine_blank(staging: Staging, stage: Stage, mapped: FieldMapping) -> bool:
    condition = sql.SQL("s.{} IS NULL").format(sql.Identifier(mapped.name))
    reason = sql.SQL("{}").format(sql.Literal(f"{mapped.name} is blank"))
    return _quarantine(staging, stage, condition, _source_column(mapped), "missing_value", reason)


def _quarantine(
    staging: Staging, stage: Stage, condition: sql.Composable, column: str, code: str, reason: sql.Composable
) -> bool:
    """Takes the rows out of every stage of their file, and notes why; raw texts are filled in later."""
    run = staging.connection.execute
    run("CREATE TEMP TABLE IF NOT EXISTS taken_out (file_no integer, line bigint) ON COMMIT DROP")
    run("TRUNCATE taken_out")
    taken = run(
        sql.SQL(
            "WITH gone AS (DELETE FROM {stage} s WHERE {condition} RETURNING file_no, line, {reason} AS reason),"
            " rows AS (SELECT DISTINCT ON (file_no, line) file_no, line, reason FROM gone ORDER BY file_no, line),"
            " noted AS (INSERT INTO taken_out SELECT file_no, line FROM rows)"
            " INSERT INTO stage_quarantine SELECT file_no, line, %s, %s, reason, NULL FROM rows"
        ).format(stage=stage.table, condition=condition, reason=reason),
        (column, code),
    ).rowcount
    if not taken:
        return False
    for other in staging.stages:
        if other.group == stage.group:
            run(
                sql.SQL("DELETE FROM {} s USING taken_out t WHERE s.file_no = t.file_no AND s.line = t.line").format(
                    other.table
                )
            )
    return True


def keep_last_of_duplicates(staging: Staging) -> list[Oddity]:
    """Of several rows with one key in one stage the last holds; warns where they differ."""
    warnings = []
    for stage in staging.stages:
        if _mark_duplicates(staging, stage):
            warnings += _conflicts(staging, stage)
            staging.connection.execute(
                sql.SQL("DELETE FROM {stage} s USING duplicated d WHERE {same} AND s.row_no < d.last").format(
                    stage=stage.table, same=matching(stage.key, "s", "d", stage.section.table)
                )
            )
    return warnings


def _mark_duplicates(staging: Staging, stage: Stage) -> bool:
    run = staging.connection.execute
    run("DROP TABLE IF EXISTS pg_temp.duplicated")
    run(
        sql.SQL(
            "CREATE TEMP TABLE duplicated ON COMMIT DROP AS SELECT {key}, max(row_no) AS last FROM {stage}"
            " GROUP BY {key} HAVING count(*) > 1"
        ).format(key=names(stage.key), stage=stage.table)
    )
    return _count(run("SELECT count(*) FROM duplicated")) > 0


def _conflicts(staging: Staging, stage: Stage) -> list[Oddity]:
    row = staging.connection.execute(
        sql.SQL(
            "SELECT count(*), min(first_line), min(file_no) FROM (SELECT min(s.line) AS first_line,"
            " min(s.file_no) AS file_no FROM {stage} s JOIN duplicated d ON {same} GROUP BY {key}"
            " HAVING count(DISTINCT (to_jsonb(s) - {own}::text[])::text) > 1) AS differing"
        ).format(
            stage=stage.table,
            same=matching(stage.key, "s", "d", stage.section.table),
            key=names(stage.key, "s"),
            own=sql.Literal(list(OWN_COLUMNS)),
        )
    ).fetchone()
    assert row is not None
    if not row[0]:
        return []
    text = f"keys of {stage.section.table.name} stand in several rows that differ; the last row holds"
    return [Oddity("conflicting_rows", row[0], text, row[2], row[1])]


def _count_warning(warnings: dict[tuple[str, str], Oddity], code: str, text: str, found: list[Any]) -> None:
    if found:
        before = warnings.get((code, text))
        file_no, line = min(found)
        count = len(found) + (before.count if before else 0)
        warnings[(code, text)] = Oddity(code, count, text, file_no, line)


def _source_column(mapped: FieldMapping | None) -> str:
    if mapped is None:
        return ""
    return next((name for value in mapped.values for name in value.columns()), mapped.name)


def _count(cursor: Any) -> int:
    row = cursor.fetchone()
    return int(row[0])
