"""A file counts how often it changed, and stands in a channel once for each message that brought it."""

import sqlalchemy as sa
from alembic import op

revision = "b3d90e27c5a4"
down_revision = "b2f49a7d1c60"
branch_labels = None
depends_on = None

_PLACE = ["workspace_id", "file_id", "channel_id"]


def upgrade() -> None:
    op.add_column("files", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
    _identify_shares_by([*_PLACE, "message_ts"])


def downgrade() -> None:
    op.execute(
        "DELETE FROM file_shares WHERE EXISTS (SELECT 1 FROM file_shares AS earlier"
        " WHERE earlier.workspace_id = file_shares.workspace_id AND earlier.file_id = file_shares.file_id"
        " AND earlier.channel_id = file_shares.channel_id AND earlier.message_ts < file_shares.message_ts)"
    )
    _identify_shares_by(_PLACE)
    op.drop_column("files", "revision")


def _identify_shares_by(columns: list[str]) -> None:
    with op.batch_alter_table("file_shares", schema=None) as batch_op:
        batch_op.drop_constraint("pk_file_shares", type_="primary")
        batch_op.create_primary_key("pk_file_shares", columns)
