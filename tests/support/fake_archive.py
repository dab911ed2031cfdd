"""Papers to test with, and an archive in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime

from bot.domain.errors import StorageError
from bot.domain.papers import DailyList, ListedPaper, Listing, Paper, PaperId
from bot.domain.people import Channel, Workspace
from bot.domain.stores import Counts, Kept, View

NOW = datetime(2025, 5, 22, 12, 0, tzinfo=UTC)
"""A Thursday, noon."""
CHANNEL = Channel(Workspace("terminal", "local"), "papers")


def paper(id: str = "2505.00001", title: str = "", upvotes: int = 0, **facts: object) -> Paper:
    """A paper with as much as the test says."""
    title = title or f"Paper {id}"
    return replace(Paper(id=PaperId(id), title=title, upvotes=upvotes), **facts)  # type: ignore[arg-type]


def papers(number: int, first: int = 1) -> list[Paper]:
    """So many papers, the first with the most upvotes."""
    return [paper(f"2505.{n:05}", upvotes=number + first - n) for n in range(first, first + number)]


def _merged(old: Paper, new: Paper) -> Paper:
    """The new view, the old one where that is empty."""
    gaps = {
        f.name: getattr(old, f.name)
        for f in fields(Paper)
        if getattr(new, f.name) in (None, "", ())
    }
    return replace(new, **gaps)


class FakeArchive:
    """Keeps papers and lists; `break_down` makes every call fail."""

    def __init__(self) -> None:
        self.known: dict[PaperId, Paper] = {}
        self.seen_at: dict[PaperId, datetime] = {}
        self.lists: dict[Listing, dict[PaperId, datetime]] = {}
        self.answers: dict[Listing, tuple[datetime | None, str | None, bool]] = {}
        self.broken = False

    def break_down(self) -> None:
        self.broken = True

    def has(self, listing: Listing, *listed: Paper, at: datetime = NOW) -> None:
        """Arrange for a list, without awaiting."""
        self._keep(listed, at, listing)
        self.answers[listing] = (at, None, True)

    def _check(self) -> None:
        if self.broken:
            raise StorageError("the database is locked")

    async def keep(
        self, papers: Sequence[Paper], *, as_of: datetime, listing: Listing | None = None
    ) -> Kept:
        self._check()
        return self._keep(papers, as_of, listing)

    async def keep_all(self, views: Sequence[View]) -> Kept:
        self._check()
        kept = [self._keep(view.papers, view.as_of, view.listing) for view in views]
        for view in views:
            if view.listing is not None:
                self.answers.setdefault(view.listing, (view.as_of, None, False))
        return Kept(
            new=sum(one.new for one in kept),
            updated=sum(one.updated for one in kept),
            unchanged=sum(one.unchanged for one in kept),
            added=tuple(id for one in kept for id in one.added),
        )

    def _keep(self, papers: Sequence[Paper], as_of: datetime, listing: Listing | None) -> Kept:
        before = dict(self.known)
        for one in papers:
            old = before.get(one.id)
            newer = old is None or as_of >= self.seen_at[one.id]
            self.known[one.id] = (
                one if old is None else _merged(*((old, one) if newer else (one, old)))
            )
            self.seen_at[one.id] = max(as_of, self.seen_at.get(one.id, as_of))
        added = []
        if listing is not None:
            there = self.lists.get(listing, {})
            ids = list(dict.fromkeys(one.id for one in papers))
            added = [id for id in ids if id not in there]
            gone = {id: at for id, at in there.items() if id not in ids}
            self.lists[listing] = {id: there.get(id, as_of) for id in ids} | gone
        kept = {one.id for one in papers}
        return Kept(
            new=sum(id not in before for id in kept),
            updated=sum(id in before and before[id] != self.known[id] for id in kept),
            unchanged=sum(before.get(id) == self.known[id] for id in kept),
            added=tuple(added),
        )

    async def fetched(
        self, listing: Listing, *, at: datetime, etag: str | None, settled: bool
    ) -> None:
        self._check()
        self.answers[listing] = (at, etag, settled)

    async def asked(self, listing: Listing) -> tuple[datetime | None, str | None, bool]:
        self._check()
        return self.answers.get(listing, (None, None, False))

    async def unsettled(self, days: Sequence[date]) -> list[date]:
        self._check()
        return [day for day in days if not (await self.asked(Listing.day(day)))[2]]

    async def paper(self, id: PaperId) -> Paper | None:
        self._check()
        return self.known.get(id)

    async def papers(self, ids: Iterable[PaperId]) -> dict[PaperId, Paper]:
        return {id: self.known[id] for id in ids if id in self.known}

    async def daily(self, day: date) -> DailyList:
        self._check()
        listing = Listing.day(day)
        listed = enumerate(self.lists.get(listing, {}).items(), start=1)
        return DailyList(
            day=day,
            papers=tuple(
                ListedPaper(paper=self.known[id], rank=rank, first_seen=at)
                for rank, (id, at) in listed
            ),
            fetched_at=self.answers.get(listing, (None,))[0],
        )

    async def listed(self, listing: Listing) -> list[Paper]:
        return [self.known[id] for id in self.lists.get(listing, {})]

    def _days(self) -> list[date]:
        return sorted(x.span[0] for x, there in self.lists.items() if x.kind == "day" and there)

    async def featured(self, first: date, last: date) -> list[Paper]:
        days = [Listing.day(day) for day in self._days() if first <= day <= last]
        found = {id: self.known[id] for day in days for id in self.lists[day]}
        return sorted(found.values(), key=lambda one: -one.upvotes)

    async def last_day(self, until: date) -> date | None:
        return max((day for day in self._days() if day <= until), default=None)

    async def random(self, seed: float) -> Paper | None:
        ids = sorted(self.known)
        return self.known[ids[int(seed * len(ids))]] if ids else None

    async def counts(self) -> Counts:
        self._check()
        days = self._days()
        return Counts(
            papers=len(self.known),
            days=len(days),
            first_day=days[0] if days else None,
            last_day=days[-1] if days else None,
        )
