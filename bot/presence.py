"""Being sent away from a channel or a workspace, and coming back: what is ordered there waits."""

from datetime import datetime, timedelta

from bot.commands.room import Room
from bot.domain.people import Channel, Workspace
from bot.domain.stores import Subscriptions
from bot.domain.subscriptions import Subscription
from bot.schedule import next_run

GONE = "the channel is gone, or I was removed from it"
"""The reason by which `returned` knows what `left` did."""
KEPT = timedelta(days=30)
"""So long at least the orders of a place we were sent away from are kept."""


async def left(room: Room, place: Channel | Workspace) -> int:
    """Pause what is ordered there; how many orders that were."""
    orders = [one for one in await _there(room, place) if one.paused != GONE]
    for order in orders:
        await room.subscriptions.pause(order.id, GONE)
    return len(orders)


async def returned(room: Room, place: Channel | Workspace) -> int:
    """Resume what `left` had paused, from the next run on: what was missed is not made up for."""
    orders = [one for one in await _there(room, place) if one.paused == GONE]
    for order in orders:
        terms = order.terms.resolved(room.defaults)
        await room.subscriptions.resume(order.id, next_run(order.edition, terms, room.clock()))
    return len(orders)


async def forget(subscriptions: Subscriptions, now: datetime) -> int:
    """Remove orders whose place has been gone for long; those of the config file stay.

    A paused order keeps the time of the first run it missed, so that tells for how long it has waited.
    """
    old = [
        one
        for one in await subscriptions.all()
        if one.paused == GONE and not one.declared and one.next_run_at < now - KEPT
    ]
    for order in old:
        await subscriptions.remove(order.id)
    return len(old)


async def _there(room: Room, place: Channel | Workspace) -> list[Subscription]:
    if isinstance(place, Channel):
        return await room.subscriptions.of(place)
    return await room.subscriptions.within(place)
