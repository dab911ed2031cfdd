"""Who gets a delivery to send or to ask about: one at a time, until a lease ends."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, or_, select, update
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.domain.deliveries import Delivery, State
from bot.domain.people import Channel, Message
from storage.database import Database
from storage.ending import ENDED
from storage.given import Given
from storage.letters import Letter, Letters

_ROWS = SQLModel.metadata.tables["delivery"]
_BEFORE = _ROWS.alias("before")
_HELD_UP = (
    select(_BEFORE.c.key)
    .where(
        _BEFORE.c.subscription == _ROWS.c.subscription,
        _BEFORE.c.edition == _ROWS.c.edition,
        _BEFORE.c.part < _ROWS.c.part,
        _BEFORE.c.state.not_in(ENDED),
    )
    .exists()
)


class Claimer:
    """Gives deliveries away."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._letters = Letters()
        self._given = Given(_ROWS.c.key, is_file=database.is_file)
        self._lend = update(_ROWS).where(_ROWS.c.key == self._given.c.key)

    async def claim(self, now: datetime, lease_until: datetime, limit: int) -> list[Delivery]:
        """Owed ones whose time has come, the oldest first; a part waits for those before it."""
        due = (
            select(_ROWS)
            .where(_ROWS.c.state == State.OWED, _ROWS.c.next_attempt_at <= now, ~_HELD_UP)
            .order_by(_ROWS.c.next_attempt_at)
            .limit(limit)
        )
        if not await self._any(due):
            return []
        async with self._database.write(durable=True) as session:
            rows = await self._take(session, due)
            lease = await self._lease(session, now, lease_until)
            attempts = _ROWS.c.attempts + 1
            await self._change(
                session, rows, state=State.SENDING, lease_until=lease, attempts=attempts
            )
            letters = await self._letters.read(session, (row.payload for row in rows))
        nouns = (_noun(row, letters[row.payload]) for row in rows)
        return [replace(one, state=State.SENDING, attempts=one.attempts + 1) for one in nouns]

    async def unsettled(self, now: datetime, lease_until: datetime | None) -> list[Delivery]:
        """Unknown ones whose time has come, and those left in `sending` by a process that died."""
        if not await self._any(_doubtful(now, now)):
            return []
        async with self._database.write(durable=True) as session:
            rows = await self._take(session, _doubtful(now, await self._database.now(session, now)))
            lease = lease_until and await self._lease(session, now, lease_until)
            left = [row for row in rows if row.state == State.SENDING]
            await self._change(session, left, state=State.UNKNOWN, next_attempt_at=now)
            await self._change(session, rows, lease_until=lease)
            letters = await self._letters.read(session, (row.payload for row in rows))
        return [
            replace(
                _noun(row, letters[row.payload]),
                state=State.UNKNOWN,
                next_attempt_at=now if row.state == State.SENDING else row.next_attempt_at,
            )
            for row in rows
        ]

    async def _any(self, rows: Select[Any]) -> bool:
        """Asked before a transaction that writes: most ticks of the clock find nothing to do.

        On a server nobody waits for a writer that finds nothing.
        """
        if not self._database.is_file:
            return True
        async with self._database.read() as session:
            connection = await session.connection()
            return (await connection.execute(rows.limit(1))).first() is not None

    async def _take(self, session: AsyncSession, rows: Select[Any]) -> Sequence[Row[Any]]:
        await self._database.by_keys(session, sort=False)
        connection = await session.connection()
        locked = rows.with_for_update(of=_ROWS, skip_locked=True)
        taken: Sequence[Row[Any]] = (await connection.execute(locked)).all()
        return taken

    async def _lease(self, session: AsyncSession, now: datetime, until: datetime) -> datetime:
        """As long from now as was asked for, by the clock that leases go by."""
        return await self._database.now(session, now) + (until - now)

    async def _change(
        self, session: AsyncSession, rows: Sequence[Row[Any]], **values: object
    ) -> None:
        if rows:
            connection = await session.connection()
            keys = self._given([row.key] for row in rows)
            await connection.execute(self._lend.values(**values), keys)


def _doubtful(now: datetime, clock: datetime) -> Select[Any]:
    """Whose end is not known, and whom nobody is asking about: leases go by the `clock`."""
    state, lease = _ROWS.c.state, _ROWS.c.lease_until
    abandoned = and_(state == State.SENDING, lease <= clock)
    unknown = and_(state == State.UNKNOWN, _ROWS.c.next_attempt_at <= now)
    return (
        select(_ROWS)
        .where(or_(abandoned, and_(unknown, or_(lease.is_(None), lease <= clock))))
        .order_by(_ROWS.c.next_attempt_at, _ROWS.c.key)
    )


def _noun(row: Row[Any], letter: Letter) -> Delivery:
    return Delivery(
        key=row.key,
        subscription=row.subscription,
        channel=Channel.parse(row.channel),
        edition=row.edition,
        part=row.part,
        post=letter,
        reply_to=row.reply_to,
        state=State(row.state),
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        message=Message.parse(row.message) if row.message else None,
        reason=row.reason,
    )
