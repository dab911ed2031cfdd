"""What a team did in figures, and the port that counts it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.papers import Paper
from bot.domain.people import Channel, Person, Workspace


@dataclass(frozen=True, slots=True)
class Kept:
    """A paper, and how many people saved it in the time."""

    paper: Paper
    people: int


@dataclass(frozen=True, slots=True)
class Brought:
    """How many papers somebody saved first that others saved too."""

    person: Person
    papers: int


@dataclass(frozen=True, slots=True)
class Topic:
    """A keyword, and how many of the saved papers have it."""

    name: str
    papers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Some spans of time, each from one bound to the next, and all of them together."""

    bounds: tuple[datetime, ...]
    saved: tuple[int, ...]
    """Papers that somebody saved for the first time, in each span."""
    posted: tuple[int, ...]
    """Papers posted in each."""
    votes: tuple[int, ...]
    """The median of the upvotes of those saved in each; 0 where there are none."""
    top: tuple[Kept, ...] = ()
    """Saved by the most people; of equals the most upvoted."""
    brought: tuple[Brought, ...] = ()
    topics: tuple[Topic, ...] = ()
    papers: int = 0
    """How many were saved in all."""
    people: int = 0
    """How many saved them."""


class Statistics(Protocol):
    """Counts. In a workspace its team is counted, in a channel what was saved and posted in this one."""

    async def figures(
        self, place: Channel | Workspace, bounds: Sequence[datetime], *, most: int = 5
    ) -> Figures:
        """From the first bound to the last, which ascend; at most so many papers, people and topics."""
        ...
