"""Coming to a server, leaving it, and what happened to servers and channels while we were away."""

import logging

import discord

from adapters.discord.addresses import PLATFORM, channel, snowflake, workspace
from adapters.discord.setup import welcome
from bot.domain.people import Channel
from bot.domain.ports import Desk

log = logging.getLogger(__name__)

GONE = 10003
"""Unknown channel."""


async def joined(desk: Desk, guild: discord.Guild) -> None:
    """Say hello where people will see it; take up what waits since an earlier stay."""
    resumed = await desk.returned(workspace(guild.id, 0))
    log.info("discord.joined guild=%s resumed=%d", guild.id, resumed)
    if place := greeting_place(guild):
        try:
            await place.send(**welcome(resumed))
        except discord.HTTPException as e:
            log.warning("discord.no_welcome guild=%s reason=%s", guild.id, e)


def greeting_place(guild: discord.Guild) -> discord.TextChannel | None:
    """Where the server greets people, else the topmost channel in which we may speak."""
    first = [guild.system_channel] if guild.system_channel else []
    for place in (*first, *guild.text_channels):
        held = place.permissions_for(guild.me)
        if held.view_channel and held.send_messages:
            return place
    return None


async def removed(desk: Desk, guild: discord.Guild) -> None:
    """We were kicked, or the server was closed: what is ordered there waits."""
    paused = await desk.left(workspace(guild.id, 0))
    log.info("discord.removed guild=%s paused=%d", guild.id, paused)


async def deleted(desk: Desk, guild: int, id: int) -> None:
    """A channel or thread is gone."""
    if paused := await desk.left(channel(guild, id)):
        log.info("discord.channel_gone channel=%s/%s paused=%d", guild, id, paused)


async def compare(client: discord.AutoShardedClient, desk: Desk) -> None:
    """What is ordered where against where we are: done at start, since nobody tells us what we missed."""
    for place in await desk.channels(PLATFORM):
        guild = snowflake(place.workspace.id)
        if guild is None or not _ours(client, guild):
            continue
        there = await _is_there(client, place, guild)
        if there is not None:
            await (desk.returned(place) if there else desk.left(place))


def _ours(client: discord.AutoShardedClient, guild: int) -> bool:
    """Whether one of our shards would know this server."""
    count = client.shard_count or 1
    return client.shard_ids is None or (guild >> 22) % count in client.shard_ids


async def _is_there(client: discord.Client, place: Channel, guild: int) -> bool | None:
    """None when that cannot be told."""
    known, id = client.get_guild(guild), snowflake(place.id)
    if known is None:
        return False
    if known.unavailable or id is None:
        return None
    if known.get_channel_or_thread(id):
        return True
    try:  # a thread that rests is nowhere but here
        await client.fetch_channel(id)
    except discord.HTTPException as e:
        return False if e.code == GONE else None
    return True
