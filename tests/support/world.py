"""The whole bot on a real database, with a clock that is moved by hand and a chat that can break."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from bot.delivery import PostOffice
from bot.domain.deliveries import Run
from bot.domain.papers import Listing, Paper, PaperId
from bot.domain.people import Channel, Person
from bot.domain.posts import entries_of
from bot.domain.subscriptions import STANDARD, Edition, Subscription, Terms
from bot.ingest import Ingest
from bot.meetings import Meetings
from bot.personal import makers
from bot.planning import Planner, Rules
from bot.schedule import next_run
from storage import Storage
from tests.support.fake_people import FakeTastes
from tests.support.fakes import CHANNEL, FakeMessenger, FakeSource
from tests.support.storage import Place, temporary_storage

ANN = Person("terminal", "ann", "Ann")


def at(text: str) -> datetime:
    """`2025-05-22 09:00` in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def some(count: int, day: str, first: int = 1) -> list[Paper]:
    """Papers of a day, most upvotes first, with ids that tell the day."""
    number = date.fromisoformat(day)
    return [
        Paper(
            id=PaperId(f"{number:%y%m}.{number:%d}{n:03}"),
            title=f"Paper {n} of {day}",
            abstract=f"What paper {n} says.",
            upvotes=200 - n,
        )
        for n in range(first, first + count)
    ]


class Unread:
    """Nobody searches here, so nothing is indexed."""

    async def catch_up(self) -> int:
        return 0


@dataclass
class World:
    """Move `now`, publish lists, tick, and look at what the chat has."""

    storage: Storage
    now: datetime
    rules: Rules = field(default_factory=Rules)
    source: FakeSource = field(default_factory=FakeSource)
    chat: FakeMessenger = field(default_factory=FakeMessenger)
    tastes: FakeTastes = field(default_factory=FakeTastes)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """What a new process would build."""
        storage = self.storage
        self.ingest = Ingest(self.source, storage.archive, Unread(), lambda: self.now)  # type: ignore[arg-type]
        meetings = Meetings(storage.archive, storage.club)
        self.planner = Planner(
            archive=storage.archive,
            subscriptions=storage.subscriptions,
            outbox=storage.outbox,
            refresher=self.ingest,
            budgets={self.chat.platform: self.chat.budget},
            clock=lambda: self.now,
            rules=self.rules,
            makers=makers(
                archive=storage.archive,
                subscriptions=storage.subscriptions,
                library=storage.library,
                outbox=storage.outbox,
                tastes=self.tastes,
                opinions=storage.opinions,
                statistics=storage.statistics,
            )
            | {Edition.CLUB: meetings},
        )
        self.office = PostOffice(
            subscriptions=storage.subscriptions,
            outbox=storage.outbox,
            messengers={self.chat.platform: self.chat},
            clock=lambda: self.now,
            rules=self.rules,
            outdated=meetings.outdated,
        )

    def publish(self, day: str, papers: Iterable[Paper]) -> None:
        """Hugging Face's list of a day is this from now on."""
        self.source.publish(Listing.day(date.fromisoformat(day)), *papers)

    async def subscribe(
        self,
        edition: Edition = Edition.DAILY,
        id: str = "one",
        channel: Channel = CHANNEL,
        **terms: object,
    ) -> Subscription:
        wanted = Terms(**terms)  # type: ignore[arg-type]
        subscription = Subscription(
            id=id,
            channel=channel,
            edition=edition,
            terms=wanted,
            created_by=ANN,
            created_at=self.now,
            next_run_at=next_run(edition, wanted.resolved(self.rules.defaults), self.now),
        )
        await self.storage.subscriptions.add(subscription)
        return subscription

    async def tick(self, now: str | None = None) -> None:
        """One turn of the clock, at that instant."""
        if now:
            self.now = at(now)
        await self.office.settle()
        await self.planner.plan_due()
        await self.office.send()

    async def until(self, end: str, step: timedelta = timedelta(hours=1)) -> None:
        """Tick through the hours."""
        while self.now < at(end):
            self.now = min(self.now + step, at(end))
            await self.tick()

    @property
    def papers(self) -> list[PaperId]:
        """Every paper in the chat, in the order it came."""
        return [e.paper.id for _, post in self.chat.posts for e in entries_of(post)]

    @property
    def late(self) -> list[PaperId]:
        """Those that were marked as added later."""
        return [e.paper.id for _, post in self.chat.posts for e in entries_of(post) if e.late]

    @property
    def headings(self) -> list[str]:
        return [post.title for _, post in self.chat.posts if hasattr(post, "title")]

    async def last_run(self) -> Run:
        return (await self.storage.outbox.runs(CHANNEL, 1))[0]


@asynccontextmanager
async def world(tmp_path: Path | Place, now: str, **rules: object) -> AsyncIterator[World]:
    """A fresh one; its channel is `CHANNEL`."""
    async with temporary_storage(tmp_path) as storage:
        yield World(storage, at(now), rules=Rules(**rules))  # type: ignore[arg-type]


__all__ = ["ANN", "CHANNEL", "STANDARD", "World", "at", "some", "time", "world"]
