"""Loops that run side by side: what stops them, and what a failure in one does to the others."""

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress

from bot.domain.errors import PaperbotError

log = logging.getLogger(__name__)

Job = Callable[[], Coroutine[None, None, None]]

PATIENCE = 10.0
"""Seconds in which whatever is told to end can say its goodbyes."""


def guarded(job: Job) -> Job:
    """A job whose failure is logged and does not stop the ones after it."""

    async def run() -> None:
        try:
            await job()
        except asyncio.CancelledError:
            log.debug("%s.cancelled", job.__name__)  # we are stopping, and that is no failure
        except PaperbotError as e:
            log.error("%s.failed error=%s", job.__name__, e)  # noqa: TRY400 -- an operator needs one line
        except Exception:
            log.exception("%s.error", job.__name__)

    return run


async def first_of(doors: Sequence["asyncio.Task[None]"]) -> None:
    """Return when the first door closes, or SIGINT or SIGTERM comes."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        # Windows knows no such handlers, and a thread that is not the main one may set none: Ctrl-C ends us there
        with suppress(NotImplementedError, ValueError):
            loop.add_signal_handler(name, stop.set)
    stopped = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait([*doors, stopped], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        stopped.cancel()


async def gone(tasks: Sequence["asyncio.Task[None]"]) -> None:
    """End these, however that turns out. Whoever has not ended in time is asked again: a library may have
    swallowed the first cancellation."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=PATIENCE)
    await asyncio.gather(*tasks, return_exceptions=True)
