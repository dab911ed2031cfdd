"""Somebody's browser at the pages where workspaces install the bot, and the Slack that it goes to and comes from."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from adapters.slack.addresses import workspace
from adapters.slack.api import Api
from adapters.slack.grants import InstalledGrants
from adapters.slack.install import pages
from adapters.slack.settings import Settings
from bot.domain.stores import Installation, Installations
from bot.domain.web import Page, Visit
from storage import open_storage
from storage.sealing import new_key
from tests.support.rooms import Office
from tests.support.slack_server import SlackServer, slack_server
from tests.support.storage import copy_template

URL = "https://papers.example.org"
BACK = f"{URL}/slack/oauth_redirect"


@dataclass
class Browser:
    """Somebody's browser, which follows what our pages say; `now` can be moved."""

    slack: SlackServer
    settings: Settings
    installations: Installations
    api: Api
    office: Office = field(default_factory=Office)
    open: bool = True
    cookies: dict[str, str] = field(default_factory=dict)

    async def gets(self, path: str, query: str = "", **headers: str) -> Page:
        handlers = pages(
            self.settings,
            installations=self.installations,
            api=self.api,
            desk=lambda: self.office.desk if self.open else None,
            clock=lambda: self.office.now,
        )
        sent = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        told = {"cookie": sent, **headers}
        page = await handlers["GET", path](
            Visit(method="GET", path=path, query=query, headers=told)
        )
        for name, value in page.headers:
            if name == "set-cookie":
                self._keep(value)
        return page

    def _keep(self, header: str) -> None:
        pair, *rest = header.split("; ")
        name, _, value = pair.partition("=")
        if "Max-Age=0" in rest:
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value

    async def begins(self, query: str = "") -> str:
        """To Slack: the address of its page."""
        page = await self.gets("/slack/install", query)
        assert page.status == 302
        return at(page)

    async def agrees(
        self,
        authorize_url: str,
        *,
        refusing: frozenset[str] = frozenset(),
        enterprise: bool = False,
    ) -> Page:
        """The green button, and back to us; optional scopes can be refused."""
        back = urlsplit(self.slack.consent(authorize_url, "T1", "U1", enterprise=enterprise))
        assert f"{back.scheme}://{back.netloc}{back.path}" == BACK
        (code,) = parse_qs(back.query)["code"]
        grant = self.slack.world.grants[code]
        self.slack.world.grants[code] = replace(grant, scopes=grant.scopes - refusing)
        return await self.gets("/slack/oauth_redirect", back.query)

    async def returns(self, **told: str) -> Page:
        return await self.gets("/slack/oauth_redirect", urlencode(told))

    async def kept(self, team: str = "T1") -> Installation | None:
        return await self.installations.of(workspace(team))


@asynccontextmanager
async def browser(tmp_path: Path, **changes: Any) -> AsyncIterator[Browser]:
    """A bot that workspaces install, and nobody has yet."""
    url = f"sqlite:///{copy_template(tmp_path / 'paperbot.db')}"
    async with slack_server() as slack, open_storage(url, keys=[new_key()]) as storage:
        slack.add_team("T1", bot_token="xoxb-T1", bot_user="UBOT")
        slack.add_user("T1", "U1", name="Ann")
        settings = Settings(
            client_id=slack.world.client_id,
            client_secret=slack.world.client_secret,
            signing_secret=slack.world.signing_secret,
            api_url=slack.api_url,
            url=URL,
        )
        settings = replace(settings, **changes)
        api = Api(settings, InstalledGrants(storage.installations, settings))
        try:
            yield Browser(slack, settings, storage.installations, api)
        finally:
            await api.close()


def at(page: Page) -> str:
    """Where a page sends the browser."""
    return dict(page.headers)["location"]


def asked(authorize_url: str) -> dict[str, str]:
    """What Slack's page is told."""
    return {key: value for key, (value,) in parse_qs(urlsplit(authorize_url).query).items()}


def words(page: Page) -> str:
    return page.body.decode()
