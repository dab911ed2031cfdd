"""Jobs that one of several replicas does for all: whoever holds a job's lease does it, for as long as it lives."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from bot.domain.errors import StorageError
from bot.domain.stores import Leases

RENEW = 3.0
LENGTH = timedelta(seconds=10)
"""A replica that died is known to be gone after so long, one that was stopped at once."""
JOB = "job/"


class Duties:
    """Which jobs are this replica's. Alone, without `leases`, all are.

    Every job can bear being done twice, so one that lost its lease in the middle is not broken off.
    """

    def __init__(
        self,
        leases: Leases | None,
        replica: str = "",
        *,
        renew: float = RENEW,
        length: timedelta = LENGTH,
    ) -> None:
        self._leases = leases
        self._replica = replica
        self._renew = renew
        self._length = length
        self._names: frozenset[str] = frozenset()
        self._turn = asyncio.Lock()
        self._left = asyncio.Event()

    async def mine(self, job: str) -> bool:
        """Whether this replica is to do a job now; if nobody has it, it is ours from now on."""
        if self._leases is None:
            return True
        name = f"{JOB}{job}"
        async with self._turn:
            if self._left.is_set():
                return False
            mine = name in await self._leases.hold([name], self._replica, self._length)
            if mine:
                self._names |= {name}
            return mine

    async def until_mine(self, job: str) -> bool:
        """Wait until a job is ours: at once, or when the one who has it is gone. False once we have left."""
        while not self._left.is_set():
            with suppress(StorageError):
                if await self.mine(job):
                    return True
            await self._rest()
        return False

    async def keep(self) -> None:
        """Hold on to what is ours, until we leave."""
        while self._leases is not None and not self._left.is_set():
            await self._rest()
            with suppress(StorageError):  # it is said where the database is used for more
                await self._renew_all(self._leases)

    async def leave(self) -> None:
        """Let others have our jobs, at once. Nothing is ours any more."""
        self._left.set()
        async with self._turn:
            names, self._names = self._names, frozenset()
            if self._leases is not None and names:
                with suppress(StorageError):
                    await self._leases.release(names, self._replica)

    async def _renew_all(self, leases: Leases) -> None:
        async with self._turn:
            if not self._left.is_set():
                self._names = await leases.hold(self._names, self._replica, self._length)

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._renew):
                await self._left.wait()
