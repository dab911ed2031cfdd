"""The door itself: what it is made of, and what it does from its start to its end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from datetime import UTC, datetime

from adapters.slack import install
from adapters.slack.api import Api
from adapters.slack.bench import Bench
from adapters.slack.catching_up import CatchingUp
from adapters.slack.grants import InstalledGrants, OneGrant
from adapters.slack.listening import Listening
from adapters.slack.messenger import SlackMessenger
from adapters.slack.operate import check
from adapters.slack.people import People
from adapters.slack.rounds import Rounds
from adapters.slack.settings import Settings
from adapters.slack.socket_mode import BackOff, SocketMode
from adapters.slack.webhooks import EVENTS, Webhooks
from bot.domain.checks import Check
from bot.domain.people import Channel
from bot.domain.ports import Desk, Messenger
from bot.domain.stores import Installations, Leases
from bot.domain.web import Handler

log = logging.getLogger(__name__)


class SlackDoor:
    """One app of Slack's, in one workspace or in all that installed it."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        back_off: BackOff | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._back_off = back_off or BackOff()
        self._installations: Installations | None = None
        self._rounds: Rounds | None = None
        self._listening: Listening | None = None
        self._socket: SocketMode | None = None
        self._catching_up: CatchingUp | None = None
        self.api = Api(settings, OneGrant(settings))
        self.people = People(self.api, clock)
        self.messenger: Messenger = SlackMessenger(self.api, self.people, command=settings.command)

    def host(self, installations: Installations) -> None:
        """Where tokens of workspaces are kept. Before that, an app without a token of its own is in none."""
        self._installations = installations
        if self._settings.oauth:
            self.api.grants = InstalledGrants(installations, self._settings)

    def share(self, leases: Leases, replica: str) -> None:
        """There may be others: all of them listen, since Slack tells each thing to one; one catches up."""
        self._rounds = Rounds(leases, replica, "slack/catching-up")

    @property
    def pages(self) -> Mapping[tuple[str, str], Handler]:
        """What our web server shows for Slack; Socket Mode needs none but those for installing."""
        pages = dict(
            install.pages(
                self._settings,
                installations=self._installations,
                api=self.api,
                desk=lambda: self._listening.desk if self._listening else None,
                clock=self._clock,
            )
        )
        if not self._settings.socket_mode:
            webhooks = Webhooks(lambda: self._listening.hear if self._listening else None)
            pages["POST", EVENTS] = webhooks.page
        return pages

    async def run(self, desk: Desk) -> None:
        """Until cancelled. A token that is refused ends the talking, not the waiting."""
        listening = Listening(self._bench(desk))
        behind = self._catching_up = CatchingUp(self._bench(desk), rounds=self._rounds)
        self._listening = listening
        tasks = [
            asyncio.create_task(self._talk(listening, behind)),
            asyncio.create_task(behind.run()),
        ]
        try:
            # to await them would hand our own cancellation on to them
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            self._listening = None
            for task in tasks:
                await _ended(task)
            await listening.close()
            await self.api.close()

    def ailment(self) -> str:
        """What is wrong with the connection, in one line; "" when it is up."""
        if self._listening is None or self._catching_up is None:
            return "not started"
        return (self._socket.ailment if self._socket else "") or self._catching_up.ailment

    def check(self, channels: Iterable[Channel]) -> AsyncIterator[Check]:
        """Tokens, scopes, and our place in these channels; asked without a connection."""
        return check(self._settings, self.api, channels)

    async def _talk(self, listening: Listening, behind: CatchingUp) -> None:
        if self._settings.socket_mode:
            self._socket = SocketMode(
                self._settings, listening.hear, up=behind.wanted, back_off=self._back_off
            )
            await self._socket.run()
        else:
            behind.wanted()
        await asyncio.Event().wait()

    def _bench(self, desk: Desk) -> Bench:
        return Bench(
            desk=desk,
            api=self.api,
            people=self.people,
            settings=self._settings,
            clock=self._clock,
            installations=self._installations,
        )


async def _ended(task: "asyncio.Task[None]") -> None:
    """Cancelled until it is: on Python 3.11 `wait_for` swallows what comes when it is about to return."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.2)
