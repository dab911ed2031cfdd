"""The first tables."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Begin with nothing but the database's own name and the first revision."""
    _papers()
    _orders()
    _outbox()
    _people()
    meta = sa.table("meta", sa.column("name"), sa.column("value"))
    op.bulk_insert(
        meta, [{"name": "identity", "value": uuid4().hex}, {"name": "revision", "value": "0"}]
    )


def _papers() -> None:
    op.create_table(
        "meta",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )
    op.create_table(
        "paper",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=False),
        sa.Column("authors", sa.Text(), nullable=False),
        sa.Column("published", sa.Date()),
        sa.Column("featured", sa.Date()),
        sa.Column("day", sa.Date()),
        sa.Column("upvotes", sa.Integer(), nullable=False),
        sa.Column("comments", sa.Integer(), nullable=False),
        sa.Column("ai_summary", sa.Text(), nullable=False),
        sa.Column("keywords", sa.Text(), nullable=False),
        sa.Column("code_url", sa.Text()),
        sa.Column("stars", sa.Integer()),
        sa.Column("project_url", sa.Text()),
        sa.Column("organization", sa.Text()),
        sa.Column("thumbnail", sa.Text()),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("has_video", sa.Boolean(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_paper"),
    )
    op.create_index("ix_paper_day", "paper", ["day"])
    op.create_index("ix_paper_revision", "paper", ["revision"], unique=True)
    op.create_index("ix_paper_stars", "paper", ["stars"])
    op.create_index("ix_paper_upvotes", "paper", ["upvotes"])
    op.create_table(
        "listing",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("etag", sa.Text()),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_listing"),
    )
    op.create_table(
        "listing_paper",
        sa.Column("listing", sa.String(length=64), nullable=False),
        sa.Column("paper", sa.String(length=32), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["paper"], ["paper.id"], name="fk_listing_paper_paper_paper"),
        sa.PrimaryKeyConstraint("listing", "paper", name="pk_listing_paper"),
    )


def _orders() -> None:
    op.create_table(
        "subscription",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=255), nullable=False),
        sa.Column("edition", sa.String(length=16), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=255)),
        sa.Column("created_by_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused", sa.String(length=500)),
        sa.Column("covered", sa.String(length=64)),
        sa.PrimaryKeyConstraint("id", name="pk_subscription"),
    )
    op.create_index("ix_subscription_channel", "subscription", ["channel"])
    op.create_index("ix_subscription_next_run_at", "subscription", ["next_run_at"])
    op.create_table(
        "run",
        sa.Column("subscription", sa.String(length=64), nullable=False),
        sa.Column("edition", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=255), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("posted", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("subscription", "edition", name="pk_run"),
    )
    op.create_index("ix_run_channel_due_at", "run", ["channel", "due_at"])
    op.create_index("ix_run_finished_at", "run", ["finished_at"])


def _outbox() -> None:
    op.create_table(
        "delivery",
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("subscription", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=255), nullable=False),
        sa.Column("edition", sa.String(length=64), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("reply_to", sa.String(length=255)),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("message", sa.String(length=400)),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("key", name="pk_delivery"),
    )
    op.create_index("ix_delivery_channel_state", "delivery", ["channel", "state"])
    op.create_index("ix_delivery_state_next_attempt_at", "delivery", ["state", "next_attempt_at"])
    op.create_index(
        "ix_delivery_subscription_edition_part", "delivery", ["subscription", "edition", "part"]
    )
    op.create_table(
        "delivery_paper",
        sa.Column("delivery", sa.String(length=255), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("paper", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=255), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery"],
            ["delivery.key"],
            name="fk_delivery_paper_delivery_delivery",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("delivery", "number", name="pk_delivery_paper"),
    )
    op.create_index("ix_delivery_paper_channel_paper", "delivery_paper", ["channel", "paper"])


def _people() -> None:
    op.create_table(
        "shown",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(length=400), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("paper", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shown"),
    )
    op.create_index("ix_shown_channel_id", "shown", ["channel", "id"])
    op.create_index("ix_shown_message_number", "shown", ["message", "number"], unique=True)
    op.create_table(
        "save",
        sa.Column("person", sa.String(length=255), nullable=False),
        sa.Column("workspace", sa.String(length=255), nullable=False),
        sa.Column("paper", sa.String(length=32), nullable=False),
        sa.Column("origin", sa.String(length=500), nullable=False),
        sa.Column("person_name", sa.String(length=200), nullable=False),
        sa.Column("message", sa.String(length=400)),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person", "workspace", "paper", "origin", name="pk_save"),
    )
    op.create_index("ix_save_workspace_paper", "save", ["workspace", "paper"])


def downgrade() -> None:
    """There is nothing before the first."""
    for table in (
        "save",
        "shown",
        "delivery_paper",
        "delivery",
        "run",
        "subscription",
        "listing_paper",
        "listing",
        "paper",
        "meta",
    ):
        op.drop_table(table)
