"""How we stand to a channel: in it, or kept out in one way or another."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from adapters.slack.bench import Bench
from adapters.slack.failures import ERRORS, code_of
from bot.domain.people import Channel


class Presence(Enum):
    """How we stand to a channel."""

    HERE = "here"
    OUTSIDE = "outside"
    """It is a public channel, and nobody has invited us."""
    HIDDEN = "hidden"
    """There is none, or it is private and we are not in it: Slack does not say which."""
    CLOSED = "closed"
    """It is archived."""
    UNKNOWN = "unknown"
    """Slack did not tell."""


async def presence(bench: Bench, place: Channel) -> Presence:
    """Ask Slack; a direct conversation is there as long as its person. Never raises for what Slack does."""
    if place.id.startswith("D"):
        return Presence.HERE
    try:
        answer = await bench.api.read(place.workspace.id, "conversations.info", channel=place.id)
    except ERRORS as e:
        return Presence.HIDDEN if code_of(e) == "channel_not_found" else Presence.UNKNOWN
    found = answer.get("channel")
    return presence_in(found) if isinstance(found, dict) else Presence.UNKNOWN


def presence_in(info: Mapping[str, Any]) -> Presence:
    """What Slack's description of a channel says about us."""
    if info.get("is_archived"):
        return Presence.CLOSED
    if info.get("is_im"):
        return Presence.HERE
    return Presence.HERE if info.get("is_member") else Presence.OUTSIDE
