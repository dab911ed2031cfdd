"""What is learned behind the searches: vectors that are lacking, the quick models' first, then the newest papers' first."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from bot.domain.errors import PaperbotError
from bot.domain.papers import Paper, PaperId
from bot.domain.search import Learned
from storage.aside import Aside, Stopped
from storage.mark import BrokenShelf, BusyShelf

if TYPE_CHECKING:
    from storage.better import Better
    from storage.embedding import Prepared
    from storage.shelf import Shelf
    from storage.tiers import Tier

log = logging.getLogger(__name__)

_WAIT = 1.0
"""Seconds that a search waits, once, for a model that is on this machine."""
_BUSY = 0.5
"""Seconds after which a writer elsewhere may have finished."""


class Learning:
    """One at a time for an index. What it has learned is kept every few seconds, and it goes on from there."""

    def __init__(
        self,
        tiers: "Sequence[Tier]",
        *,
        current: "Callable[[], Awaitable[Shelf]]",
        papers: Callable[[Sequence[PaperId]], Awaitable[list[Paper]]],
        writing: asyncio.Lock,
    ) -> None:
        from storage.better import Better

        self._slow = [tier for tier in tiers if isinstance(tier, Better)]
        self._current = current
        self._papers = papers
        self._writing = writing
        self._aside = Aside()
        self._opened = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._again = False

    def begin(self, *, once: bool = False) -> None:
        """See whether something is lacking, now or after what is going on; `once` only if that was never done."""
        if self._task is None or (self._task.done() and not once):
            self._task = asyncio.create_task(self._run())
        elif not once:
            self._again = True

    async def ready(self) -> None:
        """Wait a moment for the models that need not be fetched, if nobody ever has."""
        if self._slow and not self._opened.is_set():
            self.begin(once=True)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._opened.wait(), _WAIT)
            self._opened.set()

    async def done(self) -> None:
        """Wait until nothing is lacking that can be had."""
        self.begin()
        while self._task and not self._task.done():
            await asyncio.wait({self._task})

    async def told(self) -> Learned | None:
        """How far the better model has come; None when there is only the bundled one."""
        for tier in self._slow:
            await tier.load(self._aside)
            if tier.embedder is None:
                return Learned(tier.model.name, state=tier.state, broken=tier.broken)
            with suppress(BrokenShelf):
                known, count = await asyncio.to_thread((await self._current()).known, tier)
                return Learned(tier.model.name, known, count)
            return Learned(tier.model.name, state="waits for the index")
        return None

    async def close(self) -> None:
        """Break off; it goes on from there the next time."""
        self._aside.close()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        self._again = True
        while self._again:
            self._again = False
            try:
                await self._recall()
                await self._load()
                await self._learn(slow=False)
                if self._slow:
                    await asyncio.sleep(max(tier.calm for tier in self._slow))
                    await self._load(fetch=True)
                    await self._learn(slow=True)
            except BrokenShelf:
                return  # whoever builds it anew begins again
            except (PaperbotError, Stopped) as e:
                log.warning("index.not_learned error=%s", e)

    async def _recall(self) -> None:
        """What an index before this one knew, if that has not been seen to."""
        with suppress(BusyShelf):
            async with self._writing:
                await asyncio.to_thread((await self._current()).recall)

    async def _load(self, *, fetch: bool = False) -> None:
        tier: Better
        for tier in self._slow:
            await tier.load(self._aside, fetch=fetch)
        self._opened.set()

    async def _learn(self, *, slow: bool) -> None:
        before: list[PaperId] = []
        while lack := await asyncio.to_thread((await self._current()).lacking):
            tier, ids = lack
            if ids == before or tier.slow != slow:  # the database has them no more
                return
            before, shelf = ids, await self._current()
            made = await self._made(shelf, tier, await self._papers(ids))
            await self._keep(shelf, made)

    async def _made(self, shelf: "Shelf", tier: "Tier", papers: list[Paper]) -> "list[Prepared]":
        if tier.slow:
            return await self._aside.run(lambda: shelf.prepare(tier, papers))
        return await asyncio.to_thread(shelf.prepare, tier, papers)

    async def _keep(self, shelf: "Shelf", made: "Sequence[Prepared]") -> None:
        while True:
            async with self._writing:
                with suppress(BusyShelf):
                    await asyncio.to_thread(shelf.learn, made)
                    return
            await asyncio.sleep(_BUSY)
