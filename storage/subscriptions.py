"""The standing orders."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, or_, update
from sqlmodel import SQLModel, col, select

from bot.domain.deliveries import State
from bot.domain.people import Channel, Person, Workspace
from bot.domain.subscriptions import Edition, Subscription, Terms
from storage.addresses import address, inside, person
from storage.database import Database
from storage.given import Given
from storage.tables import DeliveryRow, RunRow, SubscriptionRow
from storage.texts import dump_terms, load_terms

_ROWS = SQLModel.metadata.tables["subscription"]


class Subscriptions:
    """`bot.domain.stores.Subscriptions` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._given = Given(_ROWS.c.id, _ROWS.c.next_run_at, is_file=database.is_file)
        self._lock = (
            select(_ROWS.c.id)
            .join(self._given.rows, _ROWS.c.id == self._given.c.id)
            .order_by(_ROWS.c.id)
            .with_for_update(of=_ROWS, key_share=True)
        )
        self._put_off = (
            update(_ROWS)
            .where(_ROWS.c.id == self._given.c.id)
            .values(next_run_at=self._given.c.next_run_at)
        )

    async def add(self, subscription: Subscription) -> None:
        """A StorageError when its id is taken."""
        async with self._database.write(durable=True) as session:
            session.add(row_of(subscription))

    async def replace_terms(self, id: str, terms: Terms, next_run_at: datetime) -> None:
        """New terms, and the time they lead to."""
        await self._update(id, terms=dump_terms(terms), next_run_at=next_run_at)

    async def remove(self, id: str) -> None:
        """Forget it and what it owes. What was sent, or may have been, stays known to its channel."""
        delivery = col(DeliveryRow.subscription) == id
        owed = delete(DeliveryRow).where(delivery, col(DeliveryRow.state) == State.OWED)
        editions = select(DeliveryRow.edition).where(delivery)
        idle = delete(RunRow).where(
            col(RunRow.subscription) == id, col(RunRow.edition).not_in(editions)
        )
        async with self._database.write(durable=True) as session:
            await session.exec(delete(SubscriptionRow).where(col(SubscriptionRow.id) == id))
            await session.exec(owed)
            await session.exec(idle)  # a new order of the same name may post what this one did not

    async def get(self, id: str) -> Subscription | None:
        """One by its id."""
        async with self._database.read() as session:
            row = await session.get(SubscriptionRow, id)
        return _noun(row) if row else None

    async def of(self, channel: Channel) -> list[Subscription]:
        """A channel's, the oldest first."""
        return await self._select(
            _ROWS.select()
            .where(_ROWS.c.channel == str(channel))
            .order_by(_ROWS.c.created_at, _ROWS.c.id)
        )

    async def within(self, workspace: Workspace) -> list[Subscription]:
        """Those of all channels in a workspace, the oldest first."""
        return await self._select(
            _ROWS.select()
            .where(inside(SubscriptionRow.channel, workspace))
            .order_by(_ROWS.c.created_at, _ROWS.c.id)
        )

    async def all(self) -> list[Subscription]:
        """Everybody's, the oldest first."""
        return await self._select(_ROWS.select().order_by(_ROWS.c.created_at, _ROWS.c.id))

    async def by(self, person: Person) -> list[Subscription]:
        """Those that somebody made, the oldest first."""
        return await self._select(
            _ROWS.select()
            .where(_ROWS.c.created_by == str(person))
            .order_by(_ROWS.c.created_at, _ROWS.c.id)
        )

    async def of_edition(self, edition: Edition) -> list[Subscription]:
        """Everybody's of one kind, the oldest first."""
        return await self._select(
            _ROWS.select()
            .where(_ROWS.c.edition == edition)
            .order_by(_ROWS.c.created_at, _ROWS.c.id)
        )

    async def redirect(
        self, id: str, channel: Channel, terms: Terms, next_run_at: datetime
    ) -> None:
        """It posts there from now on, on these terms: what it owes is withdrawn, and its pause ends."""
        change = update(SubscriptionRow).where(col(SubscriptionRow.id) == id)
        owed = delete(DeliveryRow).where(
            col(DeliveryRow.subscription) == id, col(DeliveryRow.state) == State.OWED
        )
        async with self._database.write(durable=True) as session:
            await session.exec(
                change.values(
                    channel=address(channel),
                    terms=dump_terms(terms),
                    next_run_at=next_run_at,
                    paused=None,
                )
            )
            await session.exec(owed)

    async def due(
        self, now: datetime, limit: int = 500, after: Subscription | None = None
    ) -> list[Subscription]:
        """Those whose next run has come and which are not paused, the longest due first.

        With `after`, those that come after this one in that order.
        """
        due, id = _ROWS.c.next_run_at, _ROWS.c.id
        wanted = _ROWS.select().where(due <= now, _ROWS.c.paused.is_(None))
        if after is not None:
            last = after.next_run_at
            wanted = wanted.where(due >= last, or_(due > last, id > after.id))
        return await self._select(wanted.order_by(due, id).limit(limit))

    async def put_off(self, until: Mapping[str, datetime]) -> None:
        """Their next runs are these; whoever rests goes on resting."""
        async with self._database.write(durable=True) as session:
            connection = await session.connection()
            given = self._given(until.items())
            await connection.execute(self._lock, given)
            await connection.execute(self._put_off, given)

    async def pause(self, id: str, reason: str) -> None:
        """Let it rest, and say why."""
        await self._update(id, paused=reason)

    async def resume(self, id: str, next_run_at: datetime) -> None:
        """Let it run again from then on."""
        await self._update(id, paused=None, next_run_at=next_run_at)

    async def _update(self, id: str, **values: Any) -> None:
        change = update(SubscriptionRow).where(col(SubscriptionRow.id) == id).values(**values)
        async with self._database.write(durable=True) as session:
            await session.exec(change)

    async def _select(self, statement: Select[Any]) -> list[Subscription]:
        async with self._database.read() as session:
            connection = await session.connection()
            return [_noun(row) for row in await connection.execute(statement)]


def row_of(subscription: Subscription) -> SubscriptionRow:
    """The noun as a new row."""
    by = subscription.created_by
    return SubscriptionRow(
        id=subscription.id,
        channel=address(subscription.channel),
        edition=subscription.edition,
        terms=dump_terms(subscription.terms),
        created_by=address(by) if by else None,
        created_by_name=by.name if by else "",
        created_at=subscription.created_at,
        next_run_at=subscription.next_run_at,
        paused=subscription.paused,
        covered=subscription.covered,
    )


def _noun(row: SubscriptionRow | Row[Any]) -> Subscription:
    return Subscription(
        id=row.id,
        channel=Channel.parse(row.channel),
        edition=Edition(row.edition),
        terms=load_terms(row.terms),
        created_by=person(row.created_by, row.created_by_name) if row.created_by else None,
        created_at=row.created_at,
        next_run_at=row.next_run_at,
        paused=row.paused,
        covered=row.covered,
    )
