"""Journal clubs: what is nominated, who votes, when people meet."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Three new tables."""
    collation = "C" if op.get_bind().dialect.name == "postgresql" else None

    def key(name: str, length: int = 255, *, nullable: bool = False) -> sa.Column[str]:
        return sa.Column(name, sa.String(length, collation=collation), nullable=nullable)

    def moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
        return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)

    op.create_table(
        "club_nomination",
        key("channel"),
        key("paper", 32),
        key("nominated_by", nullable=True),
        sa.Column("nominated_by_name", sa.String(200), nullable=False),
        moment("at"),
        key("message", 400, nullable=True),
        key("meeting", 64, nullable=True),
        sa.PrimaryKeyConstraint("channel", "paper", name="pk_club_nomination"),
    )
    op.create_table(
        "club_vote",
        key("channel"),
        key("paper", 32),
        key("person"),
        key("origin", 500),
        moment("at"),
        sa.PrimaryKeyConstraint("channel", "paper", "person", "origin", name="pk_club_vote"),
    )
    op.create_table(
        "club_meeting",
        key("id", 64),
        key("channel"),
        key("paper", 32),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hour", sa.String(5), nullable=False),
        sa.Column("tz", sa.String(64), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        key("picked_by", nullable=True),
        sa.Column("picked_by_name", sa.String(200), nullable=False),
        moment("picked_at"),
        sa.Column("votes", sa.Integer(), nullable=False),
        moment("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_club_meeting"),
    )
    op.create_index("ix_club_nomination_message", "club_nomination", ["message"])
    op.create_index("ix_club_nomination_nominated_by", "club_nomination", ["nominated_by"])
    op.create_index("ix_club_vote_person", "club_vote", ["person"])
    op.create_index("ix_club_meeting_channel_day", "club_meeting", ["channel", "day"])
    op.create_index("ix_club_meeting_picked_by", "club_meeting", ["picked_by"])


def downgrade() -> None:
    for table in ("club_meeting", "club_vote", "club_nomination"):
        op.drop_table(table)
