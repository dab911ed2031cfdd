"""What Alembic runs; the connection is handed over by `storage.database`."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import TypeDecorator
from sqlmodel import SQLModel

import storage.tables  # noqa: F401 (its tables are the metadata)


def _plain(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Our own column types are written as the plain ones below them: a migration must not change with the code."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    compare_type=True,
    render_item=_plain,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
