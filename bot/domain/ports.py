"""The ports to the outside: what the core asks of platforms and sources, and what it offers to doors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from bot.domain.deliveries import Shown
from bot.domain.forms import Form
from bot.domain.papers import Fetched, Listing, Paper, PaperId
from bot.domain.people import Channel, Message, Person, Workspace
from bot.domain.posts import Post, Reply
from bot.domain.stores import Installations, Leases

# --- outward: platforms and sources


@dataclass(frozen=True, slots=True)
class Budget:
    """What fits in one message of a platform: papers, and characters of their text."""

    entries: int = 10
    characters: int = 3_000
    pictures: bool = True
    """Whether it shows any: else charts need not be drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A post on its way out. `key` travels with it where the platform has a place for one."""

    channel: Channel
    post: Post
    key: str
    reply_to: Message | None = None
    plain: bool = False
    """Send it without any decoration: the decorated one was refused."""


class Messenger(Protocol):
    """A chat platform we can speak on."""

    platform: str
    budget: Budget
    command: str
    """How people call us there; `/paper` unless another app has taken that."""

    async def send(self, outgoing: Outgoing) -> Message:
        """Raises a DeliveryError."""
        ...

    async def find(self, channel: Channel, key: str, since: datetime) -> Message | None:
        """The message that carries `key`, if it was sent after `since`.

        Raises Unavailable when the platform cannot tell.
        """
        ...

    async def recalls(self, channel: Channel) -> bool:
        """Whether `find` can work there: else a post whose answer was lost stays unknown. Never raises."""
        ...

    async def tell(self, person: Person, post: Post) -> None:
        """Say something to one person directly, once and without looking back. Raises a DeliveryError."""
        ...

    async def direct(self, person: Person) -> Channel:
        """Where we and this person are alone, for posts that must arrive. Raises a DeliveryError."""
        ...


class PaperSource(Protocol):
    """Where papers come from. Every call keeps to a budget of seconds, retries included."""

    async def fetch(
        self, listing: Listing, *, etag: str | None = None, budget: float = 20.0
    ) -> Fetched:
        """The whole list, all pages of it. Raises NotYet for a day to come, Unavailable otherwise."""
        ...

    async def search(self, text: str, *, limit: int = 20, budget: float = 3.0) -> Fetched:
        """Raises Unavailable."""
        ...

    async def paper(self, id: PaperId, *, budget: float = 3.0) -> Paper | None:
        """None when Hugging Face has no page for it. Raises Unavailable."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How old the archive's view of a listing is; `problem` says why it is not newer, for people."""

    at: datetime | None = None
    problem: str = ""


class Refresher(Protocol):
    """Brings a part of the archive up to date within a few seconds, or says why not. Never raises Unavailable."""

    async def refresh(
        self, listing: Listing, *, max_age: timedelta, budget: float = 1.5
    ) -> Freshness:
        """Ask the source if our view is older than `max_age` and has not settled."""
        ...

    async def look_up(self, id: PaperId, *, budget: float = 1.5) -> Paper | None:
        """A paper that the archive lacks, fetched and kept; None when it cannot be had."""
        ...

    async def look_beyond(
        self, text: str, *, limit: int = 20, budget: float = 1.5
    ) -> Sequence[Paper]:
        """What Hugging Face's own search finds, the best first, and kept; () when it cannot be asked."""
        ...


# --- inward: what a door may ask of the core


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who speaks, where, and with which rights; the door knows."""

    person: Person
    channel: Channel
    admin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """An emoji put on a message of ours or taken away.

    `position` is set where the platform lets people point at one paper of several (a button, `react 3`).
    """

    message: Message
    person: Person
    emoji: str
    added: bool = True
    position: int | None = None


class Desk(Protocol):
    """The core as a door sees it. No method raises for what a person typed."""

    @property
    def commands(self) -> Sequence[Form]:
        """What people can ask for."""
        ...

    async def say(self, caller: Caller, text: str) -> Reply:
        """Answer a line of text, with or without `/paper` before it."""
        ...

    async def call(self, caller: Caller, command: str, options: Mapping[str, str]) -> Reply:
        """Answer a command whose options the platform has already told apart."""
        ...

    def faults(self, command: str, options: Mapping[str, str]) -> Mapping[str, str]:
        """What is wrong with which option, by its name, in words for people; {} when all can be read.

        Asks nobody and changes nothing: for forms that show what is wrong beside the field.
        """
        ...

    async def first(self, key: str, within: timedelta = timedelta(days=1)) -> bool:
        """Whether `key` is heard for the first time in that long, by any process on this database.

        For platforms that deliver an event again: the id of an event, heard once, is acted on once.
        """
        ...

    async def react(self, reaction: Reaction) -> Reply | None:
        """None when the reaction is nobody's business of ours."""
        ...

    async def shown(self, message: Message, post: Post, *, to: Person | None = None) -> None:
        """Remember which papers a message shows, so that reactions to it can be understood.

        `to` is who alone can see it: for everybody else it does not change what `3` means.
        """
        ...

    async def suggest(self, caller: Caller, text: str) -> Sequence[str]:
        """Ways to finish the last word of a command line, the likeliest first."""
        ...

    def saves(self, emoji: str) -> bool:
        """Whether a reaction with this emoji can mean anything to us: a save, or an opinion."""
        ...

    async def recent(self, platform: str, limit: int = 50) -> Sequence[Shown]:
        """The latest posts of ours with papers on a platform, the newest first; answers are none."""
        ...

    async def reconcile(self, message: Message, standing: Sequence[Reaction]) -> int:
        """Make up for reactions missed while the door was shut; `standing` are all that are there now."""
        ...

    async def channels(self, platform: str) -> Sequence[Channel]:
        """Those that have subscriptions."""
        ...

    async def left(self, place: Channel | Workspace) -> int:
        """We can no longer be there: pause what is ordered there, and say how much that is."""
        ...

    async def returned(self, place: Channel | Workspace) -> int:
        """We are there again: resume what `left` had paused."""
        ...


class Door(Protocol):
    """An adapter: a messenger, and a loop that hands events to the desk until it is cancelled."""

    messenger: Messenger

    async def run(self, desk: Desk) -> None: ...


@runtime_checkable
class Installable(Protocol):
    """A door that workspaces we were never told of can add by themselves."""

    def host(self, installations: Installations) -> None:
        """Where their tokens are kept; called once, before anything else."""
        ...


@runtime_checkable
class Shared(Protocol):
    """A door that several processes keep open at once, and that has to agree with the others on who does what."""

    def share(self, leases: Leases, replica: str) -> None:
        """Where they agree, and what this process is called there; called once, before anything else."""
        ...


@runtime_checkable
class Watched(Protocol):
    """A door that knows how it is."""

    def ailment(self) -> str:
        """What is wrong with the connection, in one line; "" when it is up."""
        ...
