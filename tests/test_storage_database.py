"""The database file: opened, migrated, shared, locked, broken."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text
from sqlmodel import SQLModel, col, select

from bot.domain.errors import StorageError
from storage.database import HEAD, Database, parse_url
from storage.failures import explain
from storage.migrate import config, migrate
from storage.tables import MetaRow
from tests.support.storage import Place, copy_template, temporary_database


async def count(database: Database) -> int:
    async with database.read() as session:
        found = await session.exec(select(MetaRow.value).where(col(MetaRow.name) == "n"))
        return int(found.first() or 0)


async def set_number(database: Database, number: int) -> None:
    async with database.write() as session:
        await session.merge(MetaRow(name="n", value=str(number)))


async def run(database: Database, change: Callable[[Connection], object]) -> object:
    async with database.write() as session:
        return await (await session.connection()).run_sync(change)


async def test_a_new_file_is_made_with_its_directory(tmp_path: Path) -> None:
    """The first start needs nothing prepared."""
    database = await Database.open(f"sqlite:///{tmp_path}/a/b/paperbot.db")
    await database.close()
    assert (tmp_path / "a/b/paperbot.db").exists()


@pytest.mark.parametrize("form", ["sqlite:///{}", "sqlite+aiosqlite:///{}", "{}"])
async def test_a_file_may_be_named_in_three_ways(tmp_path: Path, form: str) -> None:
    """URL, URL with its driver, or bare path: the same file."""
    path = tmp_path / "one.db"
    database = await Database.open(form.format(path))
    await database.close()
    assert path.exists()


def test_a_server_keeps_its_driver() -> None:
    """PostgreSQL URLs are passed on, with the driver that was named."""
    assert parse_url("postgresql+asyncpg://a@b/c").drivername == "postgresql+asyncpg"


@pytest.mark.parametrize("url", ["mysql://a/b", "sqlite://", "sqlite:///:memory:", "what://:x:/"])
def test_other_urls_are_refused_in_one_line(url: str) -> None:
    """The message names the setting."""
    with pytest.raises(StorageError, match=r"`\[storage\] url`") as e:
        parse_url(url)
    assert "\n" not in str(e.value)


def test_the_newest_migration_is_known_without_alembic() -> None:
    """The constant that makes a start quick is the migrations' own head."""
    assert ScriptDirectory.from_config(config()).get_current_head() == HEAD


async def test_tables_and_migrations_agree(place: Place) -> None:
    """A column added to a table and to no migration is found here."""
    async with temporary_database(place) as database:
        await run(database, lambda c: command.check(config(c)))


async def test_migrations_alone_make_the_same_tables(tmp_path: Path) -> None:
    """A new database skips them, an old one does not: both end at the same schema."""
    async with temporary_database(tmp_path) as founded:
        schema = await run(founded, _schema)
    path = tmp_path / "migrated.db"
    sqlite3.connect(path).close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        migrate(connection, "migrated", None)
        command.check(config(connection))
        assert _schema(connection) == schema
    engine.dispose()


