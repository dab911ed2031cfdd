"""Discord's errors as ours, sorted by who can mend them. The codes are those of its documentation
("JSON error codes"); what no rule knows is sorted by its HTTP status."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import aiohttp
import discord

from bot.domain.errors import (
    ChannelRefused,
    ContentRefused,
    DeliveryError,
    OutcomeUnknown,
    TryLater,
    WorkspaceRefused,
)

log = logging.getLogger(__name__)

TRANSPORT = (aiohttp.ClientError, OSError, TimeoutError)
"""What a lost connection raises; the library passes it on as it is."""
UNKNOWN_CHANNEL = 10003
UNKNOWN_MESSAGE = 10008
MISSING_ACCESS = 50001
MISSING_PERMISSIONS = 50013
TAG_REQUIRED = 40067
HAS_THREAD = 160004
BANNED_FOR = timedelta(minutes=15)
"""Cloudflare's bans last an hour at most; asking rarely does not prolong them."""

ELSEWHERE = "Subscribe in a text channel, a forum or a thread."
_NOT_HERE = (
    "{where} is gone, or the bot was removed from the server. "
    "Invite it again, or subscribe in another channel with `/paper subscribe`."
)
_CHANNEL = {
    UNKNOWN_CHANNEL: _NOT_HERE,
    10004: _NOT_HERE,
    MISSING_ACCESS: "The bot may not see {where}. {allow}",
    MISSING_PERMISSIONS: "The bot may not post in {where}. {allow}",
    TAG_REQUIRED: (
        "{where} wants a tag on every post, and has none that the bot may use. "
        'Add a tag "papers" to it, or switch off "Require people to select tags" in its settings.'
    ),
    30033: "The thread {where} has as many members as Discord allows; subscribe in another one.",
    50007: "The bot may not write to this person; they can allow direct messages and try again.",
    50008: f"{{where}} takes no messages. {ELSEWHERE}",
    50009: "The server's verification level keeps the bot from posting in {where}.",
    50024: f"That is not possible in {{where}}. {ELSEWHERE}",
    50083: "The thread {where} is archived and closed. Open it again, or subscribe elsewhere.",
    160005: "The thread {where} is locked. Unlock it, or subscribe elsewhere.",
    160006: "The server has as many active threads as Discord allows. Close some of them.",
}
_CONTENT = {
    40005: "Discord finds the post too large",
    50006: "Discord finds the post empty",
    50035: "Discord dislikes the form of the post",
    200000: "AutoMod of the server blocked the post",
    240000: "Discord's filter of harmful links blocked the post",
    UNKNOWN_MESSAGE: "somebody deleted the post as soon as it was there",
}
_UNAUTHORISED, _TOO_MANY, _SERVERS_FAULT = 401, 429, 500
_STATUS = {_UNAUTHORISED, _TOO_MANY}
_LATER = {20016, 20022, 20028}
"""Slow mode and limits on writing."""


def undelivered(error: BaseException, where: str, lacking: Sequence[str] = ()) -> DeliveryError:
    """What an error that a request for a post met means for its delivery."""
    if isinstance(error, discord.RateLimited):
        return TryLater("Discord asks for patience", timedelta(seconds=error.retry_after))
    if isinstance(error, discord.HTTPException):
        return _answered(error, where, lacking)
    if isinstance(error, discord.InvalidData):
        return ChannelRefused(_CHANNEL[50024].format(where=where))
    return OutcomeUnknown(f"No answer came from Discord: {error!r}")


def unasked(error: BaseException, where: str, lacking: Sequence[str] = ()) -> DeliveryError:
    """The same for a request that came before the post: without an answer nothing was sent."""
    failure = undelivered(error, where, lacking)
    return TryLater(str(failure)) if isinstance(failure, OutcomeUnknown) else failure


def _answered(error: discord.HTTPException, where: str, lacking: Sequence[str]) -> DeliveryError:
    if error.status in _STATUS or error.status >= _SERVERS_FAULT:
        return _by_status(error)
    said = error.text[:300] or str(error)
    if error.code in _LATER:
        return TryLater(f"Discord asks for patience in {where}", _wait(error, timedelta(minutes=1)))
    if error.code in _CONTENT:
        return ContentRefused(f"{_CONTENT[error.code]}: {said}")
    if error.code in _CHANNEL:
        return ChannelRefused(_CHANNEL[error.code].format(where=where, allow=_allow(lacking)))
    if isinstance(error, discord.Forbidden | discord.NotFound):
        return ChannelRefused(f"Discord refuses posts in {where}: {said}")
    return ContentRefused(f"Discord refuses the post: {said}")


def _by_status(error: discord.HTTPException) -> DeliveryError:
    if error.status == _UNAUTHORISED:
        return WorkspaceRefused(
            "Discord does not accept the bot's token any more. "
            "Make a new one in the developer portal and put it in DISCORD_TOKEN."
        )
    if error.status == _TOO_MANY:  # Cloudflare's, since the library waits for Discord's own
        log.error("discord.banned status=429 reason=%s", error.text[:200])
        return TryLater("Discord does not want to hear from us just now", _wait(error, BANNED_FOR))
    return OutcomeUnknown(f"Discord has trouble: HTTP {error.status}")


def _allow(lacking: Sequence[str]) -> str:
    wanted = ", ".join(lacking) or "View Channel, Send Messages and Send Messages in Threads"
    return f"Allow it {wanted} in the channel's settings, under Permissions."


def _wait(error: discord.HTTPException, otherwise: timedelta) -> timedelta:
    with suppress(ValueError, TypeError, OverflowError):
        return timedelta(seconds=float(error.response.headers.get("Retry-After", "")))
    return otherwise
