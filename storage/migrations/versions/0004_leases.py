"""What one of several processes does for all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One new table; nothing else changes."""
    collation = "C" if op.get_bind().dialect.name == "postgresql" else None
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=255, collation=collation), nullable=False),
        sa.Column("holder", sa.String(length=255, collation=collation), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
    )


def downgrade() -> None:
    op.drop_table("lease")
