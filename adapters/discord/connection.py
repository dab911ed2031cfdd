"""The door itself: a connection that is kept up, and a token that is asked for in one line."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import aiohttp
import discord

from adapters.discord.client import PaperClient
from adapters.discord.endpoints import elsewhere, redirect_answers
from adapters.discord.messenger import DiscordMessenger
from adapters.discord.settings import Settings
from bot.domain.checks import Check
from bot.domain.people import Channel
from bot.domain.ports import Desk, Messenger

log = logging.getLogger(__name__)

FIRST_WAIT = 2.0
LONGEST_WAIT = 300.0
"""Seconds between two tries to connect: doubled from the first to the longest."""
STEADY = timedelta(minutes=5)
"""A connection that held so long was a good one; waiting begins anew after it."""
BANNED = 900.0
"""Seconds to stay away when Discord's front server refuses us as such (429 to a login)."""
OUTAGES = (
    OSError,
    aiohttp.ClientError,
    asyncio.TimeoutError,
    discord.GatewayNotFound,
    discord.HTTPException,
    discord.RateLimited,
    discord.ConnectionClosed,
)
BAD_TOKEN = (
    "discord: Discord refuses the token, so this platform rests while all others go on. "  # noqa: S105 -- no secret
    "Reset it in the Developer Portal under Bot, set DISCORD_TOKEN, and start paperbot anew."
)
REFUSED = {
    4004: BAD_TOKEN,
    4010: "discord: the shard numbers are wrong; this platform rests.",
    4011: "discord: sharding is required for so many servers; this platform rests.",
    4012: "discord: this version of Discord's gateway is over; update discord.py.",
    4013: "discord: the intents are invalid; update discord.py.",
    4014: "discord: an intent is not allowed; this platform rests.",
}
"""Close codes after which trying again is useless."""


class DiscordDoor:
    """One application of Discord's, on all of its servers."""

    def __init__(
        self, settings: Settings, data: Path | None, *, first_wait: float = FIRST_WAIT
    ) -> None:
        self.client = PaperClient(settings, data)
        self._settings = settings
        self._first_wait = first_wait
        self.messenger: Messenger = DiscordMessenger(
            self.client, pings=settings.pings, publish=settings.publish
        )

    async def run(self, desk: Desk) -> None:
        """Until cancelled. A token that is refused ends the talking, not the waiting."""
        self.client.serve(desk)
        if elsewhere(self._settings):
            redirect_answers(self._settings)
        with _OneLine():
            talk = asyncio.create_task(self._keep_up())
            try:
                await asyncio.wait({talk})  # to await it would hand our own cancellation on to it
                talk.result()
                await asyncio.Event().wait()
            finally:
                await _ended(talk)
                with suppress(*OUTAGES):
                    await self.client.close()

    def check(self, channels: Iterable[Channel]) -> AsyncIterator[Check]:
        """Token, intents, and permissions in these channels; asked over REST, without a connection."""
        from adapters.discord.operate import check

        return check(self._settings, channels)

    async def _keep_up(self) -> None:
        """Connect again and again; return when that is useless."""
        wait = self._first_wait
        clock = asyncio.get_running_loop().time
        while True:
            begun = clock()
            try:
                async with self.client:
                    await self.client.start(self._settings.token)
                reason = "the connection was closed"
            except discord.LoginFailure:
                log.error(BAD_TOKEN)  # noqa: TRY400 -- one line, without a traceback
                return
            except discord.PrivilegedIntentsRequired:
                log.error(REFUSED[4014])  # noqa: TRY400
                return
            except OUTAGES as e:
                if useless := _useless(e):
                    log.error(useless)  # noqa: TRY400
                    return
                reason = f"{type(e).__name__}: {e}".splitlines()[0][:200]
                if isinstance(e, discord.HTTPException) and e.status == 429:  # noqa: PLR2004 -- HTTP's own
                    wait = BANNED
            except Exception as e:  # the library stumbled over something: the others must not fall
                log.exception("discord.error")
                reason = repr(e)[:200]
            if clock() - begun > STEADY.total_seconds():
                wait = self._first_wait
            log.warning("discord.down reason=%s again_in=%.0fs", reason, wait)
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)
            self.client.again()


async def _ended(task: "asyncio.Task[None]") -> None:
    """Cancelled until it is: on Python 3.11 `wait_for` swallows what comes when it is about to return."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.2)


def _useless(error: Exception) -> str | None:
    if isinstance(error, discord.HTTPException) and error.status == 401:  # noqa: PLR2004 -- HTTP's own
        return BAD_TOKEN
    return REFUSED.get(error.code) if isinstance(error, discord.ConnectionClosed) else None


class _OneLine:
    """The library logs a traceback at every try to connect; we say the same in one line."""

    def __enter__(self) -> None:
        for name in NOISY:
            logging.getLogger(name).addFilter(_without_traceback)

    def __exit__(self, *_: object) -> None:
        for name in NOISY:
            logging.getLogger(name).removeFilter(_without_traceback)


NOISY = ("discord.shard", "discord.client", "discord.gateway")


def _without_traceback(record: logging.LogRecord) -> bool:
    record.exc_info = None
    return True
