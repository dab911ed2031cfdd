"""Search: a derived index beside the database, kept in step by watermark and rebuilt whenever it is lost."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bot.domain.errors import StorageError
from bot.domain.papers import Paper, PaperId
from bot.domain.search import Field, Found, Hit, Learned, Query
from storage.background import Learning
from storage.changes import Changes
from storage.columns import MAX_INT
from storage.database import Database
from storage.filters import filtered, is_plain
from storage.rows import load_papers

if TYPE_CHECKING:
    from storage.shelf import Shelf
    from storage.shelves import Shelves
    from storage.tiers import Tier
    from storage.view import Slice
    from storage.writing import Writing

T = TypeVar("T")

log = logging.getLogger(__name__)

MOST = 10_000
"""Papers in one slice, whatever was asked for."""


class Index:
    """`bot.domain.stores.Search` on a directory. Loads the search engine when it is first used.

    `patience` is how many seconds a search waits for papers that are not indexed yet; then it answers
    with those that are. `tiers` are the models it may use, the best first.
    """

    def __init__(
        self,
        database: Database,
        root: Path,
        *,
        patience: float = 2.0,
        tiers: "Callable[[], Sequence[Tier]]" = tuple,
    ) -> None:
        self._database = database
        self._changes = Changes(database)
        self._root = root
        self._patience = patience
        self._tiers = tiers
        self._shelves: Shelves | None = None
        self._writing = asyncio.Lock()
        self._behind: asyncio.Task[int] | None = None
        self._lessons: Learning | None = None
        self._distrusted = False
        self._patient_until = 0.0

    async def search(self, query: Query, *, offset: int = 0, limit: int = 10) -> Found:
        """One slice of what matches, and how much there is."""
        offset, limit = min(max(offset, 0), MAX_INT), min(max(limit, 0), MOST)
        if is_plain(query):
            async with self._database.read() as session:
                return await filtered(session, query, offset, limit)
        answer = await self._ask(lambda shelf: shelf.find(query, offset, limit), _ids)
        if answer is None:
            return Found((), 0)
        from storage.reasons import why

        found, papers = answer
        hits = (Hit(paper, why(query, paper, forgiven=found.forgiven)) for paper in papers)
        return Found(tuple(hits), found.total)

    async def similar(self, id: PaperId, *, offset: int = 0, limit: int = 10) -> Found:
        """Papers like this one, the nearest first; neither it nor any near-duplicate of another."""
        offset, limit = min(max(offset, 0), MAX_INT), min(max(limit, 0), MOST)
        if not (known := await self._papers([id])):
            return Found((), 0)
        answer = await self._ask(lambda shelf: shelf.similar(known[0], offset, limit), _ids)
        if answer is None:
            return Found((), 0)
        from storage.reasons import alike

        found, papers = answer
        return Found(tuple(Hit(paper, alike(known[0], paper)) for paper in papers), found.total)

    async def foryou(
        self,
        liked: Sequence[PaperId],
        disliked: Sequence[PaperId] = (),
        *,
        since: date,
        limit: int = 10,
    ) -> Found:
        """`bot.domain.stores.Tastes`: papers featured since then that whoever liked these may like, the best first."""
        most = min(max(limit, 0), MOST)
        answer = await self._ask(
            lambda shelf: shelf.foryou(liked, disliked, since, most),
            lambda found: [*dict.fromkeys(id for one in found for id in one)],
        )
        found, papers = answer or ([], [])
        known = {paper.id: paper for paper in papers}
        hits = (
            Hit(known[one.paper], f"Because you saved {known[one.because].title}")
            for one in found
            if one.paper in known and one.because in known
        )
        return Found(tuple(hits), len(found))

    async def titles(self, prefix: str, limit: int = 10) -> list[Paper]:
        """Papers whose title has all words typed, the last of them perhaps unfinished; or whose id begins so."""
        most = min(limit, MOST)
        answer = await self._ask(lambda shelf: shelf.titles(prefix, most), lambda ids: ids)
        return answer[1] if answer else []

    async def names(self, field: Field, prefix: str, limit: int = 10) -> list[str]:
        """Names with a word beginning so, those of most papers first."""
        most = min(limit, MOST)
        answer = await self._ask(lambda shelf: shelf.names(field, prefix, most), lambda _: ())
        return answer[0] if answer else []

    async def catch_up(self) -> int:
        """Index what has changed; nothing while another process is at it."""
        from storage.mark import BrokenShelf, BusyShelf

        async with self._writing:
            for last in (False, True):  # another process may have changed it over meanwhile
                try:
                    done = await self._fill(await self._current())
                    self._learn()
                    return done
                except BusyShelf:
                    return 0
                except BrokenShelf as e:
                    if last:
                        log.info("index.rebuilding reason=%s", e)
            try:
                done = await self._fill(await self._anew())
                self._learn()
                return done
            except (BrokenShelf, BusyShelf) as e:
                log.warning("index.failed path=%s error=%s", self._root, e)
                return 0

    async def rebuild(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Build it from nothing beside the present one, then change over; how many papers it has."""
        from storage.mark import BrokenShelf

        shelves = await self._loaded()
        async with self._writing:
            try:
                draft = await asyncio.to_thread(shelves.draft)
                done = await self._fill(draft, progress)
                await asyncio.to_thread(shelves.publish, draft)
                self._learn()
            except BrokenShelf as e:
                raise StorageError(
                    f"The search index at {self._root} cannot be written ({e}). "
                    "Make room, or name another directory in `[storage] index`."
                ) from e
        return done

    async def close(self) -> None:
        """Stop what is going on in the background; it goes on from there the next time."""
        if self._lessons is not None:
            await self._lessons.close()
        if self._behind is not None:
            self._behind.cancel()
            await asyncio.gather(self._behind, return_exceptions=True)

    async def learned(self) -> Learned | None:
        """How far the better model has come; None when there is only the bundled one."""
        await self._loaded()
        return await self._lessons.told() if self._lessons else None

    async def finish(self) -> None:
        """Wait until every paper has all the vectors that can be had."""
        await self.catch_up()
        if self._lessons is not None:
            await self._lessons.done()

    async def _ask(
        self, question: "Callable[[Shelf], T]", named: Callable[[T], Sequence[PaperId]]
    ) -> tuple[T, list[Paper]] | None:
        """Ask the index as it is; if it is behind, wait a little for it, and ask what there is.

        Then the papers that the answer names; whether it was behind is asked with them, to save time.
        """
        from storage.mark import BrokenShelf

        shelves = await self._loaded()
        if self._lessons is not None:
            await self._lessons.ready()

        def answer(choose: "Callable[[], Shelf]") -> tuple[int, T]:
            shelf = choose()
            return shelf.revision, question(shelf)

        for last, choose in ((False, shelves.current), (True, shelves.best)):
            try:
                revision, found = await asyncio.to_thread(answer, choose)
                latest, papers = await self._changes.told(named(found))
                if last or revision == latest:
                    self._learn(once=True)
                    return found, papers
            except BrokenShelf as e:
                await self._distrust(e)
            if not last:
                await self._refresh()
        shelves.forget()
        return None

    async def _refresh(self) -> None:
        """Bring the index up to date. What takes long goes on behind us, and is waited for only once."""
        clock = asyncio.get_running_loop().time
        if self._behind is None or self._behind.done():
            self._behind = asyncio.create_task(self.catch_up())
            self._patient_until = clock() + self._patience
        done, _ = await asyncio.wait({self._behind}, timeout=max(self._patient_until - clock(), 0))
        for task in done:
            task.result()  # a StorageError is the searcher's to know

    async def _distrust(self, error: Exception) -> None:
        """What opens well may still break when it is read. A query that breaks a sound index, though,
        must not have it rebuilt again and again: one rebuild for such a reason is enough."""
        from storage.mark import BrokenShelf

        shelves = await self._loaded()
        try:
            await asyncio.to_thread(shelves.check)
        except BrokenShelf:
            return  # catching up will see to it
        if self._distrusted:
            return
        self._distrusted = True
        log.warning("index.broken path=%s error=%s", self._root, error)
        async with self._writing:
            with suppress(BrokenShelf):
                await self._anew()

    async def _fill(
        self, shelf: "Shelf", progress: Callable[[int, int], None] | None = None
    ) -> int:
        after, latest = (
            await asyncio.to_thread(lambda: shelf.revision),
            await self._changes.latest(),
        )
        if after > latest:  # the database was put back to an older state
            shelf, after = await self._anew(), 0
            (await self._loaded()).forget()
        if after == latest:
            return 0
        total = await self._changes.count(after)
        writing = await asyncio.to_thread(shelf.writing, total)
        try:
            done = await self._pour(writing, after, total, progress or _unseen)
        finally:
            await asyncio.to_thread(writing.close)
        await asyncio.to_thread(shelf.recall)
        await asyncio.to_thread(shelf.refresh)
        return done

    async def _pour(
        self, writing: "Writing", after: int, total: int, progress: Callable[[int, int], None]
    ) -> int:
        """Everything later, the next papers being read while the last are written."""
        done = 0
        papers, after = await self._changes.after(after)
        while papers:
            following = asyncio.create_task(self._changes.after(after))
            try:
                await asyncio.to_thread(writing.add, papers, after)
                done += len(papers)
                progress(done, max(total, done))
                papers, after = await following
            finally:
                following.cancel()
        return done

    def _learn(self, *, once: bool = False) -> None:
        """Make in the background what vectors are lacking: a model is new, or slow."""
        if self._lessons is not None:
            self._lessons.begin(once=once)

    async def _papers(self, ids: Sequence[PaperId]) -> list[Paper]:
        async with self._database.read() as session:
            return [*(await load_papers(session, ids)).values()]

    async def _loaded(self) -> "Shelves":
        if self._shelves is None:
            from storage.shelves import Shelves

            identity = await self._changes.identity()
            tiers = self._tiers()
            self._shelves = Shelves(self._root, identity, tiers)
            self._lessons = Learning(
                tiers, current=self._current, papers=self._papers, writing=self._writing
            )
        return self._shelves

    async def _current(self) -> "Shelf":
        return await asyncio.to_thread((await self._loaded()).current)

    async def _anew(self) -> "Shelf":
        shelves = await self._loaded()
        shelf = await asyncio.to_thread(shelves.draft)
        await asyncio.to_thread(shelves.publish, shelf)
        return shelf


def _ids(found: "Slice") -> Sequence[PaperId]:
    return found.ids


def _unseen(_done: int, _total: int) -> None:
    """Progress that nobody looks at."""
