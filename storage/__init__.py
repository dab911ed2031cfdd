"""The cellar: SQLModel on SQLite or PostgreSQL, and a search index. Importing it loads neither."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.stores import Archive, Library, Outbox, Subscriptions

if TYPE_CHECKING:
    from storage.database import Database
    from storage.index import Index


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Every storage port on one database."""

    database: "Database"
    archive: Archive
    search: "Index"
    library: Library
    subscriptions: Subscriptions
    outbox: Outbox


@asynccontextmanager
async def open_storage(
    url: str, index_dir: Path | None = None, *, patience: float = 5.0
) -> AsyncIterator[Storage]:
    """Open and migrate, and close in the end.

    The index lies beside the database file unless `index_dir` says otherwise. `patience` is how many
    seconds a lock of another process is waited for.
    """
    from storage.database import Database
    from storage.index import Index
    from storage.library import Library
    from storage.outbox import Outbox
    from storage.papers import Archive
    from storage.subscriptions import Subscriptions

    database = await Database.open(url, patience=patience)
    index = Index(
        database, index_dir or (database.path or Path("paperbot.db")).with_suffix(".index")
    )
    try:
        yield Storage(
            database=database,
            archive=Archive(database),
            search=index,
            library=Library(database),
            subscriptions=Subscriptions(database),
            outbox=Outbox(database),
        )
    finally:
        await index.close()
        await database.close()
