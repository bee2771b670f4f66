"""How does a big load get by without a look-up for each row? Foreign keys and indexes are set aside and made again.

Checked and built once at the end they cost a fraction. It all happens in the load's own transaction: if that fails, the
database never lacked anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

SORT_MEMORY = "256MB"

_FOREIGN_KEYS = """
    SELECT c.relname, k.conname, pg_get_constraintdef(k.oid), obj_description(k.oid, 'pg_constraint')
      FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'eql' AND c.relname = ANY(%s) AND k.contype = 'f' AND k.conparentid = 0
     ORDER BY c.relname, k.conname
"""
_INDEXES = """
    SELECT i.relname, pg_get_indexdef(i.oid), obj_description(i.oid, 'pg_class')
      FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'eql' AND c.relname = ANY(%s) AND c.relkind = 'r' AND NOT x.indisunique AND NOT x.indisreplident
     ORDER BY i.relname
"""


@contextmanager
def set_aside(cursor: psycopg.Cursor[Any], tables: list[str]) -> Iterator[None]:
    """Inside, the tables of schema eql have neither foreign keys nor plain indexes; after it, the same ones again.

    Needs an open transaction, which the caller ends. Raises psycopg.IntegrityError where rows break a foreign key.
    """
    foreign_keys = cursor.execute(_FOREIGN_KEYS, [tables]).fetchall()
    indexes = cursor.execute(_INDEXES, [tables]).fetchall()
    for table, name, _, _ in foreign_keys:
        cursor.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(_in_schema(table), sql.Identifier(name)))
    for name, _, _ in indexes:
        cursor.execute(sql.SQL("DROP INDEX {}").format(_in_schema(name)))
    yield
    cursor.execute("SELECT set_config('maintenance_work_mem', %s, true)", [SORT_MEMORY])
    for name, definition, comment in indexes:
        cursor.execute(sql.SQL(definition))
        _comment(cursor, sql.SQL("INDEX {}").format(_in_schema(name)), comment)
    for table, name, definition, comment in foreign_keys:
        constraint = sql.SQL("CONSTRAINT {}").format(sql.Identifier(name))
        cursor.execute(sql.SQL("ALTER TABLE {} ADD {} {}").format(_in_schema(table), constraint, sql.SQL(definition)))
        _comment(cursor, sql.SQL("{} ON {}").format(constraint, _in_schema(table)), comment)


def _in_schema(name: str) -> sql.Identifier:
    return sql.Identifier("eql", name)


def _comment(cursor: psycopg.Cursor[Any], what: sql.Composed, comment: str | None) -> None:
    if comment is not None:
        cursor.execute(sql.SQL("COMMENT ON {} IS {}").format(what, sql.Literal(comment)))
