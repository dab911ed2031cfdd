"""Nouns of a library: what people saved and wrote on it, which of it is wanted, and the ports that keep it.

Whose is what: a save is seen by the team, a tag too, since the team finds papers by it; a note is its writer's alone
unless they wrote it for the team; what somebody has read is nobody else's business.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from bot.domain.deliveries import Shown
from bot.domain.papers import Paper, PaperId
from bot.domain.people import Channel, Message, Person, Workspace
from bot.domain.posts import Remark
from bot.domain.search import Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Save:
    """A paper somebody saved. `origin` tells one act of saving from another, so that taking away a
    reaction takes back just what it did: `command`, or message and emoji."""

    person: Person
    workspace: Workspace
    paper: PaperId
    at: datetime
    origin: str
    message: Message | None = None
    channel: Channel | None = None
    """Where it was done."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What is on a paper, as one reader sees it."""

    tags: tuple[str, ...] = ()
    """Everybody's in the team, the commonest first."""
    own: frozenset[str] = frozenset()
    """Which of these are the reader's."""
    remarks: tuple[Remark, ...] = ()
    """The reader's own note, then those that others wrote for the team."""
    read: bool = False
    """The reader has read it."""


UNMARKED = Marks()


@dataclass(frozen=True, slots=True)
class SavedPaper:
    """A saved paper, who saved it, when it was first saved, and what is on it."""

    paper: Paper
    by: tuple[Person, ...]
    at: datetime
    marks: Marks = UNMARKED


class Whose(StrEnum):
    """Whose saved papers are wanted."""

    ME = "me"
    TEAM = "team"
    HERE = "here"
    """The team's that were posted or saved in one channel."""


class Order(StrEnum):
    """By when they were first saved, or by what the world thinks of them; the most comes first."""

    NEW = "new"
    OLD = "old"
    UPVOTES = "upvotes"
    STARS = "stars"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedQuery:
    """Which saved papers somebody wants to see: a list, and an export, are made from this."""

    reader: Person
    """Whose own notes, tags and read marks count."""
    channel: Channel
    """Where it is asked: the library is its workspace's team's."""
    whose: Whose = Whose.ME
    words: tuple[Word, ...] = ()
    """All of these stand in title, abstract, authors, keywords or a note that the reader may read; none of the
    excluded does."""
    tags: tuple[str, ...] = ()
    """Each of these is on it: the reader's own of their papers, else anybody's in the team."""
    unread: bool = False
    by: Person | None = None
    """Only what this member of the team saved."""
    since: datetime | None = None
    """First saved then or later."""
    order: Order = Order.NEW

    @property
    def owner(self) -> Person | None:
        """Whose saves are counted; None is everybody's."""
        return self.reader if self.whose is Whose.ME else self.by

    @property
    def filters(self) -> bool:
        """Whether it leaves out anything that is saved there."""
        given = (self.words, self.tags, self.unread, self.by, self.since)
        return any(given) or self.whose is Whose.HERE


@dataclass(frozen=True, slots=True)
class Saved:
    """A slice of saved papers, how many there are in all, and of all of these the reader has not read."""

    papers: tuple[SavedPaper, ...] = ()
    total: int = 0
    unread: int | None = None
    """None where it was not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What somebody wrote on a paper; there is one of theirs on each."""

    person: Person
    workspace: Workspace
    paper: PaperId
    text: str
    at: datetime
    shared: bool = False
    """For the team; else nobody but the writer reads it."""


