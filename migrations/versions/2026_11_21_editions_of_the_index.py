"""Editions of the index, so that one can be made beside the one that answers."""

import sqlalchemy as sa
from alembic import op

revision = "5d0c7be1f2a9"
down_revision = "5d0f3a1c7b62"
branch_labels = None
depends_on = None

COLUMNS = (("documents", "edition"), ("documents", "passed_over"), ("passages", "edition"))


def upgrade() -> None:
    op.create_table(
        "editions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("embedder", sa.String(), nullable=False),
        sa.Column("base_url", sa.String(), nullable=False),
        sa.Column("embedder_name", sa.String(), nullable=False),
        sa.Column("dimension", sa.Integer(), nullable=False),
        sa.Column("passage_tokens", sa.Integer(), nullable=False),
        sa.Column("terms", sa.Integer(), nullable=False),
        sa.Column("by_words", sa.Boolean(), nullable=False),
        sa.Column("closing_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("live_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editions")),
        sa.UniqueConstraint("slot", name=op.f("uq_editions_slot")),
        sqlite_autoincrement=True,
    )
    # One by one and not in batches: a batch makes the table anew on SQLite, and what refers to its rows goes with them.
    for table, column in COLUMNS:
        op.add_column(table, sa.Column(column, sa.Integer(), nullable=False, server_default="0"))
    for table in ("documents", "passages"):
        op.create_index(op.f(f"ix_{table}_edition"), table, ["edition"], unique=False)


def downgrade() -> None:
    for table in ("documents", "passages"):
        op.drop_index(op.f(f"ix_{table}_edition"), table_name=table)
    for table, column in COLUMNS:
        op.drop_column(table, column)
    op.drop_table("editions")
