"""Keep the archive in step with Hugging Face: on demand within seconds, in the background, and by import."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from bot.domain.errors import NotYet, Unavailable
from bot.domain.papers import FIRST_DAY, Batch, Fetched, Listing, Paper, PaperId, Rejected
from bot.domain.ports import Freshness, PaperSource
from bot.domain.stores import Archive, Kept, Search, View
from bot.editions import settled_at

log = logging.getLogger(__name__)

REST = timedelta(seconds=60)
"""After Hugging Face failed to answer, nobody asks again for so long."""
SECOND_LOOK = timedelta(hours=8)
"""So long after a day has settled it is read once more, for summaries and votes that came late."""
RECORDED_AT = time(8)
"""The hour at which an imported list is taken to have been seen, UTC: recordings are made in the morning."""
TOGETHER = 500
"""Imported papers that are written in one transaction, about."""
SEARCHED_AFTER = 7
"""Days of a backfill after which what it has brought can be searched."""
UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
"""Imported papers without a list are older than any view of ours: they only fill gaps."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What an import or a backfill has done so far."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    days: int = 0

    def add(self, new: int, updated: int, unchanged: int, rejected: Iterable[Rejected]) -> None:
        self.new += new
        self.updated += updated
        self.unchanged += unchanged
        self.rejected.extend(rejected)


