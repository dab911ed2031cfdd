"""A Slack of one process: Web API, Socket Mode, signed HTTP, response_urls, and people who do things.

It keeps Slack's rules as far as they are known, not those of whoever calls it. Everything below is the
public surface; the parts are in the files beside it.
"""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
from aiohttp import web

import tests.support.slack_apps
import tests.support.slack_places  # noqa: F401 -- enters its methods in the table
from tests.support.slack_faults import Fault, When
from tests.support.slack_happenings import Happenings
from tests.support.slack_http import HttpMode, signed
from tests.support.slack_interaction import Interaction
from tests.support.slack_socket import SocketMode
from tests.support.slack_state import BOT_SCOPES, Message, Place, Team, User
from tests.support.slack_transport import Ack, Signed
from tests.support.slack_views import home_of
from tests.support.slack_web import WebApi
from tests.support.slack_world import Called, Grant, UploadedFile, View, World

ALL = BOT_SCOPES


class SlackServer(Happenings):
    """People's gestures are inherited: command, press, shortcut, submit, react, invite, home_opened, …"""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        super().__init__(World())
        self._session = session
        self.web = WebApi(self.world)
        self.socket = SocketMode(self.world, self.world.pulse)
        self.transport = self.socket
        self.http: HttpMode | None = None

    # --- who and what there is

    @property
    def api_url(self) -> str:
        return f"{self.world.base}/api"

    def add_team(
        self,
        id: str = "T1",
        *,
        bot_token: str = "",
        bot_user: str = "UBOT",
        bot_id: str = "B1",
        name: str = "",
        bot_name: str = "paperbot",
        scopes: Iterable[str] = ALL,
    ) -> Team:
        """A workspace that has the app."""
        token = bot_token or f"xoxb-{id}"
        team = Team(id, token, bot_user, bot_id, name or f"Team {id}", set(scopes))
        self.world.teams[id] = team
        team.users[bot_user] = User(bot_user, id, bot_name, bot=True)
        return team

    def add_user(self, team: str, id: str, name: str = "", **facts: Any) -> User:
        """Facts: tz, tz_offset, locale, admin, owner, guest, deleted."""
        self.world.teams[team].users[id] = User(id, team, name or id, **facts)
        return self.world.teams[team].users[id]

    def add_channel(
        self,
        team: str,
        id: str,
        name: str = "",
        *,
        private: bool = False,
        member: bool = True,
        archived: bool = False,
        members: Iterable[str] = (),
    ) -> Place:
        """`member` is the bot; without `members` everybody is in it."""
        kind = "group" if private else "channel"
        place = Place(id, team, name or id.lower(), kind, member, archived, set(members))
        self.world.teams[team].places[id] = place
        return place

    def direct(self, team: str, user: str) -> str:
        """The id of somebody's conversation with the bot."""
        return self.world.teams[team].direct(user).id

    def team(self, id: str = "T1") -> Team:
        return self.world.teams[id]

    # --- what can be seen

    def messages(self, team: str, channel: str) -> list[Message]:
        """The oldest first; ephemeral ones are not among them."""
        return list(self.world.place(team, channel).messages)

    @property
    def ephemerals(self) -> list[Message]:
        return self.world.ephemerals

    @property
    def responses(self) -> list[dict[str, Any]]:
        """Everything that came to response_urls."""
        return self.world.responses

    @property
    def views(self) -> list[View]:
        """Every view that was opened, pushed, updated or published, in order, as it was then."""
        return self.world.views

    def modal(self, team: str, user: str) -> View | None:
        """The topmost one before somebody."""
        stack = self.world.stack(team, user)
        return stack[-1] if stack else None

    def home(self, team: str, user: str) -> View | None:
        """What somebody's Home tab shows."""
        return home_of(self.world, team, user)

    @property
    def calls(self) -> list[Called]:
        return self.world.calls

    def called(self, method: str) -> list[dict[str, Any]]:
        """The arguments of every call of one method."""
        return [call.arguments for call in self.calls if call.method == method]

    @property
    def files(self) -> list[UploadedFile]:
        return list(self.world.files.values())

    @property
    def reactions(self) -> list[tuple[str, str, str]]:
        """(ts of the message, emoji, user) of all that stand."""
        return [
            (message.ts, emoji, user)
            for team in self.world.teams.values()
            for place in team.places.values()
            for message in place.messages
            for emoji, users in message.reactions.items()
            for user in users
        ]

    @property
    def noted(self) -> list[str]:
        """What Slack would have passed over: arguments it does not know, acks of nothing."""
        return self.world.noted

    # --- waiting

    async def until(self, true: Callable[[], Any], within: float = 3.0) -> Any:
        """What `true` says once that is something; asked whenever anything changed. Raises TimeoutError."""
        return await self.world.pulse.until(true, within)

    async def said(self, team: str, channel: str, n: int = 1, within: float = 3.0) -> list[Message]:
        """At least so many messages in a channel. Raises TimeoutError."""
        await self.until(lambda: len(self.messages(team, channel)) >= n, within)
        return self.messages(team, channel)

    async def viewed(self, n: int = 1, within: float = 3.0) -> list[View]:
        """At least so many states of views. Raises TimeoutError."""
        await self.until(lambda: len(self.views) >= n, within)
        return self.views

    def pass_time(self, seconds: float) -> None:
        """Slack's clock moves on: triggers, response_urls, timestamps."""
        self.world.clock.ahead += seconds

    # --- what goes wrong

    def fail(
        self,
        method: str,
        *,
        error: str = "internal_error",
        status: int = 200,
        retry_after: float = 1,
        times: int | None = 1,
        team: str = "",
        when: When | None = None,
        **more: Any,
    ) -> None:
        """The next calls of a method (`*`: of any; also `response_url`, `upload`) are answered with no."""
        fault = Fault(method, times, error, status, retry_after, more, team=team, when=when)
        self.world.faults.add(fault)

    def lose_answer(self, method: str, times: int | None = 1, *, stored: bool = True) -> None:
        """The connection breaks before the answer: after the thing was done, or before."""
        self.world.faults.add(Fault(method, times, lost=True, stored=stored))

    def delay(self, method: str, seconds: float, times: int | None = None) -> None:
        """Answers take longer."""
        self.world.faults.add(Fault(method, times, delay=seconds))

    def limit(self, method: str, seconds: float, team: str = "") -> None:
        """Every call of a method is one too many until Slack's clock has moved on so far."""
        over = self.world.clock.now() + seconds
        self.world.faults.add(Fault(method, None, status=429, team=team, until=over))

    def recover(self) -> None:
        """All goes well again."""
        self.world.faults.clear()
        self.socket.refusing = 0

    def refuse_tickets(self, n: int = 1) -> None:
        """The next attempts to connect are turned away."""
        self.socket.refusing += n

    # --- transports

    @property
    def app_token(self) -> str:
        return self.world.app_token

    @property
    def signing_secret(self) -> str:
        return self.world.signing_secret

    @property
    def connections(self) -> int:
        """How many can be used."""
        return sum(link.usable for link in self.socket.links)

    async def connected(self, n: int = 1, within: float = 5.0) -> None:
        """Until so many connections are open. Raises TimeoutError."""
        await self.until(lambda: self.connections >= n, within)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Slack asks to connect anew; reasons are warning, refresh_requested and link_disabled."""
        await self.socket.disconnect(reason)

    def cut(self) -> None:
        """Every connection breaks without a word."""
        self.socket.cut()

    def freeze(self) -> None:
        """Connections stay open, and nothing comes from them any more, not even a pong."""
        self.socket.freeze()

    def use_socket(self) -> None:
        self.transport = self.socket

    def use_http(self, url: str, signing_secret: str = "") -> HttpMode:
        """From now on everything goes to this address, signed."""
        self.http = HttpMode(url, signing_secret or self.signing_secret, self._session)
        self.transport = self.http
        return self.http

    async def resend(self, done: Interaction) -> Ack:
        """The very request that was made before: a replay."""
        assert self.http
        return await self.http.send(_request(done))

    async def forge(self, done: Interaction, *, secret: str = "", age: float = 0) -> Ack:
        """What was sent before, signed by somebody else or long ago."""
        assert self.http
        was = _request(done)
        kind = was.headers["Content-Type"]
        return await self.http.send(signed(was.body, kind, secret or self.http.secret, age=age))

    async def verify_url(self, challenge: str = "challenge") -> Ack:
        """What Slack asks when a request URL is entered."""
        assert self.http
        body = f'{{"token":"x","challenge":"{challenge}","type":"url_verification"}}'
        return await self.http.send(signed(body.encode(), "application/json", self.http.secret))

    # --- installing

    def consent(self, authorize_url: str, team: str, user: str, *, enterprise: bool = False) -> str:
        """Somebody comes to the page with the green button and presses it: where their browser goes next."""
        asked = {
            name: values[0] for name, values in parse_qs(urlsplit(authorize_url).query).items()
        }
        assert asked["client_id"] == self.world.client_id, "no app has this client_id"
        code = self.world.clock.id("code")
        scopes = frozenset(asked.get("scope", "").split(","))
        redirect = asked.get("redirect_uri", "")
        self.world.grants[code] = Grant(team, user, scopes, redirect, enterprise)
        return f"{redirect}?{urlencode({'code': code, 'state': asked.get('state', '')})}"

    # --- the end

    async def shut(self) -> None:
        """No task is left."""
        for task in list(self._tasks):
            task.cancel()
        await self.socket.close()


def _request(done: Interaction) -> Signed:
    assert done.acked, f"never acknowledged: {done.error}"
    assert done.acked.request, "it did not go over HTTP"
    return done.acked.request


@asynccontextmanager
async def slack_server() -> AsyncIterator[SlackServer]:
    """Open on loopback; without teams, people or channels."""
    async with aiohttp.ClientSession() as session:
        server = SlackServer(session)
        app = web.Application(client_max_size=20 * 2**20)
        app.add_routes(server.web.routes())
        app.router.add_get("/link/", server.socket.accept)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        server.world.base = f"http://{host}:{port}"
        try:
            yield server
        finally:
            await server.shut()
            await runner.cleanup()
