"""How sending ends: deliveries that were sent, and those that are put back, any number of them at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Row, delete, insert, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.domain.deliveries import State
from bot.domain.people import Message
from storage.addresses import address
from storage.database import Database
from storage.given import Given
from storage.showing import seen_in

ENDED = (State.SENT, State.FAILED)

_ORDERS, _DELIVERIES, _PAPERS, _SHOWN = (
    SQLModel.metadata.tables[name]
    for name in ("subscription", "delivery", "delivery_paper", "shown")
)


@dataclass(frozen=True, slots=True)
class Sent:
    """It stands in its channel."""

    key: str
    message: Message
    at: datetime


@dataclass(frozen=True, slots=True)
class PutBack:
    """It does not, or nobody knows."""

    key: str
    state: State
    at: datetime
    reason: str
    attempts: int | None


End: TypeAlias = Sent | PutBack


class EndWriter:
    """Writes any number of ends in a few statements, which are dear to make: keep it.

    What they change is locked first: subscriptions, then deliveries, each in the order of their keys.
    """

    def __init__(self, database: Database) -> None:
        is_file = database.is_file
        self._database = database
        self._keys = keys = Given(_DELIVERIES.c.key, is_file=is_file)
        mine = _DELIVERIES.c.key == keys.c.key
        theirs = select(_DELIVERIES.c.subscription).join(keys.rows, mine)
        self._orders = (
            select(_ORDERS.c.id, _ORDERS.c.channel)
            .where(_ORDERS.c.id.in_(theirs))
            .order_by(_ORDERS.c.id)
            .with_for_update(read=True, key_share=True)  # cannot be removed now
        )
        names = ("key", "subscription", "channel", "state", "attempts")
        self._found = (
            select(*(_DELIVERIES.c[name] for name in names))
            .join(keys.rows, mine)
            .order_by(_DELIVERIES.c.key)
            .with_for_update(of=_DELIVERIES)
        )
        self._put_back = _PutBackWriter(is_file)
        self._sent = _SentWriter(is_file)

    async def write(self, session: AsyncSession, ends: Sequence[End]) -> list[bool]:
        """In the caller's transaction. For each whether it was sent and its subscription rests."""
        await self._database.by_keys(session)
        connection = await session.connection()
        back = [end for end in ends if isinstance(end, PutBack)]
        standing = await self._standing(connection, back)
        rows = await self._rows(connection, ends)
        await self._put_back.write(connection, back, rows, standing)
        sent = [end for end in ends if isinstance(end, Sent) and end.key in rows]
        await self._database.alone_with(session, [("shown", address(end.message)) for end in sent])
        resting = await self._sent.write(connection, sent, rows)
        return [end.key in resting for end in ends]

    async def _standing(
        self, connection: AsyncConnection, ends: Sequence[PutBack]
    ) -> dict[str, str]:
        """Their subscriptions, as far as there are any, with their channels."""
        if not ends:
            return {}
        keys = self._keys([end.key] for end in ends)
        return {row.id: row.channel for row in await connection.execute(self._orders, keys)}

    async def _rows(self, connection: AsyncConnection, ends: Sequence[End]) -> dict[str, Row[Any]]:
        """Their deliveries, as far as there are any."""
        keys = {self._keys.tidied(end.key): end.key for end in ends}
        found = await connection.execute(self._found, self._keys([key] for key in keys))
        return {keys[row.key]: row for row in found}


class _PutBackWriter:
    def __init__(self, is_file: bool) -> None:
        names = ("key", "state", "next_attempt_at", "reason")
        self._given = given = Given(*(_DELIVERIES.c[name] for name in names), is_file=is_file)
        self._change = (
            update(_DELIVERIES)
            .where(_DELIVERIES.c.key == given.c.key)
            .values(lease_until=null(), **{name: given.c[name] for name in names[1:]})
        )

    async def write(
        self,
        connection: AsyncConnection,
        ends: Sequence[PutBack],
        rows: Mapping[str, Row[Any]],
        standing: Mapping[str, str],
    ) -> None:
        changes = [_change(end, rows[end.key], standing) for end in ends if end.key in rows]
        if some := [change for change in changes if change]:
            await connection.execute(self._change, self._given(some))


def _change(end: PutBack, row: Row[Any], standing: Mapping[str, str]) -> tuple[object, ...] | None:
    """What has ended stays as it is, and so does what somebody else has taken; of a subscription that was
    removed nothing is owed any more."""
    if row.state in ENDED or end.attempts not in (None, row.attempts):
        return None
    if end.state is State.OWED and standing.get(row.subscription) != row.channel:
        return (row.key, State.FAILED, end.at, "unsubscribed before it could be sent")
    return (row.key, end.state, end.at, end.reason)


class _SentWriter:
    def __init__(self, is_file: bool) -> None:
        kinds = (_DELIVERIES.c.key, _DELIVERIES.c.message, _DELIVERIES.c.sent_at, _SHOWN.c.channel)
        self._given = given = Given(*kinds, is_file=is_file)
        mine = _DELIVERIES.c.key == given.c.key
        self._end = (
            update(_DELIVERIES)
            .where(mine)
            .values(
                state=State.SENT,
                message=given.c.message,
                sent_at=given.c.sent_at,
                lease_until=null(),
                reason="",
            )
        )
        self._forget = delete(_SHOWN).where(_SHOWN.c.message.in_(select(given.c.message)))
        papers = (
            select(given.c.message, _PAPERS.c.number, _PAPERS.c.paper, given.c.channel)
            .select_from(given.rows)
            .join(_PAPERS, _PAPERS.c.delivery == given.c.key)
            .order_by(given.c.sent_at, _PAPERS.c.delivery, _PAPERS.c.number)
        )
        self._show = insert(_SHOWN).from_select(["message", "number", "paper", "channel"], papers)
        self._resting = (
            select(_DELIVERIES.c.key)
            .join(given.rows, mine)
            .join(_ORDERS, _ORDERS.c.id == _DELIVERIES.c.subscription)
            .where(_ORDERS.c.paused.is_not(None))
        )

    async def write(
        self, connection: AsyncConnection, ends: Sequence[Sent], rows: Mapping[str, Row[Any]]
    ) -> set[str]:
        """The keys of those whose subscriptions rest."""
        if not ends:
            return set()
        given = self._given(
            (end.key, address(end.message), end.at, seen_in(end.message.channel, None))
            for end in ends
        )
        for statement in (self._end, self._forget, self._show):
            await connection.execute(statement, given)
        resting = {key for (key,) in await connection.execute(self._resting, given)}
        return {end.key for end in ends if rows[end.key].key in resting}
