"""One connection of Socket Mode: what comes over it is acknowledged by the id of its envelope."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncBoltRequest
from slack_bolt.response import BoltResponse

log = logging.getLogger(__name__)

Hear = Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]


class Link:
    """Reads until Slack closes it. Before that Slack may ask for another connection beside this one."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, hear: Hear) -> None:
        self._socket = socket
        self._hear = hear
        self._greeted = False
        self._news = asyncio.Event()
        self._over = asyncio.Event()
        self.reason = "the connection was closed"

    async def greeting(self) -> None:
        """Until Slack says hello. Raises ConnectionError when it hangs up instead."""
        await self._news.wait()
        if not self._greeted:
            raise ConnectionError(self.reason)

    async def over(self) -> None:
        """Until another connection is needed."""
        await self._over.wait()

    async def read(self) -> None:
        """Until it is closed."""
        try:
            async for message in self._socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    await self._frame(message.data)
        finally:
            self._over.set()
            self._news.set()
            await self._socket.close()

    async def _frame(self, text: str) -> None:
        try:
            said = json.loads(text)
            kind = said.get("type")
        except (ValueError, AttributeError, RecursionError):
            log.warning("slack.frame_unreadable size=%d", len(text))
            return
        if kind == "hello":
            self._greeted = True
            self._news.set()
        elif kind == "disconnect":
            self.reason = str(said.get("reason") or self.reason)[:80]
            self._over.set()
            self._news.set()
        elif "envelope_id" in said:
            try:
                await self._envelope(said)
            except Exception:  # one envelope must not end the connection
                log.exception("slack.error kind=envelope")

    async def _envelope(self, envelope: Mapping[str, Any]) -> None:
        """Hear and acknowledge, one after the other: hearing takes no time, the work comes later."""
        payload = envelope.get("payload")
        request = AsyncBoltRequest(
            mode="socket_mode", body=payload if isinstance(payload, dict) else {}
        )
        response = await self._hear(request)
        if response.status != 200:  # noqa: PLR2004 -- HTTP's own; Slack will send it again
            return
        told: dict[str, Any] = {"envelope_id": envelope["envelope_id"]}
        if response.body and envelope.get("accepts_response_payload"):
            told["payload"] = json.loads(response.body)
        try:
            await self._socket.send_str(json.dumps(told))
        except (aiohttp.ClientError, OSError) as e:  # Slack will send it again
            log.info("slack.ack_lost reason=%s", type(e).__name__)
