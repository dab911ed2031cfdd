"""The cellar: SQLModel on SQLite or PostgreSQL, and a search index. Importing it loads neither."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.club import Club
from bot.domain.library import Opinions
from bot.domain.mailing import Mailing
from bot.domain.people import Sharing
from bot.domain.search import Model
from bot.domain.statistics import Statistics
from bot.domain.stores import (
    Archive,
    Heard,
    Installations,
    Leases,
    Library,
    Notes,
    Outbox,
    Privacy,
    Reaches,
    Subscriptions,
)

if TYPE_CHECKING:
    from storage.database import Database
    from storage.index import Index
    from storage.tiers import Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Every storage port on one database."""

    database: "Database"
    archive: Archive
    search: "Index"
    library: Library
    notes: Notes
    privacy: Privacy
    subscriptions: Subscriptions
    outbox: Outbox
    opinions: Opinions
    statistics: Statistics
    club: Club
    reaches: Reaches
    installations: Installations
    heard: Heard
    leases: Leases
    mailing: Mailing


@asynccontextmanager
async def open_storage(
    url: str,
    index_dir: Path | None = None,
    *,
    patience: float = 5.0,
    keys: Sequence[str] = (),
    sharing: Sharing | None = None,
    model: Model | None = None,
) -> AsyncIterator[Storage]:
    """Open and migrate, and close in the end.

    The index lies beside the database file unless `index_dir` says otherwise. `patience` is how many
    seconds a lock of another process is waited for; `keys` encrypt tokens, the newest one first; `sharing` says which
    workspaces have one library; `model` is a better one than the bundled for searches by meaning.
    """
    from storage.club import Club
    from storage.database import Database
    from storage.forgetting import Privacy
    from storage.heard import Heard
    from storage.index import Index
    from storage.installations import Installations
    from storage.leases import Leases
    from storage.library import Library
    from storage.mailing import Mailing
    from storage.notes import Notes
    from storage.opinions import Opinions
    from storage.outbox import Outbox
    from storage.papers import Archive
    from storage.reaches import Reaches
    from storage.statistics import Statistics
    from storage.subscriptions import Subscriptions

    database = await Database.open(url, patience=patience)
    index = Index(
        database,
        index_dir or (database.path or Path("paperbot.db")).with_suffix(".index"),
        tiers=lambda: _tiers(model),
    )
    try:
        installations = Installations(database, keys)
        await installations.renew()
        yield Storage(
            database=database,
            archive=Archive(database),
            search=index,
            library=Library(database, sharing),
            notes=Notes(database, sharing),
            privacy=Privacy(database),
            subscriptions=Subscriptions(database),
            outbox=Outbox(database),
            opinions=Opinions(database, sharing),
            statistics=Statistics(database, sharing),
            club=Club(database),
            reaches=Reaches(database),
            installations=installations,
            heard=Heard(database),
            leases=Leases(database),
            mailing=Mailing(database),
        )
    finally:
        await index.close()
        await database.close()


def _tiers(model: Model | None) -> "Sequence[Tier]":
    """The best first."""
    from storage.better import Better
    from storage.tiers import bundled

    return (Better(model), bundled()) if model else (bundled(),)
