"""Databases for the crash laboratory: a file or one on a server, and the trouble that each can make."""

import asyncio
import resource
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from sqlalchemy import make_url

from tests.support.lab_fates import Fate


class Ground(Protocol):
    """A database to build on, empty at first."""

    shared: bool
    """Whether others might use it, too: then what a dead process held is held until its lease ends."""

    @property
    def url(self) -> str: ...

    def troubles(
        self, fate: Fate, pid: int, faults: Counter[str]
    ) -> list[Coroutine[Any, Any, None]]:
        """What it does to a life: comes and goes by itself, and is over when it is cancelled."""
        ...


@dataclass
class File:
    """SQLite's."""

    path: Path
    shared: bool = False

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def troubles(
        self, fate: Fate, pid: int, faults: Counter[str]
    ) -> list[Coroutine[Any, Any, None]]:
        locked = [self._locked(fate, faults)] if fate.locked else []
        return [*locked, self._full(fate, pid, faults)] if fate.full else locked

    async def _locked(self, fate: Fate, faults: Counter[str]) -> None:
        """Another process writes, and takes its time."""
        await asyncio.sleep(fate.begins)
        connection = sqlite3.connect(self.path, isolation_level=None, timeout=0)
        try:
            while True:
                with suppress(sqlite3.OperationalError):
                    connection.execute("BEGIN EXCLUSIVE")
                    break
                await asyncio.sleep(0.005)
            faults["database locked"] += 1
            await asyncio.sleep(fate.locked)
        finally:
            connection.close()

    async def _full(self, fate: Fate, pid: int, faults: Counter[str]) -> None:
        """No file may grow beyond what the write-ahead log has now, as if the disk were full."""
        await asyncio.sleep(fate.begins)
        log = self.path.with_name(f"{self.path.name}-wal")
        size = log.stat().st_size if log.exists() else self.path.stat().st_size
        with suppress(ProcessLookupError):
            _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
            faults["disk full"] += 1
            await asyncio.sleep(fate.full)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, most))


@dataclass
class Server:
    """PostgreSQL's: one database of many there."""

    url: str
    home: str
    """The URL of another one there."""
    name: str
    shared: bool = True

    def troubles(
        self, fate: Fate, pid: int, faults: Counter[str]
    ) -> list[Coroutine[Any, Any, None]]:
        del pid
        return [self._away(fate, faults)] if fate.locked else []

    async def _away(self, fate: Fate, faults: Counter[str]) -> None:
        """It throws everybody out and lets nobody in."""
        await asyncio.sleep(fate.begins)
        faults["database away"] += 1
        try:
            await asyncio.to_thread(self._admit, False)
            await asyncio.sleep(fate.locked)
        finally:
            self._admit(True)

    def _admit(self, anybody: bool) -> None:
        say(self.home, f"ALTER DATABASE {self.name} ALLOW_CONNECTIONS {str(anybody).lower()}")
        if not anybody:
            away = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
            say(self.home, f"{away}'{self.name}'")


def say(url: str, statement: str) -> None:
    """One statement outside any transaction."""
    import psycopg

    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement)


@contextmanager
def ground(folder: Path, server: str = "") -> Iterator[Ground]:
    """A file in the folder or, with a server's URL, a new database there, which is dropped in the end."""
    if not server:
        yield File(folder / "paperbot.db")
        return
    name = f"crash_lab_{uuid4().hex[:12]}"
    say(server, f"CREATE DATABASE {name}")
    try:
        url = make_url(server).set(database=name).render_as_string(hide_password=False)
        yield Server(url, server, name)
    finally:
        say(server, f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def trouble(
    ground: Ground, fate: Fate, pid: int, faults: Counter[str]
) -> AsyncIterator[None]:
    """Comes and goes while the block runs, and is over after it."""
    tasks = [asyncio.create_task(one) for one in ground.troubles(fate, pid, faults)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended
