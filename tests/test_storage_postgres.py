"""What is different on a server: its URL and secrets, its schema, locks, clocks, lost connections."""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from alembic import command
from sqlalchemy import Connection, text
from sqlmodel import SQLModel

from bot.domain.errors import StorageError
from bot.domain.papers import Paper, PaperId
from bot.domain.people import Channel, Person, Workspace
from bot.domain.stores import Save
from bot.domain.subscriptions import Edition, Subscription
from storage import Storage, open_storage
from storage.columns import Key
from storage.database import Database, parse_url
from storage.engines import make_engine
from storage.failures import explain
from storage.keeping import Keeper
from storage.migrate import config, migrate
from tests.support import postgres
from tests.support.storage import Place, temporary_database, temporary_storage

NOON = datetime(2025, 5, 22, 12, tzinfo=UTC)
CHANNEL = Channel(Workspace("terminal", "local"), "papers")


def paper(number: int, **changes: object) -> Paper:
    return replace(Paper(id=PaperId(f"2505.{number:05}"), title=f"Paper {number}"), **changes)


def order(name: str) -> Subscription:
    return Subscription(
        id=name, channel=CHANNEL, edition=Edition.DAILY, created_at=NOON, next_run_at=NOON
    )


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("postgresql://a:b@c/d", "postgresql+psycopg"),
        ("postgres://a:b@c/d", "postgresql+psycopg"),
        ("postgresql+psycopg://a:b@c/d", "postgresql+psycopg"),
        ("postgresql+asyncpg://a:b@c/d", "postgresql+asyncpg"),
    ],
)
def test_a_server_may_be_named_in_four_ways(url: str, driver: str) -> None:
    """As other programs have it, too."""
    assert parse_url(url).drivername == driver


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://zoe:hunter2@host:port/db",
        "postgresql://zoe:hun:ter2@host:1:2/db",
        "postgresql:zoe:hunter2@host/db",
        "postgresql+psycopg2://zoe:hunter2@host/db",
        "mysql://zoe:hunter2@host/db",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_its_password(url: str) -> None:
    """Not even a traceback has it; the setting is named."""
    with pytest.raises(StorageError, match=r"`\[storage\] url`") as e:
        parse_url(url)
    assert "ter2" not in "".join(traceback.format_exception(e.value))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://zoe:hunter2@127.0.0.1:1/papers",
        "postgresql://127.0.0.1:1/papers?user=zoe&password=hunter2",
    ],
)
async def test_no_password_is_ever_said(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in the error that nobody listens there, nor in logs at their loudest."""
    caplog.set_level(logging.DEBUG)
    with pytest.raises(StorageError, match=r"papers at 127.0.0.1:1 cannot be reached") as e:
        await Database.open(url)
    assert "\n" not in str(e.value)
    said = caplog.text + "".join(traceback.format_exception(e.value)) + repr(e.value)
    assert "hunter2" not in said
    assert "zoe" not in str(e.value)


async def test_a_database_that_is_not_there_is_one_clear_line(server: Place) -> None:
    """The server's own word is in it, and the setting."""
    url = server.url.replace("@/", "@/no")
    with pytest.raises(StorageError, match=r'"not\w+" does not exist.*`\[storage\] url`'):
        await Database.open(url)


class Vendor(Exception):
    def __init__(self, state: str) -> None:
        super().__init__("first line.\nDETAIL: second")
        self.sqlstate = state


@pytest.mark.parametrize(
    ("state", "advice"),
    [
        ("28P01", "user and password"),
        ("3D000", "Create it"),
        ("40P01", "Try again"),
        ("42501", "owner"),
        ("53100", "disk is full"),
        ("53300", "PgBouncer"),
        ("55P03", "somebody else holds"),
        ("57P01", "stopped or started"),
        ("25006", "primary"),
        ("XX000", "refused: first line"),
    ],
)
def test_every_error_of_a_server_says_what_to_do(state: str, advice: str) -> None:
    """In one line, by the error's code."""
    said = str(explain("papers at db", Vendor(state)))
    assert advice in said
    assert "\n" not in said


async def test_replicas_may_start_at_once(bare: Place) -> None:
    """On an empty database one of them makes the tables, the others find them."""
    opened = await asyncio.gather(*(Database.open(bare.url) for _ in range(4)))
    identities = set()
    for database in opened:
        async with database.read() as session:
            connection = await session.connection()
            found = await connection.execute(text("SELECT value FROM meta WHERE name='identity'"))
            identities.add(found.scalar_one())
        await database.close()
    assert len(identities) == 1


async def test_migrations_alone_make_the_same_tables(bare: Place, server: Place) -> None:
    """Types, collations, keys, indexes and all: from the first version, several at once."""
    engine = make_engine(parse_url(bare.url), 5.0)
    async with engine.begin() as connection:
        await connection.run_sync(_first_version)
    await engine.dispose()
    opened = await asyncio.gather(*(Database.open(bare.url) for _ in range(3)))
    for database in opened:
        async with database.write() as session:
            await (await session.connection()).run_sync(lambda c: command.check(config(c)))
        await database.close()
    assert _catalogue(bare.url) == _catalogue(server.url)


def _first_version(connection: Connection) -> None:
    migrate(connection, "first", None, "0001")


def _catalogue(url: str) -> set[tuple[object, ...]]:
    """What PostgreSQL itself knows of every column, index and constraint."""
    with psycopg.connect(url) as connection:
        columns = connection.execute(
            "SELECT table_name, column_name, data_type, character_maximum_length, collation_name,"
            " is_nullable, column_default FROM information_schema.columns WHERE table_schema = 'public'"
        ).fetchall()
        indexes = connection.execute(
            "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        ).fetchall()
        rules = connection.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace AND contype <> 'n'"
        ).fetchall()
        sequences = connection.execute("SELECT sequencename, data_type FROM pg_sequences")
        return {*columns, *indexes, *rules, *sequences}


def test_keys_are_sorted_as_on_sqlite(server: Place) -> None:
    """By their characters' numbers, whatever language the server was set up for."""
    wanted = {
        (table.name, column.name, "C")
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Key)
    }
    assert wanted <= {(row[0], row[1], row[4]) for row in _catalogue(server.url) if len(row) == 7}


async def test_the_longest_keys_fit_into_an_index(server: Place) -> None:
    """However many bytes a character has."""
    long = "".join(chr(0x1F300 + n) for n in range(600))
    who = Person("terminal", long)
    save = Save(
        person=who, workspace=Workspace("terminal", long), paper=PaperId(long), at=NOON, origin=long
    )
    async with temporary_storage(server) as storage:
        assert await storage.library.save(save)
        assert await storage.library.is_saved(who, save.workspace, save.paper)
        assert not await storage.library.is_saved(replace(who, id=long[1:]), save.workspace, long)


async def test_a_reader_has_one_view(server: Place) -> None:
    """What is committed between its questions does not reach it."""
    async with temporary_storage(server) as storage, storage.database.read() as session:
        connection = await session.connection()
        count = text("SELECT count(*) FROM paper")
        before = (await connection.execute(count)).scalar_one()
        await storage.archive.keep([paper(1)], as_of=NOON)
        assert (await connection.execute(count)).scalar_one() == before == 0
        with pytest.raises(StorageError, match="read-only"):
            async with storage.database.read() as other:
                await (await other.connection()).execute(text("DELETE FROM paper"))


async def test_a_server_s_zone_changes_no_time(bare: Place) -> None:
    """It may live in Kathmandu."""
    name = _database(bare)
    postgres.shared().say(f"ALTER DATABASE {name} SET timezone = 'Asia/Kathmandu'")
    async with temporary_storage(bare) as storage:
        await storage.subscriptions.add(order("tulip"))
        found = await storage.subscriptions.get("tulip")
        assert found == order("tulip")
        assert found.next_run_at.tzinfo is UTC


async def test_a_lock_held_elsewhere_is_one_clear_line(server: Place) -> None:
    """After as long as was said, not for ever."""
    async with temporary_database(server, patience=0.05) as database, database.write() as mine:
        await database.alone(mine, "door")
        with pytest.raises(StorageError, match="somebody else holds"):
            async with database.write() as other:
                await database.alone(other, "door")


async def kept(storage: Storage, number: int) -> bool:
    try:
        await storage.archive.keep([paper(number)], as_of=NOON)
    except StorageError:
        return False
    return True


async def until(done: Callable[[], Awaitable[bool]]) -> int:
    """How many tries failed before one did not."""
    for failed in range(100):
        if await done():
            return failed
        await asyncio.sleep(0.05)
    raise TimeoutError


async def test_connections_that_were_cut_while_idle_are_not_noticed(server: Place) -> None:
    """The server, or a firewall, closed them: the next one to ask gets new ones."""
    async with temporary_storage(server) as storage:
        assert await kept(storage, 1)
        _cut(server)
        assert await kept(storage, 2)


def _cut(server: Place) -> None:
    mine = f"SELECT pid FROM pg_stat_activity WHERE datname = '{_database(server)}'"
    postgres.shared().say(f"SELECT pg_terminate_backend(pid) FROM ({mine})")


def _database(server: Place) -> str:
    return server.url.partition("@/")[2].partition("?")[0]


async def test_a_connection_cut_in_a_transaction_undoes_it(server: Place) -> None:
    """One clear line, nothing half done, and the next one works."""
    async with temporary_storage(server) as storage:

        async def write() -> None:
            async with storage.database.write() as session:
                views = [([paper(1)], NOON)]
                await Keeper(storage.database).merge(await session.connection(), views)
                _cut(server)
                await (await session.connection()).execute(text("SELECT 1"))

        with pytest.raises(StorageError, match=r"stopped or started|cannot be reached"):
            await write()
        assert (await storage.archive.counts()).papers == 0
        assert await kept(storage, 1)


async def test_a_connection_left_while_it_sends_many_rows_is_nobodys_trouble(server: Place) -> None:
    """As psycopg leaves one whose task was cancelled at a bad moment."""
    async with temporary_storage(server) as storage:
        assert await kept(storage, 1)
        left = await storage.database._engine.connect()
        driver = (await left.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.pipeline().__aenter__()
        await left.close()
        for number in range(2, 5):
            assert await kept(storage, number)


async def test_a_server_that_is_restarted_is_waited_for(tmp_path: Path) -> None:
    """Errors while it is down, one clear line each; what was told before is there, and all goes on by itself."""
    server = postgres.Server(tmp_path / "own")
    await asyncio.to_thread(server.start)
    try:
        url = server.url()
        async with open_storage(url, tmp_path / "index") as storage:
            assert await kept(storage, 1)
            await asyncio.to_thread(server.kill)
            with pytest.raises(StorageError, match=r"cannot be reached.*`\[storage\] url`"):
                await storage.archive.counts()
            restart = asyncio.to_thread(server.start)
            failed, _ = await asyncio.gather(until(lambda: kept(storage, 2)), restart)
            assert failed
            assert (await storage.archive.counts()).papers == 2
    finally:
        await asyncio.to_thread(server.kill)


async def test_a_connection_prepares_nothing_and_waits_for_nobody_for_ever(server: Place) -> None:
    """So that a pooler may stand between, and a machine that vanished in a transaction holds up nobody."""
    async with temporary_storage(server) as storage:
        for number in range(12):
            await storage.archive.paper(paper(number).id)
        async with storage.database.read() as session:
            connection = await session.connection()
            names = await connection.execute(text("SELECT name FROM pg_prepared_statements"))
            assert names.all() == []
            for setting in ("lock_timeout", "idle_in_transaction_session_timeout"):
                value = (await connection.execute(text(f"SHOW {setting}"))).scalar_one()
                assert value != "0"
