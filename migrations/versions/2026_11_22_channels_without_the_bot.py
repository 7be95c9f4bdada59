"""Archiving takes the bot out of a channel without removing it; Slack knows a channel better than an export."""

import sqlalchemy as sa
from alembic import op

revision = "7e2b9c4d5a10"
down_revision = "b3d90e27c5a4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channels", sa.Column("ejected", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("channels", sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("channels", "listed")
    op.drop_column("channels", "ejected")
