"""The subscriptions of the config file: those in it stand, and those gone from it go."""

from collections.abc import Iterable
from datetime import datetime

from bot.domain.errors import StorageError
from bot.domain.people import Channel
from bot.domain.stores import Subscriptions
from bot.domain.subscriptions import Subscription, Terms
from bot.schedule import next_run
from bot.sections import Declared


async def declare(
    subscriptions: Subscriptions, declared: Iterable[Declared], defaults: Terms, now: datetime
) -> None:
    """Make the database say the same."""
    wanted = {one.name: one for one in declared}
    for standing in await subscriptions.all():
        if standing.declared and standing.id not in wanted:
            await subscriptions.remove(standing.id)
    for name, one in wanted.items():
        terms = one.terms()
        subscription = Subscription(
            id=name,
            channel=Channel.parse(one.channel),
            edition=one.edition,
            terms=terms,
            created_at=now,
            next_run_at=next_run(one.edition, terms.resolved(defaults), now),
        )
        await _stand(subscriptions, subscription)


async def _stand(subscriptions: Subscriptions, wanted: Subscription) -> None:
    standing = await subscriptions.get(wanted.id)
    if standing and (standing.channel, standing.edition) != (wanted.channel, wanted.edition):
        await subscriptions.remove(wanted.id)
        standing = None
    if standing is None:
        try:
            await subscriptions.add(wanted)
        except StorageError:  # perhaps another replica was quicker
            if await subscriptions.get(wanted.id) is None:
                raise
    elif standing.terms != wanted.terms:
        await subscriptions.replace_terms(wanted.id, wanted.terms, wanted.next_run_at)
