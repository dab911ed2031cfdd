"""How to talk to each kind of database: connections, their settings, and how a transaction begins."""

import asyncio
import sqlite3
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.domain.errors import StorageError
from storage.urls import is_sqlite

READ: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""On PostgreSQL, what makes a transaction one consistent view, as a reading one is on SQLite."""

_PAUSE = 0.05

_AT_REST = ("IDLE", "OFF")

_IDLE = 60_000
"""Milliseconds after which PostgreSQL ends a transaction that nothing is said in: the machine at the other
end of it has gone, and others wait for its locks."""

_PSYCOPG: dict[str, Any] = {
    "application_name": "paperbot",
    "connect_timeout": 10,
    # A peer that has vanished is noticed within half a minute, not after the system's two hours.
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 30_000,
}


def make_engine(url: URL, patience: float) -> AsyncEngine:
    """`patience` is how many seconds a lock of somebody else is waited for."""
    return _file(url, patience) if is_sqlite(url) else _server(url, patience)


def _server(url: URL, patience: float) -> AsyncEngine:
    """PostgreSQL. With psycopg also behind PgBouncer in its transaction mode: no statement is prepared on the
    server (`prepare_threshold=None`), since the next one may run on another connection there."""
    try:
        engine = create_async_engine(
            url,
            pool_size=5,
            max_overflow=5,
            pool_pre_ping=True,
            isolation_level="READ COMMITTED",
            connect_args=_arguments(url),
        )
    except ModuleNotFoundError as e:
        raise StorageError(
            f"`[storage] url` needs {e.name}, which is not installed: pip install 'paperbot[postgres]'."
        ) from e
    limits = {
        "lock_timeout": max(int(patience * 1000), 1),
        "idle_in_transaction_session_timeout": _IDLE,
    }
    wanted = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in limits.items())

    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(f"SELECT {wanted}")
        cursor.close()
        connection.commit()

    event.listen(engine.sync_engine, "checkin", _part_with)
    return engine


def _part_with(connection: Any, record: Any) -> None:
    """Whoever is cancelled just as psycopg begins to send many rows at once gives back a connection that still is about
    to; the next one could do nothing with it, not even ask whether it is alive."""
    info = getattr(connection and connection.driver_connection, "info", None)
    if info is not None and (info.transaction_status.name, info.pipeline_status.name) != _AT_REST:
        record.invalidate()


def _arguments(url: URL) -> dict[str, Any]:
    if url.get_driver_name() != "psycopg":
        return {"timeout": 10}
    wishes = {name: value for name, value in _PSYCOPG.items() if name not in url.query}
    return {**wishes, "prepare_threshold": None}


def _file(url: URL, patience: float) -> AsyncEngine:
    engine = create_async_engine(url, pool_size=4, max_overflow=4)
    event.listen(engine.sync_engine, "begin", _begin)
    event.listen(engine.sync_engine, "invalidate", _let_go)

    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy says BEGIN, see `_begin`
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")
        if "mode" not in url.query:
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


def _let_go(connection: Any, _record: Any, _error: Any) -> None:
    """Whoever is cancelled in the middle of a transaction gives up its connection. Closing that is not enough: its
    locks stay for as long as anybody remembers one of its statements, say in a traceback."""
    with suppress(
        sqlite3.Error, ValueError, MissingGreenlet
    ):  # closed already, or nobody waits for it
        connection.run_async(lambda own: asyncio.shield(own.rollback()))


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
