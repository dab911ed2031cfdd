"""What is owed, what was sent, and how every run ended."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import and_, delete, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from bot.domain.deliveries import Delivery, Outcome, Plan, Run, Shown, State
from bot.domain.papers import PaperId
from bot.domain.people import Channel, Message, Workspace
from storage.addresses import address, inside
from storage.database import Database
from storage.planning import write_plan
from storage.rows import chunks, load_papers
from storage.showing import remember
from storage.tables import DeliveryPaperRow, DeliveryRow, RunRow, SubscriptionRow
from storage.texts import load_post, papers_in

_ENDED = (State.SENT, State.FAILED)


class Outbox:
    """`bot.domain.stores.Outbox` on a database. Everything it is told outlives a power cut."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def plan(self, plan: Plan) -> bool:
        """Write run, deliveries and the next run at once.

        False when that edition was planned before (the next run is noted all the same, or it would
        be due for ever), and when the subscription is gone.
        """
        async with self._database.write(durable=True) as session:
            return await write_plan(self._database, session, plan)

    async def posted(
        self, channel: Channel, papers: Iterable[PaperId], since: datetime | None
    ) -> set[PaperId]:
        """Which of these the channel has had (or is owed) since then; None is ever."""
        found: set[PaperId] = set()
        async with self._database.read() as session:
            for chunk in chunks(dict.fromkeys(papers)):
                had = (
                    select(DeliveryPaperRow.paper)
                    .join(DeliveryRow, col(DeliveryRow.key) == col(DeliveryPaperRow.delivery))
                    .where(
                        DeliveryPaperRow.channel == str(channel),
                        col(DeliveryPaperRow.paper).in_(chunk),
                        DeliveryRow.state != State.FAILED,
                    )
                )
                if since is not None:
                    had = had.where(col(DeliveryPaperRow.at) >= since)
                found.update(PaperId(id) for id in await session.exec(had))
        return found

    async def claim(self, now: datetime, lease_until: datetime, limit: int = 50) -> list[Delivery]:
        """Take owed deliveries whose time has come, the oldest first; a part waits for those before it."""
        before = aliased(DeliveryRow)
        held_up = (
            select(before.key)
            .where(
                before.subscription == DeliveryRow.subscription,
                before.edition == DeliveryRow.edition,
                before.part < DeliveryRow.part,
                col(before.state).not_in(_ENDED),
            )
            .exists()
        )
        due = (
            select(DeliveryRow)
            .where(
                DeliveryRow.state == State.OWED, col(DeliveryRow.next_attempt_at) <= now, ~held_up
            )
            .order_by(
                col(DeliveryRow.next_attempt_at), col(DeliveryRow.edition), col(DeliveryRow.key)
            )
            .limit(limit)
        )
        if not await self._any(due):
            return []
        async with self._database.write(durable=True) as session:
            rows = (await session.exec(due.with_for_update(skip_locked=True))).all()
            lease = await self._lease(session, now, lease_until)
            for row in rows:
                row.state = State.SENDING
                row.lease_until = lease
                row.attempts += 1
            return await _nouns(session, rows)

    async def _lease(self, session: AsyncSession, now: datetime, until: datetime) -> datetime:
        """As long from now as was asked for, by the clock that leases go by."""
        return await self._database.now(session, now) + (until - now)

    async def sent(self, key: str, message: Message, at: datetime) -> None:
        """Record the address, and that this message shows these papers."""
        papers = select(DeliveryPaperRow).where(DeliveryPaperRow.delivery == key)
        async with self._database.write(durable=True) as session:
            row = await session.get(DeliveryRow, key, with_for_update=True)
            if row is None:
                return
            row.state, row.message, row.sent_at = State.SENT, address(message), at
            row.lease_until, row.reason = None, ""
            shown = {}
            for paper in await session.exec(papers):
                paper.at = at
                shown[paper.number] = PaperId(paper.paper)
            await remember(self._database, session, Shown(message=message, papers=shown))

    async def put_back(
        self,
        key: str,
        state: State,
        *,
        at: datetime,
        reason: str,
        attempts: int | None = None,
    ) -> None:
        """Owed again at a time, unknown, or failed for good. What has ended stays as it is.

        Of a subscription that was removed meanwhile nothing is owed any more. With `attempts`, nothing changes
        once somebody else has taken the delivery: that one has the say.
        """
        order = select(DeliveryRow.subscription).where(col(DeliveryRow.key) == key)
        standing = select(SubscriptionRow.channel).where(
            col(SubscriptionRow.id) == order.scalar_subquery()
        )
        async with self._database.write(durable=True) as session:
            locked = standing.with_for_update(read=True, key_share=True)  # cannot be removed now
            channel = (await session.exec(locked)).first()
            row = await session.get(DeliveryRow, key, with_for_update=True)
            if row is None or row.state in _ENDED or attempts not in (None, row.attempts):
                return
            if state is State.OWED and channel != row.channel:
                state, reason = State.FAILED, "unsubscribed before it could be sent"
            row.state, row.next_attempt_at, row.reason = state, at, reason
            row.lease_until = None

    async def unsettled(self, now: datetime, lease_until: datetime | None = None) -> list[Delivery]:
        """Unknown ones whose time has come, and those left in `sending` by a process that died.

        With `lease_until`, nobody else is given them before that, unless they are put back sooner.
        """
        if not await self._any(_doubtful(now, now)):
            return []
        async with self._database.write(durable=True) as session:
            doubtful = _doubtful(now, await self._database.now(session, now))
            rows = (await session.exec(doubtful.with_for_update(skip_locked=True))).all()
            lease = lease_until and await self._lease(session, now, lease_until)
            for row in rows:
                if row.state == State.SENDING:
                    row.state, row.next_attempt_at = State.UNKNOWN, now
                row.lease_until = lease
            return await _nouns(session, rows)

    async def _any(self, rows: SelectOfScalar[DeliveryRow]) -> bool:
        """Asked before a transaction that writes: most ticks of the clock find nothing to do.

        On a server nobody waits for a writer that finds nothing.
        """
        if not self._database.is_file:
            return True
        async with self._database.read() as session:
            return (await session.exec(rows.limit(1))).first() is not None

    async def message_of(self, key: str) -> Message | None:
        """Where a delivery ended up."""
        async with self._database.read() as session:
            row = await session.get(DeliveryRow, key)
        return Message.parse(row.message) if row and row.message else None

    async def runs(self, place: Channel | Workspace, limit: int = 5) -> list[Run]:
        """Those of a channel, or of all in a workspace; the latest first."""
        latest = (
            select(RunRow)
            .where(inside(RunRow.channel, place))
            .order_by(col(RunRow.due_at).desc(), col(RunRow.finished_at).desc())
            .limit(limit)
        )
        async with self._database.read() as session:
            return [_run(row) for row in await session.exec(latest)]

    async def owed(self, place: Channel | Workspace | None = None) -> int:
        """How many deliveries have not come to an end: in a channel, in a workspace, or everywhere."""
        count = select(func.count()).select_from(DeliveryRow)
        count = count.where(col(DeliveryRow.state).not_in(_ENDED))
        if place is not None:
            count = count.where(inside(DeliveryRow.channel, place))
        async with self._database.read() as session:
            return (await session.exec(count)).one()

    async def prune(self, before: datetime) -> int:
        """Forget runs that ended before; never what was posted."""
        old = delete(RunRow).where(
            col(RunRow.finished_at) < before, col(RunRow.outcome) != Outcome.WAITING
        )
        async with self._database.write() as session:
            await self._database.alone(session, "prune")
            return (await session.exec(old)).rowcount


