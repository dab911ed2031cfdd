"""One bot, wired as `paperbot run` wires it, and what somebody in a chat of it can do."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from bot.app import App, open_app
from bot.commands.tokens import quote
from bot.config import Config
from bot.domain.papers import Fetched, Listing, Paper
from bot.domain.ports import Desk, Door
from tests.support.fakes import FakeSource
from tests.support.storage import copy_template
from tests.support.world import at

BALLOT = "ballot_box_with_ballot"


class Chat(Protocol):
    """Somebody in a channel."""

    async def asks(self, command: str, **options: object) -> str:
        """What they read after a command."""
        ...

    async def reads(self) -> str:
        """What stands in the channel for everybody."""
        ...

    async def reads_alone(self) -> str:
        """What stands where they are alone with the bot."""
        ...

    async def reads_below(self) -> str:
        """What stands in the threads of the channel."""
        ...

    async def reacts(self, emoji: str, *, added: bool = True) -> None:
        """To the newest post of the bot, by Slack's name of the emoji."""
        ...

    async def votes(self, *, added: bool = True) -> None:
        """By an emoji on the newest nomination."""
        ...

    async def opens(self) -> str:
        """The file that was handed over last."""
        ...

    async def sees_a_picture(self, *, posted: bool = False) -> None:
        """Of figures, with the last answer or with the last post; in a terminal it is made of letters."""
        ...


@dataclass
class Stage:
    """The whole bot; its clock is moved by hand."""

    directory: Path
    now: datetime = field(default_factory=lambda: at("2025-05-22 12:00"))
    source: FakeSource = field(default_factory=FakeSource)
    app: App = field(init=False)

    async def tick(self, now: str) -> None:
        """The clock stands there, and turns once."""
        self.now = at(now)
        await self.app.tick()

    async def features(self, now: str, *papers: Paper) -> None:
        """Hugging Face lists them that day beside what it has, and the bot hears of it."""
        self.now = at(now)
        listing = Listing.day(self.now.date())
        there = self.source.lists.get(listing, Fetched()).papers
        self.source.publish(listing, *there, *papers)
        await self.app.ingest.poll()

    async def learns(self, paper: Paper) -> None:
        """The bot has seen a paper change."""
        await self.app.storage.archive.keep([paper], as_of=self.now)

    @asynccontextmanager
    async def runs(self, doors: Mapping[str, Door], **settings: Any) -> AsyncIterator[Desk]:
        """The bot with these doors; who has them runs them."""
        copy_template(self.directory / "paperbot.db")
        config = Config.model_validate({"data": self.directory, **settings})
        clock: Callable[[], datetime] = lambda: self.now  # noqa: E731
        async with open_app(config, doors=doors, source=self.source, clock=clock) as self.app:
            yield self.app.desk


@dataclass
class Spoken:
    """A door that somebody else keeps open."""

    messenger: Any

    async def run(self, desk: Desk) -> None:
        await asyncio.Event().wait()


def check_picture(content: bytes, alt: str) -> None:
    """A PNG that somebody who does not see it is told about."""
    assert content.startswith(b"\x89PNG")
    assert len(content) <= 300_000
    assert alt.startswith("Chart. ")


def line(command: str, options: Mapping[str, object]) -> str:
    """As it is typed where there is only text."""
    given = {name: quote(str(value)) for name, value in options.items()}
    bare = [text if name == "words" else f"{name}:{text}" for name, text in given.items()]
    return " ".join([command, *bare])
