"""Discord on loopback: its REST API as far as we use it, with real nonces, and ways to fail.

Every payload it receives is checked against Discord's rules; `refused` tells of those that broke one.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.support.discord_rules import problems, thread_problems
from tests.support.discord_state import DM, ME, Discord, Json, Trouble

SAID = web.RequestKey("payload", dict)
FILES = web.RequestKey("files", int)


@dataclass
class Server:
    """Answers for a Discord."""

    there: Discord

    @web.middleware
    async def guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.path == "/gateway/":
            return await self.there.gateway.connect(request)
        payload, files = await _body(request)
        path = request.path.removeprefix("/api/v10")
        self.there.requests.append((request.method, path, payload))
        request[SAID], request[FILES] = payload, files
        trouble = self.there.trouble(request.method, path) or Trouble(request.method, path)
        if trouble.hang:
            await asyncio.sleep(30)
        # what has arrived is carried out, though whoever asked may have died
        return await asyncio.shield(self._answered(request, handler, trouble))

    async def _answered(
        self, request: web.Request, handler: Any, trouble: Trouble
    ) -> web.StreamResponse:
        self.there.busy += 1
        try:
            await asyncio.sleep(trouble.wait)
            if trouble.cut == "before":
                return _cut(request)
            answer: web.StreamResponse | None = None
            if not trouble.status or trouble.done:
                answer = await self._carried_out(request, handler)
                await asyncio.sleep(trouble.linger)
            if trouble.cut:
                return _cut(request)
            return answer if answer and not trouble.status else _failed(trouble)
        finally:
            self.there.busy -= 1

    async def _carried_out(self, request: web.Request, handler: Any) -> web.StreamResponse:
        try:
            answer: web.StreamResponse = await handler(request)
        except web.HTTPException as e:
            path = request.path.removeprefix("/api/v10")
            self.there.refused.append(f"nothing answers {request.method} {path}")
            return _json({"message": str(e), "code": 0}, e.status)
        except Exception as e:
            self.there.refused.append(repr(e))
            raise
        return answer

    async def _me(self, request: web.Request) -> web.Response:
        return _json(ME)

    async def _application(self, request: web.Request) -> web.Response:
        owner = {**ME, "bot": False}
        about: Json = {"id": ME["id"], "name": "paperbot", "description": "", "bot_public": True}
        about |= {"bot_require_code_grant": False, "verify_key": "", "flags": 0, "icon": None}
        return _json({**about, "owner": owner})

    async def _gateway(self, request: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        return _json({"url": self.there.gateway.url, "shards": 1, "session_start_limit": limit})

    async def _channel(self, request: web.Request) -> web.Response:
        channel = self.there.channels.get(int(request.match_info["channel"]))
        return _json(channel) if channel else _json({"code": 10003, "message": "Unknown"}, 404)

    async def _create(self, request: web.Request) -> web.Response:
        channel, payload = int(request.match_info["channel"]), request[SAID]
        if channel not in self.there.channels:
            return _json({"code": 10003, "message": "Unknown Channel"}, 404)
        if found := problems(payload, files=request[FILES]):
            self.there.refused += found
            return _json({"code": 50035, "message": f"Invalid Form Body: {found}"}, 400)
        if known := self.there.known(channel, payload):
            return _json(known)
        message = self.there.put(channel, payload)
        if nonce := payload.get("nonce"):
            self.there.nonces[channel, str(nonce)] = message
        return _json(message)

    async def _history(self, request: web.Request) -> web.Response:
        found = self.there.messages.get(int(request.match_info["channel"]), [])
        if before := request.query.get("before"):
            found = [m for m in found if int(m["id"]) < int(before)]
        return _json([{**m, "nonce": None} for m in found[::-1][: int(request.query["limit"])]])

    async def _message(self, request: web.Request) -> web.Response:
        channel, message = (int(request.match_info[name]) for name in ("channel", "message"))
        try:
            return _json({**self.there.message(channel, message), "nonce": None})
        except LookupError:
            return _json({"code": 10008, "message": "Unknown Message"}, 404)

    async def _people(self, request: web.Request) -> web.Response:
        """Those who reacted so, the burst kind of which there is none here."""
        message, after = int(request.match_info["message"]), int(request.query.get("after", 0))
        people = self.there.people(message, request.match_info["emoji"])
        burst = request.query.get("type") == "1"
        return _json([one for one in people if int(one["id"]) > after and not burst])

    async def _message_thread(self, request: web.Request) -> web.Response:
        channel, message = (int(request.match_info[name]) for name in ("channel", "message"))
        if message in self.there.channels:
            return _json({"code": 160004, "message": "A thread has already been created"}, 400)
        if all(int(m["id"]) != message for m in self.there.messages[channel]):
            return _json({"code": 10008, "message": "Unknown Message"}, 404)
        return _json(self.there.open_thread(channel, request[SAID]["name"], message))

    async def _forum_post(self, request: web.Request) -> web.Response:
        forum, payload = int(request.match_info["channel"]), request[SAID]
        if found := thread_problems(payload, files=request[FILES]):
            self.there.refused += found
            return _json({"code": 50035, "message": f"Invalid Form Body: {found}"}, 400)
        tags = payload.get("applied_tags") or []
        if self.there.channels[forum]["flags"] & 16 and not tags:  # REQUIRE_TAG
            return _json({"code": 40067, "message": "A tag is required"}, 400)
        thread = self.there.open_thread(forum, payload["name"], applied_tags=tags)
        message = self.there.put(int(thread["id"]), payload["message"], int(thread["id"]))
        return _json({**thread, "message": message}, 201)

    async def _active(self, request: web.Request) -> web.Response:
        return _json(self.there.threads(archived=False))

    async def _archived(self, request: web.Request) -> web.Response:
        return _json(self.there.threads(archived=True, parent=int(request.match_info["channel"])))

    async def _crosspost(self, request: web.Request) -> web.Response:
        channel, id = (int(request.match_info[name]) for name in ("channel", "message"))
        self.there.published.append(id)
        return _json(next(m for m in self.there.messages[channel] if int(m["id"]) == id))

    async def _answer(self, request: web.Request) -> web.Response:
        """An answer to an interaction, its edits and the messages after it."""
        said = request[SAID].get("data", request[SAID])
        self.there.answers.append((request.path.removeprefix("/api/v10"), said))
        if any(said.get(part) for part in ("content", "embeds", "components")):
            self.there.refused += problems(said, files=request[FILES])
        if request.path.endswith("/callback"):
            id = str(self.there.snowflake())
            shown = {"id": request.match_info["id"], "type": 2, "response_message_id": id}
            return _json({"interaction": shown, "resource": {"type": 4}})
        at = next(iter(self.there.messages), 0) or self.there.add_channel()
        message = self.there.put(at, said)
        self.there.messages[at].pop()
        return _json(message)

    async def _commands(self, request: web.Request) -> web.Response:
        listed = request[SAID].get("items", [])
        return _json(
            [
                {
                    "description": "",
                    **c,
                    "id": str(self.there.snowflake()),
                    "application_id": "7000",
                    "version": "1",
                }
                for c in listed
            ]
        )

    async def _user(self, request: web.Request) -> web.Response:
        return _json({**ME, "id": request.match_info["user"], "username": "ann", "bot": False})

    async def _conversation(self, request: web.Request) -> web.Response:
        """Opened once for each person."""
        whose = request[SAID]["recipient_id"]
        there = self.there.channels
        known = (
            id for id, one in there.items() if one.get("recipients", [{}])[0].get("id") == whose
        )
        if (id := next(known, None)) is None:
            id = self.there.add_channel(DM)
            there[id]["recipients"] = [{**ME, "id": whose, "username": "ann", "bot": False}]
        return _json(there[id])

    async def _gone(self, request: web.Request) -> web.Response:
        return web.Response(status=204)

    def routes(self) -> list[web.RouteDef]:
        """Everything that is answered."""
        channel, webhook = "/api/v10/channels/{channel}", "/api/v10/webhooks/{app}/{token}"
        return [
            web.get("/gateway/", self._gone),
            web.get("/api/v10/users/@me", self._me),
            web.get("/api/v10/users/{user}", self._user),
            web.post("/api/v10/users/@me/channels", self._conversation),
            web.get("/api/v10/oauth2/applications/@me", self._application),
            web.get("/api/v10/applications/@me", self._application),
            web.get("/api/v10/gateway/bot", self._gateway),
            web.get("/api/v10/guilds/{guild}/threads/active", self._active),
            web.get(channel, self._channel),
            web.get(f"{channel}/messages", self._history),
            web.get(f"{channel}/messages/{{message}}", self._message),
            web.get(f"{channel}/messages/{{message}}/reactions/{{emoji}}", self._people),
            web.post(f"{channel}/messages", self._create),
            web.post(f"{channel}/messages/{{message}}/threads", self._message_thread),
            web.post(f"{channel}/messages/{{message}}/crosspost", self._crosspost),
            web.post(f"{channel}/threads", self._forum_post),
            web.get(f"{channel}/threads/archived/public", self._archived),
            web.post("/api/v10/interactions/{id}/{token}/callback", self._answer),
            web.post(webhook, self._answer),
            web.patch(f"{webhook}/messages/{{message}}", self._answer),
            web.delete(f"{webhook}/messages/{{message}}", self._gone),
            web.put("/api/v10/applications/{app}/commands", self._commands),
            web.put("/api/v10/applications/{app}/guilds/{guild}/commands", self._commands),
        ]


@asynccontextmanager
async def discord_on_loopback() -> AsyncIterator[Discord]:
    """A Discord to be used for one test; it must not have refused a form when that ends."""
    there = Discord()
    server = Server(there)
    app = web.Application(middlewares=[server.guard])
    app.add_routes(server.routes())
    runner = web.AppRunner(app, shutdown_timeout=0, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    there.url, there.gateway.url = f"http://{host}:{port}", f"ws://{host}:{port}/gateway/"
    try:
        yield there
    finally:
        await runner.cleanup()
    assert there.refused == []


async def _body(request: web.Request) -> tuple[Json, int]:
    """The payload, and how many files came with it."""
    if request.content_type != "multipart/form-data":
        said = json.loads(await request.text() or "{}")
        return (said if isinstance(said, dict) else {"items": said}), 0
    payload: Json = {}
    files = 0
    async for part in await request.multipart():
        if getattr(part, "name", None) == "payload_json":
            payload = json.loads(await part.text())  # type: ignore[union-attr]
        else:
            files += 1
            await part.read()  # type: ignore[union-attr]
    return payload, files


def _json(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """The library wants exactly this content type: with a charset it does not read the body."""
    body = json.dumps(data).encode()
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")


def _failed(trouble: Trouble) -> web.Response:
    return _json(trouble.body, trouble.status, trouble.headers)


def _cut(request: web.Request) -> web.Response:
    """The connection ends without an answer."""
    if request.transport:
        request.transport.abort()
    return web.Response()
