"""Documents of the past can wait for what is said live."""

import sqlalchemy as sa
from alembic import op

revision = "6c1e84d0b7f3"
down_revision = "5d0c7be1f2a9"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("documents", sa.Column("can_wait", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("documents", "can_wait")
