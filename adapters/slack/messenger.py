"""Slack as a chat platform: posts go to channels, threads and people, each asked for once, and are found again."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from adapters.slack.addresses import message, user_of
from adapters.slack.api import Api
from adapters.slack.division import divide
from adapters.slack.failures import BOT, DIRECT, ERRORS, HERE, SOON, code_of, undelivered
from adapters.slack.files import upload
from adapters.slack.history import History, metadata
from adapters.slack.pacing import Pace
from adapters.slack.people import People
from adapters.slack.render import PER_DIGEST, render
from bot.domain.errors import (
    ChannelRefused,
    ContentRefused,
    DeliveryError,
    OutcomeUnknown,
    PaperbotError,
    TryLater,
)
from bot.domain.people import Channel, Message, Person
from bot.domain.ports import Budget, Outgoing
from bot.domain.posts import File, Post, picture_of
from bot.domain.recent import Recent

log = logging.getLogger(__name__)

QUEUE = 30.0
"""Seconds that a post waits for its turn; then its delivery is tried later."""
_NO_THREAD = {
    "thread_not_found",
    "message_not_found",
    "cannot_reply_to_message",
    "invalid_thread_ts",
    "restricted_action_non_threadable_channel",
    "restricted_action_thread_locked",
}
"""What the post answers is gone or takes no answers: it goes into the channel itself."""


class SlackMessenger:
    """Speaks in every workspace that has us, with or without a connection of its own."""

    platform = "slack"
    budget = Budget(entries=PER_DIGEST, characters=PER_DIGEST * 1_000)
    """`render` shortens what is too long: characters never decide."""

    def __init__(
        self,
        api: Api,
        people: People,
        *,
        command: str = "/paper",
        pace: Pace | None = None,
        patience: float = 80.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """`patience` is the seconds after which a send begins nothing new: less than a delivery's lease."""
        self.command = command
        self._api = api
        self._people = people
        self._pace = pace or Pace(clock=clock, sleep=sleep)
        self._history = History(api)
        self._parts = Recent[tuple[Post, ...]]()
        self._texts = Recent[str]()
        self._patience = patience
        self._clock = clock
        self._sleep = sleep

    async def send(self, outgoing: Outgoing) -> Message:
        """The address of the message, or of the first when a post takes several."""
        end = self._clock() + self._patience
        if isinstance(outgoing.post, File):
            return await self._hand_over(outgoing, outgoing.post)
        first, *others = self._divided(outgoing.post, plain=outgoing.plain)
        sent = await self._send(replace(outgoing, post=first), end)
        above = outgoing.reply_to or sent
        for number, post in enumerate(others, start=2):
            key = outgoing.key and f"{outgoing.key}/{number}"
            part = replace(outgoing, post=post, key=key, reply_to=above)
            if not await self._followed(part, end):
                break
        picture = None if outgoing.plain else picture_of(outgoing.post)
        if picture:
            await self._picture(picture, above if above.channel == sent.channel else sent, end)
        return sent

    async def find(self, channel: Channel, key: str, since: datetime) -> Message | None:
        """Looks for the key in the metadata of our messages there and in the threads below."""
        return await self._history.find(channel, key, since)

    async def recalls(self, channel: Channel) -> bool:
        """Whether our scopes let us read back there."""
        return await self._history.recalls(channel)

    async def tell(self, person: Person, post: Post) -> None:
        """Write to somebody's direct conversation with us."""
        outgoing = Outgoing(channel=await self.direct(person), post=post, key="")
        try:
            await self.send(outgoing)
        except ContentRefused:
            await self.send(replace(outgoing, plain=True))

    async def direct(self, person: Person) -> Channel:
        """Their conversation with us."""
        team, user = user_of(person)
        if person.platform != self.platform or not user:
            raise ChannelRefused(f"`{person}` is nobody whom Slack knows.")
        return await self._people.direct(team, user)

    async def _send(self, outgoing: Outgoing, end: float) -> Message:
        """One message. Nothing makes asking twice harmless on Slack, so it is asked for once."""
        place, above = outgoing.channel, outgoing.reply_to
        thread = above.id if above and above.channel == place else None
        shown = self._written(outgoing.post, plain=outgoing.plain)
        await self._pace.turn(place, min(QUEUE, end - self._clock()))
        try:
            said = await self._api.ask(
                place.workspace.id,
                "chat.postMessage",
                shown,
                channel=place.id,
                thread_ts=thread,
                metadata=metadata(outgoing.key) if outgoing.key else None,
            )
        except ERRORS as e:
            if thread and code_of(e) in _NO_THREAD:
                log.info("slack.no_thread key=%s reason=%s", outgoing.key, code_of(e))
                return await self._send(replace(outgoing, reply_to=None), end)
            raise await self._undelivered(e, place) from e
        ts = said.get("ts")
        if not isinstance(ts, str) or not ts:
            raise OutcomeUnknown("Slack did not say where the post is.")
        return message(place.workspace.id, place.id, ts)

    def _divided(self, post: Post, *, plain: bool) -> tuple[Post, ...]:
        return self._parts.of(post, plain, lambda: tuple(divide(post, plain=plain)))

    def _written(self, post: Post, *, plain: bool) -> str:
        """The arguments that are the same in every channel, as JSON."""
        return self._texts.of(
            post, plain, lambda: json.dumps(render(post, plain=plain).arguments())
        )

    async def _followed(self, part: Outgoing, end: float) -> bool:
        """A later part of a post whose first stands: what stands is not sent again for its sake."""
        while True:
            try:
                await self._send(part, end)
            except TryLater as e:
                wait = (e.retry_after or SOON).total_seconds()
                if self._clock() + wait > end:
                    log.warning("slack.cut_short key=%s reason=%s", part.key, e)
                    return False
                await self._sleep(wait)
            except ContentRefused as e:
                log.warning("slack.plain key=%s reason=%s", part.key, e)
                if part.plain:
                    return True
                part = replace(part, plain=True)
            except OutcomeUnknown as e:
                log.warning("slack.part_unsure key=%s reason=%s", part.key, e)
                return True
            except DeliveryError as e:
                log.warning("slack.cut_short key=%s reason=%s", part.key, e)
                return False
            else:
                return True

    async def _picture(self, picture: File, above: Message, end: float) -> None:
        """Below a post that stands, at most once: it is never worth sending the post again."""
        place = above.channel
        try:
            async with asyncio.timeout(max(0.0, end - self._clock())):
                await upload(self._api, place.workspace.id, place.id, picture, thread_ts=above.id)
        except (DeliveryError, TimeoutError) as e:
            log.warning("slack.no_picture channel=%s reason=%s", place, e or "it took too long")

    async def _hand_over(self, outgoing: Outgoing, file: File) -> Message:
        """Slack shares files in its own time: the address is one that nobody can react to."""
        place, above = outgoing.channel, outgoing.reply_to
        thread = above.id if above and above.channel == place else None
        await self._pace.turn(place, QUEUE)
        id = await upload(self._api, place.workspace.id, place.id, file, thread_ts=thread)
        return message(place.workspace.id, place.id, id)

    async def _undelivered(self, error: BaseException, place: Channel) -> DeliveryError:
        name = BOT
        with suppress(PaperbotError):
            name = (await self._api.grants.of(place.workspace.id)).name
        where = DIRECT if place.id.startswith("D") else HERE
        return undelivered(error, where, name=name)
