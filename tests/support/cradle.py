"""A process that has loaded everything and forks a `paperbot run` whenever it is asked: lives begin at once.

    python -m tests.support.cradle CONFIG

Each line that it reads is a life, one at a time; it prints `born <pid>`, and `ended <status>` afterwards.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parent.parent.parent
LOADED = (
    "adapters.discord.connection",
    "adapters.huggingface.client",
    "adapters.slack.connection",
    "adapters.web.server",
    "aiosqlite",
    "anyio._backends._asyncio",
    "apscheduler.executors.asyncio",
    "apscheduler.schedulers.asyncio",
    "apscheduler.triggers.interval",
    "bot.operate",
    "h11",
    "httpcore",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "storage.founding",
    "storage.heard",
    "storage.index",
    "storage.installations",
    "storage.library",
    "storage.outbox",
    "storage.papers",
    "storage.sealing",
    "storage.subscriptions",
)
"""What `paperbot run` loads while it starts: more than a second's work."""
OURS = ("PAPERBOT", "DISCORD_", "SLACK_", "HF_")
"""Environment variables that a config file of its own has to be kept from."""


def main(config: str) -> None:
    """Fork at each line, until there are no more."""
    for name in LOADED:
        import_module(name)
    import_module("sqlalchemy.orm").configure_mappers()
    while sys.stdin.readline():
        child = os.fork()
        if child == 0:
            _live(config)
        _say(f"born {child}")
        _say(f"ended {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}")


def _live(config: str) -> None:
    """What the command of the same words does; never returns."""
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    status = 1
    try:
        from bot.cli import main

        sys.argv = ["paperbot", "run", "--config", config]
        main()
        status = 0
    except SystemExit as e:
        status = e.code if isinstance(e.code, int) else int(e.code is not None)
    finally:
        sys.stderr.flush()
        os._exit(status)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


# --- the other side


@dataclass
class Life:
    """One `paperbot run`."""

    pid: int
    _process: asyncio.subprocess.Process
    _forked: bool

    async def ended(self) -> int:
        """Its exit status, or the number of the signal that ended it below zero."""
        if not self._forked:
            return await self._process.wait()
        return int((await _told(self._process, "ended"))[1])

    def kill(self, by: int = signal.SIGKILL) -> None:
        os.kill(self.pid, by)


@dataclass
class Cradle:
    """`async with Cradle(config, log) as cradle`: lives of the bot on one config file, one after the other."""

    config: Path
    log: Path
    _process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        self._process = await self._started("-m", "tests.support.cradle", str(self.config))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process and self._process.stdin:
            self._process.stdin.close()
            await self._process.wait()

    async def born(self, *, afresh: bool = False) -> Life:
        """A new life; `afresh` it is a program of its own, which takes a second to load."""
        if afresh:
            process = await self._started("-m", "bot", "run", "--config", str(self.config))
            return Life(process.pid, process, _forked=False)
        assert self._process
        assert self._process.stdin
        self._process.stdin.write(b"live\n")
        pid = int((await _told(self._process, "born"))[1])
        return Life(pid, self._process, _forked=True)

    async def _started(self, *arguments: str) -> asyncio.subprocess.Process:
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                *arguments,
                cwd=ROOT,
                env=_without_ours(os.environ),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )


async def _told(process: asyncio.subprocess.Process, what: str) -> list[str]:
    assert process.stdout
    words = (await process.stdout.readline()).decode().split()
    assert words[:1] == [what], f"the cradle said {words}, not {what}"
    return words


def _without_ours(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith(OURS)}


if __name__ == "__main__":
    main(sys.argv[1])
