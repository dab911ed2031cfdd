"""What is owed, what was sent, and how every run ended."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, func
from sqlmodel import col, select

from bot.domain.deliveries import Delivery, Fate, Outcome, Plan, Run, State
from bot.domain.papers import PaperId
from bot.domain.people import Channel, Message, Workspace
from storage.addresses import inside
from storage.claiming import Claimer
from storage.database import Database
from storage.ending import ENDED, End, EndWriter, PutBack, Sent
from storage.planning import PlanWriter
from storage.posted import Posted
from storage.tables import DeliveryPaperRow, DeliveryRow, RunRow
from storage.together import Together


class Outbox:
    """`bot.domain.stores.Outbox` on a database. Everything it is told outlives a power cut."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._posted = Posted(database)
        self._plans = PlanWriter(database, self._posted)
        self._writer = EndWriter(database)
        self._ends: Together[End, bool] = Together(self._write_ends, lambda end: end.key)
        self._claimer = Claimer(database)

    async def plan(self, plan: Plan) -> bool:
        """Write run, deliveries and the next run at once.

        False when that edition was planned before (the next run is noted all the same, or it would
        be due for ever), when the subscription is gone, and when others have brought its papers.
        """
        return await self.plan_all([plan]) == [Fate.WRITTEN]

    async def plan_all(self, plans: Sequence[Plan]) -> list[Fate]:
        """Many at once: all are written, or none and an error is raised."""
        async with self._database.write(durable=True) as session:
            return await self._plans.write(session, plans)

    async def posted(
        self, channel: Channel, papers: Iterable[PaperId], since: datetime | None
    ) -> set[PaperId]:
        """Which of these the channel has had (or is owed) since then; None is ever."""
        return set((await self.posted_in([channel], papers, since)).get(channel, ()))

    async def posted_in(
        self, channels: Iterable[Channel], papers: Iterable[PaperId], since: datetime | None
    ) -> dict[Channel, frozenset[PaperId]]:
        """The same for many channels; those that had none of these are left out."""
        papers = tuple(papers)
        asked = {str(channel): channel for channel in channels}
        async with self._database.read() as session:
            pairs = ((name, paper) for name in asked for paper in papers)
            latest = await self._posted.latest(session, pairs)
        had: dict[Channel, set[PaperId]] = {}
        for (name, paper), at in latest.items():
            if since is None or at >= since:
                had.setdefault(asked[name], set()).add(paper)
        return {channel: frozenset(ids) for channel, ids in had.items()}

    async def claim(self, now: datetime, lease_until: datetime, limit: int = 50) -> list[Delivery]:
        """Take owed deliveries whose time has come, the oldest first; a part waits for those before it."""
        return await self._claimer.claim(now, lease_until, limit)

    async def sent(self, key: str, message: Message, at: datetime) -> bool:
        """Record the address, and that this message shows these papers; True when its subscription rests."""
        return await self._ends.add(Sent(key, message, at))

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
        await self._ends.add(PutBack(key, state, at, reason, attempts))

    async def _write_ends(self, ends: Sequence[End]) -> list[bool]:
        async with self._database.write(durable=True) as session:
            return await self._writer.write(session, ends)

    async def unsettled(self, now: datetime, lease_until: datetime | None = None) -> list[Delivery]:
        """Unknown ones whose time has come, and those left in `sending` by a process that died.

        With `lease_until`, nobody else is given them before that, unless they are put back sooner.
        """
        return await self._claimer.unsettled(now, lease_until)

    async def message_of(self, key: str) -> Message | None:
        """Where a delivery ended up."""
        async with self._database.read() as session:
            row = await session.get(DeliveryRow, key)
        return Message.parse(row.message) if row and row.message else None

    async def showing(self, channel: Channel, paper: PaperId) -> str | None:
        """The key of the first message that showed the paper there."""
        first = (
            select(DeliveryRow.key)
            .join(DeliveryPaperRow, col(DeliveryPaperRow.delivery) == DeliveryRow.key)
            .where(
                col(DeliveryPaperRow.channel) == str(channel),
                col(DeliveryPaperRow.paper) == paper,
                col(DeliveryRow.message).is_not(None),
            )
            .order_by(col(DeliveryRow.sent_at), col(DeliveryRow.part))
            .limit(1)
        )
        async with self._database.read() as session:
            return (await session.exec(first)).first()

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
        count = count.where(col(DeliveryRow.state).not_in(ENDED))
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
