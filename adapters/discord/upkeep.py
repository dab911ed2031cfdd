"""Keeping a connection up: what is worth another try, after how long, and what is not."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

import aiohttp
import discord

from adapters.discord.client import PaperClient

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


async def keep_up(
    client: PaperClient,
    talk: Callable[[], Awaitable[None]],
    first_wait: float = FIRST_WAIT,
    *,
    tries: int | None = None,
) -> bool:
    """Open the client and talk, again and again. False when that is useless, which has been logged;
    True after so many `tries` in a row that failed."""
    wait, failures = first_wait, 0
    clock = asyncio.get_running_loop().time
    while True:
        begun = clock()
        try:
            async with client:
                await talk()
            reason = "the connection was closed"
        except discord.LoginFailure:
            log.error(BAD_TOKEN)  # noqa: TRY400 -- one line, without a traceback
            return False
        except discord.PrivilegedIntentsRequired:
            log.error(REFUSED[4014])  # noqa: TRY400
            return False
        except OUTAGES as e:
            if useless := _useless(e):
                log.error(useless)  # noqa: TRY400
                return False
            reason = f"{type(e).__name__}: {e}".splitlines()[0][:200]
            if isinstance(e, discord.HTTPException) and e.status == 429:  # noqa: PLR2004 -- HTTP's own
                wait = BANNED
        except Exception as e:  # the library stumbled over something: the others must not fall
            log.exception("discord.error")
            reason = repr(e)[:200]
        if clock() - begun > STEADY.total_seconds():
            wait, failures = first_wait, 0
        failures += 1
        if failures == tries:
            log.warning("discord.down reason=%s", reason)
            return True
        log.warning("discord.down reason=%s again_in=%.0fs", reason, wait)
        await asyncio.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT)
        client.again()


async def ended(task: "asyncio.Task[object]", *, patience: float = 0.2) -> None:
    """Cancelled until it is: on Python 3.11 `wait_for` swallows what comes when it is about to return.

    Whoever has something to put in order at its end needs our `patience`: it is not disturbed for so many seconds.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=patience)


def _useless(error: Exception) -> str | None:
    if isinstance(error, discord.HTTPException) and error.status == 401:  # noqa: PLR2004 -- HTTP's own
        return BAD_TOKEN
    return REFUSED.get(error.code) if isinstance(error, discord.ConnectionClosed) else None
