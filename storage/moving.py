"""Moving an archive to another database: table by table, checked in the end, and the source left as it is."""

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Table, and_, delete, func, or_, select, text
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.domain.errors import StorageError
from storage.columns import clean
from storage.database import MOVING, Database
from storage.rows import chunks
from storage.tables import MetaRow
from storage.urls import is_sqlite, name_of, parse_url

META = SQLModel.metadata.tables["meta"]
TABLES = [table for table in SQLModel.metadata.sorted_tables if table.name not in {"meta", "lease"}]
"""Those with content, referred ones before those that refer to them; who did what where it was is over."""

BATCH = 1_000
"""Rows a transaction: what a run that is broken off has to do again at most."""

Progress = Callable[[str, int, int], None]
"""Is told a table, how many of its rows have arrived, and how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What has been moved: both sides have these rows, and the same in them."""

    source: str
    """As it may be shown: no user, no password."""
    target: str
    tables: Mapping[str, int]
    """Rows of each."""
    copied: int
    """Those that this run brought; the others had arrived before."""

    @property
    def rows(self) -> int:
        return sum(self.tables.values())


async def move(source: str, target: str, progress: Progress = lambda *_: None) -> Moved:
    """Copy the archive at one URL to an empty database at another, SQLite or PostgreSQL either way.

    The source is opened for reading alone, and one moment of it is moved: nothing should write to it meanwhile.
    A move that was broken off goes on when it is asked for again; until it has ended, nobody else can open the
    target. A StorageError says what is in the way, and what to do about it.
    """
    old = await Database.look(source)
    try:
        if _place(source) == _place(target):
            raise StorageError(f"{old.name} is where the archive is. Name another database.")
        new = await Database.open(target, unfinished=True)
        try:
            return await _move(old, new, progress)
        finally:
            await new.close()
    finally:
        await old.close()


def _place(url: str) -> str:
    parsed = parse_url(url)
    return str(Path(parsed.database or "").resolve()) if is_sqlite(parsed) else name_of(parsed)


async def _move(old: Database, new: Database, progress: Progress) -> Moved:
    async with old.read() as source:
        if not old.is_file:  # the target may take its time between two questions
            connection = await source.connection()
            await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        facts = await _facts(source)
        is_open = await _begin(old, new, facts)
        copied = 0
        if is_open:
            for table in TABLES:
                copied += await _copy(source, new, table, progress)
        tables = {table.name: await _verified(old, source, new, table, is_open) for table in TABLES}
        if is_open:
            await _end(new, facts)
    return Moved(source=old.name, target=new.name, tables=tables, copied=copied)


async def _begin(old: Database, new: Database, facts: Mapping[str, str]) -> bool:
    """Mark the target as this archive's; False when all of it was moved there before."""
    async with new.write(durable=True) as session:
        await new.alone(session, "move")
        found = await _facts(session)
        if found["identity"] == facts["identity"]:
            return MOVING in found
        if found.keys() != {"identity", "revision"} or await _has_content(session):
            raise StorageError(
                f"The database {new.name} holds something else than a part of {old.name}, so nothing was "
                "moved there. Name an empty database."
            )
        mark = {"identity": facts["identity"], MOVING: "yes"}
        await _note(new, session, mark)
    return True


async def _end(new: Database, facts: Mapping[str, str]) -> None:
    """Everything is there: the target is an archive like any other from now on."""
    async with new.write(durable=True) as session:
        connection = await session.connection()
        await _note(new, session, facts)
        await connection.execute(delete(META).where(META.c.name == MOVING))
        for table in TABLES:
            if not new.is_file and (column := table.autoincrement_column) is not None:
                sequence = func.pg_get_serial_sequence(table.name, column.name)
                await connection.execute(select(func.setval(sequence, func.max(column))))


