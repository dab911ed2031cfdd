"""PostgreSQL sorts keys by their characters' numbers, as SQLite does, and has room for more messages."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KEYS = {
    "paper": {"id": 32},
    "listing": {"key": 64},
    "listing_paper": {"listing": 64, "paper": 32},
    "subscription": {"id": 64, "channel": 255, "created_by": 255},
    "run": {"subscription": 64, "edition": 64, "channel": 255},
    "delivery": {
        "key": 255,
        "subscription": 64,
        "channel": 255,
        "edition": 64,
        "reply_to": 255,
        "message": 400,
    },
    "delivery_paper": {"delivery": 255, "paper": 32, "channel": 255},
    "shown": {"message": 400, "paper": 32, "channel": 255},
    "save": {"person": 255, "workspace": 255, "paper": 32, "origin": 500, "message": 400},
    "installation": {"workspace": 255, "bot": 64, "installed_by": 255},
    "heard": {"key": 255},
}


def upgrade() -> None:
    """Nothing changes on SQLite: its order is this one, and its numbers have room."""
    if op.get_bind().dialect.name == "postgresql":
        _collate("C")
        op.alter_column("shown", "id", type_=sa.BigInteger())
        op.execute("ALTER SEQUENCE shown_id_seq AS bigint")


def downgrade() -> None:
    """Back to the database's own order."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER SEQUENCE shown_id_seq AS integer")
        op.alter_column("shown", "id", type_=sa.Integer())
        _collate("default")


def _collate(name: str) -> None:
    for table, columns in _KEYS.items():
        for column, length in columns.items():
            op.alter_column(table, column, type_=sa.String(length, collation=name))
