"""Which connection do the migrations run on? The one that data_access.schema hands over."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, version_table="schema_version", version_table_schema="eql")
context.run_migrations()
