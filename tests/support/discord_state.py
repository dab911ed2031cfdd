"""A Discord for tests: its server, channels and messages, what the bot asked of it, and ways to fail."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import unquote

import discord

from adapters.discord.endpoints import redirect
from adapters.discord.settings import Settings, read_settings
from tests.support.discord_gateway import Gateway

ME = {"id": "7000", "username": "paperbot", "discriminator": "0", "avatar": None, "bot": True}
GUILD, EVERYONE = 100, 100
EVERYTHING = discord.Permissions.all().value & ~discord.Permissions(administrator=True).value
TEXT, DM, NEWS, THREAD, FORUM, MEDIA = 0, 1, 5, 11, 15, 16
NONCE_KEPT = timedelta(minutes=3)
"""Discord, "Create Message": a nonce is checked "in the past few minutes"."""

Json = dict[str, Any]


@dataclass
class Trouble:
    """What happens to the next requests of a kind instead of, or after, their being answered."""

    method: str
    path: str
    """A part of the path."""
    status: int = 0
    body: Json = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    cut: str = ""
    """`before` it is carried out, or `after`."""
    times: int = 1
    hang: bool = False
    done: bool = False
    """Whether what is answered with `status` was carried out all the same."""
    wait: float = 0.0
    """Seconds before it is carried out."""
    linger: float = 0.0
    """Seconds between that and the answer."""


@dataclass
class Discord:
    """One server with channels, and everything the bot did there."""

    channels: dict[int, Json] = field(default_factory=dict)
    messages: dict[int, list[Json]] = field(default_factory=dict)
    """Channel -> its messages, the oldest first."""
    requests: list[tuple[str, str, Json]] = field(default_factory=list)
    """Method, path and payload of each."""
    published: list[int] = field(default_factory=list)
    answers: list[tuple[str, Json]] = field(default_factory=list)
    """Answers to interactions: the path and what was said."""
    refused: list[str] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    weather: Callable[[str, str], Trouble | None] = lambda method, path: None
    """Trouble for requests, by method and path, that `troubles` has none for."""
    busy: int = 0
    """Requests that are being carried out; nobody need be there any more to hear the answer."""
    url: str = ""
    gateway: Gateway = field(default_factory=lambda: Gateway(ME))
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    nonces: dict[tuple[int, str], Json] = field(default_factory=dict)
    """Channel and nonce -> the message that has it."""
    reacted: dict[tuple[int, str], list[Json]] = field(default_factory=dict)
    """Message and emoji -> the people who reacted so."""

    @property
    def settings(self) -> Settings:
        """The door's settings that lead here."""
        return read_settings(
            {"token": "t", "api_url": f"{self.url}/api/v10", "gateway_url": self.gateway.url}
        )

    def add_channel(self, kind: int = TEXT, name: str = "papers", **fields: Any) -> int:
        """A new channel; the id."""
        id = self.snowflake()
        self.channels[id] = {
            "id": str(id),
            "type": kind,
            "name": name,
            "guild_id": str(GUILD),
            "position": 0,
            "permission_overwrites": [],
            "flags": 0,
            "available_tags": [],
            **fields,
        }
        if kind == DM:
            self.channels[id] |= {"recipients": [{**ME, "id": "9", "bot": False}], "guild_id": None}
        self.messages[id] = []
        return id

    def fail(self, method: str = "POST", path: str = "/messages", **trouble: Any) -> None:
        """Let the next requests of this kind go wrong."""
        self.troubles.append(Trouble(method, path, **trouble))

    def error(self, status: int, code: int, **trouble: Any) -> None:
        """Refuse the next message with one of Discord's errors."""
        self.fail(status=status, body={"code": code, "message": "No."}, **trouble)

    def guild(self, permissions: int = EVERYTHING) -> Json:
        """The server as GUILD_CREATE tells of it: us in it, with these permissions."""
        role: Json = {"id": str(EVERYONE), "name": "@everyone", "permissions": str(permissions)}
        role |= {"position": 0, "color": 0, "hoist": False, "managed": False, "mentionable": False}
        me = {"user": ME, "roles": [], "joined_at": "2025-01-01T00:00:00+00:00", "flags": 0}
        kinds = (THREAD, DM)
        return {
            "id": str(GUILD),
            "name": "Lab",
            "owner_id": "1",
            "roles": [role],
            "members": [me],
            "member_count": 1,
            "channels": [c for c in self.channels.values() if c["type"] not in kinds],
            "threads": [c for c in self.channels.values() if c["type"] == THREAD],
        }

    def sent(self, channel: int) -> list[Json]:
        """What stands in a channel."""
        return self.messages[channel]

    def paths(self, method: str = "POST") -> list[str]:
        """Where requests went."""
        return [path for done, path, _ in self.requests if done == method]

    @asynccontextmanager
    async def connected(self, **options: Any) -> AsyncIterator[discord.Client]:
        """A client that hears the gateway, too; it knows the server when the block begins."""
        options = {"heartbeat_timeout": 5.0, "guild_ready_timeout": 0.02, **options}
        async with self.client(**options) as client:
            task = asyncio.create_task(client.connect())
            try:
                await client.wait_until_ready()
                yield client
            finally:
                await client.close()
                await asyncio.gather(task, return_exceptions=True)

    @asynccontextmanager
    async def client(self, **options: Any) -> AsyncIterator[discord.Client]:
        """A logged-in client of this Discord, without a gateway."""
        options = {"intents": discord.Intents(guilds=True), "max_messages": None, **options}
        client = _Client(**options)
        redirect(client, self.settings)
        async with client:
            await client.login("t")
            yield client

    def trouble(self, method: str, path: str) -> Trouble | None:
        for trouble in self.troubles:
            if trouble.times and trouble.method == method and trouble.path in path:
                trouble.times -= 1
                return trouble
        return self.weather(method, path)

    def known(self, channel: int, payload: Json) -> Json | None:
        """The message that has this nonce already, if that is to count and not too long ago."""
        found = self.nonces.get((channel, str(payload.get("nonce"))))
        if not payload.get("enforce_nonce") or found is None:
            return None
        young = self.now() - datetime.fromisoformat(found["timestamp"]) < NONCE_KEPT
        return found if young else None

    def react(
        self, channel: int, message: int, user: Json, emoji: str, *, added: bool = True
    ) -> None:
        """Somebody's emoji; no event tells of it."""
        people = self.reacted.setdefault((message, emoji), [])
        if added:
            people.append(user)
        else:
            people.remove(user)
        standing = {one: who for (at, one), who in self.reacted.items() if at == message and who}
        self.message(channel, message)["reactions"] = [
            {
                "emoji": {"id": None, "name": one},
                "count": len(who),
                "count_details": {"normal": len(who), "burst": 0},
                "burst_colors": [],
                "me": False,
                "me_burst": False,
            }
            for one, who in standing.items()
        ]

    def people(self, message: int, emoji: str) -> list[Json]:
        """Who reacted so; the emoji as it stands in an address."""
        return self.reacted.get((message, unquote(emoji)), [])

    def message(self, channel: int, id: int) -> Json:
        """One that is there; a LookupError otherwise."""
        for message in self.messages.get(channel, ()):
            if int(message["id"]) == id:
                return message
        raise LookupError(id)

    def put(self, channel: int, payload: Json, id: int | None = None) -> Json:
        message = {
            "id": str(id or self.snowflake()),
            "channel_id": str(channel),
            "author": ME,
            "timestamp": self.now().isoformat(),
            "type": 0,
            "content": payload.get("content") or "",
            "embeds": payload.get("embeds") or [],
            "components": payload.get("components") or [],
            "flags": payload.get("flags") or 0,
            "nonce": payload.get("nonce"),
            **dict.fromkeys(("attachments", "mentions", "mention_roles"), ()),
            **dict.fromkeys(("pinned", "tts", "mention_everyone"), False),
            "edited_timestamp": None,
        }
        self.messages[channel].append(message)
        if (thread := self.channels[channel])["type"] == THREAD:
            thread["last_message_id"] = message["id"]
        return message

    def open_thread(self, parent: int, name: str, id: int | None = None, **fields: Any) -> Json:
        """A thread in a channel, below a message when it has that one's id."""
        id = id or self.snowflake()
        times = {"archived": False, "auto_archive_duration": 1440, "locked": False}
        self.channels[id] = {
            "id": str(id),
            "type": THREAD,
            "name": name,
            "guild_id": str(GUILD),
            "parent_id": str(parent),
            "owner_id": ME["id"],
            "last_message_id": None,
            "message_count": 0,
            "member_count": 1,
            "thread_metadata": {**times, "archive_timestamp": self.now().isoformat()},
            **fields,
        }
        self.messages[id] = []
        return self.channels[id]

    def archive(self, thread: int) -> None:
        """Close a thread as Discord does after a while."""
        self.channels[thread]["thread_metadata"]["archived"] = True

    def threads(self, *, archived: bool, parent: int | None = None) -> Json:
        threads = [c for c in self.channels.values() if c["type"] == THREAD]
        fitting = [
            thread
            for thread in threads
            if thread["thread_metadata"]["archived"] is archived
            and parent in (None, int(thread["parent_id"]))
        ]
        return {"threads": fitting, "members": [], "has_more": False}

    def snowflake(self) -> int:
        return discord.utils.time_snowflake(self.now()) + next(self._numbers)


class _Client(discord.Client):
    """Does not wait five seconds before it identifies anew."""

    async def before_identify_hook(
        self, shard_id: int | None, *, initial: bool = False
    ) -> None: ...
