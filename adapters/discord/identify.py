"""Sparing IDENTIFY: Discord allows 1000 in 24 hours, and takes the token away from who uses more.

The times are kept in a file, so that a process that crashes and is started again is slowed down too.
Several replicas are one bot to Discord: they take turns, and what is left of the day's is asked of Discord.
"""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from bot.domain.errors import StorageError
from bot.domain.stores import Leases

log = logging.getLogger(__name__)

DAY = timedelta(hours=24)
FREE = 20
"""So many a day and shard are made at once: restarts while somebody sets the bot up."""
SLOW = 100
SHORT = timedelta(seconds=5)
"""What Discord asks for between two anyway."""
LONG = timedelta(minutes=1)
LONGEST = timedelta(minutes=10)
"""With it a loop of crashes makes fewer than 300 a day."""
PLENTY = 5
"""As long as more than a fifth of the day's are left, nobody waits for their sake."""


def earliest(
    past: Sequence[datetime], now: datetime, shards: int = 1, short: timedelta = SHORT
) -> datetime:
    """When the next IDENTIFY may be sent, after those of the past."""
    recent = [time for time in past if now - DAY < time <= now]
    if not recent:
        return now
    number = len(recent) / max(shards, 1)
    wait = short if number < FREE else LONG if number < SLOW else LONGEST
    return max(now, max(recent) + wait)


class Identifies:
    """The times of the last day's IDENTIFYs, in a file if there is a data folder."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._past = _read(file)

    async def wait(self, shards: int = 1, short: timedelta = SHORT) -> None:
        """Return when the next one may be sent, and count it."""
        now = datetime.now(UTC)
        until = earliest(self._past, now, shards, short)
        if until - now > SHORT:
            log.warning("discord.identify_waits seconds=%d", (until - now).total_seconds())
        await asyncio.sleep((until - now).total_seconds())
        self.count(datetime.now(UTC))

    def count(self, now: datetime) -> None:
        """Note one."""
        self._past = [time for time in self._past if now - DAY < time] + [now]
        if self._file is None:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(json.dumps([time.isoformat() for time in self._past]))
        except OSError as e:
            log.warning("discord.identifies_unwritten reason=%s", e)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What Discord says of our shards and IDENTIFYs (GET /gateway/bot)."""

    shards: int
    concurrency: int
    """So many shards may IDENTIFY within five seconds: one of each remainder."""
    total: int
    remaining: int
    anew: timedelta
    """When there are `total` again."""

    @classmethod
    def read(cls, shards: int, limit: Mapping[str, Any]) -> "Advice":
        """From Discord's own words."""
        return cls(
            shards=max(shards, 1),
            concurrency=max(int(limit["max_concurrency"]), 1),
            total=int(limit["total"]),
            remaining=int(limit["remaining"]),
            anew=timedelta(milliseconds=int(limit["reset_after"])),
        )


def pause(advice: Advice) -> timedelta:
    """How long to wait before one more: not at all while there are plenty, then so that they last the day."""
    if advice.remaining * PLENTY > advice.total:
        return timedelta(0)
    return advice.anew / max(advice.remaining, 1)


class Turns:
    """The IDENTIFYs of all replicas, one after the other."""

    def __init__(
        self,
        leases: Leases,
        replica: str,
        advice: Callable[[], Awaitable[Advice]],
        ours: Identifies,
        apart: float,
    ) -> None:
        """`apart` is how many seconds Discord wants between two."""
        self._leases = leases
        self._replica = replica
        self._advice = advice
        self._ours = ours
        self._apart = timedelta(seconds=apart)
        self._numbers = count(1)
        self._one = asyncio.Lock()

    async def wait(self, shard: int, shards: int) -> None:
        """Return when this shard may send its IDENTIFY. Raises what asking Discord raises."""
        async with self._one:
            advice = await self._advice()
            if needed := pause(advice).total_seconds():
                log.warning("discord.identify_waits remaining=%d", advice.remaining)
                await asyncio.sleep(needed)
            await self._ours.wait(shards, timedelta(0))
        await self._turn(f"discord/identify/{shard % advice.concurrency}")

    async def _turn(self, name: str) -> None:
        """A turn is a lease that nobody gives back: it ends when the next one may begin.

        It runs from the moment the database grants it, and we begin when we hear of that: a slow answer is made up for.
        """
        me = f"{self._replica}/{next(self._numbers)}"
        while True:
            asked = time.monotonic()
            try:
                if await self._leases.hold([name], me, self._apart):
                    slow = timedelta(seconds=2 * (time.monotonic() - asked))
                    if slow > self._apart / 25:
                        await self._leases.hold([name], me, self._apart + slow)
                    return
            except StorageError as e:
                log.warning("discord.leases_unreached reason=%s", e)
            await asyncio.sleep(self._apart.total_seconds() / 10)


def _read(file: Path | None) -> list[datetime]:
    try:
        return (
            [datetime.fromisoformat(text) for text in json.loads(file.read_text())] if file else []
        )
    except (OSError, ValueError, TypeError):
        return []
