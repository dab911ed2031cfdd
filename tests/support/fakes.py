"""Stand-ins for the ports: small, stateful, in memory. What breaks them is said by a verb."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from bot.domain.errors import ChannelRefused, DeliveryError, Unavailable
from bot.domain.papers import Fetched, Listing, Paper, PaperId
from bot.domain.people import Channel, Message, Person, Workspace
from bot.domain.ports import Budget, Freshness, Outgoing
from bot.domain.posts import Post
from bot.domain.search import Field, Found, Hit, Learned, Query
from tests.support.fake_archive import CHANNEL, NOW, FakeArchive, paper, papers
from tests.support.fake_library import FakeLibrary, FakeNotes, FakePrivacy
from tests.support.fake_outbox import FakeOutbox, FakeSubscriptions

__all__ = [
    "CHANNEL",
    "NOW",
    "FakeArchive",
    "FakeHeard",
    "FakeLibrary",
    "FakeMessenger",
    "FakeNotes",
    "FakeOutbox",
    "FakePrivacy",
    "FakeRefresher",
    "FakeSearch",
    "FakeSource",
    "FakeSubscriptions",
    "paper",
    "papers",
]


class FakeSearch:
    """Finds papers whose title has every word; remembers the queries."""

    def __init__(self, archive: FakeArchive) -> None:
        self.archive = archive
        self.queries: list[Query] = []
        self.model: Learned | None = None

    async def search(self, query: Query, *, offset: int = 0, limit: int = 10) -> Found:
        self.queries.append(query)
        wanted = [word.text.lower() for word in query.words if not word.excluded]
        unwanted = [word.text.lower() for word in query.words if word.excluded]
        hits = [
            Hit(one, why="in the title")
            for one in sorted(self.archive.known.values(), key=lambda one: one.id)
            if all(word in one.title.lower() for word in wanted)
            and not any(word in one.title.lower() for word in unwanted)
            and one.upvotes >= query.min
            and (query.within is None or one.id in query.within)
        ]
        return Found(tuple(hits[offset : offset + limit]), len(hits))

    async def similar(self, id: PaperId, *, offset: int = 0, limit: int = 10) -> Found:
        words = set(self.archive.known[id].title.split())
        hits = [
            Hit(one, why="similar in meaning")
            for one in sorted(self.archive.known.values(), key=lambda one: one.id)
            if one.id != id and words & set(one.title.split())
        ]
        return Found(tuple(hits[offset : offset + limit]), len(hits))

    async def learned(self) -> Learned | None:
        return self.model

    async def names(self, field: Field, prefix: str, limit: int = 10) -> list[str]:
        papers = self.archive.known.values()
        found = {
            Field.AUTHOR: [name for one in papers for name in one.authors],
            Field.ORGANIZATION: [one.organization or "" for one in papers],
            Field.KEYWORD: [name for one in papers for name in one.keywords],
        }
        typed = prefix.lower()
        names = {n: None for n in found[field] if n and n.lower().startswith(typed)}
        return [*names][:limit]

    async def titles(self, prefix: str, limit: int = 10) -> list[Paper]:
        return [
            one
            for one in self.archive.known.values()
            if any(word.startswith(prefix.lower()) for word in one.title.lower().split())
        ][:limit]

    async def catch_up(self) -> int:
        return 0


@dataclass
class FakeSource:
    """Gives the lists it was told of; while `down` is set, it raises that."""

    lists: dict[Listing, Fetched] = field(default_factory=dict)
    pages: dict[PaperId, Paper] = field(default_factory=dict)
    down: Unavailable | None = None
    asked: list[Listing | PaperId | str] = field(default_factory=list)

    def publish(self, listing: Listing, *listed: Paper, etag: str | None = None) -> None:
        self.lists[listing] = Fetched(papers=listed, etag=etag)
        self.pages |= {one.id: one for one in listed}

    def _note(self, what: Listing | PaperId | str) -> None:
        self.asked.append(what)
        if self.down:
            raise self.down

    async def fetch(
        self, listing: Listing, *, etag: str | None = None, budget: float = 20.0
    ) -> Fetched:
        self._note(listing)
        found = self.lists.get(listing, Fetched())
        if etag is not None and etag == found.etag:
            return Fetched(etag=etag, unchanged=True)
        return found

    async def search(self, text: str, *, limit: int = 20, budget: float = 3.0) -> Fetched:
        self._note(text)
        found = [one for one in self.pages.values() if text.lower() in one.title.lower()]
        return Fetched(papers=tuple(found[:limit]))

    async def paper(self, id: PaperId, *, budget: float = 3.0) -> Paper | None:
        self._note(id)
        return self.pages.get(id)


@dataclass
class FakeRefresher:
    """Copies what is upstream into the archive; with a `problem` it only says so."""

    archive: FakeArchive
    upstream: dict[Listing, tuple[Paper, ...]] = field(default_factory=dict)
    pages: dict[PaperId, Paper] = field(default_factory=dict)
    problem: str = ""
    now: datetime = NOW
    asked: list[Listing] = field(default_factory=list)
    sought: list[str] = field(default_factory=list)

    async def refresh(
        self, listing: Listing, *, max_age: timedelta, budget: float = 1.5
    ) -> Freshness:
        self.asked.append(listing)
        if self.problem:
            return Freshness(at=(await self.archive.asked(listing))[0], problem=self.problem)
        if listing in self.upstream:
            await self.archive.keep(self.upstream[listing], as_of=self.now, listing=listing)
        await self.archive.fetched(listing, at=self.now, etag=None, settled=False)
        return Freshness(at=self.now)

    async def look_beyond(
        self, text: str, *, limit: int = 20, budget: float = 1.5
    ) -> Sequence[Paper]:
        self.sought.append(text)
        if self.problem:
            return ()
        found = [one for one in self.pages.values() if text.lower() in one.title.lower()][:limit]
        await self.archive.keep(found, as_of=self.now)
        return found

    async def look_up(self, id: PaperId, *, budget: float = 1.5) -> Paper | None:
        found = None if self.problem else self.pages.get(id)
        if found:
            await self.archive.keep([found], as_of=self.now)
        return found


@dataclass
class FakeMessenger:
    """Remembers what was posted; some channels can be down, and errors can be lined up.

    An error from `then` is raised once, in order; with `takes_anyway` the post is there all the same,
    as when an answer is lost.
    """

    platform: str = "terminal"
    budget: Budget = field(default_factory=Budget)
    sent: list[tuple[Message, Outgoing]] = field(default_factory=list)
    down: dict[Channel, DeliveryError] = field(default_factory=dict)
    then: list[DeliveryError | None] = field(default_factory=list)
    takes_anyway: bool = False
    blind: bool = False
    attempts: int = 0
    command: str = "/paper"
    told: list[tuple[Person, Post]] = field(default_factory=list)
    deaf: set[Person] = field(default_factory=set)
    """Who takes no direct messages."""
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def posts(self) -> list[tuple[Channel, Post]]:
        return [(message.channel, outgoing.post) for message, outgoing in self.sent]

    async def send(self, outgoing: Outgoing) -> Message:
        self.attempts += 1
        error = self.down.get(outgoing.channel) or (self.then.pop(0) if self.then else None)
        message = Message(outgoing.channel, str(next(self._ids)))
        if error is None or self.takes_anyway:
            self.sent.append((message, outgoing))
        if error:
            raise error
        return message

    async def find(self, channel: Channel, key: str, since: datetime) -> Message | None:
        if self.blind:
            raise Unavailable("the platform cannot tell")
        for message, outgoing in self.sent:
            if message.channel == channel and outgoing.key == key:
                return message
        return None

    async def recalls(self, channel: Channel) -> bool:
        return not self.blind

    async def direct(self, person: Person) -> Channel:
        if person in self.deaf:
            raise ChannelRefused("This person takes no direct messages.")
        return Channel(Workspace(self.platform, "local"), f"@{person.id}")

    async def tell(self, person: Person, post: Post) -> None:
        if person in self.deaf:
            raise ChannelRefused("This person takes no direct messages.")
        self.told.append((person, post))


class FakeHeard:
    """Remembers every key."""

    def __init__(self) -> None:
        self.keys: dict[str, datetime] = {}

    async def first(self, key: str, now: datetime, within: timedelta) -> bool:
        if key in self.keys and self.keys[key] > now - within:
            return False
        self.keys[key] = now
        return True

    async def forget(self, before: datetime) -> int:
        old = [key for key, at in self.keys.items() if at < before]
        for key in old:
            del self.keys[key]
        return len(old)
