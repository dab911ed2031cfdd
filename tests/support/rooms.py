"""A room full of fakes, and somebody in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count

from bot.commands.room import Room
from bot.desk import FrontDesk
from bot.domain.people import Channel, Message, Person
from bot.domain.ports import Budget, Caller, Reaction
from bot.domain.posts import Post, Reply, entries_of
from bot.domain.subscriptions import Edition
from bot.drawing import Illustrate
from bot.making import Maker
from tests.support.fake_club import FakeClub
from tests.support.fake_library import FakeOpinions
from tests.support.fake_people import FakeReaches, FakeStatistics, FakeTastes
from tests.support.fakes import (
    CHANNEL,
    NOW,
    FakeArchive,
    FakeHeard,
    FakeLibrary,
    FakeMessenger,
    FakeNotes,
    FakeOutbox,
    FakePrivacy,
    FakeRefresher,
    FakeSearch,
    FakeSubscriptions,
)

ANN = Person("terminal", "ann", "Ann")
BOB = Person("terminal", "bob", "Bob")


@dataclass
class Office:
    """A front desk on fakes. `now` can be moved; what is said is remembered like on a platform."""

    now: datetime = NOW
    archive: FakeArchive = field(default_factory=FakeArchive)
    subscriptions: FakeSubscriptions = field(default_factory=FakeSubscriptions)
    dice: float = 0.0
    _ids: Iterator[int] = field(default_factory=lambda: count(1))
    _messages: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.search = FakeSearch(self.archive)
        self.notes = FakeNotes()
        self.opinions = FakeOpinions()
        self.club = FakeClub(self.subscriptions)
        self.statistics = FakeStatistics()
        self.tastes = FakeTastes()
        self.library = FakeLibrary(self.archive, self.notes)
        self.privacy = FakePrivacy(self.library, self.notes)
        self.outbox = FakeOutbox(self.subscriptions)
        self.reaches = FakeReaches()
        self.chat = FakeMessenger()
        self.heard = FakeHeard()
        self.refresher = FakeRefresher(self.archive)
        self.room = Room(
            archive=self.archive,
            search=self.search,
            library=self.library,
            opinions=self.opinions,
            statistics=self.statistics,
            club=self.club,
            tastes=self.tastes,
            notes=self.notes,
            privacy=self.privacy,
            subscriptions=self.subscriptions,
            outbox=self.outbox,
            reaches=self.reaches,
            direct=self.chat.direct,
            heard=self.heard,
            refresher=self.refresher,
            clock=lambda: self.now,
            dice=lambda: self.dice,
            new_id=lambda: f"s{next(self._ids)}",
        )
        self.desk = FrontDesk(self.room)

    def make(self, edition: Edition, maker: Maker) -> None:
        """From now on somebody makes this edition."""
        self.room = replace(self.room, makers={edition: maker})
        self.desk = FrontDesk(self.room)

    def draws(self, illustrate: Illustrate, *, pictures: bool) -> None:
        """Charts are drawn so, for a platform that shows pictures or does not."""
        self.room = replace(self.room, budgets={"terminal": Budget(pictures=pictures)})
        self.desk = FrontDesk(self.room, illustrate=illustrate)

    async def says(
        self, text: str, who: Person = ANN, *, admin: bool = True, channel: Channel = CHANNEL
    ) -> Reply:
        """Say a line and see the answer, which the platform then reports as shown."""
        reply = await self.desk.say(Caller(person=who, channel=channel, admin=admin), text)
        for post in reply.posts:
            await self.shows(post, channel, to=who if reply.private else None)
        return reply

    async def says_one(self, text: str, who: Person = ANN, *, admin: bool = True) -> Post:
        """The only post of the answer."""
        reply = await self.says(text, who, admin=admin)
        (post,) = reply.posts
        return post

    async def shows(
        self, post: Post, channel: Channel = CHANNEL, *, to: Person | None = None
    ) -> Message:
        """A message of ours with this post."""
        message = Message(channel, f"m{next(self._messages)}")
        await self.desk.shown(message, post, to=to)
        return message

    async def reacts(
        self,
        message: Message,
        emoji: str,
        who: Person = ANN,
        *,
        added: bool = True,
        position: int | None = None,
    ) -> Post | None:
        """The desk's answer to a reaction, None when it has none."""
        reaction = Reaction(
            message=message, person=who, emoji=emoji, added=added, position=position
        )
        reply = await self.desk.react(reaction)
        return reply.posts[0] if reply else None


def titles(post: Post) -> list[str]:
    """The papers in a post, in order."""
    return [entry.paper.title for entry in entries_of(post)]


def numbers(post: Post) -> list[int]:
    """Their numbers."""
    return [entry.number for entry in entries_of(post)]
