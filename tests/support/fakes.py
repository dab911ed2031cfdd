"""Stand-ins for the ports: small, stateful, in memory. What breaks them is said by a verb."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from bot.domain.deliveries import Shown
from bot.domain.errors import ChannelRefused, DeliveryError, Unavailable
from bot.domain.papers import Fetched, Listing, Paper, PaperId
from bot.domain.people import Channel, Message, Person, Workspace
from bot.domain.ports import Budget, Freshness, Outgoing
from bot.domain.posts import Post
from bot.domain.search import Found, Hit, Query, Word
from bot.domain.stores import Save, SavedPaper
from tests.support.fake_archive import CHANNEL, NOW, FakeArchive, paper, papers
from tests.support.fake_outbox import FakeOutbox, FakeSubscriptions

__all__ = [
    "CHANNEL",
    "NOW",
    "FakeArchive",
    "FakeHeard",
    "FakeLibrary",
    "FakeMessenger",
    "FakeOutbox",
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
        ]
        return Found(tuple(hits[offset : offset + limit]), len(hits))

    async def titles(self, prefix: str, limit: int = 10) -> list[Paper]:
        return [
            one
            for one in self.archive.known.values()
            if any(word.startswith(prefix.lower()) for word in one.title.lower().split())
        ][:limit]

    async def catch_up(self) -> int:
        return 0


class FakeLibrary:
    """Remembers acts of saving, and which message shows what."""

    def __init__(self, archive: FakeArchive) -> None:
        self.archive = archive
        self.saves: list[Save] = []
        self.messages: dict[Message, Shown] = {}

    def _of(self, workspace: Workspace, paper: PaperId) -> list[Save]:
        found = [s for s in self.saves if s.workspace == workspace and s.paper == paper]
        return sorted(found, key=lambda save: save.at)

    async def save(self, save: Save) -> bool:
        before = await self.is_saved(save.person, save.workspace, save.paper)
        acts = {(s.person, s.origin) for s in self._of(save.workspace, save.paper)}
        if (save.person, save.origin) not in acts:
            self.saves.append(save)
        return not before

    async def unsave(
        self, person: Person, workspace: Workspace, paper: PaperId, origin: str | None = None
    ) -> bool:
        taken = [
            save
            for save in self._of(workspace, paper)
            if save.person == person and origin in (None, save.origin)
        ]
        self.saves = [save for save in self.saves if save not in taken]
        return bool(taken)

    async def is_saved(self, person: Person, workspace: Workspace, paper: PaperId) -> bool:
        return any(save.person == person for save in self._of(workspace, paper))

    async def saved(
        self,
        workspace: Workspace,
        person: Person | None,
        *,
        words: Sequence[Word] = (),
        offset: int = 0,
        limit: int = 10,
    ) -> tuple[list[SavedPaper], int]:
        mine = [s for s in self.saves if s.workspace == workspace and person in (None, s.person)]
        first: dict[PaperId, datetime] = {}
        for save in sorted(mine, key=lambda save: save.at):
            first.setdefault(save.paper, save.at)
        newest = sorted(first, key=lambda known: (first[known], known), reverse=True)
        by = await self.savers(workspace, newest)
        found = [SavedPaper(self.archive.known[id], by[id], first[id]) for id in newest]
        for word in words:
            found = [one for one in found if word.text.lower() in one.paper.title.lower()]
        return found[offset : offset + limit], len(found)

    async def savers(
        self, workspace: Workspace, papers: Iterable[PaperId]
    ) -> dict[PaperId, tuple[Person, ...]]:
        by = {id: tuple(dict.fromkeys(s.person for s in self._of(workspace, id))) for id in papers}
        return {id: people for id, people in by.items() if people}

    async def remember(self, shown: Shown) -> None:
        self.messages.pop(shown.message, None)
        self.messages[shown.message] = shown

    async def shown(self, message: Message) -> Shown | None:
        return self.messages.get(message)

    async def latest(self, channel: Channel, person: Person) -> Shown | None:
        here = [
            shown
            for shown in self.messages.values()
            if shown.message.channel == channel and shown.to in (None, person)
        ]
        return here[-1] if here else None

    async def recent(self, platform: str, limit: int = 50) -> list[Shown]:
        there = [s for s in self.messages.values() if s.message.channel.platform == platform]
        return there[::-1][:limit]

    async def saved_on(self, shown: Shown) -> list[Save]:
        return [save for save in self.saves if save.message == shown.message]


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