class Library(Protocol):
    """What people saved, and which message shows what."""

    async def save(self, save: Save) -> bool:
        """False when this person had saved the paper in this workspace before."""
        ...

    async def unsave(
        self, person: Person, workspace: Workspace, paper: PaperId, origin: str | None = None
    ) -> bool:
        """Take back one act of saving, or all with None; False when the paper was not saved so."""
        ...

    async def is_saved(self, person: Person, workspace: Workspace, paper: PaperId) -> bool: ...

    async def saved(self, query: SavedQuery, *, offset: int = 0, limit: int = 10) -> Saved: ...

    async def saved_ids(
        self, workspace: Workspace, person: Person | None, limit: int = 10_000
    ) -> frozenset[PaperId]:
        """What this person saved, or with None anybody, in the workspace: the latest so many."""
        ...

    async def posted(self, channel: Channel, limit: int = 10_000) -> frozenset[PaperId]:
        """Papers that everybody in a channel was shown there: the latest so many."""
        ...

    async def savers(
        self, workspace: Workspace, papers: Iterable[PaperId]
    ) -> dict[PaperId, tuple[Person, ...]]: ...

    async def people(self, workspace: Workspace, limit: int = 1_000) -> list[Person]:
        """Who saved papers in the team, with their latest names; who saved most comes first."""
        ...

    async def discussed(
        self, channel: Channel, papers: Iterable[PaperId]
    ) -> dict[PaperId, Message]:
        """A message that showed the paper to everybody: in this channel, else where the team saved it first."""
        ...

    async def remember(self, shown: Shown) -> None: ...

    async def shown(self, message: Message) -> Shown | None:
        """None when the message is not one of ours."""
        ...

    async def latest(self, channel: Channel, person: Person) -> Shown | None:
        """The last message of ours with papers that this person can see in a channel."""
        ...

    async def recent(self, platform: str, limit: int = 50) -> list[Shown]:
        """The latest posts of ours with papers on a platform, the newest first; answers are none."""
        ...

    async def saved_on(self, shown: Shown) -> list[Save]:
        """The acts of saving that reactions to this message did, and that stand."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """Somebody said of a paper that it is for them, or not."""

    person: Person
    workspace: Workspace
    paper: PaperId
    likes: bool
    at: datetime


class Opinions(Protocol):
    """What recommendations learn from, beside what people save."""

    async def say(self, opinion: Opinion) -> None:
        """In the place of what they said of it before."""
        ...

    async def unsay(self, person: Person, workspace: Workspace, paper: PaperId) -> bool:
        """False when they had not said anything."""
        ...

    async def said(self, person: Person, workspace: Workspace, paper: PaperId) -> bool | None:
        """Whether it is for them; None when they did not say."""
        ...

    async def of(
        self, workspace: Workspace, person: Person | None, *, likes: bool, limit: int = 1_000
    ) -> list[PaperId]:
        """What this person, or with None anybody in the team, likes or does not, the latest first."""
        ...


class Notes(Protocol):
    """What people write on papers: a note, tags, and that they have read them."""

    async def note(self, note: Note) -> Note | None:
        """Put it in the place of the writer's earlier one, which is returned; without text that just goes."""
        ...

    async def tag(
        self,
        person: Person,
        workspace: Workspace,
        paper: PaperId,
        *,
        add: Iterable[str] = (),
        remove: Iterable[str] = (),
        at: datetime,
    ) -> None:
        """Put tags of this person on a paper, and take some off."""
        ...

    async def mark(
        self, person: Person, workspace: Workspace, paper: PaperId, *, read: bool, at: datetime
    ) -> bool:
        """Read, or not any more; False when it was so before."""
        ...

    async def marks(
        self, reader: Person, workspace: Workspace, papers: Iterable[PaperId]
    ) -> dict[PaperId, Marks]:
        """What is on these papers for a reader in a workspace; those with nothing on them are left out."""
        ...

    async def tags(
        self, workspace: Workspace, person: Person | None = None, limit: int = 1_000
    ) -> Mapping[str, int]:
        """The tags of the team, or of one person, and on how many papers each is; the commonest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Everything kept about a person, wherever they met us: kind -> records for JSON."""

    person: Person
    records: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """How many records of each kind there are; kinds without one are left out."""
        return {kind: len(found) for kind, found in self.records.items() if found}


class Privacy(Protocol):
    """What is kept about people, and its end."""

    async def about(self, person: Person) -> About: ...

    async def forget(self, person: Person) -> None:
        """Delete everything about them. What a team has in common stays, without their name: a channel's
        subscription that they made, a workspace they installed us in."""
        ...

    async def forgotten(self, message: Message, people: Iterable[Person]) -> frozenset[Person]:
        """Which of these have been forgotten since this message was shown: reactions of theirs that stand
        there are not to be understood any more."""
        ...
