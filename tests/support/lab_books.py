"""The laboratory's hand in the bot's database: it gives orders as people do, and reads what became of them.

It is another process than the bot, and closes the database in between.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import func, update
from sqlmodel import col, select

from bot.domain.deliveries import State
from bot.domain.papers import Listing
from bot.domain.people import Message, Workspace
from bot.domain.stores import Installation
from bot.domain.subscriptions import Subscription
from storage.database import Database
from storage.installations import Installations
from storage.subscriptions import Subscriptions
from storage.tables import (
    DeliveryPaperRow,
    DeliveryRow,
    ListingPaperRow,
    RunRow,
    SaveRow,
    ShownRow,
    SubscriptionRow,
)
from tests.support.slack_state import BOT_SCOPES

ENDED = (State.SENT, State.FAILED)
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Owed:
    """A delivery as the database knows it."""

    key: str
    state: str
    reason: str
    papers: frozenset[str]


class Books:
    """An open database."""

    def __init__(self, database: Database, keys: Iterable[str]) -> None:
        self._database = database
        self._subscriptions = Subscriptions(database)
        self._installations = Installations(database, list(keys))

    async def install(self, team: str) -> None:
        """A workspace of Slack adds the bot."""
        await self._installations.keep(
            Installation(
                workspace=Workspace("slack", team),
                token=f"xoxb-{team}",
                bot="UBOT",
                name=f"Team {team}",
                scopes=frozenset(BOT_SCOPES),
                at=datetime.now(UTC),
            )
        )

    async def order(self, subscription: Subscription) -> None:
        """Somebody subscribes."""
        await self._subscriptions.add(subscription)

    async def bring_forward(self, ids: Iterable[str]) -> None:
        """What would be due in some hours is due now."""
        for id in ids:
            await self._subscriptions.resume(id, datetime.now(UTC))

    async def end_leases(self) -> None:
        """As if minutes had passed since somebody died."""
        held = update(DeliveryRow).where(col(DeliveryRow.lease_until).is_not(None))
        async with self._database.write() as session:
            await session.exec(held.values(lease_until=LONG_AGO))

    async def end_waits(self) -> None:
        """The same, and for what was to be tried later the time has come."""
        await self.end_leases()
        open = update(DeliveryRow).where(col(DeliveryRow.state).not_in(ENDED))
        async with self._database.write() as session:
            await session.exec(open.values(next_attempt_at=datetime.now(UTC)))

    async def owed(self, channel: str) -> list[Owed]:
        """Everything that was ever planned for a channel."""
        async with self._database.read() as session:
            rows = await session.exec(select(DeliveryRow).where(DeliveryRow.channel == channel))
            papers = select(DeliveryPaperRow).where(DeliveryPaperRow.channel == channel)
            held: dict[str, set[str]] = {}
            for row in await session.exec(papers):
                held.setdefault(row.delivery, set()).add(row.paper)
            return [
                Owed(row.key, row.state, row.reason, frozenset(held.get(row.key, ())))
                for row in rows
            ]

    async def planned(self) -> dict[str, set[str]]:
        """Channel -> papers that were planned for it."""
        found: dict[str, set[str]] = {}
        async with self._database.read() as session:
            for row in await session.exec(select(DeliveryPaperRow)):
                found.setdefault(row.channel, set()).add(row.paper)
        return found

    async def covered(self) -> dict[str, str | None]:
        """How far each order has come."""
        async with self._database.read() as session:
            return {row.id: row.covered for row in await session.exec(select(SubscriptionRow))}

    async def unfinished(self) -> int:
        """Deliveries that have not ended, and orders that are due."""
        open = select(func.count()).where(col(DeliveryRow.state).not_in(ENDED))
        due = select(func.count()).where(col(SubscriptionRow.next_run_at) <= datetime.now(UTC))
        async with self._database.read() as session:
            return (await session.exec(open)).one() + (await session.exec(due)).one()

    async def knows(self, day: date) -> int:
        """How many papers of a day are in the archive."""
        count = select(func.count()).where(ListingPaperRow.listing == str(Listing.day(day)))
        async with self._database.read() as session:
            return (await session.exec(count)).one()

    async def ran(self, id: str, edition: str) -> bool:
        """Whether that edition was planned."""
        async with self._database.read() as session:
            return await session.get(RunRow, (id, edition)) is not None

    async def paused(self) -> dict[str, str]:
        """Orders that rest, and why."""
        resting = select(SubscriptionRow).where(col(SubscriptionRow.paused).is_not(None))
        async with self._database.read() as session:
            return {row.id: str(row.paused) for row in await session.exec(resting)}

    async def shown(self, platform: str, limit: int) -> list[tuple[Message, dict[int, str]]]:
        """The latest posts there that show papers: number -> paper."""
        latest = (
            select(ShownRow)
            .where(col(ShownRow.message).startswith(f"{platform}:"))
            .order_by(col(ShownRow.id).desc())
        )
        found: dict[str, dict[int, str]] = {}
        async with self._database.read() as session:
            for row in await session.exec(latest.limit(limit * 12)):
                found.setdefault(row.message, {})[row.number] = row.paper
        return [(Message.parse(text), papers) for text, papers in list(found.items())[:limit]]

    async def saves(self) -> list[tuple[str, str, str]]:
        """Every act of saving: person, origin, paper."""
        async with self._database.read() as session:
            rows = await session.exec(select(SaveRow))
            return [(row.person, row.origin, row.paper) for row in rows]


@asynccontextmanager
async def books(url: str, keys: Iterable[str]) -> AsyncIterator[Books]:
    """Open until the end of the block."""
    database = await Database.open(url, patience=30.0)
    try:
        yield Books(database, keys)
    finally:
        await database.close()
