"""A Discord with several shards, which notes who listens to which of them."""

from dataclasses import dataclass
from itertools import combinations
from time import monotonic
from typing import Any

from aiohttp import web

from adapters.discord.settings import Settings
from tests.support.discord_api import APPLICATION, ME, Discord


@dataclass
class Session:
    """A connection that has identified itself; who that is, is told by its token."""

    shard: int
    shards: int
    token: str
    begun: float
    ended: float | None = None


class ShardedDiscord(Discord):
    """Advises so many shards, and takes every token."""

    def __init__(self, shards: int) -> None:
        super().__init__()
        self.shards = shards
        self.remaining = 999
        self.sessions: list[Session] = []

    def settings_of(self, token: str) -> Settings:
        return Settings(
            token=token,
            api_url=f"{self.base}/api/v10",
            gateway_url=self.base.replace("http", "ws") + "/gateway/",
        )

    async def rest(self, request: web.Request) -> web.Response:
        self.token = request.headers.get("Authorization", "").removeprefix("Bot ")
        limit = {"total": 1000, "remaining": self.remaining, "reset_after": 3_600_000}
        limit |= {"max_concurrency": 1}
        url = self.base.replace("http", "ws") + "/gateway/"
        advice = {"url": url, "shards": self.shards, "session_start_limit": limit}
        self.answers["gateway/bot"] = (200, advice)
        return await super().rest(request)

    async def gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.add(socket)
        await _say(socket, 10, {"heartbeat_interval": 3_600_000})
        session: Session | None = None
        async for message in socket:
            told = message.json()
            if told["op"] == 1:
                await _say(socket, 11, None)
            elif told["op"] == 2:
                session = self._identified(told["d"])
                await _say(socket, 0, self._ready(told["d"]), "READY")
        self.sockets.discard(socket)
        if session:
            session.ended = monotonic()
        return socket

    def _identified(self, told: dict[str, Any]) -> Session:
        shard, shards = told["shard"]
        self.sessions.append(Session(shard, shards, told["token"], monotonic()))
        return self.sessions[-1]

    def _ready(self, told: dict[str, Any]) -> dict[str, Any]:
        return {
            "v": 10,
            "user": ME,
            "guilds": [],
            "session_id": "s",
            "shard": told["shard"],
            "resume_gateway_url": self.base.replace("http", "ws") + "/gateway/",
            "application": {"id": APPLICATION["id"], "flags": 0},
        }

    # --- what can be seen

    @property
    def listeners(self) -> dict[int, list[str]]:
        """Shard -> who listens to it."""
        found: dict[int, list[str]] = {}
        for session in self.sessions:
            if session.ended is None:
                found.setdefault(session.shard, []).append(session.token)
        return found

    def spread(self) -> dict[str, int]:
        """Who -> how many shards; {} unless every shard has just one listener."""
        found = self.listeners
        if len(found) != self.shards or any(len(who) != 1 for who in found.values()):
            return {}
        tokens = [who for (who,) in found.values()]
        return {token: tokens.count(token) for token in tokens}

    def overlaps(self) -> list[tuple[Session, Session]]:
        """Two at one shard at the same time."""
        pairs = combinations(self.sessions, 2)
        return [
            (one, two)
            for one, two in pairs
            if one.shard == two.shard and (one.ended is None or two.begun < one.ended)
        ]


async def _say(socket: web.WebSocketResponse, op: int, data: Any, name: str | None = None) -> None:
    await socket.send_json({"op": op, "d": data, "s": 1 if name else None, "t": name})
