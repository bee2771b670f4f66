"""What the pages on partners ask: whose a deal is, and which channels there are, from indexes alone.

A decision of the review changes no number and raises no data version: saving one leaves every kept answer as it is.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP TRIGGER IF EXISTS raise_data_version ON eql.review_decision")
    op.execute(
        "CREATE INDEX IF NOT EXISTS lead_of_deal ON eql.lead (lead_id) "
        "INCLUDE (partner_id, channel, eql_at, created_at, is_test, deleted_at, merged_into, merged_at, "
        "account_id, region, product_line)"
    )
    op.execute("CREATE INDEX IF NOT EXISTS account_size ON eql.account (account_id) INCLUDE (employees)")
    op.execute(
        "CREATE INDEX IF NOT EXISTS lead_channel ON eql.lead (channel) "
        "INCLUDE (created_at, is_test, deleted_at, merged_into, merged_at)"
    )
