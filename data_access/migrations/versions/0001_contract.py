"""Tables of the data contract, and our own beside them."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SQL = Path(__file__).parents[1] / "sql" / "0001_contract.sql"


def upgrade() -> None:
    # The driver's own cursor: many statements at once, and no meaning given to % and :.
    op.get_bind().connection.cursor().execute(SQL.read_text(encoding="utf-8"))
