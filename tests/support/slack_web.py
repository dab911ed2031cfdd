"""The stand-in's HTTP side: the Web API, response_urls, uploads."""

import asyncio
import base64
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from tests.support.slack_calls import METHODS, Call, arguments_of, remarks
from tests.support.slack_errors import Refused
from tests.support.slack_faults import Fault
from tests.support.slack_hooks import respond
from tests.support.slack_state import Team
from tests.support.slack_world import Called, Hook, UploadedFile, World


class Lost(Exception):
    """The connection breaks before an answer."""


class WebApi:
    """Answers requests; `busy` is how many it is at."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.busy = 0

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/api/{method}", self.api),
            web.post("/response/{team}/{hook}", self.response),
            web.post("/upload/v1/{file}", self.upload),
        ]

    async def api(self, request: web.Request) -> web.StreamResponse:
        """One call of a method."""
        self.busy += 1
        try:
            return await self._called(request)
        except Lost:
            return _broken(request)
        finally:
            self.busy -= 1
            self.world.pulse.beat()

    async def _called(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        try:
            args = await arguments_of(request)
        except Refused as error:
            return _json(error.answer)
        token = _token(request, args)
        args.pop("token", None)
        team = next((one for one in self.world.teams.values() if one.token == token), None)
        self.world.calls.append(Called(name, team.id if team else "", args))
        call = Call(self.world, name, args, token, team, _basic(request))
        if name in METHODS:
            self.world.noted += remarks(name, args, request.content_type)
        fault = await self._befalls(name, team, args)
        try:
            return self._answered(call, fault)
        finally:
            await asyncio.sleep(fault.linger if fault else 0)

    async def _befalls(self, name: str, team: Team | None, args: Mapping[str, Any]) -> Fault | None:
        """What goes wrong with this request, after the delay that was asked for."""
        now = self.world.clock.now()
        delay, fault = self.world.faults.next(name, team.id if team else "", args, now)
        if delay:
            await asyncio.sleep(delay)
        return fault

    def _team_of(self, owned: Hook | UploadedFile | None) -> Team | None:
        return self.world.teams[owned.team] if owned else None

    def _answered(self, call: Call, fault: Fault | None) -> web.StreamResponse:
        headers = _headers(call)
        if fault and fault.refuses and not fault.done:
            return failed(fault, headers)
        if fault and fault.lost and not fault.stored:
            raise Lost
        try:
            answer = {"ok": True, **self._answer(call)}
        except Refused as error:
            answer = error.answer
        if fault and fault.lost:
            raise Lost
        return failed(fault, headers) if fault and fault.refuses else _json(answer, headers=headers)

    def _answer(self, call: Call) -> dict[str, Any]:
        known = METHODS.get(call.method)
        if known is None:
            raise Refused("unknown_method")
        if known.anyone:
            return known.answer(call)
        if not call.token:
            raise Refused("not_authed")
        if call.token != self.world.app_token:
            team = self.world.holder(call.token)
            if known.scopes:
                team.require(*known.scopes)
        elif not known.app:
            raise Refused("not_allowed_token_type")
        return known.answer(call)

    async def response(self, request: web.Request) -> web.StreamResponse:
        """What the app has to say to a gesture."""
        self.busy += 1
        try:
            hook = self.world.hooks.get(request.match_info["hook"])
            body = await _body(request)
            fault = await self._befalls("response_url", self._team_of(hook), body)
            if fault and not fault.lost:
                return failed(fault, {})
            if fault is None or fault.stored:
                respond(self.world, hook, body)
            return _broken(request) if fault else web.Response(text="ok")
        except Refused as error:
            gone = error.code in {"used_url", "expired_url", "no_service"}
            return _json(error.answer, status=404 if gone else 400)
        finally:
            self.busy -= 1
            self.world.pulse.beat()

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """The bytes of a file, raw or in a form."""
        file = self.world.files.get(request.match_info["file"])
        if request.content_type == "multipart/form-data":
            parts = [
                part for part in (await request.post()).values() if isinstance(part, web.FileField)
            ]
            content = parts[0].file.read() if parts else b""
        else:
            content = await request.read()
        fault = await self._befalls("upload", self._team_of(file), {})
        if fault and not fault.lost:
            return failed(fault, {})
        if file is None:
            return web.Response(status=404, text="file_not_found")
        file.content = content
        self.world.pulse.beat()
        return _broken(request) if fault else web.Response(text=f"OK - {len(content)}")


def failed(fault: Fault, headers: dict[str, str]) -> web.Response:
    """An answer that says no, in the way that was asked for."""
    if fault.status == 429:
        retry = {"Retry-After": f"{fault.retry_after:g}"}
        return _json({"ok": False, "error": "ratelimited"}, status=429, headers=headers | retry)
    if fault.status >= 400:
        return web.Response(
            status=fault.status, text="<html>server error</html>", content_type="text/html"
        )
    return _json({"ok": False, "error": fault.error, **(fault.more or {})}, headers=headers)


def _broken(request: web.Request) -> web.StreamResponse:
    if request.transport:
        request.transport.abort()
    return web.Response()


def _json(
    body: dict[str, Any], *, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    text = json.dumps(body)
    return web.Response(text=text, status=status, headers=headers, content_type="application/json")


def _token(request: web.Request, args: dict[str, Any]) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else str(args.get("token", ""))


def _basic(request: web.Request) -> tuple[str, str]:
    kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return "", ""
    user, _, password = base64.b64decode(encoded).decode().partition(":")
    return user, password


def _headers(call: Call) -> dict[str, str]:
    """The scopes that the token has, and those of which the method wants one."""
    team: Team | None = next((t for t in call.world.teams.values() if t.token == call.token), None)
    known = METHODS.get(call.method)
    headers = {"x-slack-req-id": call.world.clock.id("req")}
    if team and not team.gone:
        headers["x-oauth-scopes"] = ",".join(sorted(team.scopes))
        headers["x-accepted-oauth-scopes"] = ",".join(known.scopes if known else ())
    elif call.token == call.world.app_token:
        headers["x-oauth-scopes"] = ",".join(sorted(call.world.app_scopes))
    return headers


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        raise Refused("invalid_payload") from None
    if not isinstance(body, dict):
        raise Refused("invalid_payload")
    return body
