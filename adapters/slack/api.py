"""Calls to Slack's Web API: which may be repeated, which never are, and when a method is closed."""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack.client import CONNECT, TOTAL, proxy_for, web_client
from adapters.slack.failures import (
    TRANSPORT,
    UNAUTHORISED,
    answer,
    code_of,
    is_limited,
    is_uncertain,
    wait_of,
)
from adapters.slack.grants import Grant, Grants
from adapters.slack.settings import Settings
from bot.domain.errors import DeliveryError

PAUSES = (0.5, 2.0)
"""Seconds before a question is asked again whose answer was lost."""
_OK = 200
_JSON = "application/json; charset=utf-8"
_WORD = re.compile(r"[a-z_]{3,80}")


class Api:
    """One workspace's token for each call, one session for all. Its calls raise `failures.ERRORS`."""

    def __init__(
        self,
        settings: Settings,
        grants: Grants,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        patience: float = 30.0,
        total: float = TOTAL,
    ) -> None:
        """`patience` is how long a `read` may take in all, and `total` any one request, in seconds."""
        self.grants = grants
        self._settings = settings
        self._clock = clock
        self._sleep = sleep
        self._patience = patience
        self._total = total
        self._session: aiohttp.ClientSession | None = None
        self._closed_until: dict[tuple[str, str], float] = {}

    async def read(self, team: str, method: str, /, **arguments: Any) -> dict[str, Any]:
        """Ask what may be asked twice; a 429, a 5xx and a lost answer are made up for while patience lasts."""
        end = self._clock() + self._patience
        pauses = iter(PAUSES)
        while True:
            try:
                return await self._once(team, method, data=_form(arguments))
            except (SlackApiError, *TRANSPORT) as e:
                pause = _pause(e, pauses)
                if pause is None or self._clock() + pause > end:
                    raise
            await self._sleep(pause)

    async def ask(
        self, team: str, method: str, more: str = "", /, **arguments: Any
    ) -> dict[str, Any]:
        """Ask once: what is done twice would be seen twice.

        `more` has further arguments as the text of a JSON object: what many calls have in common is written once.
        """
        text = json.dumps({key: value for key, value in arguments.items() if value is not None})
        if more:
            text = f"{text[:-1]}{', ' if arguments else ''}{more[1:]}"
        return await self._once(team, method, data=text.encode(), headers={"Content-Type": _JSON})

    async def respond(self, url: str, body: Mapping[str, Any]) -> None:
        """Answer at a response_url, once. Slack takes five answers within half an hour."""
        content = json.dumps({key: value for key, value in body.items() if value is not None})
        await self._post("response_url", url, content.encode(), _JSON)

    async def upload(self, url: str, content: bytes) -> None:
        """Put a file where `files.getUploadURLExternal` said, once."""
        await self._post("upload_url", url, content, "application/octet-stream")

    def client(self, token: str | None = None) -> AsyncWebClient:
        """The library's client for a token (none for OAuth), on our session and repeating nothing."""
        return web_client(self._settings, token, self._opened(), self._total)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session:
            await self._session.close()

    async def _once(self, team: str, method: str, **body: Any) -> dict[str, Any]:
        self._check_open(team, method)
        grant = await self.grants.of(team)
        try:
            return await self._call(grant.token, method, body)
        except SlackApiError as e:
            if is_limited(e):
                self._closed_until[team, method] = self._clock() + wait_of(e)
            if code_of(e) == "missing_scope":
                self.grants.forget(team)
            renewed = await self._renewed(grant) if code_of(e) in UNAUTHORISED else None
            if renewed is None:
                raise
        return await self._call(renewed.token, method, body)

    async def _renewed(self, grant: Grant) -> Grant | None:
        """The workspace may have installed us anew, which another process was told."""
        self.grants.forget(grant.team)
        with suppress(DeliveryError):
            renewed = await self.grants.of(grant.team)
            return renewed if renewed.token != grant.token else None
        return None

    async def _call(self, token: str, method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        try:
            response = await self.client(token).api_call(method, **body)
        except TRANSPORT:
            raise
        except SlackApiError as e:
            if isinstance(e.response, AsyncSlackResponse):
                raise
            raise answer(method, {}, status=e.response.status, headers=e.response.headers) from e
        except (AttributeError, ValueError, RecursionError) as e:
            # the library stumbles over an answer that is no JSON object
            raise aiohttp.ClientPayloadError(f"Slack's answer to {method} makes no sense") from e
        if not isinstance(response.data, dict):
            raise aiohttp.ClientPayloadError(f"Slack's answer to {method} makes no sense")
        return response.data

    async def _post(self, what: str, url: str, content: bytes, kind: str) -> None:
        """Errors do not name the address: who knows it may speak for us."""
        if not _is_slacks(url, self._settings.api_url):
            raise ConnectionRefusedError(f"The {what} does not lead to Slack.")
        try:
            async with self._opened().post(
                url,
                data=content,
                headers={"Content-Type": kind},
                allow_redirects=False,
                proxy=proxy_for(url),
            ) as response:
                text = await response.text(errors="replace")
        except aiohttp.ConnectionTimeoutError:
            raise aiohttp.ConnectionTimeoutError(f"No connection to the {what}") from None
        except TimeoutError:
            raise TimeoutError(f"No answer from the {what}") from None
        said = _said(text)
        if response.status != _OK or said.get("ok") is False:
            raise answer(what, said, status=response.status, headers=response.headers)

    def _check_open(self, team: str, method: str) -> None:
        left = self._closed_until.get((team, method), 0.0) - self._clock()
        if left > 0:
            data, headers = {"ok": False, "error": "ratelimited"}, {"Retry-After": f"{left:.3f}"}
            raise answer(method, data, status=429, headers=headers)
        self._closed_until.pop((team, method), None)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._total, connect=CONNECT),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": str(web_client(self._settings, None).headers["User-Agent"])},
            )
        return self._session


def _pause(error: Exception, pauses: Iterator[float]) -> float | None:
    """Seconds until asking again may help; None when it will not."""
    if is_limited(error):
        return wait_of(error)
    if is_uncertain(error) or not isinstance(error, SlackApiError):
        return next(pauses, None)
    return None


def _form(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Arguments as a form takes them."""
    return {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in arguments.items()
        if value is not None
    }


def _is_slacks(url: str, api_url: str) -> bool:
    """Whether an address that came in an answer lies with the same house as the API: hooks.slack.com does."""
    try:
        home, there = urlsplit(api_url), urlsplit(url)
        host, owner = there.hostname or "", home.hostname or ""
    except ValueError:
        return False
    return there.scheme == home.scheme and (host == owner or host.endswith(f".{owner}"))


def _said(text: str) -> Mapping[str, Any]:
    """What an answer says: JSON, or a bare word."""
    with suppress(ValueError, RecursionError):
        said = json.loads(text)
        return said if isinstance(said, dict) else {}
    return {"error": text.strip()} if _WORD.fullmatch(text.strip()) else {}
