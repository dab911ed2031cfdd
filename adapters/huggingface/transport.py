"""One question to Hugging Face and its answer: retries, a time budget, one host."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx
import stamina

from adapters.huggingface.answers import TryAgain, problem, read_body, read_json
from adapters.huggingface.pace import Pace
from adapters.huggingface.payload import error_text
from bot.domain.errors import ConfigError, Unavailable

_TIMEOUT = httpx.Timeout(10.0, connect=5.0)
_ATTEMPTS = 5
_HOPS = 3
_PATIENT = 5.0
"""With a smaller budget somebody is waiting: without a network they hear so at once."""
_OK, _NOT_MODIFIED, _BAD_REQUEST, _NOT_FOUND = 200, 304, 400, 404


@dataclass(frozen=True, slots=True)
class Answer:
    """Status 200 with `data`, or 304, 400 or 404 with what was said; everything else is an error."""

    status: int
    data: object = None
    said: str = ""
    etag: str | None = None
    next: httpx.URL | None = None
    """The following page, on our host."""

    @property
    def ok(self) -> bool:
        return self.status == _OK

    @property
    def unchanged(self) -> bool:
        return self.status == _NOT_MODIFIED

    @property
    def refused(self) -> bool:
        return self.status == _BAD_REQUEST


class Call:
    """The seconds that one intention may take, and what went wrong last."""

    def __init__(self, budget: float) -> None:
        self.budget = budget
        self.trouble: Unavailable | None = None
        self._end = asyncio.get_running_loop().time() + budget

    def worth_waiting(self, error: Exception) -> bool | timedelta:
        """Whether there is time for another try, or how long to wait for it."""
        if not isinstance(error, TryAgain):
            return False
        self.trouble = error
        if isinstance(error.__cause__, httpx.ConnectError) and self.budget < _PATIENT:
            return False
        if error.retry_after is None:
            return True
        left = self._end - asyncio.get_running_loop().time()
        return error.retry_after if error.retry_after.total_seconds() < left else False


class Transport:
    """GETs JSON from one host. Nothing but our own errors leaves it, and the token goes nowhere else."""

    def __init__(
        self,
        base_url: str,
        *,
        token: str | None,
        user_agent: str,
        pace: Pace,
        backoff: float,
        transport: httpx.AsyncBaseTransport | None,
    ) -> None:
        self._base = _base_url(base_url)
        self._with_token = bool(token and token.strip())
        self._pace = pace
        self._backoff = backoff
        agent = "".join(c for c in user_agent if c.isascii() and c.isprintable())
        headers = {"User-Agent": agent, "Accept": "application/json"}
        if token and self._with_token:
            headers["Authorization"] = f"Bearer {_token(token)}"
        self._http = httpx.AsyncClient(headers=headers, timeout=_TIMEOUT, transport=transport)

    async def aclose(self) -> None:
        await self._http.aclose()

    def url(self, path: str, params: Mapping[str, str | int] | None = None) -> httpx.URL:
        return self._base.copy_with(path=self._base.path.rstrip("/") + path, params=params or None)

    @asynccontextmanager
    async def within(self, budget: float) -> AsyncIterator[Call]:
        """Everything inside together keeps to `budget` seconds."""
        call = Call(budget)
        try:
            async with asyncio.timeout(budget):
                yield call
        except TimeoutError as e:
            late = f"Hugging Face did not answer within {budget:g} seconds."
            raise call.trouble or Unavailable(late) from e

    async def get(self, call: Call, url: httpx.URL, etag: str | None = None) -> Answer:
        """The answer, after as many tries as the call has time for."""
        tries = stamina.retry_context(
            on=call.worth_waiting,
            attempts=_ATTEMPTS,
            timeout=None,
            wait_initial=self._backoff,
            wait_jitter=self._backoff,
            wait_max=20 * self._backoff,
        )
        async for attempt in tries:
            with attempt:
                await self._pace.turn()
                return await self._ask(url, etag)
        raise AssertionError("stamina either returns or raises")  # pragma: no cover

    async def _ask(self, url: httpx.URL, etag: str | None) -> Answer:
        headers = {"If-None-Match": etag} if etag and etag.isascii() and etag.isprintable() else {}
        try:
            for _ in range(_HOPS):
                request = self._http.build_request("GET", url, headers=headers)
                response = await self._http.send(request, stream=True)
                async with aclosing(response):
                    if not response.has_redirect_location:
                        return await self._answer(response)
                    url = self._on_our_host(response.url.join(response.headers["location"]))
        except httpx.TransportError as e:
            raise TryAgain(f"Hugging Face cannot be reached ({_name(e)}).") from e
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as e:
            raise Unavailable(f"Hugging Face's answer cannot be read ({_name(e)}).") from e
        raise Unavailable("Hugging Face keeps redirecting us.")

    async def _answer(self, response: httpx.Response) -> Answer:
        body = await read_body(response)
        status = response.status_code
        if status == _OK:
            etag = response.headers.get("etag")
            return Answer(status, read_json(response, body), etag=etag, next=self._next(response))
        if status in (_NOT_MODIFIED, _BAD_REQUEST, _NOT_FOUND):
            return Answer(status, said=error_text(body))
        raise problem(response, body, with_token=self._with_token)

    def _next(self, response: httpx.Response) -> httpx.URL | None:
        link = response.links.get("next", {}).get("url")
        return self._on_our_host(response.url.join(link)) if link else None

    def _on_our_host(self, url: httpx.URL) -> httpx.URL:
        if (url.scheme, url.host, url.port) != (
            self._base.scheme,
            self._base.host,
            self._base.port,
        ):
            where = f"{url.scheme}://{url.host}"[:100]
            raise Unavailable(f"Hugging Face sends us to another host ({where}); we do not follow.")
        return url


def _name(error: Exception) -> str:
    """What happened, for people; an error without a plain name has its own words."""
    match error:
        case httpx.ConnectError():
            return "no connection"
        case httpx.TimeoutException():
            return "no answer in time"
        case _:
            return str(error)[:200] or type(error).__name__


def _base_url(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, TypeError) as e:
        raise ConfigError(f"[huggingface] url is no address: {text!r}") from e
    if url.scheme not in ("http", "https") or not url.host:
        raise ConfigError(f"[huggingface] url must begin with https:// or http://, not {text!r}")
    return url


def _token(token: str) -> str:
    token = token.strip()
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise ConfigError("HF_TOKEN has characters that no access token has; copy it again.")
    return token
