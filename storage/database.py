"""The database: engine, sessions, and its schema brought up to date at start."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.domain.errors import StorageError
from storage.failures import explained
from storage.founding import found

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

Upsert: TypeAlias = "sqlite.Insert | postgresql.Insert"

_PAUSE = 0.05

HEAD = "0002"
"""The newest migration: known here, so that a start without news need not load Alembic."""


def parse_url(url: str) -> URL:
    """`sqlite:///file`, a bare file path, or a PostgreSQL URL, as SQLAlchemy wants it for asyncio."""
    try:
        parsed = make_url(url) if "://" in url else URL.create("sqlite", database=url)
    except (ArgumentError, ValueError) as e:
        raise StorageError(f"`[storage] url` cannot be read as a database URL: {url}") from e
    match parsed.get_backend_name():
        case "sqlite":
            if parsed.database in (None, "", ":memory:"):
                raise StorageError(
                    f"`[storage] url` must name a file: sqlite:///paperbot.db, not {url}"
                )
            return parsed.set(drivername="sqlite+aiosqlite")
        case "postgresql":
            return parsed
        case other:
            raise StorageError(
                f"`[storage] url` names {other}; sqlite and postgresql are known here."
            )


class Database:
    """One engine and its two kinds of session. Every failure comes out as a StorageError."""

    def __init__(self, url: URL, patience: float) -> None:
        self.url = url
        self.name = url.database or "" if _is_sqlite(url) else url.render_as_string()
        self._engine = _engine(url, patience)
        self._writers: asyncio.Lock | nullcontext[None] = (
            asyncio.Lock() if _is_sqlite(url) else nullcontext()
        )
        self._sessions = {
            kind: async_sessionmaker(
                self._engine.execution_options(kind=kind),
                class_=AsyncSession,
                expire_on_commit=False,
            )
            for kind in ("read", "write", "durable")
        }

    @classmethod
    async def open(cls, url: str, *, patience: float = 5.0) -> Self:
        """Connect and migrate. `patience` is how many seconds a lock of somebody else is waited for."""
        database = cls(parse_url(url), patience)
        try:
            with explained(database.name):
                if (path := database.path) is not None:
                    await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
                await database._bring_up_to_date()
        except BaseException:
            await database.close()
            raise
        return database

    @property
    def path(self) -> Path | None:
        """The SQLite file; None when the database is a server."""
        name = self.url.database or ""
        return Path(name) if _is_sqlite(self.url) and not name.startswith("file:") else None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """One consistent view; waits for nobody."""
        with explained(self.name):
            async with self._sessions["read"]() as session, session.begin():
                yield session

    @asynccontextmanager
    async def write(self, *, durable: bool = False) -> AsyncIterator[AsyncSession]:
        """One transaction that nobody else writes beside. A `durable` one outlives a power cut, too."""
        maker = self._sessions["durable" if durable else "write"]
        with explained(self.name):
            async with self._writers, maker() as session, session.begin():
                yield session

    def upsert(self, table: type[SQLModel], *key: str) -> Upsert:
        """An INSERT that overwrites the row with the same key. Dear to make: keep it."""
        insert = self.insert(table)
        columns = [column.name for column in insert.table.columns if column.name not in key]
        return insert.on_conflict_do_update(
            index_elements=[*key], set_={name: insert.excluded[name] for name in columns}
        )

    def insert(self, table: type[SQLModel]) -> Upsert:
        """An INSERT that may say ON CONFLICT, in this database's dialect."""
        if _is_sqlite(self.url):
            return sqlite.insert(table)
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)

    async def close(self) -> None:
        """Let go of every connection."""
        await self._engine.dispose()

    async def _bring_up_to_date(self) -> None:
        async with self.read() as session:
            version = await (await session.connection()).run_sync(_version)
        if version != HEAD:
            async with self.write(durable=True) as session:
                connection = await session.connection()
                await connection.run_sync(_migrate, self.name)


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _migrate(connection: Connection, name: str) -> None:
    version = _version(connection)  # asked again: another process may have been quicker
    if version == HEAD:
        return
    if version is None and connection.dialect.name == "sqlite" and not _has_tables(connection):
        found(connection, HEAD)
        return
    from storage.migrate import migrate

    migrate(connection, name, version)


def _has_tables(connection: Connection) -> bool:
    return bool(inspect(connection).get_table_names())


def _engine(url: URL, patience: float) -> AsyncEngine:
    if not _is_sqlite(url):
        return create_async_engine(url, pool_size=5, max_overflow=5, pool_pre_ping=True)
    engine = create_async_engine(url, pool_size=4, max_overflow=4)
    event.listen(engine.sync_engine, "begin", _begin)

    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy says BEGIN, see `_begin`
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")
        _write_ahead(connection, cursor, patience)
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    return engine


def _write_ahead(connection: Any, cursor: Any, patience: float) -> None:
    """Switch to WAL. SQLite does not wait for others here, whatever its time-out says: we do."""
    tries = max(int(patience / _PAUSE), 1)
    for left in reversed(range(tries)):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as e:
            if e.sqlite_errorname == "SQLITE_READONLY":  # reading is still possible
                return
            if e.sqlite_errorname != "SQLITE_BUSY" or not left:
                raise
            connection.run_async(lambda _: asyncio.sleep(_PAUSE))
        else:
            return


def _begin(connection: Connection) -> None:
    """SQLite: a writer locks at once, or it fails on the way up; a reader need not wait for it."""
    kind = connection.get_execution_options().get("kind", "write")
    if kind == "read":
        connection.exec_driver_sql("BEGIN")
        return
    level = "FULL" if kind == "durable" else "NORMAL"
    if connection.info.get("synchronous") != level:
        connection.exec_driver_sql(f"PRAGMA synchronous = {level}")
        connection.info["synchronous"] = level
    connection.exec_driver_sql("BEGIN IMMEDIATE")
