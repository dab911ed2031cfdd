"""A few connections to the mail server, kept open for a moment: a thousand mails need not log in a thousand times."""

import asyncio

from adapters.email.failures import unreachable
from adapters.email.settings import Settings
from adapters.email.smtp import UNTIL_DATA, Connection, Gone
from bot.domain.errors import DeliveryError, TryLater

AT_ONCE = 4
"""Connections; servers commonly allow one client 10 to 20."""
IDLE = 10.0
"""Seconds that an unused connection is kept; servers wait for five minutes (RFC 5321, 4.5.3.2.7)."""


class Pool:
    """Hands over mails, a few at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._idle: list[tuple[Connection, asyncio.TimerHandle]] = []

    async def send(self, to: str, mail: bytes) -> None:
        """Raises a DeliveryError."""
        deadline = asyncio.get_running_loop().time() + UNTIL_DATA
        try:
            async with asyncio.timeout_at(deadline):
                await self._turns.acquire()
        except TimeoutError as e:
            raise TryLater("More mails are waiting than the mail server takes at a time.") from e
        try:
            try:
                async with asyncio.timeout_at(deadline):
                    connection = await self._begun(to)
            except TimeoutError as e:
                raise TryLater("The mail server took too long to answer.") from e
            await self._carry(connection, mail)
        finally:
            self._turns.release()

    async def close(self) -> None:
        """Say goodbye on every connection that nobody uses."""
        while (connection := self._take()) is not None:
            await connection.quit()

    async def _begun(self, to: str) -> Connection:
        """A connection that waits for the mail: one that is open, or else a new one."""
        used = self._take()
        if used is not None:
            try:
                return await self._begin(used, to)
            except Gone:  # it was closed while nobody used it
                pass
        try:
            return await self._begin(await Connection.open(self._settings), to)
        except Gone as e:
            raise unreachable(e) from e

    async def _begin(self, connection: Connection, to: str) -> Connection:
        try:
            await connection.begin(self._settings.sender.address, to)
        except DeliveryError:
            await connection.reset()
            self._give_back(connection)
            raise
        except BaseException:
            connection.close()
            raise
        return connection

    async def _carry(self, connection: Connection, mail: bytes) -> None:
        try:
            await connection.carry(mail)
        finally:
            self._give_back(connection)

    def _take(self) -> Connection | None:
        while self._idle:
            connection, timer = self._idle.pop()
            timer.cancel()
            if connection.alive:
                return connection
            connection.close()
        return None

    def _give_back(self, connection: Connection) -> None:
        if connection.alive:
            timer = asyncio.get_running_loop().call_later(IDLE, connection.close)
            self._idle.append((connection, timer))
        else:
            connection.close()
