"""Nouns of the outbox: a run of a subscription, the messages it owes, and how each ended."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.papers import PaperId
from bot.domain.people import Channel, Message, Person
from bot.domain.posts import Digest, PaperCard


class State(StrEnum):
    """A delivery's life: owed -> sending -> sent, or unknown -> sent | owed, or failed."""

    OWED = "owed"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    FAILED = "failed"


class Outcome(StrEnum):
    """How a run ended, or stands."""

    POSTED = "posted"
    NOTHING = "nothing"
    WAITING = "waiting"
    """Hugging Face could not be reached, or its list is not settled: asked again at the run's `retry_at`."""
    SKIPPED = "skipped"
    """Its hour had passed too long ago."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message owed to one channel.

    `key` is made of subscription, edition and part, so planning the same run twice makes the same keys,
    and a unique column refuses the second.
    """

    key: str
    subscription: str
    channel: Channel
    edition: str
    part: int
    post: Digest | PaperCard
    reply_to: str | None = None
    """The key of the delivery that this one answers in a thread."""
    state: State = State.OWED
    attempts: int = 0
    next_attempt_at: datetime
    message: Message | None = None
    reason: str = ""

    @property
    def papers(self) -> dict[int, PaperId]:
        """Number in the message -> paper."""
        return {entry.number: entry.paper.id for entry in self.post.entries}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One scheduled run of a subscription and its recorded end: silence is explained here."""

    subscription: str
    edition: str
    due_at: datetime
    outcome: Outcome
    reason: str = ""
    posted: int = 0
    """Papers in the messages that were planned."""
    finished_at: datetime
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A decision about one run, to be written in one transaction together with the subscription's next run."""

    run: Run
    deliveries: tuple[Delivery, ...] = ()
    next_run_at: datetime
    covered: str | None = None
    """What the subscription has dealt with after this; None leaves it as it was."""
    new_since: datetime | None = None
    """The channel has not had its papers since then; None is never."""

    @property
    def papers(self) -> frozenset[PaperId]:
        """Every paper that it brings."""
        return frozenset(id for one in self.deliveries for id in one.papers.values())


class Fate(StrEnum):
    """What became of a plan."""

    WRITTEN = "written"
    KNOWN = "known"
    """That edition was planned before, or the subscription is gone."""
    OVERTAKEN = "overtaken"
    """Another one has brought its papers to the channel meanwhile: nothing was written, decide again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A message of ours that shows papers: number -> paper."""

    message: Message
    papers: dict[int, PaperId] = field(default_factory=dict)
    to: Person | None = None
    """Who alone can see it; None when everybody in the channel can."""
