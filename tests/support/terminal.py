"""A terminal to talk to in tests: a real door on a console in memory, and a desk that follows a script."""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console

from adapters.terminal import TerminalDoor
from bot.domain.papers import Paper, PaperId
from bot.domain.people import Message, Person
from bot.domain.ports import Caller, Desk, Outgoing, Reaction
from bot.domain.posts import Digest, Entry, Notice, Post, Reply

NOON = datetime(2025, 12, 1, 12, tzinfo=UTC)

_ESCAPE = re.compile(r"\x1b\][^\x1b]*\x1b\\|\x1b\[[0-9;?]*[A-Za-z]")


def seen(text: str) -> str:
    """What a person sees of text with escape sequences."""
    return _ESCAPE.sub("", text)


def paper(number: int = 1, **fields: Any) -> Paper:
    """A paper that differs from others by its number."""
    id = PaperId(f"2511.{number:05}")
    given: dict[str, Any] = {"id": id, "title": f"Paper number {number}", "upvotes": number}
    return Paper(**given | fields)


def digest(*papers: Paper, title: str = "Daily Papers · 1 December 2025") -> Digest:
    """A digest of these papers, numbered from 1."""
    entries = tuple(Entry(paper=paper, number=n) for n, paper in enumerate(papers, 1))
    return Digest(title=title, entries=entries)


@dataclass
class ScriptedDesk:
    """Answers what `answers` says, raises what it holds, and remembers everything it was told."""

    answers: Mapping[str, Post | Sequence[Post] | Exception] = field(default_factory=dict)
    reaction: Reply | None = field(default_factory=lambda: Reply(posts=(Notice(text="Saved."),)))
    words: Sequence[str] = ()
    said: list[str] = field(default_factory=list)
    callers: list[Caller] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    remembered: list[tuple[Message, Post]] = field(default_factory=list)

    async def say(self, caller: Caller, text: str) -> Reply:
        self.said.append(text)
        self.callers.append(caller)
        answer = self.answers.get(text, Notice(text=f"You said: {text}"))
        if isinstance(answer, Exception):
            raise answer
        return Reply(posts=tuple(answer) if isinstance(answer, Sequence) else (answer,))

    async def call(self, caller: Caller, command: str, options: Mapping[str, str]) -> Reply:
        raise NotImplementedError(command)  # a terminal only has text

    async def react(self, reaction: Reaction) -> Reply | None:
        self.reactions.append(reaction)
        return self.reaction

    async def shown(self, message: Message, post: Post, *, to: Person | None = None) -> None:
        self.remembered.append((message, post))

    async def suggest(self, caller: Caller, text: str) -> Sequence[str]:
        return self.words


class _Output(StringIO):
    def __init__(self) -> None:
        super().__init__()
        self.changed = asyncio.Event()

    def write(self, text: str) -> int:
        self.changed.set()
        return super().write(text)


class Terminal:
    """A door whose console is kept in memory. Plain like a pipe, or with `styled` like a terminal.

    `desk` may be the real one: `await Terminal(desk).say("/paper search clip")` is the text shown.
    """

    def __init__(
        self,
        desk: Desk,
        *,
        styled: bool = False,
        width: int = 80,
        data: Path | None = None,
        downloads: Path = Path(),
        channels: Sequence[str] = ("papers",),
        input: TextIO | None = None,
        now: Callable[[], datetime] = lambda: NOON,
    ) -> None:
        self.desk = desk
        self.output = _Output()
        self.console = Console(
            file=self.output,
            width=width,
            force_terminal=styled,
            color_system="truecolor" if styled else None,
            no_color=False,
            _environ={},
        )
        self.door = TerminalDoor(
            user="ann",
            channels=channels,
            downloads=downloads,
            data=data,
            console=self.console,
            input=input or StringIO(),
            now=now,
        )

    async def say(self, line: str) -> str:
        """Type a line; the text shown in answer."""
        before = len(self.output.getvalue())
        await self.door.handle(self.desk, line)
        return self.output.getvalue()[before:]

    async def post(self, post: Post, key: str = "", reply_to: Message | None = None) -> Message:
        """Send a post to the channel, as a delivery does."""
        channel = self.door.channel
        outgoing = Outgoing(channel=channel, post=post, key=key, reply_to=reply_to)
        return await self.door.messenger.send(outgoing)

    async def until(self, text: str) -> None:
        """Wait until the text stands on the screen."""
        while text not in self.shown:
            self.output.changed.clear()
            await self.output.changed.wait()

    @property
    def shown(self) -> str:
        """Everything on the screen so far, as a person sees it."""
        return seen(self.output.getvalue())
