"""Posts for a Slack in tests, envelopes for them, and what calls the stand-in."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from adapters.slack.addresses import channel
from adapters.slack.api import Api
from adapters.slack.grants import Grant, Grants, OneGrant
from adapters.slack.messenger import SlackMessenger
from adapters.slack.people import People
from adapters.slack.settings import Settings
from bot.domain.papers import Paper, PaperId
from bot.domain.people import Workspace
from bot.domain.ports import Outgoing
from bot.domain.posts import Digest, Entry, PaperCard, Post
from bot.domain.stores import Installation
from tests.support.slack_server import SlackServer, slack_server

HOME = channel("T1", "C1")
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Time:
    """A clock that only moves when somebody sleeps; `slept` are the naps."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class FakeInstallations:
    """Workspaces and their tokens, in memory."""

    def __init__(self) -> None:
        self.kept: dict[Workspace, Installation] = {}

    async def keep(self, installation: Installation) -> None:
        self.kept[installation.workspace] = installation

    async def of(self, workspace: Workspace) -> Installation | None:
        return self.kept.get(workspace)

    async def all(self, platform: str) -> list[Installation]:
        return [one for one in self.kept.values() if one.workspace.platform == platform]

    async def remove(self, workspace: Workspace) -> bool:
        return self.kept.pop(workspace, None) is not None


def installed(team: str, token: str, *scopes: str) -> Installation:
    return Installation(
        workspace=Workspace("slack", team),
        token=token,
        bot="UBOT",
        name="Lab",
        scopes=frozenset(scopes),
        at=NOW,
    )


def chosen(api_url: str, **more: Any) -> Settings:
    """One workspace's token."""
    return Settings(**{"bot_token": "xoxb-T1", "app_token": "xapp-1", "api_url": api_url, **more})


@asynccontextmanager
async def calling(
    api_url: str, grants: Callable[[Settings], Grants] = OneGrant, **how: Any
) -> AsyncIterator[Api]:
    """What calls Slack at that address; its naps are not slept."""
    settings, time = chosen(api_url), Time()
    api = Api(settings, grants(settings), **{"clock": time, "sleep": time.sleep, **how})
    try:
        yield api
    finally:
        await api.close()


@asynccontextmanager
async def lab() -> AsyncIterator[SlackServer]:
    """A workspace with one channel that the bot is in, and Ann. Nothing that Slack would have passed over is said."""
    async with slack_server() as slack:
        slack.add_team("T1")
        slack.add_user("T1", "U1", "Ann")
        slack.add_channel("T1", "C1", "papers")
        yield slack
        assert slack.noted == []


def speaking(api: Api, time: Time, **how: Any) -> SlackMessenger:
    """A messenger whose naps are not slept."""
    return SlackMessenger(api, People(api, lambda: NOW), clock=time, sleep=time.sleep, **how)


class Known:
    """A workspace about which nobody need be asked."""

    async def of(self, team: str) -> Grant:
        return Grant(
            team=team, token="xoxb-T1", bot_user="UBOT", scopes=frozenset({"channels:history"})
        )

    def forget(self, team: str) -> None:
        pass

    async def teams(self) -> list[str]:
        return ["T1"]


@asynccontextmanager
async def answering(answer: Callable[[], web.Response]) -> AsyncIterator[str]:
    """A server that always answers the same."""

    async def handle(request: web.Request) -> web.Response:
        await request.read()
        return answer()

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}/api"
    finally:
        await runner.cleanup()


def papers(count: int = 2, **fields: Any) -> tuple[Entry, ...]:
    return tuple(
        Entry(paper=Paper(id=PaperId(f"2511.{n:05}"), title=f"Paper {n}", **fields), number=n)
        for n in range(1, count + 1)
    )


def digest(title: str = "Daily Papers", **fields: Any) -> Digest:
    return Digest(title=title, entries=papers(**fields))


def card(**fields: Any) -> PaperCard:
    return PaperCard(entry=papers(1, **fields)[0])


def out(
    post: Post | None = None, key: str = "sub:2025-12-01:1", where: str = "C1", **how: Any
) -> Outgoing:
    return Outgoing(channel=channel("T1", where), post=post or digest(), key=key, **how)


def long_ago() -> datetime:
    return datetime.now(UTC) - timedelta(days=1)
