"""`paperbot doctor`: is everything there that the bot needs? One line each, with the fix where it is not."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import typer

from bot.app import hugging_face, open_doors, plain_settings
from bot.config import Config
from bot.domain.errors import PaperbotError, Unavailable
from bot.domain.people import Channel
from bot.domain.papers import Listing
from bot.domain.ports import Check
from storage import Storage, open_storage

PATIENCE = 5.0
"""Seconds that Hugging Face has to answer."""


async def doctor(config: Callable[[], Config]) -> int:
    """Print what was found; the exit status is 1 when something is wrong."""
    wrong = 0
    async for check in _checks(config):
        wrong += not check.fine
        typer.echo(f"{'✓' if check.fine else '✗'} {check.name}: {check.text}")
    return 1 if wrong else 0


async def _checks(read: Callable[[], Config]) -> AsyncIterator[Check]:
    try:
        config = read()
    except PaperbotError as e:
        yield Check("Config", fine=False, text=str(e))
        return
    yield Check("Config", fine=True, text=_switched_on(config))
    channels: tuple[Channel, ...] = ()
    try:
        async with open_storage(config.database_url, config.index) as storage:
            async for check in _of_storage(storage):
                yield check
            orders = await storage.subscriptions.all()
            channels = tuple(dict.fromkeys(order.channel for order in orders))
    except PaperbotError as e:
        yield Check("Database", fine=False, text=str(e))
    yield await _of_hugging_face(config)
    if config.discord.token is not None:
        from adapters.discord.operate import check as discord

        there = [channel for channel in channels if channel.platform == "discord"]
        async for check in discord(plain_settings(config.discord), there):
            yield check
