"""What people say of papers: for them, or not."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One new table."""
    collation = "C" if op.get_bind().dialect.name == "postgresql" else None
    op.create_table(
        "opinion",
        sa.Column("person", sa.String(length=255, collation=collation), nullable=False),
        sa.Column("workspace", sa.String(length=255, collation=collation), nullable=False),
        sa.Column("paper", sa.String(length=32, collation=collation), nullable=False),
        sa.Column("likes", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person", "workspace", "paper", name="pk_opinion"),
    )


def downgrade() -> None:
    op.drop_table("opinion")
