"""A real PostgreSQL for the tests: one server for all processes of a run, started by the first test that asks."""

import asyncio
import fcntl
import os
import shutil
import signal
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import Thread
from uuid import uuid4

import psycopg
from sqlmodel import SQLModel

from storage.database import Database

RUN = "PAPERBOT_TEST_POSTGRES"
"""Names the run's directory to every process of it."""

ARCHIVE = "paperbot"

_PREFIX = "paperbot-pg-"
_QUICK = ("fsync", "full_page_writes", "synchronous_commit", "autovacuum")
"""What keeps data over a crash or makes room in the long run; the shared server lives to see neither."""

_SEND_AWAY = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_EMPTY = "; ".join(
    [f"DELETE FROM {table.name}" for table in reversed(SQLModel.metadata.sorted_tables)]
    + ["INSERT INTO meta VALUES ('identity', gen_random_uuid()::text), ('revision', '0')"]
)


class Server:
    """A PostgreSQL of its own, on a socket in a directory; nobody else can reach it."""

    def __init__(self, directory: Path) -> None:
        self.data = directory / "data"
        self._empty: list[str] = []

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self.data}"

    @property
    def pid(self) -> int | None:
        """Its process; None while it is down."""
        try:
            return int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None

    def start(self) -> None:
        """Made at the first start; it goes on with what it has at the next one."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set", UserWarning)
            import pgserver
        with suppress(KeyError):  # else a second start in this process is taken for the first
            del pgserver.PostgresServer._instances[self.data]
        self.data.parent.mkdir(parents=True, exist_ok=True)
        pgserver.get_server(self.data, cleanup_mode=None)

    def kill(self) -> None:
        """As a crash would end it: no goodbye to anybody."""
        if (pid := self.pid) is None:
            return
        os.kill(pid, signal.SIGQUIT)
        for _ in range(1_000):
            if self.pid is None:
                return
            time.sleep(0.01)

    def say(self, statement: str) -> None:
        """Run one statement outside every test's database."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement)

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a new database without a table, which is dropped in the end."""
        name = self._create("template1")
        try:
            yield self.url(name)
        finally:
            self.say(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def archive(self) -> Iterator[str]:
        """The URL of an empty archive at the newest schema; emptying one is quicker than making another."""
        name = self._empty.pop() if self._empty else self._create(ARCHIVE)
        yield self.url(name)
        with psycopg.connect(self.url(name)) as connection:
            connection.execute(_SEND_AWAY)
            connection.execute(_EMPTY)
        self._empty.append(name)

    def _create(self, template: str) -> str:
        name = f"t{uuid4().hex}"
        self.say(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name


@cache
def shared() -> Server:
    """The run's one server, with an archive to copy from."""
    directory = Path(os.environ[RUN])
    directory.mkdir(mode=0o755, exist_ok=True)
    server = Server(directory)
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (directory / "ready").exists():
            server.start()
            for setting in _QUICK:
                server.say(f"ALTER SYSTEM SET {setting} = off")
            server.say("SELECT pg_reload_conf()")
            server.say(f"CREATE DATABASE {ARCHIVE}")
            _found(server.url(ARCHIVE))
            (directory / "ready").touch()
    return server


def _found(url: str) -> None:
    async def make() -> None:
        await (await Database.open(url)).close()

    maker = Thread(target=lambda: asyncio.run(make()))  # the caller's loop is running
    maker.start()
    maker.join()


def begin() -> None:
    """Name the run's directory, and clear away what a run that was killed has left.

    A server whose directory is gone ends by itself within a minute.
    """
    if RUN in os.environ:
        return
    root = Path(tempfile.gettempdir())
    if len(str(root)) > 40:  # with the socket's name a path may have 107 bytes
        root = Path("/tmp")
    for left in root.glob(f"{_PREFIX}*-*"):
        if not _lives(left.name.removeprefix(_PREFIX).partition("-")[0]):
            shutil.rmtree(left, ignore_errors=True)
    os.environ[RUN] = str(root / f"{_PREFIX}{os.getpid()}-{uuid4().hex[:8]}")


def end() -> None:
    """Stop the run's server, if anybody started it."""
    directory = Path(os.environ.pop(RUN))
    Server(directory).kill()
    shutil.rmtree(directory, ignore_errors=True)


def _lives(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
