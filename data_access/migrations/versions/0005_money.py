"""What partners were promised of the ARR they brought, and when a deal entered which stage."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SQL = Path(__file__).parents[1] / "sql" / "0005_money.sql"


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(SQL.read_text(encoding="utf-8"))
