"""The storage ports: papers, searches, standing orders, and what is owed; the library's are in its own file.

Every method is one intention and one transaction, and may raise StorageError.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.domain.deliveries import Delivery, Fate, Plan, Run, State
from bot.domain.library import Library, Notes, Privacy, Save, SavedPaper
from bot.domain.papers import DailyList, Listing, Paper, PaperId
from bot.domain.people import Channel, Message, Person, Workspace
from bot.domain.search import Field, Found, Learned, Query
from bot.domain.subscriptions import Edition, Subscription, Terms
from bot.domain.wishes import Reaches, Tastes

__all__ = [
    "Archive",
    "Counts",
    "Heard",
    "Installation",
    "Installations",
    "Kept",
    "Leases",
    "Library",
    "Notes",
    "Outbox",
    "Privacy",
    "Reaches",
    "Save",
    "SavedPaper",
    "Search",
    "Subscriptions",
    "Tastes",
    "View",
]


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of papers handed to the archive."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    added: tuple[PaperId, ...] = ()
    """Those which were not on that listing before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What was seen at a moment: papers, on a listing in this order of rank, or on none."""

    papers: Sequence[Paper]
    as_of: datetime
    listing: Listing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The archive in figures."""

    papers: int = 0
    days: int = 0
    first_day: date | None = None
    last_day: date | None = None
    saves: int = 0
    subscriptions: int = 0


class Archive(Protocol):
    """Papers and the lists they stood on."""

    async def keep(
        self,
        papers: Sequence[Paper],
        *,
        as_of: datetime,
        listing: Listing | None = None,
    ) -> Kept:
        """Merge what was seen at `as_of`. A newer view wins; an older one only fills gaps.

        With a listing, the order of `papers` is its order of rank; a paper that has gone from it stays.
        """
        ...

    async def keep_all(self, views: Sequence[View]) -> Kept:
        """A recording: many views one after the other, all at once or not at all.

        A listing that was never asked for counts as fetched, not settled, at its view's `as_of`.
        """
        ...

    async def fetched(
        self, listing: Listing, *, at: datetime, etag: str | None, settled: bool
    ) -> None:
        """Note that the listing was asked for and answered, be it with nothing.

        `settled` says that the list was complete, so that it need not be asked for again.
        """
        ...

    async def asked(self, listing: Listing) -> tuple[datetime | None, str | None, bool]:
        """When it was last fetched, its ETag, and whether it had settled."""
        ...

    async def unsettled(self, days: Sequence[date]) -> list[date]:
        """Those of these days, in their order, whose lists are not known to the end."""
        ...

    async def paper(self, id: PaperId) -> Paper | None: ...

    async def papers(self, ids: Iterable[PaperId]) -> dict[PaperId, Paper]: ...

    async def daily(self, day: date) -> DailyList: ...

    async def listed(self, listing: Listing) -> list[Paper]:
        """A week, a month or trending, in its own order of rank."""
        ...

    async def featured(self, first: date, last: date) -> list[Paper]:
        """Everything on the daily lists from `first` to `last`, most upvotes first, each once."""
        ...

    async def last_day(self, until: date) -> date | None:
        """The latest day up to `until` whose list has papers."""
        ...

    async def random(self, seed: float) -> Paper | None:
        """Any paper; `seed` in [0, 1) decides which."""
        ...

    async def counts(self) -> Counts: ...


class Search(Protocol):
    """The archive by words and meaning. Never raises for an index that is missing: it is derived and rebuilt."""

    async def search(self, query: Query, *, offset: int = 0, limit: int = 10) -> Found: ...

    async def similar(self, id: PaperId, *, offset: int = 0, limit: int = 10) -> Found:
        """Papers like this one, the nearest first; neither it nor any near-duplicate of another."""
        ...

    async def titles(self, prefix: str, limit: int = 10) -> list[Paper]:
        """Papers whose title has a word beginning so, or whose id begins so, for completion."""
        ...

    async def names(self, field: Field, prefix: str, limit: int = 10) -> list[str]:
        """Names with a word beginning so, those of most papers first, for completion."""
        ...

    async def learned(self) -> Learned | None:
        """How far a better model than the bundled one has come; None when none is wanted."""
        ...

    async def catch_up(self) -> int:
        """Index what the archive has learnt since the last time; how many papers that was."""
        ...


