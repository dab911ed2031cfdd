"""Kill the bot at every step on the way from the plan to the record, and see what the channel has.

    python -m tests.support.crash FOLDER

Forks a process for each step, which kills itself there with SIGKILL; another one then carries on. Prints a
JSON object: step -> [how the process ended, {delivery key: times it stands in the channel}].
"""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console

from adapters.terminal.door import TerminalDoor
from bot.delivery import PostOffice
from bot.domain.subscriptions import Layout
from bot.ingest import Ingest
from bot.planning import Planner
from storage import shelf, shelves
from tests.support.fakes import FakeSource
from tests.support.storage import template, temporary_storage
from tests.support.world import World, at, some

DAY = "2025-05-22"
__all__ = ["shelf", "shelves"]  # loaded before the first fork, not in each

STEPS = 60
"""More than there are: a process that outlives them all shows that every step was tried."""


class Doomed:
    """Counts the calls of what it wraps, and dies after the given one: before the next, nothing else has changed."""

    count = 0
    fatal = 0

    def __init__(self, wrapped: object) -> None:
        self._wrapped = wrapped

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._wrapped, name)
        if not callable(value):
            return value

        async def call(*args: object, **named: object) -> object:
            result = await value(*args, **named)
            self.step()
            return result

        return call

    @classmethod
    def step(cls) -> None:
        cls.count += 1
        if cls.count == cls.fatal:
            os.kill(os.getpid(), signal.SIGKILL)


async def life(folder: Path, ticks: int) -> None:
    """One process: starts on what it finds, and ticks."""
    async with temporary_storage(folder) as storage:
        it = World(storage, AFTER, source=FakeSource())
        it.publish(DAY, some(2, DAY))
        door = TerminalDoor(data=folder, console=Console(file=StringIO()), now=lambda: it.now)
        if await storage.subscriptions.get("one") is None:
            it.now = BEFORE
            await it.subscribe(layout=Layout.THREAD)
            it.now = AFTER
        messenger, outbox = Doomed(door.messenger), Doomed(storage.outbox)
        subscriptions = Doomed(storage.subscriptions)
        ingest = Ingest(it.source, storage.archive, storage.search, lambda: it.now)
        planner = Planner(
            archive=storage.archive,
            subscriptions=subscriptions,  # type: ignore[arg-type]
            outbox=outbox,  # type: ignore[arg-type]
            refresher=ingest,
            budgets={"terminal": door.messenger.budget},
            clock=lambda: it.now,
        )
        office = PostOffice(
            subscriptions=subscriptions,  # type: ignore[arg-type]
            outbox=outbox,  # type: ignore[arg-type]
            messengers={"terminal": messenger},  # type: ignore[dict-item]
            clock=lambda: it.now,
        )
        await office.settle(alone=True)
        for _ in range(ticks):
            await office.settle()
            await planner.plan_due()
            await office.send()


BEFORE, AFTER = at("2025-05-22 12:00"), at("2025-05-23 09:00")


def forked(work: Callable[[], None]) -> int:
    """The number of the signal that ended it, or 0."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as e:  # noqa: BLE001 -- a fork must not go on as its parent
            sys.stderr.write(f"{e!r}\n")
            os._exit(1)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status)


def die_at(step: int, folder: Path) -> tuple[int, dict[str, int]]:
    """Die at that step, live again, and count the channel's messages by delivery."""
    folder.mkdir()

    def doomed() -> None:
        Doomed.fatal = step
        asyncio.run(life(folder, 1))

    ended = forked(doomed)
    forked(lambda: asyncio.run(life(folder, 2)))
    lines = (folder / "terminal" / "local.jsonl").read_text().splitlines()
    keys = [message["key"] for message in map(json.loads, lines) if "key" in message]
    return ended, dict(Counter(keys))


def main(folder: Path) -> None:
    """Every step in turn, until a process reaches its end."""
    template()  # made once: the forks inherit it, and everything that a life imports
    (folder / "first").mkdir()
    asyncio.run(life(folder / "first", 1))
    Doomed.count = 0
    results = {}
    for step in range(1, STEPS + 1):
        results[step] = die_at(step, folder / str(step))
        if results[step][0] == 0:
            break
    sys.stdout.write(json.dumps(results))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
