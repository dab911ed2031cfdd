"""E-mail: addresses that were asked, and those that said yes."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two new tables."""
    collation = "C" if op.get_bind().dialect.name == "postgresql" else None
    people = [("address", 255), ("person", 255), ("channel", 255)]

    def columns() -> list[sa.Column[Any]]:
        found = [
            sa.Column(name, sa.String(length, collation=collation), nullable=False)
            for name, length in people
        ]
        return [
            *found,
            sa.Column("person_name", sa.String(length=200), nullable=False),
            sa.Column("shared", sa.Boolean(), nullable=False),
            sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        ]

    op.create_table(
        "mail_invitation",
        sa.Column("id", sa.String(32, collation=collation), nullable=False),
        *columns(),
        sa.Column("edition", sa.String(length=16), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("guesses", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_mail_invitation"),
    )
    for indexed in (["address", "at"], ["person", "at"], ["at"]):
        op.create_index(f"ix_mail_invitation_{'_'.join(indexed)}", "mail_invitation", indexed)
    op.create_table(
        "mail_consent",
        *columns(),
        sa.PrimaryKeyConstraint("address", "person", name="pk_mail_consent"),
    )
    for name in ("person", "channel"):
        op.create_index(f"ix_mail_consent_{name}", "mail_consent", [name])


def downgrade() -> None:
    for table in ("mail_consent", "mail_invitation"):
        op.drop_table(table)
