"""Send what is owed and settle what is unknown.

Each step begins from what the database says, so a process may die between any two of them and the next
one carries on.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain.deliveries import Delivery, State
from bot.domain.errors import (
    ChannelRefused,
    ContentRefused,
    DeliveryError,
    OutcomeUnknown,
    StorageError,
    TryLater,
    Unavailable,
    WorkspaceRefused,
)
from bot.domain.people import Message
from bot.domain.ports import Messenger, Outgoing
from bot.domain.posts import Notice, Post
from bot.domain.stores import Outbox, Subscriptions
from bot.domain.subscriptions import Subscription
from bot.domain.text import place
from bot.drawing import Illustrate, as_it_is
from bot.meter import Meter
from bot.planning import Rules
from bot.schedule import next_run

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
"""A send that has not ended by then belonged to a process that died."""
LOOK_BACK = timedelta(hours=48)
"""How far back a platform is searched for a message whose answer was lost."""
RECHECK = timedelta(hours=1)
"""A channel that refused us is tried again so often."""
GIVE_UP_AFTER = 8
"""Attempts at one delivery that fail for no reason we know."""
AT_ONCE = 64
"""Messages that are on their way at the same time."""
CLAIMED = 256
"""Deliveries that are claimed in one go."""
FRESH = timedelta(seconds=15)
"""Whoever has waited longer for a turn takes a new lease first: a send may take 100 seconds of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostOffice:
    """Everything between a written plan and a message in its channel."""

    subscriptions: Subscriptions
    outbox: Outbox
    messengers: Mapping[str, Messenger]
    """Platform -> messenger."""
    clock: Callable[[], datetime]
    rules: Rules = field(default_factory=Rules)
    meter: Meter = field(default_factory=Meter)
    illustrate: Illustrate = as_it_is
    """Draws the chart of a post."""
    fresh: timedelta = FRESH
    in_hand: set[str] = field(default_factory=set)
    """Keys that we are sending or about to send: nobody need be asked about them, whatever their lease says."""
    outdated: Callable[[Delivery, datetime], Awaitable[str]] | None = None
    """Why a message makes no sense any more; "" when it does."""
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    """Once it is set, what is on its way is finished and nothing more is begun."""

    async def send(self) -> None:
        """Pay what is owed, until nothing is due or we are told to stop.

        Each finished message makes room for the next, so a slow channel holds up nobody but itself.
        """
        waiting: deque[tuple[float, Delivery]] = deque()
        under_way: set[asyncio.Task[None]] = set()
        ended = asyncio.Event()

        def end(task: asyncio.Task[None]) -> None:
            under_way.discard(task)
            ended.set()

        try:
            while not self.closing.is_set():
                while waiting and len(under_way) < AT_ONCE:
                    task = asyncio.create_task(self._turn(*waiting.popleft()))
                    under_way.add(task)
                    task.add_done_callback(end)
                ended.clear()
                if len(waiting) < AT_ONCE:
                    now = self.clock()
                    claimed = await self.outbox.claim(now, now + LEASE, CLAIMED)
                    since = asyncio.get_running_loop().time()
                    self.in_hand.update(delivery.key for delivery in claimed)
                    waiting += [(since, delivery) for delivery in claimed]
                    if claimed:
                        continue
                if not under_way and not ended.is_set():
                    return
                await ended.wait()  # it may have made the next part's turn come
        finally:
            self.in_hand.difference_update(delivery.key for _, delivery in waiting)
            for _, delivery in waiting:
                await self._put_back(delivery, State.OWED, "we were stopped before its turn")
            if under_way:
                await asyncio.wait(under_way)

    async def _turn(self, since: float, delivery: Delivery) -> None:
        """What cannot be written down stays in `sending`, and is asked about when its lease has ended."""
        waited = asyncio.get_running_loop().time() - since
        try:
            if waited > self.fresh.total_seconds():
                await self._put_back(delivery, State.OWED, "it had to wait for its turn")
            elif self.outdated and (why := await self.outdated(delivery, self.clock())):
                await self._let_go(delivery, why)
            else:
                await self._attempt(delivery)
        except StorageError as e:
            log.error("delivery.unrecorded key=%s error=%s", delivery.key, e)  # noqa: TRY400 -- one line
        finally:
            self.in_hand.discard(delivery.key)

    async def _attempt(self, delivery: Delivery) -> None:
        """Send one delivery and record what became of it. A bug in an adapter leaves it unknown, not lost."""
        try:
            message = await self._post(delivery)
        except ChannelRefused as e:
            if paused := await self._refused(delivery, str(e)):
                await self._tell(paused, str(e))
        except WorkspaceRefused as e:
            await self._refused(delivery, str(e))
        except TryLater as e:
            wait = e.retry_after or _backoff(delivery.attempts)
            await self._put_back(delivery, State.OWED, str(e), wait)
        except ContentRefused as e:
            await self._put_back(delivery, State.FAILED, str(e))
        except OutcomeUnknown as e:
            await self._put_back(delivery, State.UNKNOWN, str(e), timedelta(seconds=5))
        except Exception as e:
            log.exception("delivery.error key=%s", delivery.key)
            gone = delivery.attempts >= GIVE_UP_AFTER
            state = State.FAILED if gone else State.UNKNOWN
            await self._put_back(delivery, state, repr(e), _backoff(delivery.attempts))
        else:
            resting = await self.outbox.sent(delivery.key, message, self.clock())
            self._count(delivery, State.SENT)
            if resting:
                await self._resume(delivery)

    def _count(self, delivery: Delivery, state: State) -> None:
        self.meter.add("deliveries", platform=delivery.channel.platform, ended=str(state))

    async def _post(self, delivery: Delivery) -> Message:
        messenger = self.messengers.get(delivery.channel.platform)
        if messenger is None:
            raise TryLater(f"{delivery.channel.platform} is not switched on", RECHECK)
        parent = await self.outbox.message_of(delivery.reply_to) if delivery.reply_to else None
        post: Post = delivery.post
        if messenger.budget.pictures:
            post = await self.illustrate(post)
        outgoing = Outgoing(channel=delivery.channel, post=post, key=delivery.key, reply_to=parent)
        try:
            return await messenger.send(outgoing)
        except ContentRefused as e:
            log.warning("delivery.plain key=%s reason=%s", delivery.key, e)
            return await messenger.send(replace(outgoing, plain=True))

    async def _refused(self, delivery: Delivery, reason: str) -> Subscription | None:
        """The subscription rests; its delivery stays owed, and trying it again is how we notice a change of mind.

        The subscription is returned when it did not rest before.
        """
        if delivery.attempts * RECHECK > self.rules.catch_up:
            await self._put_back(delivery, State.FAILED, reason)
            await self._resume(delivery)
            return None
        subscription = await self.subscriptions.get(delivery.subscription)
        await self.subscriptions.pause(delivery.subscription, reason)
        await self._put_back(delivery, State.OWED, reason, RECHECK)
        return subscription if subscription and subscription.paused is None else None

    async def _let_go(self, delivery: Delivery, why: str) -> None:
        """It is not sent any more. If its subscription rests because of it, what comes next is tried at once."""
        await self._put_back(delivery, State.FAILED, why)
        subscription = await self.subscriptions.get(delivery.subscription)
        if subscription and delivery.reason and subscription.paused == delivery.reason:
            await self.subscriptions.resume(subscription.id, self.clock())

    async def _tell(self, paused: Subscription, reason: str) -> None:
        """Whoever subscribed hears of it once, and what to do; the subscription rests whether or not they can."""
        who = paused.created_by
        messenger = self.messengers.get(who.platform) if who else None
        if who is None or messenger is None:
            return
        near = who.platform == paused.channel.platform
        where = place(paused.channel) if near else f"`{paused.channel.id}`"
        again = "I try again every hour, and go on by myself once I may."
        notice = Notice(
            text=f"I could not post in {where}. {reason}",
            tone="warning",
            hints=(f"The subscription `{paused.id}` rests until then. {again}",),
        )
        try:
            await messenger.tell(who, notice)
        except DeliveryError as e:
            log.warning("delivery.not_told person=%s reason=%s", who, e)
        except Exception:
            log.exception("delivery.not_told person=%s", who)

    async def _resume(self, delivery: Delivery) -> None:
        subscription = await self.subscriptions.get(delivery.subscription)
        if subscription:
            terms = subscription.terms.resolved(self.rules.defaults)
            upcoming = next_run(subscription.edition, terms, self.clock())
            await self.subscriptions.resume(subscription.id, upcoming)

    async def _put_back(
        self, delivery: Delivery, state: State, reason: str, wait: timedelta = timedelta(0)
    ) -> None:
        log.warning("delivery.%s key=%s reason=%s", state, delivery.key, reason)
        self._count(delivery, state)
        at = self.clock() + wait
        await self.outbox.put_back(
            delivery.key, state, at=at, reason=reason, attempts=delivery.attempts
        )

    async def settle(self, *, alone: bool = False) -> None:
        """Ask the platforms about every delivery whose end is not known.

        Who starts `alone` on a database need not wait for the leases of the process before it to end.
        """
        now = self.clock()
        lease = now + LEASE
        for delivery in await self.outbox.unsettled(lease if alone else now, lease):
            if delivery.key in self.in_hand:
                continue
            messenger = self.messengers.get(delivery.channel.platform)
            if messenger is None:
                await self._put_back(delivery, State.UNKNOWN, "platform is off", RECHECK)
                continue
            try:
                message = await messenger.find(delivery.channel, delivery.key, now - LOOK_BACK)
            except Unavailable as e:
                await self._undecided(delivery, e)
                continue
            if message:
                await self.outbox.sent(delivery.key, message, now)
            else:
                await self._put_back(delivery, State.OWED, "it had not arrived")

    async def _undecided(self, delivery: Delivery, error: Unavailable) -> None:
        if error.retry_after:
            await self._put_back(delivery, State.UNKNOWN, str(error), error.retry_after)
        elif self.rules.at_least_once:
            await self._put_back(delivery, State.OWED, str(error))
        else:
            await self._put_back(delivery, State.FAILED, f"perhaps sent; {error}")


def _backoff(attempts: int) -> timedelta:
    """5 s, 10 s, 20 s … at most 10 minutes."""
    return min(timedelta(seconds=5 * 2 ** min(max(attempts, 1) - 1, 10)), timedelta(minutes=10))
