"""The bot's door to Slack, running against the stand-in: a real front desk, on fakes or on whatever is given."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from adapters.slack.connection import SlackDoor
from adapters.slack.settings import Settings
from bot.domain.papers import Listing, Paper
from bot.domain.people import Channel, Message, Person, Workspace
from bot.domain.ports import Desk, Outgoing
from bot.domain.posts import Digest, Entry
from bot.domain.web import Handler, Visit
from tests.support.fakes import NOW, paper
from tests.support.rooms import Office
from tests.support.slack_posts import FakeInstallations
from tests.support.slack_server import SlackServer
from tests.support.slack_state import Message as SlackMessage

PAPERS = (
    paper("2505.00001", "CLIP sees everything", 99, abstract="CLIP explained. More follows."),
    paper("2505.00002", "Attention to diffusion", 98, abstract="Diffusion explained."),
    paper("2505.00003", "A survey of surveys", 97, abstract="Surveys explained."),
    paper("2505.00004", "Robots that fold laundry", 96, abstract="Laundry explained."),
    paper("2505.00005", "Speech without words", 95, abstract="Speech explained."),
)


def peopled(slack: SlackServer) -> SlackServer:
    """T1 with Ann, Bob, Ada who administers it and Gus who is a guest; #papers (C1), the private #lab
    (G1), #elsewhere (C2) without the bot."""
    slack.add_team("T1", name="Lab")
    slack.add_user("T1", "U1", "Ann")
    slack.add_user("T1", "U2", "Bob", tz="America/New_York", tz_offset=-18000)
    slack.add_user("T1", "UADA", "Ada", admin=True)
    slack.add_user("T1", "UGUS", "Gus", guest=True)
    slack.add_channel("T1", "C1", "papers")
    slack.add_channel("T1", "G1", "lab", private=True)
    slack.add_channel("T1", "C2", "elsewhere", member=False)
    return slack


@dataclass
class SlackOffice:
    """A running door; `office` has the fakes behind the desk."""

    slack: SlackServer
    office: Office
    desk: Desk
    door: SlackDoor
    settings: Settings
    installations: FakeInstallations
    url: str
    """Where the door's pages are."""
    channel: Channel = field(default=Channel(Workspace("slack", "T1"), "C1"))

    def ailment(self) -> str:
        return self.door.ailment()

    async def posts(self, *papers: Paper, key: str = "daily/1") -> SlackMessage:
        """A digest in #papers, remembered as shown."""
        entries = tuple(Entry(paper=one, number=n) for n, one in enumerate(papers or PAPERS, 1))
        post = Digest(title="Daily Papers", subtitle="22 May", entries=entries)
        sent = await self.door.messenger.send(Outgoing(channel=self.channel, post=post, key=key))
        await self.desk.shown(sent, post)
        return self.slack.world.place("T1", "C1").message(sent.id)

    def saved(self, user: str = "U1", team: str = "T1") -> list[str]:
        """Ids of the papers that somebody has saved, in the order in which they did."""
        person = Person("slack", f"{team}.{user}")
        return [str(one.paper) for one in self.office.library.saves if one.person.id == person.id]

    async def settled(self, within: float = 3.0) -> None:
        """Until the bot has nothing to do any more: no calls under way, none new for a while."""
        async with asyncio.timeout(within):
            quiet, before = 0, -1
            while quiet < 3:
                await asyncio.sleep(0.01)
                now = len(self.slack.calls) + len(self.slack.responses) + len(self.slack.views)
                quiet = quiet + 1 if now == before and not self.slack.web.busy else 0
                before = now


class Mounted:
    """A small web server for a door's pages, as the bot's own mounts them."""

    def __init__(self) -> None:
        self.pages: Mapping[tuple[str, str], Handler] = {}
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        handler = self.pages.get((request.method, request.path))
        if handler is None:
            return web.Response(status=404)
        visit = Visit(
            method=request.method,
            path=request.path,
            query=request.query_string,
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.read(),
        )
        page = await handler(visit)
        answer = web.Response(status=page.status, body=page.body)
        for name, value in page.headers:
            if name.lower() == "content-type":
                answer.headers[name] = value
            else:
                answer.headers.add(name, value)
        return answer


@asynccontextmanager
async def mounted() -> AsyncIterator[Mounted]:
    """Open on loopback, without pages yet."""
    there = Mounted()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", there.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    there.url = f"http://{host}:{port}"
    try:
        yield there
    finally:
        await runner.cleanup()


def chosen(slack: SlackServer, *, http: bool, oauth: bool, url: str, **settings: Any) -> Settings:
    """Settings that point at the stand-in."""
    facts: dict[str, Any] = {"api_url": slack.api_url, "url": url}
    if oauth:
        facts |= {"client_id": slack.world.client_id, "client_secret": slack.world.client_secret}
    else:
        facts["bot_token"] = next(iter(slack.world.teams.values())).token
    if http:
        facts["signing_secret"] = slack.signing_secret
    else:
        facts["app_token"] = slack.app_token
    return Settings(**(facts | settings))


def furnished(office: Office | None = None) -> Office:
    """With five papers in the archive, those of the day."""
    there = office or Office()
    there.archive.has(Listing.day(NOW.date()), *PAPERS, at=NOW)
    return there


@asynccontextmanager
async def slack_office(
    slack: SlackServer,
    *,
    http: bool = False,
    oauth: bool = False,
    office: Office | None = None,
    desk: Desk | None = None,
    installations: FakeInstallations | None = None,
    connected: bool = True,
    **settings: Any,
) -> AsyncIterator[SlackOffice]:
    """The door runs until the end of the block, over Socket Mode or HTTP.

    Without people in `slack` it is `peopled`. With `desk` another than that of the fakes answers. With
    `connected` false the block begins before a connection is there.
    """
    if not slack.world.teams and not oauth:
        peopled(slack)
    there = office or furnished()
    async with mounted() as server:
        tokens = installations or FakeInstallations()
        options = chosen(slack, http=http, oauth=oauth, url=server.url, **settings)
        door = SlackDoor(options)
        door.host(tokens)
        server.pages = door.pages
        served = desk or there.desk
        running = asyncio.create_task(door.run(served))
        try:
            if http:
                slack.use_http(f"{server.url}/slack/events")
            else:
                slack.use_socket()
            if connected:
                await _ready(slack, running, http=http, url=server.url)
            yield SlackOffice(slack, there, served, door, options, tokens, server.url)
        finally:
            await _ended(running)


async def _ready(
    slack: SlackServer, running: "asyncio.Task[None]", *, http: bool, url: str
) -> None:
    """Raises whatever ends the door before it is open."""
    opening = asyncio.ensure_future(_open(slack, http=http))
    try:
        await asyncio.wait({opening, running}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
            raise AssertionError("the door closed by itself")
        opening.result()
    finally:
        opening.cancel()
        with suppress(asyncio.CancelledError):
            await opening


async def _open(slack: SlackServer, *, http: bool) -> None:
    if not http:
        await slack.connected()
        return
    async with asyncio.timeout(5):
        for _ in range(400):
            if (await slack.verify_url()).status == 200:
                return
            await asyncio.sleep(0.01)


async def _ended(running: "asyncio.Task[None]") -> None:
    """Cancelled; what went wrong in it comes out here."""
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


def address(message: SlackMessage) -> Message:
    """A message of Slack's as an address of ours."""
    channel = Channel(Workspace("slack", message.team), message.channel)
    return Message(channel, message.ts)
