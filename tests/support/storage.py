"""A real database for each test: migrated once a process, then copied."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from threading import Thread

from storage import Storage, open_storage
from storage.database import Database


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


@asynccontextmanager
async def temporary_storage(directory: Path, *, patience: float = 5.0) -> AsyncIterator[Storage]:
    """Every storage port on a file in `directory`; opening it again finds what was there."""
    path = copy_template(directory / "paperbot.db")
    async with open_storage(f"sqlite:///{path}", patience=patience) as storage:
        yield storage


@asynccontextmanager
async def temporary_database(directory: Path, *, patience: float = 5.0) -> AsyncIterator[Database]:
    """Only the database."""
    database = await Database.open(str(copy_template(directory / "paperbot.db")), patience=patience)
    try:
        yield database
    finally:
        await database.close()


def forget(directory: Path) -> None:
    """Delete the search index, as anybody may at any time."""
    shutil.rmtree(directory / "paperbot.index")
