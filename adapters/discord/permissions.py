"""The permissions we need in a channel, what for, and their names in Discord's settings."""

from dataclasses import dataclass
from typing import Literal

import discord

Kind = Literal["text", "forum", "thread"]


@dataclass(frozen=True, slots=True)
class Need:
    """One permission: `flag` as discord.py names it, `name` as people read it."""

    flag: str
    name: str
    why: str


_VIEW = Need("view_channel", "View Channel", "to see the channel at all")
_SEND = Need("send_messages", "Send Messages", "to post papers")
_FILES = Need(
    "attach_files", "Attach Files", "to hand over exports and to show pictures of figures"
)
_EMBED = Need("embed_links", "Embed Links", "to show pictures and boxes")
_HISTORY = Need(
    "read_message_history",
    "Read Message History",
    "to see whether a post whose answer was lost is there, and which reactions were made while it was away",
)
_THREADS = Need("create_public_threads", "Create Public Threads", "to put each paper in a thread")
_IN_THREADS = Need("send_messages_in_threads", "Send Messages in Threads", "to post in threads")

NEEDED: dict[Kind, tuple[Need, ...]] = {
    "text": (_VIEW, _SEND, _EMBED, _FILES, _HISTORY, _THREADS, _IN_THREADS),
    "forum": (_VIEW, _SEND, _EMBED, _FILES, _HISTORY, _IN_THREADS),
    "thread": (_VIEW, _IN_THREADS, _EMBED, _FILES, _HISTORY),
}


def missing(held: discord.Permissions, kind: Kind = "text") -> tuple[Need, ...]:
    """What we would need and do not hold; an administrator holds everything."""
    if held.administrator:
        return ()
    return tuple(need for need in NEEDED[kind] if not getattr(held, need.flag))


def kind_of(channel: object) -> Kind:
    """Which of the three a channel is, as permissions go."""
    if isinstance(channel, discord.ForumChannel):
        return "forum"
    return "thread" if isinstance(channel, discord.Thread) else "text"


def lacking(channel: object) -> tuple[str, ...]:
    """The names of what we lack in a channel, as far as the cache knows."""
    guild = getattr(channel, "guild", None)
    me = getattr(guild, "me", None)
    if me is None or not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return ()
    try:
        held = channel.permissions_for(me)
    except discord.ClientException:  # the channel above a thread is not known
        return ()
    return tuple(need.name for need in missing(held, kind_of(channel)))
