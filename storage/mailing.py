"""E-mail addresses that were asked whether they want mail, and those that said yes."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.domain.mailing import Consent, Excess, Invitation, Limits
from bot.domain.people import Channel, Person
from bot.domain.subscriptions import Edition
from storage.addresses import address, person
from storage.database import Database
from storage.tables import MetaRow
from storage.texts import dump_terms, load_terms

INVITED = SQLModel.metadata.tables["mail_invitation"]
AGREED = SQLModel.metadata.tables["mail_consent"]
SECRET = "mail_secret"  # noqa: S105 -- the fact's name
"""The fact in `meta`: made when it is first asked for, so that an empty database has none."""
_DELIVERIES, _RUNS, _ORDERS, _SHOWN = (
    SQLModel.metadata.tables[name] for name in ("delivery", "run", "subscription", "shown")
)
_META = SQLModel.metadata.tables["meta"]
_SECRET = select(_META.c.value).where(_META.c.name == SECRET)


class Mailing:
    """`bot.domain.mailing.Mailing` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._new_secret = database.insert(MetaRow).on_conflict_do_nothing()
        self._agree = database.upsert(AGREED, "address", "person")

    async def secret(self) -> str:
        """What links and codes are signed with: made once."""
        async with self._database.read() as session:
            found = (await (await session.connection()).execute(_SECRET)).scalar()
        if found:
            return str(found)
        async with self._database.write(durable=True) as session:
            connection = await session.connection()
            await connection.execute(
                self._new_secret.values(name=SECRET, value=secrets.token_hex(32))
            )
            return str((await connection.execute(_SECRET)).scalar_one())

    async def invite(self, invitation: Invitation, limits: Limits) -> Excess | None:
        """Write it down, unless there have been too many."""
        to, by = address(invitation.address), address(invitation.person)
        async with self._database.write(durable=True) as session:
            await self._database.alone_with(session, [("mail", to), ("mail", by)])
            connection = await session.connection()
            since = INVITED.c.at > limits.since
            if await _count(connection, since & (INVITED.c.address == to)) >= limits.per_address:
                return Excess.ADDRESS
            if await _count(connection, since & (INVITED.c.person == by)) >= limits.per_person:
                return Excess.PERSON
            await connection.execute(INVITED.insert().values(_values(invitation)))
        return None

    async def withdraw(self, id: str) -> None:
        """It never left; it does not count."""
        async with self._database.write() as session:
            await (await session.connection()).execute(delete(INVITED).where(INVITED.c.id == id))

    async def invitation(self, id: str) -> Invitation | None:
        """One by its id."""
        found = await self._invitations(INVITED.select().where(INVITED.c.id == id))
        return found[0] if found else None

    async def guess(self, person: Person, limits: Limits) -> Sequence[Invitation]:
        """Their open invitations; each is handed out `limits.guesses` times at most."""
        open = _open(person, limits.since) & (INVITED.c.guesses < limits.guesses)
        async with self._database.write(durable=True) as session:
            await self._database.alone(session, "mail", str(person))
            found = await _read(session, INVITED.select().where(open).order_by(INVITED.c.at.desc()))
            connection = await session.connection()
            await connection.execute(
                update(INVITED).where(open).values(guesses=INVITED.c.guesses + 1)
            )
        return found

    async def waiting(self, person: Person, since: datetime) -> Sequence[Invitation]:
        """The same without counting; the latest first."""
        rows = INVITED.select().where(_open(person, since))
        return await self._invitations(rows.order_by(INVITED.c.at.desc(), INVITED.c.id))

    async def accept(self, id: str, at: datetime) -> bool:
        """The yes to an invitation; False when it was closed before, and then nothing changes."""
        mine = INVITED.c.id == id
        close = update(INVITED).where(mine, INVITED.c.closed_at.is_(None)).values(closed_at=at)
        async with self._database.write(durable=True) as session:
            connection = await session.connection()
            if not (await connection.execute(close)).rowcount:
                return False
            row = (await connection.execute(INVITED.select().where(mine))).one()
            names = ("address", "person", "person_name", "channel", "shared")
            values = {name: row._mapping[name] for name in names}  # noqa: SLF001 (its public name)
            await connection.execute(self._agree.values(**values, at=at))
        return True

    async def consents(self, person: Person, channel: Channel | None) -> Sequence[Consent]:
        """Theirs, and with a channel those for it; the oldest first."""
        theirs = AGREED.c.person == str(person)
        if channel is not None:
            theirs = or_(theirs, AGREED.c.shared & (AGREED.c.channel == str(channel)))
        rows = AGREED.select().where(theirs).order_by(AGREED.c.at, AGREED.c.address)
        async with self._database.read() as session:
            found = await (await session.connection()).execute(rows)
            return [_consent(row) for row in found]

    async def agreed(self, address: Channel) -> bool:
        """Whether somebody who reads its mail said yes."""
        rows = select(AGREED.c.address).where(AGREED.c.address == str(address)).limit(1)
        async with self._database.read() as session:
            return (await (await session.connection()).execute(rows)).first() is not None

    async def end(self, address: Channel, at: datetime) -> bool:
        """Take back every yes of an address and close its invitations; False when there was no yes."""
        to = str(address)
        open = (INVITED.c.address == to) & INVITED.c.closed_at.is_(None)
        async with self._database.write(durable=True) as session:
            connection = await session.connection()
            await connection.execute(update(INVITED).where(open).values(closed_at=at))
            gone = await connection.execute(delete(AGREED).where(AGREED.c.address == to))
            return gone.rowcount > 0

    async def forget(self, before: datetime) -> int:
        """Let go of invitations from before then; how many that were."""
        async with self._database.write() as session:
            connection = await session.connection()
            return (await connection.execute(delete(INVITED).where(INVITED.c.at < before))).rowcount

    async def _invitations(self, rows: Select[Any]) -> list[Invitation]:
        async with self._database.read() as session:
            return await _read(session, rows)


