"""Whether a post had arrived after all: our own recent messages, read back by the key in their metadata.

Nothing but a lost answer leads here. For commercially distributed apps outside the Marketplace Slack gives 15
messages a minute (docs.slack.dev, changelog of 2025-05-29), so a search is carried on where it was interrupted.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_sdk.errors import SlackApiError

from adapters.slack.addresses import message
from adapters.slack.api import Api
from adapters.slack.failures import ERRORS, code_of, untold
from adapters.slack.grants import Grant
from bot.domain.errors import PaperbotError, TryLater, Unavailable
from bot.domain.people import Channel, Message

EVENT = "paperbot_delivery"
"""The type of the metadata on our posts; every app in the workspace can read it."""
PAGE = 100
PAGES = 10
"""Read back at most, of a channel or a thread."""
THREADS = 25
"""Threads of ours looked into at most, the latest first."""
_UNFINISHED = 100
_SCOPES = {
    "C": ("channels:history", "groups:history"),
    "G": ("groups:history", "mpim:history"),
    "D": ("im:history",),
}
"""What reading back takes, by how an id begins. Private channels made of late begin with C too."""


def metadata(key: str) -> dict[str, Any]:
    """What travels with a post so that it can be found."""
    return {"event_type": EVENT, "event_payload": {"key": key}}


def carries(said: Mapping[str, Any], key: str) -> bool:
    """Whether a message has our key in its metadata."""
    held = said.get("metadata")
    payload = held.get("event_payload") if isinstance(held, Mapping) else None
    if not isinstance(held, Mapping) or not isinstance(payload, Mapping):
        return False
    return held.get("event_type") == EVENT and payload.get("key") == key


class History:
    """Looks back in channels."""

    def __init__(self, api: Api, *, patience: float = 60.0, page: int = PAGE) -> None:
        """`patience` is the seconds that one search may take before it is interrupted."""
        self._api = api
        self._patience = patience
        self._page = page
        self._unfinished: OrderedDict[tuple[Channel, str], _Search] = OrderedDict()

    async def find(self, channel: Channel, key: str, since: datetime) -> Message | None:
        """Our message with this key, in the channel or in a thread of ours.

        Raises Unavailable, with `retry_after` only when asking again may help.
        """
        team = channel.workspace.id
        search = self._unfinished.pop((channel, key), None) or await self._begun(
            channel, key, since
        )
        try:
            async with asyncio.timeout(self._patience):
                ts = await search.run(self._api, team)
        except ERRORS as e:
            failure = untold(e)
            if failure.retry_after:
                self._put_aside((channel, key), search)
            raise failure from e
        return message(team, channel.id, ts) if ts else None

    async def recalls(self, channel: Channel) -> bool:
        """Whether `find` is allowed there, as far as our scopes tell. Never raises."""
        try:
            grant = await self._api.grants.of(channel.workspace.id)
            able = grant.scopes.intersection(_SCOPES.get(channel.id[:1], ()))
            if able and channel.id.startswith("C") and len(able) < len(_SCOPES["C"]):
                return await self._kind(channel) in able
        except TryLater:
            return True  # nothing is known against it
        except PaperbotError:
            return False
        return bool(able)

    async def _begun(self, channel: Channel, key: str, since: datetime) -> "_Search":
        try:
            grant = await self._api.grants.of(channel.workspace.id)
        except ERRORS as e:
            raise untold(e) from e
        scopes = _SCOPES.get(channel.id[:1], ())
        if not grant.scopes.intersection(scopes):
            wanted = " or ".join(f"`{scope}`" for scope in scopes) or "no scope"
            raise Unavailable(f"The bot may not read back there: that takes {wanted}.")
        arguments = {"channel": channel.id, "oldest": f"{since.timestamp():.6f}"}
        arguments["limit"] = str(self._page)
        return _Search(key, grant, arguments)

    async def _kind(self, channel: Channel) -> str:
        """The scope that reading this channel takes."""
        try:
            async with asyncio.timeout(self._patience / 10):
                said = await self._api.read(
                    channel.workspace.id, "conversations.info", channel=channel.id
                )
        except ERRORS:
            return "channels:history"
        told = said.get("channel")
        private = isinstance(told, Mapping) and told.get("is_private") is True
        return "groups:history" if private else "channels:history"

    def _put_aside(self, where: tuple[Channel, str], search: "_Search") -> None:
        self._unfinished[where] = search
        while len(self._unfinished) > _UNFINISHED:
            self._unfinished.popitem(last=False)


@dataclass
class _Reel:
    """Messages of a channel or a thread, page by page."""

    method: str
    arguments: Mapping[str, str]
    cursor: str = ""
    pages: int = 0
    over: bool = False

    async def page(self, api: Api, team: str) -> list[Mapping[str, Any]]:
        if self.pages >= PAGES:
            raise _too_much()
        said = await api.read(
            team,
            self.method,
            **self.arguments,
            include_all_metadata=True,
            cursor=self.cursor or None,
        )
        self.pages += 1
        after = said.get("response_metadata")
        cursor = after.get("next_cursor") if isinstance(after, Mapping) else None
        self.cursor = cursor if isinstance(cursor, str) else ""
        self.over = not self.cursor
        messages = said.get("messages")
        found = messages if isinstance(messages, list) else []
        return [one for one in found if isinstance(one, Mapping) and isinstance(one.get("ts"), str)]


class _Search:
    """What one search has still to look through: the channel, then the threads found there."""

    def __init__(self, key: str, me: Grant, arguments: dict[str, str]) -> None:
        self._key = key
        self._me = me
        self._arguments = arguments
        self._reels = deque([_Reel("conversations.history", arguments)])
        self._threads = 0

    async def run(self, api: Api, team: str) -> str | None:
        """The ts of the message. What was looked through before an error is not looked through again."""
        while self._reels:
            reel = self._reels[0]
            try:
                page = await reel.page(api, team)
            except SlackApiError as e:
                if code_of(e) != "thread_not_found":
                    raise
                page, reel.over = [], True  # somebody deleted it
            for said in filter(self._is_ours, page):
                if carries(said, self._key):
                    return str(said["ts"])
                self._note_thread(said)
            if reel.over:
                self._reels.popleft()
        if self._threads > THREADS:
            raise _too_much()
        return None

    def _is_ours(self, said: Mapping[str, Any]) -> bool:
        me = self._me
        return said.get("user") == me.bot_user or bool(
            me.bot_id and said.get("bot_id") == me.bot_id
        )

    def _note_thread(self, said: Mapping[str, Any]) -> None:
        if not said.get("reply_count") or self._reels[0].method != "conversations.history":
            return
        self._threads += 1
        if self._threads <= THREADS:
            arguments = {**self._arguments, "ts": str(said["ts"])}
            self._reels.append(_Reel("conversations.replies", arguments))


def _too_much() -> Unavailable:
    return Unavailable("Too many messages have been written there since to look through.")
