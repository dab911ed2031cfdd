"""Nouns of a standing order: which edition a channel wants, when, and on what terms."""

from dataclasses import dataclass, field, fields
from datetime import date, datetime, time
from enum import StrEnum
from typing import Self

from bot.domain.papers import PaperId
from bot.domain.people import Channel, Person, Workspace


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
    RECAP = "recap"
    """What the channel made of its week: what was saved most, and what it missed."""
    FOLLOW = "follow"
    """Papers of an author, of an organisation or with words, as they are featured."""
    WATCH = "watch"
    """What changes about one paper."""
    PERSONAL = "personal"
    """One person's own digest: from what they follow, what is recommended, what their team saved."""
    CLUB = "club"
    """One meeting of a journal club: that it was picked, that it comes, that it begins."""


FOR_PEOPLE = (Edition.FOLLOW, Edition.WATCH, Edition.PERSONAL)
"""One person's wishes."""
FOR_CHANNELS = tuple(one for one in Edition if one not in (*FOR_PEOPLE, Edition.CLUB))
"""Those that a channel subscribes to; the others are one person's wishes, and meetings."""


class Layout(StrEnum):
    """How an edition is laid out in messages."""

    DIGEST = "digest"
    THREAD = "thread"
    CARDS = "cards"


class Manner(StrEnum):
    """How what somebody follows reaches them."""

    NOW = "now"
    """By direct message, as it is featured."""
    DAILY = "daily"
    """In their own digest."""
    EMAIL = "email"
    """By e-mail, as it is featured."""
    OFF = "off"


Quiet = tuple[time, time]
"""Hours in which nobody is disturbed: from one local time of day to another, over midnight if that is earlier."""

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
    author: str | None = None
    """Whose papers are followed."""
    organization: str | None = None
    words: tuple[str, ...] = ()
    """All of these stand in a paper that is followed; a phrase stands together."""
    paper: PaperId | None = None
    """Which one is watched, or discussed."""
    once: date | None = None
    """The one day on which something happens at `at`."""
    shared: bool | None = None
    """It is for everybody in the channel, and no secret; else a follow is one person's."""
    manner: Manner | None = None
    quiet: Quiet | None = None
    home: Workspace | None = None
    """Whose saved papers a personal digest tells about."""

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

    @property
    def private(self) -> bool:
        """One person's own: nobody else hears of it."""
        return self.edition in FOR_PEOPLE and not self.terms.shared

    @property
    def held(self) -> bool:
        """It posts nothing by itself: its papers come in a digest, or are not wanted now."""
        return is_held(self.edition, self.terms)


def is_held(edition: Edition, terms: Terms) -> bool:
    """Whether an edition on these terms waits for somebody's digest, or for another mind."""
    return edition is Edition.FOLLOW and terms.manner in (Manner.DAILY, Manner.OFF)


class Pace(StrEnum):
    """How often somebody's own digest comes."""

    DAILY = "daily"
    WEEKLY = "weekly"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How somebody wants to be reached; None is not said."""

    follows: Manner = Manner.NOW
    digest: Pace = Pace.OFF
    quiet: Quiet | None = None
    tz: str | None = None
    at: time | None = None
    """When their digest comes."""
    home: Workspace | None = None
    """Where their team is: the place in which they asked for the digest."""
