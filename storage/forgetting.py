"""What is kept about a person, and how all of it is deleted: one place that knows every table with people in it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from bot.domain.library import About
from bot.domain.people import Message, Person
from storage.club import names_of
from storage.columns import clean
from storage.database import Database
from storage.holdings import HOLDERS, HOLDINGS, SAVES, Holdings
from storage.mailing import end_mail
from storage.tables import ForgottenRow, InstallationRow, MetaRow, ShownRow, SubscriptionRow
from storage.wishes import end_wishes

NOBODY = "nobody"
"""Who made what somebody forgotten had made: not the config file, which an empty place would mean."""

_SHOWN = SQLModel.metadata.tables[str(ShownRow.__tablename__)]
_ORDERS = SQLModel.metadata.tables[str(SubscriptionRow.__tablename__)]
_INSTALLED = SQLModel.metadata.tables[str(InstallationRow.__tablename__)]
_FORGOTTEN = SQLModel.metadata.tables[str(ForgottenRow.__tablename__)]
_META = SQLModel.metadata.tables[str(MetaRow.__tablename__)]


class Privacy:
    """`bot.domain.stores.Privacy` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._holdings = Holdings(database)
        self._remember = database.upsert(_FORGOTTEN, "digest")

    async def about(self, person: Person) -> About:
        """Everything that any table has of them, wherever they met us."""
        async with self._database.read() as session:
            connection = await session.connection()
            found = {
                kind: [_record(row) for row in await connection.execute(rows)]
                for kind, rows in _kept(person).items()
            }
        return About(person=person, records=found)

    async def forget(self, person: Person) -> None:
        """Delete everything about them. What a team has in common stays, without their name."""
        who = str(person)
        nobody = f"{person.platform}:{NOBODY}"
        async with self._database.write(durable=True) as session:
            connection = await session.connection()
            await self._holdings.alone(connection)
            await self._holdings.forget(connection, who)
            await end_mail(connection, who, nobody)
            for table in _own():
                await connection.execute(delete(table).where(table.c.person == who))
            last = (await connection.execute(select(func.max(_SHOWN.c.id)))).scalar() or 0
            await connection.execute(delete(_SHOWN).where(_seen_by(who)))
            await end_wishes(connection, who)
            made = update(_ORDERS).where(_ORDERS.c.created_by == who)
            await connection.execute(made.values(created_by=nobody, created_by_name=""))
            brought = update(_INSTALLED).where(_INSTALLED.c.installed_by == who)
            await connection.execute(brought.values(installed_by=None, installed_by_name=""))
            for table, theirs, nameless in names_of(who):
                await connection.execute(update(table).where(theirs).values(nameless))
            mark = {"digest": await _digest(connection, who), "shown": last}
            await connection.execute(self._remember, mark)

    async def forgotten(self, message: Message, people: Iterable[Person]) -> frozenset[Person]:
        """Which of these have been forgotten since this message was shown."""
        async with self._database.read() as session:
            connection = await session.connection()
            if (await connection.execute(_FORGOTTEN.select().limit(1))).first() is None:
                return frozenset()
            digests = {await _digest(connection, str(one)): one for one in people}
            first = select(func.min(_SHOWN.c.id)).where(_SHOWN.c.message == str(message))
            gone = select(_FORGOTTEN.c.digest).where(
                _FORGOTTEN.c.digest.in_([*digests]),
                _FORGOTTEN.c.shown >= func.coalesce(first.scalar_subquery(), 0),
            )
            found = (await connection.execute(gone)).scalars()
            return frozenset(digests[digest] for digest in found)


def _own() -> list[Table]:
    """The tables whose rows are somebody's own, but for what `Holdings` keeps in step."""
    tables = SQLModel.metadata.sorted_tables
    return [one for one in tables if "person" in one.c and one not in (SAVES, HOLDINGS, HOLDERS)]


def _kept(person: Person) -> Mapping[str, Select[Any]]:
    """Kind -> the rows of it, in the order in which they came."""
    who = str(person)
    of: dict[str, tuple[Table, ColumnElement[bool]]] = {
        SAVES.name: (SAVES, SAVES.c.person == who),
        **{one.name: (one, one.c.person == who) for one in _own()},
        _ORDERS.name: (_ORDERS, _ORDERS.c.created_by == who),
        _SHOWN.name: (_SHOWN, _seen_by(who)),
        _INSTALLED.name: (_INSTALLED, _INSTALLED.c.installed_by == who),
        **{table.name: (table, theirs) for table, theirs, _ in names_of(who)},
    }
    return {
        kind: select(*_told(table)).where(theirs).order_by(*_time(table))
        for kind, (table, theirs) in of.items()
    }


def _time(table: Table) -> list[ColumnElement[Any]]:
    """By when it happened, as far as the table knows."""
    times = [column for column in table.columns if column.name in {"at", "created_at", "picked_at"}]
    return [*times, *table.primary_key]


def _told(table: Table) -> list[ColumnElement[Any]]:
    """A workspace's token is nobody's own, and who knows an invitation's id could accept it."""
    secret = {"token"} if table is _ORDERS else {"token", "id"}
    return [column for column in table.columns if column.name not in secret]


def _seen_by(who: str) -> ColumnElement[bool]:
    """Messages that one person alone could see, see `showing.seen_in`."""
    end = clean(f"#{who}", len(who) + 1)
    start = func.length(_SHOWN.c.channel) - len(end) + 1
    return func.substr(_SHOWN.c.channel, start) == end


def _record(row: Row[Any]) -> dict[str, Any]:
    """A row for JSON: instants in ISO spelling, what is empty left out."""
    values = row._mapping.items()  # noqa: SLF001 (its public name for this)
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values
        if value not in (None, "")
    }


async def _digest(connection: AsyncConnection, who: str) -> str:
    """Tells nobody who it was, nor whether the same person is known to another database."""
    name = select(_META.c.value).where(_META.c.name == "identity")
    identity = (await connection.execute(name)).scalar() or ""
    return sha256(f"{identity}\0{who}".encode("utf-8", "surrogatepass")).hexdigest()
