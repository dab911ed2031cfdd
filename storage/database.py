"""The database: sessions, and its schema brought up to date at start."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeAlias

from sqlalchemy import Connection, Table, inspect, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import async_sessionmaker
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.domain.errors import StorageError
from storage.engines import READ, make_engine
from storage.failures import explained, newer
from storage.founding import found, wait_for_founders
from storage.urls import is_sqlite, name_of, parse_url, read_only

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

Upsert: TypeAlias = "sqlite.Insert | postgresql.Insert"

HEAD = "0010"
"""The newest migration: known here, so that a start without news need not load Alembic."""

MOVING = "moving"
"""The fact that stands in `meta` while an archive is being moved here."""

_MOVING = text(f"SELECT 1 FROM meta WHERE name = '{MOVING}'")  # noqa: S608 (our own word)

_ALONE = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS BIGINT[])) AS key")

_COUNTED = {"preserve_rowcount": True}
"""How many rows an INSERT made is asked after it; with PostgreSQL's drivers the answer is else thrown away."""


class Database:
    """One engine and its two kinds of session. Every failure comes out as a StorageError."""

    def __init__(self, url: URL, patience: float, *, look: bool = False) -> None:
        self.name = name_of(url)
        self.is_file = is_sqlite(url)
        self._url = url
        self._engine = make_engine(read_only(url) if look else url, patience)
        self._writers: asyncio.Lock | nullcontext[None] = (
            asyncio.Lock() if self.is_file else nullcontext()
        )
        self._sessions = {
            kind: async_sessionmaker(
                self._engine.execution_options(
                    kind=kind, **({} if self.is_file or kind != "read" else READ)
                ),
                class_=AsyncSession,
                expire_on_commit=False,
            )
            for kind in ("read", "write", "durable")
        }

    @classmethod
    async def open(cls, url: str, *, patience: float = 5.0, unfinished: bool = False) -> Self:
        """Connect and migrate. `patience` is how many seconds a lock of somebody else is waited for.

        One that an archive was not wholly moved to is refused, unless `unfinished` says that this is known.
        """
        database = cls(parse_url(url), patience)
        try:
            with explained(database.name):
                if (path := database.path) is not None:
                    await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
                await database._bring_up_to_date()
                if not unfinished:
                    await database._refuse_half()
        except BaseException:
            await database.close()
            raise
        return database

    @classmethod
    async def look(cls, url: str, *, patience: float = 5.0) -> Self:
        """Open one to read from it, and leave it as it is: a StorageError when its schema is not the newest."""
        database = cls(parse_url(url), patience, look=True)
        try:
            with explained(database.name):
                await database._refuse_other_schemas()
                await database._refuse_half()
        except BaseException:
            await database.close()
            raise
        return database

    @property
    def path(self) -> Path | None:
        """The SQLite file; None when the database is a server."""
        name = self._url.database or ""
        return Path(name) if self.is_file and not name.startswith("file:") else None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """One consistent view; waits for nobody."""
        with explained(self.name):
            async with self._sessions["read"]() as session, session.begin():
                yield session

    @asynccontextmanager
    async def write(self, *, durable: bool = False) -> AsyncIterator[AsyncSession]:
        """One transaction. A `durable` one outlives a power cut, too.

        In a file nobody else writes meanwhile. On a server others do: what is read to be changed has to be
        locked, the subscription before its deliveries, or `alone` be asked first.
        """
        maker = self._sessions["durable" if durable else "write"]
        with explained(self.name):
            async with self._writers, maker() as session, session.begin():
                yield session

    async def alone(self, session: AsyncSession, *key: str) -> None:
        """Wait until nobody else is alone with this key; we are, until the transaction ends."""
        await self.alone_with(session, [key])

    async def alone_with(self, session: AsyncSession, keys: Iterable[tuple[str, ...]]) -> None:
        """The same with many keys; whoever else wants some of them gets them in the same order."""
        if self.is_file:
            return
        numbers = sorted({_number(key) for key in keys})
        connection = await session.connection()
        await connection.execute(_ALONE, {"keys": numbers})

    async def by_keys(self, session: AsyncSession, *, sort: bool = True) -> None:
        """What follows in this transaction finds few rows by their keys, in tables that may just have grown.

        A server that has not looked at them since would rather read the whole of them, time and again. Without
        `sort` it takes them in the order of an index, as far as it needs.
        """
        if not self.is_file:
            ways = ("seqscan", "hashjoin", "mergejoin", *(() if sort else ("sort",)))
            off = ", ".join(f"set_config('enable_{way}', 'off', true)" for way in ways)
            await (await session.connection()).execute(text(f"SELECT {off}"))

    async def now(self, session: AsyncSession, here: datetime) -> datetime:
        """What leases are measured by: one clock for everybody who shares the database.

        A file has one machine, whose time `here` is; on a server the machines' clocks may differ, and its own counts.
        """
        if self.is_file:
            return here
        connection = await session.connection()
        now: datetime = (await connection.execute(text("SELECT clock_timestamp()"))).scalar_one()
        return now.astimezone(UTC)

    def upsert(self, table: type[SQLModel] | Table, *key: str) -> Upsert:
        """An INSERT that overwrites the row with the same key. Dear to make: keep it."""
        insert = self.insert(table)
        columns = [column.name for column in insert.table.columns if column.name not in key]
        return insert.on_conflict_do_update(
            index_elements=[*key], set_={name: insert.excluded[name] for name in columns}
        )

    def insert(self, table: type[SQLModel] | Table) -> Upsert:
        """An INSERT that may say ON CONFLICT, in this database's dialect."""
        if self.is_file:
            return sqlite.insert(table).execution_options(**_COUNTED)
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table).execution_options(**_COUNTED)

    async def close(self) -> None:
        """Let go of every connection."""
        await self._engine.dispose()

    async def _version(self) -> str | None:
        async with self.read() as session:
            return await (await session.connection()).run_sync(version_of)

    async def _refuse_other_schemas(self) -> None:
        if self.path and not await asyncio.to_thread(self.path.exists):
            raise StorageError(f"There is no database {self.path}.")
        version = await self._version()
        if version is None:
            raise StorageError(f"The database {self.name} has no archive in it.")
        if version < HEAD:
            raise StorageError(
                f"The database {self.name} was written by an older paperbot (schema {version}). "
                "Bring it up to date first: `paperbot doctor` does."
            )
        if version > HEAD:
            raise newer(self.name, version)

    async def _bring_up_to_date(self) -> None:
        version = await self._version()
        if version != HEAD:
            async with self.write(durable=True) as session:
                connection = await session.connection()
                await connection.run_sync(_migrate, self.name)

    async def _refuse_half(self) -> None:
        async with self.read() as session:
            half = (await (await session.connection()).execute(_MOVING)).first()
        if half:
            raise StorageError(
                f"The database {self.name} holds only a part of an archive that is being moved there. "
                "Run the same `paperbot migrate` again: it carries on and then checks everything."
            )


def _number(key: tuple[str, ...]) -> int:
    digest = hashlib.sha256("\0".join(key).encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def version_of(connection: Connection) -> str | None:
    """The schema's; None when there is none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _migrate(connection: Connection, name: str) -> None:
    wait_for_founders(connection)
    version = version_of(connection)  # asked again: another process may have been quicker
    if version == HEAD:
        return
    if version is None and not inspect(connection).get_table_names():
        found(connection, HEAD)
        return
    from storage.migrate import migrate

    migrate(connection, name, version)
