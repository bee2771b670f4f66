"""A decision that was the first on its partner can be taken back: a later row says that none holds any more."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MEANING = "keep, double, end or wait; withdrawn: the decision before it was taken back, and none holds."


def upgrade() -> None:
    op.execute("ALTER TABLE eql.review_decision DROP CONSTRAINT review_decision_decision_check")
    op.execute(
        "ALTER TABLE eql.review_decision ADD CONSTRAINT review_decision_decision_check "
        "CHECK (decision IN ('keep', 'double', 'end', 'wait', 'withdrawn'))"
    )
    op.execute(f"COMMENT ON COLUMN eql.review_decision.decision IS '{MEANING}'")
