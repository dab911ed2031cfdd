"""Emoji on our messages, as they come and, for those that came while we were away, at start."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

import discord

from adapters.discord.addresses import PLATFORM, person, snowflake, workspace
from bot.domain.errors import PaperbotError
from bot.domain.people import Channel, Message, Person
from bot.domain.ports import Desk, Reaction

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(days=3)
"""Digests older than this are not read again at start."""


async def reacted(
    client: discord.Client, desk: Desk, event: discord.RawReactionActionEvent
) -> None:
    """An emoji was put on a message or taken away; a super reaction counts as one."""
    if client.user and event.user_id == client.user.id:
        return
    who = person(event.member) if event.member else Person(PLATFORM, str(event.user_id))
    where = Channel(workspace(event.guild_id, event.user_id), str(event.channel_id))
    await desk.react(
        Reaction(
            message=Message(where, str(event.message_id)),
            person=who,
            emoji=str(event.emoji),
            added=event.event_type == "REACTION_ADD",
        )
    )


async def cleared(
    client: discord.Client,
    desk: Desk,
    event: discord.RawReactionClearEvent | discord.RawReactionClearEmojiEvent,
) -> None:
    """All emoji, or all of one kind, were taken off a message."""
    if event.guild_id is None:
        return
    where = Channel(workspace(event.guild_id, 0), str(event.channel_id))
    message = Message(where, str(event.message_id))
    if isinstance(event, discord.RawReactionClearEvent):
        await desk.reconcile(message, ())
    else:
        await catch_up_on(client, desk, message)


async def catch_up(client: discord.Client, desk: Desk, now: datetime) -> int:
    """Read the reactions to our recent digests; how many papers were saved or unsaved by that."""
    changed = 0
    for shown in await desk.recent(PLATFORM):
        id = snowflake(shown.message.id)
        if id is None or now - discord.utils.snowflake_time(id) > LOOK_BACK:
            continue
        changed += await catch_up_on(client, desk, shown.message)
    return changed


async def catch_up_on(client: discord.Client, desk: Desk, message: Message) -> int:
    """Make what is saved agree with the emoji that are on one message."""
    channel, id = snowflake(message.channel.id), snowflake(message.id)
    if channel is None or id is None:
        return 0
    try:
        found = await client.get_partial_messageable(channel).fetch_message(id)
        standing = await _standing(client, desk, found, message)
        return await desk.reconcile(message, standing)
    except (discord.HTTPException, OSError, PaperbotError) as e:
        log.warning("discord.reactions_unread message=%s reason=%s", message, e)
        return 0


async def _standing(
    client: discord.Client, desk: Desk, found: discord.Message, message: Message
) -> Sequence[Reaction]:
    standing = []
    for reaction in found.reactions:
        if not desk.saves(emoji := str(reaction.emoji)):
            continue
        kinds = {
            discord.ReactionType.normal: reaction.normal_count,
            discord.ReactionType.burst: reaction.burst_count,
        }
        for kind in (kind for kind, count in kinds.items() if count):
            async for user in reaction.users(limit=None, type=kind):
                if client.user is None or user.id != client.user.id:
                    who = person(user)
                    standing.append(Reaction(message=message, person=who, emoji=emoji))
    return standing
