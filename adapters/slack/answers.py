"""Answering: over the address that Slack sends along, else in the channel for one person's eyes, else directly."""

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from slack_sdk.errors import SlackApiError

from adapters.slack.bench import Bench, Body
from adapters.slack.callers import caller, team_of, thread_of
from adapters.slack.division import divide
from adapters.slack.failures import ERRORS, code_of, is_uncertain
from adapters.slack.files import upload
from adapters.slack.render import render
from bot.domain.errors import DeliveryError
from bot.domain.people import Channel, Message
from bot.domain.ports import Caller
from bot.domain.posts import File, Notice, Post, Reply, picture_of

log = logging.getLogger(__name__)

MOST_USES = 5
"""An address for answers takes five within 30 minutes (Slack, "Handling user interaction")."""
MOST = 10
"""Messages for one question."""
REFUSED = {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}
"""It may do without decoration."""
T = TypeVar("T")
_UNFIT = re.compile(r"[^\w.-]", re.ASCII)


def error(text: str, *hints: str) -> Reply:
    """An answer that says what is wrong and what to do."""
    return Reply(posts=(Notice(text=text, tone="error", hints=hints),))


async def at_once(reply: Reply) -> Reply:
    """An answer that needs no asking."""
    return reply


def reason(error: BaseException) -> str:
    """An error in one line: Slack's own word for it where there is one."""
    code = code_of(error) if isinstance(error, SlackApiError) else ""
    return code or f"{type(error).__name__}: {error}".splitlines()[0][:200]


async def respond(
    bench: Bench,
    body: Body,
    asked: Awaitable[Reply],
    *,
    private: bool = True,
    replace: bool = False,
) -> None:
    """Show what was asked for, to everybody only where neither `private` nor the answer forbids it.

    `replace` puts it in the place of the message whose button was pressed, unless it just says something.
    """
    reply = await asked
    answer = _Answer(bench, body, public=not (private or reply.private))
    for post in _parts(reply):
        await answer.give(post, replace=replace and not isinstance(post, Notice | File))
        replace = False


async def whisper(bench: Bench, caller: Caller, reply: Reply) -> None:
    """Show something to one person where they are, or else in the direct conversation with them."""
    for post in _parts(reply):
        await _whisper(bench, caller, post)


def _parts(reply: Reply) -> list[Post]:
    return [part for post in reply.posts for part in divide(post)][:MOST]


class _Answer:
    """One answer, in as many messages as it takes."""

    def __init__(self, bench: Bench, body: Body, *, public: bool) -> None:
        self._bench = bench
        self._body = body
        self._public = public
        self._uses = MOST_USES if body.get("response_url") else 0
        self._given = 0

    async def give(self, post: Post, *, replace: bool) -> None:
        """The next message."""
        asks = await caller(self._bench, self._body)
        if isinstance(post, File):
            post = await _handed_over(self._bench, asks, post)
        self._given += 1
        if self._public:
            ts = await self._announced(asks.channel, post)
            if ts:
                await self._bench.desk.shown(Message(asks.channel, ts), post)
                await self._below(asks.channel, ts, picture_of(post))
                return
        if await self._responded(post, replace=replace):
            to = None if self._public else asks.person
            await self._bench.desk.shown(Message(asks.channel, self._id), post, to=to)
        else:
            await _whisper(self._bench, asks, post, thread=thread_of(self._body))
        if picture := picture_of(post):
            said = await _handed_over(self._bench, asks, picture)
            if said.tone == "done":
                await self.give(said, replace=False)

    async def _below(self, place: Channel, ts: str, picture: File | None) -> None:
        """A picture in the thread of the answer; the answer stands without it."""
        if picture is None:
            return
        thread = thread_of(self._body) or ts
        try:
            team = place.workspace.id
            await upload(self._bench.api, team, place.id, picture, thread_ts=thread)
        except DeliveryError as e:
            log.warning("slack.no_picture channel=%s reason=%s", place, reason(e))

    @property
    def _id(self) -> str:
        """Slack does not tell the one it gave to an answer, and nobody can react to that."""
        trigger = self._body.get("trigger_id") or self._body.get("action_ts") or "0"
        return f"answer-{_UNFIT.sub('', str(trigger))}-{self._given}"

    async def _announced(self, place: Channel, post: Post) -> str:
        """The message in the channel; "" where we may not write."""
        try:
            return await _posted(self._bench, place, post, thread=thread_of(self._body))
        except ERRORS as e:
            log.info("slack.not_announced channel=%s reason=%s", place, reason(e))
            self._public = not is_uncertain(e)  # it may be there: nobody is told twice
        return ""

    async def _responded(self, post: Post, *, replace: bool) -> bool:
        """Whether the address that came along took it."""
        if self._uses <= 0:
            return False
        envelope = {
            "response_type": "in_channel" if self._public else "ephemeral",
            "replace_original": replace,
            "thread_ts": None if replace else thread_of(self._body),
        }
        url = str(self._body["response_url"])

        async def send(arguments: Mapping[str, Any]) -> None:
            self._uses -= 1
            kept = {key: value for key, value in envelope.items() if value is not None}
            await self._bench.api.respond(url, {**arguments, **kept})

        try:
            await _sent(post, send)
        except ERRORS as e:
            log.info("slack.answer_elsewhere team=%s reason=%s", team_of(self._body), reason(e))
            self._uses = 0
            return False
        return True


