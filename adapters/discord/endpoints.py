"""Points one client of discord.py at another server; other clients of the process stay where they are."""

from typing import Any

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import HTTPClient, Route
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

from adapters.discord.settings import API, GATEWAY, Settings


def elsewhere(settings: Settings) -> bool:
    """Whether these settings mean a stand-in."""
    return (settings.api_url, settings.gateway_url) != (API, GATEWAY)


def _redirected(route: Route, api_url: str) -> Route:
    """The library writes its own address into every route; a route is used once."""
    route.url = api_url + route.url.removeprefix(Route.BASE)
    return route


class StandInHTTP(HTTPClient):
    """The library's HTTP client on another address."""

    def __init__(self, settings: Settings, like: HTTPClient) -> None:
        super().__init__(
            like.loop,
            http_trace=like.http_trace,
            max_ratelimit_timeout=like.max_ratelimit_timeout,
        )
        self._api_url = settings.api_url
        self._gateway = yarl.URL(settings.gateway_url)

    async def request(self, route: Route, **arguments: Any) -> Any:
        return await super().request(_redirected(route, self._api_url), **arguments)

    async def ws_connect(self, url: str, *, compress: int = 0) -> aiohttp.ClientWebSocketResponse:
        wanted = yarl.URL(url)
        if wanted.host == DiscordWebSocket.DEFAULT_GATEWAY.host:
            url = str(self._gateway.with_query(wanted.query))
        return await super().ws_connect(url, compress=compress)


class StandInWebhooks(AsyncWebhookAdapter):
    """What answers interactions, on another address."""

    def __init__(self, api_url: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._api_url = api_url

    async def request(self, route: Route, *args: Any, **arguments: Any) -> Any:
        return await super().request(_redirected(route, self._api_url), *args, **arguments)


def redirect(client: discord.Client, settings: Settings) -> None:
    """Give the client our HTTP; before it logs in, and before it has a command tree."""
    state: Any = client._connection  # noqa: SLF001 -- there is no public way
    client.http = state.http = StandInHTTP(settings, client.http)
    greet = state.parsers["READY"]

    def ready(data: dict[str, Any]) -> None:
        data.setdefault(
            "shard", [0, client.shard_count or 1]
        )  # Discord says it, a stand-in may not
        greet(data)

    state.parsers["READY"] = ready


def redirect_answers(settings: Settings) -> None:
    """For this task and those it starts: answers to interactions go to the stand-in."""
    async_context.set(StandInWebhooks(settings.api_url))
