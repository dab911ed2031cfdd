"""The door itself: where lines come from, and how long it stays open."""

import asyncio
import getpass
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.text import Text

from adapters.terminal.clean import clean
from adapters.terminal.conversation import Conversation
from adapters.terminal.inputs import lines_of
from adapters.terminal.messenger import TerminalMessenger
from adapters.terminal.screen import Screen
from adapters.terminal.transcript import Transcript
from bot.domain.errors import StorageError
from bot.domain.people import Channel, Person, Workspace
from bot.domain.ports import Caller, Desk, Messenger

SAVE = "🔖"


def login_name() -> str:
    """Who is logged in, spelled as an address can hold it."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container may run as a user without a name
        name = ""
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in name) or "me"


class TerminalDoor:
    """One terminal: a workspace with a few channels, and one person who may do everything there.

    `console` and `input` stand in for standard output and input, `now` for the clock.
    """

    def __init__(
        self,
        *,
        workspace: str = "local",
        channels: Sequence[str] = ("papers",),
        user: str | None = None,
        downloads: Path = Path(),
        emoji: str = SAVE,
        data: Path | None = None,
        console: Console | None = None,
        input: TextIO | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        place = Workspace("terminal", workspace)
        name = user or login_name()
        self.channel = Channel(place, channels[0])
        self.caller = Caller(
            person=Person("terminal", name, name), channel=self.channel, admin=True
        )
        self._input = input if input is not None else sys.stdin
        self._history = data / "terminal" / "history" if data else None
        self._screen = Screen(console, downloads)
        transcript = _remembered(data / "terminal" / f"{workspace}.jsonl" if data else None)
        self._speaker = TerminalMessenger(place, channels, transcript, self._screen, now)
        self.messenger: Messenger = self._speaker
        self._conversation = Conversation(
            self.caller, emoji, self._speaker, transcript, self._screen
        )

    async def run(self, desk: Desk) -> None:
        """Hand over what is typed until the person leaves; without a terminal, until cancelled."""
        await self._speaker.show_missed()
        talk = asyncio.ensure_future(self._talk(desk))
        gone = asyncio.ensure_future(self._screen.gone.wait())
        try:
            await asyncio.wait({talk, gone}, return_when=asyncio.FIRST_COMPLETED)
            if talk.done():
                talk.result()
        finally:
            talk.cancel()
            gone.cancel()
            await asyncio.gather(talk, gone, return_exceptions=True)

    async def play(self, desk: Desk, lines: Iterable[str]) -> None:
        """Show each line at a prompt as if it were typed, and the answer to it."""
        for line in lines:
            await self._echo(line)
            if not await self.handle(desk, line):
                return

    async def handle(self, desk: Desk, line: str) -> bool:
        """Answer one typed line; False when it says that the person leaves."""
        return await self._conversation.handle(desk, line)

    async def suggest(self, desk: Desk, text: str) -> Sequence[str]:
        """Ways to finish the last word of what has been typed so far."""
        return await self._conversation.suggest(desk, text)

    async def _talk(self, desk: Desk) -> None:
        if self._input is None:
            await asyncio.Event().wait()
        elif self._input is sys.stdin and self._input.isatty() and sys.stdout.isatty():
            await self._chat(desk)
        else:
            await self._read(desk, self._input)

    async def _chat(self, desk: Desk) -> None:
        from adapters.terminal.prompt import above, typed

        self._screen.above = above
        lines = typed(self.channel.id, lambda text: self.suggest(desk, text), self._history)
        async with aclosing(lines):
            async for line in lines:
                if not await self.handle(desk, line):
                    return

    async def _read(self, desk: Desk, stream: TextIO) -> None:
        async with aclosing(lines_of(stream)) as lines:
            async for line in lines:
                if line.strip():
                    await self._echo(line)
                if not await self.handle(desk, line):
                    return
        if not stream.isatty():
            await asyncio.Event().wait()  # a service has no input, and stays

    async def _echo(self, line: str) -> None:
        prompt = Text(f"{self.channel.id} ▸ ", "bold cyan")
        await self._screen.say(Text.assemble(prompt, clean(line, 2_000)))


def _remembered(path: Path | None) -> Transcript:
    try:
        return Transcript(path)
    except OSError as e:
        raise StorageError(f"The terminal's transcript {path} cannot be used: {e.strerror}.") from e
