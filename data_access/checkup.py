"""What would a doctor ask the database: version, rights, last import, money that cannot be converted?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, text

from data_access.schema import APP_CHANGES, APP_INSERTS


@dataclass(frozen=True, slots=True)
class LastImport:
    """The newest import batch that was not taken back; the moment is UTC."""

    batch_id: int
    source: str
    mapping: str
    imported_at: datetime
    rows_accepted: int
    rows_quarantined: int


@dataclass(frozen=True, slots=True)
class Rights:
    """Whom the app's connections work as, and where its rights differ from what they should be."""

    user: str
    missing: Sequence[str]
    excessive: Sequence[str]


def server_version(engine: Engine) -> str:
    """The version of the Postgres behind the engine, for instance 18.4."""
    with engine.connect() as connection:
        return str(connection.execute(text("SHOW server_version")).scalar_one()).split()[0]


def last_import(engine: Engine) -> LastImport | None:
    """The newest import that still stands; None before the first."""
    question = """
        SELECT batch_id, source, mapping, imported_at, rows_accepted, rows_quarantined FROM eql.import_batch
         WHERE undone_at IS NULL ORDER BY batch_id DESC LIMIT 1
    """
    with engine.connect() as connection:
        row = connection.execute(text(question)).one_or_none()
    return LastImport(*row) if row else None


def currencies_without_rate(engine: Engine, currency: str) -> Mapping[str, float]:
    """Currencies for which no rate to the reporting currency is known, with their share of all deals and costs."""
    question = """
        SELECT currency, count(*)::float8 / sum(count(*)) OVER () AS share
          FROM (SELECT currency FROM eql.deal UNION ALL SELECT currency FROM eql.cost) AS used
         GROUP BY currency ORDER BY currency
    """
    known = "SELECT DISTINCT currency FROM eql.fx_rate WHERE base = :currency"
    with engine.connect() as connection:
        rated = {currency, None, *connection.execute(text(known), {"currency": currency}).scalars()}
        return {name: share for name, share in connection.execute(text(question)) if name not in rated}


def closed_without_date(engine: Engine) -> int:
    """Deals that are won or lost but say not when; they are in no period."""
    question = "SELECT count(*) FROM eql.deal WHERE status <> 'open' AND closed_at IS NULL AND deleted_at IS NULL"
    with engine.connect() as connection:
        return int(connection.execute(text(question)).scalar_one())


def app_rights(engine: Engine) -> Rights:
    """What the user of this (the app's) engine may do, against what the app needs and nothing more."""
    question = """
        SELECT class.relname AS name, has_table_privilege(class.oid, 'SELECT') AS reads,
               has_table_privilege(class.oid, 'INSERT') AS inserts,
               has_table_privilege(class.oid, 'UPDATE') OR has_table_privilege(class.oid, 'DELETE')
               OR has_table_privilege(class.oid, 'TRUNCATE') AS changes
          FROM pg_class class
         WHERE class.relnamespace = to_regnamespace('eql') AND class.relkind IN ('r', 'v', 'm', 'p')
         ORDER BY class.relname
    """
    with engine.connect() as connection:
        user = str(connection.execute(text("SELECT current_user")).scalar_one())
        rows = connection.execute(text(question)).all()
    missing = [
        row.name
        for row in rows
        if not row.reads
        or (row.name in APP_INSERTS and not row.inserts)
        or (row.name in APP_CHANGES and not row.changes)
    ]
    excessive = [
        row.name
        for row in rows
        if (row.inserts and row.name not in APP_INSERTS) or (row.changes and row.name not in APP_CHANGES)
    ]
    return Rights(user, missing, excessive)