def _doubtful(now: datetime, clock: datetime) -> SelectOfScalar[DeliveryRow]:
    """Whose end is not known, and whom nobody is asking about: leases go by the `clock`."""
    state, lease = col(DeliveryRow.state), col(DeliveryRow.lease_until)
    abandoned = and_(state == State.SENDING, lease <= clock)
    unknown = and_(state == State.UNKNOWN, col(DeliveryRow.next_attempt_at) <= now)
    return (
        select(DeliveryRow)
        .where(or_(abandoned, and_(unknown, or_(lease.is_(None), lease <= clock))))
        .order_by(col(DeliveryRow.next_attempt_at), col(DeliveryRow.key))
    )


async def _nouns(session: AsyncSession, rows: Sequence[DeliveryRow]) -> list[Delivery]:
    papers = await load_papers(session, (id for row in rows for id in papers_in(row.payload)))
    return [
        Delivery(
            key=row.key,
            subscription=row.subscription,
            channel=Channel.parse(row.channel),
            edition=row.edition,
            part=row.part,
            post=load_post(row.payload, papers),
            reply_to=row.reply_to,
            state=State(row.state),
            attempts=row.attempts,
            next_attempt_at=row.next_attempt_at,
            message=Message.parse(row.message) if row.message else None,
            reason=row.reason,
        )
        for row in rows
    ]


def _run(row: RunRow) -> Run:
    return Run(
        subscription=row.subscription,
        edition=row.edition,
        due_at=row.due_at,
        outcome=Outcome(row.outcome),
        reason=row.reason,
        posted=row.posted,
        finished_at=row.finished_at,
        retry_at=row.retry_at,
    )