def _schema(connection: Connection) -> dict[str, object]:
    """Columns, keys and indexes of each table, and the rows a new database has."""
    found = inspect(connection)
    tables: dict[str, object] = {
        name: (
            sorted((c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(name)),
            found.get_pk_constraint(name)["constrained_columns"],
            sorted(
                (str(i["name"]), i["column_names"], i["unique"]) for i in found.get_indexes(name)
            ),
            sorted(str(f["constrained_columns"]) for f in found.get_foreign_keys(name)),
        )
        for name in found.get_table_names()
    }
    names = connection.execute(text("SELECT name FROM meta ORDER BY name")).scalars().all()
    return tables | {"meta rows": names}


async def test_a_start_does_not_load_alembic(tmp_path: Path) -> None:
    """Neither a first start nor one without news: it would cost a third of a second each time."""
    path = tmp_path / "a.db"
    program = (
        "import asyncio, sys; from storage.database import Database\n"
        f"asyncio.run(Database.open({str(path)!r}))\n"
        "sys.exit('alembic' in sys.modules)"
    )
    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", program], check=True)


def test_importing_storage_is_cheap() -> None:
    """Neither SQLAlchemy nor the search engine is loaded for `--help`."""
    program = "import sys, storage; sys.exit(bool({'sqlalchemy', 'tantivy'} & {*sys.modules}))"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_search_engine_waits_for_the_first_search(tmp_path: Path) -> None:
    """A process that never searches does not pay for it."""
    program = (
        "import asyncio, sys; from storage import open_storage\n"
        "async def main():\n"
        f"    async with open_storage({str(copy_template(tmp_path / 'a.db'))!r}): pass\n"
        "asyncio.run(main()); sys.exit('tantivy' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


async def test_a_failing_migration_leaves_nothing_behind(tmp_path: Path) -> None:
    """Schema changes roll back whole on SQLite, too."""
    async with temporary_database(tmp_path) as database:

        def fail(connection: Connection) -> None:
            connection.execute(text("CREATE TABLE half (a INTEGER)"))
            connection.execute(text("ALTER TABLE paper ADD COLUMN half INTEGER"))
            connection.execute(text("INSERT INTO nowhere VALUES (1)"))

        with pytest.raises(StorageError):
            await run(database, fail)
        await run(database, lambda c: command.check(config(c)))
        await run(database, lambda c: c.execute(text("CREATE TABLE half (a INTEGER)")))


async def test_a_newer_schema_is_not_touched(tmp_path: Path) -> None:
    """An old program says so instead of writing to a database it does not know."""
    path = copy_template(tmp_path / "a.db")
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    with pytest.raises(StorageError, match="newer paperbot"):
        await Database.open(str(path))


async def test_many_tasks_that_read_then_write_lose_nothing(tmp_path: Path) -> None:
    """A writer locks before it reads: every one of the increments counts."""
    first = await Database.open(str(copy_template(tmp_path / "a.db")))
    second = await Database.open(str(tmp_path / "a.db"))

    async def increment(database: Database) -> None:
        for _ in range(5):
            async with database.write() as session:
                row = await session.get(MetaRow, "n") or MetaRow(name="n", value="0")
                row.value = str(int(row.value) + 1)
                session.add(row)

    await asyncio.gather(*(increment(one) for one in (first, second) * 10))
    assert await count(first) == await count(second) == 100
    await first.close()
    await second.close()


async def test_readers_do_not_wait_for_a_writer(place: Place) -> None:
    """A long import leaves commands answered, from what was there before it."""
    async with temporary_database(place) as database, database.write() as session:
        session.add(MetaRow(name="n", value="1"))
        await session.flush()
        assert await asyncio.wait_for(count(database), 1) == 0


async def test_an_error_inside_undoes_the_transaction(place: Place) -> None:
    """Half a change is no change; the error itself comes through."""
    async with temporary_database(place) as database:

        def fail(connection: Connection) -> None:
            connection.execute(text("INSERT INTO meta VALUES ('n', '1')"))
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await run(database, fail)
        assert await count(database) == 0


async def test_a_cancelled_writer_lets_the_next_one_in(place: Place) -> None:
    """Ctrl-C in the middle of a transaction leaves no lock behind."""
    async with temporary_database(place, patience=1) as database:
        started = asyncio.Event()

        async def dawdle() -> None:
            async with database.write() as session:
                session.add(MetaRow(name="n", value="1"))
                await session.flush()
                started.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(dawdle())
        await started.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with database.write() as session:
            session.add(MetaRow(name="n", value="2"))
        assert await count(database) == 2


async def test_a_lock_held_elsewhere_is_one_clear_line(tmp_path: Path) -> None:
    """The operator is told what holds the file up."""
    async with temporary_database(tmp_path, patience=0.05) as database:
        holder = sqlite3.connect(tmp_path / "paperbot.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="another process holds it") as e:
            await set_number(database, 1)
        holder.close()
        assert "\n" not in str(e.value)
        await set_number(database, 2)
        assert await count(database) == 2


async def test_two_processes_may_start_at_once(tmp_path: Path) -> None:
    """One of them migrates, the others find it done."""
    url = str(tmp_path / "a.db")
    opened = await asyncio.gather(*(Database.open(url) for _ in range(4)))
    for database in opened:
        await database.close()


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"\0" * 5000])
async def test_a_file_that_is_no_database_is_one_clear_line(tmp_path: Path, content: bytes) -> None:
    """Nothing is overwritten."""
    path = tmp_path / "a.db"
    path.write_bytes(content)
    with pytest.raises(StorageError, match="is not a database"):
        await Database.open(str(path))
    assert path.read_bytes() == content


async def test_a_damaged_database_is_one_clear_line(tmp_path: Path) -> None:
    """Pages overwritten in the middle are noticed when they are read."""
    path = copy_template(tmp_path / "a.db")
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    with pytest.raises(StorageError, match=r"is damaged|is not a database"):
        await Database.open(str(path))


async def test_a_full_disk_is_one_clear_line(tmp_path: Path) -> None:
    """What did not fit is undone, and the database works on."""
    async with temporary_database(tmp_path) as database:

        def fill(connection: Connection) -> None:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
            rows = [{"n": f"{number:032}", "v": "x" * 64} for number in range(2_000)]
            connection.execute(text("INSERT INTO meta VALUES (:n, :v)"), rows)

        with pytest.raises(StorageError, match="disk is full"):
            await run(database, fill)
        assert await count(database) == 0


def test_a_read_only_file_is_one_clear_line(tmp_path: Path) -> None:
    """Whatever keeps us from writing, the advice is what to change."""
    path = copy_template(tmp_path / "a.db")
    raw = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    with pytest.raises(sqlite3.OperationalError) as e:
        raw.execute("DELETE FROM meta")
    raw.close()
    assert "is read-only" in str(explain("a.db", e.value))


async def test_a_place_where_no_file_can_be_is_one_clear_line(tmp_path: Path) -> None:
    """A directory in its place, a file in the place of its directory."""
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "a.db"):
        with pytest.raises(StorageError) as e:
            await Database.open(str(path))
        assert str(path) in str(e.value)
        assert "\n" not in str(e.value)


def test_no_column_type_is_sqlite_s_alone() -> None:
    """Every table can be made on PostgreSQL: plain types, and lengths where keys need them."""
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.schema import CreateIndex, CreateTable

    dialect = postgresql.dialect()
    for table in SQLModel.metadata.sorted_tables:
        made = str(CreateTable(table).compile(dialect=dialect))
        assert "ENUM" not in made
        for index in table.indexes:
            assert len(str(index.name)) <= 63
            CreateIndex(index).compile(dialect=dialect)
