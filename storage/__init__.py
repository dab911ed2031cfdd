"""The cellar: SQLModel on SQLite or PostgreSQL, and a search index. Importing it loads neither."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.people import Sharing
from bot.domain.stores import (
    Archive,
    Heard,
    Installations,
    Leases,
    Library,
    Outbox,
    Subscriptions,
)

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
    installations: Installations
    heard: Heard
    leases: Leases


@asynccontextmanager
async def open_storage(
    url: str,
    index_dir: Path | None = None,
    *,
    patience: float = 5.0,
    keys: Sequence[str] = (),
    sharing: Sharing | None = None,
) -> AsyncIterator[Storage]:
    """Open and migrate, and close in the end.

    The index lies beside the database file unless `index_dir` says otherwise. `patience` is how many
    seconds a lock of another process is waited for; `keys` encrypt tokens, the newest one first; `sharing` says which
    workspaces have one library.
    """
    from storage.database import Database
    from storage.heard import Heard
    from storage.index import Index
    from storage.installations import Installations
    from storage.leases import Leases
    from storage.library import Library
    from storage.outbox import Outbox
    from storage.papers import Archive
    from storage.subscriptions import Subscriptions

    database = await Database.open(url, patience=patience)
    index = Index(
        database,
        index_dir or (database.path or Path("paperbot.db")).with_suffix(".index"),
    )
    try:
        installations = Installations(database, keys)
        await installations.renew()
        yield Storage(
            database=database,
            archive=Archive(database),
            search=index,
            library=Library(database, sharing),
            subscriptions=Subscriptions(database),
            outbox=Outbox(database),
            installations=installations,
            heard=Heard(database),
            leases=Leases(database),
        )
    finally:
        await index.close()
        await database.close()
