"""Every lead's score and the cells that they make, kept up to date by what changed.

Triggers note which leads changed. A base table that is a view can have none: there the rollup is made anew instead.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SQL = Path(__file__).parents[1] / "sql" / "0004_score_rollup.sql"


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(SQL.read_text(encoding="utf-8"))
