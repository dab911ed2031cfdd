"""The ports for what single people wish for: how they are reached, and what they may like."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from bot.domain.papers import PaperId
from bot.domain.people import Person
from bot.domain.search import Found
from bot.domain.subscriptions import Reach


class Reaches(Protocol):
    """How people want to be reached."""

    async def reach(self, person: Person) -> Reach:
        """What they said, or else what is usual."""
        ...

    async def set_reach(self, person: Person, reach: Reach) -> None: ...


class Tastes(Protocol):
    """What somebody may like, by what they liked."""

    async def foryou(
        self,
        liked: Sequence[PaperId],
        disliked: Sequence[PaperId] = (),
        *,
        since: date,
        limit: int = 10,
    ) -> Found:
        """Papers featured since then, the best first, without those given; each hit's `why` names a liked one.

        Nothing without likes.
        """
        ...