class Ingest:
    """The archive's supply. Implements the port Refresher."""

    def __init__(
        self,
        source: PaperSource,
        archive: Archive,
        search: Search,
        clock: Callable[[], datetime],
    ) -> None:
        self._source = source
        self._archive = archive
        self._search = search
        self._clock = clock
        self._resting_until = UNDATED
        self._problem = ""
        self._under_way: dict[Listing, asyncio.Task[Freshness]] = {}

    async def refresh(
        self, listing: Listing, *, max_age: timedelta, budget: float = 1.5
    ) -> Freshness:
        """Ask Hugging Face if our view is older than `max_age` and not final; says why it could not."""
        at, etag, settled = await self._archive.asked(listing)
        now = self._clock()
        if settled or (at is not None and now - at <= max_age):
            return Freshness(at=at)
        if now < self._resting_until:
            return Freshness(at=at, problem=self._problem)
        task = self._under_way.get(listing)
        if task is None:
            task = asyncio.create_task(self._ask(listing, at, etag, budget))
            self._under_way[listing] = task
            task.add_done_callback(lambda _: self._under_way.pop(listing, None))
        return await asyncio.shield(task)

    async def look_up(self, id: PaperId, *, budget: float = 1.5) -> Paper | None:
        """A paper the archive lacks, fetched and kept; None when it cannot be had."""
        now = self._clock()
        if now < self._resting_until:
            return None
        try:
            paper = await self._source.paper(id, budget=budget)
        except Unavailable as e:
            self._rest(now, e)
            return None
        if paper is not None:
            await self._archive.keep([paper], as_of=now)
            await self._search.catch_up()
        return paper

    async def look_beyond(
        self, text: str, *, limit: int = 20, budget: float = 1.5
    ) -> Sequence[Paper]:
        """What Hugging Face's own search finds, the best first, and kept; () when it cannot be asked."""
        now = self._clock()
        if now < self._resting_until:
            return ()
        try:
            found = await self._source.search(text, limit=limit, budget=budget)
        except Unavailable as e:
            if e.retry_after:  # a search that is merely slow says nothing about the lists
                self._rest(now, e)
            return ()
        if found.papers:
            await self._archive.keep(found.papers, as_of=now)
            await self._search.catch_up()
        return found.papers

    async def poll(self) -> None:
        """Bring today and yesterday up to date: late additions, votes, summaries."""
        now = self._clock()
        today = now.astimezone(UTC).date()
        for day in (today - timedelta(days=1), today):
            listing = Listing.day(day)
            at, etag, settled = await self._archive.asked(listing)
            again = settled_at(day) + SECOND_LOOK
            if settled and at is not None and (now < again or at >= again):
                continue
            freshness = await self._ask(listing, at, etag, 30.0)
            if freshness.problem:
                log.warning("ingest.unreachable listing=%s problem=%s", listing, freshness.problem)
                return

    async def backfill(self, days: Iterable[date]) -> AsyncIterator[Tally]:
        """Fetch whole days, skipping those which are final: so it can be stopped and run again.

        Yields after each day. Raises Unavailable when Hugging Face stays away.
        """
        tally = Tally()
        for day in days:
            listing = Listing.day(day)
            if day >= FIRST_DAY and not (await self._archive.asked(listing))[2]:
                await self._fetch_patiently(listing, tally)
            tally.days += 1
            if tally.days % SEARCHED_AFTER == 0:
                await self._search.catch_up()
            yield tally
        await self._search.catch_up()

    async def take(self, batches: Iterable[Batch]) -> AsyncIterator[Tally]:
        """Import: what the archive knows from a later date is not overwritten. Yields now and then."""
        tally = Tally()
        for group in _groups(batches):
            kept = await self._archive.keep_all([_view(batch) for batch in group])
            rejected = [one for batch in group for one in batch.rejected]
            tally.add(kept.new, kept.updated, kept.unchanged, rejected)
            tally.days += sum(batch.day is not None for batch in group)
            yield tally
        await self._search.catch_up()

    async def _fetch_patiently(self, listing: Listing, tally: Tally) -> None:
        """One day for a backfill: waits when Hugging Face says how long, for a few minutes at most."""
        for _ in range(3):
            try:
                fetched = await self._source.fetch(listing, budget=60.0)
            except NotYet:
                return
            except Unavailable as e:
                if e.retry_after is None or e.retry_after > timedelta(minutes=6):
                    raise
                await asyncio.sleep(e.retry_after.total_seconds())
                continue
            kept = await self._keep(listing, fetched)
            tally.add(kept.new, kept.updated, kept.unchanged, fetched.rejected)
            return
        raise Unavailable("Hugging Face keeps asking us to wait; run the same command again later.")

    async def _ask(
        self, listing: Listing, at: datetime | None, etag: str | None, budget: float
    ) -> Freshness:
        now = self._clock()
        try:
            fetched = await self._source.fetch(listing, etag=etag, budget=budget)
        except NotYet:
            return Freshness(at=at)
        except Unavailable as e:
            self._rest(now, e)
            return Freshness(at=at, problem=self._problem)
        for rejected in fetched.rejected:
            log.warning("ingest.rejected where=%s why=%s", rejected.where, rejected.why)
        await self._keep(listing, fetched, etag)
        await self._search.catch_up()
        return Freshness(at=now)

    async def _keep(self, listing: Listing, fetched: Fetched, etag: str | None = None) -> Kept:
        now = self._clock()
        day = date.fromisoformat(listing.key) if listing.kind == "day" else None
        papers = _featured(fetched.papers, day)
        kept = await self._archive.keep(papers, as_of=now, listing=listing)
        await self._archive.fetched(
            listing,
            at=now,
            etag=etag if fetched.unchanged else fetched.etag,
            settled=listing.kind != "trending" and now >= settled_at(listing.span[1]),
        )
        return kept

    def _rest(self, now: datetime, error: Unavailable) -> None:
        self._problem = str(error)
        self._resting_until = now + min(error.retry_after or REST, timedelta(minutes=5))


def _groups(batches: Iterable[Batch]) -> Iterator[list[Batch]]:
    """So many batches at a time that a transaction is worth its while."""
    group: list[Batch] = []
    for batch in batches:
        group.append(batch)
        if sum(len(one.papers) for one in group) >= TOGETHER:
            yield group
            group = []
    if group:
        yield group


def _view(batch: Batch) -> View:
    if batch.day is None:
        return View(papers=batch.papers, as_of=UNDATED)
    return View(
        papers=_featured(batch.papers, batch.day),
        as_of=datetime.combine(batch.day, RECORDED_AT, UTC),
        listing=Listing.day(batch.day),
    )


def _featured(papers: Iterable[Paper], day: date | None) -> list[Paper]:
    """Papers of a day's list stood on it that day, whatever their own fields say."""
    if day is None:
        return list(papers)
    return [replace(paper, featured=max(day, paper.featured or day)) for paper in papers]
