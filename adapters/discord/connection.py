"""The door itself: connections that are kept up, alone or as one of several replicas, and a token that is
asked for in one line."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from copy import copy
from pathlib import Path
from typing import Any

from adapters.discord.client import PaperClient
from adapters.discord.endpoints import elsewhere, redirect_answers
from adapters.discord.identify import Advice, Identifies, Turns
from adapters.discord.messenger import DiscordMessenger
from adapters.discord.settings import Settings
from adapters.discord.sharding import Pace, Sharding
from adapters.discord.upkeep import FIRST_WAIT, OUTAGES, ended, keep_up
from bot.domain.checks import Check
from bot.domain.people import Channel
from bot.domain.ports import Desk, Messenger
from bot.domain.stores import Leases


class DiscordDoor:
    """One application of Discord's, on all of its servers.

    Alone, one client speaks and listens. Where several replicas share a database, this client only speaks,
    and each shard that falls to this replica is listened to by a client of its own.
    """

    def __init__(
        self,
        settings: Settings,
        data: Path | None,
        *,
        first_wait: float = FIRST_WAIT,
        pace: Pace | None = None,
    ) -> None:
        self.client = PaperClient(settings, data)
        self._settings = settings
        self._data = data
        self._first_wait = first_wait
        self._pace = pace or Pace()
        self._leases: tuple[Leases, str] | None = None
        self._listening: dict[int, PaperClient] = {}
        self.messenger: Messenger = DiscordMessenger(
            self.client, pings=settings.pings, publish=settings.publish, known=self._known
        )

    def share(self, leases: Leases, replica: str) -> None:
        """There may be others: listen to those shards only whose leases we hold."""
        self._leases = leases, replica

    async def run(self, desk: Desk) -> None:
        """Until cancelled. A token that is refused ends the talking, not the waiting."""
        if elsewhere(self._settings):
            redirect_answers(self._settings)
        with _OneLine():
            talk = asyncio.create_task(self._talk(desk))
            try:
                await asyncio.wait({talk})  # to await it would hand our own cancellation on to it
                talk.result()
                await asyncio.Event().wait()
            finally:
                await ended(talk, patience=self._patience)
                with suppress(*OUTAGES):
                    await self.client.close()

    @property
    def _patience(self) -> float:
        """What we give back at our end lets others go on at once."""
        return self._pace.length if self._leases else 0.2

    def check(self, channels: Iterable[Channel]) -> AsyncIterator[Check]:
        """Token, intents, and permissions in these channels; asked over REST, without a connection."""
        from adapters.discord.operate import check

        return check(self._settings, channels)

    async def _talk(self, desk: Desk) -> None:
        """Returns when talking is useless."""
        if self._leases is not None:
            await self._share(desk, *self._leases)
            return
        self.client.serve(desk)
        await keep_up(
            self.client, lambda: self.client.start(self._settings.token), self._first_wait
        )

    async def _share(self, desk: Desk, leases: Leases, replica: str) -> None:
        up = asyncio.Event()
        file = self._data and self._data / "discord" / "identifies.json"
        turns = Turns(leases, replica, self._advice, Identifies(file), self._pace.identify)

        async def speak() -> None:
            await self.client.login(self._settings.token)
            up.set()
            await asyncio.Event().wait()

        async def listen(shard: int, shards: int) -> bool:
            return await self._listen(desk, turns, shard, shards)

        async def share() -> None:
            await up.wait()
            await Sharding(leases, replica, self._advice, listen, self._pace).run()

        tasks = [
            asyncio.create_task(keep_up(self.client, speak, self._first_wait)),
            asyncio.create_task(share()),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in reversed(tasks):  # who listens may still have to answer
                await ended(task, patience=self._patience)

    async def _listen(self, desk: Desk, turns: Turns, shard: int, shards: int) -> bool:
        """Hold one shard's connection. False when Discord refuses us for good, True when it stays down."""
        client = PaperClient(
            self._settings, self._data, shard_id=shard, shard_count=shards, turns=turns
        )
        client.serve(desk)
        self._listening[shard] = client
        try:
            return await keep_up(
                client,
                lambda: client.start(self._settings.token),
                self._first_wait,
                tries=self._pace.tries,
            )
        finally:
            if self._listening.get(shard) is client:
                del self._listening[shard]

    async def _advice(self) -> Advice:
        """What Discord says about our shards. Raises OUTAGES."""
        shards, _, limit = await self.client.http.get_bot_gateway()
        return Advice.read(shards, limit)

    def _known(self, id: int) -> Any:
        """A channel as one of our shards knows it, spoken to over the client that outlives them all."""
        for client in self._listening.values():
            if (found := client.get_channel(id)) is not None:
                ours: Any = copy(found)
                ours._state = self.client._connection  # noqa: SLF001 -- there is no public way
                return ours
        return self.client.get_channel(id)


class _OneLine:
    """The library logs a traceback at every try to connect; we say the same in one line."""

    def __enter__(self) -> None:
        for name in NOISY:
            logging.getLogger(name).addFilter(_without_traceback)

    def __exit__(self, *_: object) -> None:
        for name in NOISY:
            logging.getLogger(name).removeFilter(_without_traceback)


NOISY = ("discord.shard", "discord.client", "discord.gateway")


def _without_traceback(record: logging.LogRecord) -> bool:
    record.exc_info = None
    return True
