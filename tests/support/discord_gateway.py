"""A gateway of Discord on loopback: one socket at a time, every event kept for RESUME, and ways to be unkind."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11


@dataclass
class Gateway:
    """What a client is told when it connects, and what it said. Verbs make events and trouble."""

    user: dict[str, Any]
    guilds: list[dict[str, Any]] = field(default_factory=list)
    """GUILD_CREATE events that follow READY."""
    identified: list[dict[str, Any]] = field(default_factory=list)
    resumed: list[dict[str, Any]] = field(default_factory=list)
    connects: int = 0
    refuse: int = 0
    """How many of the next connects are answered with 503."""
    frozen: bool = False
    """Reads nothing and says nothing, while the connection stands."""
    events: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""
    _socket: web.WebSocketResponse | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """The handler of the socket's address."""
        self.connects += 1
        if self.refuse:
            self.refuse -= 1
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._socket, self.frozen = socket, False
        await self._say(HELLO, {"heartbeat_interval": 3_600_000})
        async for message in socket:
            if message.type is WSMsgType.TEXT and not self.frozen:
                await self._hear(message.json())
        return socket

    async def _hear(self, said: dict[str, Any]) -> None:
        data = said["d"]
        match said["op"]:
            case 1:
                await self._say(ACK, None)
            case 2:
                self.identified.append(data)
                await self._welcome()
            case 6:
                self.resumed.append(data)
                for event in [e for e in self.events if e["s"] > data["seq"]]:
                    await self._send(event)
                await self.dispatch("RESUMED", {})
        self._changed.set()

    async def _welcome(self) -> None:
        self.events.clear()
        session = f"session-{len(self.identified)}"
        ready = {
            "v": 10,
            "user": self.user,
            "guilds": [{"id": guild["id"], "unavailable": True} for guild in self.guilds],
            "session_id": session,
            "resume_gateway_url": self.url,
            "application": {"id": self.user["id"], "flags": 0},
        }
        await self.dispatch("READY", ready)
        for guild in self.guilds:
            await self.dispatch("GUILD_CREATE", guild)

    async def dispatch(self, name: str, data: dict[str, Any]) -> None:
        """Tell the client of an event; what it misses comes with its next RESUME."""
        event = {"op": DISPATCH, "t": name, "d": data, "s": len(self.events) + 1}
        self.events.append(event)
        await self._send(event)

    async def ask_to_reconnect(self) -> None:
        """Op 7."""
        await self._say(RECONNECT, None)

    async def invalidate(self, *, resumable: bool = False) -> None:
        """Op 9."""
        await self._say(INVALID, resumable)

    async def close(self, code: int) -> None:
        """End the connection with a close code: 4000 may be resumed, 4004 is a token that is not accepted."""
        if self._socket:
            await self._socket.close(code=code)

    async def cut(self) -> None:
        """End the connection without a word."""
        if self._socket and self._socket._req and self._socket._req.transport:
            self._socket._req.transport.abort()

    async def until(self, said: list[dict[str, Any]], times: int = 1) -> dict[str, Any]:
        """Wait until `identified` or `resumed` has so many; the last of them."""
        while len(said) < times:
            self._changed.clear()
            await self._changed.wait()
        return said[-1]

    async def _say(self, op: int, data: Any) -> None:
        await self._send({"op": op, "d": data, "s": None, "t": None})

    async def _send(self, frame: dict[str, Any]) -> None:
        if self._socket and not self._socket.closed and not self.frozen:
            with suppress(
                ConnectionError
            ):  # the client went away: it hears of this when it resumes
                await self._socket.send_json(frame)
