"""Which of Discord's shards are this replica's: decided by leases that all replicas can see.

One process at a time listens to a shard, since two would both hear every event. A lease is kept by being
renewed, and its connection is closed before it can end; what another one lost is taken over.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from adapters.discord.identify import Advice
from adapters.discord.upkeep import OUTAGES, ended
from bot.domain.errors import StorageError
from bot.domain.stores import Leases

log = logging.getLogger(__name__)

ALL = "discord/"
SHARD = "discord/shard/"
REPLICA = "discord/replica/"
COUNT = "discord/shards"
"""A lease whose holder is the number of shards: as long as one replica lives, all have that number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast replicas notice each other, in seconds: a shard stands still for `length + renew` at most."""

    renew: float = 3.0
    length: float = 10.0
    margin: float = 2.0
    """So long before its lease ends a connection is closed, whatever keeps us from renewing it."""
    identify: float = 5.2
    """Discord wants five between two IDENTIFYs, and counts them when they arrive."""
    tries: int = 4
    """Failures to connect in a row after which somebody else may have better luck."""
    rest: float = 60.0
    """So long we take nothing after such a failure."""


def share_of(shards: int, members: Collection[str], me: str) -> int:
    """How many shards are mine: all have as many, up to one; the first by name have the odd ones."""
    each, odd = divmod(shards, len(members))
    return each + (sorted(members).index(me) < odd)


def choose(
    shards: int, members: Collection[str], me: str, mine: Iterable[int], taken: Collection[int]
) -> list[int]:
    """Which shards to hold: those of `mine` that are not too many, the first ones of them, then free ones.

    Replicas that start together begin at different places, so that they seldom want the same.
    """
    share = share_of(shards, members, me)
    kept = list(mine)[:share]
    place, many = sorted(members).index(me), len(members)
    free = [shard for shard in range(shards) if shard not in taken and shard not in kept]
    free.sort(key=lambda shard: ((shard - place) % many, shard))
    return kept + free[: share - len(kept)]


Listen = Callable[[int, int], Awaitable[bool]]
"""Holds the connection of one shard of so many; False when Discord refuses us, True when it stays down."""


class Sharding:
    """Holds this replica's part of the shards, with a connection for each."""

    def __init__(
        self,
        leases: Leases,
        replica: str,
        advice: Callable[[], Awaitable[Advice]],
        listen: Listen,
        pace: Pace,
    ) -> None:
        self._leases = leases
        self._me = replica
        self._advice = advice
        self._listen = listen
        self._pace = pace
        self._count = 0
        self._length = timedelta(seconds=pace.length)
        self._open: dict[int, asyncio.Task[bool]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._names: frozenset[str] = frozenset()
        self._ends = self._rests = 0.0
        self._stirred = asyncio.Event()
        self._clock = asyncio.get_running_loop().time

    async def run(self) -> None:
        """Until cancelled; returns when Discord refuses us."""
        watching = asyncio.create_task(self._watch())
        try:
            await self._keep()
        finally:
            await ended(watching)
            await self._close(list(self._open))
            with suppress(StorageError, TimeoutError):
                async with asyncio.timeout(self._pace.length):
                    await self._leave()
            await asyncio.gather(*self._closing)

    async def _leave(self) -> None:
        """Give everything back; the last one to go leaves the number of shards open, too."""
        await self._leases.release(self._names, self._me)
        if not await self._leases.held(REPLICA):
            await self._leases.release([COUNT], str(self._count))

    async def _keep(self) -> None:
        while True:
            self._stirred.clear()
            try:
                if await self._refused():
                    return
                await self._round()
            except StorageError as e:
                log.warning("discord.leases_unreached reason=%s", e)
            except OUTAGES as e:
                log.warning("discord.unadvised reason=%s", f"{type(e).__name__}: {e}"[:200])
            except Exception:  # the others must not fall
                log.exception("discord.error")
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pace.renew):
                    await self._stirred.wait()

    async def _round(self) -> None:
        """See what the others hold, and make what is ours what should be."""
        live = await self._leases.held(ALL)
        if not await self._agreed(live):
            return
        asked = self._clock()
        wanted = self._wanted(live)
        surplus = [shard for shard in self._open if shard not in wanted]
        await self._close(surplus)
        resting = self._clock() < self._rests
        names = {f"{SHARD}{shard}" for shard in wanted}
        names |= set() if resting else {REPLICA + self._me}
        if left := self._names - names:
            await self._leases.release(left, self._me)
        self._names = await self._leases.hold(names, self._me, self._length)
        if self._clock() > asked + self._pace.length - self._pace.margin:
            return  # too late to be relied upon
        self._ends = asked + self._pace.length
        ours = [shard for shard in wanted if f"{SHARD}{shard}" in self._names]
        await self._close([shard for shard in self._open if shard not in ours])
        for shard in ours:
            if shard not in self._open:
                self._begin(shard)

    async def _agreed(self, live: Mapping[str, str]) -> bool:
        """Whether all replicas have our number of shards; if not, theirs is ours from now on."""
        if not self._count:
            advised = (await self._advice()).shards
            self._count = int(live.get(COUNT, advised))
            log.info("discord.shards count=%d advised=%d", self._count, advised)
        if await self._leases.hold([COUNT], str(self._count), self._length):
            return True
        await self._close(list(self._open))
        self._count = 0
        return False

    def _wanted(self, live: Mapping[str, str]) -> list[int]:
        """As `choose` says; while we rest, those that we have and no others."""
        if self._clock() < self._rests:
            return list(self._open)
        members = {name.removeprefix(REPLICA) for name in live if name.startswith(REPLICA)}
        theirs = {
            int(name.removeprefix(SHARD))
            for name, holder in live.items()
            if name.startswith(SHARD) and holder != self._me
        }
        return choose(self._count, members | {self._me}, self._me, self._open, theirs)

    def _begin(self, shard: int) -> None:
        log.info("discord.shard_taken shard=%d of=%d", shard, self._count)
        task = asyncio.ensure_future(self._listen(shard, self._count))
        task.add_done_callback(lambda _: self._stirred.set())
        self._open[shard] = task

    async def _refused(self) -> bool:
        """Look after connections that ended by themselves; whether Discord refuses us altogether."""
        for shard, task in list(self._open.items()):
            if not task.done():
                continue
            del self._open[shard]
            if not task.result():
                return True
            self._rests = self._clock() + self._pace.rest
        return False

    async def _watch(self) -> None:
        """Close what we listen to before its lease ends, whatever keeps us from renewing it."""
        while True:
            left = self._ends - self._pace.margin - self._clock()
            if left <= 0 and self._open:
                log.warning("discord.leases_lost shards=%s", sorted(self._open))
                await self._close(list(self._open))
            await asyncio.sleep(max(left, self._pace.margin / 10))

    async def _close(self, shards: Collection[int]) -> None:
        """End these connections. They are deaf at once; their goodbyes are not waited for longer than is safe."""
        tasks = [self._open.pop(shard) for shard in shards]
        if not tasks:
            return
        log.info("discord.shards_left shards=%s", sorted(shards))
        closing = {asyncio.create_task(ended(task)) for task in tasks}
        self._closing |= closing
        for one in closing:
            one.add_done_callback(self._closing.discard)
        await asyncio.wait(closing, timeout=self._pace.margin / 2)
