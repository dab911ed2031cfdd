"""Socket Mode of the stand-in: one-time tickets, envelopes, acks, and connections that end."""

import asyncio
import json
import time
from typing import Any

from aiohttp import WSMsgType, web

from tests.support.slack_clock import Pulse
from tests.support.slack_transport import Ack, Envelope, Undeliverable
from tests.support.slack_world import World

CONNECTIONS = 10
"""docs.slack.dev/apis/events-api/using-socket-mode."""


class Link:
    """One connection. `retiring` ones get nothing more; `frozen` ones do not even answer pings."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.socket = socket
        self.request = request
        self.retiring = False
        self.frozen = False

    @property
    def usable(self) -> bool:
        return not (self.retiring or self.frozen or self.socket.closed)

    def cut(self) -> None:
        """Without a word."""
        if self.request.transport:
            self.request.transport.abort()


class SocketMode:
    """All connections of the app; an envelope goes to any of them."""

    def __init__(self, world: World, pulse: Pulse) -> None:
        self.world = world
        self.pulse = pulse
        self.links: list[Link] = []
        self.refusing = 0
        self.attempts = 0
        self.greeting = True
        self._waiting: dict[str, tuple[float, asyncio.Future[Ack]]] = {}
        self._turn = 0

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """A connection, if its ticket is good: each is good once."""
        self.attempts += 1
        ticket = request.query.get("ticket", "")
        fresh = self.world.tickets.get(ticket) is False
        if ticket in self.world.tickets:
            self.world.tickets[ticket] = True
        if self.refusing or not fresh or len(self.links) >= CONNECTIONS:
            self.refusing = max(0, self.refusing - 1)
            self.pulse.beat()
            return web.Response(status=403)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        link = Link(socket, request)
        self.links.append(link)
        try:
            if self.greeting:
                await socket.send_json(self._hello())
            self.pulse.beat()
            await self._listen(link)
        finally:
            self.links.remove(link)
            self.pulse.beat()
        return socket

    def _hello(self) -> dict[str, Any]:
        info = {"host": "loopback", "approximate_connection_time": 18060}
        told = {"type": "hello", "num_connections": len(self.links), "debug_info": info}
        return told | {"connection_info": {"app_id": "A1"}}

    async def _listen(self, link: Link) -> None:
        async for message in link.socket:
            if message.type is WSMsgType.PING and not link.frozen:
                await link.socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._heard(message.data)

    def _heard(self, text: str) -> None:
        try:
            told = json.loads(text)
            id = told["envelope_id"]
        except (ValueError, KeyError, TypeError):
            self.world.noted.append(f"Socket Mode: not an ack: {text[:80]}")
            return
        if id not in self._waiting:
            self.world.noted.append(f"Socket Mode: acked twice or unknown: {id}")
            return
        sent, future = self._waiting.pop(id)
        if not future.done():
            after = time.perf_counter() - sent
            future.set_result(Ack(after=after, body=told.get("payload")))

    async def deliver(self, envelope: Envelope, within: float) -> Ack:
        """Send it and wait for its ack. Raises Undeliverable, TimeoutError."""
        usable = [link for link in self.links if link.usable]
        if not usable:
            raise Undeliverable("no connection is open")
        self._turn += 1
        link = usable[self._turn % len(usable)]
        future: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        self._waiting[envelope.id] = (time.perf_counter(), future)
        try:
            await link.socket.send_json(_wrapped(envelope))
            async with asyncio.timeout(within):
                return await future
        except ConnectionError as error:
            raise Undeliverable(str(error)) from error

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Tell every connection that it will end; a warning comes some seconds before."""
        for link in [link for link in self.links if link.usable]:
            link.retiring = reason != "warning"
            info = {"host": "loopback"}
            await link.socket.send_json(
                {"type": "disconnect", "reason": reason, "debug_info": info}
            )

    def freeze(self) -> None:
        """Connections stay open, and nothing comes from them any more."""
        for link in self.links:
            link.frozen = True

    def cut(self) -> None:
        """Every connection breaks."""
        for link in self.links:
            link.cut()

    async def close(self) -> None:
        for link in list(self.links):
            await link.socket.close()


def _wrapped(envelope: Envelope) -> dict[str, Any]:
    events = envelope.kind == "events_api"
    told: dict[str, Any] = {
        "envelope_id": envelope.id,
        "type": envelope.kind,
        "payload": envelope.payload,
    }
    told["accepts_response_payload"] = not events
    if events:
        told |= {"retry_attempt": envelope.attempt, "retry_reason": envelope.reason}
    return told
