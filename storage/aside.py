"""A thread for work that nobody waits for: it lets everything else go first, and ends when it is told to."""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

_NICE = 10
"""Of 19. With more, Python's lock would be held too long on a busy machine by a thread that gets no time."""
_REST = 0.1
"""Rest after work, as a part of it; elsewhere than on Linux a thread cannot step back, and rests longer."""
_REST_ELSEWHERE = 0.5


class Aside:
    """Work is done one after the other."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "paperbot-aside", _step_back)
        self._closed = threading.Event()
        self._begun = time.monotonic()

    async def run(self, work: Callable[[], T]) -> T:
        """The work's result; whoever stops waiting does not stop the work, but `close` does."""

        def done() -> T:
            self._begun = time.monotonic()
            return work()

        return await asyncio.get_running_loop().run_in_executor(self._pool, done)

    def breathe(self) -> None:
        """To be called in the midst of long work: rests a little, and raises Stopped once this is closed."""
        rest = _REST if sys.platform == "linux" else _REST_ELSEWHERE
        if self._closed.wait((time.monotonic() - self._begun) * rest):
            raise Stopped
        self._begun = time.monotonic()

    def close(self) -> None:
        """Begin nothing more."""
        self._closed.set()
        self._pool.shutdown(wait=False, cancel_futures=True)


class Stopped(Exception):
    """The work was broken off."""


def _step_back() -> None:
    if sys.platform == "linux":  # where a priority is a thread's own
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
