"""How fast messages may follow each other: 1 a second in a channel, "several hundred a minute" in a workspace.

(docs.slack.dev/apis/web-api/rate-limits and the page of chat.postMessage; what goes beyond may be lost)
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.domain.errors import TryLater
from bot.domain.people import Channel

CHANNEL = 1.0
"""Seconds between two messages in a channel."""
WORKSPACE = 0.25
"""Seconds between two in a workspace: 240 a minute."""
_MANY = 4_096


class Pace:
    """Who may speak when. One for everything that posts."""

    def __init__(
        self,
        *,
        channel: float = CHANNEL,
        workspace: float = WORKSPACE,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """`channel` and `workspace` are the seconds between two messages."""
        self._channel = channel
        self._workspace = workspace
        self._clock = clock
        self._sleep = sleep
        self._free: dict[str, float] = {}

    async def turn(self, channel: Channel, patience: float) -> None:
        """Wait until a message may be sent there. Raises TryLater when that takes more than `patience` seconds."""
        end = self._clock() + patience
        here = str(channel)
        await self._wait(here, self._channel, end)
        await self._wait(str(channel.workspace), self._workspace, end)
        # it may have waited for the workspace: the channel's next second begins now
        self._free[here] = max(self._free.get(here, 0.0), self._clock() + self._channel)

    async def _wait(self, key: str, gap: float, end: float) -> None:
        now = self._clock()
        start = max(now, self._free.get(key, now))
        if start > end:
            wait = timedelta(seconds=start - now)
            raise TryLater("More posts are waiting than Slack takes at a time.", wait)
        self._tidy(now)
        self._free[key] = start + gap
        if start > now:
            await self._sleep(start - now)

    def _tidy(self, now: float) -> None:
        if len(self._free) > _MANY:
            self._free = {key: free for key, free in self._free.items() if free > now}
