"""Answering an interaction: within Discord's three seconds, privately where that is meant."""

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from typing import Any

import aiohttp
import discord

from adapters.discord.addresses import Interaction, person, place
from adapters.discord.division import divide
from adapters.discord.render import render
from bot.domain.people import Message
from bot.domain.ports import Desk
from bot.domain.posts import Notice, Post, Reply

log = logging.getLogger(__name__)

QUICK = 1.5
"""Seconds that an answer may take before we say that it will take longer. Discord waits for 3."""
MOST_MORE = 5
"""Further messages after the first; Discord lets no more through where we are a guest."""
TOO_LATE = {10062, 40060}
"""Unknown interaction; already acknowledged: nobody can be answered any more."""
REFUSED = {50035, 50006}
"""Invalid form body; empty message: it may do without decoration."""


def error(text: str, *hints: str) -> Reply:
    """An answer that says what is wrong and what to do."""
    return Reply(posts=(Notice(text=text, tone="error", hints=hints),))


async def respond(
    interaction: Interaction, desk: Desk, asked: Awaitable[Reply], *, private: bool = True
) -> None:
    """Show what was asked for, as soon as it is there."""
    work = asyncio.ensure_future(asked)
    try:
        done, _ = await asyncio.wait({work}, timeout=QUICK)
        if not done and not interaction.response.is_done():
            await interaction.response.defer(ephemeral=private, thinking=True)
        reply = await work
        await _show(interaction, desk, reply, deferred_private=private)
    except discord.HTTPException as e:
        if e.code not in TOO_LATE:
            raise
        log.warning("discord.too_late interaction=%s code=%s", interaction.id, e.code)
    except (aiohttp.ClientError, OSError) as e:
        log.warning("discord.answer_lost interaction=%s reason=%r", interaction.id, e)
    finally:
        work.cancel()


async def _show(
    interaction: Interaction, desk: Desk, reply: Reply, *, deferred_private: bool
) -> None:
    posts = [part for post in reply.posts for part in divide(post)]
    if interaction.response.is_done() and reply.private and not deferred_private:
        await interaction.delete_original_response()
        first, rest = None, posts
    else:
        first, rest = posts[0], posts[1:]
    if first:
        await _remember(
            interaction,
            desk,
            first,
            await _first(interaction, first, reply.private),
            private=reply.private,
        )
    for post in rest[:MOST_MORE]:
        await _remember(
            interaction,
            desk,
            post,
            await _more(interaction, post, reply.private),
            private=reply.private,
        )


async def _first(interaction: Interaction, post: Post, private: bool) -> int | None:
    """The answer itself; the id of its message."""
    if interaction.response.is_done():
        message = await _sent(post, interaction.edit_original_response, edit=True)
        return int(message.id)

    async def send(**arguments: Any) -> int | None:
        callback = await interaction.response.send_message(**arguments, ephemeral=private)
        return callback.message_id

    id: int | None = await _sent(post, send)
    return id


async def _more(interaction: Interaction, post: Post, private: bool) -> int:
    async def send(**arguments: Any) -> discord.WebhookMessage:
        return await interaction.followup.send(**arguments, ephemeral=private, wait=True)

    message = await _sent(post, send)
    return int(message.id)


async def beside(interaction: Interaction, desk: Desk, reply: Reply) -> None:
    """Show an answer in messages of its own."""
    for post in reply.posts[:MOST_MORE]:
        await _remember(
            interaction,
            desk,
            post,
            await _more(interaction, post, reply.private),
            private=reply.private,
        )


async def replace(interaction: Interaction, desk: Desk, post: Post) -> None:
    """Put a post in the place of the message whose button was pressed."""
    private = bool(interaction.message and interaction.message.flags.ephemeral)
    if interaction.response.is_done():
        message = await _sent(post, interaction.edit_original_response, edit=True)
        await _remember(interaction, desk, post, message.id, private=private)
    else:
        await _sent(post, interaction.response.edit_message, edit=True)
        await _remember(
            interaction,
            desk,
            post,
            interaction.message.id if interaction.message else None,
            private=private,
        )


async def _sent(post: Post, send: Any, *, edit: bool = False) -> Any:
    """Rendered and sent; plainly, should Discord dislike the decoration."""
    try:
        return await send(**_arguments(post, edit=edit))
    except discord.HTTPException as e:
        if e.code not in REFUSED:
            raise
        log.warning("discord.plain kind=%s reason=%s", post.kind, e.text)
        return await send(**_arguments(post, edit=edit, plain=True))


def _arguments(post: Post, *, edit: bool, plain: bool = False) -> Mapping[str, Any]:
    rendered = render(post, plain=plain)
    return rendered.edit_arguments() if edit else rendered.arguments()


async def _remember(
    interaction: Interaction, desk: Desk, post: Post, id: int | None, *, private: bool
) -> None:
    if id is not None:
        to = person(interaction.user) if private else None
        await desk.shown(Message(place(interaction), str(id)), post, to=to)
