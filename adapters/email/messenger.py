"""E-mail as a chat platform: posts go to addresses that agreed, each mail with a name that a repetition shares."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from adapters.email.message import Envelope, compose, id_of
from adapters.email.pacing import Pace
from adapters.email.pages import CONFIRM, UNSUBSCRIBE
from adapters.email.pool import Pool
from adapters.email.render import Content, Footer, asking, render
from adapters.email.settings import Settings
from bot.domain.errors import (
    ChannelRefused,
    StorageError,
    TryLater,
    Unavailable,
    UserError,
    WorkspaceRefused,
)
from bot.domain.mailing import EMAIL, Letter, Registry, mail_channel
from bot.domain.people import Channel, Message, Person
from bot.domain.ports import Budget, Outgoing
from bot.domain.posts import Post

_WHY = "You get this because this address said yes to papers from Hugging Face."


class EmailMessenger:
    """Writes to addresses. `pool` hands over the mails."""

    platform = EMAIL
    budget = Budget(entries=40, characters=30_000)
    """A mail beyond 102 kB is cut off by Gmail, way out and all."""
    command = ""
    """Nobody can call us in a mail."""

    def __init__(
        self,
        settings: Settings,
        *,
        pool: Pool,
        pace: Pace | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._pace = pace or Pace(settings.per_minute)
        self._now = now
        self.registry: Registry | None = None
        self.ailment = ""
        """Why the mail server does not take our mail; "" when it does."""

    async def send(self, outgoing: Outgoing) -> Message:
        """Taken by the mail server is sent; where the mail goes from there nobody tells us."""
        channel = outgoing.channel
        footer, way_out = await self._leave_of(channel)
        content = render(outgoing.post, footer, plain=outgoing.plain)
        parent = outgoing.reply_to
        id = id_of(outgoing.key, channel.id)
        self._pace.turn()
        await self._hand_over(
            content,
            Envelope(
                to=channel.id,
                id=id,
                at=self._now(),
                reply_to=parent.id if parent else None,
                way_out=way_out,
            ),
        )
        return Message(channel, id)

    async def find(self, channel: Channel, key: str, since: datetime) -> Message | None:  # noqa: ARG002 -- the port's signature
        """Nobody can look into somebody's inbox."""
        raise Unavailable("A mail that was sent cannot be looked for.")

    async def recalls(self, channel: Channel) -> bool:  # noqa: ARG002 -- the same
        """See `find`."""
        return False

    async def tell(self, person: Person, post: Post) -> None:
        """A mail of its own, if the address agreed."""
        channel = await self.direct(person)
        await self.send(Outgoing(channel=channel, post=post, key=uuid4().hex))

    async def direct(self, person: Person) -> Channel:
        """The address, for somebody whom we know by it."""
        try:
            if person.platform == EMAIL:
                return mail_channel(person.id)
        except UserError:
            pass
        raise ChannelRefused(f"`{person}` is not known by an e-mail address.")

    async def invite(self, letter: Letter) -> None:
        """Ask an address whether it wants mail: the one thing that is sent before it agreed, and at once."""
        url, to = self._settings.url, letter.invitation.address.id
        link = f"{url}{CONFIRM}?t={letter.ticket}" if url else None
        content = asking(letter, link, Footer("You get this once, because of that question."))
        id = id_of(f"invitation {letter.invitation.id}", to)
        await self._hand_over(content, Envelope(to=to, id=id, at=self._now()))

    async def close(self) -> None:
        """Hang up."""
        await self._pool.close()

    async def _hand_over(self, content: Content, envelope: Envelope) -> None:
        try:
            await self._pool.send(envelope.to, compose(content, envelope, self._settings))
        except WorkspaceRefused as e:
            self.ailment = str(e)
            raise
        self.ailment = ""

    async def _leave_of(self, channel: Channel) -> tuple[Footer, str | None]:
        """The way out for an address that agreed. Raises ChannelRefused for any other."""
        if self.registry is None:
            raise TryLater("It is not known yet who agreed to get mail.")
        try:
            if not await self.registry.agreed(channel):
                raise ChannelRefused(
                    f"`{channel.id}` has not agreed to get mail, or not any more. Ask it with `/paper email {channel.id}`."
                )
            ticket = await self.registry.way_out(channel)
        except StorageError as e:
            raise TryLater(str(e)) from e
        if self._settings.url:
            way_out = f"{self._settings.url}{UNSUBSCRIBE}?t={ticket}"
            return Footer(_WHY, way_out), way_out
        or_else = (
            f"To end it, write `/paper email off {channel.id}` in the chat it was asked for in."
        )
        return Footer(_WHY, or_else=or_else), None
