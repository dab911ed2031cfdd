"""A real database for each test: migrated once a process, then copied."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from threading import Thread

from sqlalchemy import update
from sqlmodel import col

from storage import Storage, open_storage
from storage.database import Database
from storage.tables import DeliveryRow


@cache
def template() -> bytes:
    """An empty database at the newest schema."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "template.db"

        async def make() -> None:
            await (await Database.open(str(path))).close()

        maker = Thread(target=lambda: asyncio.run(make()))  # the caller's loop is running
        maker.start()
        maker.join()
        return path.read_bytes()


def copy_template(path: Path) -> Path:
    """Put an empty database there, unless there is one."""
    if not path.exists():
        path.write_bytes(template())
    return path


@dataclass(frozen=True, slots=True)
class Place:
    """Where a test's storage lies: a directory, and the URL of a server's database if it is not a file in there."""

    directory: Path
    server: str = ""

    @property
    def is_file(self) -> bool:
        return not self.server

    @property
    def url(self) -> str:
        """The database's, which is there and empty."""
        return self.server or f"sqlite:///{copy_template(self.directory / 'paperbot.db')}"

    @property
    def index(self) -> Path:
        return self.directory / "paperbot.index"


@asynccontextmanager
async def temporary_storage(
    where: Path | Place, *, patience: float = 5.0
) -> AsyncIterator[Storage]:
    """Every storage port on the database of a place; opening it again finds what was there."""
    place = where if isinstance(where, Place) else Place(where)
    async with open_storage(place.url, place.index, patience=patience) as storage:
        yield storage


@asynccontextmanager
async def temporary_database(
    where: Path | Place, *, patience: float = 5.0
) -> AsyncIterator[Database]:
    """Only the database."""
    place = where if isinstance(where, Place) else Place(where)
    database = await Database.open(place.url, patience=patience)
    try:
        yield database
    finally:
        await database.close()


def forget(directory: Path) -> None:
    """Delete the search index, as anybody may at any time."""
    shutil.rmtree(directory / "paperbot.index")


async def let_leases_end(storage: Storage) -> None:
    """As if hours had passed since they were given: no test can turn a server's clock."""
    long_ago = update(DeliveryRow).values(lease_until=datetime(2001, 1, 1, tzinfo=UTC))
    async with storage.database.write() as session:
        await session.exec(long_ago.where(col(DeliveryRow.lease_until).is_not(None)))
