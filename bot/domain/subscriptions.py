"""Nouns of a standing order: which edition a channel wants, when, and on what terms."""

from dataclasses import dataclass, field, fields
from datetime import datetime, time
from enum import StrEnum
from typing import Self

from bot.domain.people import Channel, Person


class Edition(StrEnum):
    """What a subscription posts."""

    DAILY = "daily"
    """The latest finished day: votes and late additions have settled."""
    LIVE = "live"
    """Today's list as it stands at that hour; what is added later follows."""
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    TRENDING = "trending"
    RISING = "rising"
    """Papers that cross a number of upvotes, as they do."""


class Layout(StrEnum):
    """How an edition is laid out in messages."""

    DIGEST = "digest"
    THREAD = "thread"
    CARDS = "cards"


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What was asked for. None and () mean not asked: the default of the day applies, see `over`."""

    at: time | None = None
    """Local time of day, to the minute."""
    tz: str | None = None
    """An IANA zone name."""
    on: frozenset[int] | None = None
    """Weekdays, Monday is 0. A weekly edition runs on the first of them, a monthly one on `day`."""
    day: int | None = None
    """Day of the month for a monthly edition, 1 to 28."""
    top: int | None = None
    include: tuple[str, ...] = ()
    """Words or phrases; a paper needs one of them."""
    exclude: tuple[str, ...] = ()
    min: int | None = None
    """Fewest upvotes."""
    layout: Layout | None = None
    again: int | None = None
    """Days after which a paper may be posted to the channel again; 0 is never."""
    over: int | None = None
    """Upvotes a rising paper must cross."""

    def resolved(self, defaults: "Terms") -> Self:
        """These terms with every gap filled from `defaults`."""
        merged = {}
        for f in fields(self):
            mine = getattr(self, f.name)
            merged[f.name] = getattr(defaults, f.name) if mine in (None, ()) else mine
        return type(self)(**merged)


STANDARD = Terms(
    at=time(9),
    tz="UTC",
    on=frozenset(range(7)),
    day=1,
    top=10,
    min=0,
    layout=Layout.DIGEST,
    again=0,
    over=50,
)
"""What applies where neither the subscriber nor the operator said anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A standing order of one channel. `id` is short and stable; people type it."""

    id: str
    channel: Channel
    edition: Edition
    terms: Terms = field(default_factory=Terms)
    created_by: Person | None = None
    """None when the operator declared it in the config file."""
    created_at: datetime
    next_run_at: datetime
    """UTC."""
    paused: str | None = None
    """Why it does not run, in words for people; None while it runs."""
    covered: str | None = None
    """The last list it dealt with, as its edition spells it (a day, a week, a month)."""

    @property
    def declared(self) -> bool:
        return self.created_by is None
