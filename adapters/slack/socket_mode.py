"""Socket Mode: we connect to Slack and keep that up, through refreshes, lost connections and outages.

Every connection takes a ticket of its own: one that was refused is never shown a second time. Slack's
library would show it for ever.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

import aiohttp

from adapters.slack.answers import reason
from adapters.slack.client import proxy_for, web_client
from adapters.slack.failures import ERRORS, code_of, is_limited, wait_of
from adapters.slack.link import Hear, Link
from adapters.slack.settings import Settings

log = logging.getLogger(__name__)

FIRST_WAIT = 1.0
LONGEST_WAIT = 120.0
"""Seconds between two tries to connect: doubled from the first to the longest."""
STEADY = 60.0
"""A connection that held so many seconds was a good one; waiting begins anew after it."""
HELLO = 10.0
"""Seconds in which Slack has to say hello."""
HEARTBEAT = 10.0
"""Seconds between two pings of ours; a connection that does not answer one is given up."""
FAREWELL = 0.3
"""Seconds in which Slack may answer that a connection is closed."""
LINGER = 30.0
"""Seconds in which what still comes over a connection that Slack is about to close is answered; it
announces that about 10 before (Slack, "Using Socket Mode")."""
LARGEST = 4 * 1024 * 1024
"""Bytes of one frame; a view with all that is in it has a quarter of a megabyte."""
REFUSED = {
    "invalid_auth",
    "not_authed",
    "not_allowed_token_type",
    "missing_scope",
    "no_permission",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "forbidden_team",
}
"""Answers to a request for a ticket after which asking again is useless."""
BAD_TOKEN = (
    "slack: Slack refuses the app token (%s), so this platform rests while all others go on. Make one with "  # noqa: S105 -- no secret
    "connections:write under Basic Information › App-Level Tokens, set SLACK_APP_TOKEN, and start "
    "paperbot anew."
)


class BackOff:
    """How long to wait before the next try. Pure."""

    def __init__(self, first: float = FIRST_WAIT, longest: float = LONGEST_WAIT) -> None:
        self._first = first
        self._longest = longest
        self._tries = 0

    def after(self, held: float) -> float:
        """Seconds, after a connection that held so long, or 0 for one that never stood.

        The first that is lost is followed by another at once.
        """
        if held >= STEADY:
            self._tries = 0
        self._tries += 1
        if held and self._tries == 1:
            return 0.0
        return min(self._first * 2.0 ** min(self._tries - 1, 20), self._longest)


class SocketMode:
    """One connection after the other; `up` is called when one stands after a time without any."""

    def __init__(
        self,
        settings: Settings,
        hear: Hear,
        *,
        up: Callable[[], None],
        back_off: BackOff,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        dice: Callable[[], float] = random.random,
        hello: float = HELLO,
        heartbeat: float = HEARTBEAT,
    ) -> None:
        self._settings = settings
        self._hear = hear
        self._up = up
        self._back_off = back_off
        self._sleep = sleep
        self._dice = dice
        self._hello = hello
        self._heartbeat = heartbeat
        self._links: set[asyncio.Task[None]] = set()
        self._standing: set[Link] = set()
        self._reason = "not connected yet"

    @property
    def ailment(self) -> str:
        """What is wrong, in one line; "" while a connection stands."""
        return "" if self._standing else self._reason

    async def run(self) -> None:
        """Until cancelled; returns when Slack refuses the token."""
        async with aiohttp.ClientSession() as session:
            try:
                await self._keep_up(session)
            finally:
                for link in self._links:
                    link.cancel()
                await asyncio.gather(*self._links, return_exceptions=True)

    async def _keep_up(self, session: aiohttp.ClientSession) -> None:
        while True:
            held, asked_for = 0.0, 0.0
            try:
                held = await self._one(session)
            except ERRORS as e:
                self._reason = reason(e)
                if code_of(e) in REFUSED:
                    self._reason = f"Slack refuses the app token ({code_of(e)})"
                    log.error(BAD_TOKEN, code_of(e))  # noqa: TRY400 -- one line, without a traceback
                    return
                asked_for = wait_of(e) if is_limited(e) else 0.0
            except Exception as e:  # the others must not fall because of us
                log.exception("slack.error kind=connection")
                self._reason = reason(e)
            wait = max(self._back_off.after(held) * (1 + self._dice() / 10), asked_for)
            if wait:
                log.warning("slack.down reason=%s again_in=%.0fs", self._reason, wait)
            await self._sleep(wait)

    async def _one(self, session: aiohttp.ClientSession) -> float:
        """A connection, until another is needed; the seconds it held. Raises ERRORS."""
        clock = asyncio.get_running_loop().time
        url = await self._ticket(session)
        async with asyncio.timeout(self._hello):
            socket = await session.ws_connect(
                url,
                timeout=aiohttp.ClientWSTimeout(ws_close=FAREWELL),
                heartbeat=self._heartbeat,
                max_msg_size=LARGEST,
                proxy=proxy_for(url.replace("ws", "http", 1)),
            )
            link = Link(socket, self._hear)
            reading = asyncio.create_task(self._read(link))
            self._links.add(reading)
            reading.add_done_callback(self._links.discard)
            try:
                await link.greeting()
            except BaseException:
                reading.cancel()
                raise
        begun = clock()
        self._stands(link)
        await link.over()
        self._reason = link.reason
        asyncio.get_running_loop().call_later(LINGER, reading.cancel)
        return max(clock() - begun, 0.001)

    async def _read(self, link: Link) -> None:
        try:
            await link.read()
        except ERRORS as e:
            log.info("slack.connection_lost reason=%s", reason(e))
        except Exception:
            log.exception("slack.error kind=connection")
        finally:
            self._standing.discard(link)

    def _stands(self, link: Link) -> None:
        alone = not self._standing
        self._standing.add(link)
        log.info("slack.connected")
        if alone:
            self._up()

    async def _ticket(self, session: aiohttp.ClientSession) -> str:
        """The address of one connection, good for one try."""
        client = web_client(self._settings, self._settings.app_token, session)
        try:
            return str((await client.api_call("apps.connections.open"))["url"])
        except (AttributeError, LookupError, TypeError, ValueError, RecursionError) as e:
            raise aiohttp.ClientPayloadError("Slack's answer makes no sense") from e
