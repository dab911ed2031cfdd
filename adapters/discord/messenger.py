"""Discord as a chat platform: posts go to channels, threads, forums and people, and are found again."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import discord

from adapters.discord.addresses import workspace
from adapters.discord.division import PER_DIGEST, divide
from adapters.discord.failures import (
    ELSEWHERE,
    HAS_THREAD,
    TRANSPORT,
    UNKNOWN_MESSAGE,
    unasked,
    undelivered,
)
from adapters.discord.forums import post_name, tags_for, thread_name
from adapters.discord.history import carries, own_messages
from adapters.discord.layout import Rendered
from adapters.discord.marks import ANY_KEY, mark, nonce
from adapters.discord.once import once
from adapters.discord.permissions import lacking
from adapters.discord.render import render
from bot.domain.errors import ChannelRefused, OutcomeUnknown, TryLater, Unavailable
from bot.domain.people import Channel, Message, Person
from bot.domain.ports import Budget, Outgoing
from bot.domain.posts import Digest, File, Post, without_chart
from bot.domain.recent import Recent

log = logging.getLogger(__name__)

ERRORS = (discord.DiscordException, *TRANSPORT)
SOON = timedelta(seconds=10)
AT_START, STARTING = timedelta(seconds=1), 30.0
"""A process that has just started is logged in within a second or so: what is owed, or in doubt, waits no longer."""
NO_MENTIONS = discord.AllowedMentions.none()


class DiscordMessenger:
    """Speaks wherever the bot was invited, with or without a gateway connection, once it is logged in."""

    platform = "discord"
    budget = Budget(entries=PER_DIGEST, characters=PER_DIGEST * 1_000)
    """Any ten papers fit in a message, since `render` shortens what is too long; characters never decide."""

    def __init__(
        self,
        client: discord.Client,
        *,
        command: str = "/paper",
        publish: bool = False,
        pings: Mapping[str, int] | None = None,
        pauses: Sequence[float] = (1.0, 3.0),
        patience: float = 80.0,
        known: Callable[[int], Any] | None = None,
    ) -> None:
        """`pings` has the role to ping for a new edition by the id of a channel or a server, `pauses` are the
        seconds before each new attempt when no answer came, and `patience` those that a send may take:
        less than a delivery's lease. `known` looks up a channel without asking Discord."""
        self._client = client
        self._known = known or client.get_channel
        self.command = command
        self._publish = publish
        self._pings = pings or {}
        self._pauses = tuple(pauses)
        self._patience = patience
        self._made = time.monotonic()
        self._parts = Recent[tuple[Post, ...]]()
        self._shown = Recent[Rendered]()

    async def send(self, outgoing: Outgoing) -> Message:
        """The address of the message, or of the first when a post takes several."""
        if self._client.is_closed() or self._client.user is None:
            raise TryLater("The connection to Discord is not up.", self._until_up)
        first, *others = self._divided(outgoing)
        message = await self._send(replace(outgoing, post=first))
        in_thread = message if message.channel != outgoing.channel else outgoing.reply_to
        for number, post in enumerate(others, start=2):
            key = outgoing.key and f"{outgoing.key}/{number}"
            await self._send(replace(outgoing, post=post, key=key, reply_to=in_thread))
        return message

    async def find(self, channel: Channel, key: str, since: datetime) -> Message | None:
        """Looks through our own messages there and in the threads below."""
        me = self._client.user
        if self._client.is_closed() or me is None:
            raise Unavailable("The connection to Discord is not up.", self._until_up)
        place = None
        try:
            async with asyncio.timeout(self._patience):
                place = await self._channel(channel)
                if "Read Message History" in lacking(place):
                    raise Unavailable(f"The bot may not read back in {_name(place)}.")
                async for message in own_messages(place, me.id, since):
                    if carries(message, mark(key)):
                        return _address(channel, message)
        except ERRORS as e:
            failure = unasked(e, _name(place))
            wait = (failure.retry_after or SOON) if isinstance(failure, TryLater) else None
            raise Unavailable(str(failure), wait) from e
        except ChannelRefused as e:
            raise Unavailable(str(e)) from e
        return None

    async def recalls(self, channel: Channel) -> bool:
        """Reading back takes a permission."""
        try:
            async with asyncio.timeout(self._patience / 4):
                return "Read Message History" not in lacking(await self._channel(channel))
        except (*ERRORS, ChannelRefused):
            return True  # nothing is known against it

    async def tell(self, person: Person, post: Post) -> None:
        """A direct message; Discord lets people refuse them."""
        if self._client.is_closed() or self._client.user is None:
            raise TryLater("The connection to Discord is not up.", SOON)
        try:
            async with asyncio.timeout(self._patience):
                user = await self._client.fetch_user(int(person.id))
                arguments = render(post, command=self.command).arguments()
                await user.send(allowed_mentions=NO_MENTIONS, **arguments)
        except (ValueError, *ERRORS) as e:
            raise ChannelRefused(f"{person} could not be told: {e}") from e

    async def direct(self, person: Person) -> Channel:
        """Their conversation with us, which Discord opens whether or not they let us write."""
        if self._client.is_closed() or self._client.user is None:
            raise TryLater("The connection to Discord is not up.", self._until_up)
        try:
            async with asyncio.timeout(self._patience / 4):
                user = await self._client.fetch_user(int(person.id))
                opened = await user.create_dm()
        except ValueError as e:
            raise ChannelRefused(f"`{person}` is nobody whom Discord knows.") from e
        except ERRORS as e:
            raise unasked(e, str(person)) from e
        return Channel(workspace(None, user.id), str(opened.id))

    @property
    def _until_up(self) -> timedelta:
        young = time.monotonic() - self._made < STARTING
        return AT_START if young and self._client.user is None else SOON

    async def _send(self, outgoing: Outgoing) -> Message:
        place: Any = None
        try:
            async with asyncio.timeout(self._patience / 4):
                place = await self._place(outgoing)
        except ERRORS as e:
            raise unasked(e, _name(place), lacking(place)) from e
        if "Attach Files" in lacking(place):  # a picture is not worth a digest
            outgoing = replace(outgoing, post=without_chart(outgoing.post))
        published = self._publish and isinstance(place, discord.TextChannel) and place.is_news()
        rendered = self._rendered(outgoing, published=published)
        try:
            async with asyncio.timeout(self._patience):
                message = await self._post(place, outgoing, rendered)
        except TimeoutError as e:
            raise OutcomeUnknown("Discord took too long to answer.") from e
        if published:
            await _publish(message)
        return _address(outgoing.channel, message)

    def _divided(self, outgoing: Outgoing) -> tuple[Post, ...]:
        post, plain = outgoing.post, outgoing.plain
        if isinstance(post, File):  # which may be large
            return (post,)
        return self._parts.of(post, plain, lambda: divide(post, plain=plain))

    def _rendered(self, outgoing: Outgoing, *, published: bool) -> Rendered:
        """Worked out once for all channels where it looks the same."""
        post, plain, ping = outgoing.post, outgoing.plain, self._ping(outgoing)
        key = ANY_KEY if outgoing.key else None

        def make() -> Rendered:
            return render(
                post, plain=plain, command=self.command, key=key, published=published, ping=ping
            )

        if isinstance(post, File):
            return make()
        shared = self._shown.of(post, (plain, key, published, ping), make)
        return shared.marked_for(outgoing.key) if outgoing.key else shared

    async def _post(self, place: Any, outgoing: Outgoing, rendered: Rendered) -> discord.Message:
        """One message, however often it has to be asked for. Only the nonce makes asking again harmless."""
        if isinstance(place, discord.ForumChannel):
            return await self._open(place, outgoing, rendered)
        key = nonce(outgoing.key) if outgoing.key else None
        for pause in (*self._pauses, None):
            try:
                message: discord.Message = await place.send(
                    nonce=key, allowed_mentions=_mentions(rendered), **rendered.arguments()
                )
            except ERRORS as e:
                failure = undelivered(e, _name(place), lacking(place))
                if pause is None or key is None or not isinstance(failure, OutcomeUnknown):
                    raise failure from e
                log.warning("discord.again key=%s reason=%s", outgoing.key, failure)
                await asyncio.sleep(pause)
            else:
                return message
        raise AssertionError("the last attempt returns or raises")

    async def _open(
        self, forum: discord.ForumChannel, outgoing: Outgoing, rendered: Rendered
    ) -> discord.Message:
        """A new post in a forum: no nonce counts there, so it is asked for once."""
        tags = tags_for(outgoing.post, forum.available_tags, required=forum.flags.require_tag)
        try:
            with once():
                created = await forum.create_thread(
                    name=post_name(outgoing.post),
                    applied_tags=tags,
                    allowed_mentions=_mentions(rendered),
                    **rendered.arguments(),
                )
        except ERRORS as e:
            raise undelivered(e, _name(forum), lacking(forum)) from e
        return created.message

    async def _place(self, outgoing: Outgoing) -> Any:
        """The channel, or for an answer the thread below the message it answers."""
        if outgoing.reply_to is None:
            return await self._channel(outgoing.channel)
        above, parent = await self._channel(outgoing.reply_to.channel), int(outgoing.reply_to.id)
        if not isinstance(above, discord.TextChannel):
            return above  # a thread already, or a conversation that has none
        if thread := above.get_thread(parent):
            return thread
        name = thread_name(discord.utils.snowflake_time(parent), outgoing.post)
        try:
            return await above.get_partial_message(parent).create_thread(name=name)
        except discord.HTTPException as e:
            if e.code == HAS_THREAD:
                return await self._client.fetch_channel(parent)
            if e.code == UNKNOWN_MESSAGE:
                return above  # somebody deleted what this answers
            raise unasked(e, _name(above), lacking(above)) from e

    async def _channel(self, channel: Channel) -> Any:
        if not channel.id.isdecimal():
            raise ChannelRefused(f"`{channel}` is no channel of Discord: its ids are numbers.")
        id = int(channel.id)
        found = self._known(id) or await self._client.fetch_channel(id)
        if not isinstance(found, discord.abc.Messageable | discord.ForumChannel):
            raise ChannelRefused(f"{_name(found)} takes no posts. {ELSEWHERE}")
        return found

    def _ping(self, outgoing: Outgoing) -> int | None:
        """A role hears of an edition once, not of each of its parts."""
        if not isinstance(outgoing.post, Digest) or outgoing.post.part > 1 or outgoing.reply_to:
            return None
        channel = outgoing.channel
        return self._pings.get(channel.id) or self._pings.get(channel.workspace.id)


def _mentions(rendered: Rendered) -> discord.AllowedMentions:
    if rendered.ping is None:
        return NO_MENTIONS
    role = discord.Object(rendered.ping)
    return discord.AllowedMentions(everyone=False, users=False, roles=[role], replied_user=False)


async def _publish(message: discord.Message) -> None:
    """Tell the channels that follow; the post stands whether or not that works."""
    try:
        async with asyncio.timeout(20):
            await message.publish()
    except ERRORS as e:
        log.warning("discord.not_published message=%s reason=%s", message.id, e)


def _address(channel: Channel, message: discord.Message) -> Message:
    """Messages in a thread are addressed by the thread: so do reactions to them arrive."""
    return Message(Channel(channel.workspace, str(message.channel.id)), str(message.id))


def _name(place: object) -> str:
    name = getattr(place, "name", None)
    return f"#{name}" if name else "the channel"
