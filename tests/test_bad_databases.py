"""A database that fails in the middle of a morning's posts: what is owed comes once, when it is back."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text

from bot.domain.errors import StorageError
from bot.domain.people import Channel, Message
from bot.domain.ports import Outgoing
from bot.domain.subscriptions import Layout
from storage import Storage, open_storage
from tests.support.fakes import CHANNEL, FakeMessenger
from tests.support.postgres import Server
from tests.support.world import World, at, some

DAY = "2025-05-22"
CHANNELS = 12
EACH = 4
"""A digest, and each of its papers in the thread below: these are claimed when the digest has been recorded."""
BEFORE = 5
"""So many posts have arrived when the trouble begins."""


async def nothing() -> None:
    """All is well."""


@dataclass
class Chat(FakeMessenger):
    """Trouble begins while a post is being taken."""

    trouble: Callable[[], Awaitable[None]] = nothing
    posts_before: int = BEFORE

    async def send(self, outgoing: Outgoing) -> Message:
        message = await super().send(outgoing)
        if self.attempts == self.posts_before:
            await self.trouble()
        return message


@dataclass
class Morning:
    """Twelve channels whose digest is due, and what was said about the database."""

    world: World
    errors: list[str] = field(default_factory=list)

    async def ticks(self, count: int) -> None:
        """So many minutes, whatever the database says."""
        for _ in range(count):
            try:
                await self.world.tick()
            except StorageError as e:
                self.errors.append(str(e))
            self.world.now += timedelta(minutes=1)

    async def forget_leases(self) -> None:
        """Two minutes of the database's clock have passed."""
        async with self.world.storage.database.write() as session:
            connection = await session.connection()
            ended = "UPDATE delivery SET lease_until = '2025-01-01 00:00:00+00:00'"
            await connection.execute(text(f"{ended} WHERE lease_until IS NOT NULL"))

    def check(self) -> None:
        """Each channel has its digest and papers, once; and every error was one line that says what to do."""
        keys = Counter(outgoing.key for _, outgoing in self.world.chat.sent)
        assert set(keys.values()) == {1}
        places = Counter(channel.id for channel, _ in self.world.chat.posts)
        assert places == {room(number): EACH for number in range(CHANNELS)}
        assert all("\n" not in error and error.startswith("The database") for error in self.errors)


def room(number: int) -> str:
    return f"room{number}"


@asynccontextmanager
async def morning(storage: Storage, chat: Chat) -> AsyncIterator[Morning]:
    """It is nine."""
    it = World(storage, at(f"{DAY} 12:00"), chat=chat)
    it.publish(DAY, some(3, DAY))
    for number in range(CHANNELS):
        channel = Channel(CHANNEL.workspace, room(number))
        await it.subscribe(id=f"s{number}", channel=channel, layout=Layout.THREAD)
    it.now = at("2025-05-23 09:00")
    yield Morning(it)


async def test_a_database_that_is_locked_for_long_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Another program holds it for many times our patience, through several ticks."""
    path = tmp_path / "paperbot.db"
    other = sqlite3.connect(path, isolation_level=None, timeout=5)

    async def lock() -> None:
        other.execute("BEGIN IMMEDIATE")

    url = f"sqlite:///{path}"
    async with (
        open_storage(url, tmp_path / "index", patience=0.05) as storage,
        morning(storage, Chat(trouble=lock)) as it,
    ):
        await it.ticks(4)
        assert len(it.world.chat.sent) < CHANNELS * EACH
        other.execute("ROLLBACK")
        await it.ticks(5)
        it.check()
        assert it.errors
        assert all("is locked" in error for error in it.errors)
    other.close()


async def test_a_full_disk_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """No page can be added until somebody makes room."""
    full = False
    path = tmp_path / "paperbot.db"
    async with open_storage(f"sqlite:///{path}", tmp_path / "index") as storage:
        engine = storage.database._engine.sync_engine

        @event.listens_for(engine, "begin")
        def limit(connection: object) -> None:
            most = 1 if full else 2**30
            connection.exec_driver_sql(f"PRAGMA max_page_count = {most}")  # type: ignore[attr-defined]

        async def fill() -> None:
            nonlocal full
            full = True
            async with storage.database.write() as session:
                connection = await session.connection()
                rows = [{"n": f"{n:032}", "v": "x" * 64} for n in range(2_000)]
                with pytest.raises(Exception, match="full"):
                    await connection.execute(text("INSERT INTO meta VALUES (:n, :v)"), rows)

        async with morning(storage, Chat(trouble=fill)) as it:
            await it.ticks(4)
            assert len(it.world.chat.sent) < CHANNELS * EACH
            full = False
            await it.ticks(5)
            it.check()


async def test_a_server_that_is_restarted_in_the_middle_loses_and_doubles_nothing(
    tmp_path: Path,
) -> None:
    """PostgreSQL crashes under a digest that has just gone out, and comes back."""
    server = Server(tmp_path / "own")
    await asyncio.to_thread(server.start)

    async def crash() -> None:
        await asyncio.to_thread(server.kill)

    try:
        async with (
            open_storage(server.url(), tmp_path / "index", patience=1) as storage,
            morning(storage, Chat(trouble=crash)) as it,
        ):
            await it.ticks(2)
            assert len(it.world.chat.sent) < CHANNELS * EACH
            await asyncio.to_thread(server.start)
            await it.ticks(2)
            await it.forget_leases()
            await it.ticks(3)
            it.check()
            assert it.errors
    finally:
        await asyncio.to_thread(server.kill)