async def end_mail(connection: AsyncConnection, who: str, nobody: str) -> None:
    """Delete the addresses that somebody alone asked mail for, with all that was sent there; what they asked for in
    a channel's name stays, without theirs."""
    theirs, other = AGREED.c.person == who, AGREED.alias()
    alone = ~exists().where(other.c.address == AGREED.c.address, other.c.person != who)
    own = select(AGREED.c.address).where(theirs, ~AGREED.c.shared, alone)
    for inbox in (await connection.execute(own)).scalars().all():
        for table in (_DELIVERIES, _RUNS, _ORDERS, _SHOWN):
            await connection.execute(delete(table).where(table.c.channel == inbox))
    handed = AGREED.alias()
    kept = exists().where(handed.c.address == AGREED.c.address, handed.c.person == nobody)
    shared = update(AGREED).where(theirs, AGREED.c.shared, ~kept)
    await connection.execute(shared.values(person=nobody, person_name=""))


async def _count(connection: AsyncConnection, which: ColumnElement[bool]) -> int:
    rows = select(func.count()).select_from(INVITED).where(which)
    return int((await connection.execute(rows)).scalar_one())


async def _read(session: AsyncSession, rows: Select[Any]) -> list[Invitation]:
    return [_invitation(row) for row in await (await session.connection()).execute(rows)]


def _open(person: Person, since: datetime) -> ColumnElement[bool]:
    theirs = INVITED.c.person == str(person)
    return theirs & (INVITED.c.at > since) & INVITED.c.closed_at.is_(None)


def _values(invitation: Invitation) -> dict[str, Any]:
    return {
        "id": invitation.id,
        "address": address(invitation.address),
        "person": address(invitation.person),
        "person_name": invitation.person.name,
        "channel": address(invitation.channel),
        "shared": invitation.shared,
        "edition": invitation.edition,
        "terms": dump_terms(invitation.terms),
        "at": invitation.at,
        "guesses": 0,
        "closed_at": invitation.closed_at,
    }


def _invitation(row: Any) -> Invitation:
    return Invitation(
        id=row.id,
        address=Channel.parse(row.address),
        person=person(row.person, row.person_name),
        channel=Channel.parse(row.channel),
        shared=row.shared,
        edition=Edition(row.edition),
        terms=load_terms(row.terms),
        at=row.at,
        closed_at=row.closed_at,
    )


def _consent(row: Any) -> Consent:
    return Consent(
        address=Channel.parse(row.address),
        person=person(row.person, row.person_name),
        channel=Channel.parse(row.channel),
        shared=row.shared,
        at=row.at,
    )
