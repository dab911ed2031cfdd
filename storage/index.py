"""Search: a derived index beside the database, kept in step by watermark and rebuilt whenever it is lost."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlmodel import col, func, select

from bot.domain.errors import StorageError
from bot.domain.papers import Paper
from bot.domain.search import Found, Hit, Query
from storage.columns import MAX_INT
from storage.database import Database
from storage.filters import filtered, is_plain
from storage.rows import PAPERS, load_papers, paper_of
from storage.tables import MetaRow, PaperRow

if TYPE_CHECKING:
    from storage.shelf import Shelf
    from storage.shelves import Shelves

T = TypeVar("T")

log = logging.getLogger(__name__)

_LATEST = select(MetaRow.value).where(MetaRow.name == "revision")

MOST = 10_000
"""Papers in one slice, whatever was asked for."""

BATCH = 4_000
"""Papers a commit: enough to be quick, few enough that a search meanwhile finds much of the rest."""


class Index:
    """`bot.domain.stores.Search` on a directory. Loads the search engine when it is first used.

    `patience` is how many seconds a search waits for papers that are not indexed yet; then it answers
    with those that are.
    """

    def __init__(self, database: Database, root: Path, *, patience: float = 2.0) -> None:
        self._database = database
        self._root = root
        self._patience = patience
        self._shelves: Shelves | None = None
        self._writing = asyncio.Lock()
        self._behind: asyncio.Task[int] | None = None
        self._distrusted = False

    async def search(self, query: Query, *, offset: int = 0, limit: int = 10) -> Found:
        """One slice of what matches, and how much there is."""
        offset, limit = min(max(offset, 0), MAX_INT), min(max(limit, 0), MOST)
        if is_plain(query):
            async with self._database.read() as session:
                return await filtered(session, query, offset, limit)
        answer = await self._ask(lambda shelf: shelf.find(query, offset, limit))
        ids, total = answer or ([], 0)
        from storage.asking import why

        async with self._database.read() as session:
            papers = await load_papers(session, ids)
        return Found(tuple(Hit(paper, why(query, paper)) for paper in papers.values()), total)

    async def titles(self, prefix: str, limit: int = 10) -> list[Paper]:
        """Papers whose title has all words typed, the last of them perhaps unfinished."""
        most = min(limit, MOST)
        ids = await self._ask(lambda shelf: shelf.titles(prefix, most)) or []
        async with self._database.read() as session:
            return [*(await load_papers(session, ids)).values()]

    async def catch_up(self) -> int:
        """Index what has changed; nothing while another process is at it."""
        from storage.shelf import BrokenShelf, BusyShelf

        async with self._writing:
            try:
                return await self._fill(await self._current())
            except BusyShelf:
                return 0
            except BrokenShelf as e:
                log.info("index.rebuilding reason=%s", e)
            try:
                return await self._fill(await self._anew())
            except (BrokenShelf, BusyShelf) as e:
                log.warning("index.failed path=%s error=%s", self._root, e)
                return 0

    async def rebuild(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Build it from nothing beside the present one, then change over; how many papers it has."""
        from storage.shelf import BrokenShelf

        shelves = await self._loaded()
        async with self._writing:
            try:
                draft = await asyncio.to_thread(shelves.draft)
                done = await self._fill(draft, progress)
                await asyncio.to_thread(shelves.publish, draft)
            except BrokenShelf as e:
                raise StorageError(
                    f"The search index at {self._root} cannot be written ({e}). "
                    "Make room, or name another directory in `[storage] index`."
                ) from e
        return done

    async def close(self) -> None:
        """Stop what is going on in the background; it goes on from there the next time."""
        if self._behind is not None:
            self._behind.cancel()
            await asyncio.gather(self._behind, return_exceptions=True)

    async def _ask(self, question: "Callable[[Shelf], T]") -> T | None:
        """Ask the index as it is; if it was behind, bring it up to date and ask again."""
        from storage.shelf import BrokenShelf

        shelves = await self._loaded()

        def answer() -> tuple[int, T]:
            shelf = shelves.current()
            return shelf.revision, question(shelf)

        for last in (False, True):
            try:
                latest, (revision, found) = await asyncio.gather(
                    self._latest(), asyncio.to_thread(answer)
                )
                if last or revision == latest:
                    return found
            except BrokenShelf as e:
                await self._distrust(e)
            if not last:
                await self._refresh()
        return None

    async def _refresh(self) -> None:
        """Bring the index up to date if that is quick, and let it go on behind us if not."""
        if self._behind is None or self._behind.done():
            self._behind = asyncio.create_task(self.catch_up())
        done, _ = await asyncio.wait({self._behind}, timeout=self._patience)
        for task in done:
            task.result()  # a StorageError is the searcher's to know

    async def _distrust(self, error: Exception) -> None:
        """What opens well may still break when it is read. A query that breaks a sound index, though,
        must not have it rebuilt again and again: one rebuild for such a reason is enough."""
        from storage.shelf import BrokenShelf

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
        after, latest = await asyncio.to_thread(lambda: shelf.revision), await self._latest()
        if after > latest:  # the database was put back to an older state
            shelf, after = await self._anew(), 0
        done = 0
        total = await self._count(after) if progress else 0
        while after < latest:
            papers, after = await self._changed(after)
            if not papers:
                break
            await asyncio.to_thread(shelf.add, papers, after)
            done += len(papers)
            if progress:
                progress(done, max(total, done))
        return done

    async def _loaded(self) -> "Shelves":
        if self._shelves is None:
            from storage.shelves import Shelves

            async with self._database.read() as session:
                meta = await session.get(MetaRow, "identity")
            self._shelves = Shelves(self._root, meta.value if meta else "")
        return self._shelves

    async def _current(self) -> "Shelf":
        return await asyncio.to_thread((await self._loaded()).current)

    async def _anew(self) -> "Shelf":
        shelves = await self._loaded()
        shelf = await asyncio.to_thread(shelves.draft)
        await asyncio.to_thread(shelves.publish, shelf)
        return shelf

    async def _latest(self) -> int:
        async with self._database.read() as session:
            connection = await session.connection()
            return int((await connection.execute(_LATEST)).scalar_one())

    async def _count(self, after: int) -> int:
        newer = select(func.count()).select_from(PaperRow).where(col(PaperRow.revision) > after)
        async with self._database.read() as session:
            return (await session.exec(newer)).one()

    async def _changed(self, after: int) -> tuple[list[Paper], int]:
        newer = PAPERS.select().where(PAPERS.c.revision > after)
        async with self._database.read() as session:
            connection = await session.connection()
            page = newer.order_by(PAPERS.c.revision).limit(BATCH)
            rows = (await connection.execute(page)).all()
        return [paper_of(row) for row in rows], rows[-1].revision if rows else after
