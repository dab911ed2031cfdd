"""The time of the stand-in for Slack, and those who wait in it."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any


class Clock:
    """The time of day, which can be moved on; timestamps that never repeat."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self._last = 0
        self.numbers = count(1)

    def now(self) -> float:
        return time.time() + self.ahead

    def ts(self) -> str:
        """Later than every one before."""
        self._last = max(int(self.now() * 1_000_000), self._last + 1)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06}"

    def id(self, prefix: str) -> str:
        return f"{prefix}{next(self.numbers):08}"


class Pulse:
    """Wakes those who wait for something to change."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Event] = set()

    def beat(self) -> None:
        for event in self._waiting:
            event.set()

    async def until(self, true: Callable[[], Any], within: float = 3.0) -> Any:
        """What `true` says when that is something; what goes on in the bot is looked at often. Raises TimeoutError."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            async with asyncio.timeout(within):
                while not (found := true()):
                    event.clear()
                    with suppress(TimeoutError):
                        async with asyncio.timeout(0.01):
                            await event.wait()
                return found
        finally:
            self._waiting.discard(event)