async def _whisper(bench: Bench, to: Caller, post: Post, *, thread: str | None = None) -> None:
    if isinstance(post, File):
        post = await _handed_over(bench, to, post)
    team, user = to.channel.workspace.id, to.person.id.partition(".")[2]
    place = to.channel

    async def send(arguments: Mapping[str, Any]) -> str:
        answer = await bench.api.ask(
            team, "chat.postEphemeral", channel=place.id, user=user, thread_ts=thread, **arguments
        )
        return str(answer.get("message_ts", ""))

    try:
        direct = await bench.people.direct(team, user) if place.id.startswith("D") else None
        if direct == place:
            ts = await _posted(bench, place, post)
        else:
            ts = await _sent(post, send)
    except SlackApiError as e:
        log.info("slack.answer_directly channel=%s reason=%s", place, reason(e))
        place = await bench.people.direct(team, user)
        ts = await _posted(bench, place, post)
    if ts:
        await bench.desk.shown(Message(place, ts), post, to=to.person)


async def _posted(bench: Bench, place: Channel, post: Post, *, thread: str | None = None) -> str:
    """A message for everybody in a place; its ts."""

    async def send(arguments: Mapping[str, Any]) -> str:
        answer = await bench.api.ask(
            place.workspace.id,
            "chat.postMessage",
            channel=place.id,
            thread_ts=thread,
            **arguments,
        )
        return str(answer.get("ts", ""))

    return await _sent(post, send)


async def _sent(post: Post, send: Callable[[Mapping[str, Any]], Awaitable[T]]) -> T:
    """Rendered and sent; plainly, should Slack dislike the decoration."""
    try:
        return await send(render(post).arguments())
    except SlackApiError as e:
        if code_of(e) not in REFUSED:
            raise
        log.warning("slack.plain kind=%s reason=%s", post.kind, reason(e))
        return await send(render(post, plain=True).arguments())


async def _handed_over(bench: Bench, to: Caller, file: File) -> Notice:
    """Put a file into the direct conversation, since answers carry none; says that it is there."""
    team, user = to.channel.workspace.id, to.person.id.partition(".")[2]
    try:
        place = await bench.people.direct(team, user)
        await upload(bench.api, team, place.id, file)
    except DeliveryError as e:
        log.warning("slack.file_refused team=%s reason=%s", team, reason(e))
        return Notice(text=f"I could not send you {file.name}.", tone="error", hints=(str(e),))
    text = f"{file.name} is in our direct conversation."
    return Notice(text=text, tone="done", hints=(file.text,) if file.text else ())
