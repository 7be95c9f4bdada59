"""A back-fill counts the messages that are read and not kept."""

import sqlalchemy as sa
from alembic import op

revision = "b2f49a7d1c60"
down_revision = "6c1e84d0b7f3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channel_backfills", sa.Column("not_kept", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("channel_backfills", "not_kept")
