"""What was saved in a channel lately."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One new index."""
    op.create_index("ix_save_channel_at", "save", ["channel", "at"])


def downgrade() -> None:
    op.drop_index("ix_save_channel_at", table_name="save")