class Subscriptions(Protocol):
    """The standing orders."""

    async def add(self, subscription: Subscription) -> None: ...

    async def replace_terms(self, id: str, terms: Terms, next_run_at: datetime) -> None: ...

    async def remove(self, id: str) -> None:
        """The deliveries it still owes are withdrawn; what was posted stays known."""
        ...

    async def get(self, id: str) -> Subscription | None: ...

    async def of(self, channel: Channel) -> list[Subscription]: ...

    async def within(self, workspace: Workspace) -> list[Subscription]:
        """Those of all channels in a workspace."""
        ...

    async def all(self) -> list[Subscription]: ...

    async def by(self, person: Person) -> list[Subscription]:
        """Those that somebody made, wherever they post; the oldest first."""
        ...

    async def of_edition(self, edition: Edition) -> list[Subscription]:
        """Everybody's of one kind, the oldest first."""
        ...

    async def redirect(
        self, id: str, channel: Channel, terms: Terms, next_run_at: datetime
    ) -> None:
        """From now on it posts there, on these terms. What it owes is withdrawn, and its pause ends."""
        ...

    async def due(
        self, now: datetime, limit: int = 500, after: Subscription | None = None
    ) -> list[Subscription]:
        """Those whose next run has come and which are not paused, the longest due first.

        With `after`, those that come after this one in that order.
        """
        ...

    async def put_off(self, until: Mapping[str, datetime]) -> None:
        """Their next runs are these; whoever rests goes on resting."""
        ...

    async def pause(self, id: str, reason: str) -> None: ...

    async def resume(self, id: str, next_run_at: datetime) -> None: ...


class Outbox(Protocol):
    """What is owed, what was sent, and how every run ended."""

    async def plan(self, plan: Plan) -> bool:
        """Write run, deliveries and the next run at once; False when that edition was planned before."""
        ...

    async def plan_all(self, plans: Sequence[Plan]) -> list[Fate]:
        """Many at once, for one channel one of them at most: all are written, or none and an error is raised."""
        ...

    async def posted(
        self, channel: Channel, papers: Iterable[PaperId], since: datetime | None
    ) -> set[PaperId]:
        """Which of these the channel has had (or is owed) since then; None is ever."""
        ...

    async def posted_in(
        self, channels: Iterable[Channel], papers: Iterable[PaperId], since: datetime | None
    ) -> dict[Channel, frozenset[PaperId]]:
        """The same for many channels; those that had none of these are left out."""
        ...

    async def claim(self, now: datetime, lease_until: datetime, limit: int = 50) -> list[Delivery]:
        """Take owed deliveries whose time has come, in order; a part waits for the parts before it."""
        ...

    async def sent(self, key: str, message: Message, at: datetime) -> bool:
        """Record the address, and that this message shows these papers.

        True when its subscription rests, which need not be any more.
        """
        ...

    async def put_back(
        self, key: str, state: State, *, at: datetime, reason: str, attempts: int | None = None
    ) -> None:
        """Owed again at a time, unknown, or failed for good.

        With `attempts`, nothing changes once somebody else has taken the delivery: that one has the say.
        """
        ...

    async def unsettled(self, now: datetime, lease_until: datetime | None = None) -> list[Delivery]:
        """Unknown ones whose time has come, and those left in `sending` by a process that died.

        With `lease_until`, nobody else is given them before that, unless they are put back sooner.
        """
        ...

    async def message_of(self, key: str) -> Message | None: ...

    async def showing(self, channel: Channel, paper: PaperId) -> str | None:
        """The key of the first message that showed the paper there to everybody, of those that still stand."""
        ...

    async def runs(self, place: Channel | Workspace, limit: int = 5) -> list[Run]:
        """Those of a channel, or of all in a workspace; the latest first."""
        ...

    async def owed(self, place: Channel | Workspace | None = None) -> int:
        """Messages that are neither sent nor given up: in a channel, in a workspace, or everywhere."""
        ...

    async def prune(self, before: datetime) -> int:
        """Forget old runs; never what was posted."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A workspace that added us by itself, and the token it gave us."""

    workspace: Workspace
    token: str = field(repr=False)
    bot: str
    """Our user there."""
    name: str = ""
    """The workspace's own."""
    scopes: frozenset[str] = frozenset()
    installed_by: Person | None = None
    at: datetime


class Installations(Protocol):
    """The tokens of workspaces; what lies in the database is encrypted."""

    async def keep(self, installation: Installation) -> None:
        """Also in the place of an earlier one."""
        ...

    async def of(self, workspace: Workspace) -> Installation | None: ...

    async def all(self, platform: str) -> list[Installation]: ...

    async def remove(self, workspace: Workspace) -> bool: ...


class Heard(Protocol):
    """What platforms told us: once is enough."""

    async def first(self, key: str, now: datetime, within: timedelta) -> bool:
        """Whether `key` was not heard since `now - within`; from now on it was."""
        ...

    async def forget(self, before: datetime) -> int: ...


class Leases(Protocol):
    """What one process at a time may do, of all that share the database: each right has a name, and its
    holder keeps it until a moment of the database's clock."""

    async def hold(self, names: Iterable[str], holder: str, length: timedelta) -> frozenset[str]:
        """Take what nobody else holds, and prolong what is `holder`'s already; those that are now."""
        ...

    async def held(self, prefix: str) -> Mapping[str, str]:
        """Name -> holder, of those whose name begins so and which have not ended."""
        ...

    async def release(self, names: Iterable[str], holder: str) -> None:
        """Give back before the end, so that nobody has to wait for it; what is another's stays."""
        ...

    async def forget(self) -> int:
        """Let go of what ended long ago; how many that were."""
        ...
