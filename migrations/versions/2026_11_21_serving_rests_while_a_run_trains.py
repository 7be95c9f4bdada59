"""serving rests while a run trains"""

import sqlalchemy as sa
from alembic import op

revision = "5d0f3a1c7b62"
down_revision = "38b8bcfa234e"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("training_runs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rested_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("training_runs", schema=None) as batch_op:
        batch_op.drop_column("rested_at")
