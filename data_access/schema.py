"""Is the schema there, is it ours, and what does it hold? Migrations, rights and the data dictionary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql as psql
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from dashboard.domain import UserError
from data_access.embedded import APP
from data_access.engine import Database, DatabaseUnavailable, owner_engine

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 4_591_001  # any constant; importers use another
# The app keeps the score rollup up to date; all of it can be made anew from the leads.
_ROLLUP = ("score_owner", "lead_score", "score_cell", "score_state")
APP_INSERTS = ("scoring_model", "scenario", "review_decision", "audit_log", "cost", *_ROLLUP)
APP_CHANGES = ("scenario", "cost", *_ROLLUP, "score_dirty")


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the catalogue describes it."""

    name: str
    type: str
    nullable: bool
    comment: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view of schema eql with its columns in order."""

    name: str
    comment: str
    columns: tuple[Column, ...]


def head() -> str:
    """The newest schema version that this program knows."""
    return str(_scripts().get_current_head())


def knows(version: str) -> bool:
    """Whether this program knows the schema version; one that it does not know was made by a newer program."""
    return version in {script.revision for script in _scripts().walk_revisions()}


def current(database: Database) -> str | None:
    """The schema version of the database; None where nothing was migrated yet."""
    with owner_engine(database).connect() as connection:
        return _version(connection)


def migrate(database: Database) -> None:
    """Brings the schema to the newest version and the app's rights in order; does nothing where all is done.

    UserError: the database is newer than the program, the user may not create, or another process is migrating.
    """
    try:
        with owner_engine(database).begin() as connection:
            if _version(connection) != head():
                _upgrade(connection)
            _grant(connection, database)
    except (DBAPIError, psycopg.Error) as error:  # the migrations use the driver's own cursor
        raise _readable(error) from error


def _upgrade(connection: Connection) -> None:
    connection.execute(text("SELECT set_config('lock_timeout', '120s', true)"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    found = _version(connection)
    if found is not None and not knows(found):
        raise UserError(
            f"The database has schema {found}, made by a newer version of this program, which knows only up to "
            f"{head()}: update the program."
        )
    if found != head():
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS eql"))
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _readable(error: DBAPIError | psycopg.Error) -> Exception:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, psycopg.errors.InsufficientPrivilege):
        return UserError("The database user may not create schema eql: name its owner in DATABASE_URL.")
    if isinstance(cause, psycopg.errors.LockNotAvailable):
        return UserError("Another process is changing the schema: wait for it and start again.")
    if isinstance(cause, psycopg.errors.DuplicateTable | psycopg.errors.DuplicateFunction):
        return UserError(
            f"Schema eql holds something that this program did not make ({cause.diag.message_primary}): "
            "rename it, or set DATABASE_URL to another database."
        )
    if isinstance(cause, psycopg.OperationalError):
        return DatabaseUnavailable("The database went away while its schema was brought up to date: start again.")
    return error


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _version(connection: Connection) -> str | None:
    there = connection.execute(text("SELECT to_regclass('eql.schema_version') IS NOT NULL")).scalar_one()
    if not there:
        return None
    return connection.execute(text("SELECT version_num FROM eql.schema_version")).scalar_one_or_none()


# -- rights -------------------------------------------------------------------------------------------------------


def _grant(connection: Connection, database: Database) -> None:
    """Gives the app its rights, as far as the owner may; the doctor tells where it may not."""
    if _app_has_its_rights(connection, database):
        return
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    if not _role_there(connection) and not _attempt(connection, f"CREATE ROLE {APP} NOLOGIN"):
        return
    for statement in (
        f"GRANT USAGE ON SCHEMA eql TO {APP}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA eql TO {APP}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA eql GRANT SELECT ON TABLES TO {APP}",
        *(f"GRANT INSERT ON eql.{table} TO {APP}" for table in APP_INSERTS),
        *(f"GRANT UPDATE, DELETE ON eql.{table} TO {APP}" for table in APP_CHANGES),
    ):
        connection.exec_driver_sql(statement)
    if not database.embedded:
        _let_take_role(connection, database)


def _app_has_its_rights(connection: Connection, database: Database) -> bool:
    question = """
        SELECT coalesce(bool_and(
                   has_table_privilege(role.oid, class.oid, 'SELECT')
                   AND (class.relname <> ALL (:inserts) OR has_table_privilege(role.oid, class.oid, 'INSERT'))
                   AND (class.relname <> ALL (:changes) OR has_table_privilege(role.oid, class.oid, 'UPDATE')
                                                           AND has_table_privilege(role.oid, class.oid, 'DELETE'))
               ), false)
               AND (:embedded OR bool_and(pg_has_role(:user, role.oid, 'MEMBER')))
          FROM pg_roles role, pg_class class
         WHERE role.rolname = :app AND class.relnamespace = 'eql'::regnamespace
               AND class.relkind IN ('r', 'v', 'm', 'p')
    """
    user = database.app_url.username or connection.execute(text("SELECT current_user")).scalar_one()
    known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :user"), {"user": user}).scalar()
    values: dict[str, object] = {"app": APP, "embedded": database.embedded or known is None}
    values |= {"user": user if known else APP, "inserts": list(APP_INSERTS), "changes": list(APP_CHANGES)}
    return bool(connection.execute(text(question), values).scalar_one())


def _role_there(connection: Connection) -> bool:
    return connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :app"), {"app": APP}).scalar() is not None


def _let_take_role(connection: Connection, database: Database) -> None:
    user = database.app_url.username or connection.execute(text("SELECT current_user")).scalar_one()
    if user != APP:
        grant = psql.SQL("GRANT {} TO {}").format(psql.Identifier(APP), psql.Identifier(user))
        _attempt(connection, grant.as_string())


def _attempt(connection: Connection, statement: str) -> bool:
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(statement)
    except ProgrammingError as error:
        if isinstance(error.orig, psycopg.errors.InsufficientPrivilege | psycopg.errors.UndefinedObject):
            return False
        raise
    return True


# -- what it holds ------------------------------------------------------------------------------------------------


def dictionary(engine: Engine) -> tuple[Table, ...]:
    """Tables and views of schema eql by name, with the comments that stand in the database itself."""
    question = """
        SELECT class.relname AS table_name, coalesce(obj_description(class.oid, 'pg_class'), '') AS table_comment,
               column_.attname AS name, format_type(column_.atttypid, column_.atttypmod) AS type,
               NOT column_.attnotnull AS nullable, coalesce(col_description(class.oid, column_.attnum), '') AS comment
          FROM pg_class class
          JOIN pg_attribute column_ ON column_.attrelid = class.oid AND column_.attnum > 0 AND NOT column_.attisdropped
         WHERE class.relnamespace = to_regnamespace('eql') AND class.relkind IN ('r', 'v', 'm', 'p')
               AND class.relname <> 'schema_version'
         ORDER BY class.relname, column_.attnum
    """
    tables: dict[tuple[str, str], list[Column]] = {}
    with engine.connect() as connection:
        for row in connection.execute(text(question)):
            column = Column(row.name, row.type, row.nullable, row.comment)
            tables.setdefault((row.table_name, row.table_comment), []).append(column)
    return tuple(Table(name, comment, tuple(columns)) for (name, comment), columns in tables.items())


def row_counts(engine: Engine) -> Mapping[str, int]:
    """Exact number of rows per table of schema eql, by name."""
    with engine.connect() as connection:
        names = [table.name for table in dictionary(engine)]
        quote = connection.dialect.identifier_preparer.quote
        return {
            name: connection.exec_driver_sql(f"SELECT count(*) FROM eql.{quote(name)}").scalar_one() for name in names
        }
