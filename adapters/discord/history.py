"""Our own recent messages in a channel and its threads: to see whether a post had arrived after all."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from typing import Any

import discord

MESSAGES = 300
"""Read back at most in a channel; more than a channel of papers sees in the time that matters."""
THREADS = 25
"""Looked into at most, the latest first."""


async def own_messages(channel: Any, me: int, since: datetime) -> AsyncIterator[discord.Message]:
    """Messages that we sent after `since`, the latest first, in the channel and then in its threads."""
    if isinstance(channel, discord.abc.Messageable):
        async for message in _written(channel, me, since):
            yield message
    if isinstance(channel, discord.TextChannel | discord.ForumChannel):
        for thread in await _threads(channel, since):
            async for message in _written(thread, me, since):
                yield message


async def _written(
    place: discord.abc.Messageable, me: int, since: datetime
) -> AsyncIterator[discord.Message]:
    async for message in place.history(limit=MESSAGES, after=since, oldest_first=False):
        if message.author.id == me:
            yield message


async def _threads(
    channel: discord.TextChannel | discord.ForumChannel, since: datetime
) -> list[discord.Thread]:
    """Those which somebody wrote in after `since`; a quiet thread is archived after an hour already."""
    found = [t for t in await channel.guild.active_threads() if t.parent_id == channel.id]
    async for thread in channel.archived_threads(limit=THREADS):
        if thread.archive_timestamp < since:
            break
        found.append(thread)
    moved = discord.utils.time_snowflake(since)
    lively = [thread for thread in found if (thread.last_message_id or thread.id) >= moved]
    return sorted(lively, key=lambda t: t.last_message_id or t.id, reverse=True)[:THREADS]


def carries(message: discord.Message, mark: str) -> bool:
    """Whether our mark stands anywhere in a message's text."""
    return any(mark in text for text in _texts(message))


def _texts(message: discord.Message) -> Iterator[str]:
    yield message.content
    for embed in message.embeds:
        yield embed.description or ""
    yield from _displays(message.components)


def _displays(components: Sequence[object]) -> Iterator[str]:
    for component in components:
        if isinstance(component, discord.TextDisplay):
            yield component.content
        yield from _displays(getattr(component, "children", ()))
