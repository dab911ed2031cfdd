"""What is owed, what was sent, and how every run ended."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import and_, delete, func, or_, update
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
            for row in rows:
                row.state = State.SENDING
                row.lease_until = lease_until
                row.attempts += 1
            return await _nouns(session, rows)

    async def sent(self, key: str, message: Message, at: datetime) -> None:
        """Record the address, and that this message shows these papers."""
        papers = select(DeliveryPaperRow).where(DeliveryPaperRow.delivery == key)
        async with self._database.write(durable=True) as session:
            row = await session.get(DeliveryRow, key)
            if row is None:
                return
            row.state, row.message, row.sent_at = State.SENT, address(message), at
            row.lease_until, row.reason = None, ""
            shown = {}
            for paper in await session.exec(papers):
                paper.at = at
                shown[paper.number] = PaperId(paper.paper)
            await remember(session, Shown(message=message, papers=shown))

    async def put_back(self, key: str, state: State, *, at: datetime, reason: str) -> None:
        """Owed again at a time, unknown, or failed for good. What was sent stays sent.

        Of a subscription that was removed meanwhile nothing is owed any more.
        """
        async with self._database.write(durable=True) as session:
            row = await session.get(DeliveryRow, key)
            if row is None or row.state == State.SENT:
                return
            standing = await session.get(SubscriptionRow, row.subscription)
            if state is State.OWED and (standing is None or standing.channel != row.channel):
                state, reason = State.FAILED, "unsubscribed before it could be sent"
            row.state, row.next_attempt_at, row.reason = state, at, reason
            row.lease_until = None

    async def unsettled(self, now: datetime) -> list[Delivery]:
        """Unknown ones whose time has come, and those left in `sending` by a process that died."""
        state = col(DeliveryRow.state)
        abandoned = (
            update(DeliveryRow)
            .where(state == State.SENDING, col(DeliveryRow.lease_until) <= now)
            .values(state=State.UNKNOWN, next_attempt_at=now, lease_until=None)
            .execution_options(synchronize_session=False)
        )
        unknown = (
            select(DeliveryRow)
            .where(state == State.UNKNOWN, col(DeliveryRow.next_attempt_at) <= now)
            .order_by(col(DeliveryRow.next_attempt_at), col(DeliveryRow.key))
        )
        waiting = select(DeliveryRow).where(
            or_(
                and_(state == State.SENDING, col(DeliveryRow.lease_until) <= now),
                and_(state == State.UNKNOWN, col(DeliveryRow.next_attempt_at) <= now),
            )
        )
        if not await self._any(waiting):
            return []
        async with self._database.write(durable=True) as session:
            await session.exec(abandoned)
            return await _nouns(session, (await session.exec(unknown)).all())

    async def _any(self, rows: SelectOfScalar[DeliveryRow]) -> bool:
        """Asked before a transaction that writes: most ticks of the clock find nothing to do."""
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
            return (await session.exec(old)).rowcount


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
