"""How people want to be reached, and whose a subscription is."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One new table, and two indexes."""
    collation = "C" if op.get_bind().dialect.name == "postgresql" else None
    op.create_table(
        "reach",
        sa.Column("person", sa.String(length=255, collation=collation), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_reach"),
    )
    for name in ("created_by", "edition"):
        op.create_index(f"ix_subscription_{name}", "subscription", [name])


def downgrade() -> None:
    for name in ("edition", "created_by"):
        op.drop_index(f"ix_subscription_{name}", "subscription")
    op.drop_table("reach")
