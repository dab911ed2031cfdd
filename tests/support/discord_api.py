"""As much of Discord's REST and gateway as a connection takes, on loopback."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import discord
from aiohttp import web

from adapters.discord.settings import Settings

ME = {"id": "100000001", "username": "paperbot", "discriminator": "0", "avatar": None, "bot": True}
APPLICATION = {
    "id": "200000001",
    "name": "paperbot",
    "icon": None,
    "description": "",
    "summary": "",
    "bot_public": True,
    "bot_require_code_grant": False,
    "verify_key": "k",
    "flags": 0,
    "owner": ME,
    "team": None,
}


class Discord:
    """As much of Discord as a connection takes. What it does to an IDENTIFY can be lined up."""

    def __init__(self) -> None:
        self.token = "good"
        self.tokens: list[str] = []
        self.sent: list[str] = []
        self.closes: list[int] = []
        self.told: list[tuple[str, Any]] = []
        self.answers: dict[str, tuple[int, Any]] = {}
        self.base = ""
        self.sockets: set[web.WebSocketResponse] = set()

    async def rest(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        self.tokens.append(request.headers.get("Authorization", ""))
        if self.tokens[-1] != f"Bot {self.token}":
            return answer({"message": "401: Unauthorized", "code": 0}, 401)
        if path in self.answers:
            status, body = self.answers[path]
            return answer(body, status)
        answers: dict[str, Any] = {
            "users/@me": ME,
            "oauth2/applications/@me": APPLICATION,
            "gateway/bot": {
                "url": self.base.replace("http", "ws") + "/gateway/",
                "shards": 1,
                "session_start_limit": {
                    "total": 1000,
                    "remaining": 999,
                    "reset_after": 0,
                    "max_concurrency": 1,
                },
            },
        }
        if path.endswith("/commands"):
            body = await request.json()
            self.told.append((path, body))
            filled = {"application_id": APPLICATION["id"], "version": "1"}
            known = [{"description": "", **one, **filled} for one in body]
            return answer([{**one, "id": str(n)} for n, one in enumerate(known, 1)])
        return answer(answers.get(path, {}))

    async def gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.add(socket)
        await socket.send_json(
            {"op": 10, "d": {"heartbeat_interval": 3_600_000}, "s": None, "t": None}
        )
        async for message in socket:
            told = json.loads(message.data)
            if told["op"] == 1:
                await socket.send_json({"op": 11, "d": None, "s": None, "t": None})
            elif told["op"] in (2, 6):
                self.sent.append("identify" if told["op"] == 2 else "resume")
                await self._greet(socket, told["op"])
        self.sockets.discard(socket)
        return socket

    async def _greet(self, socket: web.WebSocketResponse, op: int) -> None:
        if self.closes:
            await socket.close(code=self.closes.pop(0))
            return
        ready = {
            "v": 10,
            "user": ME,
            "guilds": [],
            "session_id": "s",
            "resume_gateway_url": self.base.replace("http", "ws") + "/gateway/",
            "application": {"id": APPLICATION["id"], "flags": 0},
        }
        kind, data = ("READY", ready) if op == 2 else ("RESUMED", {})
        await socket.send_json({"op": 0, "t": kind, "s": 1, "d": data})

    @property
    def settings(self) -> Settings:
        return Settings(
            token="good",
            api_url=f"{self.base}/api/v10",
            gateway_url=self.base.replace("http", "ws") + "/gateway/",
        )


def answer(body: Any, status: int = 200) -> web.Response:
    content = json.dumps(body).encode()
    return web.Response(body=content, status=status, headers={"Content-Type": "application/json"})


@asynccontextmanager
async def standing_in(there: Discord | None = None) -> AsyncIterator[Discord]:
    there = there or Discord()
    app = web.Application()
    app.router.add_route("*", "/api/v10/{path:.*}", there.rest)
    app.router.add_get("/gateway/", there.gateway)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    there.base = f"http://{host}:{port}"
    try:
        yield there
    finally:
        await runner.cleanup()


def place(id: int, kind: int = 0, deny: int = 0) -> dict[str, Any]:
    overwrites = [{"id": "500000001", "type": 0, "allow": "0", "deny": str(deny)}]
    return {
        "id": str(id),
        "type": kind,
        "name": f"c{id}",
        "position": 0,
        "permission_overwrites": overwrites,
        "nsfw": False,
        "parent_id": None,
        "guild_id": "500000001",
    }


def furnish(there: Discord) -> None:
    """A server with an open channel, one where we may not write, and no others."""
    everyone = {
        "id": "500000001",
        "name": "@everyone",
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "position": 0,
        "permissions": str(discord.Permissions.all().value & ~8),
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }
    guild = {
        "id": "500000001",
        "name": "Lab",
        "icon": None,
        "owner_id": "1",
        "roles": [everyone],
        "emojis": [],
        "features": [],
        "stickers": [],
        "region": "x",
        "afk_timeout": 0,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "system_channel_flags": 0,
        "premium_tier": 0,
        "preferred_locale": "en-US",
        "nsfw_level": 0,
        "premium_progress_bar_enabled": False,
    }
    member = {"user": ME, "roles": [], "joined_at": "2020-01-01T00:00:00+00:00", "flags": 0}
    there.answers = {
        "guilds/500000001": (200, guild),
        "guilds/500000001/members/100000001": (
            200,
            {**member, "deaf": False, "mute": False, "nick": None},
        ),
        "guilds/500000001/channels": (
            200,
            [place(1), place(2, deny=discord.Permissions(send_messages=True).value)],
        ),
        "channels/3": (404, {"code": 10003, "message": "Unknown Channel"}),
        "guilds/600000001": (404, {"code": 10004, "message": "Unknown Guild"}),
    }
