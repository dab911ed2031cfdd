"""The door itself: nobody comes in through it, but it has pages that links in mails open."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping

from adapters.email.messenger import EmailMessenger
from adapters.email.pages import pages
from adapters.email.pool import Pool
from adapters.email.settings import Settings
from adapters.email.smtp import Connection
from bot.domain.checks import Check
from bot.domain.errors import DeliveryError
from bot.domain.mailing import Registry
from bot.domain.people import Channel
from bot.domain.ports import Desk
from bot.domain.web import Handler


class EmailDoor:
    """One mail server that takes our mail, and the pages for those who get it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.messenger = EmailMessenger(settings, pool=Pool(settings))

    def register(self, registry: Registry) -> None:
        """Where it is known who agreed."""
        self.messenger.registry = registry

    @property
    def pages(self) -> Mapping[tuple[str, str], Handler]:
        """(Method, path) -> who answers there."""
        return pages(lambda: self.messenger.registry, self._settings.url)

    def ailment(self) -> str:
        """What is wrong, in one line; "" when the last mail was taken."""
        return self.messenger.ailment

    async def run(self, desk: Desk) -> None:  # noqa: ARG002 -- every door's signature
        """Wait until the end, then hang up."""
        try:
            await asyncio.Event().wait()
        finally:
            await self.messenger.close()

    async def check(self, channels: Iterable[Channel]) -> AsyncIterator[Check]:
        """Whether the server takes us and our sender, whether links work, and who of these agreed."""
        settings = self._settings
        where = f"{settings.host}:{settings.port}"
        try:
            connection = await Connection.open(settings)
        except DeliveryError as e:
            yield Check(name="E-mail", fine=False, text=f"{where}: {e}")
            return
        try:
            known = f"as {settings.user}" if settings.user else "without a user"
            yield Check(
                name="E-mail", fine=True, text=f"{where} answers ({settings.security}), {known}"
            )
            yield await _of_sender(connection, settings)
        finally:
            await connection.quit()
        yield _of_links(settings)
        if registry := self.messenger.registry:
            for channel in channels:
                if not await registry.agreed(channel):
                    text = f"{channel.id} has not agreed; ask it with `/paper email {channel.id}`"
                    yield Check(name="E-mail", fine=False, text=text)


async def _of_sender(connection: Connection, settings: Settings) -> Check:
    sender = settings.sender.address
    try:
        await connection.sender(sender)
    except DeliveryError as e:
        return Check(name="E-mail from", fine=False, text=str(e))
    return Check(name="E-mail from", fine=True, text=f"{sender} may send here")


def _of_links(settings: Settings) -> Check:
    if settings.url.startswith("https://"):
        return Check(name="E-mail links", fine=True, text=f"they lead to {settings.url}")
    text = (
        "mails have no link for unsubscribing with one click, and providers may take them for spam; set `url` under "
        "[web] to an https:// address of the bot's web server"
    )
    return Check(name="E-mail links", fine=False, text=text)
