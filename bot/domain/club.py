"""Nouns of a channel's journal club: what is nominated, who votes, when people meet; and the port that keeps it.

A club is one channel's: no other sees it. Nominations and meetings are what the channel has in common; a vote is
its voter's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.domain.deliveries import Shown
from bot.domain.papers import PaperId
from bot.domain.people import Channel, Message, Person
from bot.domain.subscriptions import Subscription

ARCHIVED_AFTER = timedelta(days=1)
"""A meeting that nobody archives is archived by itself so long after it began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nomination:
    """A paper that somebody would like to discuss, as one reader sees it."""

    channel: Channel
    paper: PaperId
    by: Person | None
    """None once they wanted to be forgotten."""
    at: datetime
    votes: int = 0
    mine: bool = False
    """The reader votes for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One act of voting. `origin` tells one from another, so that taking away a reaction takes back just what
    it did: `command`, or message and emoji. However many there are, a person counts once."""

    channel: Channel
    paper: PaperId
    person: Person
    origin: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """When a channel discusses a paper. The hour is a local one, whatever clocks do before that day."""

    id: str
    """Its subscription's: that one announces it."""
    channel: Channel
    paper: PaperId
    day: date
    at: time
    tz: str
    minutes: int = 60
    picked_by: Person | None
    picked_at: datetime
    votes: int = 0
    """When it was picked."""
    ended_at: datetime | None = None

    @property
    def start(self) -> datetime:
        """UTC. An hour that a clock change skips begins when the clocks have moved."""
        return datetime.combine(self.day, self.at, ZoneInfo(self.tz)).astimezone(UTC)

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=self.minutes)

    def is_past(self, now: datetime) -> bool:
        """Whether it is archived."""
        return self.ended_at is not None or now >= self.start + ARCHIVED_AFTER


def ranked(nominations: Iterable[Nomination]) -> list[Nomination]:
    """Most votes first; of equals the one that was nominated first."""
    return sorted(nominations, key=lambda one: (-one.votes, one.at, one.paper))


class Club(Protocol):
    """The journal clubs of all channels."""

    async def nominate(self, nomination: Nomination) -> bool:
        """False when the paper stands there already, nominated or picked for a meeting that is not past."""
        ...

    async def ranking(self, channel: Channel, reader: Person) -> list[Nomination]:
        """What is nominated and not picked, as `ranked` has it."""
        ...

    async def show(self, message: Message, paper: PaperId) -> None:
        """This message asks its channel for votes for the paper."""
        ...

    async def ballot(self, message: Message) -> PaperId | None:
        """The paper that reactions to this message vote for, while it is nominated and not picked."""
        ...

    async def ballots(self, platform: str, limit: int = 50) -> list[Shown]:
        """Messages that ask for votes now, the latest first."""
        ...

    async def vote(self, vote: Vote) -> bool:
        """False when the paper is not nominated there, or this act is known."""
        ...

    async def unvote(
        self, person: Person, channel: Channel, paper: PaperId, origin: str | None = None
    ) -> bool:
        """Take back one act of voting, or all with None; False when there was none."""
        ...

    async def votes_on(self, message: Message) -> list[Vote]:
        """Those that reactions to this message did, and that stand."""
        ...

    async def pick(self, meeting: Meeting, subscription: Subscription) -> bool:
        """Write both at once; the paper is no longer among the nominated. False when it is picked already."""
        ...

    async def cancel(self, id: str) -> bool:
        """Forget a meeting: if its paper was nominated it is so again, with its votes."""
        ...

    async def end(self, id: str, at: datetime) -> bool:
        """Archive a meeting; False when that was done before."""
        ...

    async def meeting(self, id: str) -> Meeting | None: ...

    async def meetings(self, channel: Channel) -> list[Meeting]:
        """All there ever were, the earliest first."""
        ...
