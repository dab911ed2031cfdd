"""The whole bot with a terminal and a mail server: somebody types, mails arrive, links are followed."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from adapters.email.letterbox import EmailDoor
from bot.domain.papers import Listing
from bot.domain.people import Channel, Person
from bot.domain.ports import Caller
from bot.domain.posts import Notice, Panel
from bot.domain.text import unmarked
from bot.domain.web import Page, Visit
from tests.support.smtp import MailServer, mail_server
from tests.support.stage import Stage
from tests.support.terminal import Terminal
from tests.support.world import at, some

ANN = Person("terminal", "ann", "Ann")
BOB = Person("terminal", "bob", "Bob")
HERE = Channel.parse("terminal:local/papers")


@dataclass
class MailStage:
    """Type with `says`, look at `server`, follow links with `get` and `post`."""

    stage: Stage
    server: MailServer
    door: EmailDoor
    terminal: Terminal

    async def says(self, text: str, *, by: Person = ANN, admin: bool = True) -> str:
        """What somebody reads after a command."""
        caller = Caller(person=by, channel=HERE, admin=admin)
        reply = await self.stage.app.desk.say(caller, text)
        assert reply.private
        return "\n".join(_words(post) for post in reply.posts)

    async def get(self, link: str) -> Page:
        return await self._follow("GET", link)

    async def post(self, link: str, body: bytes = b"") -> Page:
        return await self._follow("POST", link, body)

    async def _follow(self, method: str, link: str, body: bytes = b"") -> Page:
        address = urlsplit(link)
        handler = self.door.pages[method, address.path]
        return await handler(
            Visit(method=method, path=address.path, query=address.query, body=body)
        )

    def link(self, number: int = -1) -> str:
        """The first link of ours in a mail."""
        body = self.server.arrived[number].get_body(("plain",))
        assert body is not None
        found = re.search(r"https://papers\.example\.org/\S+", body.get_content())
        assert found
        return found[0]

    def code(self, number: int = -1) -> str:
        """The code in a mail."""
        return str(self.server.arrived[number]["Subject"])[:6]

    async def confirmed(self, line: str = "email me@lab.org", *, by: Person = ANN) -> None:
        """Somebody asks for mail, and says yes."""
        await self.says(line, by=by)
        page = await self.post(self.link())
        assert page.status == 200

    async def orders(self) -> list[Any]:
        """Every subscription to an address."""
        every = await self.stage.app.storage.subscriptions.all()
        return [one for one in every if one.channel.platform == "email"]

    async def tick(self, now: str) -> None:
        await self.stage.tick(now)


def _words(post: Any) -> str:
    if isinstance(post, Notice):
        return unmarked("\n".join((post.text, *post.hints)))
    assert isinstance(post, Panel), post
    rows = [f"{row.label}: {row.text}" for row in post.rows]
    return unmarked("\n".join((post.title, *rows, *post.notes)))


def words(page: Page) -> str:
    """What a browser shows."""
    return re.sub(r"<style>.*?</style>|<[^>]*>", " ", page.body.decode(), flags=re.DOTALL)


@asynccontextmanager
async def mail_stage(
    folder: Path,
    security: str = "plain",
    *,
    url: str = "https://papers.example.org",
    **settings: Any,
) -> AsyncIterator[MailStage]:
    """On Thursday 22 May 2025 at noon; the papers of that week are known."""
    stage = Stage(folder)
    async with mail_server(security, auth=security != "plain", url=url) as server:
        door = EmailDoor(server.settings)
        terminal = Terminal(None, downloads=folder, data=folder)  # type: ignore[arg-type]
        doors = {"terminal": terminal.door, "email": door}
        for day in ("2025-05-20", "2025-05-21", "2025-05-22", "2025-05-23"):
            stage.source.publish(Listing.day(at(day).date()), *some(3, day))
        async with stage.runs(doors, **settings):
            try:
                yield MailStage(stage, server, door, terminal)
            finally:
                await door.messenger.close()
