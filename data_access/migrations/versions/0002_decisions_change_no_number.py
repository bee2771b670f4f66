"""A decision of the review changes no number, so saving one leaves every answer that was kept as it is."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP TRIGGER IF EXISTS raise_data_version ON eql.review_decision")
