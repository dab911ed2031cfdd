"""Stand-ins for how people want to be reached and what they like, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.domain.papers import Paper, PaperId
from bot.domain.people import Channel, Person, Workspace
from bot.domain.search import Found, Hit
from bot.domain.statistics import Figures
from bot.domain.subscriptions import Reach


class FakeReaches:
    """Remembers what people said."""

    def __init__(self) -> None:
        self.said: dict[Person, Reach] = {}

    async def reach(self, person: Person) -> Reach:
        return self.said.get(person, Reach())

    async def set_reach(self, person: Person, reach: Reach) -> None:
        self.said[person] = reach


@dataclass
class FakeTastes:
    """Recommends what it was told to, to whoever likes anything."""

    papers: list[Paper] = field(default_factory=list)
    asked: list[tuple[PaperId, ...]] = field(default_factory=list)

    async def foryou(
        self,
        liked: Sequence[PaperId],
        disliked: Sequence[PaperId] = (),
        *,
        since: date,
        limit: int = 10,
    ) -> Found:
        self.asked.append(tuple(liked))
        hits = [
            Hit(one, why=f"Because you saved {liked[0]}")
            for one in self.papers
            if liked and one.id not in (*liked, *disliked) and (one.featured or since) >= since
        ]
        return Found(tuple(hits[:limit]), len(hits))


@dataclass
class FakeStatistics:
    """Tells what it was told, of any place; nothing where it was told nothing."""

    found: Figures | None = None
    asked: list[tuple[Channel | Workspace, tuple[datetime, ...]]] = field(default_factory=list)

    async def figures(
        self, place: Channel | Workspace, bounds: Sequence[datetime], *, most: int = 5
    ) -> Figures:
        self.asked.append((place, tuple(bounds)))
        none = (0,) * (len(bounds) - 1)
        nothing = Figures(bounds=tuple(bounds), saved=none, posted=none, votes=none)
        return self.found or nothing