async def _note(database: Database, session: AsyncSession, facts: Mapping[str, str]) -> None:
    rows = [{"name": name, "value": value} for name, value in facts.items()]
    connection = await session.connection()
    await connection.execute(database.upsert(MetaRow, "name"), rows)


async def _facts(session: AsyncSession) -> dict[str, str]:
    connection = await session.connection()
    return {row.name: row.value for row in await connection.execute(META.select())}


async def _has_content(session: AsyncSession) -> bool:
    connection = await session.connection()
    for table in TABLES:
        if (await connection.execute(table.select().limit(1))).first():
            return True
    return False


async def _copy(source: AsyncSession, new: Database, table: Table, progress: Progress) -> int:
    """What is missing, in the order of the key: so what is there already is the beginning."""
    total = await _count(source, table)
    async with new.read() as session:
        before = await _count(session, table)
        last = await _last(session, table)
    insert = new.insert(table).on_conflict_do_nothing()
    done = before
    progress(table.name, done, total)
    async for rows in _batches(source, table, last):
        async with new.write() as session:
            connection = await session.connection()
            for chunk in chunks(rows):
                await connection.execute(insert, [_values(row) for row in chunk])
        done += len(rows)
        progress(table.name, done, total)
    return done - before


async def _verified(
    old: Database, source: AsyncSession, new: Database, table: Table, is_open: bool
) -> int:
    """How many rows both sides have; a StorageError unless they are the same."""
    rows, digest = await _digest(source, table)
    async with new.read() as session:
        arrived, other = await _digest(session, table)
    if (rows, digest) == (arrived, other):
        return rows
    differs = f"The table {table.name} differs: {rows} rows in {old.name}, {arrived} in {new.name}"
    if is_open:
        raise StorageError(
            f"{differs}. One of them was written to since the move began: stop every bot, empty the target, and "
            "move once more."
        )
    raise StorageError(
        f"{differs}. It was moved there before, and has been used since. Nothing was changed; to move "
        "once more, empty the target first."
    )


async def _digest(session: AsyncSession, table: Table) -> tuple[int, str]:
    """How many rows, and a checksum of all that is in them, in the order of the key."""
    count, digest = 0, hashlib.sha256()
    async for rows in _batches(session, table):
        count += len(rows)
        for row in rows:
            content = json.dumps([*_values(row).values()], default=_written)
            digest.update(content.encode() + b"\n")
    return count, digest.hexdigest()


def _written(value: date) -> str:
    return value.isoformat()


def _values(row: Row[Any]) -> dict[str, Any]:
    """As every database takes them: SQLite keeps texts that PostgreSQL does not."""
    return {
        name: clean(value, len(value)) if isinstance(value, str) else value
        for name, value in row._mapping.items()  # noqa: SLF001 (its public name for this)
    }


async def _batches(
    session: AsyncSession, table: Table, after: Sequence[Any] | None = None
) -> AsyncIterator[Sequence[Row[Any]]]:
    rows = table.select().order_by(*table.primary_key)
    if after is not None:
        rows = rows.where(_beyond([*table.primary_key], after))
    connection = await session.connection()
    async with connection.stream(rows, execution_options={"yield_per": BATCH}) as found:
        async for batch in found.partitions():
            yield batch


def _beyond(key: Sequence[Column[Any]], last: Sequence[Any]) -> ColumnElement[bool]:
    """Whether a key of several columns comes after another."""
    first, value = key[0], last[0]
    greater: ColumnElement[bool] = first > value
    if len(key) == 1:
        return greater
    return or_(greater, and_(first == value, _beyond(key[1:], last[1:])))


async def _last(session: AsyncSession, table: Table) -> Sequence[Any] | None:
    key = [*table.primary_key]
    greatest = select(*key).order_by(*(column.desc() for column in key)).limit(1)
    return (await (await session.connection()).execute(greatest)).first()


async def _count(session: AsyncSession, table: Table) -> int:
    count = select(func.count()).select_from(table)
    return int((await (await session.connection()).execute(count)).scalar_one())
