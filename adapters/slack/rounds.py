"""Of several replicas that want the same thing done at about the same time, one does it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from itertools import count

from bot.domain.errors import StorageError
from bot.domain.stores import Leases

BEAT = 3.0
LENGTH = timedelta(seconds=10)
"""A replica that died in the middle is known to be gone after so long."""
DONE_FOR = timedelta(minutes=1)
"""So long it can be seen that a round has ended: many times what those who wait for it look away."""


class Rounds:
    """Rounds of one name. A round serves everybody whose wish is older than its beginning."""

    def __init__(self, leases: Leases, replica: str, name: str, *, beat: float = BEAT) -> None:
        self._leases = leases
        self._replica = replica
        self._busy, self._done = f"{name}/busy", f"{name}/done/"
        self._beat = beat
        self._numbers = count(1)

    @asynccontextmanager
    async def ours(self) -> AsyncIterator[bool]:
        """Whether the next round is ours to make, inside the block; False when it was made while we waited.

        A block that ends with an error has not made it.
        """
        me = f"{self._replica}/{next(self._numbers)}"
        if not await self._begin(me):
            yield False
            return
        beating = asyncio.create_task(self._hold_on(me))
        try:
            yield True
            await self._leases.hold([self._done + me], me, DONE_FOR)
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating
            with suppress(StorageError):
                await self._leases.release([self._busy], me)

    async def _begin(self, me: str) -> bool:
        before = await self._rounds()
        while True:
            taken = await self._leases.hold([self._busy], me, LENGTH)
            if set(await self._leases.held(self._done)) - before:
                await self._leases.release([self._busy], me)
                return False
            if taken:
                return True
            await asyncio.sleep(self._beat)

    async def _rounds(self) -> set[str]:
        """Those that began before now: what they read may be older than our wish."""
        done = set(await self._leases.held(self._done))
        under_way = (await self._leases.held(self._busy)).values()
        return done | {self._done + holder for holder in under_way}

    async def _hold_on(self, me: str) -> None:
        while True:
            await asyncio.sleep(self._beat)
            with suppress(StorageError):
                await self._leases.hold([self._busy], me, LENGTH)
