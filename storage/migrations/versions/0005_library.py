"""A library that is paged, noted, tagged, read and forgotten; what was saved before is entered in it."""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New tables, and one more column."""
    key = _keys()
    op.add_column("save", sa.Column("channel", key(255)))
    op.create_index("ix_save_channel_paper", "save", ["channel", "paper"])
    _holdings(key)
    _marks(key)
    op.create_table(
        "forgotten",
        sa.Column("digest", key(64), nullable=False),
        sa.Column("shown", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_forgotten"),
    )
    _enter()


def _keys() -> Callable[[int], sa.String]:
    collation = "C" if op.get_bind().dialect.name == "postgresql" else None
    return lambda length: sa.String(length=length, collation=collation)


def _holdings(key: Callable[[int], sa.String]) -> None:
    op.create_table(
        "holding",
        sa.Column("workspace", key(255), nullable=False),
        sa.Column("person", key(255), nullable=False),
        sa.Column("paper", key(32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "person", "paper", name="pk_holding"),
    )
    op.create_index(
        "ix_holding_workspace_person_at_paper", "holding", ["workspace", "person", "at", "paper"]
    )
    op.create_table(
        "holder",
        sa.Column("workspace", key(255), nullable=False),
        sa.Column("person", key(255), nullable=False),
        sa.Column("person_name", sa.String(length=200), nullable=False),
        sa.Column("papers", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "person", name="pk_holder"),
    )


def _marks(key: Callable[[int], sa.String]) -> None:
    for name, more in {
        "note": [
            sa.Column("person_name", sa.String(length=200), nullable=False),
            sa.Column("text", sa.String(length=4_000), nullable=False),
            sa.Column("shared", sa.Boolean(), nullable=False),
        ],
        "tag": [sa.Column("tag", key(160), nullable=False)],
        "read_mark": [],
    }.items():
        op.create_table(
            name,
            sa.Column("person", key(255), nullable=False),
            sa.Column("workspace", key(255), nullable=False),
            sa.Column("paper", key(32), nullable=False),
            *more,
            sa.Column("at", sa.DateTime(timezone=True), nullable=False),
            sa.PrimaryKeyConstraint(
                "person",
                "workspace",
                "paper",
                *(["tag"] if name == "tag" else []),
                name=f"pk_{name}",
            ),
        )
    op.create_index("ix_note_workspace_paper", "note", ["workspace", "paper"])
    op.create_index("ix_tag_workspace_paper", "tag", ["workspace", "paper"])
    op.create_index("ix_tag_workspace_tag_paper", "tag", ["workspace", "tag", "paper"])


def _enter() -> None:
    """A message's channel is what stands before its last slash."""
    channel = (
        "regexp_replace(message, '/[^/]*$', '')"
        if op.get_bind().dialect.name == "postgresql"
        else "rtrim(rtrim(message, replace(message, '/', '')), '/')"
    )
    op.execute(f"UPDATE save SET channel = {channel} WHERE message IS NOT NULL")  # noqa: S608 -- our own words
    op.execute(
        "INSERT INTO holding SELECT workspace, person, paper, min(at) FROM save"
        " GROUP BY workspace, person, paper"
    )
    op.execute(
        "INSERT INTO holding SELECT workspace, '', paper, min(at) FROM save GROUP BY workspace, paper"
    )
    op.execute(
        "INSERT INTO holder SELECT workspace, person, coalesce((SELECT person_name FROM save"
        " WHERE save.person = holding.person AND save.workspace = holding.workspace"
        " AND person_name <> '' ORDER BY at DESC LIMIT 1), ''), count(*) FROM holding"
        " GROUP BY workspace, person"
    )


def downgrade() -> None:
    for table in ("forgotten", "read_mark", "tag", "note", "holder", "holding"):
        op.drop_table(table)
    op.drop_index("ix_save_channel_paper", "save")
    op.drop_column("save", "channel")
