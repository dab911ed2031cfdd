"""Nouns of e-mail: addresses as channels, who asked for mail and who agreed to it, and the ports that go with them.

`me@lab.org` is the channel `email:lab.org/me@lab.org`. Nothing is sent to an address before somebody who reads its mail has
said yes; the question itself is an `Invitation`, the yes a `Consent`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bot.domain.errors import UserError
from bot.domain.people import Channel, Person, Workspace
from bot.domain.subscriptions import Edition, Subscription, Terms

EMAIL = "email"
LASTS = "24 hours"
"""For how long an invitation can be accepted."""
OFF = (
    "No e-mail can be sent from here. Whoever runs the bot switches it on under `[email]` in config.toml; in a shell, "
    "ask the bot in its chat instead."
)
LONGEST_ADDRESS = 254
"""Octets of an address in SMTP (RFC 5321, 4.5.3.1.3, and its erratum 1690)."""
LONGEST_LOCAL = 64
LONGEST_CHANNEL = 255
"""Characters of a channel that a database keeps whole."""

_LOCAL = re.compile(r"[a-z0-9_+=&~'-]+(?:\.[a-z0-9_+=&~'-]+)*")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_WRAPPED = re.compile(r"<?(?:mailto:)?(?P<address>[^<>|]*)(?:\|[^<>]*)?>?", re.IGNORECASE)
"""Slack makes a link of what somebody typed: `<mailto:me@lab.org|me@lab.org>`."""
_AMBIGUOUS = frozenset("ßς\u200c\u200d")
"""The old and the new rules for domains in other scripts (IDNA 2003, 2008) disagree about these."""


def mail_channel(text: str) -> Channel:
    """The channel of one e-mail address, in its one spelling: small letters, the domain in ASCII. Raises UserError."""
    shown = " ".join(text.replace("`", "'").split())[:60]
    wrapped = _WRAPPED.fullmatch(text.strip())
    address = (wrapped["address"] if wrapped else text).strip().lower()
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain or any(c.isspace() or c in ",;@" for c in local):
        raise UserError(f"`{shown}` is no e-mail address; write one, like `me@lab.org`.")
    if not _LOCAL.fullmatch(local):
        raise UserError(
            f"I cannot write to `{shown}`: before the @ I take the letters a to z, digits, dots, and _ + - = & ~ '."
        )
    domain = _domain(domain, shown)
    channel = Channel(Workspace(EMAIL, domain), f"{local}@{domain}")
    short = len(channel.id) <= LONGEST_ADDRESS and len(str(channel)) <= LONGEST_CHANNEL
    if len(local) > LONGEST_LOCAL or not short:
        raise UserError(f"`{shown}…` is too long for an e-mail address.")
    return channel


def _domain(text: str, shown: str) -> str:
    """In ASCII, as name servers know it."""
    if _AMBIGUOUS & set(text):
        raise UserError(
            f"The domain in `{shown}` can be read in two ways; write it in its ASCII form, which begins with xn--."
        )
    try:
        domain = text.encode("idna").decode("ascii").lower()
    except UnicodeError:
        domain = ""
    labels = domain.split(".")
    named = len(labels) > 1 and not labels[-1].isdecimal()
    if not named or not all(map(_LABEL.fullmatch, labels)):
        raise UserError(
            f"`{shown}` has no domain that mail can go to; an address looks like `me@lab.org`."
        )
    return domain


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """Somebody asked for mail to an address, which has been asked whether it wants that."""

    id: str
    address: Channel
    person: Person
    channel: Channel
    """Where they asked."""
    shared: bool = False
    """It is for that channel, and whoever manages it may end it; else it is theirs."""
    edition: Edition
    terms: Terms
    at: datetime
    closed_at: datetime | None = None
    """When it was answered, or came to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Somebody who reads the mail of an address said yes."""

    address: Channel
    person: Person
    """Who had asked."""
    channel: Channel
    shared: bool = False
    at: datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """How many invitations there may be since then; and how often a code may be guessed at."""

    since: datetime
    per_address: int
    per_person: int
    guesses: int


class Excess(StrEnum):
    """Why there may be no more invitations today."""

    ADDRESS = "address"
    PERSON = "person"


class Mailing(Protocol):
    """Who was asked, and who agreed. Every method is one transaction, and may raise StorageError."""

    async def secret(self) -> str:
        """What links and codes are signed with: made once, the same for as long as this database lives."""
        ...

    async def invite(self, invitation: Invitation, limits: Limits) -> Excess | None:
        """Write it down, unless there have been too many."""
        ...

    async def withdraw(self, id: str) -> None:
        """It never left; it does not count."""
        ...

    async def invitation(self, id: str) -> Invitation | None: ...

    async def guess(self, person: Person, limits: Limits) -> Sequence[Invitation]:
        """Their open invitations; each is handed out `limits.guesses` times at most."""
        ...

    async def waiting(self, person: Person, since: datetime) -> Sequence[Invitation]:
        """The same without counting; the latest first."""
        ...

    async def accept(self, id: str, at: datetime) -> bool:
        """The yes to an invitation; False when it was closed before, and then nothing changes."""
        ...

    async def consents(self, person: Person, channel: Channel | None) -> Sequence[Consent]:
        """Theirs, and with a channel those for it; the oldest first."""
        ...

    async def agreed(self, address: Channel) -> bool: ...

    async def end(self, address: Channel, at: datetime) -> bool:
        """Take back every yes of an address and close its invitations; False when there was no yes."""
        ...

    async def forget(self, before: datetime) -> int:
        """Let go of invitations from before then; how many that were."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """An invitation on its way: `ticket` for a link, `code` for typing, behind `command`."""

    invitation: Invitation
    ticket: str
    code: str
    command: str
    lasts: str
    """For how long they are good, in words."""


@runtime_checkable
class Inviting(Protocol):
    """A messenger that can ask an address whether it wants mail."""

    async def invite(self, letter: Letter) -> None:
        """Raises a DeliveryError."""
        ...


class Registry(Protocol):
    """What a door for e-mail may ask of the core. Tickets are what links in mails carry; nobody else can make one."""

    async def agreed(self, address: Channel) -> bool:
        """Whether this address wants mail."""
        ...

    async def way_out(self, address: Channel) -> str:
        """The ticket that ends all mail to an address; the same, and good, for ever."""
        ...

    async def asked(self, ticket: str) -> Invitation | None:
        """The invitation that can be accepted with a ticket; None when there is none, or not any more."""
        ...

    async def accept(self, ticket: str) -> Subscription | None:
        """Say yes; what will come now. None as above."""
        ...

    async def leaving(self, ticket: str) -> Channel | None:
        """The address whose way out this is; None when it is nobody's."""
        ...

    async def leave(self, ticket: str) -> Channel | None:
        """End all mail to it; any number of times."""
        ...


class Mailroom(Registry, Protocol):
    """What commands may ask beside that."""

    async def invite(
        self,
        person: Person,
        channel: Channel,
        address: Channel,
        *,
        edition: Edition,
        terms: Terms,
        shared: bool,
        command: str,
    ) -> bool:
        """Ask an address; False when the question may not have arrived. Raises UserError."""
        ...

    async def confirm(self, person: Person, code: str) -> Subscription:
        """The yes of somebody who types the code. Raises UserError."""
        ...

    async def consents(self, person: Person, channel: Channel | None) -> Sequence[Consent]:
        """What somebody may end: theirs, and with a channel what is for it."""
        ...

    async def waiting(self, person: Person) -> Sequence[Invitation]:
        """Addresses that have not answered yet."""
        ...

    async def end(self, address: Channel) -> None:
        """No more mail to it, whoever asked for it."""
        ...


@runtime_checkable
class Registered(Protocol):
    """A door that may write only to who agreed."""

    def register(self, registry: Registry) -> None:
        """Where that is known; called once, before anything else."""
        ...
